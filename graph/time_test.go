package graph_test

import (
	"fmt"
	"testing"
	"time"

	"granaio/loyalty/fact"
)

// A trigger makes an interaction of its own, to which rules and missions listen, and which nobody can send.
func TestTimeBringsEventsAbout(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		l := newLodge(t, h)
		a := l.ask.ask(t, `mutation { memberEnrol(input: {idempotencyKey: "e", touchpoint: "hut", attributes: {children_born: ["`+l.now().In(l.rome).AddDate(0, 0, -10).Format(time.DateOnly)+`"]},
			identities: [{kind: CARD, value: "0815"}]}) { member { id } userErrors { code } } }`, nil).sound(t)
		id, err := fact.ParseID(fmt.Sprint(a.at("memberEnrol.member.id")))
		if err != nil {
			t.Fatal(err)
		}
		says(t, l.does(t, "child.month", ""), "interactionTrack.userErrors.0.code", "INVALID")
		born := l.now().In(l.rome).AddDate(0, 0, -10)
		month := time.Date(born.Year(), born.Month()+1, born.Day(), 9, 0, 0, 0, l.rome)
		if month.Day() != born.Day() { // the month is shorter
			month = time.Date(born.Year(), born.Month()+2, 0, 9, 0, 0, 0, l.rome)
		}
		l.until(month.Add(-time.Minute))
		l.settles(t)
		const interactions = `{ viewer { member { interactions(first: 5) { edges { node { event occurredAt } } } movements(first: 1) { edges { node { why { sentence } } } } account { available } } } }`
		says(t, l.member(t, id).ask(t, interactions, nil).sound(t), "viewer.member.interactions.edges.0.node.event", "member.enrolled")
		l.until(month.Add(time.Hour))
		for range 2 {
			l.settles(t)
			a = l.member(t, id).ask(t, interactions, nil).sound(t)
			says(t, a, "viewer.member.interactions.edges.0.node.event", "child.month")
			says(t, a, "viewer.member.interactions.edges.0.node.occurredAt", month.UTC().Format(time.RFC3339))
			says(t, a, "viewer.member.movements.edges.0.node.why.sentence", "10 Passi per mese di un figlio (regola «Mesi»).")
			says(t, a, "viewer.member.account.available", "10")
		}
	})
}
