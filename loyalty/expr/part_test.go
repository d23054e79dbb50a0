package expr_test

import (
	"fmt"
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
	tier, gift := []expr.Reading{{"member.tier", "silver", ""}}, []expr.Reading{{"event.properties.gift", nil, ""}}
	want := []expr.Part{
		{Source: `event.value >= 5000`, Line: 1, Column: 1, Readings: []expr.Reading{{"event.value", int64(1240), expr.Money}}, Comparison: &expr.Comparison{">=", 1240, 5000, 0, 3760, expr.Money}},
		{
			Source: `member.tier == "gold" || has(event.properties.gift)`, Line: 1, Column: 25, Member: true, Readings: append(tier[:1:1], gift...),
			Alternatives: []expr.Part{
				{Source: `member.tier == "gold"`, Line: 1, Column: 25, Member: true, Readings: tier}, {Source: `has(event.properties.gift)`, Line: 1, Column: 50, Readings: gift},
			},
		},
		{Source: `!(event.properties.items < 2)`, Line: 2, Column: 2, Holds: true, Readings: []expr.Reading{{"event.properties.items", int64(3), ""}}},
		{
			Source: `3 > member.count("purchase", "month")`, Line: 2, Column: 35, Member: true, Readings: []expr.Reading{{`member.count("purchase", "month")`, int64(3), expr.Times}},
			Comparison: &expr.Comparison{"<", 3, 3, 0, 1, expr.Times},
		},
		{Source: `event.properties.gift`, Line: 2, Column: 76, Fault: expr.Unset, Readings: gift},
		{
			Source: `member.sum("purchase") == 5000`, Line: 2, Column: 101, Member: true, Readings: []expr.Reading{{`member.sum("purchase")`, int64(4000), expr.Money}},
			Comparison: &expr.Comparison{"==", 4000, 5000, 0, 1000, expr.Money},
		},
	}
	if !reflect.DeepEqual(parts, want) {
		t.Errorf("told\n%+v, not\n%+v", parts, want)
	}
}

// What stands between the outermost && and ||, wherever else they are written.
func TestExpressionsAreTakenApartWhereTheyAreWritten(t *testing.T) {
	for source, want := range map[string]string{
		`event.name == "a && b" && event.name != 'it\'s || not'`:               `[event.name == "a && b"@1:1] [event.name != 'it\'s || not'@1:27]`,
		`event.name == r"\" && event.value > 0 // of && money`:                 `[event.name == r"\"@1:1] [event.value > 0 // of && money@1:23]`,
		"event.name == '''\n'&&' ''' &&\n(event.value > 0 && event.value < 9)": "[event.name == '''\n'&&' '''@1:1] [event.value > 0@3:2] [event.value < 9@3:21]",
		`event.value > 0 ? true && false : true`:                               `[event.value > 0 ? true && false : true@1:1]`,
		`((event.value > 0) || (event.value > 1 && event.value < 9)) && "è" != "é" && true`: `[(event.value > 0) || (event.value > 1 && event.value < 9)@1:2 ` +
			`any [event.value > 0@1:3] [event.value > 1 && event.value < 9@1:24 all [event.value > 1@1:24] [event.value < 9@1:43]]] ["è" != "é"@1:64] [true@1:78]`,
		`event.properties.tags.exists(t, t == "a" && t != "b") && true`: `[event.properties.tags.exists(t, t == "a" && t != "b")@1:1] [true@1:58]`,
	} {
		if got := shape(explain(t, source)); got != want {
			t.Errorf("%s is\n%s, not\n%s", source, got, want)
		}
	}
}

func shape(parts []expr.Part) string {
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = fmt.Sprintf("[%s@%d:%d", p.Source, p.Line, p.Column)
		if p.Alternatives != nil {
			texts[i] += " any " + shape(p.Alternatives)
		}
		if p.Parts != nil {
			texts[i] += " all " + shape(p.Parts)
		}
		texts[i] += "]"
	}
	return strings.Join(texts, " ")
}

func TestNumbersAndTimesAreMeasured(t *testing.T) {
	for source, want := range map[string]expr.Comparison{
		`event.properties.rating >= 4.75`:                             {">=", 400, 475, 2, 75, ""},
		`event.properties.rating > 4.0`:                               {">", 4, 4, 0, 0, ""},
		`event.occurred_at >= timestamp("2026-05-21T21:30:00Z")`:      {">=", 1779312600, 1779399000, 0, 86400, expr.Seconds},
		`timestamp("2026-05-20T21:30:00Z") < event.occurred_at`:       {">", 1779312600, 1779312600, 0, 1, expr.Seconds},
		`event.occurred_at - member.enrolled_at > duration("20000h")`: {">", 43525555, 72000000, 0, 28474446, expr.Seconds},
		`event.value != 1240`:                                         {"!=", 1240, 1240, 0, 1, expr.Money},
	} {
		if k := explain(t, source)[0].Comparison; k == nil || *k != want {
			t.Errorf("%s: %+v, not %+v", source, k, want)
		}
	}
	for _, source := range []string{`event.properties.rating > 1e300`, `event.name == "x"`, `event.properties.rating > 0.12345678901234567`} {
		if k := explain(t, source)[0].Comparison; k != nil {
			t.Errorf("%s: %+v", source, k)
		}
	}
}

func TestWhatGoesWrongIsTold(t *testing.T) {
	for source, fault := range map[string]expr.Fault{
		`event.value / (event.value - 1240) == 0`:      expr.ZeroDivision,
		`event.value % (event.value - 1240) == 0`:      expr.ZeroDivision,
		`event.value * 9000000000000000000 > 0`:        expr.Overflow,
		`event.properties.tags[9] == "x"`:              expr.OutOfRange,
		`int(event.properties.channel) > 0`:            expr.Failed,
		`member.count("purchase", "200d") > 0`:         expr.Unset,
		`event.properties.tags.exists(t, t == "sale")`: "",
	} {
		p := explain(t, source)
		if len(p) != 1 || p[0].Fault != fault || len(p[0].Readings) != 1 {
			t.Errorf("%s: told %+v", source, p)
		}
		if fault == expr.Unset {
			fault = "" // that it does not hold is all that a condition makes of it
		}
		c := expr.NewLanguage(words).Condition(source, []string{"purchase"}, fact.NewReport())
		if holds, tested := c.Test(scope()); tested != fault || holds != p[0].Holds || holds != c.Holds(scope()) {
			t.Errorf("%s: holds %t, %s", source, holds, tested)
		}
	}
	a := expr.NewLanguage(words).Amount(`event.properties.items / (event.properties.items - 3)`, []string{"purchase"}, fact.NewReport())
	if p := a.Explain(scope()); p.Fault != expr.ZeroDivision || !reflect.DeepEqual(p.Readings, []expr.Reading{{"event.properties.items", int64(3), ""}}) {
		t.Errorf("told %+v", p)
	}
	if _, fault := a.Of(scope()); fault != expr.ZeroDivision {
		t.Errorf("told %s", fault)
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
