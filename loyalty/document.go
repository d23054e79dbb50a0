package loyalty

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"granaio/loyalty/fact"
)

// Encode writes the document as JSON, but for the profile. The same document is written the same way, to the byte.
func (d *Doc) Encode() ([]byte, error) { return json.Marshal(d) }

// DecodeDoc reads what Encode wrote. The profile is read from what it was stored as (StoredProfile).
func DecodeDoc(text []byte) (Doc, error) {
	var d Doc
	if err := json.Unmarshal(text, &d); err != nil {
		return Doc{}, fmt.Errorf("loyalty: a member's document: %w", err)
	}
	return d, nil
}

// MarshalJSON writes one list of day, count, sum, day, count, sum …
func (d Days) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, 16*len(d)+2), '[')
	for i, t := range d {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(t.Day), 10)
		b = strconv.AppendInt(append(b, ','), t.Count, 10)
		b = strconv.AppendInt(append(b, ','), t.Sum, 10)
	}
	return append(b, ']'), nil
}

var errDays = errors.New("days are not a list of day, count, sum")

// UnmarshalJSON reads what MarshalJSON wrote. Documents are read at every interaction, so it does not take the long way round.
func (d *Days) UnmarshalJSON(text []byte) error {
	inner, ok := bytes.CutPrefix(bytes.TrimSpace(text), []byte("["))
	inner, closed := bytes.CutSuffix(inner, []byte("]"))
	if !ok || !closed {
		return errDays
	}
	if len(bytes.TrimSpace(inner)) == 0 {
		*d = Days{}
		return nil
	}
	days, place := make(Days, 0, bytes.Count(inner, []byte(","))/3+1), 0
	for field := range bytes.SplitSeq(inner, []byte(",")) {
		field = bytes.TrimSpace(field)
		n, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			return errDays
		}
		switch place % 3 {
		case 0:
			days = append(days, Tally{Day: fact.Day(n)})
		case 1:
			days[len(days)-1].Count = n
		default:
			days[len(days)-1].Sum = n
		}
		place++
	}
	if place%3 != 0 {
		return errDays
	}
	*d = days
	return nil
}
