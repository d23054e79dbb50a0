package rule

import (
	"slices"

	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// Multiplier adds to what other rules gave for the same interaction.
type Multiplier struct {
	Factor fact.Decimal // above 1, at most 100
	Of     []string     // the rules whose points it multiplies; empty: those that gave points for an amount
}

// Takes tells whether the points of a rule belong to the base.
func (m *Multiplier) Takes(r *Rule) bool {
	if len(m.Of) == 0 {
		return r.Award.ByAmount()
	}
	return slices.Contains(m.Of, r.Key)
}

// Grant is what it adds to a base: base × (factor − 1), rounded down; or why it adds nothing.
func (m *Multiplier) Grant(base fact.Points) (fact.Points, why.Obstacle) {
	points, within := base.Times(m.Factor.Sub(one))
	switch {
	case !within:
		return 0, why.TooMuch
	case points == 0:
		return 0, why.Nothing
	}
	return points, ""
}

var one, hundred = fact.DecimalOf(1), fact.DecimalOf(100)

func compileMultiplier(spec Spec, r fact.Report) *Multiplier {
	factor, ok := fact.ParseDecimal(spec.Multiply)
	if !ok || !factor.GreaterThan(one) || factor.GreaterThan(hundred) {
		r.Say("“%s” is not a factor: a decimal above 1, at most 100, such as 1.5", spec.Multiply)
		factor = one
	}
	return &Multiplier{factor, spec.Of}
}
