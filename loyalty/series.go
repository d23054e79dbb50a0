package loyalty

import (
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
	c.Days = slices.Clone(s.Days)
	return &c
}

// add takes in one thing that happened on a day, with a value. Days are kept if keep is above 0 or they were before.
func (s *Series) add(at time.Time, day fact.Day, value int64, keep int, zone *time.Location) {
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

// forget leaves out the days before one.
func (s *Series) forget(before fact.Day) {
	first := s.Days.from(before)
	if first > 0 {
		s.Days, s.Since = slices.Delete(s.Days, 0, first), before
	}
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
