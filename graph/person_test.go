package graph_test

import (
	"fmt"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty"
)

// An operator sees a person whole in one query; its timeline is everything in one order, page by page, and can be narrowed.
func TestAPersonIsSeenWhole(t *testing.T) {
	const whole = `query($id: ID!) { viewer { operator { member(ref: {id: $id}) { status identities { kind value } attributes { name value touchpoint { key } recordedAt lacking } consents { purpose { key } state }
	  contact { channel allowed } account { available } tier { current { key } } export { path }
	  timeline(first: 20) { totalCount pageInfo { hasNextPage } edges { node { kind at interaction { event touchpoint { key } } movement { kind points } consent { purpose state } tier { was { key } tier { key } reason } } } } } } } }`
	each(t, func(t *testing.T, h *house) {
		h.asks(t)
		id := h.enrolled(t, "nonna@example.com")
		h.buys(t, id, 60, 1)
		h.operates(t, loyalty.Adjust{Points: 5, Reason: "a gift"}, engine.Ref{ID: id})
		anna := h.operator(t)
		anna.ask(t, `mutation($input: ConsentRecordInput!) { consentRecord(input: $input) { userErrors { code } } }`, decisionsOf(id, "c", decision("news", "GIVEN"))).sound(t)
		a := anna.ask(t, whole, variables{"id": id}).sound(t)
		nodes := "viewer.operator.member.timeline.edges."
		a.is(t, nodes+"0.node.consent", `{"purpose":"news","state":"GIVEN"}`)
		var kinds []string
		for i := range 8 {
			kinds = append(kinds, fmt.Sprint(a.at(fmt.Sprintf("%s%d.node.kind", nodes, i))))
		}
		if got := fmt.Sprint(kinds); got != "[CONSENT INTERACTION MOVEMENT TIER MOVEMENT INTERACTION MOVEMENT INTERACTION]" {
			t.Errorf("the timeline is %s", got)
		}
		a.is(t, "viewer.operator.member.timeline.totalCount", "8")
		a.is(t, nodes+"3.node.tier", `{"reason":"QUALIFIED","tier":{"key":"silver"},"was":null}`)
		a.is(t, nodes+"5.node.interaction", `{"event":"purchase","touchpoint":{"key":"till"}}`)
		a.is(t, "viewer.operator.member.identities.0.value", `"nonna@example.com"`)

		page := func(arguments string) answer {
			return anna.ask(t, fmt.Sprintf(`query($id: ID!) { viewer { operator { member(ref: {id: $id}) { timeline(%s) { totalCount pageInfo { hasNextPage endCursor } edges { node { kind id } } } } } } }`, arguments), variables{"id": id}).sound(t)
		}
		var ids, after string
		for range 4 {
			p := page("first: 2" + after)
			for i := range 2 {
				ids += fmt.Sprint(p.at(fmt.Sprintf("%s%d.node.id", nodes, i))) + " "
			}
			after = fmt.Sprintf(", after: %q", p.at("viewer.operator.member.timeline.pageInfo.endCursor"))
		}
		all, want := page("first: 20"), ""
		for i := range 8 {
			want += fmt.Sprint(all.at(fmt.Sprintf("%s%d.node.id", nodes, i))) + " "
		}
		if ids != want {
			t.Errorf("page by page: %s, not %s", ids, want)
		}
		for filter, n := range map[string]string{
			`kinds: [MOVEMENT]`: "3", `touchpoints: ["till"]`: "2", `events: ["purchase"]`: "2", `events: ["consent.changed"]`: "2", `kinds: []`: "0", `touchpoints: []`: "0",
			fmt.Sprintf(`before: %q`, instantly(time.Now().Add(-time.Hour))): "0", fmt.Sprintf(`from: %q, kinds: [TIER]`, instantly(time.Now().Add(-time.Hour))): "1",
		} {
			page("first: 5, filter: {"+filter+"}").is(t, "viewer.operator.member.timeline.totalCount", n)
		}
		live := h.member(t, id).first(t, `subscription { timelineChanged { version entries(first: 2) { kind } } }`)
		live.is(t, "timelineChanged.entries", `[{"kind":"CONSENT"},{"kind":"INTERACTION"}]`)
	})
}
