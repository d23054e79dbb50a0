package loyalty_test

import (
	"testing"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/rule"
)

func TestAReturnFreesWhatALimitCounted(t *testing.T) {
	spec := bakery()
	spec.Missions = nil
	spec.Rules = []rule.Spec{
		{Key: "monthly", Name: both("x", "x"), On: []string{"purchase"}, Award: &rule.AwardSpec{Points: 1, Per: "1.00"}, Limits: []rule.LimitSpec{{Points: 100, Per: "month"}}},
		{Key: "seldom", Name: both("x", "x"), On: []string{"purchase"}, Award: &rule.AwardSpec{Points: 1000}, Cooldown: "2 days"},
		{Key: "twice", Name: both("x", "x"), On: []string{"purchase"}, Award: &rule.AwardSpec{Points: 5000}, Limits: []rule.LimitSpec{{Times: 2}}},
	}
	c := serve(t, spec)
	steps := []struct {
		cents int64
		gives fact.Points
	}{{8000, 80 + 1000 + 5000}, {5000, 20 + 5000}, {1000, 0}}
	var ids []fact.ID
	for i, x := range steps {
		had := c.state.Account.Available
		ids = append(ids, c.pays("2026-05-04 1"+string(rune('0'+i))+":00", x.cents))
		if got := c.state.Account.Available - had; got != x.gives {
			t.Fatalf("purchase %d gives %d, not %d", i, got, x.gives)
		}
	}
	// What was cut to the limit stays cut: of the second, 20.00 could still be cut to it.
	if c.returns(ids[1], "2026-05-04 15:00", 3000); c.state.Account.Available != 6080+5020 {
		t.Errorf("%d are available", c.state.Account.Available)
	}
	if c.returns(ids[1], "2026-05-04 15:00", 1000); c.state.Account.Available != 6080+5010 {
		t.Errorf("%d are available", c.state.Account.Available)
	}
	had := c.state.Account.Available
	if c.pays("2026-05-04 16:00", 5000); c.state.Account.Available-had != 10 {
		t.Errorf("10 are free again, %d are given", c.state.Account.Available-had)
	}
	c.returns(ids[0], "2026-05-04 17:00", 0)
	had = c.state.Account.Available
	if c.pays("2026-05-04 18:00", 30000); c.state.Account.Available-had != 80+1000+5000 {
		t.Errorf("all of the first is free again, %d are given", c.state.Account.Available-had)
	}
	if c.returns(ids[2], "2026-05-04 19:00", 0); c.state.Doc.Given["twice"].Count != 2 {
		t.Errorf("what gave nothing is counted: %+v", c.state.Doc.Given["twice"])
	}
}

// What the rules, missions, tiers and events are today does not matter to what was given before.
func TestTodaysRulesChangeNothingOfThePast(t *testing.T) {
	c := serve(t, bakery())
	var ids []fact.ID
	for range 3 {
		ids = append(ids, c.pays("2026-05-04 10:00", 4000))
	}
	if c.state.Account.Available != 150 || c.state.Member.Tier != "silver" {
		t.Fatalf("%+v %+v", c.state.Account, c.state.Member)
	}
	spec := bakery()
	spec.Rules = []rule.Spec{{Key: "per-euro", Name: both("x", "x"), On: []string{"review"}, Award: &rule.AwardSpec{Points: 7}}}
	spec.Missions, spec.Tiers[0].At = nil, 120
	delete(spec.Programme.Events, "purchase")
	spec.Personas, spec.Programme.Points.Returns.Debt = spec.Personas[1:], 1000
	today := compiled(t, spec)
	e := must(t)(loyalty.Reverse(today, c.p, c.state, c.past(ids[0]), loyalty.Return{
		Occurred: at("2026-05-05 10:00"), Value: &fact.Money{Minor: 1050, Currency: c.p.Currency()},
	}, c.interaction("x", "2026-05-05 10:00").ID.As(fact.KindCommand), at("2026-05-05 10:00")))
	if got := took(e); len(got) != 1 || got[0] != "reverse_earn per-euro 11" || e.State.Member.Tier != "silver" {
		t.Errorf("a part: %v, %+v", got, e.State.Member)
	}
	c.reversals[ids[0]] = append(c.reversals[ids[0]], *e.Reversal)
	c.stores(e)
	e = must(t)(loyalty.Reverse(today, c.p, c.state, c.past(ids[0]), loyalty.Return{Occurred: at("2026-05-05 11:00")},
		c.interaction("x", "2026-05-05 11:00").ID.As(fact.KindCommand), at("2026-05-05 11:00")))
	if got := took(e); len(got) != 2 || got[0] != "reverse_earn per-euro 29" || got[1] != "reverse_earn three-a-month 30" || e.State.Doc.Missions["three-a-month month"].Count != 2 {
		t.Errorf("the rest: %v, %+v", got, e.State.Doc.Missions)
	}
	if e.Tier == nil || e.Tier.From != "silver" || e.State.Member.Persona != "" || e.State.Doc.Events["purchase"].Count != 2 {
		t.Errorf("%+v, %+v", e.Tier, e.State.Member)
	}
}

func TestWhoIsSuspendedCanReturnAndWhoIsErasedIsNotThere(t *testing.T) {
	c := serve(t, bakery())
	id := c.pays("2026-05-04 10:00", 4000)
	c.state.Member.Status = loyalty.Suspended
	c.returns(id, "2026-05-05 10:00", 1000)
	c.state.Member.Status = loyalty.Erased
	if _, refusal := c.asks(id, loyalty.Return{}, "2026-05-05 11:00"); refusal == nil || refusal.Code != fact.CodeUnknownInteraction {
		t.Errorf("%+v", refusal)
	}
}
