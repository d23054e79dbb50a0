package expr_test

import (
	"testing"

	"pgregory.net/rapid"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

func TestWindowsAroundADay(t *testing.T) {
	for _, c := range []struct {
		window           expr.Window
		day, first, last string
	}{
		{expr.Day, "2026-05-20", "2026-05-20", "2026-05-20"},
		{expr.Week, "2026-05-20", "2026-05-18", "2026-05-24"},
		{expr.Week, "2026-05-18", "2026-05-18", "2026-05-24"},
		{expr.Week, "2026-05-24", "2026-05-18", "2026-05-24"},
		{expr.Week, "2027-01-01", "2026-12-28", "2027-01-03"},
		{expr.Week, "1969-12-28", "1969-12-22", "1969-12-28"},
		{expr.Month, "2028-02-29", "2028-02-01", "2028-02-29"},
		{expr.Month, "2026-12-31", "2026-12-01", "2026-12-31"},
		{expr.Year, "2026-12-31", "2026-01-01", "2026-12-31"},
		{"1d", "2026-05-20", "2026-05-20", "2026-05-20"},
		{"30d", "2026-03-01", "2026-01-31", "2026-03-01"},
	} {
		if first, last := c.window.Around(day(c.day)); first != day(c.first) || last != day(c.last) {
			t.Errorf("%s around %s is %d to %d", c.window, c.day, first, last)
		}
	}
}

func TestNoWindow(t *testing.T) {
	for _, w := range []expr.Window{"", "d", "0d", "-1d", "+1d", "01d", "732d", "1.5d", "days", "Month", "30 d", "99999999999999999999d"} {
		if _, ok := w.Days(); ok {
			t.Errorf("“%s” is taken for a window", w)
		}
	}
}

func TestWindowHoldsItsDayAndLooksNoFurtherBackThanItSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := rapid.SampledFrom([]expr.Window{expr.Day, expr.Week, expr.Month, expr.Year, "7d", "731d"}).Draw(t, "window")
		d := fact.Day(rapid.IntRange(-1000, 60000).Draw(t, "day"))
		days, _ := w.Days()
		if first, last := w.Around(d); first > d || last < d || int(d-first) > days {
			t.Fatalf("%d to %d around %d", first, last, d)
		}
	})
}

func TestValuesOfTypes(t *testing.T) {
	for _, c := range []struct {
		is    expr.Type
		value any
		ok    bool
	}{
		{expr.Int, 3.0, true}, {expr.Int, int64(3), true}, {expr.Int, 3.5, false}, {expr.Int, "3", false}, {expr.Int, float64(1 << 54), false}, {expr.Int, int64(1 << 53), false},
		{expr.Double, 3.5, true}, {expr.Double, int64(3), true}, {expr.String, "x", true}, {expr.String, nil, false}, {expr.Bool, true, true}, {expr.Bool, "true", false},
		{expr.Strings, []any{"a"}, true}, {expr.Strings, []any{}, true}, {expr.Strings, []any{1.0}, false}, {expr.Strings, "a", false}, {expr.Strings, make([]string, 101), false},
		{expr.Strings, map[string]any{}, false},
	} {
		if v, ok := c.is.Accept(c.value); ok != c.ok {
			t.Errorf("%v as %s: %v, %t", c.value, c.is, v, ok)
		}
	}
}
