package scalar

import (
	"errors"
	"io"
	"strconv"
	"time"

	"granaio/graph/fault"
	"granaio/loyalty/fact"
)

// given is a value of an item that a request brings. One that cannot be taken does not fail the request: it says why, so that the item it belongs to is
// refused and the others of a batch are not.
type given[T any] struct {
	Value T
	// Refusal is why it cannot be taken, with an empty field.
	Refusal *fact.Refusal
}

// take reads a value. It never fails: see Refusal.
func (g *given[T]) take(v any, read func(any) (T, error)) {
	var err error
	if g.Value, err = read(v); err == nil {
		return
	}
	message := "it cannot be read"
	if f := new(fault.Fault); errors.As(err, &f) {
		message = f.Message
	}
	g.Refusal = fact.Refuse(codeOf(err), "", "%s", message)
}

// codeOf is the code of a value that cannot be read.
func codeOf(err error) fact.Code {
	switch {
	case errors.Is(err, fact.ErrPointsFraction):
		return fact.CodeFractional
	case errors.Is(err, fact.ErrPointsTooLarge):
		return fact.CodeTooLarge
	}
	return fact.CodeInvalid
}

// GivenTime is a DateTime of an item.
type GivenTime struct{ given[time.Time] }

// UnmarshalGQL reads it. It never fails: see Refusal.
func (g *GivenTime) UnmarshalGQL(v any) error {
	g.take(v, UnmarshalDateTime)
	return nil
}

// MarshalGQL writes it.
func (g GivenTime) MarshalGQL(w io.Writer) { MarshalDateTime(g.Value).MarshalGQL(w) }

// GivenDecimal is a Decimal of an item.
type GivenDecimal struct{ given[fact.Decimal] }

// UnmarshalGQL reads it. It never fails: see Refusal.
func (g *GivenDecimal) UnmarshalGQL(v any) error {
	g.take(v, UnmarshalDecimal)
	return nil
}

// MarshalGQL writes it.
func (g GivenDecimal) MarshalGQL(w io.Writer) { MarshalDecimal(g.Value).MarshalGQL(w) }

// GivenID is an ID of an item.
type GivenID struct{ given[fact.ID] }

// UnmarshalGQL reads it. It never fails: see Refusal.
func (g *GivenID) UnmarshalGQL(v any) error {
	g.take(v, func(v any) (fact.ID, error) {
		var id fact.ID
		if err := id.UnmarshalGQL(v); err != nil {
			return fact.ID{}, fault.Malformed("not an id, such as those that the API answers with")
		}
		return id, nil
	})
	return nil
}

// MarshalGQL writes it.
func (g GivenID) MarshalGQL(w io.Writer) { g.Value.MarshalGQL(w) }

// GivenPoints are Points of a request.
type GivenPoints struct{ given[fact.Points] }

// UnmarshalGQL reads them. It never fails: see Refusal.
func (g *GivenPoints) UnmarshalGQL(v any) error {
	g.take(v, func(v any) (p fact.Points, err error) {
		err = p.UnmarshalGQL(v)
		return p, err
	})
	if g.Refusal != nil {
		g.Refusal.Message = "a whole number of points within ±9007199254740991 is needed, without a point or an exponent"
	}
	return nil
}

// MarshalGQL writes them.
func (g GivenPoints) MarshalGQL(w io.Writer) { g.Value.MarshalGQL(w) }

// GivenQuantity is a Quantity of a request.
type GivenQuantity struct{ given[int64] }

// UnmarshalGQL reads it. It never fails: see Refusal.
func (g *GivenQuantity) UnmarshalGQL(v any) error {
	g.take(v, func(v any) (int64, error) {
		var n fact.Points // which are whole numbers with the same bounds
		err := n.UnmarshalGQL(v)
		return int64(n), err
	})
	if g.Refusal != nil {
		g.Refusal.Message = "a whole number of pieces is needed, without a point or an exponent"
	}
	return nil
}

// MarshalGQL writes it.
func (g GivenQuantity) MarshalGQL(w io.Writer) {
	_, _ = io.WriteString(w, strconv.FormatInt(g.Value, 10))
}
