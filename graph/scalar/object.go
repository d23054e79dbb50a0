package scalar

import (
	"encoding/json"
	"io"
	"math"
	"strconv"

	"granaio/loyalty/fact"
)

// The bounds of an object that is read. What it holds is judged by whom it is for.
const (
	maxDepth  = 16
	maxValues = 4096
)

// Object is a JSON object. One that cannot be taken does not fail the request that brings it: it says why, so that the item it belongs to is refused
// and the others of a batch are not.
type Object struct {
	// Values of what was read: string, bool, nil, map, slice; whole numbers as int64, others as float64.
	Values map[string]any
	// Refusal is why it cannot be taken; its field is relative to the object.
	Refusal *fact.Refusal
	// Raw is what is written, if it is not Values.
	Raw json.RawMessage
}

// MarshalGQL writes the object.
func (o Object) MarshalGQL(w io.Writer) {
	raw := []byte(o.Raw)
	if raw == nil {
		raw, _ = json.Marshal(o.Values) // of what was read from JSON
	}
	_, _ = w.Write(raw)
}

// UnmarshalGQL reads an object. It never fails: see Refusal.
func (o *Object) UnmarshalGQL(v any) error {
	m, ok := v.(map[string]any)
	if !ok {
		o.Refusal = fact.Refuse(fact.CodeInvalid, "", "not a JSON object")
		return nil
	}
	left := maxValues
	if whole, refusal := tidy(m, maxDepth, &left); refusal != nil {
		o.Refusal = refusal
	} else {
		o.Values = whole.(map[string]any)
	}
	return nil
}

// tidy gives every value its one form.
func tidy(v any, depth int, left *int) (any, *fact.Refusal) {
	*left--
	switch {
	case depth < 0:
		return nil, fact.Refuse(fact.CodeTooLarge, "", "at most %d levels are taken", maxDepth)
	case *left < 0:
		return nil, fact.Refuse(fact.CodeTooLarge, "", "at most %d values are taken", maxValues)
	}
	switch v := v.(type) {
	case nil, string, bool, int64:
		return v, nil
	case int:
		return int64(v), nil
	case json.Number:
		return number(v.String())
	case float64:
		return number(strconv.FormatFloat(v, 'g', -1, 64))
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			tidied, refusal := tidy(item, depth-1, left)
			if refusal != nil {
				return nil, under(strconv.Itoa(i), refusal)
			}
			out[i] = tidied
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, item := range v {
			tidied, refusal := tidy(item, depth-1, left)
			if refusal != nil {
				return nil, under(name, refusal)
			}
			out[name] = tidied
		}
		return out, nil
	}
	return nil, fact.Refuse(fact.CodeInvalid, "", "not a JSON value")
}

// under is the refusal of something that lies deeper.
func under(name string, r *fact.Refusal) *fact.Refusal {
	if r.Field != "" {
		name += "." + r.Field
	}
	return &fact.Refusal{Code: r.Code, Field: name, Message: r.Message}
}

// number is an int64 if it is whole and fits, else a float64. 1.0 is whole.
func number(s string) (any, *fact.Refusal) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil:
		return nil, fact.Refuse(fact.CodeTooLarge, "", "a number beyond what can be kept")
	case f == math.Trunc(f) && math.Abs(f) <= float64(fact.MaxPoints):
		return int64(f), nil
	}
	return f, nil
}
