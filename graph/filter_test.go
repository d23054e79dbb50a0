package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// story is a member's movements at the market: 1 welcome; 2, 3 a purchase of 8 EUR through the stall, two days ago, and its double; 4 a visit; 5 the purchase
// matured, once four days have passed; 6 a hold, 7 its release, 8 a basket.
func (m *market) story(t *testing.T) (who fact.ID, purchase *engine.Outcome, later time.Time) {
	t.Helper()
	who = m.members[0]
	purchase = m.tracks(t, who, "purchase", 8, 48*time.Hour)
	m.passes(time.Hour)
	m.tracks(t, who, "visit", 0, 0)
	m.passes(4 * 24 * time.Hour)
	later = m.now()
	hold := m.does(t, loyalty.Hold{Points: 5, ExpiresIn: time.Hour}, engine.Ref{ID: who}).Own[0].As(fact.KindHold)
	m.does(t, loyalty.Release{Hold: hold}, engine.Ref{Hold: hold})
	m.redeems(t, who)
	return who, purchase, later
}

const filtered = `query($ref: MemberRef!, $filter: MovementFilter, $after: Cursor) { viewer { operator { member(ref: $ref) {
  movements(first: 100, after: $after, filter: $filter) { ...page } account { movements(first: 100, after: $after, filter: $filter) { ...page } } } } } }
  fragment page on MovementConnection { edges { cursor node { number kind } } totalCount totals { kind count points } }`

func numbers(t *testing.T, a answer, path string) string {
	t.Helper()
	var all []string
	for _, e := range read[[]struct{ Node struct{ Number int } }](t, a, path+".edges") {
		all = append(all, fmt.Sprint(e.Node.Number))
	}
	return strings.Join(all, " ")
}

func TestFiltersOfMovements(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		m := newMarket(t, h, 2)
		who, purchase, later := m.story(t)
		m.tracks(t, m.members[1], "purchase", 20, 0) // somebody else's
		at := func(when time.Time) string { return strings.Trim(stamp(when), `"`) }
		early := later.Add(-2 * time.Hour)
		for name, c := range map[string]struct {
			filter variables
			want   string
		}{
			"none":                 {nil, "8 7 6 5 4 3 2 1"},
			"nothing asked":        {variables{}, "8 7 6 5 4 3 2 1"},
			"kinds":                {variables{"kinds": []string{"MATURE", "SPEND"}}, "8 5"},
			"no kind":              {variables{"kinds": []string{}}, ""},
			"occurred from":        {variables{"occurredFrom": at(early)}, "8 7 6"},
			"occurred before":      {variables{"occurredBefore": at(m.now().Add(-120 * time.Hour))}, "3 2"},
			"booked from":          {variables{"bookedFrom": at(early)}, "8 7 6 5"},
			"booked before":        {variables{"bookedBefore": at(early)}, "4 3 2 1"},
			"late":                 {variables{"occurredBefore": at(early), "bookedFrom": at(early)}, "5"},
			"interaction":          {variables{"interaction": purchase.Interaction}, "3 2"},
			"another's":            {variables{"interaction": fact.NewID(fact.KindInteraction)}, ""},
			"touchpoint":           {variables{"touchpoints": []string{"app"}}, "1"},
			"touchpoints":          {variables{"touchpoints": []string{"stall", "app", "moon"}}, "4 3 2 1"},
			"no touchpoint":        {variables{"touchpoints": []string{}}, ""},
			"source":               {variables{"sources": []string{"multiplier", "maturity"}}, "5 3"},
			"rule":                 {variables{"keys": []string{"spend"}}, "2"},
			"reward":               {variables{"sources": []string{"reward"}, "keys": []string{"basket", "spend"}}, "8"},
			"rule at a touchpoint": {variables{"keys": []string{"spend", "welcome"}, "touchpoints": []string{"stall"}, "kinds": []string{"EARN"}}, "2"},
		} {
			a := m.ask.ask(t, filtered, variables{"ref": variables{"id": who}, "filter": c.filter}).sound(t)
			for _, path := range []string{"viewer.operator.member.movements", account + ".movements"} {
				if got := numbers(t, a, path); got != c.want {
					t.Errorf("%s: %s, not %s", name, got, c.want)
				}
				a.is(t, path+".totalCount", fmt.Sprint(len(strings.Fields(c.want))))
			}
		}
		a := m.ask.ask(t, filtered, variables{"ref": variables{"id": who}, "filter": variables{"sources": []string{"rule", "multiplier", "hold"}}}).sound(t)
		a.is(t, account+".movements.totals", `[{"count":4,"kind":"EARN","points":30},{"count":1,"kind":"HOLD","points":5}]`)
	})
}

