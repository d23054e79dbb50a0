package fact

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Points is a whole number of points. A balance, an award or a price lies within ±MaxPoints.
type Points int64

// MaxPoints is the greatest number of points that any amount may have: 2⁵³−1, the greatest whole number that JSON's readers keep exact.
const MaxPoints Points = 1<<53 - 1

// ErrPoints is the error of a number that is not a whole number of points within ±MaxPoints.
var ErrPoints = errors.New("not a whole number of points within ±9007199254740991")

// Plus is p + q, and false if that is out of bounds.
func (p Points) Plus(q Points) (Points, bool) {
	sum := p + q // cannot wrap: both are below 2⁵³ in size
	return sum, sum <= MaxPoints && sum >= -MaxPoints
}

// MarshalGQL writes the points as a number.
func (p Points) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.FormatInt(int64(p), 10)) }

// UnmarshalGQL reads a number of points; a fraction is refused.
func (p *Points) UnmarshalGQL(v any) error {
	var n int64
	switch v := v.(type) {
	case int64:
		n = v
	case int:
		n = int64(v)
	case json.Number:
		parsed, err := strconv.ParseInt(v.String(), 10, 64)
		if err != nil {
			return fmt.Errorf("%w: %s", ErrPoints, clip(v.String()))
		}
		n = parsed
	default:
		return fmt.Errorf("%w: %v", ErrPoints, v)
	}
	if Points(n) > MaxPoints || Points(n) < -MaxPoints {
		return fmt.Errorf("%w: %d", ErrPoints, n)
	}
	*p = Points(n)
	return nil
}
