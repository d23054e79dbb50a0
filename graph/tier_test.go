package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty/fact"
)

// lodge is a house whose programme is the lodge, with a member and an operator.
type lodge struct {
	*dairy
}

func newLodge(t *testing.T, h *house) *lodge {
	t.Helper()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	l := &lodge{&dairy{house: h, rome: rome}}
	h.id = h.publishes(t, "lodge", "")
	o, err := h.engine.Enrol(t.Context(), engine.Enrol{
		Origin: engine.Origin{Programme: h.id, Caller: "test", Key: "enrol"}, Touchpoint: "hut", Identities: []engine.Identity{{Kind: fact.Card, Value: "4711"}},
	})
	if err != nil || o.Refusal != nil {
		t.Fatal(o, err)
	}
	l.who, l.ask = o.Member, h.operator(t)
	return l
}

// does sends an interaction at the hut.
func (l *lodge) does(t *testing.T, event, more string) answer {
	t.Helper()
	l.keys++
	return l.ask.ask(t, fmt.Sprintf(`mutation { interactionTrack(input: {idempotencyKey: "key %d", member: {id: %q}, event: %q, touchpoint: "hut" %s}) {
		outcome { tierChanged tier { key } movements { points why { source sentence } } progress { count } } userErrors { code field } } }`, l.keys, l.who, event, more), nil).sound(t)
}

const standing = `tier { current { key } until } tierProgress { measure event value periodEndsAt next { tier { key } target value remaining by } keep { tier { key } target value remaining by fallsAt } }
	missions { mission { key } } rewards { available reason { code } reward { tier } }
	tierHistory(first: 10) { totalCount edges { node { key tier { name } since until reason } } }`

func (l *lodge) stands(t *testing.T) answer {
	t.Helper()
	return l.member(t, l.who).ask(t, `{ viewer { member { `+standing+` } } }`, nil).sound(t)
}

// says holds what is at a path to a text.
func says(t *testing.T, a answer, path, want string) {
	t.Helper()
	if got := fmt.Sprint(a.at(path)); got != want {
		t.Errorf("%s is %s, not %s", path, got, want)
	}
}

func (l *lodge) until(at time.Time) { l.passes(at.Sub(l.now())) }

func TestATierIsHeldFromMonthToMonth(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		l := newLodge(t, h)
		y, m, _ := l.now().In(l.rome).Date()
		l.until(time.Date(y, m+1, 10, 12, 0, 0, 0, l.rome))
		const of = "viewer.member."
		a := l.stands(t)
		says(t, a, of+"tier.current.key", "valley")
		says(t, a, of+"tierProgress.next.remaining", "100.00")
		says(t, a, of+"rewards.0.reason.code", "TIER_TOO_LOW")
		says(t, a, of+"missions", "[]")

		a = l.does(t, "purchase", `, value: {amount: "100.50"}`)
		says(t, a, "interactionTrack.outcome.tier.key", "ridge")
		a = l.does(t, "purchase", `, value: {amount: "11"}`)
		says(t, a, "interactionTrack.outcome.movements.1.points", "5")
		says(t, a, "interactionTrack.outcome.movements.1.why.sentence", "5 Passi in più nel livello «Cresta»: ×1,5 su 11 Passi per un acquisto di 11,00 EUR, arrotondando per difetto.")
		says(t, a, "interactionTrack.outcome.progress.0.count", "1")

		next := time.Date(y, m+2, 1, 0, 0, 0, 0, l.rome)
		falls := time.Date(y, m+3, 6, 0, 0, 0, 0, l.rome).UTC().Format(time.RFC3339)
		a = l.stands(t)
		says(t, a, of+"tier.current.key", "ridge")
		says(t, a, of+"tier.until", falls)
		says(t, a, of+"tierProgress.measure", "SPEND")
		says(t, a, of+"tierProgress.value", "111.50")
		says(t, a, of+"tierProgress.keep.remaining", "0.00")
		says(t, a, of+"missions.0.mission.key", "climb")
		says(t, a, of+"rewards.0.available", "true")
		l.until(next.Add(time.Hour))
		a = l.stands(t)
		says(t, a, of+"tierProgress.keep.remaining", "100.00")
		says(t, a, of+"tierProgress.keep.by", time.Date(y, m+3, 1, 0, 0, 0, 0, l.rome).UTC().Format(time.RFC3339))
		says(t, a, of+"tierProgress.keep.fallsAt", falls)

		l.until(time.Date(y, m+3, 5, 23, 59, 0, 0, l.rome))
		says(t, l.stands(t), of+"tier.current.key", "ridge")
		l.until(time.Date(y, m+3, 6, 0, 1, 0, 0, l.rome))
		for _, booked := range []bool{false, true} { // whoever reads sees it fallen, booked or not
			a = l.stands(t)
			says(t, a, of+"tier.current.key", "valley")
			says(t, a, of+"tier.until", "<nil>")
			says(t, a, of+"rewards.0.reason.code", "TIER_TOO_LOW")
			says(t, a, of+"tierHistory.totalCount", "3")
			says(t, a, of+"tierHistory.edges.0.node.reason", "FELL")
			says(t, a, of+"tierHistory.edges.0.node.since", falls)
			says(t, a, of+"tierHistory.edges.0.node.until", "<nil>")
			says(t, a, of+"tierHistory.edges.1.node.tier.name", "Cresta")
			says(t, a, of+"tierHistory.edges.1.node.until", falls)
			says(t, a, of+"tierHistory.edges.2.node.reason", "QUALIFIED")
			for _, page := range []struct{ arguments, keys string }{
				{"first: 1", "valley"}, {"last: 1", "valley"}, {"last: 2", "ridge valley"}, {"first: 2, orderBy: {field: SINCE, direction: ASC}", "valley ridge"},
			} {
				a := l.ask.ask(t, fmt.Sprintf(`{ viewer { operator { member(ref: {id: %q}) { tierHistory(%s) { edges { node { key } } } } } } }`, l.who, page.arguments), nil).sound(t)
				var keys []string
				edges, _ := a.at("viewer.operator.member.tierHistory.edges").([]any)
				for i := range edges {
					keys = append(keys, fmt.Sprint(a.at(fmt.Sprintf("viewer.operator.member.tierHistory.edges.%d.node.key", i))))
				}
				if got := strings.Join(keys, " "); got != page.keys {
					t.Errorf("booked %v: tierHistory(%s) is %s", booked, page.arguments, got)
				}
			}
			l.settles(t)
		}
		if n, err := l.engine.Settle(t.Context(), 10); err != nil || n != 0 {
			t.Errorf("%d are still due, %v", n, err)
		}
	})
}

