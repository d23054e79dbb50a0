package loyalty_test

import (
	"reflect"
	"testing"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/persona"
)

func TestPersonaIsLookedAtAgainWhenItIsRevised(t *testing.T) {
	s := meet(t, bakery())
	s.takes(s.interaction("review", "2026-05-04 10:00"))
	spec := bakery()
	spec.Personas = []persona.Spec{{Key: "regular", Name: both("x", "x"), Traits: []persona.TraitSpec{
		{Key: "reviews", Dimension: persona.Behavioural, Weight: 5, When: `member.count("review") == 1`, Text: both("x", "x")},
	}}}
	refs := named(spec)
	p, problems := loyalty.Compile(spec, loyalty.Identity{Number: 4}, refs)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	s.p = p
	if e := s.buys("2026-05-05 10:00", 100); e.State.Doc.Affinities["regular"].Percent != 0 || e.State.Member.Persona != "" || len(e.State.Doc.Affinities) != 1 {
		t.Errorf("the same revision, untouched; another persona is gone: %+v", e.State.Doc.Affinities)
	}
	ref := refs[fact.KindPersona]["regular"]
	ref.Number++
	refs[fact.KindPersona]["regular"] = ref
	s.p, _ = loyalty.Compile(spec, loyalty.Identity{Number: 5}, refs)
	want := map[string]loyalty.Affinity{"regular": {Percent: 100, Traits: []string{"reviews"}, Revision: 2}}
	if e := s.buys("2026-05-06 10:00", 100); !reflect.DeepEqual(e.State.Doc.Affinities, want) || e.State.Member.Persona != "regular" {
		t.Errorf("revised: %+v", e.State.Doc.Affinities)
	}
}

func TestPersonasThatLookAtWindowsAreThoseOfThePresent(t *testing.T) {
	spec := bakery()
	spec.Personas[0].Traits[0].When = `member.count("purchase", "30d") >= 1`
	s := meet(t, spec)
	if e := s.buys("2026-05-04 10:00", 100); e.State.Member.Persona != "regular" {
		t.Errorf("at the purchase: %+v", e.State.Doc.Affinities)
	}
	if e := s.takes(s.interaction("idea.voted", "2026-07-04 10:00")); e.State.Member.Persona != "" {
		t.Errorf("two months later, at a vote: %+v", e.State.Doc.Affinities)
	}
}

func TestOfEqualPersonasTheFirstIsPrimary(t *testing.T) {
	for _, swap := range []bool{false, true} {
		spec := bakery()
		spec.Personas[0].Traits = spec.Personas[1].Traits
		if swap {
			spec.Personas[0], spec.Personas[1] = spec.Personas[1], spec.Personas[0]
		}
		s := meet(t, spec)
		if e := s.takes(s.interaction("review", "2026-05-04 10:00")); e.State.Member.Persona != spec.Personas[0].Key {
			t.Errorf("%q is primary", e.State.Member.Persona)
		}
	}
}
