package loyalty_test

import (
	"fmt"
	"testing"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/rule"
	"granaio/loyalty/tier"
	"granaio/loyalty/why"
)

// hosting is a programme whose purchases make members guests of the house.
func hosting(term string, onReturn fact.OnReturn) *loyalty.Spec {
	spec := falling(loyalty.TierPolicy{Period: "calendar_year", Fall: "straight"})
	spec.Tiers = append(spec.Tiers, tier.Spec{Key: "guest", Name: both("x", "x"), Granted: true})
	spec.Rules = append(spec.Rules, rule.Spec{Key: "invite", Name: both("x", "x"), On: []string{"purchase"}, OnReturn: onReturn, Grant: &rule.GrantSpec{Tier: "guest", For: term}})
	return spec
}

// However often a tier is granted, a member's document stays as long as it is.
func TestGrantsDoNotPileUp(t *testing.T) {
	for _, x := range []struct {
		term     string
		onReturn fact.OnReturn
		most     int
	}{{"", "", 8}, {"6 months", "", 8}, {"", "keep", 1}, {"6 months", "keep", 1}} {
		s := meet(t, hosting(x.term, x.onReturn))
		for n := range 40 {
			s.buys(fmt.Sprintf("2026-03-%02d 10:%02d", 1+n/2, n%2), 100)
			if got := len(s.state.Doc.Standing.Grants); got > x.most {
				t.Fatalf("%q, %q: %d grants after %d purchases", x.term, x.onReturn, got, n+1)
			}
		}
		if got := s.tierAt("2026-09-19 10:00"); got != "guest" {
			t.Errorf("%q, %q: %q to the end of the last grant", x.term, x.onReturn, got)
		}
		if got := s.tierAt("2026-10-01 10:00"); (got == "guest") != (x.term == "") {
			t.Errorf("%q, %q: %q after it", x.term, x.onReturn, got)
		}
	}
}

// A grant that another covered stands in for it when that one's interaction is returned.
func TestAReturnLeavesTheGrantBefore(t *testing.T) {
	c := serve(t, hosting("6 months", ""))
	c.pays("2026-03-01 10:00", 100)
	second := c.pays("2026-03-15 10:00", 100)
	if until := c.p.Until(c.state); !until.Equal(at("2026-09-16 00:00")) {
		t.Fatalf("a guest until %s", until)
	}
	if e, refusal := c.asks(second, loyalty.Return{Occurred: at("2026-03-16 10:00")}, "2026-03-16 10:00"); refusal != nil || !c.p.Until(e.State).Equal(at("2026-09-02 00:00")) {
		t.Errorf("a guest until %s, %v", c.p.Until(e.State), refusal)
	}
}

// What a tier adds matures and expires as what it is added to, and is returned with it, in the tier's name.
func TestATierAddsToPointsAsTheyAge(t *testing.T) {
	spec := bakery()
	spec.Missions, spec.Tiers = nil, []tier.Spec{{Key: "gold", Name: both("Oro", "Gold"), Multiply: "1.5"}}
	spec.Rules = []rule.Spec{
		{Key: "gold", Name: both("r", "r"), On: []string{"purchase"}, Award: &rule.AwardSpec{Points: 1, Per: "1.00"}, Mature: fact.MatureSpec{Text: "14 days"}, Expire: "3 months"},
		{Key: "more", Name: both("m", "m"), On: []string{"purchase"}, Award: &rule.AwardSpec{Points: 2, Per: "1.00"}},
		{Key: "fixed", Name: both("f", "f"), On: []string{"purchase"}, Award: &rule.AwardSpec{Points: 7}},
	}
	c := serve(t, spec)
	c.pays("2026-03-01 10:00", 0) // reaches the tier
	first := c.pays("2026-03-02 10:00", 1000)
	if b := c.state.Account.Balances; b.Pending != 15 || b.Available != 44 {
		t.Fatalf("%+v: of 10 points that wait 5 more wait, of 20 that do not 10 more do not", b)
	}
	waits := map[time.Time]fact.Points{}
	for _, l := range c.state.Lots {
		if l.Pending > 0 {
			waits[l.Expires] += l.Pending
		}
	}
	if len(waits) != 1 {
		t.Errorf("what waits expires at %v", waits)
	}
	e := c.returns(first, "2026-03-03 10:00", 600)
	if b := e.State.Account.Balances; b.Pending != 6 || b.Available != 26 {
		t.Errorf("%+v after 6 of 10 euros are returned", b)
	}
	tiers := 0
	for _, m := range e.Movements {
		if x := m.Reason.Explanation; x.Source == why.SourceTierReturn {
			tiers++
			if name := c.p.NameOf(x.Source, x.Key); name["en"] != "Gold" {
				t.Errorf("%s is called %v", x.Key, name)
			}
		}
	}
	if tiers != 2 {
		t.Errorf("%d returns of what the tier added", tiers)
	}
}

// Every command books a fall that is due, also one that only moves points.
func TestEveryCommandBooksFalls(t *testing.T) {
	s := meet(t, falling(loyalty.TierPolicy{Period: "calendar_year", Fall: "straight"}))
	s.buys("2026-03-01 10:00", 10000)
	all, refusal, err := loyalty.Operate(s.p, loyalty.Adjust{Points: 5, Reason: "x"}, id(fact.KindCommand, 900), at("2028-01-01 10:00"), s.state)
	if refusal != nil || err != nil {
		t.Fatal(refusal, err)
	}
	if e := all[0]; e.State.Member.Tier != "" || len(e.Tiers) != 1 || !e.Tiers[0].Since.Equal(at("2028-01-01 00:00")) || s.state.Member.Tier != "silver" {
		t.Errorf("%q, %+v", e.State.Member.Tier, e.Tiers)
	}
}
