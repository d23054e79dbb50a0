package loyalty_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/rule"
	"granaio/loyalty/why"
)

// limited is the bakery with one rule, a point per euro, within limits.
func limited(change func(*rule.Spec)) *loyalty.Spec {
	spec := bakery()
	spec.Missions, spec.Rules = nil, spec.Rules[:1]
	change(&spec.Rules[0])
	return spec
}

func TestLimitOfTimes(t *testing.T) {
	s := meet(t, limited(func(r *rule.Spec) { r.Limits = []rule.LimitSpec{{Times: 2, Per: "month"}, {Times: 3}} }))
	for _, step := range []struct {
		when  string
		want  fact.Points
		again string
	}{
		{"2026-05-04 10:00", 10, ""}, {"2026-05-31 23:59", 10, ""}, {"2026-05-31 23:59", 0, "2026-06-01 00:00"}, {"2026-06-01 00:00", 10, ""}, {"2026-06-02 00:00", 0, ""},
	} {
		e := s.buys(step.when, 1000)
		if got := points(e)["per-euro"]; got != step.want || (len(e.Withheld) == 0) != (got > 0) {
			t.Errorf("at %s: %d, %+v", step.when, got, e.Withheld)
		}
		for _, v := range e.Withheld {
			if v.Obstacle != why.Limited || v.Rule != "per-euro" || v.Full != 10 || step.again != "" && !v.Again.Equal(at(step.again)) || step.again == "" && (!v.Again.IsZero() || v.Times != 3 || v.Used != 3) {
				t.Errorf("at %s: %+v", step.when, v)
			}
		}
	}
}

func TestLimitOfPointsCutsOrSkips(t *testing.T) {
	for beyond, want := range map[rule.Beyond][]fact.Points{"": {10, 5, 0, 0}, rule.Cut: {10, 5, 0, 0}, rule.Skip: {10, 0, 4, 0}} {
		s := meet(t, limited(func(r *rule.Spec) { r.Limits, r.Beyond = []rule.LimitSpec{{Points: 15, Per: "7d"}}, beyond }))
		for i, cents := range []int64{1000, 1000, 400, 200} {
			e := s.buys("2026-05-04 10:00", cents)
			got := points(e)["per-euro"]
			if got != want[i] {
				t.Errorf("%s: purchase %d gives %d, not %d", beyond, i, got, want[i])
			}
			if i == 1 && got > 0 && (earned(e)[0].Withheld != 5 || e.Withheld[0].Points != 5 || e.Withheld[0].Limit != 15 || e.Withheld[0].Used != 10) {
				t.Errorf("what was cut is not told: %+v, %+v", earned(e), e.Withheld)
			}
		}
		if e := s.buys("2026-05-10 23:59", 200); len(e.Withheld) != 1 || beyond != rule.Skip && !e.Withheld[0].Again.Equal(at("2026-05-11 00:00")) {
			t.Errorf("%s, on the seventh day: %+v", beyond, e.Withheld)
		}
		if e := s.buys("2026-05-11 00:00", 200); points(e)["per-euro"] != 2 {
			t.Errorf("%s, on the eighth day: %+v", beyond, e.Withheld)
		}
	}
}

// A late interaction counts in its own month; one that is later than days are kept is not given at all, since it could not be counted.
func TestLateInteractionCountsInItsOwnPeriod(t *testing.T) {
	s := meet(t, limited(func(r *rule.Spec) { r.Limits = []rule.LimitSpec{{Times: 1, Per: "month"}} }))
	const later = "2027-08-01 00:00"
	for _, step := range []struct {
		when string
		want fact.Points
	}{{"2026-06-01 10:00", 1}, {"2026-05-31 10:00", 1}, {"2026-05-01 00:00", 0}, {"2026-06-30 10:00", 0}, {"2027-07-31 10:00", 1}, {"2026-08-01 10:00", 1}, {"2026-01-01 10:00", 0}} {
		if got := points(s.buys(step.when, 100, later))["per-euro"]; got != step.want {
			t.Errorf("of %s: %d, not %d", step.when, got, step.want)
		}
	}
}

