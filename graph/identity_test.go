package graph_test

import (
	"fmt"
	"testing"

	"granaio/loyalty/fact"
)

const (
	identifyIt = `mutation($input: MemberIdentifyInput!) { memberIdentify(input: $input) { member { id account { available } identities { kind value } } absorbed duplicate userErrors { field code } } }`
	removeIt   = `mutation($input: MemberIdentityRemoveInput!) { memberIdentityRemove(input: $input) { member { identities { value } } userErrors { field code } } }`
	mergeIt    = `mutation($input: MemberMergeInput!) { memberMerge(input: $input) { member { id account { available } absorbed } absorbed duplicate
	  outcome { movements { kind points note { text by } } } userErrors { field code } } }`
	foreseeIt = `query($from: MemberRef!, $into: MemberRef!) { memberMergePreview(from: $from, into: $into) { userErrors { field code } preview { status balances { available } tier { key }
	  identities { value } missions { count target } excesses { rule { key } points takenBack } conflicts { name kept { value } dropped { value } } from { id } into { id } } } }`
	barIt = `mutation($input: MemberSuspendInput!) { memberSuspend(input: $input) { member { status events { kind before after by reason } } userErrors { field code } } }`
)

func of(kind, value string) variables { return variables{"kind": kind, "value": value} }

// An operator sees what two members would be as one, merges them, and finds one by either id, with the history of both; the token of the absorbed one is good for that one.
func TestTwoMembersBecomeOne(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		anna := h.operator(t)
		nonna, nonno := h.enrolled(t, "nonna@example.com"), h.enrolled(t, "nonno@example.com")
		h.buys(t, nonna, 40, 2)
		h.buys(t, nonno, 20, 1)
		old := h.member(t, nonna)
		both := variables{"from": byID(nonna), "into": variables{"identity": of("EMAIL", "Nonno@example.com")}}
		p := anna.ask(t, foreseeIt, both).sound(t)
		p.is(t, "memberMergePreview.preview.balances", `{"available":200}`)
		p.is(t, "memberMergePreview.preview.tier", `{"key":"silver"}`)
		p.is(t, "memberMergePreview.preview.identities", `[{"value":"nonna@example.com"},{"value":"nonno@example.com"}]`)
		p.is(t, "memberMergePreview.preview.missions", `[{"count":3,"target":3}]`)
		p.is(t, "memberMergePreview.preview.excesses", `[{"points":50,"rule":{"key":"welcome"},"takenBack":false}]`)
		merge := variables{"idempotencyKey": "m", "reason": "two cards of one person", "from": both["from"], "into": both["into"]}
		m := anna.ask(t, mergeIt, input(merge)).sound(t)
		m.is(t, "memberMerge.member", fmt.Sprintf(`{"absorbed":[%q],"account":{"available":200},"id":%q}`, nonna, nonno))
		m.is(t, "memberMerge.outcome.movements", `[{"kind":"MERGE","note":{"by":"anna","text":"two cards of one person"},"points":130},{"kind":"MERGE","note":{"by":"anna","text":"two cards of one person"},"points":130}]`)
		anna.ask(t, mergeIt, input(merge)).sound(t).is(t, "memberMerge.duplicate", "true")
		whole := `{ id account { available } interactions(first: 10) { totalCount edges { node { event } } } movements(first: 100) { totalCount edges { node { kind } } totals { kind count } } events { kind by reason absorbed } }`
		for _, id := range []fact.ID{nonna, nonno} {
			a := anna.ask(t, fmt.Sprintf(`{ viewer { operator { member(ref: {id: %q}) %s } } node(id: %q) { id } }`, id, whole, id), nil).sound(t)
			a.is(t, "viewer.operator.member.id", fmt.Sprintf("%q", nonno))
			a.is(t, "node.id", fmt.Sprintf("%q", nonno))
			a.is(t, "viewer.operator.member.interactions.totalCount", "5")
			a.is(t, "viewer.operator.member.movements.totalCount", "7")
			a.is(t, "viewer.operator.member.movements.totals", `[{"count":5,"kind":"EARN"},{"count":2,"kind":"MERGE"}]`)
			a.is(t, "viewer.operator.member.events", fmt.Sprintf(`[{"absorbed":%q,"by":"anna","kind":"ABSORBED","reason":"two cards of one person"}]`, nonna))
		}
		a := old.ask(t, `{ viewer { member { id account { available } interactions(first: 10) { totalCount edges { node { id } } } identities { value } } } }`, nil).sound(t)
		a.is(t, "viewer.member.id", fmt.Sprintf("%q", nonno))
		a.is(t, "viewer.member.interactions.totalCount", "5")
		first := a.at("viewer.member.interactions.edges.4.node.id")
		old.ask(t, fmt.Sprintf(`{ node(id: %q) { id } }`, first), nil).sound(t).is(t, "node.id", fmt.Sprintf("%q", first))
		track := `mutation { interactionTrack(input: {idempotencyKey: "r", event: "review", touchpoint: "app", properties: {stars: 5}, member: {identity: {kind: EMAIL, value: "nonno@example.com"}}}) { outcome { movements { points } } userErrors { code } } }`
		old.ask(t, track, nil).sound(t).is(t, "interactionTrack.outcome.movements", `[{"points":5}]`)
		old.first(t, watch).is(t, "balanceChanged.available", "205")
		lived := old.first(t, `subscription { timelineChanged { member interactions(first: 10) { event } } }`)
		lived.is(t, "timelineChanged.member", fmt.Sprintf("%q", nonno))
		if all, _ := lived.at("timelineChanged.interactions").([]any); len(all) != 6 {
			t.Errorf("the timeline of both has %v", all)
		}
		for code, in := range map[string]variables{
			"ALREADY_MERGED": {"from": byID(nonna), "into": byID(nonno)}, "SAME_MEMBER": {"from": byID(nonno), "into": byID(nonna)},
			"UNKNOWN_MEMBER": {"from": byID(nonno), "into": byID(fact.NewID(fact.KindMember))},
		} {
			in["idempotencyKey"], in["reason"] = code, "x"
			anna.ask(t, mergeIt, input(in)).sound(t).is(t, "memberMerge.userErrors.0.code", fmt.Sprintf("%q", code))
		}
	})
}

