package graph_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"granaio/auth"
)

// names are the kinds and keys of a page of definitions.
func names(a answer) string {
	edges, _ := a.at("viewer.programme.definitions.edges").([]any)
	var all []string
	for i := range edges {
		node := fmt.Sprintf("viewer.programme.definitions.edges.%d.node.", i)
		all = append(all, fmt.Sprintf("%v/%v/%v", a.at(node+"kind"), a.at(node+"key"), a.at(node+"state")))
	}
	return strings.ToLower(strings.Join(all, " "))
}

func TestDefinitionsArePagedAndFiltered(t *testing.T) {
	stands(t, func(t *testing.T, h *house) {
		anna := h.operator(t)
		anna.ask(t, draftIt, input(variables{"kind": "RULE", "yaml": fmt.Sprintf(ruleStars, 9), "expectedRevision": 1})).sound(t)
		anna.ask(t, draftIt, input(variables{"kind": "RULE", "yaml": strings.Replace(fmt.Sprintf(ruleStars, 9), "key: stars", "key: again", 1)})).sound(t)
		anna.ask(t, publishIt, input(variables{"expectedVersion": 1, "changes": []variables{{"definition": rule("spend"), "action": "PAUSE"}, {"definition": rule("welcome"), "action": "RETIRE"}}})).sound(t)
		const query = `query($first: Int, $after: Cursor, $last: Int, $before: Cursor, $filter: DefinitionFilter) { viewer { programme {
		  definitions(first: $first, after: $after, last: $last, before: $before, filter: $filter) { totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
		    edges { node { kind key state draft { number } inForce { number } } } } } } }`
		for want, v := range map[string]variables{
			"settings/settings/published touchpoint/app/published touchpoint/till/published": {"first": 3},
			"mission/three/published reward/mug/published reward/trip/published":             {"last": 3},
			"rule/again/draft rule/spend/paused rule/stars/published rule/welcome/retired":   {"first": 100, "filter": variables{"kinds": []string{"RULE"}}},
			"rule/again/draft rule/stars/published":                                          {"first": 100, "filter": variables{"drafted": true}},
			"rule/again/draft rule/spend/paused rule/welcome/retired":                        {"first": 9, "filter": variables{"states": []string{"DRAFT", "PAUSED", "RETIRED"}}},
			"":                        {"first": 9, "filter": variables{"states": []string{}}},
			"mission/three/published": {"first": 9, "filter": variables{"kinds": []string{"RULE", "MISSION"}, "states": []string{"PUBLISHED"}, "drafted": false}},
		} {
			if got := names(anna.ask(t, query, v).sound(t)); got != want {
				t.Errorf("of %v there are\n%s, not\n%s", v, got, want)
			}
		}
		// From page to page, forth and back, each once.
		var forth, back []string
		v := variables{"first": 3}
		for {
			a := anna.ask(t, query, v).sound(t)
			a.is(t, "viewer.programme.definitions.totalCount", "13")
			forth = append(forth, names(a))
			if a.at("viewer.programme.definitions.pageInfo.hasNextPage") == false {
				break
			}
			v["after"] = a.at("viewer.programme.definitions.pageInfo.endCursor")
		}
		v = variables{"last": 3}
		for {
			a := anna.ask(t, query, v).sound(t)
			back = append([]string{names(a)}, back...)
			if a.at("viewer.programme.definitions.pageInfo.hasPreviousPage") == false {
				break
			}
			v["before"] = a.at("viewer.programme.definitions.pageInfo.startCursor")
		}
		if f, b := strings.Join(forth, " "), strings.Join(back, " "); f != b || len(strings.Fields(f)) != 13 {
			t.Errorf("forth %s\nback  %s", f, b)
		}
		versions := anna.ask(t, `{ viewer { programme { versions(first: 1) { edges { cursor } } } } }`, nil).sound(t)
		bad := anna.ask(t, query, variables{"first": 1, "after": versions.at("viewer.programme.versions.edges.0.cursor")})
		if bad.code() != "BAD_REQUEST" {
			t.Errorf("a cursor of another connection: %v", bad.Errors)
		}
	})
}

