package scalar

import (
	"fmt"
	"io"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"granaio/graph/fault"
	"granaio/loyalty/fact"
)

// MarshalDate writes a day as RFC 3339 does: 2026-05-01.
func MarshalDate(d fact.Day) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		year, month, day := d.Date()
		_, _ = fmt.Fprintf(w, `"%04d-%02d-%02d"`, year, month, day)
	})
}

// UnmarshalDate reads what MarshalDate wrote.
func UnmarshalDate(v any) (fact.Day, error) {
	s, _ := v.(string)
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < firstYear || t.Year() > lastYear {
		return 0, fault.Malformed("not a day of the years %d to %d, such as 2026-05-01", firstYear, lastYear)
	}
	return fact.DayOf(t, time.UTC), nil
}
