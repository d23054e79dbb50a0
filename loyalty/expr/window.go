package expr

import (
	"strconv"
	"strings"
	"time"

	"granaio/loyalty/fact"
)

// Window is a stretch of days around or before a day: "day", "week", "month", "year", so many days ("30d"), or since a date ("2026-05-01").
type Window string

// The calendar's windows.
const (
	Day   Window = "day"
	Week  Window = "week" // ISO 8601: from Monday
	Month Window = "month"
	Year  Window = "year"
)

// MaxDays is the longest window in days.
const MaxDays = 731

// Days is how many days before its own the window may look at; 0 and false if it is no window.
func (w Window) Days() (int, bool) {
	switch w {
	case Day:
		return 0, true
	case Week:
		return 6, true
	case Month:
		return 30, true
	case Year:
		return 365, true
	}
	digits, ok := strings.CutSuffix(string(w), "d")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || n > MaxDays || digits[0] == '0' || digits[0] == '+' {
		return 0, false
	}
	return n - 1, true
}

// Since is the date since which the window counts; false if it is another kind of window.
func (w Window) Since() (fact.Day, bool) {
	if len(w) != len(time.DateOnly) { // asked at every evaluation, so what is no date is told cheaply
		return 0, false
	}
	t, err := time.Parse(time.DateOnly, string(w))
	return fact.DayOf(t, time.UTC), err == nil
}

// Around is the first and last day of the window of a day. It is not asked for a window that counts since a date.
func (w Window) Around(d fact.Day) (first, last fact.Day) {
	switch w {
	case Day:
		return d, d
	case Week:
		first = d - (d+3)%7 // day 0, 1 January 1970, was a Thursday
		if (d+3)%7 < 0 {
			first -= 7
		}
		return first, first + 6
	case Month:
		y, m, _ := d.Date()
		return dayOf(y, m, 1), dayOf(y, m+1, 1) - 1
	case Year:
		y, _, _ := d.Date()
		return dayOf(y, time.January, 1), dayOf(y+1, time.January, 1) - 1
	}
	days, _ := w.Days()
	return d - fact.Day(days), d
}

func dayOf(y int, m time.Month, d int) fact.Day {
	return fact.DayOf(time.Date(y, m, d, 0, 0, 0, 0, time.UTC), time.UTC)
}
