package loyalty_test

import (
	"reflect"
	"testing"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/mission"
)

func TestMissionCountsAnewEachMonthAndGivesOnce(t *testing.T) {
	s := meet(t, bakery())
	m := s.p.MissionByKey("three-a-month")
	for i, want := range []loyalty.Progress{
		{Mission: m.Definition, Key: m.Key, Period: "2026-05", Count: 1, Target: 3},
		{Mission: m.Definition, Key: m.Key, Period: "2026-05", Count: 2, Target: 3},
		{Mission: m.Definition, Key: m.Key, Period: "2026-05", Count: 3, Target: 3, Completed: at("2026-05-31 23:02")},
	} {
		e := s.buys("2026-05-31 23:0"+string(rune('0'+i)), 0)
		if len(e.Progress) != 1 || !reflect.DeepEqual(e.Progress[0], want) {
			t.Errorf("purchase %d: %+v, not %+v", i+1, e.Progress, want)
		}
		if got := points(e)["three-a-month"]; (got == 30) != (i == 2) {
			t.Errorf("purchase %d gives %d points", i+1, got)
		}
	}
	if e := s.buys("2026-05-31 23:50", 0); len(e.Progress) != 0 || len(e.Movements) != 0 {
		t.Errorf("the fourth purchase of the month: %+v, %v", e.Progress, points(e))
	}
	if e := s.buys("2026-06-01 00:00", 0); e.Progress[0].Period != "2026-06" || e.Progress[0].Count != 1 {
		t.Errorf("the first of June: %+v", e.Progress)
	}
	if got := s.p.ProgressOf(s.state, m, at("2026-05-20 10:00")); got.Count != 3 || got.Completed.IsZero() {
		t.Errorf("progress of May: %+v", got)
	}
	if got := s.p.ProgressOf(s.state, m, at("2026-07-20 10:00")); got.Count != 0 || got.Period != "2026-07" || got.Target != 3 {
		t.Errorf("progress of July: %+v", got)
	}
}

func TestLateInteractionCountsInItsOwnMonthAndNeverTwice(t *testing.T) {
	s := meet(t, bakery())
	for range 2 {
		s.buys("2026-05-10 10:00", 0)
	}
	for range 3 {
		s.buys("2026-08-10 10:00", 0)
	}
	now := "2026-08-11 10:00"
	e := s.buys("2026-05-20 10:00", 0, now)
	if p := e.Progress[0]; p.Period != "2026-05" || p.Count != 3 || points(e)["three-a-month"] != 30 {
		t.Errorf("the third purchase of May, heard of in August: %+v, %v", e.Progress, points(e))
	}
	if e := s.buys("2026-05-21 10:00", 0, now); len(e.Progress) != 0 {
		t.Errorf("the fourth of May: %+v", e.Progress)
	}
	if e := s.buys("2026-08-10 12:00", 0, now); len(e.Progress) != 0 {
		t.Errorf("August was completed already: %+v", e.Progress)
	}
	if e := s.buys("2026-06-10 12:00", 0, now); e.Progress[0].Period != "2026-06" || e.Progress[0].Count != 1 {
		t.Errorf("June was not begun yet: %+v", e.Progress)
	}
}

func TestInteractionOlderThanPeriodsAreKeptCountsNoMore(t *testing.T) {
	spec := bakery()
	spec.Programme.Starts = "2020-01-01"
	s := meet(t, spec)
	for range 3 {
		s.buys("2023-05-10 10:00", 0)
	}
	s.buys("2026-05-10 10:00", 0)
	now := "2026-05-11 10:00"
	for range 3 {
		if e := s.buys("2023-05-11 10:00", 0, now); len(e.Progress) != 0 || len(e.Movements) != 0 {
			t.Fatalf("May of 2023 is long over: %+v, %v", e.Progress, points(e))
		}
	}
}

func TestMissionWithoutPeriodsIsCompletedOnceForAll(t *testing.T) {
	spec := bakery()
	spec.Missions[0].Every, spec.Missions[0].When = mission.Once, "event.value >= 1000"
	s := meet(t, spec)
	var gave int
	for i := range 8 {
		e := s.buys("2026-05-10 10:00", int64(i%2)*1000)
		if points(e)["three-a-month"] > 0 {
			gave++
		}
	}
	if got := s.p.ProgressOf(s.state, s.p.MissionByKey("three-a-month"), time.Now()); gave != 1 || got.Count != 3 || got.Period != "" {
		t.Errorf("given %d times, %+v", gave, got)
	}
}

