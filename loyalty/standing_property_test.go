package loyalty_test

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// plainPeriod is a way to count that a person would work out with a calendar: which days count together with one, and the last day for which what they
// reach holds.
type plainPeriod struct {
	policy   loyalty.TierPolicy
	together func(day, other time.Time) bool
	holds    func(day time.Time) time.Time
}

// marchYear is the year that begins on 1 March.
func marchYear(t time.Time) int {
	if t.Month() < time.March {
		return t.Year() - 1
	}
	return t.Year()
}

// monthsBefore clamps: a month before 31 March is the end of February.
func monthsBefore(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()-time.Month(n), 1, 12, 0, 0, 0, time.UTC)
	return first.AddDate(0, 0, min(t.Day(), first.AddDate(0, 1, -1).Day())-1)
}

func somePeriod(t *rapid.T) plainPeriod {
	grace := rapid.IntRange(1, 40).Draw(t, "grace")
	policy := loyalty.TierPolicy{Fall: "straight", Grace: strconv.Itoa(grace) + " days"}
	if rapid.Bool().Draw(t, "yearly") {
		policy.Period, policy.YearStarts = "calendar_year", "03-01"
		return plainPeriod{
			policy, func(day, other time.Time) bool { return marchYear(day) == marchYear(other) && !other.After(day) },
			func(day time.Time) time.Time {
				return time.Date(marchYear(day)+2, time.March, grace, 12, 0, 0, 0, time.UTC)
			},
		}
	}
	months := rapid.IntRange(1, 14).Draw(t, "months")
	policy.Period, policy.RollingMonths = "rolling", months
	return plainPeriod{
		policy, func(day, other time.Time) bool { return !other.After(day) && other.After(monthsBefore(day, months)) },
		func(day time.Time) time.Time { return day.AddDate(0, 0, grace) },
	}
}

// A member's tier is the highest that what counted on some day reached and whose time is not over, whether or not anybody has booked a fall meanwhile.
func TestATierIsWhatTheDaysSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		period := somePeriod(t)
		begin := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
		spent := map[int]int64{} // euros, by days since
		for range rapid.IntRange(1, 8).Draw(t, "purchases") {
			spent[rapid.IntRange(0, 800).Draw(t, "day")] = rapid.Int64Range(20, 1100).Draw(t, "euros")
		}
		now := rapid.IntRange(0, 1700).Draw(t, "now")

		want := 0
		for day := range now + 1 {
			d, sum := begin.AddDate(0, 0, day), int64(0)
			for other, euros := range spent {
				if period.together(d, begin.AddDate(0, 0, other)) {
					sum += euros
				}
			}
			level := 0
			for _, at := range []int64{100, 500} {
				if sum >= at {
					level++
				}
			}
			if !begin.AddDate(0, 0, now).After(period.holds(d)) {
				want = max(want, level)
			}
		}

		s := &someone{p: compiled(t, falling(period.policy)), n: 100, state: &loyalty.State{Member: loyalty.Member{
			ID: id(fact.KindMember, 1), Account: id(fact.KindAccount, 1), Status: loyalty.Registered, Enrolled: at("2026-01-02 10:00"),
		}}}
		for day := range now + 1 {
			if euros := spent[day]; euros > 0 {
				i := s.interaction("purchase", begin.AddDate(0, 0, day).Format("2006-01-02 15:04"))
				i.Value = &fact.Money{Minor: 100 * euros, Currency: s.p.Currency()}
				if day%2 == 0 { // every other is decided about a member who was just swept
					s.state = loyalty.SettleTier(s.p, s.state, i.Occurred).State
				}
				e, refusal, err := loyalty.Decide(s.p, s.state, i, i.Occurred)
				if refusal != nil || err != nil {
					t.Fatal(refusal, err)
				}
				s.state = e.State
			}
		}
		asOf, _ := s.p.AsOf(s.state, begin.AddDate(0, 0, now))
		if got := []string{"", "silver", "gold"}[want]; asOf.Member.Tier != got {
			t.Fatalf("%v: after %d days it is %q, not %q", spent, now, asOf.Member.Tier, got)
		}
	})
}
