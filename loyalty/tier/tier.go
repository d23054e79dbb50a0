package tier

import "granaio/loyalty/fact"

// Tier is a compiled tier.
type Tier struct {
	fact.Ref
	Key      string
	Name     fact.Text
	At       fact.Points // the qualifying points that reach it
	Benefits []fact.Text
}

// Ladder is a programme's tiers, from the lowest to the highest.
type Ladder []*Tier

// Find is the tier with the key, nil if there is none.
func (l Ladder) Find(key string) *Tier {
	if i := l.Place(key); i >= 0 {
		return l[i]
	}
	return nil
}

// Place is how high the tier with the key is: 0 for the lowest; -1 if there is no such tier, as for the empty key.
func (l Ladder) Place(key string) int {
	for i, t := range l {
		if t.Key == key {
			return i
		}
	}
	return -1
}

// Reached is the highest tier that so many qualifying points reach, nil if they reach none.
func (l Ladder) Reached(points fact.Points) *Tier {
	for i := len(l) - 1; i >= 0; i-- {
		if points >= l[i].At {
			return l[i]
		}
	}
	return nil
}

// Above is the tier next above the one with the key, nil if that is the highest. Above the empty key is the lowest.
func (l Ladder) Above(key string) *Tier {
	if next := l.Place(key) + 1; next < len(l) {
		return l[next]
	}
	return nil
}

// Compile compiles a programme's tiers and reports what is wrong with them.
func Compile(specs []Spec, refs map[string]fact.Ref, s fact.Setting, r fact.Report) Ladder {
	keys, all := fact.Keys{}, make(Ladder, 0, len(specs))
	for i, spec := range specs {
		at := r.At(i)
		keys.Take(spec.Key, i, at.In("key"))
		s.Text(spec.Name, false, fact.MaxName, at.In("name"))
		for j, b := range spec.Benefits {
			s.Text(b, false, fact.MaxText, at.In("benefits").At(j))
		}
		switch {
		case spec.At < 0 || spec.At > fact.MaxPoints:
			at.In("at").Say("a tier begins at 0 to %d points", fact.MaxPoints)
		case i > 0 && spec.At <= specs[i-1].At:
			at.In("at").Say("tiers rise: this one begins at %d points, the one before it at %d", spec.At, specs[i-1].At)
		}
		all = append(all, &Tier{refs[spec.Key], spec.Key, spec.Name, spec.At, spec.Benefits})
	}
	return all
}
