package mission_test

import (
	"testing"

	"pgregory.net/rapid"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/mission"
)

func TestPeriodsHaveNames(t *testing.T) {
	for _, c := range []struct {
		every mission.Every
		day   fact.Day
		want  string
	}{
		{mission.Once, 20577, ""}, {mission.Day, 20577, "2026-05-04"}, {mission.Week, 20577, "2026-W19"}, {mission.Week, 20576, "2026-W18"},
		{mission.Week, 20819, "2026-W53"}, {mission.Month, 20577, "2026-05"}, {mission.Year, 20577, "2026"},
	} {
		if got := c.every.Period(c.day); got != c.want {
			t.Errorf("%q of day %d is %q, not %q", c.every, c.day, got, c.want)
		}
	}
}

// Two days are in one period exactly if the calendar's window around the one holds the other, and names sort as days do.
func TestPeriodsAreTheCalendarsWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		every := rapid.SampledFrom(mission.Recurrences).Draw(t, "every")
		day := fact.Day(rapid.IntRange(0, 50000).Draw(t, "day"))
		other := day + fact.Day(rapid.IntRange(0, 500).Draw(t, "later"))
		_, last := expr.Window(every).Around(day)
		a, b := every.Period(day), every.Period(other)
		if (a == b) != (other <= last) || a > b {
			t.Fatalf("day %d is in %s, day %d in %s", day, a, other, b)
		}
	})
}

func TestAnotherRhythmCountsApart(t *testing.T) {
	m := mission.Mission{Key: "x"}
	names := map[string]bool{}
	for _, e := range append(mission.Recurrences, mission.Once) {
		m.Every = e
		names[m.Counter()] = true
	}
	if len(names) != 5 {
		t.Errorf("%v", names)
	}
}