func TestCooldown(t *testing.T) {
	s := meet(t, limited(func(r *rule.Spec) { r.Cooldown = "24 hours" }))
	const later = "2026-08-01 00:00"
	for _, step := range []struct {
		when  string
		want  fact.Points
		again string
	}{
		{"2026-05-10 10:00", 1, ""}, {"2026-05-11 09:59", 0, "2026-05-11 10:00"}, {"2026-05-11 10:00", 1, ""},
		{"2026-05-09 10:01", 0, "2026-05-11 10:00"}, {"2026-05-09 10:00", 1, ""}, // late
	} {
		e := s.buys(step.when, 100, later)
		if got := points(e)["per-euro"]; got != step.want || got == 0 && (e.Withheld[0].Obstacle != why.Cooling || !e.Withheld[0].Again.Equal(at(step.again))) {
			t.Errorf("at %s: %d, %+v", step.when, got, e.Withheld)
		}
	}
	// After many awards the instants of the first are not kept, but their days are.
	for day := range 20 {
		s.buys(fmt.Sprintf("2026-06-%02d 10:00", day+1), 100, later)
	}
	for when, want := range map[string]fact.Points{"2026-05-10 12:00": 0, "2026-05-20 12:00": 1} {
		e, _, _ := loyalty.Decide(s.p, s.state, purchase(s, when, 100), at(later))
		if got := points(e)["per-euro"]; got != want {
			t.Errorf("at %s, late: %d, not %d", when, got, want)
		}
	}
}

func TestMultiplierHasLimitsToo(t *testing.T) {
	spec := limited(func(*rule.Spec) {})
	spec.Rules = append(spec.Rules, rule.Spec{Key: "double", Name: both("x", "x"), On: []string{"purchase"}, Multiply: "2", Limits: []rule.LimitSpec{{Points: 15}}})
	s := meet(t, spec)
	s.buys("2026-05-04 10:00", 1000)
	if e := s.buys("2026-05-04 10:00", 1000); points(e)["double"] != 5 || earned(e)[1].Withheld != 5 || earned(e)[1].Base != 10 {
		t.Errorf("%+v", earned(e))
	}
}

func TestOfAGroupOneRuleGives(t *testing.T) {
	for _, c := range []struct {
		choose string
		cents  int64
		want   string
		gone   int
	}{
		{"first", 100, "small", 1}, {"first", 2000, "small", 2}, {"first", 99, "", 0},
		{"best", 100, "small", 1}, {"best", 800, "small", 1}, {"best", 2000, "large", 2}, // "large" at 8.00 gives as much
	} {
		spec := bakery()
		spec.Programme.Groups = map[string]string{"offers": c.choose}
		offer := func(key, when string, a rule.AwardSpec, priority int) rule.Spec {
			return rule.Spec{Key: key, Name: both("x", "x"), On: []string{"purchase"}, When: when, Award: &a, Group: "offers", Priority: priority}
		}
		spec.Missions, spec.Rules = nil, []rule.Spec{
			offer("large", "event.value >= 1000", rule.AwardSpec{Points: 1, Per: "1.00"}, 1),
			offer("small", "event.value >= 100", rule.AwardSpec{Points: 8}, 2),
			offer("tiny", "event.value >= 100", rule.AwardSpec{Points: 1}, 0),
		}
		e := meet(t, spec).buys("2026-05-04 10:00", c.cents)
		if got := order(e); !slices.Equal(got, slices.DeleteFunc([]string{c.want}, func(s string) bool { return s == "" })) || len(e.Withheld) != c.gone {
			t.Errorf("%s of %d: %v, %+v", c.choose, c.cents, got, e.Withheld)
		}
		for _, v := range e.Withheld {
			if v.Obstacle != why.Excluded || v.By != c.want || v.Full == 0 || v.Points != 0 {
				t.Errorf("%s of %d: %+v", c.choose, c.cents, v)
			}
		}
	}
}

