package loyalty

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/rule"
	"granaio/loyalty/why"
)

// Merge makes one member of several: the others are absorbed by the first, which from then on is all of them. The effects are in the same order. Each state's lots
// and holds are all the open ones.
//
// In order: what is due is booked in every account; holds of the others are ended, their points move lot by lot with their ageing, and the holds are set aside anew as far
// as the points are there, by the ids that Rehung tells; the documents are joined (joined); what was given to both and one may be given once is taken back, if the programme says so; the
// points that waited for a registration mature if the first is registered; the
// tier is the best that any of them has, or what counts reaches together; the personas are looked at anew. The one that is known best lends the first its status.
//
// It is refused with CodeMemberSuspended if any of them is suspended, and as ledger's Merge is.
func Merge(p *Programme, command fact.ID, now time.Time, states ...*State) ([]*Effects, *fact.Refusal, error) {
	now = fact.Instant(now)
	all, books := make([]*Effects, len(states)), make([]*ledger.Book, len(states))
	for i, s := range states {
		if r := p.admitMember(&s.Member); r != nil {
			return nil, r, nil
		}
		all[i] = &Effects{State: s.clone()}
		p.lapse(all[i], now)
		var err error
		if i == 0 {
			books[i], err = p.open(s, command, now)
		} else {
			books[i], err = books[0].Beside(p.Account(s), s.Lots, s.Holds...)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	m := &merging{p: p, now: now, into: all[0], book: books[0], given: all[0].State.Doc.Given}
	for i := range all[1:] {
		if err := m.absorb(all[i+1], books[i+1]); err != nil {
			_, r, err := refused(err)
			return nil, r, err
		}
	}
	if err := m.mature(); err != nil {
		_, r, err := refused(err)
		return nil, r, err
	}
	m.place()
	for i, e := range all {
		if e.take(books[i].Changes()); i > 0 {
			e.State.Doc.Warned = nil // the first is warned now
		}
	}
	return all, nil, nil
}

// merging is a merge under way.
type merging struct {
	p     *Programme
	now   time.Time
	into  *Effects
	book  *ledger.Book
	given map[string]*Given // what rules gave the first, before the others came
}

// absorb takes one member into the first.
func (m *merging) absorb(e *Effects, book *ledger.Book) error {
	s, other := m.into.State, e.State
	if err := m.move(other, book); err != nil {
		return err
	}
	doc := m.p.joined(&s.Doc, &other.Doc)
	doc.Absorbed = append(doc.Absorbed, other.Member.ID)
	m.progress(&doc, &other.Doc)
	was := s.Doc
	s.Doc = doc
	m.inherit(other)
	if m.p.members.takesBack {
		if err := m.takeBack(was.Given, other.Doc.Given); err != nil {
			return err
		}
	}
	step := Step{Kind: StepAbsorbed, From: s.Member.Status, To: s.Member.Status, Other: other.Member.ID}
	if other.Member.Outranks(&s.Member) {
		step.To = other.Member.Status
		s.Member.Status, s.Member.Enrolled = other.Member.Status, other.Member.Enrolled
	}
	if s.Member.Locale == "" {
		s.Member.Locale = other.Member.Locale
	}
	m.into.Life = append(m.into.Life, step)
	other.Member.Into, other.Doc = s.Member.ID, other.Doc.left()
	return nil
}

// move moves the points, and sets the holds aside anew.
func (m *merging) move(other *State, book *ledger.Book) error {
	var open []ledger.Holding
	for _, h := range other.Holds {
		if !h.IsOpen() || !h.Expires.After(book.Now()) { // it has lapsed, which is booked
			continue
		}
		if _, err := book.Release(h, m.now, ledger.Reason{}); err != nil {
			return err
		}
		open = append(open, h)
	}
	if err := book.Merge(m.book, m.now, ledger.Reason{}); err != nil {
		return err
	}
	for _, h := range open {
		if h.Points > m.book.Account().Available || !h.Expires.After(m.book.Now()) {
			continue // some were owed, or have expired: it is over
		}
		moved, err := m.book.Hold(h.Points, h.Expires, m.now, ledger.Reason{})
		if err != nil {
			return err
		}
		if m.into.Rehung == nil {
			m.into.Rehung = map[fact.ID]fact.ID{}
		}
		m.into.Rehung[h.ID] = moved.ID.As(fact.KindHold)
	}
	return nil
}

// progress tells of the missions in which the first is further than it was.
func (m *merging) progress(doc, other *Doc) {
	for _, x := range m.p.missions {
		was, ok := other.Missions[x.Counter()]
		if !ok {
			continue
		}
		state := doc.Missions[x.Counter()]
		for _, p := range append(was.Earlier[:len(was.Earlier):len(was.Earlier)], was.MissionPeriod) {
			if found := state.find(p.Period); found != nil {
				m.tell(*found.shown(x, x.Target))
			}
		}
	}
}

// mature makes points available that waited for a registration, if the first is registered.
func (m *merging) mature() error {
	if m.into.State.Member.Status != Registered {
		return nil
	}
	_, err := m.book.Mature(m.p.registration(), m.now, ledger.Reason{Explanation: why.Explanation{Event: EventEnrolled}})
	return err
}

// tell takes note of how far the member is in a mission, which replaces what was said of it before.
func (m *merging) tell(g Progress) {
	for i := range m.into.Progress {
		if o := &m.into.Progress[i]; o.Mission == g.Mission && o.Period == g.Period {
			*o = g
			return
		}
	}
	m.into.Progress = append(m.into.Progress, g)
}

// inherit takes over what holds the other's tier, and the tier if it is higher.
func (m *merging) inherit(other *State) {
	p, s := m.p, m.into.State
	x, o := s.standing(), other.standing()
	own := max(p.ownTier(s), p.ownTier(other))
	x.Until = latest(x.Until, o.Until)
	higher := p.tiers.Place(other.Member.Tier) > p.tiers.Place(s.Member.Tier)
	if higher {
		m.into.step(TierStep{TierChange{From: s.Member.Tier, To: other.Member.Tier}, m.now, Inherited})
		s.Member.Tier, s.Member.TierSince = other.Member.Tier, other.Member.TierSince
		for _, u := range o.Untold { // rules were to be told that it came there, and were not yet
			x.Steps++
			u.Number = x.Steps
			x.Untold = append(x.Untold[:len(x.Untold):len(x.Untold)], u)
		}
	}
	x.Lent, x.Own = (x.Lent || o.Lent) && own < p.tiers.Place(s.Member.Tier), ""
	if x.Lent {
		_, x.Own = p.tiers.At(own)
	}
	s.stand(x)
	for _, g := range o.Grants {
		p.hold(s, g)
	}
}

// ownTier is the place of the tier that a member keeps when what is lent to it is over.
func (p *Programme) ownTier(s *State) int {
	if x := s.standing(); x.Lent {
		return p.tiers.Place(x.Own)
	}
	return p.tiers.Place(s.Member.Tier)
}

// place gives the member the tier that it has reached together with the others, and looks at the personas.
func (m *merging) place() {
	s := m.into.State
	m.p.place(m.into, false, m.now, fact.DayOf(m.now, m.p.zone), m.now)
	d := &decision{p: m.p, plan: &plan{personas: m.p.personas}, state: s, now: m.now}
	d.resemble()
}

// takeBack takes back what rules gave both and may give one member once in all: no more than is available, so that nobody owes anything for it.
func (m *merging) takeBack(here, there map[string]*Given) error {
	for _, r := range m.p.rules {
		a, b := here[r.Key], there[r.Key]
		if a == nil || b == nil {
			continue
		}
		points := min(excess(r, a, b), m.book.Account().Available)
		if points <= 0 {
			continue
		}
		reason := ledger.Reason{Revision: r.Revision, Explanation: why.Explanation{Key: r.Key, Revision: r.Number}}
		if _, err := m.book.Adjust(ledger.Adjustment{Points: -points, Occurred: m.now, Reason: reason}); err != nil {
			return err
		}
		doc := &m.into.State.Doc
		g := doc.Given[r.Key].clone()
		g.Excess += int64(points)
		doc.Given = with(doc.Given, r.Key, g)
	}
	return nil
}

// excess is how many points two were given by a rule beyond what its limits for all time leave one. What one alone was given is not looked at.
func excess(r *rule.Rule, a, b *Given) (points fact.Points) {
	for _, l := range r.Rations.Limits {
		switch {
		case l.Per != "":
		case l.Times > 0:
			if over := a.Count + b.Count - max(l.Times, a.Count, b.Count); over > 0 && b.Count > 0 {
				points = max(points, fact.Points(b.Sum/b.Count*over))
			}
		default:
			points = max(points, fact.Points(a.Sum+b.Sum)-max(l.Points, fact.Points(a.Sum), fact.Points(b.Sum)))
		}
	}
	return points
}

// Excess is how many points two members were given by a rule beyond what its limits for all time leave one.
type Excess struct {
	Rule   string // its key
	Points fact.Points
}

// Excesses are those of a member and one that may be merged into it, in the rules' order. The programme's policy says whether they are taken back.
func (p *Programme) Excesses(into, from *Doc) (all []Excess) {
	for _, r := range p.rules {
		if a, b := into.Given[r.Key], from.Given[r.Key]; a != nil && b != nil {
			if points := excess(r, a, b); points > 0 {
				all = append(all, Excess{r.Key, points})
			}
		}
	}
	return all
}

// TakesBack tells whether excesses are taken back when members are merged.
func (p *Programme) TakesBack() bool { return p.members.takesBack }

// Conflict is an attribute of which two members have different values.
type Conflict struct {
	Name          string
	Kept, Dropped Attribute // the one that is believed more, or is newer, is kept
}

// Conflicts are those of a member and one that may be merged into it, by name.
func (p *Programme) Conflicts(into, from *Doc) (all []Conflict) {
	own, other := into.Profile.Known().Attributes, from.Profile.Known().Attributes
	for _, name := range slices.Sorted(maps.Keys(own)) {
		a := own[name]
		b, ok := other[name]
		if !ok || reflect.DeepEqual(a.Value, b.Value) {
			continue
		}
		c := Conflict{name, p.attributes[name].joined(a, b), b}
		if reflect.DeepEqual(c.Kept, b) {
			c.Dropped = a
		}
		all = append(all, c)
	}
	return all
}
