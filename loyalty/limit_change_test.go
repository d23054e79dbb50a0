package loyalty_test

import (
	"testing"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/rule"
)

func TestALimitThatBecomesACalendarsCountsFromThenOn(t *testing.T) {
	s := meet(t, limited(func(r *rule.Spec) { r.Limits = []rule.LimitSpec{{Times: 100}} }))
	s.buys("2026-05-10 10:00", 1000)
	s.p = compiled(t, limited(func(r *rule.Spec) { r.Limits = []rule.LimitSpec{{Times: 2, Per: "month"}} }))
	for _, x := range []struct {
		when string
		want fact.Points
	}{{"2026-05-15 10:00", 10}, {"2026-05-16 10:00", 10}, {"2026-05-31 10:00", 0}, {"2026-06-01 10:00", 10}} {
		if got := points(s.buys(x.when, 1000))["per-euro"]; got != x.want {
			t.Errorf("at %s it gives %d, not %d", x.when, got, x.want)
		}
	}
}

func TestAReturnFreesNoLimitThatItNeverUsed(t *testing.T) {
	free := limited(func(*rule.Spec) {})
	c := serve(t, free)
	first := c.pays("2026-05-04 10:00", 1000)
	then := c.p
	c.p = compiled(t, limited(func(r *rule.Spec) { r.Limits = []rule.LimitSpec{{Times: 1}} }))
	c.pays("2026-05-05 10:00", 1000)
	r := loyalty.Return{Occurred: at("2026-05-06 10:00")}
	e, refusal, err := loyalty.Reverse(c.p, then, c.state, c.past(first), r, c.interaction("x", "2026-05-06 10:00").ID.As(fact.KindCommand), at("2026-05-06 10:00"))
	if refusal != nil || err != nil {
		t.Fatal(refusal, err)
	}
	c.stores(e)
	if got := points(c.buys("2026-05-07 10:00", 1000))["per-euro"]; got != 0 {
		t.Errorf("once is all, and it gives %d again", got)
	}
}
