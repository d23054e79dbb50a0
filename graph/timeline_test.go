package graph_test

import (
	"fmt"
	"testing"
	"time"

	"granaio/engine"
)

// An operator and the member watch what happens, over all touchpoints: what last did at once, then each thing as it happens, also one that moves no points. Others are not told.
func TestATimelineIsWatched(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id, other := h.enrolled(t, "nonna@example.com"), h.enrolled(t, "nonno@example.com")
		const shown = `{ member version at interactions(first: 2) { event touchpoint { key } } }`
		own, stranger := h.member(t, id).hello(t), h.member(t, other).hello(t)
		own.subscribe("1", `subscription { timelineChanged `+shown+` }`)
		stranger.subscribe("1", `subscription { timelineChanged `+shown+` }`)
		operators := h.operator(t).stream(t, fmt.Sprintf(`subscription { timelineChanged(member: %q) %s }`, id, shown))
		version := 0.0
		everyone := func(interactions string) {
			t.Helper()
			_, b := operators.next()
			a := own.expect("next", "1")
			for _, a := range []answer{a, b} {
				a.is(t, "timelineChanged.interactions", interactions)
				says(t, a, "timelineChanged.member", id.String())
			}
			v, _ := a.at("timelineChanged.version").(float64)
			if v <= version {
				t.Errorf("version %v comes after %v", v, version)
			}
			version = v
		}
		everyone(`[{"event":"member.enrolled","touchpoint":{"key":"app"}}]`)
		says(t, stranger.expect("next", "1"), "timelineChanged.member", other.String())
		h.buys(t, id, 60, 1)
		everyone(`[{"event":"purchase","touchpoint":{"key":"till"}},{"event":"member.enrolled","touchpoint":{"key":"app"}}]`)
		h.passes(time.Minute)
		o, err := h.engine.Track(t.Context(), engine.Track{
			Origin: engine.Origin{Programme: h.id, Caller: "test", Key: "bad"}, Member: engine.Ref{ID: id}, Event: "review", Touchpoint: "app", Properties: map[string]any{"stars": int64(1)},
		})
		if err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
		everyone(`[{"event":"review","touchpoint":{"key":"app"}},{"event":"purchase","touchpoint":{"key":"till"}}]`)
		h.buys(t, other, 60, 1)
		a := stranger.expect("next", "1")
		says(t, a, "timelineChanged.member", other.String())
		a.is(t, "timelineChanged.interactions", `[{"event":"purchase","touchpoint":{"key":"till"}},{"event":"member.enrolled","touchpoint":{"key":"app"}}]`)
	})
}

// What happened to a member can be narrowed to events, touchpoints and a period.
func TestInteractionsAreNarrowed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.enrolled(t, "nonna@example.com")
		h.buys(t, id, 10, 2)
		anna := h.operator(t)
		count := func(filter string) string {
			t.Helper()
			a := anna.ask(t, fmt.Sprintf(`{ viewer { operator { member(ref: {id: %q}) { interactions(first: 10, filter: {%s}) { totalCount edges { node { event } } } } } } }`, id, filter), nil)
			const at = "viewer.operator.member.interactions."
			if edges, _ := a.at(at + "edges").([]any); len(a.Errors) == 0 && fmt.Sprint(a.at(at+"totalCount")) != fmt.Sprint(len(edges)) {
				t.Errorf("%s: %d edges of %v; errors %v", filter, len(edges), a.at(at+"totalCount"), a.Errors)
			}
			return fmt.Sprint(a.at(at + "totalCount"))
		}
		for filter, want := range map[string]string{
			``: "3", `events: ["purchase"]`: "2", `events: []`: "0", `events: ["purchase", "member.enrolled"]`: "3", `touchpoints: ["app"]`: "1", `touchpoints: ["till"], events: ["member.enrolled"]`: "0",
			`occurredFrom: "2001-01-01T00:00:00Z"`: "3", `occurredBefore: "2001-01-01T00:00:00Z"`: "0", `events: ["x\u0000"]`: "<nil>",
		} {
			if got := count(filter); got != want {
				t.Errorf("%s: %s, want %s", filter, got, want)
			}
		}
	})
}
