package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty/fact"
)

// crowd enrols members m0@example.com, m1@example.com …, one a day, and gives every third one a purchase that makes it silver.
func (h *house) crowd(t *testing.T, n int) []fact.ID {
	t.Helper()
	ids := make([]fact.ID, n)
	for i := range n {
		address := fmt.Sprintf("m%d@example.com", i)
		o, err := h.engine.Enrol(t.Context(), engine.Enrol{
			Origin: engine.Origin{Programme: h.id, Caller: "test", Key: address}, Touchpoint: "app",
			Identities: []engine.Identity{{Kind: fact.Email, Value: address}}, Occurred: time.Date(2026, 1, 1+i, 9, 0, 0, 0, time.UTC),
		})
		if err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
		ids[i] = o.Member
		if i%3 == 0 {
			h.buys(t, o.Member, 60, 1)
		}
	}
	return ids
}

const membersQuery = `query($first: Int, $after: Cursor, $last: Int, $before: Cursor, $orderBy: MemberOrder, $filter: MemberFilter) { viewer { operator {
  members(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy, filter: $filter) {
    totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }`

func (a answer) ids(path string) []string {
	edges, _ := a.at(path + ".edges").([]any)
	ids := []string{}
	for _, e := range edges {
		ids = append(ids, e.(map[string]any)["node"].(map[string]any)["id"].(string))
	}
	return ids
}

const members = "viewer.operator.members"

// An operator turns pages forward and backward and meets every member once, in order.
func TestPagesOfMembers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var want []string
		for _, id := range h.crowd(t, 11) {
			want = append(want, id.String())
		}
		anna := h.operator(t)
		ascending := variables{"direction": "ASC", "field": "ENROLLED_AT"}
		for name, c := range map[string]struct {
			count, cursor, from, more string
			orderBy                   any
			want                      []string
		}{
			"newest first, forward":  {"first", "after", "endCursor", "hasNextPage", nil, reversed(want)},
			"oldest first, forward":  {"first", "after", "endCursor", "hasNextPage", ascending, want},
			"newest first, backward": {"last", "before", "startCursor", "hasPreviousPage", nil, reversed(want)},
			"oldest first, backward": {"last", "before", "startCursor", "hasPreviousPage", ascending, want},
		} {
			v, got := variables{c.count: 4}, []string{}
			if c.orderBy != nil {
				v["orderBy"] = c.orderBy
			}
			for pages := 0; ; pages++ {
				a := anna.ask(t, membersQuery, v).sound(t)
				a.is(t, members+".totalCount", "11")
				if c.count == "first" {
					got = append(got, a.ids(members)...)
				} else {
					got = append(a.ids(members), got...)
				}
				if a.at(members+".pageInfo."+c.more) == false {
					break
				}
				if pages > 3 {
					t.Fatalf("%s: there is no end", name)
				}
				v[c.cursor] = a.at(members + ".pageInfo." + c.from)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, not %v", name, got, c.want)
			}
		}
	})
}

func reversed(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Reverse(ids)
	return ids
}

func TestFiltersOfMembers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ids := h.crowd(t, 7) // 0, 3 and 6 are silver
		anna := h.operator(t)
		for name, c := range map[string]struct {
			filter variables
			want   []int
		}{
			"tier":              {variables{"tiers": []string{"silver"}}, []int{6, 3, 0}},
			"no tier of these":  {variables{"tiers": []string{}}, []int{}},
			"unknown tier":      {variables{"tiers": []string{"platinum"}}, []int{}},
			"status":            {variables{"statuses": []string{"REGISTERED"}, "tiers": []string{"silver", "gold"}}, []int{6, 3, 0}},
			"other status":      {variables{"statuses": []string{"SUSPENDED", "ERASED"}}, []int{}},
			"persona":           {variables{"personas": []string{"regular"}}, []int{}},
			"enrolled":          {variables{"enrolledFrom": "2026-01-02T09:00:00Z", "enrolledBefore": "2026-01-04T10:00:00+01:00"}, []int{2, 1}},
			"balance":           {variables{"minAvailable": 110}, []int{6, 3, 0}},
			"balance and dates": {variables{"minAvailable": 51, "enrolledBefore": "2026-01-05T00:00:00Z"}, []int{3, 0}},
		} {
			want := []string{}
			for _, i := range c.want {
				want = append(want, ids[i].String())
			}
			a := anna.ask(t, membersQuery, variables{"first": 10, "filter": c.filter}).sound(t)
			if got := a.ids(members); !slices.Equal(got, want) {
				t.Errorf("%s: %v, not %v", name, got, want)
			}
			a.is(t, members+".totalCount", fmt.Sprint(len(want)))
		}
	})
}

// A member's own lists turn pages too, and a cursor of one is none of another.
func TestPagesOfMovements(t *testing.T) {
	const query = `query($first: Int, $after: Cursor, $last: Int, $before: Cursor) { viewer { member {
	  movements(first: $first, after: $after, last: $last, before: $before) { edges { cursor node { number } } pageInfo { hasNextPage hasPreviousPage } }
	  interactions(first: 3) { edges { cursor node { id } } } } } }`
	each(t, func(t *testing.T, h *house) {
		id := h.enrolled(t, "a@example.com")
		h.buys(t, id, 1, 6) // with the welcome and the mission: 8 movements
		me := h.member(t, id)
		numbers := func(a answer) string {
			var all []string
			edges, _ := a.at("viewer.member.movements.edges").([]any)
			for _, e := range edges {
				all = append(all, fmt.Sprint(e.(map[string]any)["node"].(map[string]any)["number"]))
			}
			return strings.Join(all, " ")
		}
		a := me.ask(t, query, variables{"first": 3}).sound(t)
		if got := numbers(a); got != "8 7 6" {
			t.Errorf("the first page is %s", got)
		}
		after := a.at("viewer.member.movements.edges.2.cursor")
		a = me.ask(t, query, variables{"first": 3, "after": after}).sound(t)
		if got := numbers(a); got != "5 4 3" {
			t.Errorf("the second page is %s", got)
		}
		a.is(t, "viewer.member.movements.pageInfo", `{"hasNextPage":true,"hasPreviousPage":true}`)
		before := a.at("viewer.member.movements.edges.0.cursor")
		if got := numbers(me.ask(t, query, variables{"last": 2, "before": before}).sound(t)); got != "7 6" {
			t.Errorf("the page before is %s", got)
		}
		other := a.at("viewer.member.interactions.edges.0.cursor")
		if a := me.ask(t, query, variables{"first": 3, "after": other}); a.code() != "BAD_REQUEST" {
			t.Errorf("a cursor of another connection is answered with %v", a.Errors)
		}
	})
}

// What a page must say, and may not.
func TestPageArguments(t *testing.T) {
	h := plain(t)
	anna := h.operator(t)
	for name, v := range map[string]variables{
		"neither":      {},
		"both":         {"first": 1, "last": 1},
		"none":         {"first": 0},
		"negative":     {"last": -1},
		"too many":     {"first": 101},
		"far too many": {"first": 2147483647},
		"no cursor":    {"first": 1, "after": "garbage"},
		"odd cursor":   {"first": 1, "after": strings.Repeat("A", 32)},
	} {
		a := anna.ask(t, membersQuery, v)
		if a.code() != "BAD_REQUEST" || a.Status != 200 {
			t.Errorf("%s: status %d, %v", name, a.Status, a.Errors)
		}
	}
}
