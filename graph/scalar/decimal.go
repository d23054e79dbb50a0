package scalar

import (
	"io"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/shopspring/decimal"

	"granaio/graph/fault"
	"granaio/loyalty/fact"
)

// maxDecimal is the longest decimal that is read, in bytes.
const maxDecimal = 40

// MarshalDecimal writes a decimal as a string, with all its digits.
func MarshalDecimal(d fact.Decimal) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(d.StringFixed(max(0, -d.Exponent())))) })
}

// UnmarshalDecimal reads a decimal: a string of digits, with a sign and a point if need be, and no exponent.
func UnmarshalDecimal(v any) (fact.Decimal, error) {
	s, ok := v.(string)
	whole, fraction, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if !ok || len(s) > maxDecimal || !digits(whole) || point && !digits(fraction) {
		return fact.Decimal{}, fault.Malformed("not a decimal number as a string of at most %d characters, such as \"12.40\"", maxDecimal)
	}
	return decimal.NewFromString(s)
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
