package rule

import (
	"slices"

	"granaio/loyalty/fact"
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

// Points is what it adds to a base: base × (factor − 1), rounded down. It is false beyond fact.MaxPoints.
func (m *Multiplier) Points(base fact.Points) (fact.Points, bool) {
	return base.Times(m.Factor.Sub(one))
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
