package graph_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"granaio/clock"
)

const (
	metricsOf = `{ viewer { member { metrics { metric { key name unit take of over events } state number text flag instant atLeast } } } }`
	rebuildIt = `mutation($input: MetricRebuildInput!) { metricRebuild(input: $input) { task { id kind startedBy } userErrors { field code message } } }`
	rebuiltBy = `query($id: ID!) { viewer { operator { task(id: $id) { kind state done total endedAt rebuild { members changed } } } } }`
)

// A member sees what the metrics say of it. One that is new is being rebuilt, until an operator has that done as a task.
func TestAMemberSeesItsMetrics(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		nonna := h.enrolled(t, "nonna@example.com")
		h.buys(t, nonna, 12, 2)
		her, anna := h.member(t, nonna), h.operator(t)
		const first = "viewer.member.metrics.0."
		a := her.ask(t, metricsOf, nil).sound(t)
		a.is(t, first+"metric", `{"events":["purchase"],"key":"spent","name":"Spent","of":"value","over":null,"take":"SUM","unit":"MONEY"}`)
		a.is(t, first+"number", `"24.00"`)
		a.is(t, first+"state", `"READY"`)

		src, err := os.ReadFile("testdata/bakery.yaml")
		if err != nil {
			t.Fatal(err)
		}
		h.publishText(t, []byte(strings.Replace(string(src), "  metrics:\n", `  metrics:
    at: {name: {it: Dove, en: Where}, on: [purchase], take: last, of: touchpoint}
    between: {name: {it: Ogni, en: Every}, on: [purchase], take: interval}
    items: {name: {it: Pezzi, en: Pieces}, on: [purchase], take: distinct, of: properties.items, over: 3 months}
    when: {name: {it: Quando, en: When}, on: [purchase], take: first, of: time}
`, 1)))
		a = her.ask(t, metricsOf, nil).sound(t)
		for _, i := range []int{0, 1, 2, 4} {
			a.is(t, fmt.Sprintf("viewer.member.metrics.%d.state", i), `"REBUILDING"`)
			a.is(t, fmt.Sprintf("viewer.member.metrics.%d.number", i), "null")
		}
		refused := anna.ask(t, rebuildIt, input(variables{"metrics": []string{"betwen"}})).sound(t)
		refused.is(t, "metricRebuild.userErrors.0.code", `"UNKNOWN_METRIC"`)
		started := anna.ask(t, rebuildIt, input(variables{"metrics": []string{"at", "between", "items", "when"}})).sound(t)
		started.is(t, "metricRebuild.task.kind", `"METRIC_REBUILD"`)
		anna.ended(t, started.at("metricRebuild.task.id"))
		done := anna.ask(t, rebuiltBy, variables{"id": started.at("metricRebuild.task.id")}).sound(t)
		done.is(t, "viewer.operator.task.state", `"DONE"`)
		done.is(t, "viewer.operator.task.rebuild", `{"changed":1,"members":1}`)
		done.is(t, "viewer.operator.task.done", "1")
		a = her.ask(t, metricsOf, nil).sound(t)
		a.is(t, first+"text", `"till"`)
		a.is(t, "viewer.member.metrics.1.metric.unit", `"SECONDS"`)
		a.is(t, "viewer.member.metrics.1.number", `"0"`)
		a.is(t, "viewer.member.metrics.2.number", `"1"`)
		if _, err := time.Parse(time.RFC3339Nano, fmt.Sprint(a.at("viewer.member.metrics.4.instant"))); err != nil {
			t.Error(err)
		}
	})
}

const mapped = `query($from: Date!, $to: Date!, $per: FigurePeriod!) { viewer { programme { touchpoints { key kind physical owner openNow place { address latitude longitude }
  hours { timeZone weekly { day open } exceptions { from until open } } figures(from: $from, to: $to, per: $per) { from to interactions members points } } } } }`

// Operators see where a touchpoint is, when it is open, and what it brings by period: the same before the clock has rolled anything up as afterwards.
func TestWhatATouchpointBrings(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		nonna, nonno := h.enrolled(t, "nonna@example.com"), h.enrolled(t, "nonno@example.com")
		h.buys(t, nonna, 12, 3)
		h.buys(t, nonno, 7, 1)
		anna := h.operator(t)
		rome, err := time.LoadLocation("Europe/Rome")
		if err != nil {
			t.Fatal(err)
		}
		today := time.Now().In(rome)
		day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
		look := func() {
			t.Helper()
			a := anna.ask(t, mapped, variables{"from": day(-1), "to": day(0), "per": "DAY"}).sound(t)
			const app, till = "viewer.programme.touchpoints.0.", "viewer.programme.touchpoints.1."
			a.is(t, till+"kind", `"STORE"`)
			a.is(t, till+"physical", "true")
			a.is(t, till+"owner", `"bistro"`)
			a.is(t, till+"place", `{"address":"Via Roma 1, Parma","latitude":"44.801485","longitude":"10.327904"}`)
			a.is(t, till+"hours", `{"exceptions":[{"from":"2026-12-25","open":[],"until":"2026-12-25"}],"timeZone":"Europe/Rome","weekly":[{"day":"monday","open":["09:00-13:00"]}]}`)
			a.is(t, app+"openNow", "null")
			a.is(t, app+"physical", "false")
			a.is(t, till+"figures", fmt.Sprintf(`[{"from":%[1]q,"interactions":0,"members":0,"points":0,"to":%[1]q},{"from":%[2]q,"interactions":4,"members":2,"points":63,"to":%[2]q}]`, day(-1), day(0)))
			a.is(t, app+"figures.1.members", "2")
			a.is(t, app+"figures.1.points", "100")
			for _, per := range []string{"WEEK", "MONTH"} {
				a := anna.ask(t, mapped, variables{"from": day(0), "to": day(0), "per": per}).sound(t)
				a.is(t, till+"figures", fmt.Sprintf(`[{"from":%[1]q,"interactions":4,"members":2,"points":63,"to":%[1]q}]`, day(0)))
			}
		}
		look()
		time.Sleep(5 * time.Millisecond)
		if err := (clock.Visits{Store: h.store, Library: h.library, Margin: time.Millisecond, Chunk: 2}).Duty(time.Hour).Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		look()
		h.buys(t, nonno, 9, 1) // after what is rolled up
		anna.ask(t, mapped, variables{"from": day(0), "to": day(0), "per": "DAY"}).sound(t).
			is(t, "viewer.programme.touchpoints.1.figures.0", fmt.Sprintf(`{"from":%[1]q,"interactions":5,"members":2,"points":72,"to":%[1]q}`, day(0)))
		for _, bad := range []variables{{"from": day(0), "to": day(-1), "per": "DAY"}, {"from": "2020-01-01", "to": "2026-01-01", "per": "MONTH"}, {"from": "2024-01-01", "to": "2026-01-01", "per": "DAY"}} {
			if a := anna.ask(t, mapped, bad); a.code() != "BAD_REQUEST" {
				t.Errorf("%v: %v", bad, a.Errors)
			}
		}
	})
}
