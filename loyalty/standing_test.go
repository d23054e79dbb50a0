package loyalty_test

import (
	"slices"
	"testing"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/rule"
	"granaio/loyalty/why"
)

// falling is the bakery with another policy: silver at 100 and gold at 500 points.
func falling(policy loyalty.TierPolicy) *loyalty.Spec {
	spec := bakery()
	spec.Programme.Tiers, spec.Missions = policy, nil
	return spec
}

// tierAt is the tier at an instant, with nothing booked.
func (s *someone) tierAt(when string) string {
	asOf, _ := s.p.AsOf(s.state, at(when))
	return asOf.Member.Tier
}

func TestATierFallsAtTheEndOfItsPeriod(t *testing.T) {
	year := loyalty.TierPolicy{Period: "calendar_year", Fall: "straight"}
	with := func(p loyalty.TierPolicy, change func(*loyalty.TierPolicy)) loyalty.TierPolicy {
		change(&p)
		return p
	}
	rolling := loyalty.TierPolicy{Period: "rolling", RollingMonths: 12, Fall: "straight"}
	for _, x := range []struct {
		name   string
		policy loyalty.TierPolicy
		buys   map[string]int64 // euros by day
		still  string           // the last moment of silver
		fallen string           // the first moment below
	}{
		{"the year after", year, map[string]int64{"2026-03-01": 100}, "2027-12-31 23:59", "2028-01-01 00:00"},
		{"held again", year, map[string]int64{"2026-03-01": 100, "2027-12-31": 100}, "2028-12-31 23:59", "2029-01-01 00:00"},
		{"not held by parts", year, map[string]int64{"2026-03-01": 100, "2027-01-01": 40, "2027-12-31": 59}, "2027-12-31 23:59", "2028-01-01 00:00"},
		{"grace", with(year, func(p *loyalty.TierPolicy) { p.Grace = "3 months" }), map[string]int64{"2026-03-01": 100}, "2028-03-31 23:59", "2028-04-01 00:00"},
		{"held in the grace", with(year, func(p *loyalty.TierPolicy) { p.Grace = "3 months" }), map[string]int64{"2026-03-01": 100, "2028-03-31": 100}, "2030-03-31 23:59", "2030-04-01 00:00"},
		{"a year of its own", with(year, func(p *loyalty.TierPolicy) { p.YearStarts = "04-01" }), map[string]int64{"2026-03-31": 60, "2026-04-01": 100}, "2028-03-31 23:59", "2028-04-01 00:00"},
		{"before that year", with(year, func(p *loyalty.TierPolicy) { p.YearStarts = "04-01" }), map[string]int64{"2026-03-31": 100}, "2027-03-31 23:59", "2027-04-01 00:00"},
		{"a month", loyalty.TierPolicy{Period: "calendar_month", Fall: "straight"}, map[string]int64{"2026-03-29": 100}, "2026-04-30 23:59", "2026-05-01 00:00"},
		{"rolling", rolling, map[string]int64{"2026-03-01": 100}, "2027-02-28 23:59", "2027-03-01 00:00"},
		{"rolling, by the part that leaves", rolling, map[string]int64{"2026-03-01": 60, "2026-06-01": 60}, "2027-02-28 23:59", "2027-03-01 00:00"},
		{"rolling, held by what is left", rolling, map[string]int64{"2026-03-01": 60, "2026-06-01": 100}, "2027-05-31 23:59", "2027-06-01 00:00"},
		{"rolling, grace across summer time", with(rolling, func(p *loyalty.TierPolicy) { p.Grace = "29 days" }), map[string]int64{"2026-03-01": 100}, "2027-03-29 23:59", "2027-03-30 00:00"},
		{"nobody falls before", with(rolling, func(p *loyalty.TierPolicy) { p.FallFrom = "2029-07-01" }), map[string]int64{"2026-03-01": 100}, "2029-06-30 23:59", "2029-07-01 00:00"},
		{"by spend", with(year, func(p *loyalty.TierPolicy) { p.By, p.Event = "spend", "purchase" }), map[string]int64{"2026-03-01": 100}, "2027-12-31 23:59", "2028-01-01 00:00"},
	} {
		s := meet(t, falling(x.policy))
		for _, day := range sortedKeys(x.buys) {
			s.buys(day+" 10:00", x.buys[day]*100)
		}
		if got := s.tierAt(x.still); got != "silver" {
			t.Errorf("%s: %q at %s", x.name, got, x.still)
		}
		if got := s.tierAt(x.fallen); got != "" {
			t.Errorf("%s: %q at %s", x.name, got, x.fallen)
		}
		if until := s.p.Until(s.state); !until.Equal(at(x.fallen)) {
			t.Errorf("%s: it is said to fall at %s", x.name, until)
		}
		if e := loyalty.SettleTier(s.p, s.state, at("2035-01-01 00:00")); e.State.Member.Tier != "" || len(e.Tiers) != 1 || !e.Tiers[0].Since.Equal(at(x.fallen)) || e.Tiers[0].Reason != loyalty.Fell {
			t.Errorf("%s: booked are %+v", x.name, e.Tiers)
		}
	}
}

