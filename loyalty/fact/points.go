package fact

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Points is a whole number of points. A balance, an award or a price lies within ±MaxPoints.
type Points int64

// MaxPoints is the greatest number of points that any amount may have: 2⁵³−1, the greatest whole number that JSON's readers keep exact.
const MaxPoints Points = 1<<53 - 1

// The errors of numbers of points.
var (
	// ErrPoints is the error of what is not a whole number of points within ±MaxPoints.
	ErrPoints = errors.New("not a whole number of points within ±9007199254740991")
	// ErrPointsFraction is the ErrPoints of a number with a fraction.
	ErrPointsFraction = fmt.Errorf("%w: it has a fraction", ErrPoints)
	// ErrPointsTooLarge is the ErrPoints of a number out of bounds.
	ErrPointsTooLarge = fmt.Errorf("%w: it is out of bounds", ErrPoints)
)

// Plus is p + q, and false if that is out of bounds.
func (p Points) Plus(q Points) (Points, bool) {
	sum := p + q // cannot wrap: both are below 2⁵³ in size
	return sum, sum <= MaxPoints && sum >= -MaxPoints
}

// MarshalGQL writes the points as a number.
func (p Points) MarshalGQL(w io.Writer) { _, _ = io.WriteString(w, strconv.FormatInt(int64(p), 10)) }

// UnmarshalGQL reads a number of points; a fraction is refused, and so is whatever is written with a point or an exponent.
func (p *Points) UnmarshalGQL(v any) error {
	var text string
	switch v := v.(type) {
	case int64:
		text = strconv.FormatInt(v, 10)
	case int:
		text = strconv.Itoa(v)
	case float64:
		text = strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0" // as it was written
		}
	case json.Number:
		text = v.String()
	default:
		return fmt.Errorf("%w: %v", ErrPoints, v)
	}
	if strings.ContainsAny(text, ".eE") {
		return ErrPointsFraction
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if errors.Is(err, strconv.ErrRange) || Points(n) > MaxPoints || Points(n) < -MaxPoints {
		return ErrPointsTooLarge
	}
	if err != nil {
		return fmt.Errorf("%w: %s", ErrPoints, clip(text))
	}
	*p = Points(n)
	return nil
}
