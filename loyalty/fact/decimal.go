package fact

import (
	"regexp"

	"github.com/shopspring/decimal"
)

var plainDecimal = regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,6})?$`)

// ParseDecimal reads a decimal number that is not negative, written plainly ("1.50"): at most 15 digits before the point and 6 after it.
func ParseDecimal(text string) (Decimal, bool) {
	if !plainDecimal.MatchString(text) {
		return Decimal{}, false
	}
	d, err := decimal.NewFromString(text)
	return d, err == nil
}

// DecimalOf is a whole number as a decimal.
func DecimalOf(n int64) Decimal { return decimal.NewFromInt(n) }

// Times is points × factor, rounded down. It is false beyond ±MaxPoints.
func (p Points) Times(factor Decimal) (Points, bool) {
	product := DecimalOf(int64(p)).Mul(factor).Floor()
	if product.Abs().GreaterThan(DecimalOf(int64(MaxPoints))) {
		return 0, false
	}
	return Points(product.IntPart()), true
}