func sortedKeys[V any](m map[string]V) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func TestATierThatCountsPurchases(t *testing.T) {
	spec := falling(loyalty.TierPolicy{By: "count", Event: "purchase", Period: "rolling", RollingMonths: 1, Fall: "straight"})
	spec.Tiers[0].At, spec.Tiers[1].At = 2, 4
	s := meet(t, spec)
	s.buys("2026-05-01 10:00", 100)
	if e := s.buys("2026-05-20 10:00", 100); e.Tier == nil || e.Tier.To != "silver" {
		t.Fatalf("%+v", e.Tier)
	}
	if s.tierAt("2026-05-31 23:59") != "silver" || s.tierAt("2026-06-01 00:00") != "" {
		t.Error("two purchases are not held for their month")
	}
	c := serve(t, spec)
	c.pays("2026-05-01 10:00", 100)
	second := c.pays("2026-05-20 10:00", 100)
	if e := c.returns(second, "2026-05-21 10:00", 0); e.State.Member.Tier != "" || len(e.Tiers) != 1 || e.Tiers[0].Reason != loyalty.Withdrawn {
		t.Errorf("a return leaves %q, %+v", e.State.Member.Tier, e.Tiers)
	}
}

func TestAFallGoesStepByStepOrStraight(t *testing.T) {
	for fall, want := range map[string][]string{"straight": {"gold", "", "", ""}, "step": {"gold", "silver", "silver", ""}} {
		s := meet(t, falling(loyalty.TierPolicy{Period: "calendar_year", Fall: fall}))
		s.buys("2026-03-01 10:00", 200000)
		for i, when := range []string{"2027-12-31 23:59", "2028-01-01 00:00", "2028-12-31 23:59", "2029-01-01 00:00"} {
			if got := s.tierAt(when); got != want[i] {
				t.Errorf("%s: %q at %s, not %q", fall, got, when, want[i])
			}
		}
	}
}

func TestWhatIsDecidedSeesTheTierAsItIs(t *testing.T) {
	spec := falling(loyalty.TierPolicy{Period: "calendar_year", Fall: "straight"})
	spec.Tiers[0].Multiply = "1.5"
	spec.Rewards[0].Tier, spec.Rewards[0].Price = "silver", 1
	s := meet(t, spec)
	s.buys("2026-03-01 10:00", 10000)
	e := s.buys("2027-12-31 10:00", 1001) // 10 points, and half as many for silver
	if m := e.Movements[len(e.Movements)-1]; m.Points != 5 || m.Reason.Explanation.Source != why.SourceTier || m.Reason.Explanation.Base != 10 {
		t.Errorf("silver gives %d, %+v", m.Points, m.Reason.Explanation)
	}
	silver := s.state
	s.state = silver
	e = s.buys("2028-01-01 10:00", 1001)
	if len(e.Tiers) != 1 || e.Tier == nil || e.Tier.To != "" || !e.Tiers[0].Since.Equal(at("2028-01-01 00:00")) {
		t.Errorf("the fall that was due is not booked: %+v", e.Tiers)
	}
	for _, m := range e.Movements {
		if m.Reason.Explanation.Source == why.SourceTier {
			t.Errorf("who has fallen is given %d as silver", m.Points)
		}
	}
	reward := s.p.Rewards()[0].Definition
	if _, refusal, _ := loyalty.Redeem(s.p, silver, reward, id(fact.KindCommand, 900), at("2028-01-01 00:00")); refusal == nil || refusal.Code != fact.CodeTierTooLow {
		t.Errorf("who has fallen is refused with %v", refusal)
	}
	if silver.Member.Tier != "silver" {
		t.Error("what was handed in has changed")
	}
}

