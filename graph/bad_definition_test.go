package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
)

// Whatever is wrong with a definition is told with its place, and with what was probably meant; nothing is saved of it, on either database: every row of every
// table stays as it was.
func TestABadDefinitionSavesNothing(t *testing.T) {
	stands(t, func(t *testing.T, h *house) {
		anna := h.operator(t)
		stars := fmt.Sprintf(ruleStars, 5)
		when := func(text string) string { return strings.Replace(stars, "event.properties.stars >= 4", text, 1) }
		past := "key: past\nname: {it: P, en: P}\non: [review]\n%s\naward: {points: 1}\n"
		long := strings.Repeat("[1,2,3,4,5].all(a, ", 8) + "a > 0" + strings.Repeat(")", 8)
		before := h.dump(t)
		for _, c := range []struct {
			name, kind, yaml string
			revision         any // that it is to follow; nil for a new definition
			want             string
		}{
			{"does not compile", "RULE", when("event.properties.stars >= (4"), 1, `[{"column":35,"key":"stars","kind":"RULE","line":4,"message":"missing ')' at '\u003cEOF\u003e'","path":"when"}]`},
			{"of another type", "RULE", when("event.properties.stars + 1"), 1, `[{"column":7,"key":"stars","kind":"RULE","line":4,"message":"a condition is true or false, of type bool: this is of type int","path":"when"}]`},
			{"an award of a double", "RULE", strings.Replace(stars, "{points: 5}", "{expression: '1.5'}", 1), 1, `"line":5,"message":"an award is a whole number, of type int: this is of type double"`},
			{"could run long", "RULE", when("'" + long + "'"), 1, `"line":4,"message":"it would cost too much to evaluate: up to `},
			{"an undeclared name", "RULE", when("membr.attributes.children > 1"), 1, `"column":7,"key":"stars","kind":"RULE","line":4,"message":"unknown name “membr”: did you mean “member”?","path":"when"}]`},
			{"an undeclared attribute", "RULE", when("member.attributes.childen > 1"), 1, `"column":24,"key":"stars","kind":"RULE","line":4,"message":"the programme declares no attribute “childen”: did you mean “children”?","path":"when"}]`},
			{"an undeclared event", "RULE", when(`member.count("purchas") > 1`), 1, `"column":20,"key":"stars","kind":"RULE","line":4,"message":"unknown event “purchas”: did you mean “purchase”?","path":"when"}]`},
			{"an overlapping tier", "TIER", "key: gold\nname: {it: Oro, en: Gold}\nat: 100\n", 1, `[{"column":5,"key":"gold","kind":"TIER","line":3,"message":"tiers rise: this one begins at 100 points, the one before it at 100","path":"at"}]`},
			{"never opens", "RULE", fmt.Sprintf(past, "until: 2025-06-01"), nil, `"column":8,"key":"past","kind":"RULE","line":4,"message":"it never opens: it ends before it comes into force, at `},
			{"has no such day", "RULE", fmt.Sprintf(past, "schedule: [{months: [february], days: [30]}]"), nil, `[{"column":12,"key":"past","kind":"RULE","line":4,"message":"it never opens: there is no such day","path":"schedule[0]"}]`},
			{"ends before it begins", "RULE", fmt.Sprintf(past, "from: 2099-06-02\nuntil: 2099-06-01"), nil, `[{"column":8,"key":"past","kind":"RULE","line":5,"message":"it ends before it begins","path":"until"}]`},
			{"an unknown budget", "RULE", strings.Replace(stars, "award", "budget: spring\naward", 1), 1, `"line":5,"message":"unknown budget “spring”","path":"budget"}]`},
		} {
			a := anna.ask(t, draftIt, input(variables{"kind": c.kind, "yaml": c.yaml, "expectedRevision": c.revision})).sound(t)
			a.is(t, "definitionDraft.userErrors.0.code", `"INVALID_DEFINITION"`)
			if told, _ := json.Marshal(a.at("definitionDraft.problems")); !strings.Contains(string(told), c.want) {
				t.Errorf("%s: told   %s\nwanted %s", c.name, told, c.want)
			}
			if after := h.dump(t); !maps.Equal(after, before) {
				t.Fatalf("%s has changed something", c.name)
			}
		}
	})
}

// A budget is never published below what is spent of it, and nothing else is that would be published with it.
func TestABudgetBelowWhatIsSpentIsRefused(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.keeps(t, `budgets:
  - {key: spring, name: {it: Primavera, en: Spring}, points: 25}
rules:
  - {key: review, name: {it: x, en: x}, on: [review], award: {points: 8}, budget: spring}
`)
		member, anna := h.enrolled(t, "nonna@example.com"), h.operator(t)
		h.review(t, member, "a")
		h.review(t, member, "b")
		draft := func(points int) {
			t.Helper()
			shown := anna.ask(t, `{ viewer { programme { definition(ref: {name: {kind: BUDGET, key: "spring"}}) { revisions(first: 1) { edges { node { number } } } } } } }`, nil).sound(t)
			anna.ask(t, draftIt, input(variables{
				"kind": "BUDGET", "yaml": fmt.Sprintf("{key: spring, name: {it: Primavera, en: Spring}, points: %d}", points),
				"expectedRevision": shown.at("viewer.programme.definition.revisions.edges.0.node.number"),
			})).sound(t).is(t, "definitionDraft.userErrors", `[]`)
		}
		draft(15)
		before := h.dump(t)
		a := anna.ask(t, publishIt, input(variables{"expectedVersion": 1, "changes": []variables{
			{"definition": variables{"name": variables{"kind": "BUDGET", "key": "spring"}}}, {"definition": rule("review"), "action": "PAUSE"},
		}})).sound(t)
		a.is(t, "programmePublish.problems", `[{"key":"spring","kind":"BUDGET","message":"16 points are spent already: a budget cannot be lower than that","path":"points"}]`)
		a.is(t, "programmePublish.userErrors.0.code", `"INVALID_DEFINITION"`)
		if after := h.dump(t); !maps.Equal(after, before) {
			t.Error("something was changed")
		}
		draft(16)
		anna.ask(t, publishIt, input(variables{"expectedVersion": 1})).sound(t).is(t, "programmePublish.version.number", `2`)
		if points := h.review(t, member, "c"); points != 0 {
			t.Errorf("a budget that is used up gives %d points", points)
		}
	})
}