func TestMissionIsOpenWithinItsDates(t *testing.T) {
	spec := bakery()
	spec.Missions[0].From, spec.Missions[0].Until = "2026-05-10", "2026-05-10T12:00:00+02:00"
	s := meet(t, spec)
	for when, want := range map[string]int{"2026-05-09 23:59": 0, "2026-05-10 00:00": 1, "2026-05-10 11:59": 1, "2026-05-10 12:00": 0} {
		e, _, _ := loyalty.Decide(s.p, s.state, purchase(s, when, 0), at("2026-07-01 00:00"))
		if len(e.Progress) != want {
			t.Errorf("at %s: %+v", when, e.Progress)
		}
	}
}

func TestTierIsReachedWithTheInteractionThatReachesIt(t *testing.T) {
	s := meet(t, bakery())
	if e := s.buys("2026-05-04 10:00", 9900); e.Tier != nil {
		t.Errorf("99 points reach %+v", e.Tier)
	}
	if next, missing := s.p.NextTier(s.state, at("2026-05-04 11:00")); next.Key != "silver" || missing != 1 {
		t.Errorf("next is %s, %d points away", next.Key, missing)
	}
	e := s.buys("2026-05-05 10:00", 100)
	if e.Tier == nil || *e.Tier != (loyalty.TierChange{To: "silver"}) || e.State.Member.Tier != "silver" || !e.State.Member.TierSince.Equal(at("2026-05-05 10:00")) {
		t.Errorf("100 points: %+v, %+v", e.Tier, e.State.Member)
	}
	e = s.buys("2026-05-06 10:00", 100000)
	if e.Tier == nil || *e.Tier != (loyalty.TierChange{From: "silver", To: "gold"}) {
		t.Errorf("1,100 points: %+v", e.Tier)
	}
	if next, _ := s.p.NextTier(s.state, at("2026-05-07 10:00")); next != nil {
		t.Errorf("above the highest is %s", next.Key)
	}
}

func TestPointsThatDoNotQualifyRaiseNobody(t *testing.T) {
	spec := bakery()
	no := false
	spec.Rules[0].Qualifying = &no
	if e := meet(t, spec).buys("2026-05-04 10:00", 90000); e.Tier != nil || e.State.Account.Available != 900 {
		t.Errorf("%+v with %d points", e.Tier, e.State.Account.Available)
	}
}

func TestQualifyingPointsCountForTheirPeriod(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy loyalty.TierPolicy
		days   []string // 60 euros each
		now    string
		tier   string
		counts fact.Points
	}{
		{"lifetime", loyalty.TierPolicy{}, []string{"2026-02-01", "2027-12-01"}, "2030-01-01", "silver", 120},
		{"a year, apart", loyalty.TierPolicy{Period: "calendar_year"}, []string{"2026-12-31", "2027-01-01"}, "2027-01-02", "", 60},
		{"a year, together", loyalty.TierPolicy{Period: "calendar_year"}, []string{"2026-01-01", "2026-12-31"}, "2027-01-02", "silver", 0},
		{"rolling, apart", loyalty.TierPolicy{Period: "rolling", RollingMonths: 12}, []string{"2026-03-01", "2027-03-01"}, "2027-03-01", "", 60},
		{"rolling, together", loyalty.TierPolicy{Period: "rolling", RollingMonths: 12}, []string{"2026-03-02", "2027-03-01"}, "2027-03-01", "silver", 120},
		{"rolling, late", loyalty.TierPolicy{Period: "rolling", RollingMonths: 12}, []string{"2027-03-01", "2026-03-02"}, "2027-03-01", "silver", 120},
		{"rolling, clamped", loyalty.TierPolicy{Period: "rolling", RollingMonths: 1}, []string{"2026-02-28", "2026-03-31"}, "2026-03-31", "", 60},
		{"a year, late", loyalty.TierPolicy{Period: "calendar_year"}, []string{"2026-01-01", "2027-02-01", "2026-12-31"}, "2027-02-01", "silver", 60},
	} {
		spec := bakery()
		spec.Programme.Tiers = c.policy
		s := meet(t, spec)
		for _, day := range c.days {
			s.buys(day+" 10:00", 6000, "2031-01-01 00:00")
		}
		if got := s.p.Qualifying(s.state, at(c.now+" 12:00")); s.state.Member.Tier != c.tier || got != c.counts {
			t.Errorf("%s: tier %q with %d points, not %q with %d", c.name, s.state.Member.Tier, got, c.tier, c.counts)
		}
	}
}
