package tier

import "granaio/loyalty/fact"

// Tier is a compiled tier.
type Tier struct {
	fact.Ref
	Key      string
	Name     fact.Text
	At       fact.Points  // what reaches it, as the programme measures
	Granted  bool         // only a grant reaches it
	Factor   fact.Decimal // of the points for an amount; zero if they stay as they are
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
		if points >= l[i].At && !l[i].Granted {
			return l[i]
		}
	}
	return nil
}

// Above is the tier next above the one with the key that can be reached without a grant, nil if there is none. Above the empty key is the lowest.
func (l Ladder) Above(key string) *Tier {
	for _, next := range l[l.Place(key)+1:] {
		if !next.Granted {
			return next
		}
	}
	return nil
}

// Below is the place of the next tier below one that can be reached without a grant; -1 if there is none.
func (l Ladder) Below(place int) int {
	for place--; place >= 0 && l[place].Granted; place-- {
	}
	return place
}

// At is the tier at a place, nil at -1; and its key, then empty.
func (l Ladder) At(place int) (*Tier, string) {
	if place < 0 {
		return nil, ""
	}
	return l[place], l[place].Key
}

// Compile compiles a programme's tiers and reports what is wrong with them.
func Compile(specs []Spec, refs map[string]fact.Ref, s fact.Setting, r fact.Report) Ladder {
	keys, all, reached := fact.Keys{}, make(Ladder, 0, len(specs)), -1 // the last that is reached without a grant
	for i, spec := range specs {
		at := r.At(i)
		keys.Take(spec.Key, i, at.In("key"))
		s.Text(spec.Name, false, fact.MaxName, at.In("name"))
		for j, b := range spec.Benefits {
			s.Text(b, false, fact.MaxText, at.In("benefits").At(j))
		}
		switch {
		case spec.Granted && spec.At != 0:
			at.In("at").Say("a tier that is only granted is not reached at anything")
		case spec.Granted:
		case spec.At < 0 || spec.At > fact.MaxPoints:
			at.In("at").Say("a tier begins at 0 to %d points", fact.MaxPoints)
		case reached >= 0 && spec.At <= specs[reached].At:
			at.In("at").Say("tiers rise: this one begins at %d points, the one before it at %d", spec.At, specs[reached].At)
		}
		if !spec.Granted {
			reached = i
		}
		t := &Tier{Ref: refs[spec.Key], Key: spec.Key, Name: spec.Name, At: spec.At, Granted: spec.Granted, Benefits: spec.Benefits}
		if spec.Multiply != "" {
			t.Factor = compileFactor(spec.Multiply, at.In("multiply"))
		}
		all = append(all, t)
	}
	return all
}

var one, hundred = fact.DecimalOf(1), fact.DecimalOf(100)

func compileFactor(text string, r fact.Report) fact.Decimal {
	factor, ok := fact.ParseDecimal(text)
	if !ok || !factor.GreaterThan(one) || factor.GreaterThan(hundred) {
		r.Say("“%s” is not a factor: a decimal above 1, at most 100, such as 1.25", text)
	}
	return factor
}

// Extra is what the tier adds to points: points × (factor − 1), rounded down; 0 for a tier without a factor, and beyond what can be counted.
func (t *Tier) Extra(points fact.Points) fact.Points {
	if t.Factor.IsZero() {
		return 0
	}
	extra, _ := points.Times(t.Factor.Sub(one))
	return extra
}