func TestADefinitionTellsItsHistory(t *testing.T) {
	stands(t, func(t *testing.T, h *house) {
		anna, bea := h.operator(t), h.as(t, auth.Claims{Role: auth.RoleOperator, Subject: "bea"})
		anna.ask(t, draftIt, input(variables{"kind": "RULE", "yaml": fmt.Sprintf(ruleStars, 9), "expectedRevision": 1})).sound(t)
		bea.ask(t, publishIt, input(variables{"expectedVersion": 1, "note": "as agreed"})).sound(t)
		anna.ask(t, `mutation { definitionPause(input: {definition: {name: {kind: RULE, key: "stars"}}}) { userErrors { code } } }`, nil).sound(t)
		const query = `query($ref: DefinitionRef!) { viewer { programme { definition(ref: $ref) { id subject
		  revisions(first: 5) { totalCount edges { node { id number createdBy spec definition { key } } } }
		  changes(first: 10) { totalCount edges { node { id action by before { number } after { number } version { number publishedBy note { text } } definition { key } } } } } } } }`
		a := anna.ask(t, query, variables{"ref": rule("stars")}).sound(t)
		at := "viewer.programme.definition."
		a.is(t, at+"revisions.edges.0.node.spec.award", `{"points":9}`)
		a.is(t, at+"revisions.edges.1.node.createdBy", `"test"`)
		a.is(t, at+"revisions.totalCount", `2`)
		a.is(t, at+"changes.totalCount", `4`)
		for i, want := range []string{
			`{"action":"PAUSED","after":{"number":2},"before":{"number":2},"by":"operator:anna","definition":{"key":"stars"},"version":{"note":null,"number":3,"publishedBy":"operator:anna"}}`,
			`{"action":"PUBLISHED","after":{"number":2},"before":{"number":1},"by":"operator:bea","definition":{"key":"stars"},"version":{"note":{"text":"as agreed"},"number":2,"publishedBy":"operator:bea"}}`,
			`{"action":"DRAFTED","after":{"number":2},"before":{"number":1},"by":"operator:anna","definition":{"key":"stars"},"version":null}`,
			`{"action":"PUBLISHED","after":{"number":1},"before":null,"by":"test","definition":{"key":"stars"},"version":{"note":null,"number":1,"publishedBy":"test"}}`,
		} {
			node, _ := a.at(fmt.Sprintf(at+"changes.edges.%d.node", i)).(map[string]any)
			delete(node, "id")
			if got, _ := json.Marshal(node); string(got) != want {
				t.Errorf("change %d is\n%s, not\n%s", i, got, want)
			}
		}
		// Whatever has an id is found by it; the definition by that of the rule, too.
		again := anna.ask(t, query, variables{"ref": variables{"id": a.at(at + "subject")}}).sound(t)
		again.is(t, at+"id", fmt.Sprintf("%q", a.at(at+"id")))
		for path, want := range map[string]string{"id": "Definition", "subject": "Rule", "revisions.edges.0.node.id": "Revision"} {
			anna.ask(t, nodeQuery, variables{"id": a.at(at + path)}).sound(t).is(t, "node.__typename", fmt.Sprintf("%q", want))
			if path != "subject" {
				h.partner(t, "interactions:write").ask(t, nodeQuery, variables{"id": a.at(at + path)}).sound(t).is(t, "node", "null")
			}
		}
		change := anna.ask(t, `{ viewer { programme { changes(first: 1) { edges { node { id } } } versions(last: 1) { edges { node { id } } } } } }`, nil).sound(t)
		anna.ask(t, nodeQuery, variables{"id": change.at("viewer.programme.changes.edges.0.node.id")}).sound(t).is(t, "node.__typename", `"Change"`)
		anna.ask(t, nodeQuery, variables{"id": change.at("viewer.programme.versions.edges.0.node.id")}).sound(t).is(t, "node.__typename", `"ProgrammeVersion"`)
		// Another programme's are not seen.
		foreign := h.as(t, auth.Claims{Role: auth.RoleOperator, Subject: "eve", Programme: h.publish(t, "elsewhere")})
		for _, path := range []string{"id", "subject", "revisions.edges.0.node.id"} {
			foreign.ask(t, nodeQuery, variables{"id": a.at(at + path)}).sound(t).is(t, "node", "null")
		}
		foreign.ask(t, query, variables{"ref": variables{"id": a.at(at + "id")}}).sound(t).is(t, "viewer.programme.definition", "null")
		foreign.ask(t, `mutation($id: ID!) { definitionPause(input: {definition: {id: $id}}) { userErrors { code field } } }`, variables{"id": a.at(at + "id")}).sound(t).
			is(t, "definitionPause.userErrors", `[{"code":"UNKNOWN_DEFINITION","field":["definition"]}]`)
	})
}

