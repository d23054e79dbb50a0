package rule

import (
	"math/bits"
	"slices"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// Award is how many points a rule gives. Exactly one of Fixed, Per and an expression is set.
type Award struct {
	Fixed    fact.Points
	Rate     fact.Points // points for each Per
	Per      int64       // minor units
	Rounding Rounding    // of a Per

	amount *expr.Amount
}

// Points is how many the award gives for the interaction of the scope with a value, which may be nil. It is false if they cannot be computed or are
// beyond what an award may give.
func (a Award) Points(s *expr.Scope, value *fact.Money) (fact.Points, bool) {
	switch {
	case a.Per > 0:
		if value == nil {
			return 0, true
		}
		return perAmount(a.Rate, value.Minor, a.Per, a.Rounding)
	case a.amount != nil:
		n, ok := a.amount.Of(s)
		p := fact.Points(n)
		return max(p, 0), ok && p <= MaxPoints
	}
	return a.Fixed, true
}

// perAmount is rate × value ÷ per, rounded. It is false beyond fact.MaxPoints.
func perAmount(rate fact.Points, value, per int64, rounding Rounding) (fact.Points, bool) {
	if value < 0 {
		return 0, false
	}
	hi, lo := bits.Mul64(uint64(rate), uint64(value))
	if hi >= uint64(per) {
		return 0, false
	}
	whole, rest := bits.Div64(hi, lo, uint64(per))
	more := false
	switch half := rest >= uint64(per)-rest; rounding {
	case Up:
		more = rest > 0
	case HalfUp:
		more = half
	case HalfEven:
		more = half && (rest > uint64(per)-rest || whole%2 == 1)
	}
	if more && whole < uint64(fact.MaxPoints)+1 {
		whole++
	}
	return fact.Points(whole), whole <= uint64(fact.MaxPoints)
}

func compileAward(spec *AwardSpec, events []string, l *expr.Language, c fact.Currency, r fact.Report) Award {
	a := Award{}
	if spec.Expression != "" {
		if spec.Points != 0 || spec.Per != "" || spec.Rounding != "" {
			r.Say("an award with an expression has nothing else")
		}
		if len(events) > 0 {
			a.amount = l.Amount(spec.Expression, events, r.In("expression"))
		}
		return a
	}
	if spec.Points < 1 || spec.Points > MaxPoints {
		r.In("points").Say("an award is 1 to 1,000,000 points, not %d", spec.Points)
	}
	if spec.Per == "" {
		if spec.Rounding != "" {
			r.In("rounding").Say("a fixed number of points needs no rounding: is “per” missing?")
		}
		a.Fixed = spec.Points
		return a
	}
	a.Rate, a.Rounding = spec.Points, spec.Rounding
	if a.Rounding == "" {
		a.Rounding = Down
	} else if !slices.Contains(Roundings, a.Rounding) {
		r.In("rounding").Say("“%s” is not a rounding: those are down, up, half_up and half_even%s", spec.Rounding,
			fact.Nearest(string(spec.Rounding), fact.Strings(Roundings)))
	}
	amount, ok := fact.ParseDecimal(spec.Per)
	if !ok || !amount.IsPositive() {
		r.In("per").Say("“%s” is not an amount above 0, such as 1.00", spec.Per)
		return a
	}
	if c.Code == "" {
		return a
	}
	money, err := fact.MoneyOf(amount, c)
	if err != nil {
		r.In("per").Say("%s", err)
		return a
	}
	a.Per = money.Minor
	return a
}
