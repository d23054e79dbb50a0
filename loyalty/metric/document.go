package metric

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"

	"granaio/loyalty/fact"
)

// rare is what few metrics keep besides numbers, bucket by bucket.
type rare struct {
	Texts  []string           `json:"t,omitempty"`
	IDs    []fact.ID          `json:"i,omitempty"`
	Values []map[string]int64 `json:"v,omitempty"`
	More   []bool             `json:"m,omitempty"`
}

// MarshalJSON writes the first day that is known, then for each bucket its day, count, number and begin, in one list: [0,20574,2,1250,0]. Where there is more, it
// is an object that has that list and, bucket by bucket, the rest. The same state is written the same way, to the byte.
func (s *State) MarshalJSON() ([]byte, error) {
	b := append(make([]byte, 0, 24*len(s.Buckets)+8), '[')
	b = strconv.AppendInt(b, int64(s.Since), 10)
	plain := true
	for i := range s.Buckets {
		x := &s.Buckets[i]
		for _, n := range [...]int64{int64(x.Day), x.Count, x.Number, x.Begin} {
			b = strconv.AppendInt(append(b, ','), n, 10)
		}
		plain = plain && x.ID.IsZero() && x.Text == "" && x.Values == nil
	}
	if b = append(b, ']'); plain {
		return b, nil
	}
	r := rare{}
	for i := range s.Buckets {
		if x := &s.Buckets[i]; x.Values != nil {
			r.Values, r.More = append(r.Values, x.Values), append(r.More, x.More)
		} else {
			r.Texts, r.IDs = append(r.Texts, x.Text), append(r.IDs, x.ID)
		}
	}
	rest, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return append(append(append([]byte(`{"b":`), b...), ','), rest[1:]...), nil
}

var errState = errors.New("a metric's state is not as it is written")

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *State) UnmarshalJSON(text []byte) error {
	text = bytes.TrimSpace(text)
	if len(text) > 0 && text[0] == '[' {
		return s.read(text)
	}
	var all struct {
		Numbers json.RawMessage `json:"b"`
		rare
	}
	if err := json.Unmarshal(text, &all); err != nil {
		return err
	}
	if err := s.read(all.Numbers); err != nil {
		return err
	}
	n := len(s.Buckets)
	if len(all.Values) != len(all.More) || len(all.Texts) != len(all.IDs) || len(all.Values)+len(all.Texts) != n {
		return errState
	}
	for i := range s.Buckets {
		if all.Values != nil {
			s.Buckets[i].Values, s.Buckets[i].More = all.Values[i], all.More[i]
		} else {
			s.Buckets[i].Text, s.Buckets[i].ID = all.Texts[i], all.IDs[i]
		}
	}
	return nil
}

// read reads the list. Documents are read at every interaction, so it does not take the long way round.
func (s *State) read(text []byte) error {
	inner, ok := bytes.CutPrefix(bytes.TrimSpace(text), []byte("["))
	inner, closed := bytes.CutSuffix(inner, []byte("]"))
	if !ok || !closed {
		return errState
	}
	place, buckets := 0, make([]Bucket, 0, bytes.Count(inner, []byte(","))/4)
	for field := range bytes.SplitSeq(inner, []byte(",")) {
		n, err := strconv.ParseInt(string(bytes.TrimSpace(field)), 10, 64)
		if err != nil {
			return errState
		}
		switch b := len(buckets) - 1; {
		case place == 0:
			s.Since = fact.Day(n)
		case place%4 == 1:
			buckets = append(buckets, Bucket{Day: fact.Day(n)})
		case place%4 == 2:
			buckets[b].Count = n
		case place%4 == 3:
			buckets[b].Number = n
		default:
			buckets[b].Begin = n
		}
		place++
	}
	if place%4 != 1 {
		return errState
	}
	s.Buckets = buckets
	return nil
}
