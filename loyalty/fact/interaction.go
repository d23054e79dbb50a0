package fact

import "time"

// Interaction is one thing that happened to a member: a purchase, a page view, an enrolment.
type Interaction struct {
	ID         ID
	Event      string         // the event's name, as the programme declares it
	Touchpoint string         // the key of the touchpoint it came through
	Occurred   time.Time      // when it happened, UTC
	Received   time.Time      // when Granaio heard of it, UTC
	Value      *Money         // what was paid, if anything; never negative
	Lines      []Line         // what it was paid for, as far as it was said
	Properties map[string]any // free properties, as JSON has them: string, float64, bool, nil, map, slice; whole numbers as int64
}

// Line is one line of a purchase: so many pieces of something, and what was paid for all of them.
type Line struct {
	Reference string `json:"reference"` // names it within the interaction: an article number
	Quantity  int64  `json:"quantity"`
	Amount    int64  `json:"amount"` // in minor units
}

// Price gives an interaction that came without a value that of its lines, if it has some.
func (i *Interaction) Price(c Currency) {
	if i.Value == nil && len(i.Lines) > 0 {
		i.Value = &Money{Total(i.Lines), c}
	}
}

// Total is what was paid for the lines together.
func Total(lines []Line) (sum int64) {
	for _, l := range lines {
		sum += l.Amount
	}
	return sum
}

// Instant cuts a time to what is stored: UTC, whole microseconds.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// Day is a calendar day, as the number of days since 1 January 1970.
type Day int32

// DayOf is the day of an instant in a zone.
func DayOf(t time.Time, zone *time.Location) Day {
	y, m, d := t.In(zone).Date()
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Date is the day's year, month and day.
func (d Day) Date() (int, time.Month, int) { return time.Unix(int64(d)*86400, 0).UTC().Date() }

// Months is the day that lies so many months later; they clamp: the last of a month stands for those it has not.
func (d Day) Months(n int) Day {
	y, m, date := d.Date()
	first := time.Date(y, m+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	date = min(date, first.AddDate(0, 1, -1).Day())
	return DayOf(time.Date(first.Year(), first.Month(), date, 0, 0, 0, 0, time.UTC), time.UTC)
}

// Start is the first instant of the day in a zone.
func (d Day) Start(zone *time.Location) time.Time {
	y, m, day := d.Date()
	return time.Date(y, m, day, 0, 0, 0, 0, zone).UTC()
}
