package fact

import "time"

// The years that a date of a person's may lie in.
const (
	FirstYear = 1800
	LastYear  = 2200
)

// ParseDay reads a calendar day as people write it to programs: 2024-02-29. It is false for what is none, or lies beyond FirstYear and LastYear.
func ParseDay(text string) (Day, bool) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < FirstYear || t.Year() > LastYear {
		return 0, false
	}
	return DayOf(t, time.UTC), true
}

// Text is the day as ParseDay reads it.
func (d Day) Text() string { return time.Unix(int64(d)*86400, 0).UTC().Format(time.DateOnly) }

// AddMonths is the same day of a month so many months later; the month's last if it has no such day.
func (d Day) AddMonths(n int) Day {
	y, m, day := d.Date()
	first := time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Day(first.Unix()/86400) + Day(min(day, last)-1)
}

// MonthsUntil is how many months are over from the day to another, in the sense of AddMonths; negative from the day before it on.
func (d Day) MonthsUntil(other Day) int {
	y, m, _ := d.Date()
	oy, om, _ := other.Date()
	n := (oy-y)*12 + int(om-m)
	if d.AddMonths(n) > other {
		n--
	}
	return n
}
