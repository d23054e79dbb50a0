package rule

import (
	"math/bits"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// Stays is how many of the points that the rule's award gave for an interaction stay when only so much of its value is left. The scope holds the
// interaction with what is left; the explanation is that of the earning. From more than it was given to less than none it never goes.
//
// What does not depend on anything but the interaction is worked out again: the condition, without which nothing stays; points for an amount, by the rate
// that was applied; by the band in which what is left lies; an expression. A fixed award stays; of an expression that read more there stays the part that is left of the value, rounded down.
func (r *Rule) Stays(given fact.Points, e why.Explanation, s *expr.Scope, value, left int64) fact.Points {
	switch {
	case r.Fails(s):
		return 0
	case r.Award.amount != nil && !r.Award.amount.Needs().EventAlone():
		return share(given, left, value)
	case r.Award.amount != nil || len(r.Award.Bands) > 0:
		grant, obstacle := r.Award.Grant(s, &fact.Money{Minor: left})
		return within(grant.Points, given, obstacle == "")
	case e.Per > 0:
		points, ok := perAmount(e.Rate, left, e.Per, Rounding(e.Rounding))
		return within(points, given, ok)
	}
	return given
}

// within is the points if they are known, and no more than were given.
func within(points, given fact.Points, known bool) fact.Points {
	if !known {
		return 0
	}
	return min(points, given)
}

// share is the part of the points that is left of the value, rounded down.
func share(points fact.Points, left, value int64) fact.Points {
	if value <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(points), uint64(left))
	part, _ := bits.Div64(hi, lo, uint64(value)) // left is at most value, so it fits
	return fact.Points(part)
}

// Fails tells whether the condition reads nothing but the interaction and does not hold for the scope's.
func (r *Rule) Fails(s *expr.Scope) bool {
	return r.when.Needs().EventAlone() && !r.when.Holds(s)
}

// Multiplied is how many points a multiplier adds to a base, by the factor that was applied.
func Multiplied(e why.Explanation, base fact.Points) fact.Points {
	factor, ok := fact.ParseDecimal(e.Factor)
	if !ok {
		return 0
	}
	points, _ := (&Multiplier{Factor: factor}).Grant(base)
	return points
}