func TestChangesAreFiltered(t *testing.T) {
	stands(t, func(t *testing.T, h *house) {
		anna := h.operator(t)
		began := time.Now()
		for i := range 3 {
			anna.ask(t, draftIt, input(variables{"kind": "RULE", "yaml": fmt.Sprintf(ruleStars, 6+i), "expectedRevision": 1 + i})).sound(t).is(t, "definitionDraft.userErrors", "[]")
		}
		anna.ask(t, `mutation { definitionDiscard(input: {definition: {name: {kind: RULE, key: "stars"}}}) { definition { draft { number } } userErrors { code } } }`, nil).sound(t).
			is(t, "definitionDiscard", `{"definition":{"draft":null},"userErrors":[]}`)
		const query = `query($filter: ChangeFilter) { viewer { programme { changes(first: 100, filter: $filter) { totalCount edges { node { action by partner { key } } } } } } }`
		for want, filter := range map[string]variables{
			"3":  {"actions": []string{"DRAFTED"}},
			"4":  {"by": "operator:anna"},
			"0":  {"by": "operator:bea"},
			"17": nil,
			"13": {"before": began.Format(time.RFC3339Nano)},
			"1":  {"from": began.Format(time.RFC3339Nano), "actions": []string{"DISCARDED", "PAUSED"}},
		} {
			anna.ask(t, query, variables{"filter": filter}).sound(t).is(t, "viewer.programme.changes.totalCount", want)
		}
		anna.ask(t, query, variables{"filter": variables{"actions": []string{"GRANTED"}}}).sound(t).
			is(t, "viewer.programme.changes.edges", `[{"node":{"action":"GRANTED","by":"test","partner":{"key":"bistro"}}}]`)
	})
}

const importIt = `mutation($input: ProgrammeImportInput!) { programmeImport(input: $input) { version { number cause state differences { key change } yaml }
  differences { kind key change fields { path before after } } problems { kind key path line column message } userErrors { code field message } } }`

