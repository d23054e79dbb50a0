package loyalty

import (
	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/persona"
	"time"
)

// known is the member as expressions know it.
func (p *Programme) known(s *State) expr.Member {
	return expr.Member{
		Status: string(s.Member.Status), Tier: s.Member.Tier, Language: p.Language(s.Member.Locale), Enrolled: s.Member.Enrolled, Record: (*record)(&s.Doc),
	}
}

// Language is the programme's language that serves a locale best: the language itself, or without its region or script; else the programme's first.
func (p *Programme) Language(locale string) string {
	for l := locale; l != ""; l = shorter(l) {
		for _, known := range p.languages {
			if known == l {
				return known
			}
		}
	}
	return p.languages[0]
}

// record is a document as expressions read it.
type record Doc

// Attribute is the value of an attribute.
func (r *record) Attribute(name string) (any, bool) {
	a, ok := r.Attributes[name]
	return a.Value, ok
}

// Total is what the member ever did of an event.
func (r *record) Total(event string) expr.Total {
	s := r.Events[event]
	if s == nil {
		return expr.Total{}
	}
	return expr.Total{Count: s.Count, Sum: s.Sum, First: s.First, Last: s.Last}
}

// Within is what the member did of an event from the first to the last day.
func (r *record) Within(event string, first, last fact.Day) (count, sum int64, known bool) {
	return r.Events[event].within(first, last)
}

// resemble looks again at the personas whose traits the interaction may have touched, as of now, and at those that were never looked at in
// their present revision.
func (d *decision) resemble() {
	touched := func(x *persona.Persona) bool {
		a, seen := d.state.Doc.Affinities[x.Key]
		return !seen || a.Revision != x.Number
	}
	d.p.resemble(d.state, d.now, func(x *persona.Persona) bool {
		for _, t := range d.plan.personas {
			if t == x {
				return true
			}
		}
		return touched(x)
	})
}

// resemble looks at some personas again, as of an instant, and tells which is the primary one.
func (p *Programme) resemble(s *State, at time.Time, again func(*persona.Persona) bool) {
	member := p.known(s)
	var scope expr.Scope
	scope.Set(&member, nil, at, p.zone)
	affinities := make(map[string]Affinity, len(p.personas))
	primary, highest := "", 0
	for _, x := range p.personas {
		a := s.Doc.Affinities[x.Key]
		if again(x) {
			a.Percent, a.Traits = x.Affinity(&scope)
			a.Revision = x.Number
		}
		affinities[x.Key] = a
		if a.Percent > highest {
			primary, highest = x.Key, a.Percent
		}
	}
	s.Doc.Affinities, s.Member.Persona = affinities, primary
	if len(affinities) == 0 {
		s.Doc.Affinities = nil
	}
}
