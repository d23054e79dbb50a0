package loyalty_test

import (
	"slices"
	"testing"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// A budget has again what a return takes back of what was drawn from it, and not what is let go since it is spent.
func TestAReturnFreesWhatWasDrawnFromABudget(t *testing.T) {
	spec := bakery()
	spec.Missions, spec.Rules = nil, spec.Rules[:1]
	spec.Rules[0].Budget, spec.Budgets = "spring", spring(100)
	c := serve(t, spec)
	id := c.pays("2026-05-04 10:00", 10000)
	for _, step := range []struct {
		cents int64
		want  []loyalty.Draw
	}{{3000, []loyalty.Draw{{Budget: c.p.Budgets()[0].Definition, Points: -30}}}, {0, []loyalty.Draw{{Budget: c.p.Budgets()[0].Definition, Points: -70}}}} {
		e := c.returns(id, "2026-05-04 15:00", step.cents)
		if !slices.Equal(e.Drawn, step.want) || e.Movements[0].Reason.Explanation.Budget != "spring" {
			t.Errorf("of %d: %+v", step.cents, e.Drawn)
		}
	}
	spent := c.pays("2026-05-05 10:00", 5000)
	e, refusal, err := loyalty.Redeem(c.p, c.state, c.p.RewardByKey("mug").Definition, fact.NewID(fact.KindCommand), at("2026-05-05 11:00"))
	if refusal != nil || err != nil {
		t.Fatal(refusal, err)
	}
	c.stores(e)
	if e := c.returns(spent, "2026-05-05 12:00", 0); len(e.Drawn) != 1 || e.Drawn[0].Points != -10 {
		t.Errorf("of 50 points 40 are spent and let go: %+v", e.Drawn)
	}
}