func TestAFileIsImportedThroughTheAPI(t *testing.T) {
	stands(t, func(t *testing.T, h *house) {
		anna := h.operator(t)
		src, err := os.ReadFile("testdata/stand.yaml")
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(src), "award: {points: 5}", "award: {points: 9}", 1)
		dry := anna.ask(t, importIt, input(variables{"yaml": text, "expectedVersion": 1, "dryRun": true})).sound(t)
		dry.is(t, "programmeImport.version", "null")
		dry.is(t, "programmeImport.differences", `[{"change":"CHANGED","fields":[{"after":9,"before":5,"path":"award.points"}],"key":"stars","kind":"RULE"}]`)
		anna.ask(t, importIt, input(variables{"yaml": text, "expectedVersion": 7})).sound(t).is(t, "programmeImport.userErrors.0.code", `"UNKNOWN_VERSION"`)
		if anna.lastVersion(t) != 1 {
			t.Fatal("something was published")
		}
		a := anna.ask(t, importIt, input(variables{"yaml": text, "expectedVersion": 1})).sound(t)
		a.is(t, "programmeImport.version.number", "2")
		a.is(t, "programmeImport.version.differences", `[{"change":"CHANGED","key":"stars"}]`)
		// What the API writes changes nothing.
		again := anna.ask(t, importIt, input(variables{"yaml": a.at("programmeImport.version.yaml"), "expectedVersion": 2})).sound(t)
		again.is(t, "programmeImport", `{"differences":[],"problems":[],"userErrors":[],"version":null}`)
		for name, c := range map[string]struct{ text, want string }{
			"another programme":   {strings.Replace(text, "key: stand", "key: other", 1), `{"column":8,"key":null,"kind":null,"line":3,"message":"it is another programme, “other”","path":"programme.key"}`},
			"a mistake":           {strings.Replace(text, "on: [review]", "on: [revue]", 1), `"line":35,"message":"unknown event “revue”","path":"rules[2].on[0]"}`},
			"overlapping tiers":   {strings.Replace(text, "at: 500", "at: 100", 1), `"message":"tiers rise: this one begins at 100 points, the one before it at 100","path":"tiers[1].at"}`},
			"another zone":        {strings.Replace(text, "Europe/Rome", "Europe/Athens", 1), `"message":"is Europe/Rome since the programme began, and can never change: the days of the past would be others","path":"programme.time_zone"}`},
			"anchors":             {"a: &a [x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n", `the anchor \u0026a: anchors are not taken`},
			"too many values":     {"a: [" + strings.Repeat("a,", 1<<19) + "]", `is too long: more than 400000 lines, commas, brackets and dashes`},
			"a control character": {"granaio: 1\x00", `holds the control character U+0000`},
		} {
			t.Run(name, func(t *testing.T) {
				a := anna.ask(t, importIt, input(variables{"yaml": c.text, "expectedVersion": 2})).sound(t)
				a.is(t, "programmeImport.userErrors.0.code", `"INVALID_DEFINITION"`)
				a.is(t, "programmeImport.userErrors.0.field", `["yaml"]`)
				if told, _ := json.Marshal(a.at("programmeImport.problems")); !strings.Contains(string(told), c.want) {
					t.Errorf("told   %.2000s\nwanted %s", told, c.want)
				}
			})
		}
		if huge := anna.ask(t, importIt, input(variables{"yaml": strings.Repeat("# much too much\n", 1<<18), "expectedVersion": 2})); huge.code() != "LIMIT_EXCEEDED" {
			t.Errorf("4 MiB are answered with %v", huge.Errors)
		}
		if anna.lastVersion(t) != 2 {
			t.Error("something was published")
		}
	})
}

func TestVersionsAreCompared(t *testing.T) {
	stands(t, func(t *testing.T, h *house) {
		anna := h.operator(t)
		anna.ask(t, draftIt, input(variables{"kind": "RULE", "yaml": fmt.Sprintf(ruleStars, 9) + "priority: 3\n", "expectedRevision": 1})).sound(t)
		anna.ask(t, publishIt, input(variables{"expectedVersion": 1, "changes": []variables{{"definition": rule("stars")}, {"definition": rule("spend"), "action": "PAUSE"}}})).sound(t)
		const query = `query($from: Int!, $to: Int) { viewer { programme { diff(from: $from, to: $to) { kind key change fields { path before after } } } } }`
		want := `[{"change":"CHANGED","fields":[{"after":true,"before":null,"path":"paused"}],"key":"spend","kind":"RULE"},` +
			`{"change":"CHANGED","fields":[{"after":9,"before":5,"path":"award.points"},{"after":3,"before":null,"path":"priority"}],"key":"stars","kind":"RULE"}]`
		anna.ask(t, query, variables{"from": 1}).sound(t).is(t, "viewer.programme.diff", want)
		anna.ask(t, query, variables{"from": 1, "to": 2}).sound(t).is(t, "viewer.programme.diff", want)
		anna.ask(t, query, variables{"from": 2, "to": 2}).sound(t).is(t, "viewer.programme.diff", "[]")
		if all, _ := anna.ask(t, query, variables{"from": 0, "to": 1}).sound(t).at("viewer.programme.diff").([]any); len(all) != 12 {
			t.Errorf("against nothing %d definitions differ", len(all))
		}
		if bad := anna.ask(t, query, variables{"from": 1, "to": 3}); bad.code() != "BAD_REQUEST" {
			t.Errorf("a version that is not there: %v", bad.Errors)
		}
	})
}
