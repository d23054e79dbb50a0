package persona

import (
	"slices"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// Persona is a compiled persona.
type Persona struct {
	fact.Ref
	Key         string
	Name        fact.Text
	Description fact.Text
	Traits      []*Trait

	whole int
}

// Trait is a compiled trait.
type Trait struct {
	Key       string
	Dimension Dimension
	Weight    int
	Text      fact.Text

	when *expr.Condition
}

// Trait is the one with the key, nil if there is none.
func (p *Persona) Trait(key string) *Trait {
	for _, t := range p.Traits {
		if t.Key == key {
			return t
		}
	}
	return nil
}

// Affinity is how much a member resembles the persona, 0 to 100, and the keys of the traits that hold.
func (p *Persona) Affinity(s *expr.Scope) (percent int, traits []string) {
	sum := 0
	for _, t := range p.Traits {
		if t.when.Holds(s) {
			sum += t.Weight
			traits = append(traits, t.Key)
		}
	}
	return sum * 100 / p.whole, traits
}

// Needs are what the persona's traits read.
func (p *Persona) Needs() []expr.Needs {
	all := make([]expr.Needs, len(p.Traits))
	for i, t := range p.Traits {
		all[i] = t.when.Needs()
	}
	return all
}

// Compile compiles a programme's personas and reports what is wrong with them.
func Compile(specs []Spec, refs map[string]fact.Ref, s fact.Setting, l *expr.Language, r fact.Report) []*Persona {
	keys, all := fact.Keys{}, make([]*Persona, 0, len(specs))
	for i, spec := range specs {
		at := r.At(i)
		keys.Take(spec.Key, i, at.In("key"))
		s.Text(spec.Name, false, fact.MaxName, at.In("name"))
		s.Text(spec.Description, true, fact.MaxText, at.In("description"))
		if len(spec.Traits) == 0 {
			at.In("traits").Say("a persona needs at least one trait")
		}
		p := &Persona{Ref: refs[spec.Key], Key: spec.Key, Name: spec.Name, Description: spec.Description}
		of := fact.Keys{}
		for j, t := range spec.Traits {
			at := at.In("traits").At(j)
			of.Take(t.Key, j, at.In("key"))
			s.Text(t.Text, false, fact.MaxText, at.In("text"))
			if !slices.Contains(Dimensions, t.Dimension) {
				at.In("dimension").Say("“%s” is not a dimension: those are behavioural, values and transactional%s", t.Dimension,
					fact.Nearest(string(t.Dimension), fact.Strings(Dimensions)))
			}
			if t.Weight < 1 || t.Weight > 100 {
				at.In("weight").Say("a weight is 1 to 100, not %d", t.Weight)
			}
			p.whole += t.Weight
			p.Traits = append(p.Traits, &Trait{t.Key, t.Dimension, t.Weight, t.Text, l.Condition(t.When, nil, at.In("when"))})
		}
		all = append(all, p)
	}
	return all
}
