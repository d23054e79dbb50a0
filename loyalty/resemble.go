package loyalty

import (
	"maps"
	"slices"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// known is the member as expressions know it.
func (p *Programme) known(s *State) expr.Member {
	return expr.Member{
		Status: string(s.Member.Status), Tier: s.Member.Tier, Language: p.Language(s.Member.Locale), Enrolled: s.Member.Enrolled, Record: &record{&s.Doc, p},
		Guardian: p.guardian(s),
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
type record struct {
	*Doc
	programme *Programme
}

// Attribute is the value of an attribute.
func (r *record) Attribute(name string) (any, bool) {
	return valueOf(r.Profile.Known().Attributes, name)
}

// Dependents are the member's.
func (r *record) Dependents() []expr.Dependent {
	known := r.Profile.Known().Dependents
	all := make([]expr.Dependent, len(known))
	for i, d := range known {
		all[i] = dependent{d}
	}
	return all
}

// Metric is what a metric says as of a day; false if there is nothing to take it of, or if it is still to be worked out.
func (r *record) Metric(name string, day fact.Day) (any, bool) {
	m := r.programme.Metric(name)
	if m == nil {
		return nil, false
	}
	v, known := r.measure(m, day)
	return v.Of, known && v.Of != nil
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

// Since is what the member did of an event from a day on.
func (r *record) Since(event string, first fact.Day, zone *time.Location) (count, sum int64, known bool) {
	return r.Events[event].since(first, zone)
}

// resemble looks again at the personas whose traits the interaction may have touched, as of now, and at those that were never looked at in
// their present revision; and tells which is the primary one.
func (d *decision) resemble() {
	doc, known := &d.state.Doc, false
	if !d.p.Profiles(d.state) {
		doc.Affinities, d.state.Member.Persona = nil, ""
		return
	}
	var member expr.Member
	var scope expr.Scope
	affinities, own := doc.Affinities, false
	primary, highest := "", 0
	for _, x := range d.p.personas {
		a, seen := affinities[x.Key]
		if !seen || a.Revision != x.Number || slices.Contains(d.plan.personas, x) {
			if !known {
				member, known = d.p.known(d.state), true
				scope.Set(&member, nil, d.now, d.p.zone)
			}
			percent, traits := x.Affinity(&scope)
			if fresh := (Affinity{percent, traits, x.Number}); !seen || !a.equal(fresh) {
				if !own {
					affinities, own = maps.Clone(affinities), true
				}
				if affinities == nil {
					affinities = map[string]Affinity{}
				}
				a, affinities[x.Key] = fresh, fresh
			}
		}
		if a.Percent > highest {
			primary, highest = x.Key, a.Percent
		}
	}
	if len(affinities) > len(d.p.personas) { // some are of personas that the programme no longer has
		if !own {
			affinities = maps.Clone(affinities)
		}
		maps.DeleteFunc(affinities, func(key string, _ Affinity) bool { return d.p.Persona(key) == nil })
	}
	doc.Affinities, d.state.Member.Persona = affinities, primary
}

// unsettle leaves the personas as they are, since an older version of the programme does not know those there are now; but has them all looked at
// when the present version next decides.
func (d *decision) unsettle() {
	affinities := maps.Clone(d.state.Doc.Affinities)
	for key, a := range affinities {
		a.Revision = 0
		affinities[key] = a
	}
	d.state.Doc.Affinities = affinities
}

func (a Affinity) equal(b Affinity) bool {
	return a.Percent == b.Percent && a.Revision == b.Revision && slices.Equal(a.Traits, b.Traits)
}
