package metric

import (
	"strconv"
	"strings"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// window is the stretch of days that a metric is over; the zero window is all time.
type window struct {
	calendar expr.Window // day, week, month, year, or so many days
	months   int         // rolling months
}

func (w window) allTime() bool { return w == window{} }

// days is how many days before its own it may look at.
func (w window) days() int {
	if w.months > 0 {
		return 31 * w.months
	}
	days, _ := w.calendar.Days()
	return days
}

// around is the first and last day of the window of a day.
func (w window) around(day fact.Day) (first, last fact.Day) {
	if w.months > 0 {
		return day.Months(-w.months) + 1, day
	}
	return w.calendar.Around(day)
}

var calendar = []string{string(expr.Day), string(expr.Week), string(expr.Month), string(expr.Year)}

// parseWindow reads a window and reports what is none.
func parseWindow(text string, r fact.Report) (w window) {
	switch expr.Window(text) {
	case "", expr.Day, expr.Week, expr.Month, expr.Year:
		return window{calendar: expr.Window(text)}
	}
	if _, err := time.Parse(time.DateOnly, text); err == nil {
		r.Say("a window has an end: what happened since “%s” grows for ever; leave it out for all time", text)
		return w
	}
	number, unit, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(number)
	switch {
	case err != nil || unit != "days" && unit != "day" && unit != "months" && unit != "month":
		r.Say("“%s” is not a window: those are day, week, month and year of the calendar, and a number of days or months, such as 30 days%s", text, fact.Nearest(text, calendar))
	case strings.HasPrefix(unit, "day") && (n < 1 || n > expr.MaxDays):
		r.Say("a window has 1 to %d days, not %d", expr.MaxDays, n)
	case strings.HasPrefix(unit, "month") && (n < 1 || n > MaxMonths):
		r.Say("a window has 1 to %d months, not %d", MaxMonths, n)
	case strings.HasPrefix(unit, "day"):
		w.calendar = expr.Window(strconv.Itoa(n) + "d")
	default:
		w.months = n
	}
	return w
}
