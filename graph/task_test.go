package graph_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"granaio/auth"
	"granaio/loyalty/fact"
	"granaio/task"
)

const (
	simulateIt = `mutation($input: ProgrammeSimulateInput!) { programmeSimulate(input: $input) {
	  task { id kind state startedBy startedAt } problems { kind key path line message } userErrors { field message code } } }`
	taskIs = `query($id: ID!) { viewer { operator { task(id: $id) { id kind state done total cancelled fault startedBy endedAt simulation {
	  start interactions replayed members erased touched currency pointValue unasked astray actual { awarded takenBack spent expired cost } draft { awarded cost }
	  rules { kind key actual draft actualCost draftCost touched } tiers { kind key actual draft touched } touchpoints { key actual draft touched }
	  days { key actual draft touched } moves { actual draft rises members } refused { operation code count points } } } } } }`
	cancelIt = `mutation($input: TaskCancelInput!) { taskCancel(input: $input) { task { id state cancelled } userErrors { field code } } }`
)

// ended waits for a task's end.
func (c *client) ended(t *testing.T, id any) answer {
	t.Helper()
	c.works(t)
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		a := c.ask(t, taskIs, variables{"id": id}).sound(t)
		if a.at("viewer.operator.task.endedAt") != nil {
			return a
		}
	}
	t.Fatal("the task does not end")
	return answer{}
}

// An operator tries a draft on what really happened: another award for reviews that members had.
func TestSimulateADraft(t *testing.T) {
	stands(t, func(t *testing.T, h *house) {
		anna, from := h.operator(t), time.Now()
		var members []fact.ID
		for i := range 3 {
			members = append(members, h.enrolled(t, fmt.Sprintf("m%d@example.com", i)))
		}
		was := h.review(t, members[0], "a") + h.review(t, members[1], "b") + h.review(t, members[1], "c")
		anna.ask(t, draftIt, input(variables{"kind": "RULE", "yaml": fmt.Sprintf(ruleStars, 1000), "expectedRevision": 1})).sound(t)
		before := h.changes(t)

		a := anna.ask(t, simulateIt, input(variables{"from": instantly(from.Add(-time.Hour)), "until": instantly(time.Now().Add(time.Minute)), "pointValue": "0.01"})).sound(t)
		a.is(t, "programmeSimulate.userErrors", "[]")
		a.is(t, "programmeSimulate.task.startedBy", `"operator:anna"`)
		id := a.at("programmeSimulate.task.id")
		done := anna.ended(t, id)
		of := "viewer.operator.task."
		done.is(t, of+"state", `"DONE"`)
		done.is(t, of+"simulation.start", `"REPLAY"`)
		done.is(t, of+"simulation.astray", "0")
		done.is(t, of+"simulation.members", "3")
		done.is(t, of+"simulation.touched", "2")
		row := ""
		for i := range 20 {
			if at := fmt.Sprintf("%ssimulation.rules.%d.", of, i); done.at(at+"key") == "stars" {
				row = at
			}
		}
		done.is(t, row+"draft", "3000")
		done.is(t, row+"draftCost", `"30"`)
		done.is(t, row+"touched", "2")
		actual, _ := done.at(row + "actual").(float64)
		if all, _ := done.at(of + "simulation.actual.awarded").(float64); actual == 0 || fact.Points(actual) > was || fact.Points(all) < was {
			t.Errorf("%v of %v points were for stars, and %d for reviews", actual, all, was)
		}
		if now := h.changes(t); now != before {
			t.Errorf("a simulation changed what members have: %s, not %s", now, before)
		}
		anna.ask(t, cancelIt, input(variables{"id": id})).sound(t).is(t, "taskCancel.userErrors.0.code", `"TASK_ENDED"`)
		node := anna.ask(t, `query($id: ID!) { node(id: $id) { ... on Task { state simulation { touched } } } }`, variables{"id": id}).sound(t)
		node.is(t, "node.simulation.touched", "2")

		// The published version gives what really happened.
		same := anna.ended(t, anna.ask(t, simulateIt, input(variables{"from": instantly(from.Add(-time.Hour)), "version": 1})).sound(t).at("programmeSimulate.task.id"))
		same.is(t, of+"simulation.touched", "0")
		if all := same.at(of + "simulation.actual.awarded"); all == nil || all != same.at(of+"simulation.draft.awarded") {
			t.Errorf("%v", same.at(of+"simulation"))
		}
	})
}

// changes are how often anything of members was changed.
func (h *house) changes(t *testing.T) string {
	t.Helper()
	var movements, states int64
	err := h.store.DB().QueryRowContext(t.Context(), "SELECT (SELECT count(*) FROM movements), (SELECT coalesce(sum(version), 0) FROM working_states)").Scan(&movements, &states)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(movements, " movements, ", states, " changes")
}

