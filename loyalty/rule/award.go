package rule

import (
	"math/bits"
	"slices"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// Award is how many points a rule gives: its Yield, or by Bands, or what an expression says.
type Award struct {
	Yield
	Bands []Band

	amount *expr.Amount
}

// Yield is a fixed number of points, or so many for each amount.
type Yield struct {
	Fixed    fact.Points
	Rate     fact.Points // points for each Per
	Per      int64       // minor units; 0 for a fixed number
	Rounding Rounding    // of a Per
}

// Band is what an award gives for amounts from one on.
type Band struct {
	From int64 // minor units
	Yield
}

// Grant is what an award gives for one interaction, and by what.
type Grant struct {
	Points fact.Points
	Band              // the award's own yield, from 0, if it has no bands; empty if an expression said so
	Fault  expr.Fault // why an expression said nothing
}

// ByAmount tells whether the points depend on the amount alone.
func (a *Award) ByAmount() bool { return a.Per > 0 || len(a.Bands) > 0 }

// Grant is what the award gives for the interaction of the scope with a value, which may be nil; or why it gives nothing.
func (a *Award) Grant(s *expr.Scope, value *fact.Money) (Grant, why.Obstacle) {
	g, within := Grant{Band: Band{Yield: a.Yield}}, true
	switch {
	case a.amount != nil:
		n, fault := a.amount.Of(s)
		if fault != "" {
			g.Fault = fault
			return g, why.Fault
		}
		g.Points = max(fact.Points(n), 0)
		within = g.Points <= MaxPoints
	case len(a.Bands) > 0:
		g.Band = a.band(value)
	}
	switch {
	case g.Per == 0:
		g.Points += g.Fixed
	case value != nil:
		g.Points, within = perAmount(g.Rate, value.Minor, g.Per, g.Rounding)
	}
	switch {
	case !within:
		return g, why.TooMuch
	case g.Points == 0:
		return g, why.Nothing
	}
	return g, ""
}

// Explain tells what the award's expression read, and what went wrong with it; false if it has none.
func (a *Award) Explain(s *expr.Scope) (expr.Part, bool) {
	if a.amount == nil {
		return expr.Part{}, false
	}
	return a.amount.Explain(s), true
}

// Short is by how many minor units a value falls short of the least for which the award gives a point; 0 where the value is not what is missing.
func (a *Award) Short(value *fact.Money) int64 {
	if value == nil || !a.ByAmount() {
		return 0
	}
	bands := a.Bands
	if len(bands) == 0 {
		bands = []Band{{Yield: a.Yield}}
	}
	for i, b := range bands {
		least := max(b.From, b.least(), value.Minor)
		if last := i == len(bands)-1; last || least < bands[i+1].From {
			return least - value.Minor
		}
	}
	return 0
}

// least is the least amount for which it gives a point.
func (y Yield) least() int64 {
	if y.Per == 0 {
		return 0
	}
	rate := int64(y.Rate)
	switch y.Rounding {
	case Up:
		return 1
	case HalfUp: // rate × amount ≥ per ÷ 2
		return (y.Per-1)/(2*rate) + 1
	case HalfEven: // rate × amount > per ÷ 2, since a half goes to 0
		return y.Per/(2*rate) + 1
	}
	return (y.Per-1)/rate + 1
}

// band is the one in which a value lies; empty below the first, and without a value.
func (a *Award) band(value *fact.Money) (b Band) {
	if value != nil {
		for _, next := range a.Bands {
			if value.Minor < next.From {
				break
			}
			b = next
		}
	}
	return b
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
	switch {
	case spec.Expression != "":
		if spec.Points != 0 || spec.Per != "" || spec.Rounding != "" || len(spec.Bands) > 0 {
			r.Say("an award with an expression has nothing else")
		}
		if len(events) > 0 {
			return Award{amount: l.Amount(spec.Expression, events, r.In("expression"))}
		}
		return Award{}
	case len(spec.Bands) > 0:
		if spec.Points != 0 || spec.Per != "" || spec.Rounding != "" {
			r.Say("an award by bands has nothing else: each band says what it gives")
		}
		return Award{Bands: compileBands(spec.Bands, c, r.In("bands"))}
	}
	return Award{Yield: compileYield(spec.Points, spec.Per, spec.Rounding, c, r)}
}

func compileBands(specs []BandSpec, c fact.Currency, r fact.Report) []Band {
	if len(specs) > MaxBands {
		r.Say("an award has at most %d bands", MaxBands)
		return nil
	}
	bands := make([]Band, len(specs))
	for i, spec := range specs {
		at := r.At(i)
		from, ok := compileAmount(spec.From, c, at.In("from"))
		if bands[i] = (Band{from, compileYield(spec.Points, spec.Per, spec.Rounding, c, at)}); ok && i > 0 && from <= bands[i-1].From {
			at.In("from").Say("bands rise: it begins at or below the one before it")
		}
	}
	return bands
}

func compileYield(points fact.Points, per string, rounding Rounding, c fact.Currency, r fact.Report) Yield {
	if points < 1 || points > MaxPoints {
		r.In("points").Say("an award is 1 to 1,000,000 points, not %d", points)
	}
	if per == "" {
		if rounding != "" {
			r.In("rounding").Say("a fixed number of points needs no rounding: is “per” missing?")
		}
		return Yield{Fixed: points}
	}
	y := Yield{Rate: points, Rounding: rounding}
	if y.Rounding == "" {
		y.Rounding = Down
	} else if !slices.Contains(Roundings, y.Rounding) {
		r.In("rounding").Say("“%s” is not a rounding: those are down, up, half_up and half_even%s", rounding,
			fact.Nearest(string(rounding), fact.Strings(Roundings)))
	}
	var ok bool
	if y.Per, ok = compileAmount(per, c, r.In("per")); ok && y.Per == 0 {
		r.In("per").Say("“%s” is not an amount above 0, such as 1.00", per)
	}
	return y
}

// compileAmount is an amount in minor units.
func compileAmount(text string, c fact.Currency, r fact.Report) (int64, bool) {
	amount, ok := fact.ParseDecimal(text)
	if !ok {
		r.Say("“%s” is not an amount, such as 1.00", text)
		return 0, false
	}
	if c.Code == "" {
		return 0, false
	}
	money, err := fact.MoneyOf(amount, c)
	if err != nil {
		r.Say("%s", err)
		return 0, false
	}
	return money.Minor, true
}
