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