// A member adds a device of its own, and nothing that somebody has to make sure of; a partner does; malformed identities, and those of others, are refused as a whole.
func TestWhoMayIdentify(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		nonna, nonno := h.enrolled(t, "nonna@example.com"), h.enrolled(t, "nonno@example.com")
		self, till := h.member(t, nonna), h.partner(t, "members:write")
		ask := func(c *client, member any, identities ...variables) answer {
			in := variables{"idempotencyKey": fmt.Sprint(member, identities), "identities": identities}
			if member != nil {
				in["member"] = member
			}
			query := identifyIt
			if c == till { // which may not read
				query = `mutation($input: MemberIdentifyInput!) { memberIdentify(input: $input) { absorbed userErrors { field code } } }`
			}
			return c.ask(t, query, input(in)).sound(t)
		}
		ask(self, nil, of("DEVICE", "phone")).is(t, "memberIdentify.member.identities", `[{"kind":"EMAIL","value":"nonna@example.com"},{"kind":"DEVICE","value":"phone"}]`)
		for _, c := range []struct {
			who    *client
			member any
			ids    []variables
			want   string
		}{
			{self, nil, []variables{of("EMAIL", "mine@example.com")}, `[{"code":"NOT_ALLOWED","field":["identities","0","kind"]}]`},
			{self, byID(nonno), []variables{of("DEVICE", "x")}, `[{"code":"UNKNOWN_MEMBER","field":["member"]}]`},
			{till, byID(nonna), []variables{of("CARD", "1"), of("EMAIL", "nonno@example.com")}, `[{"code":"IDENTITY_CONFLICT","field":["identities","1"]}]`},
			{till, byID(nonna), []variables{of("CARD", "1"), of("PHONE", "12")}, `[{"code":"INVALID","field":["identities","1","value"]}]`},
			{till, byID(nonna), []variables{of("EMAIL", "not one")}, `[{"code":"INVALID","field":["identities","0","value"]}]`},
			{till, byID(nonna), []variables{}, `[{"code":"REQUIRED","field":["identities"]}]`},
		} {
			ask(c.who, c.member, c.ids...).is(t, "memberIdentify.userErrors", c.want)
		}
		anna := h.operator(t)
		gone := func(key, kind, value string) answer {
			return self.ask(t, removeIt, input(variables{"idempotencyKey": key, "identity": of(kind, value)})).sound(t)
		}
		gone("1", "DEVICE", "phone").is(t, "memberIdentityRemove.member.identities", `[{"value":"nonna@example.com"}]`)
		gone("2", "DEVICE", "phone").is(t, "memberIdentityRemove.userErrors", `[{"code":"UNKNOWN_IDENTITY","field":["identity"]}]`)
		gone("3", "EMAIL", "nonna@example.com").is(t, "memberIdentityRemove.userErrors", `[{"code":"LAST_IDENTITY","field":["identity"]}]`)
		s := anna.ask(t, barIt, input(variables{"idempotencyKey": "s", "member": byID(nonno), "reason": "a fraud"})).sound(t)
		s.is(t, "memberSuspend.member", `{"events":[{"after":"SUSPENDED","before":"REGISTERED","by":"anna","kind":"SUSPENDED","reason":"a fraud"}],"status":"SUSPENDED"}`)
		anna.ask(t, barIt, input(variables{"idempotencyKey": "t", "member": byID(nonno), "reason": ""})).sound(t).is(t, "memberSuspend.userErrors", `[{"code":"UNCHANGED","field":["member"]}]`)
	})
}
