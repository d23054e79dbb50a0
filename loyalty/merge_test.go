package loyalty_test

import (
	"testing"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/rule"
)

// What both were given that one may be given once stays given, unless the programme takes it back: then as far as it is there, and never what one alone was given.
func TestWhatOneMayBeGivenOnce(t *testing.T) {
	for policy, want := range map[string]fact.Points{"": 100, "keep": 100, "take_back": 50} {
		spec := bakery()
		spec.Programme.Members.Merges = policy
		spec.Rules[1].Limits = []rule.LimitSpec{{Times: 1}}
		p := compiled(t, spec)
		var states []*loyalty.State
		for n := range 2 {
			member := id(fact.KindMember, n+1)
			e, refusal, err := loyalty.Enrol(p, loyalty.Enrolment{
				Member: member, Account: member.As(fact.KindAccount), Interaction: id(fact.KindInteraction, n+1), Touchpoint: "app", Occurred: at("2026-03-01 10:00"), Received: at("2026-03-01 10:00"),
			}, at("2026-03-01 10:00"))
			if err != nil || refusal != nil {
				t.Fatal(refusal, err)
			}
			states = append(states, e.State)
		}
		if x := p.Excesses(&states[0].Doc, &states[1].Doc); len(x) != 1 || x[0] != (loyalty.Excess{Rule: "welcome", Points: 50}) {
			t.Errorf("excesses %+v", x)
		}
		all, refusal, err := loyalty.Merge(p, id(fact.KindCommand, 9), at("2026-03-02 10:00"), states...)
		if err != nil || refusal != nil {
			t.Fatal(refusal, err)
		}
		if got := all[0].State.Account.Available; got != want {
			t.Errorf("with %q there are %d points, not %d", policy, got, want)
		}
		if all[1].State.Account.Available != 0 || all[1].State.Member.Into != states[0].Member.ID || states[1].Account.Available != 50 || states[1].Member.Into != (fact.ID{}) {
			t.Errorf("the absorbed %+v, and what was handed in %+v", all[1].State.Member, states[1].Member)
		}
	}
}
