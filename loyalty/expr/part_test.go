package expr_test

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

func explain(t *testing.T, source string) []expr.Part {
	t.Helper()
	r := fact.NewReport()
	c := expr.NewLanguage(words).Condition(source, []string{"purchase"}, r)
	if c == nil {
		t.Fatal(r.Problems())
	}
	return c.Explain(scope())
}

func TestConditionIsExplainedPartByPart(t *testing.T) {
	parts := explain(t, `event.value >= 5000 && (member.tier == "gold" || has(event.properties.gift)) &&
 !(event.properties.items < 2) && 3 > member.count("purchase", "month") && event.properties.gift && member.sum("purchase") == 5000`)
	want := []expr.Part{
		{Source: `event.value >= 5000`, Readings: []expr.Reading{{"event.value", int64(1240), expr.Money}}, Comparison: &expr.Comparison{">=", 1240, 5000, 3760, expr.Money}},
		{Source: `member.tier == "gold" || has(event.properties.gift)`, Member: true, Readings: []expr.Reading{{"member.tier", "silver", ""}, {"event.properties.gift", nil, ""}}},
		{Source: `!(event.properties.items < 2)`, Holds: true, Readings: []expr.Reading{{"event.properties.items", int64(3), ""}}},
		{
			Source: `3 > member.count("purchase", "month")`, Member: true, Readings: []expr.Reading{{`member.count("purchase", "month")`, int64(3), expr.Times}},
			Comparison: &expr.Comparison{"<", 3, 3, 1, expr.Times},
		},
		{Source: `event.properties.gift`, Fault: expr.Unset, Readings: []expr.Reading{{"event.properties.gift", nil, ""}}},
		{
			Source: `member.sum("purchase") == 5000`, Member: true, Readings: []expr.Reading{{`member.sum("purchase")`, int64(4000), expr.Money}},
			Comparison: &expr.Comparison{"==", 4000, 5000, 1000, expr.Money},
		},
	}
	if !reflect.DeepEqual(parts, want) {
		t.Errorf("told\n%+v, not\n%+v", parts, want)
	}
}

func TestWhatGoesWrongIsTold(t *testing.T) {
	for source, fault := range map[string]string{
		`event.value / (event.value - 1240) == 0`:      "divi",
		`member.count("purchase", "200d") > 0`:         expr.Unset,
		`event.properties.tags.exists(t, t == "sale")`: "",
	} {
		p := explain(t, source)
		if len(p) != 1 || (fault == "") != (p[0].Fault == "") || !strings.Contains(p[0].Fault, fault) || len(p[0].Readings) != 1 {
			t.Errorf("%s: told %+v", source, p)
		}
	}
	a := expr.NewLanguage(words).Amount(`event.properties.items / (event.properties.items - 3)`, []string{"purchase"}, fact.NewReport())
	if p := a.Explain(scope()); !strings.Contains(p.Fault, "divi") || !reflect.DeepEqual(p.Readings, []expr.Reading{{"event.properties.items", int64(3), ""}}) {
		t.Errorf("told %+v", p)
	}
}

// A condition holds exactly if all its parts do; and what is compared is as far away as it is told: change it by so much, and it holds.
func TestPartsAreTheWhole(t *testing.T) {
	atoms := []string{
		`event.value > 1240`, `event.value >= 1240`, `event.properties.gift`, `member.tier == "silver"`, `(member.tier == "x" || event.value > 0)`, `3 <= event.properties.items`,
		`event.properties.tags.all(t, t != "x")`, `!(event.value == 1240)`, `member.count("purchase", "200d") > 0`, `event.value != 1240`, `event.value / 0 == 1`,
	}
	rapid.Check(t, func(t *rapid.T) {
		source := strings.Join(rapid.SliceOfN(rapid.SampledFrom(atoms), 1, 5).Draw(t, "atoms"), " && ")
		c := expr.NewLanguage(words).Condition(source, []string{"purchase"}, fact.NewReport())
		s, all := scope(), true
		for _, p := range c.Explain(s) {
			all = all && p.Holds
			if k := p.Comparison; k != nil && (k.Distance == 0) != p.Holds {
				t.Fatalf("%s holds: %t, and is %d away", p.Source, p.Holds, k.Distance)
			}
		}
		if c.Holds(s) != all {
			t.Fatalf("%s holds: %t, its parts: %t", source, !all, all)
		}
	})
}
