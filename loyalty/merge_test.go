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

// What a merge took back, since two had been given it, is not taken a second time when what gave it is returned: what is left is what the other was given.
func TestWhatAMergeTookBackIsNotTakenAgain(t *testing.T) {
	spec := bakery()
	spec.Programme.Members.Merges, spec.Missions = "take_back", nil
	spec.Rules = []rule.Spec{{
		Key: "first", Name: both("Primo", "First"), On: []string{"purchase"}, Award: &rule.AwardSpec{Points: 100}, Limits: []rule.LimitSpec{{Times: 1}},
	}}
	c := serve(t, spec)
	c.someone = c.another(1)
	other := c.another(2)
	other.buys("2026-05-01 10:00", 1000)
	own := c.pays("2026-05-02 10:00", 1000)
	if c.state = c.absorbs(other); c.state.Account.Available != 100 {
		t.Fatalf("of both together %d points are left", c.state.Account.Available)
	}
	for _, l := range c.state.Lots {
		c.lots[l.ID] = l
	}
	e := c.returns(own, "2026-06-02 10:00", 400)
	if more := c.returns(own, "2026-06-02 11:00", 0); c.state.Account.Available != 100 {
		t.Errorf("after one of the two purchases was returned %d points are left: %v %v", c.state.Account.Available, took(e), took(more))
	}
}
