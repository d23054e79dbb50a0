package model

import (
	"slices"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/budget"
	"granaio/loyalty/fact"
	"granaio/loyalty/mission"
	"granaio/loyalty/persona"
	"granaio/loyalty/reward"
	"granaio/loyalty/rule"
	"granaio/loyalty/tier"
)

// Speech is the languages a caller is answered in, BCP 47, the most wanted first.
type Speech []string

// In is the languages for the texts of a programme: its own first language serves where it has none that is wanted.
func (s Speech) In(p *loyalty.Programme) Speech {
	return append(slices.Clip(s), p.Languages()...)
}

// Programme is a version of a programme, with its texts in one language.
type Programme struct {
	ID         fact.ID
	Key        string
	Name       string
	Currency   string
	TimeZone   string
	Languages  []string
	PointsName string
	Version    int

	Snapshot *loyalty.Programme
	Speech   Speech
}

// IsNode makes it one of GraphQL's nodes.
func (*Programme) IsNode() {}

// NewProgramme shows a programme.
func NewProgramme(p *loyalty.Programme, s Speech) *Programme {
	s = s.In(p)
	return &Programme{
		ID: p.ID(), Key: p.Key(), Name: p.Name().In(s...), Currency: p.Currency().Code, TimeZone: p.Zone().String(), Languages: p.Languages(),
		PointsName: p.PointsName().In(s...), Version: p.Number(), Snapshot: p, Speech: s,
	}
}

// NewEventType shows an event; nil if there is none. So do the functions below, each for its own.
func NewEventType(e *loyalty.Event, s Speech) *EventType {
	if e == nil {
		return nil
	}
	return &EventType{Event: e.Key, Name: e.Name.In(s...)}
}

// NewTier shows a tier.
func NewTier(t *tier.Tier, s Speech) *Tier {
	if t == nil {
		return nil
	}
	benefits := make([]string, len(t.Benefits))
	for i, b := range t.Benefits {
		benefits[i] = b.In(s...)
	}
	shown := &Tier{ID: t.Definition, Key: t.Key, Name: t.Name.In(s...), At: t.At, Granted: t.Granted, Benefits: benefits}
	if !t.Factor.IsZero() {
		shown.Multiplier = &t.Factor
	}
	return shown
}

// NewPersona shows a persona.
func NewPersona(p *persona.Persona, s Speech) *Persona {
	if p == nil {
		return nil
	}
	return &Persona{ID: p.Definition, Key: p.Key, Name: p.Name.In(s...), Description: p.Description.In(s...), Traits: Each(p.Traits, s, NewTrait)}
}

// NewTrait shows a trait.
func NewTrait(t *persona.Trait, s Speech) *Trait {
	if t == nil {
		return nil
	}
	return &Trait{Key: t.Key, Text: t.Text.In(s...), Dimension: t.Dimension, Weight: t.Weight}
}

// NewMission shows a mission.
func NewMission(m *mission.Mission, s Speech) *Mission {
	if m == nil {
		return nil
	}
	shown := &Mission{
		ID: m.Definition, Key: m.Key, Name: m.Name.In(s...), Description: m.Description.In(s...), Target: int(m.Target),
		Tier: optional(m.Tier), From: instant(m.Span.From), Until: instant(m.Span.Until),
	}
	if m.Every != mission.Once {
		every := string(m.Every)
		shown.Every = &every
	}
	if m.Award > 0 {
		shown.Award = &m.Award
	}
	return shown
}

// NewReward shows a reward.
func NewReward(r *reward.Reward, s Speech) *Reward {
	if r == nil {
		return nil
	}
	return &Reward{
		ID: r.Definition, Key: r.Key, Name: r.Name.In(s...), Description: r.Description.In(s...), Kind: r.Kind, Price: r.Price,
		Tier: optional(r.Tier), From: instant(r.Span.From), Until: instant(r.Span.Until),
	}
}

// Rule is one revision of a rule, with its texts in one language.
type Rule struct {
	ID       fact.ID
	Key      string
	Name     string
	Revision int
	On       []string
	When     *string
	From     *time.Time
	Until    *time.Time
	Priority int

	Snapshot *rule.Rule
	In       *loyalty.Programme // the version
	Speech   Speech
}

// IsNode makes it one of GraphQL's nodes.
func (*Rule) IsNode() {}

// NewRule shows a rule of a version of a programme.
func NewRule(p *loyalty.Programme, r *rule.Rule, s Speech) *Rule {
	if r == nil {
		return nil
	}
	shown := &Rule{
		ID: r.Definition, Key: r.Key, Name: r.Name.In(s...), Revision: r.Number, On: r.On, From: instant(r.Span.From), Until: instant(r.Span.Until),
		Priority: r.Priority, Snapshot: r, In: p, Speech: s,
	}
	if when := r.When(); when != "" {
		shown.When = &when
	}
	return shown
}

// NewRules shows some of the rules of a version of a programme.
func NewRules(p *loyalty.Programme, s Speech, which func(*rule.Rule) bool) []*Rule {
	shown := []*Rule{}
	for _, r := range p.Rules() {
		if which(r) {
			shown = append(shown, NewRule(p, r, s))
		}
	}
	return shown
}

// Budget is a budget, with its texts in one language.
type Budget struct {
	ID   fact.ID
	Key  string
	Name string

	In     *loyalty.Programme // the version
	Speech Speech
}

// IsNode makes it one of GraphQL's nodes.
func (*Budget) IsNode() {}

// NewBudget shows a budget of a version of a programme.
func NewBudget(p *loyalty.Programme, b *budget.Budget, s Speech) *Budget {
	if b == nil {
		return nil
	}
	return &Budget{ID: b.Definition, Key: b.Key, Name: b.Name.In(s...), In: p, Speech: s}
}

// instant is nil for the zero time.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// optional is nil for an empty text.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Each shows all of a list.
func Each[T, M any](all []T, s Speech, show func(T, Speech) M) []M {
	shown := make([]M, len(all))
	for i, t := range all {
		shown[i] = show(t, s)
	}
	return shown
}