func TestARuleGrantsATierForATime(t *testing.T) {
	for _, policy := range []loyalty.TierPolicy{{}, {Period: "calendar_year", Fall: "straight"}} {
		spec := falling(policy)
		spec.Tiers[1].At, spec.Tiers[1].Granted = 0, true
		spec.Rules = append(spec.Rules, rule.Spec{
			Key: "guest", Name: both("Ospite", "Guest"), On: []string{"purchase"}, When: "event.value == 777", Grant: &rule.GrantSpec{Tier: "gold", For: "2 months"},
		})
		c := serve(t, spec)
		guest := c.pays("2026-05-04 10:00", 777)
		if s := c.state.Member; s.Tier != "gold" {
			t.Fatalf("%+v", s)
		}
		who := &someone{t: t, p: c.p, state: c.state}
		if who.tierAt("2026-07-04 23:59") != "gold" || who.tierAt("2026-07-05 00:00") != "" {
			t.Errorf("%+v: gold until %s", policy, c.p.Until(c.state))
		}
		c.pays("2026-05-05 10:00", 12000) // which reaches silver meanwhile
		who.state = c.state
		if who.tierAt("2026-07-05 00:00") != "silver" {
			t.Errorf("%+v: then %q", policy, who.tierAt("2026-07-05 00:00"))
		}
		e := c.returns(guest, "2026-05-06 10:00", 0)
		if e.State.Member.Tier != "silver" || len(e.Tiers) != 1 || e.Tiers[0].Reason != loyalty.Withdrawn {
			t.Errorf("%+v: once returned %q, %+v", policy, e.State.Member.Tier, e.Tiers)
		}
	}
}

func TestAThresholdThatRisesIsHeldAgainstNobodyBeforeTheEnd(t *testing.T) {
	spec := falling(loyalty.TierPolicy{Period: "calendar_year", Fall: "straight"})
	s := meet(t, spec)
	s.buys("2026-03-01 10:00", 15000)
	spec.Tiers[0].At = 200
	s.p = compiled(t, spec)
	if s.tierAt("2027-12-31 23:59") != "silver" || s.tierAt("2028-01-01 00:00") != "" {
		t.Errorf("it falls at %s", s.p.Until(s.state))
	}
}

func TestWhatIsMissingAndWhatIsNeeded(t *testing.T) {
	s := meet(t, falling(loyalty.TierPolicy{Period: "calendar_year", Fall: "straight", Grace: "1 month"}))
	s.buys("2026-03-01 10:00", 15000)
	for _, x := range []struct {
		when              string
		value, next, keep int64
		by                string
	}{
		{"2026-12-31 10:00", 150, 350, 0, "2027-01-01 00:00"},
		{"2027-02-01 10:00", 0, 500, 100, "2028-01-01 00:00"},
		{"2028-01-15 10:00", 0, 500, 100, "2028-02-01 00:00"},
	} {
		g := s.p.TierProgress(s.state, at(x.when))
		if g.Value != x.value || g.Next.Remaining != x.next || g.Next.Tier.Key != "gold" || g.Keep.Remaining != x.keep || !g.Keep.By.Equal(at(x.by)) || !g.Keep.Falls.Equal(at("2028-02-01 00:00")) {
			t.Errorf("at %s: %+v, next %+v, keep %+v", x.when, g, g.Next, g.Keep)
		}
	}
}
