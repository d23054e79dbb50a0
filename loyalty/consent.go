package loyalty

import (
	"slices"
	"strconv"
	"time"

	"granaio/loyalty/consent"
	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// Choice is what a member decides about a purpose.
type Choice struct {
	Purpose string        // its key
	State   consent.State // one of consent.Decisions
	Version string        // of the purpose's text; empty for the present one
}

// Consenting is decisions that are made together.
type Consenting struct {
	Interaction fact.ID // of the interaction that they are
	Touchpoint  string
	Occurred    time.Time
	Received    time.Time
	Choices     []Choice
}

// MaxChoices is how many decisions can be made together.
const MaxChoices = 50

// Consent takes decisions of a member, and decides the built-in event that they are (EventConsented). It is the answer. The programme is the version that was in force when
// they were made. What they forbid has ended before any rule sees the event; a decision that is older than the one that holds is written down, and changes nothing.
func Consent(p *Programme, s *State, c Consenting, now time.Time) (fact.Interaction, *Effects, *fact.Refusal, error) {
	now = fact.Instant(now)
	i := fact.Interaction{
		ID: c.Interaction, Event: EventConsented, Touchpoint: c.Touchpoint, Occurred: fact.Instant(c.Occurred), Received: fact.Instant(c.Received),
	}
	if r := p.admitMember(&s.Member); r != nil && r.Code != fact.CodeMemberSuspended { // whoever is barred may still say no
		return i, nil, r, nil
	}
	if r := p.admitPlaceAndTime(i.Touchpoint, i.Occurred, now); r != nil {
		return i, nil, r, nil
	}
	if len(c.Choices) == 0 {
		return i, nil, fact.Refuse(fact.CodeRequired, "decisions", "at least one decision is needed"), nil
	}
	choices, r := p.admitChoices(c.Choices, "decisions")
	if r != nil {
		return i, nil, r, nil
	}
	i.Properties = Chosen(choices, consent.Decisions...)
	s = s.clone()
	p.choose(s, choices, i)
	effects, refusal, err := decide(p, s, i, nil, nil, now)
	if effects != nil {
		effects.Choices = choices
	}
	return i, effects, refusal, err
}

// Chosen are the properties of the event that decisions are: the purposes by what was decided.
func Chosen(choices []Choice, states ...consent.State) map[string]any {
	properties := make(map[string]any, len(states))
	for _, state := range states {
		purposes := []any{}
		for _, c := range choices {
			if c.State == state {
				purposes = append(purposes, c.Purpose)
			}
		}
		properties[string(state)] = purposes
	}
	return properties
}

// Choices are the decisions that an event was, as far as its properties tell; those that stand in none of them are not known.
func Choices(properties map[string]any) (choices []Choice) {
	for _, state := range consent.Decisions {
		for _, purpose := range texts(properties[string(state)]) {
			choices = append(choices, Choice{Purpose: purpose, State: state})
		}
	}
	return choices
}

// Declared are those of decisions whose purposes the programme has.
func (p *Programme) Declared(choices []Choice) []Choice {
	return slices.DeleteFunc(slices.Clone(choices), func(c Choice) bool { return p.purposes.Find(c.Purpose) == nil })
}

// admitChoices gives decisions their text versions, or refuses them.
func (p *Programme) admitChoices(choices []Choice, field string) ([]Choice, *fact.Refusal) {
	if len(choices) > MaxChoices {
		return nil, fact.Refuse(fact.CodeTooMany, field, "at most %d decisions are taken together", MaxChoices)
	}
	admitted := slices.Clone(choices)
	for i := range admitted {
		c, at := &admitted[i], field+"."+strconv.Itoa(i)
		purpose := p.purposes.Find(c.Purpose)
		switch {
		case purpose == nil:
			return nil, fact.Refuse(fact.CodeUnknownPurpose, at+".purpose", "the programme declares no such purpose%s", fact.Nearest(c.Purpose, p.purposes.Keys("")))
		case slices.ContainsFunc(admitted[:i], func(o Choice) bool { return o.Purpose == c.Purpose }):
			return nil, fact.Refuse(fact.CodeInvalid, at+".purpose", "the purpose is decided about twice")
		case !slices.Contains(consent.Decisions, c.State):
			return nil, fact.Refuse(fact.CodeInvalid, at+".state", "a decision is given, refused or withdrawn")
		case c.Version == "":
			c.Version = purpose.Present().Version
		case !purpose.Has(c.Version):
			return nil, fact.Refuse(fact.CodeUnknownText, at+".textVersion", "the purpose has no such version of its text")
		}
	}
	return admitted, nil
}

// DecisionID is the id of a decision: by the interaction that it is part of, and its place among those that were made together.
func DecisionID(interaction fact.ID, place int) fact.ID {
	return interaction.At(place + 1).As(fact.KindConsent)
}

// choose makes decisions hold, and ends at once what they forbid.
func (p *Programme) choose(s *State, choices []Choice, i fact.Interaction) {
	for place, c := range choices {
		s.Doc.Consents = s.Doc.Consents.With(c.Purpose, consent.Record{
			State: c.State, Since: i.Occurred, Version: c.Version, Touchpoint: i.Touchpoint, ID: DecisionID(i.ID, place),
		})
	}
	if !p.Profiles(s) {
		s.Doc.Affinities, s.Member.Persona = nil, ""
	}
}

// Purposes are what members are asked to agree to, in the programme's order.
func (p *Programme) Purposes() consent.Purposes { return p.purposes }

// Contact is how members are written to; nil for by no channel.
func (p *Programme) Contact() *consent.Contact { return p.contact }

// SelfErasable tells whether a member may have itself erased.
func (p *Programme) SelfErasable() bool { return p.erasable }

// Profiles tells whether the member may be likened to personas.
func (p *Programme) Profiles(s *State) bool {
	return len(p.purposes) == 0 || p.purposes.Allow(consent.Profiling, s.Doc.Consents)
}

// Shares tells whether partners may be shown the member.
func (p *Programme) Shares(s *State) bool {
	return len(p.purposes) == 0 || p.purposes.Allow(consent.ThirdParty, s.Doc.Consents)
}

// Lacking are the purposes of which one would have to be agreed to before conditions can read an attribute; none if they can.
func (p *Programme) Lacking(s *State, attribute string) []string {
	needs := p.guarded[attribute]
	if slices.ContainsFunc(needs, s.Doc.Consents.Gives) {
		return nil
	}
	return needs
}

// guard is the purposes of which an attribute needs one, and reports one that there is not.
func (c *compiler) guard(kind, purpose string, r fact.Report) []string {
	switch {
	case purpose == "" && (kind == "behavioural" || kind == "psychographic"):
		return c.p.purposes.Keys(consent.Profiling)
	case purpose == "":
		return nil
	case c.p.purposes.Find(purpose) == nil:
		r.Say("unknown purpose “%s”%s", purpose, fact.Nearest(purpose, c.p.purposes.Keys("")))
	}
	return []string{purpose}
}

// guardian tells expressions what they may not read of a member.
type guardian struct {
	needs map[string][]string
	given consent.Set
}

// Lacking is as expr.Guardian has it.
func (g guardian) Lacking(attribute string) []string {
	needs := g.needs[attribute]
	if slices.ContainsFunc(needs, g.given.Gives) {
		return nil
	}
	return needs
}

// guardian is nil where nothing needs consent.
func (p *Programme) guardian(s *State) expr.Guardian {
	if len(p.guarded) == 0 {
		return nil
	}
	return guardian{p.guarded, s.Doc.Consents}
}

// Stop is what ends when purposes are refused or withdrawn.
type Stop struct {
	Personas   bool     // the member is likened to no persona any more
	Attributes []string // that conditions no longer read, by name
	Messages   bool     // the member is no longer written to
	Partners   bool     // it is no longer shown to partners
}

// Stops tells what ends with decisions, where nothing else that the member agreed to allows it.
func (p *Programme) Stops(s *State, choices []Choice) (stop Stop) {
	ended := func(purposes ...string) bool {
		return slices.ContainsFunc(choices, func(c Choice) bool { return c.State != consent.Given && slices.Contains(purposes, c.Purpose) })
	}
	no := func(use consent.Use) bool {
		return ended(p.purposes.Keys(use)...) && !p.purposes.Allow(use, s.Doc.Consents)
	}
	stop.Personas, stop.Messages, stop.Partners = no(consent.Profiling), no(consent.Marketing), no(consent.ThirdParty)
	for name := range p.guarded {
		if ended(p.guarded[name]...) && p.Lacking(s, name) != nil {
			stop.Attributes = append(stop.Attributes, name)
		}
	}
	slices.Sort(stop.Attributes)
	return stop
}

// Prefer takes how a member wants to be written to.
func Prefer(p *Programme, s *State, wish consent.Preferences) (*Effects, *fact.Refusal) {
	if r := p.admitMember(&s.Member); r != nil {
		return nil, r
	}
	if r := p.contact.Check(wish); r != nil {
		return nil, r
	}
	e := &Effects{State: s.clone()}
	e.State.Doc.Contact = &wish
	return e, nil
}

// Contact is that a member is written to by a channel: at an instant at which that was done already, whether or not it was allowed; or, if the instant is zero, now, if it may be. It answers when.
// What the member was sent counts towards caps (consent.Contact.Reach).
func Contact(p *Programme, s *State, channel string, at time.Time, sent []consent.Sent, now time.Time) (*Effects, time.Time, *fact.Refusal) {
	done := !at.IsZero()
	if r := p.admitMember(&s.Member); r != nil && (!done || r.Code != fact.CodeMemberSuspended) {
		return nil, at, r
	}
	if r := p.contact.Known(channel, "channel"); r != nil {
		return nil, at, r
	}
	switch answer := p.contact.May(p.purposes, s.Person(sent), channel, now); {
	case done && at.After(now):
		return nil, at, fact.Refuse(fact.CodeInFuture, "sentAt", "it is later than now")
	case !done && !answer.Allowed():
		return nil, at, fact.Refuse(fact.CodeContactNotAllowed, "channel", "the member may not be written to by it now: %s", answer.Reason.Words())
	case !done:
		at = now
	}
	return &Effects{State: s.clone()}, at, nil
}

// Person is the member as far as writing to it needs to know, with what it was sent.
func (s *State) Person(sent []consent.Sent) consent.Person {
	p := consent.Person{Consents: s.Doc.Consents, Sent: sent}
	if s.Doc.Contact != nil {
		p.Preferences = *s.Doc.Contact
	}
	return p
}
