package persona_test

import (
	"slices"
	"testing"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/persona"
)

type record map[string]any

func (r record) Attribute(name string) (any, bool) { v, ok := r[name]; return v, ok }
func (record) Dependents() []expr.Dependent        { return nil }
func (record) Metric(string, fact.Day) (any, bool) { return nil, false }
func (record) Total(string) expr.Total             { return expr.Total{} }
func (record) Within(string, fact.Day, fact.Day) (int64, int64, bool) {
	return 0, 0, true
}
func (record) Since(string, fact.Day, *time.Location) (int64, int64, bool) { return 0, 0, true }

func TestAffinityIsTheWeightOfTheTraitsThatHold(t *testing.T) {
	trait := func(key string, weight int, when string) persona.TraitSpec {
		return persona.TraitSpec{Key: key, Dimension: persona.Values, Weight: weight, When: when, Text: fact.Text{"en": key}}
	}
	r := fact.NewReport()
	l := expr.NewLanguage(expr.Vocabulary{Attributes: map[string]expr.Type{"diet": expr.String, "children": expr.Int}})
	p := persona.Compile([]persona.Spec{{Key: "p", Name: fact.Text{"en": "P"}, Traits: []persona.TraitSpec{
		trait("vegan", 50, `member.attributes.diet == "vegan"`), trait("parent", 30, `member.attributes.children > 0`), trait("silver", 11, `member.tier == "silver"`),
	}}}, nil, fact.Setting{Zone: time.UTC, Languages: []string{"en"}}, l, r)[0]
	if len(r.Problems()) > 0 {
		t.Fatal(r.Problems())
	}
	for _, c := range []struct {
		known   record
		tier    string
		percent int
		traits  []string
	}{
		{record{}, "", 0, nil},
		{record{"diet": "vegan"}, "", 54, []string{"vegan"}}, // 50 of 91
		{record{"diet": "any", "children": int64(2)}, "silver", 45, []string{"parent", "silver"}},
		{record{"diet": "vegan", "children": int64(1)}, "silver", 100, []string{"vegan", "parent", "silver"}},
	} {
		var s expr.Scope
		s.Set(&expr.Member{Tier: c.tier, Record: c.known}, nil, time.Now(), time.UTC)
		if percent, traits := p.Affinity(&s); percent != c.percent || !slices.Equal(traits, c.traits) {
			t.Errorf("%v: %d %% by %v", c.known, percent, traits)
		}
	}
	if p.Trait("parent").Weight != 30 || p.Trait("x") != nil {
		t.Error("a trait is not found by its key")
	}
}
