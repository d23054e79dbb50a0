package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty/fact"
	"granaio/programme"
)

// The mutations that the tests of a programme's life send.
const (
	draftIt = `mutation($input: DefinitionDraftInput!) { definitionDraft(input: $input) {
	  definition { id subject kind key state inForce { number } draft { number spec yaml createdBy } }
	  problems { kind key path line column message } breaks { kind key path message } userErrors { field message code } } }`
	publishIt = `mutation($input: ProgrammePublishInput!) { programmePublish(input: $input) {
	  version { number state from publishedBy note { text by } } differences { kind key change fields { path before after } }
	  problems { kind key path message } userErrors { field message code } } }`
	ruleStars = `key: stars
name: {it: Stelle, en: Stars}
on: [review]
when: event.properties.stars >= 4
award: {points: %d}
`
)

// stands runs a test on both databases, in a programme that these tests have to themselves.
func stands(t *testing.T, test func(*testing.T, *house)) {
	t.Helper()
	each(t, func(t *testing.T, h *house) {
		h.id = h.publishes(t, "stand", "")
		test(t, h)
	})
}

func input(v variables) variables { return variables{"input": v} }

func rule(key string) variables { return variables{"name": variables{"kind": "RULE", "key": key}} }

// review has a member review, and tells how many points that gave.
func (h *house) review(t *testing.T, member fact.ID, key string) fact.Points {
	t.Helper()
	o, err := h.engine.Track(t.Context(), engine.Track{
		Origin: engine.Origin{Programme: h.id, Caller: "test", Key: key}, Member: engine.Ref{ID: member}, Event: "review", Touchpoint: "app",
		Properties: map[string]any{"stars": int64(5)},
	})
	if err != nil || o.Refusal != nil {
		t.Fatal(o, err)
	}
	var points fact.Points
	for _, m := range o.Movements {
		points += m.Points
	}
	return points
}

// lastVersion is the number that a publication expects.
func (c *client) lastVersion(t *testing.T) int {
	t.Helper()
	n := c.ask(t, `{ viewer { programme { lastVersion } } }`, nil).sound(t).at("viewer.programme.lastVersion").(float64)
	return int(n)
}

// A rule is written, published, paused, resumed and retired; each step counts from the next transaction on, also in another process.
func TestTheLifeOfARule(t *testing.T) {
	stands(t, func(t *testing.T, h *house) {
		other := beside(t, h)
		anna, member := h.operator(t), h.enrolled(t, "a@example.com")
		gives := func(key string, want fact.Points) {
			t.Helper()
			if here, there := h.review(t, member, key), other.review(t, member, key+" there"); here != want || there != want {
				t.Errorf("%s: a review gives %d here and %d there, not %d", key, here, there, want)
			}
		}
		gives("before", 5)
		a := anna.ask(t, draftIt, input(variables{"kind": "RULE", "yaml": fmt.Sprintf(ruleStars, 9), "expectedRevision": 1})).sound(t)
		a.is(t, "definitionDraft.definition.state", `"PUBLISHED"`)
		a.is(t, "definitionDraft.definition.inForce", `{"number":1}`)
		a.is(t, "definitionDraft.definition.draft.number", `2`)
		a.is(t, "definitionDraft.definition.draft.createdBy", `"operator:anna"`)
		a.is(t, "definitionDraft.userErrors", `[]`)
		gives("drafted", 5)
		// What the API gives as YAML it takes again.
		again := anna.ask(t, draftIt, input(variables{"kind": "RULE", "yaml": a.at("definitionDraft.definition.draft.yaml"), "expectedRevision": 2})).sound(t)
		again.is(t, "definitionDraft.userErrors.0.code", `"UNCHANGED"`)
		again = anna.ask(t, draftIt, input(variables{"kind": "RULE", "spec": a.at("definitionDraft.definition.draft.spec"), "expectedRevision": 2})).sound(t)
		again.is(t, "definitionDraft.userErrors.0.code", `"UNCHANGED"`)

		dry := anna.ask(t, publishIt, input(variables{"expectedVersion": 1, "dryRun": true})).sound(t)
		dry.is(t, "programmePublish.version", `null`)
		dry.is(t, "programmePublish.differences", `[{"change":"CHANGED","fields":[{"after":9,"before":5,"path":"award.points"}],"key":"stars","kind":"RULE"}]`)
		gives("tried out", 5)
		p := anna.ask(t, publishIt, input(variables{"expectedVersion": 1, "note": "more for stars"})).sound(t)
		p.is(t, "programmePublish.version.number", `2`)
		p.is(t, "programmePublish.version.state", `"IN_FORCE"`)
		p.is(t, "programmePublish.version.note", `{"by":"anna","text":"more for stars"}`)
		gives("published", 9)

		for _, step := range []struct {
			mutation, state string
			points          fact.Points
		}{{"Pause", "PAUSED", 0}, {"Resume", "PUBLISHED", 9}, {"Retire", "RETIRED", 0}} {
			query := fmt.Sprintf(`mutation($input: Definition%[1]sInput!) { definition%[1]s(input: $input) { definition { state } version { number } userErrors { code field } } }`, step.mutation)
			a := anna.ask(t, query, input(variables{"definition": rule("stars"), "note": "because"})).sound(t)
			a.is(t, "definition"+step.mutation+".definition.state", `"`+step.state+`"`)
			gives(step.mutation, step.points)
			a = anna.ask(t, query, input(variables{"definition": rule("stars")})).sound(t)
			a.is(t, "definition"+step.mutation+".userErrors", `[{"code":"UNCHANGED","field":["definition"]}]`)
		}
		back := anna.ask(t, `mutation { programmeRollback(input: {version: 2, expectedVersion: 5}) { version { number cause of } differences { key change } userErrors { code } } }`, nil).sound(t)
		back.is(t, "programmeRollback", `{"differences":[{"change":"ADDED","key":"stars"}],"userErrors":[],"version":{"cause":"ROLLBACK","number":6,"of":2}}`)
		gives("rolled back", 9)
	})
}

