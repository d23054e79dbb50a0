package metric

import (
	"maps"
	"slices"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// State is what is kept of a metric for a member. It is never changed in place.
type State struct {
	// Since is the first day of which something is known; 0 if that is all days.
	Since fact.Day
	// Buckets are what happened, by day, in order; of a metric over all time there is one at most, of day 0.
	Buckets []Bucket
}

// Bucket is what happened in a stretch of time. What is empty is of another take.
type Bucket struct {
	Day   fact.Day
	Count int64
	// Number is the sum, the greatest, the smallest, or the instant of the first or last, in microseconds; of an interval the latest instant.
	Number int64
	Begin  int64            // of an interval: the earliest instant
	ID     fact.ID          // of the first or last interaction
	Text   string           // what was taken of it, if not its time
	Values map[string]int64 // how often each different value came
	More   bool             // and there were others
}

func (s *State) clone() *State {
	if s == nil {
		return &State{}
	}
	return &State{s.Since, slices.Clone(s.Buckets)}
}

// from is the place of the first bucket that is not before a day.
func (s *State) from(day fact.Day) int {
	place, _ := slices.BinarySearchFunc(s.Buckets, day, func(b Bucket, day fact.Day) int { return int(b.Day) - int(day) })
	return place
}

// With is what is kept once an interaction is taken in. The scope is a place to work.
func (m *Metric) With(s *State, i *fact.Interaction, scope *expr.Scope) *State {
	c, ok := m.of(i, scope)
	if !ok && s != nil {
		return s
	}
	s = s.clone()
	if ok {
		m.add(s, &c)
	}
	return s
}

// Replace is what is kept once an interaction is what is left of it, nil for nothing. It is false if what is kept cannot tell: then Fold does, of all others and of
// what is left.
func (m *Metric) Replace(s *State, was, left *fact.Interaction, scope *expr.Scope) (*State, bool) {
	before, counted := m.of(was, scope)
	after, counts := contribution{}, false
	if left != nil {
		after, counts = m.of(left, scope)
	}
	if counted == counts && before == after {
		return s, true
	}
	s = s.clone()
	if counted && !m.remove(s, &before) {
		return s, false
	}
	if counts {
		m.add(s, &after)
	}
	return s, true
}

// Fold is what is kept of interactions, in whatever order. Those of other events are passed over.
func (m *Metric) Fold(all []fact.Interaction) *State {
	s, scope := &State{}, &expr.Scope{}
	for i := range all {
		if m.Touches(all[i].Event) {
			if c, ok := m.of(&all[i], scope); ok {
				m.add(s, &c)
			}
		}
	}
	return s
}

// add takes a contribution in.
func (m *Metric) add(s *State, c *contribution) {
	day := fact.Day(0)
	if m.Windowed() {
		day = c.day
		latest := day
		if n := len(s.Buckets); n > 0 {
			latest = max(latest, s.Buckets[n-1].Day)
		}
		floor := latest - fact.Day(m.keep)
		old := s.from(floor)
		if old > 0 {
			s.Buckets = slices.Delete(s.Buckets, 0, old)
		}
		if old > 0 || day < floor || s.Since > 0 {
			s.Since = max(s.Since, floor)
		}
		if day < s.Since {
			return
		}
	}
	place := s.from(day)
	if place == len(s.Buckets) || s.Buckets[place].Day != day {
		s.Buckets = slices.Insert(s.Buckets, place, Bucket{Day: day})
	}
	m.count(&s.Buckets[place], c)
	if m.Take == Distinct && m.Windowed() {
		s.cap()
	}
}

// count takes a contribution into its bucket.
func (m *Metric) count(b *Bucket, c *contribution) {
	b.Count++
	fresh := b.Count == 1
	switch m.Take {
	case Sum:
		b.Number += c.number
	case Most:
		if fresh || c.number > b.Number {
			b.Number = c.number
		}
	case Least:
		if fresh || c.number < b.Number {
			b.Number = c.number
		}
	case First, Last:
		if fresh || m.Take == First && c.earlier(b) || m.Take == Last && !c.earlier(b) {
			b.Number, b.ID, b.Text = c.at, c.id, c.text
			if m.Of == ofTime {
				b.ID, b.Text = fact.ID{}, ""
			}
		}
	case Interval:
		if fresh || c.at < b.Begin {
			b.Begin = c.at
		}
		if fresh || c.at > b.Number {
			b.Number = c.at
		}
	case Distinct:
		if _, known := b.Values[c.text]; !known && len(b.Values) >= MaxDistinct {
			b.More = true
			return
		}
		values := make(map[string]int64, len(b.Values)+1)
		maps.Copy(values, b.Values)
		values[c.text]++
		b.Values = values
	}
}

// earlier tells whether a contribution comes before that of a bucket.
func (c *contribution) earlier(b *Bucket) bool {
	if c.at != b.Number {
		return c.at < b.Number
	}
	return string(c.id[:]) < string(b.ID[:])
}

// cap forgets the oldest days while there are more values than are told apart.
func (s *State) cap() {
	total := 0
	for i := range s.Buckets {
		total += len(s.Buckets[i].Values)
	}
	old := 0
	for ; total > MaxDistinct && old < len(s.Buckets)-1; old++ {
		total -= len(s.Buckets[old].Values)
		s.Since = max(s.Since, s.Buckets[old].Day+1)
	}
	s.Buckets = slices.Delete(s.Buckets, 0, old)
}

// remove takes a contribution out; false if that cannot be told from what is kept.
func (m *Metric) remove(s *State, c *contribution) bool {
	day := fact.Day(0)
	if m.Windowed() {
		if day = c.day; day < s.Since {
			return false // it is not kept; without it days that were forgotten might be
		}
	}
	place := s.from(day)
	if place == len(s.Buckets) || s.Buckets[place].Day != day {
		return false
	}
	b := &s.Buckets[place]
	if m.Take == Distinct && (b.More || s.Since > 0) {
		return false
	}
	if b.Count == 1 {
		if s.Since > 0 && place == len(s.Buckets)-1 {
			return false // days that were forgotten may be kept again
		}
		s.Buckets = slices.Delete(s.Buckets, place, place+1)
		return true
	}
	switch b.Count--; m.Take {
	case Sum:
		b.Number -= c.number
	case Most, Least:
		return c.number != b.Number
	case First, Last:
		return c.at != b.Number || c.id != b.ID && m.Of != ofTime
	case Interval:
		return c.at != b.Number && c.at != b.Begin
	case Distinct:
		values := maps.Clone(b.Values)
		if values[c.text]--; values[c.text] <= 0 {
			delete(values, c.text)
		}
		b.Values = values
	}
	return true
}

// Equal tells whether the same is kept. What was never begun is as what is empty.
func (s *State) Equal(o *State) bool {
	if s == nil || o == nil {
		return (s == nil || len(s.Buckets) == 0) && (o == nil || len(o.Buckets) == 0)
	}
	return s.Since == o.Since && slices.EqualFunc(s.Buckets, o.Buckets, func(a, b Bucket) bool {
		return a.Day == b.Day && a.Count == b.Count && a.Number == b.Number && a.Begin == b.Begin && a.ID == b.ID && a.Text == b.Text && a.More == b.More &&
			(a.More || maps.Equal(a.Values, b.Values)) // of more than can be told apart it does not matter which are
	})
}

// Join is what is kept of two members that are made one.
func (m *Metric) Join(a, b *State) *State {
	s := a.clone()
	s.Since = max(a.Since, b.Since)
	for _, x := range b.Buckets {
		place := s.from(x.Day)
		if place == len(s.Buckets) || s.Buckets[place].Day != x.Day {
			s.Buckets = slices.Insert(s.Buckets, place, x)
			continue
		}
		s.Buckets[place] = m.both(s.Buckets[place], x)
	}
	if n := len(s.Buckets); m.Windowed() && n > 0 {
		floor := s.Buckets[n-1].Day - fact.Day(m.keep)
		if old := s.from(floor); old > 0 || s.Since > 0 {
			s.Since = max(s.Since, floor)
		}
		s.Buckets = slices.Delete(s.Buckets, 0, s.from(s.Since))
		if m.Take == Distinct {
			s.cap()
		}
	}
	return s
}

// both is what happened to either in the same stretch of time.
func (m *Metric) both(a, b Bucket) Bucket {
	first, last := a, b
	if later := (&contribution{at: a.Number, id: a.ID}); !later.earlier(&b) {
		first, last = b, a
	}
	c := a
	c.Count = a.Count + b.Count
	switch m.Take {
	case Sum:
		c.Number = a.Number + b.Number
	case Most:
		c.Number = max(a.Number, b.Number)
	case Least:
		c.Number = min(a.Number, b.Number)
	case First:
		c.Number, c.ID, c.Text = first.Number, first.ID, first.Text
	case Last:
		c.Number, c.ID, c.Text = last.Number, last.ID, last.Text
	case Interval:
		c.Begin, c.Number = min(a.Begin, b.Begin), max(a.Number, b.Number)
	case Distinct:
		c.Values, c.More = maps.Clone(a.Values), a.More || b.More
		for value, n := range b.Values {
			if _, known := c.Values[value]; !known && len(c.Values) >= MaxDistinct {
				c.More = true
				continue
			}
			c.Values[value] += n
		}
	}
	return c
}
