package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// says has an operator pass on what a member eats.
func (h *house) eats(t *testing.T, id fact.ID, diet string) {
	t.Helper()
	h.operator(t).ask(t, `mutation($input: MemberUpdateInput!) { memberUpdate(input: $input) { userErrors { code } } }`,
		input(variables{"idempotencyKey": fact.NewID(fact.KindCommand), "member": variables{"id": id}, "touchpoint": "app", "attributes": variables{"diet": diet}})).sound(t).is(t, "memberUpdate.userErrors", "[]")
}

func (h *house) merges(t *testing.T, from, into fact.ID) {
	t.Helper()
	h.operator(t).ask(t, `mutation($input: MemberMergeInput!) { memberMerge(input: $input) { userErrors { code } } }`,
		input(variables{"idempotencyKey": fmt.Sprint(from, into), "from": variables{"id": from}, "into": variables{"id": into}, "reason": "one person"})).sound(t).is(t, "memberMerge.userErrors", "[]")
}

// Each value tells what the member had decided about its purpose when it was taken. What an absorbed member had said is part of the history, page by page, with what it had decided.
func TestEachValueHasItsConsent(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.asks(t)
		anna := h.operator(t)
		nonna, nonno := h.enrolled(t, "nonna@example.com"), h.enrolled(t, "nonno@example.com") // both are vegan, and have decided nothing
		decides := func(id fact.ID, state string) {
			anna.ask(t, decide, decisionsOf(id, state+id.String(), decision("profile", state))).sound(t).is(t, "consentRecord.userErrors", "[]")
		}
		decides(nonna, "GIVEN")
		h.eats(t, nonna, "any")
		decides(nonna, "WITHDRAWN")
		h.eats(t, nonna, "vegan")
		decides(nonno, "REFUSED")
		h.eats(t, nonno, "any")
		decides(nonno, "GIVEN")
		h.eats(t, nonno, "vegan")
		h.merges(t, nonna, nonno)
		h.eats(t, nonno, "any")

		const attributes = `attributes { name value consent { purpose state touchpoint { key } } history(%s) { totalCount pageInfo { hasNextPage endCursor }
  edges { node { value consent { purpose state textVersion } interaction { event } } } } }`
		var got []string
		after := ""
		for page := range 4 {
			arguments := "first: 2" + after
			a := h.member(t, nonna).ask(t, `{ viewer { member { `+fmt.Sprintf(attributes, arguments)+` } } }`, nil).sound(t)
			const at = "viewer.member.attributes.0."
			a.is(t, at+"value", `"any"`)
			a.is(t, at+"consent", `{"purpose":"profile","state":"GIVEN","touchpoint":{"key":"app"}}`)
			a.is(t, at+"history.totalCount", "7")
			a.is(t, at+"history.pageInfo.hasNextPage", fmt.Sprint(page < 3))
			after = fmt.Sprintf(", after: %q", a.at(at+"history.pageInfo.endCursor"))
			edges, _ := a.at(at + "history.edges").([]any)
			for i := range edges {
				edge := fmt.Sprintf("%shistory.edges.%d.node.", at, i)
				if a.at(edge+"interaction.event") == nil {
					t.Errorf("%s has no source", edge)
				}
				got = append(got, fmt.Sprint(a.at(edge+"value"), " ", a.at(edge+"consent.state")))
			}
		}
		if all := strings.Join(got, ", "); all != "any GIVEN, vegan GIVEN, any REFUSED, vegan WITHDRAWN, any GIVEN, vegan <nil>, vegan <nil>" {
			t.Errorf("the history is %s", all)
		}
	})
}

// What somebody agrees to as it enrols is what its attributes are taken under.
func TestAnEnrolmentIsUnderItsConsent(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.asks(t)
		a := h.operator(t).ask(t, `mutation($input: MemberEnrolInput!) { memberEnrol(input: $input) { userErrors { code } member { attributes { consent { purpose state recordedBy } history(first: 1) { edges { node { consent { state } } } } } } } }`,
			input(variables{"idempotencyKey": "1", "touchpoint": "app", "identities": []variables{{"kind": "EMAIL", "value": "nonna@example.com"}}, "attributes": variables{"diet": "vegan"},
				"consents": []variables{decision("news", "REFUSED"), decision("profile", "GIVEN")}})).sound(t)
		a.is(t, "memberEnrol.member.attributes", `[{"consent":{"purpose":"profile","recordedBy":"anna","state":"GIVEN"},"history":{"edges":[{"node":{"consent":{"state":"GIVEN"}}}]}}]`)
	})
}

// A person's timeline has the steps of its life and the rewards that it took, also those of whom it absorbed; the member sees them, but not who took them and why.
func TestATimelineHasALife(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		nonna, nonno := h.enrolled(t, "nonna@example.com"), h.enrolled(t, "nonno@example.com")
		h.operates(t, loyalty.Suspend{Reason: "two cards"}, engine.Ref{ID: nonna})
		h.operates(t, loyalty.Reinstate{Reason: "it is fine"}, engine.Ref{ID: nonna})
		h.redeems(t, nonna)
		h.merges(t, nonna, nonno)
		const lived = `timeline(first: 20, filter: {kinds: [STEP, REDEMPTION]}) { totalCount edges { node { kind redemption { points reward { key } } step { kind before after %s } } } }`
		a := h.operator(t).ask(t, `query($id: ID!) { viewer { operator { member(ref: {id: $id}) { `+fmt.Sprintf(lived, "by reason absorbed")+` } } } }`, variables{"id": nonno}).sound(t)
		const at = "viewer.operator.member.timeline."
		a.is(t, at+"totalCount", "4")
		a.is(t, at+"edges.0.node.step", fmt.Sprintf(`{"absorbed":%q,"after":"REGISTERED","before":"REGISTERED","by":"anna","kind":"ABSORBED","reason":"one person"}`, nonna))
		a.is(t, at+"edges.1.node.kind", `"REDEMPTION"`)
		a.is(t, at+"edges.2.node.step", `{"absorbed":null,"after":"REGISTERED","before":"SUSPENDED","by":"anna","kind":"REINSTATED","reason":"it is fine"}`)
		a.is(t, at+"edges.3.node.step.kind", `"SUSPENDED"`)
		for _, id := range []fact.ID{nonna, nonno} {
			a = h.member(t, id).ask(t, `{ viewer { member { `+fmt.Sprintf(lived, "")+` } } }`, nil).sound(t)
			a.is(t, "viewer.member.timeline.totalCount", "4")
			a.is(t, "viewer.member.timeline.edges.3.node.step", `{"after":"SUSPENDED","before":"REGISTERED","kind":"SUSPENDED"}`)
		}
		watch := h.operator(t).stream(t, fmt.Sprintf(`subscription { timelineChanged(member: %q) { entries(first: 1) { kind step { kind } } } }`, nonno))
		watch.next()
		h.operates(t, loyalty.Suspend{Reason: "again"}, engine.Ref{ID: nonno})
		_, b := watch.next()
		b.is(t, "timelineChanged.entries", `[{"kind":"STEP","step":{"kind":"SUSPENDED"}}]`)
	})
}
