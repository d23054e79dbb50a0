package loyalty

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// Enrolment is somebody who joins the programme.
type Enrolment struct {
	Member      fact.ID // of the member that it makes
	Account     fact.ID // of its account
	Interaction fact.ID // of the interaction that it is
	Touchpoint  string
	Occurred    time.Time
	Received    time.Time
	Status      Status // Anonymous, Prospect or Registered; empty for Registered
	Locale      string // BCP 47; empty for the programme's first language
	Attributes  map[string]any
	Choices     []Choice // what it agrees to, or not
	Dependents  []Introduced
	Sender      Sender                  // who enrols it, as of an Update
	Party       fact.Party              // where the attributes come from; empty for what the person itself said
	Budgets     map[fact.ID]fact.Points // as State has them
	Kept        *Metrics                // as State has them
}

// Introduced is a dependent of somebody who joins.
type Introduced struct {
	Kind       string
	Attributes map[string]any
}

// Event is the interaction that the enrolment is: EventEnrolled, or EventMet of somebody who is not registered by it.
func (e *Enrolment) Event() fact.Interaction {
	i := fact.Interaction{
		ID: e.Interaction, Event: EventEnrolled, Touchpoint: e.Touchpoint, Occurred: fact.Instant(e.Occurred), Received: fact.Instant(e.Received),
	}
	if i.Properties = e.Properties(nil); i.Properties != nil {
		i.Event = EventMet
	}
	return i
}

// Properties are those of the interaction that the enrolment is: as what somebody became known who is not registered by it, and what was decided about consent.
func (e *Enrolment) Properties(choices []Choice) map[string]any {
	var properties map[string]any
	if len(choices) > 0 {
		properties = Chosen(choices, consent.Given, consent.Refused)
	}
	if e.Status == Prospect || e.Status == Anonymous {
		if properties == nil {
			properties = map[string]any{}
		}
		properties["status"] = string(e.Status)
	}
	return properties
}

// Enrol makes a member, and decides the built-in event of its enrolment.
func Enrol(p *Programme, e Enrolment, now time.Time) (*Effects, *fact.Refusal, error) {
	now = fact.Instant(now)
	i := e.Event()
	if r := p.admitPlaceAndTime(i.Touchpoint, i.Occurred, now); r != nil {
		return nil, r, nil
	}
	if e.Status == "" {
		e.Status = Registered
	}
	if e.Status != Registered && e.Status != Prospect && e.Status != Anonymous {
		return nil, fact.Refuse(fact.CodeInvalid, "status", "a member is enrolled as anonymous, prospect or registered"), nil
	}
	if e.Locale != "" && !languageTag.MatchString(e.Locale) {
		return nil, fact.Refuse(fact.CodeInvalid, "locale", "not a language tag, such as it or it-CH"), nil
	}
	choices, r := p.admitChoices(e.Choices, "consents")
	if r != nil {
		return nil, r, nil
	}
	if len(choices) > 0 {
		i.Properties = e.Properties(choices)
	}
	s := &State{
		Member:  Member{ID: e.Member, Account: e.Account, Status: e.Status, Locale: e.Locale, Enrolled: i.Occurred},
		Account: ledger.Account{ID: e.Account},
		Budgets: e.Budgets,
		Kept:    e.Kept,
	}
	p.choose(s, choices, i) // what it says of itself is under what it agrees to
	changes, r := p.introduce(s, &e, i, now)
	if r != nil {
		return nil, r, nil
	}
	effects, r, err := decide(p, s, i, nil, nil, now)
	if effects != nil {
		effects.Attributes, effects.Choices = changes, choices
	}
	return effects, r, err
}

// introduce takes what is said of somebody who joins.
func (p *Programme) introduce(s *State, e *Enrolment, i fact.Interaction, now time.Time) ([]AttributeChange, *fact.Refusal) {
	if len(e.Attributes) == 0 && len(e.Dependents) == 0 && e.Locale == "" {
		return nil, nil
	}
	if r := CheckProperties(e.Attributes, "attributes"); r != nil {
		return nil, r
	}
	for _, name := range slices.Sorted(maps.Keys(e.Attributes)) {
		if e.Attributes[name] == nil {
			return nil, fact.Refuse(fact.CodeWrongType, "attributes."+name, "there is nothing to remove yet")
		}
	}
	if e.Party == "" {
		e.Party = fact.ZeroParty
	}
	c := p.changing(s, i, e.Sender, e.Party, now)
	if e.Locale != "" {
		c.note(fact.ID{}, NameLocale, e.Locale, Taken)
	}
	if r := c.members(e.Attributes); r != nil {
		return nil, r
	}
	for n, d := range e.Dependents {
		at := "dependents." + strconv.Itoa(n)
		r := CheckProperties(d.Attributes, "attributes")
		if r == nil {
			r = c.add(i.ID.At(n).As(fact.KindDependent), d.Kind, d.Attributes)
		}
		if r != nil {
			return nil, fact.Refuse(r.Code, at+"."+r.Field, "%s", r.Message)
		}
	}
	return c.changes, c.keep(s)
}

// shorter is a language tag without its last part.
func shorter(tag string) string {
	return tag[:max(strings.LastIndexByte(tag, '-'), 0)]
}
