// Package budget holds what rules may give together, to all members. A campaign's rules name one budget; a rule with a budget of its own is the only one that
// names it.
//
// What it promises: a budget says how many points there ever are. How many are spent is counted apart, and never passes it; points that are taken back
// are there again.
package budget

import "granaio/loyalty/fact"

// Spec is a budget as data.
type Spec struct {
	Key    string      `yaml:"key" json:"key"`
	Name   fact.Text   `yaml:"name" json:"name"`
	Points fact.Points `yaml:"points" json:"points"` // 1 or more: how many there ever are
}

// Budget is a compiled budget.
type Budget struct {
	fact.Ref
	Key    string
	Name   fact.Text
	Points fact.Points
}

// Compile compiles a programme's budgets and reports what is wrong with them.
func Compile(specs []Spec, refs map[string]fact.Ref, s fact.Setting, r fact.Report) []*Budget {
	keys, all := fact.Keys{}, make([]*Budget, len(specs))
	for i, spec := range specs {
		at := r.At(i)
		keys.Take(spec.Key, i, at.In("key"))
		s.Text(spec.Name, false, fact.MaxName, at.In("name"))
		if spec.Points < 1 || spec.Points > fact.MaxPoints {
			at.In("points").Say("a budget is of 1 to %d points, not %d", fact.MaxPoints, spec.Points)
		}
		all[i] = &Budget{refs[spec.Key], spec.Key, spec.Name, spec.Points}
	}
	return all
}
