package schedule

import (
	"time"

	"granaio/loyalty/fact"
)

// Schedule is a compiled schedule. The zero value is always open.
type Schedule struct {
	zone     *time.Location
	openings []opening
}

// opening is when one Spec opens. A mask that is 0 does not narrow.
type opening struct {
	months   uint16 // bit 0 is January
	weekdays uint8  // bit 0 is Sunday
	days     uint32 // bit 1 is the first of the month
	fromEnd  uint32 // bit 1 is the last of the month
	hours    []stretch
}

// stretch is some minutes of a day, from the first, before the last; beyond 1,440 they are of the next day.
type stretch struct{ from, until int }

const (
	dayMinutes = 24 * 60
	// cycle is after how many days the calendar repeats itself, weekdays included: 400 years.
	cycle = 146_097
)

// Always tells whether there is nothing to wait for.
func (s Schedule) Always() bool { return len(s.openings) == 0 }

// Holds tells whether it is open at an instant.
func (s Schedule) Holds(t time.Time) bool {
	if s.Always() {
		return true
	}
	local := t.In(s.zone)
	day, minute := fact.DayOf(t, s.zone), local.Hour()*60+local.Minute()
	for i := range s.openings {
		if s.openings[i].holds(day, minute) {
			return true
		}
	}
	return false
}

// Next is the first instant, not before the given one, at which it is open. It is false if it never is again.
func (s Schedule) Next(t time.Time) (time.Time, bool) {
	if s.Holds(t) {
		return t, true
	}
	first := fact.DayOf(t, s.zone)
	for day := first; day <= first+cycle; day++ {
		if opens, ok := s.nextOn(day, t); ok {
			return opens.UTC(), true
		}
	}
	return time.Time{}, false
}

// nextOn is the first instant of a day, not before the given one, at which it is open.
func (s Schedule) nextOn(day fact.Day, t time.Time) (first time.Time, ok bool) {
	var starts []int // minutes at which something may open
	for i := range s.openings {
		starts = s.openings[i].starts(starts, day)
	}
	if len(starts) == 0 {
		return time.Time{}, false
	}
	consider := func(at time.Time) {
		if !at.Before(t) && fact.DayOf(at, s.zone) == day && s.Holds(at) && (!ok || at.Before(first)) {
			first, ok = at, true
		}
	}
	y, m, d := day.Date()
	midnight := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	// The zone's offsets in the course of the day, and the instants at which they change: there the clock may jump into an opening.
	at, end := midnight.Add(-26*time.Hour).In(s.zone), midnight.Add(50*time.Hour)
	for {
		_, offset := at.Zone()
		for _, minute := range starts {
			consider(midnight.Add(time.Duration(minute)*time.Minute - time.Duration(offset)*time.Second))
		}
		_, change := at.ZoneBounds()
		if change.IsZero() || change.After(end) {
			return first, ok
		}
		consider(change)
		at = change
	}
}

// holds tells whether it is open at a minute of a day.
func (o *opening) holds(day fact.Day, minute int) bool {
	if o.on(day) {
		if len(o.hours) == 0 {
			return true
		}
		for _, h := range o.hours {
			if minute >= h.from && minute < h.until {
				return true
			}
		}
	}
	for _, h := range o.hours {
		if minute+dayMinutes < h.until && o.on(day-1) {
			return true
		}
	}
	return false
}

// starts adds the minutes of a day at which something opens or goes on from the day before.
func (o *opening) starts(to []int, day fact.Day) []int {
	if o.on(day) {
		if len(o.hours) == 0 {
			to = append(to, 0)
		}
		for _, h := range o.hours {
			to = append(to, h.from)
		}
	}
	for _, h := range o.hours {
		if h.until > dayMinutes && o.on(day-1) {
			return append(to, 0)
		}
	}
	return to
}

// on tells whether it opens on a day.
func (o *opening) on(day fact.Day) bool {
	if o.weekdays != 0 && o.weekdays>>((day%7+4+7)%7)&1 == 0 { // day 0, 1 January 1970, was a Thursday
		return false
	}
	if o.months == 0 && o.days == 0 && o.fromEnd == 0 {
		return true
	}
	y, m, d := day.Date()
	if o.months != 0 && o.months>>(m-1)&1 == 0 {
		return false
	}
	if o.days == 0 && o.fromEnd == 0 {
		return true
	}
	last := time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return o.days>>d&1 == 1 || o.fromEnd>>(last-d+1)&1 == 1
}
