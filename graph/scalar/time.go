package scalar

import (
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"granaio/graph/fault"
	"granaio/loyalty/fact"
)

// MarshalDateTime writes an instant in UTC with up to microseconds; the zero time is null.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	if t.IsZero() {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = io.WriteString(w, strconv.Quote(fact.Instant(t).Format("2006-01-02T15:04:05.999999Z")))
	})
}

// The years that an instant may lie in: both databases keep them, and no sum of terms leaves what they keep.
const (
	firstYear = 1900
	lastYear  = 2999
)

// UnmarshalDateTime reads an instant of RFC 3339, which has an offset. What is finer than a microsecond is cut off.
func UnmarshalDateTime(v any) (time.Time, error) {
	var t time.Time
	s, ok := v.(string)
	// The library takes an hour of one digit and a comma, which RFC 3339 does not have.
	if !ok || len(s) < 20 || len(s) > 40 || s[13] != ':' || strings.Contains(s, ",") || t.UnmarshalText([]byte(s)) != nil {
		return time.Time{}, fault.Malformed("not an instant of RFC 3339 with an offset, such as 2026-05-01T09:30:00Z")
	}
	t = fact.Instant(t)
	if t.Year() < firstYear || t.Year() > lastYear {
		return time.Time{}, fault.Malformed("an instant lies in the years %d to %d", firstYear, lastYear)
	}
	return t, nil
}