// beside is another process on the same database, which shares nothing else.
func beside(t *testing.T, h *house) *house {
	t.Helper()
	e := engine.New(h.store, shelf{programme.NewLibrary(h.store)}, engine.Nobody{}, engine.Options{})
	t.Cleanup(e.Close)
	return &house{id: h.id, store: h.store, engine: e}
}

func TestAPublicationIsScheduledAndCancelled(t *testing.T) {
	stands(t, func(t *testing.T, h *house) {
		anna, member := h.operator(t), h.enrolled(t, "a@example.com")
		anna.ask(t, draftIt, input(variables{"kind": "RULE", "yaml": fmt.Sprintf(ruleStars, 9), "expectedRevision": 1})).sound(t)
		soon := time.Now().Add(1500 * time.Millisecond)
		a := anna.ask(t, publishIt, input(variables{"expectedVersion": 1, "at": soon.Format(time.RFC3339Nano)})).sound(t)
		a.is(t, "programmePublish.version.state", `"SCHEDULED"`)
		late := anna.ask(t, publishIt, input(variables{"expectedVersion": 2, "at": time.Now().Add(-time.Hour).Format(time.RFC3339Nano), "changes": []variables{{"definition": rule("spend"), "action": "PAUSE"}}})).sound(t)
		late.is(t, "programmePublish.userErrors.0.code", `"IN_PAST"`)
		shown := anna.ask(t, `{ viewer { programme { version lastVersion definition(ref: {name: {kind: RULE, key: "stars"}}) { state inForce { number } draft { number } next { number state from } } } } }`, nil).sound(t)
		shown.is(t, "viewer.programme.version", `1`)
		shown.is(t, "viewer.programme.lastVersion", `2`)
		shown.is(t, "viewer.programme.definition.next.number", `2`)
		shown.is(t, "viewer.programme.definition.draft", `null`)
		if before := h.review(t, member, "before"); before != 5 && time.Now().Before(soon) {
			t.Errorf("before its instant a review gives %d", before)
		}
		time.Sleep(time.Until(soon) + 10*time.Millisecond) // nothing else has to happen
		if after := h.review(t, member, "after"); after != 9 {
			t.Errorf("after its instant a review gives %d", after)
		}
		anna.ask(t, `{ viewer { programme { version } } }`, nil).sound(t).is(t, "viewer.programme.version", `2`)

		next := time.Now().Add(time.Hour).Format(time.RFC3339Nano)
		anna.ask(t, publishIt, input(variables{"expectedVersion": 2, "at": next, "changes": []variables{{"definition": rule("spend"), "action": "RETIRE"}}})).sound(t).is(t, "programmePublish.version.number", `3`)
		const cancel = `mutation($input: ProgrammeCancelInput!) { programmeCancel(input: $input) { version { number cause of state } problems { message } userErrors { code field } } }`
		anna.ask(t, cancel, input(variables{"version": 3, "expectedVersion": 3})).sound(t).is(t, "programmeCancel.version", `{"cause":"CANCELLATION","number":4,"of":3,"state":"IN_FORCE"}`)
		anna.ask(t, cancel, input(variables{"version": 3})).sound(t).is(t, "programmeCancel.userErrors", `[{"code":"NOT_SCHEDULED","field":["version"]}]`)
		all := anna.ask(t, `{ viewer { programme { versions(first: 10) { totalCount edges { node { number state cause of } } } } } }`, nil).sound(t)
		all.is(t, "viewer.programme.versions.edges", `[{"node":{"cause":"CANCELLATION","number":4,"of":3,"state":"IN_FORCE"}},{"node":{"cause":"PUBLICATION","number":3,"of":null,"state":"DROPPED"}},`+
			`{"node":{"cause":"PUBLICATION","number":2,"of":null,"state":"PAST"}},{"node":{"cause":"IMPORT","number":1,"of":null,"state":"PAST"}}]`)
	})
}