func instantly(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// What cannot be simulated is refused at once, with the place.
func TestSimulationsThatAreRefused(t *testing.T) {
	h := plain(t)
	anna := h.operator(t)
	src, err := os.ReadFile("testdata/bakery.yaml")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	recent := func(more variables) variables {
		more["from"] = instantly(now.Add(-time.Hour))
		return more
	}
	for name, c := range map[string]struct {
		input       variables
		code, field string
	}{
		"an empty period":          {variables{"from": instantly(now), "until": instantly(now)}, "EMPTY_PERIOD", "until"},
		"a period that goes back":  {variables{"from": instantly(now), "until": instantly(now.Add(-time.Hour))}, "EMPTY_PERIOD", "until"},
		"before the programme":     {variables{"from": "1990-01-01T00:00:00Z"}, "BEFORE_PROGRAMME", "from"},
		"a version there is not":   {recent(variables{"version": 99}), "UNKNOWN_VERSION", "version"},
		"version 0":                {recent(variables{"version": 0}), "UNKNOWN_VERSION", "version"},
		"a file that is no file":   {recent(variables{"yaml": "rules: ["}), "INVALID_DEFINITION", "yaml"},
		"an empty file":            {recent(variables{"yaml": ""}), "REQUIRED", "yaml"},
		"another programme's file": {recent(variables{"yaml": strings.Replace(string(src), "key: bakery", "key: other", 1)}), "INVALID_DEFINITION", "yaml"},
		"two at once":              {recent(variables{"version": 1, "published": true}), "INVALID", "published"},
		"a point that is a gift":   {recent(variables{"pointValue": "-1"}), "NEGATIVE", "pointValue"},
		"a value that is none":     {recent(variables{"pointValue": "a lot"}), "INVALID", "pointValue"},
		"no instant":               {variables{"from": "yesterday"}, "INVALID", "from"},
	} {
		a := anna.ask(t, simulateIt, input(c.input))
		if a.at("programmeSimulate.userErrors.0.code") != c.code || a.at("programmeSimulate.userErrors.0.field.0") != c.field || a.at("programmeSimulate.task") != nil {
			t.Errorf("%s: %v %v", name, a.Data, a.Errors)
		}
	}
	if n := h.store.Ent().Task.Query().CountX(auth.System(t.Context(), h.id)); n != 0 {
		t.Errorf("%d tasks were begun", n)
	}
	unknown := anna.ask(t, cancelIt, input(variables{"id": fact.NewID(fact.KindTask)})).sound(t)
	unknown.is(t, "taskCancel.userErrors.0.code", `"UNKNOWN_TASK"`)
}

// Operators see the programme's tasks, latest first and by state, and turn pages. What waits is bounded.
func TestTasksAreListedAndBounded(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		anna := h.operator(t)
		start := func() answer {
			return anna.ask(t, simulateIt, input(variables{"from": "2026-01-01T00:00:00Z", "published": true}))
		}
		var ids []any
		for range task.MaxWaiting {
			ids = append(ids, start().sound(t).at("programmeSimulate.task.id"))
		}
		a := start()
		a.is(t, "programmeSimulate.task", "null")
		a.is(t, "programmeSimulate.userErrors", fmt.Sprintf(`[{"code":"TOO_MANY","field":[],"message":"%d tasks wait already: wait until one has been taken up, or cancel some"}]`, task.MaxWaiting))
		anna.ask(t, `mutation { metricRebuild(input: {}) { task { id } userErrors { code } } }`, nil).sound(t).is(t, "metricRebuild", `{"task":null,"userErrors":[{"code":"TOO_MANY"}]}`)
		anna.ask(t, cancelIt, input(variables{"id": ids[0]})).sound(t)
		ids = append(ids, start().sound(t).at("programmeSimulate.task.id"))

		const list = `query($after: Cursor, $states: [TaskState!]) { viewer { operator { tasks(first: 15, after: $after, states: $states) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } } } }`
		var shown []string
		page := anna.ask(t, list, nil).sound(t)
		page.is(t, "viewer.operator.tasks.totalCount", fmt.Sprint(len(ids)))
		shown = append(shown, page.ids("viewer.operator.tasks")...)
		page = anna.ask(t, list, variables{"after": page.at("viewer.operator.tasks.pageInfo.endCursor")}).sound(t)
		page.is(t, "viewer.operator.tasks.pageInfo.hasNextPage", "false")
		shown = append(shown, page.ids("viewer.operator.tasks")...)
		for i, id := range shown {
			if want := ids[len(ids)-1-i]; id != want {
				t.Fatalf("place %d: %s, want %s", i, id, want)
			}
		}
		cancelled := anna.ask(t, list, variables{"states": []string{"CANCELLED"}}).sound(t).ids("viewer.operator.tasks")
		if len(cancelled) != 1 || cancelled[0] != ids[0] {
			t.Errorf("cancelled: %v, want %v", cancelled, ids[0])
		}
	})
}