// A cursor holds its place whatever happens meanwhile, and with any filter: numbers never change.
func TestCursorsOfMovementsHoldTheirPlace(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		m := newMarket(t, h, 1)
		who, _, _ := m.story(t)
		ask := func(after any, kinds ...string) answer {
			return m.ask.ask(t, filtered, variables{"ref": variables{"id": who}, "after": after, "filter": variables{"kinds": kinds}}).sound(t)
		}
		cursor := ask(nil, "HOLD").at(account + ".movements.edges.0.cursor") // of number 6
		m.tracks(t, who, "visit", 0, 0)
		if got := numbers(t, ask(cursor, "EARN", "MATURE"), account+".movements"); got != "5 4 3 2 1" {
			t.Errorf("after number 6 come %s", got)
		}
		if got := numbers(t, ask(cursor, "EARN"), "viewer.operator.member.movements"); got != "4 3 2 1" {
			t.Errorf("after number 6 come %s", got)
		}
	})
}

// Whatever is asked of the past of twenty members takes as many statements as of one.
func TestThePastOfManyMembers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		m := newMarket(t, h, 20)
		from := m.now()
		for _, who := range m.members {
			m.tracks(t, who, "visit", 0, 0)
		}
		m.passes(time.Hour)
		count := func(n int) uint64 {
			before := h.store.Statements()
			a := m.ask.ask(t, fmt.Sprintf(`{ viewer { operator { members(first: %d) { edges { node { account { balanceAt(at: %s) { available }
			  statement(from: %[2]s) { lines { kind count } movements(first: 2) { totalCount edges { node { points } } } }
			  movements(first: 2, filter: {kinds: [EARN], touchpoints: ["stall"]}) { totals { points } edges { node { points } } } }
			  movements(first: 1) { edges { node { why { lots { lot { amount } } } } } } } } } } } }`, n, stamp(from)), nil).sound(t)
			const node = "viewer.operator.members.edges.0.node.account."
			a.is(t, node+"balanceAt.available", "10")
			a.is(t, node+"statement.lines", `[{"count":1,"kind":"EARN"}]`)
			a.is(t, node+"movements.edges", `[{"node":{"points":4}}]`)
			a.is(t, "viewer.operator.members.edges.0.node.movements.edges.0.node.why.lots", `[{"lot":{"amount":4}}]`)
			return h.store.Statements() - before
		}
		if one, many := count(1), count(20); one != many || many > 12 {
			t.Errorf("%d statements for one member, %d for 20", one, many)
		}
	})
}

// What a caller asks for movements by never leads a database to begin anywhere but at the account or member.
func TestFilteredMovementsAreLookedUp(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		m := newMarket(t, h, 1)
		who, purchase, later := m.story(t)
		m.crowds(t, 20000)
		rec := &recorder{Driver: h.driver()}
		m.ask.url = h.serves(t, rec)
		at := strings.Trim(stamp(later), `"`)
		a := m.ask.ask(t, filtered, variables{"ref": variables{"id": who}, "filter": variables{
			"kinds": []string{"EARN"}, "occurredBefore": at, "bookedBefore": at, "interaction": purchase.Interaction,
			"touchpoints": []string{"stall"}, "sources": []string{"rule"}, "keys": []string{"spend"},
		}}).sound(t)
		if got := numbers(t, a, account+".movements"); got != "2" {
			t.Fatalf("it is answered with %s", got)
		}
		plans := rec.plans(t, h.store, "movements")
		if len(plans) != 6 {
			t.Fatalf("%d statements read movements", len(plans))
		}
		for _, plan := range plans {
			if i := slices.IndexFunc(strings.Split(plan, "\n"), scans); i >= 0 {
				t.Errorf("a whole table is read:\n%s", plan)
			}
		}
	})
}
