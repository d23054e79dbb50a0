package touchpoint

import (
	"slices"

	"granaio/loyalty/fact"
)

// Touchpoint is a compiled touchpoint.
type Touchpoint struct {
	fact.Ref
	Key  string
	Name fact.Text
	Kind Kind
}

// Compile compiles a programme's touchpoints and reports what is wrong with them.
func Compile(specs []Spec, refs map[string]fact.Ref, s fact.Setting, r fact.Report) []*Touchpoint {
	keys, all := fact.Keys{}, make([]*Touchpoint, 0, len(specs))
	for i, spec := range specs {
		at := r.At(i)
		keys.Take(spec.Key, i, at.In("key"))
		s.Text(spec.Name, false, fact.MaxName, at.In("name"))
		if !slices.Contains(Kinds, spec.Kind) {
			at.In("kind").Say("“%s” is not a kind of touchpoint%s", spec.Kind, fact.Nearest(string(spec.Kind), fact.Strings(Kinds)))
		}
		all = append(all, &Touchpoint{refs[spec.Key], spec.Key, spec.Name, spec.Kind})
	}
	return all
}