// The first of a group that has a limit makes way for the next when the limit is met.
func TestRuleThatIsLimitedMakesWay(t *testing.T) {
	spec := limited(func(r *rule.Spec) { r.Group, r.Priority, r.Limits = "g", 5, []rule.LimitSpec{{Times: 1}} })
	spec.Programme.Groups = map[string]string{"g": "first"}
	spec.Rules = append(spec.Rules, rule.Spec{Key: "other", Name: both("x", "x"), On: []string{"purchase"}, Award: &rule.AwardSpec{Points: 3}, Group: "g"})
	s := meet(t, spec)
	if one, two := order(s.buys("2026-05-04 10:00", 1000)), order(s.buys("2026-05-04 10:00", 1000)); !slices.Equal(one, []string{"per-euro"}) || !slices.Equal(two, []string{"other"}) {
		t.Errorf("%v, then %v", one, two)
	}
}

func TestBudgetIsDrawnOnToTheLastPoint(t *testing.T) {
	for beyond, want := range map[rule.Beyond][]fact.Points{rule.Cut: {10, 10, 5, 0}, rule.Skip: {10, 10, 0, 4}} {
		spec := limited(func(r *rule.Spec) { r.Budget, r.Beyond = "spring", beyond })
		spec.Budgets = spring(25)
		s := meet(t, spec)
		budget := s.p.Budgets()[0].Definition
		if drawn := s.p.Drawn("purchase"); len(drawn) != 1 || drawn[0] != budget || len(s.p.Drawn("review")) != 0 || s.p.Drawn("x") != nil {
			t.Errorf("purchases draw on %v", drawn)
		}
		left := fact.Points(25)
		for i, cents := range []int64{1000, 1000, 1000, 400} {
			s.state.Budgets = map[fact.ID]fact.Points{budget: left}
			e := s.buys("2026-05-04 10:00", cents)
			got := points(e)["per-euro"]
			if got != want[i] || got > 0 && (len(e.Drawn) != 1 || e.Drawn[0] != loyalty.Draw{Budget: budget, Points: got} || earned(e)[0].Budget != "spring") {
				t.Errorf("%s: purchase %d gives %d, not %d: %+v", beyond, i, got, want[i], e.Drawn)
			}
			if full := fact.Points(cents / 100); got < full && (e.Withheld[0].Obstacle != why.Spent || e.Withheld[0].Budget != "spring" || e.Withheld[0].Full != full) {
				t.Errorf("%s: told %+v", beyond, e.Withheld)
			}
			left -= got
		}
	}
}

// What one rule draws, the next one of the same interaction finds gone; what a limit holds back is not drawn.
func TestRulesOfACampaignShareItsBudget(t *testing.T) {
	spec := limited(func(r *rule.Spec) { r.Budget, r.Priority, r.Limits = "spring", 9, []rule.LimitSpec{{Points: 8}} })
	spec.Budgets = spring(12)
	spec.Rules = append(spec.Rules, rule.Spec{Key: "double", Name: both("x", "x"), On: []string{"purchase"}, Multiply: "2", Budget: "spring"})
	e := meet(t, spec).buys("2026-05-04 10:00", 1000) // a state that says nothing of it: the budget is whole
	if got := points(e); got["per-euro"] != 8 || got["double"] != 4 || len(e.Drawn) != 1 || e.Drawn[0].Points != 12 || e.Withheld[0].Obstacle != why.Limited || e.Withheld[1].Obstacle != why.Spent {
		t.Errorf("%v, %+v, %+v", got, e.Drawn, e.Withheld)
	}
}

// gift is an award that the naive model remembers.
type gift struct {
	at     time.Time
	points fact.Points
}

// leaves is how many points a limit leaves, found by looking at all that was given.
func leaves(l rule.LimitSpec, given []gift, when time.Time) fact.Points {
	day := func(t time.Time) fact.Day { return fact.DayOf(t, time.UTC) }
	within := func(first, last fact.Day) (n int64, sum fact.Points) {
		for _, g := range given {
			if d := day(g.at); d >= first && d <= last {
				n, sum = n+1, sum+g.points
			}
		}
		return n, sum
	}
	var times int64
	var sum fact.Points
	y, m, _ := when.Date()
	switch l.Per {
	case "":
		times, sum = within(-1<<30, 1<<30)
	case "day":
		times, sum = within(day(when), day(when))
	case "week":
		monday := day(when.AddDate(0, 0, -(int(when.Weekday())+6)%7))
		times, sum = within(monday, monday+6)
	case "month":
		times, sum = within(day(time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)), day(time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC)))
	case "year":
		times, sum = within(day(time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)), day(time.Date(y, 12, 31, 0, 0, 0, 0, time.UTC)))
	default:
		var n int
		_, _ = fmt.Sscanf(l.Per, "%dd", &n)
		for first := day(when) - fact.Day(n) + 1; first <= day(when); first++ {
			a, b := within(first, first+fact.Day(n)-1)
			times, sum = max(times, a), max(sum, b)
		}
	}
	switch {
	case l.Points > 0:
		return max(l.Points-sum, 0)
	case times >= l.Times:
		return 0
	}
	return plenty
}