func TestARuleGrantsATierThatEnds(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		l := newLodge(t, h)
		a := l.does(t, "guided", "")
		says(t, a, "interactionTrack.outcome.tier.key", "summit")
		a = l.stands(t)
		says(t, a, "viewer.member.tierHistory.edges.0.node.reason", "GRANTED")
		says(t, a, "viewer.member.tierProgress.keep", "<nil>")
		l.noon(0, 3)
		says(t, l.stands(t), "viewer.member.tier.current.key", "summit")
		l.noon(0, 1)
		says(t, l.stands(t), "viewer.member.tier.current.key", "valley")
	})
}

// Falls that are due are booked with whatever comes next, also for both members of a transfer.
func TestATransferBooksFalls(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		l := newLodge(t, h)
		o, err := h.engine.Enrol(t.Context(), engine.Enrol{
			Origin: engine.Origin{Programme: h.id, Caller: "test", Key: "another"}, Touchpoint: "hut", Identities: []engine.Identity{{Kind: fact.Card, Value: "4712"}},
		})
		if err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
		members := []fact.ID{l.who, o.Member}
		for _, m := range members {
			l.who = m
			l.does(t, "guided", "")
		}
		says(t, l.ask.ask(t, fmt.Sprintf(`mutation { pointsAdjust(input: {idempotencyKey: "gives", member: {id: %q}, points: 9, reason: "x"}) { movement { points } userErrors { code } } }`, members[0]), nil).sound(t),
			"pointsAdjust.movement.points", "9")
		l.noon(0, 4)
		says(t, l.ask.ask(t, fmt.Sprintf(`mutation { pointsTransfer(input: {idempotencyKey: "moves", from: {id: %q}, to: {id: %q}, points: 4}) { userErrors { code } } }`, members[0], members[1]), nil).sound(t),
			"pointsTransfer.userErrors", "[]")
		for _, m := range members {
			var n int
			text := "SELECT count(*) FROM tier_changes WHERE reason = 'fell' AND member_id = '" + m.UUID() + "'"
			if err := h.store.DB().QueryRowContext(t.Context(), text).Scan(&n); err != nil || n != 1 {
				t.Errorf("%d falls are booked, %v", n, err)
			}
		}
	})
}
