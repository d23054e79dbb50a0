package loyalty_test

import (
	"testing"

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
