package loyalty

import (
	"maps"
	"slices"
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
	Choices     []Choice                // what it agrees to, or not
	Budgets     map[fact.ID]fact.Points // as State has them
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
	attributes, r := p.admitAttributes(e.Attributes, i)
	if r != nil {
		return nil, r, nil
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
		Doc:     Doc{Attributes: attributes},
		Budgets: e.Budgets,
	}
	p.choose(s, choices, i.Touchpoint, i.Occurred)
	effects, refusal, err := decide(p, s, i, nil, nil, now)
	if effects != nil {
		effects.Choices = choices
	}
	return effects, refusal, err
}

func (p *Programme) admitAttributes(values map[string]any, i fact.Interaction) (map[string]Attribute, *fact.Refusal) {
	if len(values) == 0 {
		return nil, nil
	}
	if r := CheckProperties(values, "attributes"); r != nil {
		return nil, r
	}
	attributes := make(map[string]Attribute, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v, field, declared := values[name], "attributes."+name, p.attributes[name]
		if declared == nil {
			return nil, fact.Refuse(fact.CodeUnknownAttribute, field, "the programme declares no such attribute")
		}
		value, r := declared.accept(v, field)
		if r != nil {
			return nil, r
		}
		attributes[name] = Attribute{Value: value, Touchpoint: i.Touchpoint, At: i.Occurred}
	}
	return attributes, nil
}

// shorter is a language tag without its last part.
func shorter(tag string) string {
	return tag[:max(strings.LastIndexByte(tag, '-'), 0)]
}
