package graph_test

import (
	"fmt"
	"testing"
)

const home = `{ viewer { member { id
  account { available pending held expiring { at points } }
  tier { current { key name } next { key name } missing qualifying }
  movements(first: 5) { edges { node { kind points number after { available } why { sentence source key } } } pageInfo { hasNextPage } }
  missions { mission { key name award } count target period completedAt }
  rewards { reward { key name price } available reason { code message } missingPoints left }
} } }`

// What a member's app shows when it is opened, in two statements: the member with all that Decide knows of it, and a page of movements.
func TestHomeScreen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.enrolled(t, "nonna@example.com")
		h.buys(t, id, 30, 2)
		nonna := h.member(t, id)
		nonna.ask(t, home, nil).sound(t) // what is prepared once is prepared
		before := h.store.Statements()
		a := nonna.ask(t, home, nil).sound(t)
		if n := h.store.Statements() - before; n != 2 {
			t.Errorf("it took %d statements", n)
		}
		a.is(t, "viewer.member.id", fmt.Sprintf("%q", id))
		a.is(t, "viewer.member.account.available", "110")
		a.is(t, "viewer.member.account.expiring", "[]")
		a.is(t, "viewer.member.tier.current", `{"key":"silver","name":"Silver"}`)
		a.is(t, "viewer.member.tier.next", `{"key":"gold","name":"Gold"}`)
		a.is(t, "viewer.member.tier.missing", "390")
		a.is(t, "viewer.member.movements.edges.0.node.kind", `"EARN"`)
		a.is(t, "viewer.member.movements.edges.0.node.points", "30")
		a.is(t, "viewer.member.movements.edges.0.node.after.available", "110")
		a.is(t, "viewer.member.movements.edges.0.node.why.sentence", `"30 Grains for purchase of 30.00 EUR: 1 for every 1.00 EUR, rounded down (rule “Spending”)."`)
		a.is(t, "viewer.member.movements.edges.2.node.why.key", `"welcome"`)
		a.is(t, "viewer.member.movements.pageInfo.hasNextPage", "false")
		a.is(t, "viewer.member.missions.0.count", "2")
		a.is(t, "viewer.member.missions.0.mission.award", "20")
		a.is(t, "viewer.member.rewards.0", `{"available":true,"left":3,"missingPoints":0,"reason":null,"reward":{"key":"mug","name":"Mug","price":30}}`)
		a.is(t, "viewer.member.rewards.1.available", "false")
		a.is(t, "viewer.member.rewards.1.reason.code", `"TIER_TOO_LOW"`)
		a.is(t, "viewer.member.rewards.1.missingPoints", "4890")

		// The number of statements does not depend on how much there is.
		h.buys(t, id, 7, 20)
		before = h.store.Statements()
		nonna.ask(t, home, nil).sound(t)
		if n := h.store.Statements() - before; n != 2 {
			t.Errorf("with more movements it took %d statements", n)
		}
	})
}

// A page of members with everything of each costs as many statements for 20 members as for one.
func TestMembersTogether(t *testing.T) {
	const query = `query($n: Int!) { viewer { operator { members(first: $n) { edges { node {
	  id status locale enrolledAt identities { kind value } attributes { name value touchpoint { key } } account { available expiring(days: 366) { points } }
	  tier { current { key } } persona { key } affinities { percent persona { key } }
	  movements(first: 2) { totalCount edges { node { points why { sentence interaction { event touchpoint { key } value { amount currency } } } } } }
	  interactions(first: 1) { totalCount edges { node { event properties } } }
	  redemptions(first: 1) { edges { node { points reward { key } } } }
	} } } } } }`
	each(t, func(t *testing.T, h *house) {
		for i := range 20 {
			h.buys(t, h.enrolled(t, fmt.Sprintf("m%d@example.com", i)), int64(i+1), 3)
		}
		anna := h.operator(t)
		anna.ask(t, query, variables{"n": 20}).sound(t)
		count := func(n int) (uint64, answer) {
			before := h.store.Statements()
			a := anna.ask(t, query, variables{"n": n}).sound(t)
			return h.store.Statements() - before, a
		}
		one, _ := count(1)
		many, a := count(20)
		if one != many || many > 12 {
			t.Errorf("%d statements for one member, %d for 20", one, many)
		}
		a.is(t, "viewer.operator.members.edges.0.node.identities", `[{"kind":"EMAIL","value":"m19@example.com"}]`)
		a.is(t, "viewer.operator.members.edges.0.node.attributes", `[{"name":"diet","touchpoint":{"key":"app"},"value":"vegan"}]`)
		a.is(t, "viewer.operator.members.edges.0.node.movements.totalCount", "5") // welcome, three purchases, the mission
		a.is(t, "viewer.operator.members.edges.0.node.movements.edges.1.node.points", "20")
		a.is(t, "viewer.operator.members.edges.0.node.movements.edges.1.node.why.interaction",
			`{"event":"purchase","touchpoint":{"key":"till"},"value":{"amount":"20.00","currency":"EUR"}}`)
		a.is(t, "viewer.operator.members.edges.0.node.interactions", `{"edges":[{"node":{"event":"purchase","properties":{"items":2}}}],"totalCount":4}`)
		a.is(t, "viewer.operator.members.edges.19.node.account.available", "73")
		a.is(t, "viewer.operator.members.edges.19.node.account.expiring.0.points", "73")
		a.is(t, "viewer.operator.members.edges.19.node.affinities", `[{"percent":100,"persona":{"key":"regular"}}]`)
	})
}

// A total is counted only for those who ask.
func TestTotalsAreCountedOnDemand(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.enrolled(t, "a@example.com")
		h.buys(t, id, 5, 4)
		anna := h.operator(t)
		ask := func(fields string) (uint64, answer) {
			before := h.store.Statements()
			a := anna.ask(t, `{ viewer { operator { members(first: 1) { edges { node { id } } `+fields+` } } } }`, nil).sound(t)
			return h.store.Statements() - before, a
		}
		ask("totalCount")
		if n, _ := ask("pageInfo { hasNextPage endCursor }"); n != 1 {
			t.Errorf("a page took %d statements", n)
		}
		n, a := ask("totalCount")
		if n != 2 {
			t.Errorf("a page with its total took %d statements", n)
		}
		a.is(t, "viewer.operator.members.totalCount", "1")
	})
}
