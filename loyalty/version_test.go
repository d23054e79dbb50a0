package loyalty_test

import (
	"testing"

	"granaio/loyalty"
)

// versions are the bakery as it was and as it is now: the personas and tiers are others, and so are the points.
func versions(t *testing.T) (before, now *loyalty.Programme) {
	old, spec := bakery(), bakery()
	spec.Tiers = spec.Tiers[1:]
	spec.Tiers[0].Key = "platinum"
	spec.Personas = spec.Personas[:1]
	spec.Personas[0].Key = "fan"
	spec.Rules[0].Award.Points = 10
	compile := func(s *loyalty.Spec, number int) *loyalty.Programme {
		p, problems := loyalty.Compile(s, loyalty.Identity{Number: number}, named(s))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		return p
	}
	return compile(old, 1), compile(spec, 2)
}

func TestLateInteractionIsDecidedByTheVersionOfItsTimeAndUndoesNothingOfThePresent(t *testing.T) {
	before, now := versions(t)
	s := meet(t, bakery())
	s.p = now
	for range 3 {
		s.buys("2026-05-10 10:00", 5000)
	}
	if m := s.state.Member; m.Tier != "platinum" || m.Persona != "fan" || s.state.Doc.Version != 2 {
		t.Fatalf("%+v", m)
	}
	s.p = before
	e := s.buys("2026-05-01 10:00", 10000, "2026-05-11 00:00")
	if m := e.State.Member; points(e)["per-euro"] != 100 || m.Tier != "platinum" || m.Persona != "fan" || e.Tier != nil || e.State.Doc.Version != 2 {
		t.Errorf("%v, %+v", points(e), m)
	}
	if a := e.State.Doc.Affinities; len(a) != 1 || a["fan"].Percent != 66 {
		t.Errorf("%+v", a)
	}
	s.p = now
	if e := s.takes(s.interaction("idea.voted", "2026-05-12 10:00")); e.State.Doc.Affinities["fan"].Revision != 1 {
		t.Errorf("the present version does not look again: %+v", e.State.Doc.Affinities)
	}
}

func TestMemberOfAnAbolishedTierIsPlacedAnew(t *testing.T) {
	before, now := versions(t)
	for cents, want := range map[int64]loyalty.TierChange{10000: {From: "silver"}, 40000: {From: "silver", To: "platinum"}} {
		s := meet(t, bakery())
		s.p = before
		s.buys("2026-05-10 10:00", cents)
		s.p = now
		if e := s.buys("2026-05-11 10:00", 1000); e.Tier == nil || *e.Tier != want || e.State.Member.Tier != want.To {
			t.Errorf("after %d: %+v", cents, e.Tier)
		} else if e := s.buys("2026-05-11 11:00", 0); e.Tier != nil {
			t.Errorf("and again: %+v", e.Tier)
		}
	}
}
