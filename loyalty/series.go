package loyalty

import (
	"math"
	"slices"
	"time"

	"granaio/loyalty/fact"
)

// clone is a copy that can be changed.
func (s *Series) clone() *Series {
	if s == nil {
		return &Series{}
	}
	c := *s
	c.Days, c.Marks = slices.Clone(s.Days), slices.Clone(s.Marks)
	return &c
}

// retention is how much of a series is kept besides its totals.
type retention struct {
	days  int        // before the latest; 0 for none
	marks []fact.Day // of what happened before each; in order
}

// add takes in one thing that happened on a day, with a value. Days are kept if they are to be or were before.
func (s *Series) add(at time.Time, day fact.Day, value int64, r retention, zone *time.Location) {
	s.mark(r.marks, zone)
	for i := range s.Marks {
		if day < s.Marks[i].Day {
			s.Marks[i].Count++
			s.Marks[i].Sum = plus(s.Marks[i].Sum, value)
		}
	}
	keep := r.days
	if keep > 0 && s.Keep == 0 && s.Count > 0 {
		s.Since = fact.DayOf(s.Last, zone) + 1 // what came before was not kept by day
	}
	s.Keep = max(s.Keep, keep)
	s.Count++
	s.Sum = plus(s.Sum, value)
	if s.First.IsZero() || at.Before(s.First) {
		s.First = at
	}
	if at.After(s.Last) {
		s.Last = at
	}
	if s.Keep > 0 && day >= s.Since {
		s.Days = s.Days.add(day, value)
		s.forget(fact.DayOf(s.Last, zone) - fact.Day(s.Keep))
	}
}

// remove takes out what add took in: so many things that happened on a day, and so much of their value. The first and the last are not looked at.
func (s *Series) remove(day fact.Day, count, value int64) {
	s.Count, s.Sum = max(s.Count-count, 0), max(s.Sum-value, 0)
	for i := range s.Marks {
		if t := &s.Marks[i]; day < t.Day {
			t.Count, t.Sum = max(t.Count-count, 0), max(t.Sum-value, 0)
		}
	}
	place := s.Days.from(day)
	if place == len(s.Days) || s.Days[place].Day != day {
		return // that day was never kept, or is no longer
	}
	t := &s.Days[place]
	if t.Count, t.Sum = max(t.Count-count, 0), max(t.Sum-value, 0); *t == (Tally{Day: day}) {
		s.Days = slices.Delete(s.Days, place, place+1)
	}
}

// forget leaves out the days before one.
func (s *Series) forget(before fact.Day) {
	first := s.Days.from(before)
	if first > 0 {
		s.Days, s.Since = slices.Delete(s.Days, 0, first), before
	}
}

// maxMarks is how many marks a series keeps at most.
const maxMarks = 32

// mark makes marks at days, where what happened before is known. Those that nobody counts from any more go if there are too many.
func (s *Series) mark(days []fact.Day, zone *time.Location) {
	for _, day := range days {
		if place := s.Marks.from(day); place == len(s.Marks) || s.Marks[place].Day != day {
			if before, known := s.before(day, zone); known {
				s.Marks = slices.Insert(s.Marks, place, before)
			}
		}
	}
	if len(s.Marks) > maxMarks {
		s.Marks = slices.DeleteFunc(s.Marks, func(t Tally) bool { return !slices.Contains(days, t.Day) })
	}
}

// before is what happened before a day; false if that is not known.
func (s *Series) before(day fact.Day, zone *time.Location) (Tally, bool) {
	if place := s.Marks.from(day); place < len(s.Marks) && s.Marks[place].Day == day {
		return s.Marks[place], true
	}
	switch {
	case s.Count == 0 || fact.DayOf(s.First, zone) >= day:
		return Tally{Day: day}, true
	case fact.DayOf(s.Last, zone) < day:
		return Tally{day, s.Count, s.Sum}, true
	}
	count, sum, known := s.within(day, math.MaxInt32)
	return Tally{day, s.Count - count, s.Sum - sum}, known
}

// since is the count and sum from a day on; false if that is not known.
func (s *Series) since(first fact.Day, zone *time.Location) (count, sum int64, known bool) {
	if s == nil {
		return 0, 0, true
	}
	before, known := s.before(first, zone)
	return s.Count - before.Count, s.Sum - before.Sum, known
}

// within is the count and sum from the first to the last day; false if not all of it is known.
func (s *Series) within(first, last fact.Day) (count, sum int64, known bool) {
	if s == nil {
		return 0, 0, true
	}
	if s.Keep == 0 || first < s.Since {
		return 0, 0, false
	}
	for _, t := range s.Days[s.Days.from(first):] {
		if t.Day > last {
			break
		}
		count, sum = count+t.Count, plus(sum, t.Sum)
	}
	return count, sum, true
}

// from is the place of the first day that is not before one.
func (d Days) from(day fact.Day) int {
	place, _ := slices.BinarySearchFunc(d, day, func(t Tally, day fact.Day) int { return int(t.Day) - int(day) })
	return place
}

func (d Days) add(day fact.Day, value int64) Days {
	place := d.from(day)
	if place == len(d) || d[place].Day != day {
		d = slices.Insert(d, place, Tally{Day: day})
	}
	d[place].Count++
	d[place].Sum = plus(d[place].Sum, value)
	return d
}

// plus adds, and stops at the greatest number that is kept exactly everywhere.
func plus(a, b int64) int64 { return min(a+b, fact.MaxMinor) }