const plenty fact.Points = 1 << 40

// Whatever comes in whatever order, a rule gives what a model gives that remembers every award: so no window ever holds more than the limit, and nothing
// is withheld that the limits leave.
func TestLimitsGiveWhatTheModelGives(t *testing.T) {
	periods := []string{"", "day", "week", "month", "year", "1d", "3d", "30d"}
	rapid.Check(t, func(t *rapid.T) {
		var limits []rule.LimitSpec
		for range rapid.IntRange(0, 3).Draw(t, "limits") {
			l := rule.LimitSpec{Per: rapid.SampledFrom(periods).Draw(t, "per")}
			if rapid.Bool().Draw(t, "times") {
				l.Times = rapid.Int64Range(1, 4).Draw(t, "n")
			} else {
				l.Points = fact.Points(rapid.IntRange(1, 60).Draw(t, "points"))
			}
			limits = append(limits, l)
		}
		beyond, cool := rapid.SampledFrom([]rule.Beyond{rule.Cut, rule.Skip}).Draw(t, "beyond"), rapid.IntRange(0, 60).Draw(t, "cool-down, hours")
		spec := limited(func(r *rule.Spec) {
			r.Limits, r.Beyond = limits, beyond
			if cool > 0 {
				r.Cooldown = fmt.Sprintf("%d hours", cool)
			}
		})
		spec.Programme.TimeZone = "UTC"
		p := compiled(t, spec)
		s := &loyalty.State{Member: loyalty.Member{ID: id(fact.KindMember, 1), Account: id(fact.KindAccount, 1), Status: loyalty.Registered}}
		s.Account.ID = s.Member.Account
		var given []gift
		for n := range rapid.IntRange(1, 15).Draw(t, "purchases") {
			when := time.Date(2026, 2, 20, rapid.IntRange(0, 24*60).Draw(t, "hour"), 0, 0, 0, time.UTC)
			full := fact.Points(rapid.IntRange(1, 30).Draw(t, "euros"))
			want := full
			for _, l := range limits {
				want = min(want, leaves(l, given, when))
			}
			if want < full && beyond == rule.Skip {
				want = 0
			}
			for _, g := range given {
				if g.at.Sub(when).Abs() < time.Duration(cool)*time.Hour {
					want = 0
				}
			}
			i := fact.Interaction{ID: id(fact.KindInteraction, n), Event: "purchase", Touchpoint: "app", Occurred: when, Value: &fact.Money{Minor: 100 * int64(full), Currency: p.Currency()}}
			e, refusal, err := loyalty.Decide(p, s, i, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
			if refusal != nil || err != nil {
				t.Fatal(refusal, err)
			}
			if got := points(e)["per-euro"]; got != want || (len(e.Withheld) > 0) != (want < full) {
				t.Fatalf("at %s %d of %d, not %d; limits %+v, cool-down %d, given %v, told %+v", when, got, full, want, limits, cool, given, e.Withheld)
			}
			for _, v := range e.Withheld {
				if !v.Again.IsZero() && v.Obstacle == why.Limited {
					for _, l := range limits {
						if l.Times == v.Times && l.Points == v.Limit && l.Per == v.Per && (leaves(l, given, v.Again) == 0 || leaves(l, given, v.Again.Add(-time.Minute)) > 0) {
							t.Fatalf("%+v is not free again at %s: %v", l, v.Again, given)
						}
					}
				}
			}
			if want > 0 {
				given = append(given, gift{when, want})
			}
			text, err := e.State.Doc.Encode()
			if err != nil {
				t.Fatal(err)
			}
			s = e.State
			if s.Doc, err = loyalty.DecodeDoc(text); err != nil {
				t.Fatal(err)
			}
		}
	})
}
