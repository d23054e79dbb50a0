package loyalty

import (
	"slices"
	"strings"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// Step is a step in a member's life.
type Step struct {
	Kind  StepKind
	From  Status  // the status before
	To    Status  // the status from then on
	Other fact.ID // the member that was absorbed; zero for none
}

// StepKind is what a step is. The values are stored: they are never changed.
type StepKind string

// The kinds.
const (
	StepRegistered      StepKind = "registered"       // it enrolled
	StepSuspended       StepKind = "suspended"        // an operator barred it
	StepReinstated      StepKind = "reinstated"       // an operator let it in again
	StepIdentified      StepKind = "identified"       // identities were added to it
	StepIdentityRemoved StepKind = "identity_removed" // one was taken from it
	StepAbsorbed        StepKind = "absorbed"         // another was merged into it
)

// What members of a status earn.
const (
	earnEverything = "everything"
	earnPending    = "pending"
	earnNothing    = "nothing"
)

// What becomes of interactions of devices that nobody knows.
const (
	devicesRefused = "refuse"
	devicesWelcome = "welcome"
)

// What becomes of what two members were both given and one may be given once.
const (
	giftsKept      = "keep"
	giftsTakenBack = "take_back"
)

// memberPolicy is a compiled MemberPolicy.
type memberPolicy struct {
	anonymous, prospect earnPolicy
	welcome             bool // devices that nobody knows
	claims              []fact.IdentityKind
	takesBack           bool
}

// earnPolicy is what members of a status earn: everything, if it is zero.
type earnPolicy struct {
	nothing bool
	within  ledger.Term // for how long points wait for the registration; zero: they do not
}

// all tells whether they earn, and spend, as everybody does.
func (e earnPolicy) all() bool { return e == earnPolicy{} }

// identityKinds are those that a policy can name.
var identityKinds = []fact.IdentityKind{fact.Device, fact.Email, fact.Phone, fact.Card, fact.CRM, fact.Social}

func compileMembers(s MemberPolicy, r fact.Report) memberPolicy {
	oneOf := func(text *string, r fact.Report, known ...string) {
		if *text == "" {
			*text = known[0]
		} else if !slices.Contains(known, *text) {
			r.Say("“%s” is none of %s%s", *text, strings.Join(known, ", "), fact.Nearest(*text, known))
		}
	}
	earns := func(e EarnPolicy, r fact.Report) (p earnPolicy) {
		oneOf(&e.Earn, r.In("earn"), earnEverything, earnPending, earnNothing)
		p.nothing = e.Earn == earnNothing
		switch {
		case e.Earn == earnPending && e.Within == "":
			p.within = ledger.Term{Months: 12}
		case e.Earn == earnPending:
			var err error
			if p.within, err = ledger.ParseTerm(e.Within); err != nil {
				r.In("within").Say("%s", err)
			}
		case e.Within != "":
			r.In("within").Say("only pending points wait")
		}
		return p
	}
	p := memberPolicy{anonymous: earns(s.Anonymous, r.In("anonymous")), prospect: earns(s.Prospects, r.In("prospects"))}
	oneOf(&s.UnknownDevices, r.In("unknown_devices"), devicesRefused, devicesWelcome)
	oneOf(&s.Merges, r.In("merges"), giftsKept, giftsTakenBack)
	p.welcome, p.takesBack = s.UnknownDevices == devicesWelcome, s.Merges == giftsTakenBack
	for i, name := range s.Claims {
		kind := fact.IdentityKind(name)
		if !slices.Contains(identityKinds, kind) || slices.Contains(p.claims, kind) {
			r.In("claims").At(i).Say("“%s” is not a kind of identity, or is there already: those are %s%s", name, strings.Join(fact.Strings(identityKinds), ", "),
				fact.Nearest(name, fact.Strings(identityKinds)))
		}
		p.claims = append(p.claims, kind)
	}
	if s.Claims == nil {
		p.claims = []fact.IdentityKind{fact.Device}
	}
	return p
}

// of is what members of a status earn.
func (m *memberPolicy) of(s Status) earnPolicy {
	switch s {
	case Anonymous:
		return m.anonymous
	case Prospect:
		return m.prospect
	}
	return earnPolicy{}
}

// Welcomes tells whether the first interaction of a device that nobody knows makes an anonymous member.
func (p *Programme) Welcomes() bool { return p.members.welcome }

// Claims tells whether members may give themselves identities of a kind.
func (p *Programme) Claims(kind fact.IdentityKind) bool {
	return slices.Contains(p.members.claims, kind)
}

// registration is what points wait for of somebody who is not registered.
func (p *Programme) registration() fact.ID {
	return fact.Digest(p.id.Secret, EventEnrolled).As(fact.KindDigest)
}

// unpaid tells whether the member earns nothing, since it is not registered.
func (d *decision) unpaid() bool { return d.p.members.of(d.state.Member.Status).nothing }

// gone tells whether nothing happens to the member any more.
func (m *Member) gone() bool { return m.Status == Erased || !m.Into.IsZero() }

// admitSpender refuses points to somebody who may not spend any: who is suspended, or is to be registered first.
func (p *Programme) admitSpender(m *Member) *fact.Refusal {
	if r := p.admitMember(m); r != nil {
		return r
	}
	if !p.members.of(m.Status).all() {
		return fact.Refuse(fact.CodeNotRegistered, "member", "the member spends points once it is registered")
	}
	return nil
}

// placedAt is a refusal at another field of the input.
func placedAt(field string, r *fact.Refusal) *fact.Refusal {
	if r == nil {
		return nil
	}
	at := *r
	at.Field = field
	return &at
}

// rank is how well members of a status are known: the one that is known better absorbs the other.
func (m *Member) rank() int { return slices.Index([]Status{Anonymous, Prospect, Registered}, m.Status) }

// Outranks tells whether the member is known better than another.
func (m *Member) Outranks(o *Member) bool { return m.rank() > o.rank() }

// Registration is that a member who is known already enrols.
type Registration struct {
	Interaction fact.ID
	Touchpoint  string
	Occurred    time.Time
	Received    time.Time
	Locale      string // BCP 47; empty to leave it
}

// Register makes an anonymous visitor or a prospect a registered member, and decides the built-in event of its enrolment (EventEnrolled). Points that waited for
// it mature first. The state's lots are all the open ones.
func Register(p *Programme, s *State, g Registration, now time.Time) (*Effects, *fact.Refusal, error) {
	now = fact.Instant(now)
	i := fact.Interaction{ID: g.Interaction, Event: EventEnrolled, Touchpoint: g.Touchpoint, Occurred: fact.Instant(g.Occurred), Received: fact.Instant(g.Received)}
	if r := p.admitMember(&s.Member); r != nil {
		return nil, r, nil
	}
	if s.Member.Status == Registered {
		return nil, fact.Refuse(fact.CodeUnchanged, "member", "the member is registered already"), nil
	}
	if r := p.admitPlaceAndTime(i.Touchpoint, i.Occurred, now); r != nil {
		return nil, r, nil
	}
	if g.Locale != "" && !languageTag.MatchString(g.Locale) {
		return nil, fact.Refuse(fact.CodeInvalid, "locale", "not a language tag, such as it or it-CH"), nil
	}
	was := s.Member.Status
	s = s.clone()
	s.Member.Status, s.Member.Enrolled = Registered, i.Occurred
	var said []AttributeChange
	if g.Locale != "" && g.Locale != s.Member.Locale {
		c := p.changing(s, i, "", fact.ZeroParty, now)
		c.note(fact.ID{}, NameLocale, g.Locale, Taken)
		s.Member.Locale, said = g.Locale, c.changes
	}
	e, r, err := decide(p, s, i, nil, nil, now)
	if e != nil {
		e.Life = append(e.Life, Step{Kind: StepRegistered, From: was, To: Registered})
		e.Attributes = append(said, e.Attributes...)
	}
	return e, r, err
}

// Suspend bars a member: it earns and spends nothing until it is reinstated. What it has stays, and ages.
type Suspend struct{ Reason string } // 1 to MaxReason bytes, in the words of whoever asks

// Name is the API's.
func (Suspend) Name() string { return "memberSuspend" }

// Takes is false.
func (Suspend) Takes() bool { return false }

// Note is the reason.
func (s Suspend) Note() string { return s.Reason }

func (s Suspend) check(_ *Programme, m *Member) *fact.Refusal {
	if m.Status == Suspended {
		return fact.Refuse(fact.CodeUnchanged, "member", "the member is suspended already")
	}
	return CheckReason(s.Reason)
}

func (Suspend) book(o *operating) error {
	s := o.first().state
	s.Doc.Was, s.Member.Status = s.Member.Status, Suspended
	o.first().life = []Step{{Kind: StepSuspended, From: s.Doc.Was, To: Suspended}}
	return nil
}

// Reinstate lets a member in again who was suspended.
type Reinstate struct{ Reason string } // as Suspend's

// Name is the API's.
func (Reinstate) Name() string { return "memberReinstate" }

// Takes is false.
func (Reinstate) Takes() bool { return false }

// Note is the reason.
func (s Reinstate) Note() string { return s.Reason }

func (s Reinstate) check(_ *Programme, m *Member) *fact.Refusal {
	if m.Status != Suspended {
		return fact.Refuse(fact.CodeUnchanged, "member", "the member is not suspended")
	}
	return CheckReason(s.Reason)
}

func (Reinstate) book(o *operating) error {
	s := o.first().state
	to := s.Doc.Was
	if to == "" {
		to = Registered
	}
	s.Doc.Was, s.Member.Status = "", to
	o.first().life = []Step{{Kind: StepReinstated, From: Suspended, To: to}}
	return nil
}

// CheckReason refuses what cannot be a reason.
func CheckReason(reason string) *fact.Refusal {
	switch {
	case strings.TrimSpace(reason) == "":
		return fact.Refuse(fact.CodeRequired, "reason", "a reason is needed")
	case len(reason) > MaxReason:
		return fact.Refuse(fact.CodeTooLong, "reason", "a reason has at most %d bytes", MaxReason)
	case !fact.IsText(reason):
		return fact.Refuse(fact.CodeInvalid, "reason", "a reason is text")
	}
	return nil
}

// Stranger is the state of an anonymous visitor before its first interaction, whose command makes it a member.
func Stranger(command fact.ID, met time.Time) *State {
	member := command.As(fact.KindMember)
	account := member.As(fact.KindAccount)
	return &State{Member: Member{ID: member, Account: account, Status: Anonymous, Enrolled: fact.Instant(met)}, Account: ledger.Account{ID: account}}
}
