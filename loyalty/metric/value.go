package metric

import (
	"strconv"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// Value is what a metric says.
type Value struct {
	// Of is an int64, string, bool or time.Time, as the metric's type has it; nil if there is nothing yet to take it of.
	Of any
	// AtLeast is whether there are more different values than are told apart: it is at least so many.
	AtLeast bool
	// Unknown is whether the window looks at days of which not all is known.
	Unknown bool
}

// Value is what the metric says as of a day, its window's.
func (m *Metric) Value(s *State, day fact.Day) Value {
	b, v := m.merged(s, day)
	if v.Unknown {
		return v
	}
	switch m.Take {
	case Count:
		v.Of = b.Count
	case Sum:
		v.Of = whole(b.Number)
	case Distinct:
		v.Of = int64(len(b.Values))
		v.AtLeast = v.AtLeast || b.More
	case Interval:
		if b.Count > 1 {
			v.Of = average(b.Number-b.Begin, b.Count-1)
		}
	default:
		if b.Count > 0 {
			v.Of = m.taken(&b)
		}
	}
	return v
}

// whole keeps a sum within what is exact everywhere.
func whole(n int64) int64 { return max(min(n, fact.MaxMinor), -fact.MaxMinor) }

// average is so many microseconds divided by a number, in seconds, rounded to the nearest, halves up.
func average(microseconds, number int64) int64 {
	whole := number * 1_000_000
	seconds, rest := microseconds/whole, microseconds%whole
	if 2*rest >= whole {
		seconds++
	}
	return seconds
}

// taken is what was taken of the first, last, greatest or smallest.
func (m *Metric) taken(b *Bucket) any {
	switch {
	case m.Type == expr.Instant:
		return time.UnixMicro(b.Number).UTC()
	case m.Take == Most || m.Take == Least:
		return b.Number
	case m.Type == expr.Int:
		n, err := strconv.ParseInt(b.Text, 10, 64)
		if err != nil {
			return nil
		}
		return n
	case m.Type == expr.Bool:
		return b.Text == "true"
	}
	return b.Text
}

// merged is what the window holds, in one bucket.
func (m *Metric) merged(s *State, day fact.Day) (b Bucket, v Value) {
	if s == nil || len(s.Buckets) == 0 && s.Since == 0 {
		return b, v
	}
	if !m.Windowed() {
		return s.Buckets[0], v
	}
	first, last := m.window.around(day)
	if first < s.Since {
		if m.Take != Distinct {
			return b, Value{Unknown: true}
		}
		v.AtLeast = true
	}
	for i := s.from(first); i < len(s.Buckets) && s.Buckets[i].Day <= last; i++ {
		m.join(&b, &s.Buckets[i])
	}
	return b, v
}

// join takes a later bucket into one.
func (m *Metric) join(b, later *Bucket) {
	if b.Count == 0 {
		*b = *later
		if m.Take == Distinct {
			b.Values = make(map[string]int64, len(later.Values))
			for value := range later.Values {
				b.Values[value] = 1
			}
		}
		return
	}
	b.Count += later.Count
	switch m.Take {
	case Sum:
		b.Number += later.Number
	case Most:
		b.Number = max(b.Number, later.Number)
	case Least:
		b.Number = min(b.Number, later.Number)
	case Last:
		b.Number, b.ID, b.Text = later.Number, later.ID, later.Text
	case Interval:
		b.Number = later.Number
	case Distinct:
		for value := range later.Values {
			b.Values[value] = 1
		}
		b.More = b.More || later.More
	}
}
