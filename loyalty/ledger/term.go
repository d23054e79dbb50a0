package ledger

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"granaio/loyalty/fact"
)

// Term is a length of time as a programme states it: "12 months", "30 days". The zero term is no term at all.
type Term struct{ Months, Days int }

// The longest term: a hundred years.
const (
	maxMonths = 1200
	maxDays   = 36525
)

// ErrTerm is the error of a text that is no term.
var ErrTerm = errors.New("not a length of time")

// IsZero tells whether there is no term.
func (t Term) IsZero() bool { return t == Term{} }

// After is when the term that begins at an instant has passed: at the end of its last day in the zone, so that what is given "until 31 March" lasts
// through all of 31 March. The result is the first instant that is no longer within the term, in UTC: the local midnight with which the next day
// begins, or the clock's first instant of that day where summer time leaves midnight out. The zero term never ends: the zero time.
//
// The last day is counted from the local day on which the term begins, months first. Months clamp: a month from 31 January is the end of February.
func (t Term) After(begins time.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	year, month, day := begins.In(zone).Date()
	month += time.Month(t.Months)
	length := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return firstInstant(time.Date(year, month, min(day, length)+t.Days+1, 0, 0, 0, 0, time.UTC), zone)
}

// Before is the first instant of the local day that lies the term before the last day of something that ends at an instant which After gave: "30 days"
// before the end of 31 December is the beginning of 1 December. Months clamp, and come first. Before the zero time, for never, is the zero time.
func (t Term) Before(end time.Time, zone *time.Location) time.Time {
	if end.IsZero() {
		return time.Time{}
	}
	year, month, day := LastDay(end, zone).Date()
	month -= time.Month(t.Months)
	length := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return firstInstant(time.Date(year, month, min(day, length)-t.Days, 0, 0, 0, 0, time.UTC), zone)
}

// LastDay is the last local day before an end that After gave: the day of "until 31 March".
func LastDay(end time.Time, zone *time.Location) fact.Day {
	return fact.DayOf(end.Add(-time.Nanosecond), zone)
}

// begin is the first instant of a day in a zone, and end that of the day after it.
func begin(day fact.Day, zone *time.Location) time.Time {
	year, month, date := day.Date()
	return firstInstant(time.Date(year, month, date, 0, 0, 0, 0, time.UTC), zone)
}

func end(day fact.Day, zone *time.Location) time.Time { return begin(day+1, zone) }

// firstInstant is the first instant of a day (midnight in UTC) in a zone, or of the next if the zone leaves the whole day out. Where clocks are put
// forward at midnight there is none, where they are put back there are two: time.Date alone may answer with the evening before, or the second.
func firstInstant(day time.Time, zone *time.Location) time.Time {
	year, month, date := day.Date()
	t := time.Date(year, month, date, 0, 0, 0, 0, zone)
	wanted := fact.DayOf(day, time.UTC)
	start, end := t.ZoneBounds()
	switch {
	case fact.DayOf(t, zone) < wanted: // midnight is left out
		t = end
	case !start.IsZero() && fact.DayOf(start.Add(-time.Nanosecond), zone) == wanted: // midnight may have come before
		_, offset := start.Add(-time.Nanosecond).Zone()
		t = day.Add(-time.Duration(offset) * time.Second)
	}
	return t.UTC()
}

// String is the term as ParseTerm reads it, in months and days; empty for the zero term.
func (t Term) String() string {
	var parts []string
	if t.Months != 0 {
		parts = append(parts, counted(t.Months, "month"))
	}
	if t.Days != 0 {
		parts = append(parts, counted(t.Days, "day"))
	}
	return strings.Join(parts, " ")
}

func counted(n int, unit string) string {
	if n != 1 {
		unit += "s"
	}
	return strconv.Itoa(n) + " " + unit
}

// ParseTerm reads a term: a number and a unit, once or more ("12 months", "30 days", "2 weeks", "1 year 6 months"). A year is 12 months, a week is 7
// days. It is of at least a day and at most 100 years.
func ParseTerm(text string) (Term, error) {
	wrong := func(why string) (Term, error) {
		return Term{}, fmt.Errorf("%w: %s in %q; write a number and days, weeks, months or years, such as \"12 months\"", ErrTerm, why, text)
	}
	words := strings.Fields(text)
	if len(words) == 0 || len(words)%2 != 0 {
		return wrong("a number or a unit is missing")
	}
	var t Term
	seen := map[string]bool{}
	for i := 0; i < len(words); i += 2 {
		n, err := strconv.ParseUint(words[i], 10, 16)
		if err != nil || n == 0 {
			return wrong(strconv.Quote(words[i]) + " is no whole number from 1 to 65535")
		}
		unit := strings.TrimSuffix(words[i+1], "s")
		if seen[unit] {
			return wrong("the unit " + unit + " comes twice")
		}
		seen[unit] = true
		switch unit {
		case "day":
			t.Days += int(n)
		case "week":
			t.Days += 7 * int(n)
		case "month":
			t.Months += int(n)
		case "year":
			t.Months += 12 * int(n)
		default:
			return wrong(strconv.Quote(words[i+1]) + " is no unit")
		}
	}
	if t.Months > maxMonths || t.Days > maxDays {
		return wrong("more than 100 years")
	}
	return t, nil
}

// MarshalText writes the term as String does.
func (t Term) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads a term as ParseTerm does; an empty text is the zero term.
func (t *Term) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*t = Term{}
		return nil
	}
	parsed, err := ParseTerm(string(text))
	if err == nil {
		*t = parsed
	}
	return err
}

// Following is when a term that begins after the last moment of a day has passed, as After counts: three months following 31 December end with 31 March.
// The zero term ends with the day itself.
func (t Term) Following(day fact.Day, zone *time.Location) time.Time {
	year, month, date := day.Date()
	month += time.Month(t.Months)
	length := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return firstInstant(time.Date(year, month, min(date, length)+t.Days+1, 0, 0, 0, 0, time.UTC), zone)
}