func TestOfTwoPublicationsAtOnceOneWins(t *testing.T) {
	stands(t, func(t *testing.T, h *house) {
		anna, bea := h.operator(t), h.operator(t)
		var all sync.WaitGroup
		answers := make([]answer, 2)
		for i, c := range []*client{anna, bea} {
			all.Go(func() {
				answers[i] = c.ask(t, publishIt, input(variables{"expectedVersion": 1, "changes": []variables{{"definition": rule([]string{"stars", "spend"}[i]), "action": "PAUSE"}}}))
			})
		}
		all.Wait()
		won := 0
		for _, a := range answers {
			if a.sound(t).at("programmePublish.version") != nil {
				won++
				continue
			}
			a.is(t, "programmePublish.userErrors.0.code", `"CONFLICT"`)
			a.is(t, "programmePublish.userErrors.0.field", `["expectedVersion"]`)
			if m := fmt.Sprint(a.at("programmePublish.userErrors.0.message")); !strings.Contains(m, "version 2 was published meanwhile by operator:anna") {
				t.Errorf("it is told %s", m)
			}
		}
		if won != 1 || anna.lastVersion(t) != 2 {
			t.Errorf("%d won; the last version is %d", won, anna.lastVersion(t))
		}
	})
}

func TestWhatIsWrongWithADraftIsToldAtItsPlace(t *testing.T) {
	h := plain(t)
	h.id = h.publishes(t, "stand", "")
	anna := h.operator(t)
	for name, c := range map[string]struct {
		input variables
		field string
		want  string
	}{
		"an expression": {
			variables{"kind": "RULE", "yaml": strings.Replace(fmt.Sprintf(ruleStars, 5), "stars >= 4", "strs >= 4", 1), "expectedRevision": 1}, `["yaml"]`,
			`[{"column":23,"key":"stars","kind":"RULE","line":4,"message":"review declares no property “strs”: did you mean “stars”?","path":"when"}]`,
		},
		"an unknown field as data": {
			variables{"kind": "REWARD", "spec": variables{"key": "pin", "prize": 5}}, `["spec"]`,
			`[{"column":null,"key":null,"kind":"REWARD","line":null,"message":"no such field: did you mean “price”?","path":"prize"}]`,
		},
		"a wrong type as data": {
			variables{"kind": "REWARD", "spec": variables{"key": "pin", "name": variables{"it": "P", "en": "P"}, "kind": "product", "price": "5"}}, `["spec"]`,
			`[{"column":null,"key":null,"kind":"REWARD","line":null,"message":"wants a whole number in plain digits, such as 50, not the text \"5\"","path":"price"}]`,
		},
		"a missing tier": {
			variables{"kind": "REWARD", "yaml": "key: pin\nname: {it: P, en: P}\nkind: product\nprice: 5\ntier: golf\n"}, `["yaml"]`,
			`[{"column":7,"key":"pin","kind":"REWARD","line":5,"message":"unknown tier “golf”: did you mean “gold”?","path":"tier"}]`,
		},
		"UTF-16":       {variables{"kind": "RULE", "yaml": "\ufeffkey: a"}, `["yaml"]`, `[{"column":1,"key":null,"kind":"RULE","line":1,"message":"begins with a byte order mark: save it as UTF-8 without one","path":""}]`},
		"a tab":        {variables{"kind": "RULE", "yaml": "award:\n\tpoints: 5\n"}, `["yaml"]`, `"not YAML: found `},
		"a key twice":  {variables{"kind": "RULE", "yaml": "key: a\nkey: b\n"}, `["yaml"]`, `"is given twice: first in line 1"`},
		"an anchor":    {variables{"kind": "RULE", "yaml": "key: &a [x, x]\non: [*a, *a]\n"}, `["yaml"]`, `"the anchor \u0026a: anchors are not taken"`},
		"no end":       {variables{"kind": "RULE", "yaml": strings.Repeat("{a: ", 1000)}, `["yaml"]`, `exceeded max depth of 32`},
		"no key":       {variables{"kind": "TIER", "spec": variables{"at": 700}}, `["spec"]`, `"a key is missing"`},
		"an old money": {variables{"kind": "SETTINGS", "yaml": settings(t, anna, "currency: EUR", "currency: USD"), "expectedRevision": 1}, `["yaml"]`, `"is EUR since the programme began, and can never change: old figures would change their meaning"`},
	} {
		t.Run(name, func(t *testing.T) {
			a := anna.ask(t, draftIt, input(c.input)).sound(t)
			a.is(t, "definitionDraft.userErrors.0.code", `"INVALID_DEFINITION"`)
			a.is(t, "definitionDraft.userErrors.0.field", c.field)
			a.is(t, "definitionDraft.definition", `null`)
			told, _ := json.Marshal(a.at("definitionDraft.problems"))
			if !strings.Contains(string(told), c.want) {
				t.Errorf("told   %s\nwanted %s", told, c.want)
			}
		})
	}
	for name, c := range map[string]struct {
		input variables
		want  string
	}{
		"both":    {variables{"kind": "RULE", "yaml": "key: a", "spec": variables{}}, `[{"code":"INVALID","field":["yaml"],"message":"only one of spec and yaml is taken"}]`},
		"neither": {variables{"kind": "RULE"}, `[{"code":"REQUIRED","field":["spec"],"message":"one of spec and yaml is needed"}]`},
		"too new": {variables{"kind": "RULE", "spec": variables{"key": "new"}, "expectedRevision": 3}, `[{"code":"UNKNOWN_DEFINITION","field":["expectedRevision"],"message":"there is no rule “new” yet: a new one expects no revision"}]`},
		"too old": {variables{"kind": "RULE", "yaml": fmt.Sprintf(ruleStars, 5)}, `[{"code":"CONFLICT","field":["expectedRevision"],"message":"there is rule “stars” already, with 1 revisions: say which you know as the last"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			anna.ask(t, draftIt, input(c.input)).sound(t).is(t, "definitionDraft.userErrors", c.want)
		})
	}
	if anna.lastVersion(t) != 1 {
		t.Error("something was published")
	}
}

// settings are the settings as YAML, with a part replaced.
func settings(t *testing.T, c *client, old, new string) string {
	t.Helper()
	a := c.ask(t, `{ viewer { programme { definition(ref: {name: {kind: SETTINGS, key: ""}}) { inForce { yaml } } } } }`, nil).sound(t)
	text := a.at("viewer.programme.definition.inForce.yaml").(string)
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q is not once in %s", old, text)
	}
	return strings.Replace(text, old, new, 1)
}

func TestADraftThatBreaksWhatIsPublishedIsRefusedWithBothNames(t *testing.T) {
	stands(t, func(t *testing.T, h *house) {
		anna := h.operator(t)
		without := settings(t, anna, "  review:\n    name:\n      en: review\n      it: recensione\n    properties:\n      stars: int\n", "")
		a := anna.ask(t, draftIt, input(variables{"kind": "SETTINGS", "yaml": without, "expectedRevision": 1})).sound(t)
		a.is(t, "definitionDraft.userErrors", `[]`)
		a.is(t, "definitionDraft.breaks", `[{"key":"stars","kind":"RULE","message":"unknown event “review”; these changes drop the event “review”","path":"on[0]"}]`)
		a = anna.ask(t, publishIt, input(variables{"expectedVersion": 1})).sound(t)
		a.is(t, "programmePublish.version", `null`)
		a.is(t, "programmePublish.problems", `[{"key":"stars","kind":"RULE","message":"unknown event “review”; these changes drop the event “review”","path":"on[0]"}]`)
		a.is(t, "programmePublish.userErrors", `[{"code":"INVALID_DEFINITION","field":["changes"],"message":"rule “stars”: on[0]: unknown event “review”; these changes drop the event “review”"}]`)
		// Together with the rule's end it is taken.
		a = anna.ask(t, publishIt, input(variables{"expectedVersion": 1, "changes": []variables{
			{"definition": variables{"name": variables{"kind": "SETTINGS", "key": ""}}}, {"definition": rule("stars"), "action": "RETIRE"},
		}})).sound(t)
		a.is(t, "programmePublish.version.number", `2`)
	})
}
