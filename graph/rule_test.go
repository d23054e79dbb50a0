package graph_test

import (
	"testing"
	"time"
)

// shop is a programme of its own around the rules that a test is about, in the place of the bakery.
const shop = `granaio: 1
programme:
  key: shop
  name: {it: Bottega, en: Shop}
  currency: EUR
  time_zone: Europe/Rome
  languages: [it, en]
  starts: 2025-01-01
  points: {name: {it: Punti, en: Points}}
  attributes:
    children: {type: int}
  events:
    purchase: {name: {it: acquisto, en: purchase}, value: required, properties: {items: int, online: bool}}
    review: {name: {it: recensione, en: review}, properties: {stars: int}}
touchpoints:
  - {key: app, kind: app, name: {it: App, en: App}}
  - {key: till, kind: store, name: {it: Cassa, en: Till}}
`

// keeps puts the shop, with more to it, in the bakery's place.
func (h *house) keeps(t *testing.T, more string) {
	t.Helper()
	h.id = h.publishText(t, []byte(shop+more))
}

func TestRulesTellWhenTheyOpen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.keeps(t, `rules:
  - {key: over, name: {it: x, en: x}, on: [review], until: 2025-05-31, schedule: [{weekdays: [sunday]}], award: {points: 1}}
  - {key: always, name: {it: x, en: x}, on: [review], priority: -2, award: {points: 1}}
  - {key: leap, name: {it: x, en: x}, on: [review], priority: 7, from: 2093-01-01, schedule: [{months: [february], days: [29], hours: ["07:00-09:00"]}], award: {points: 1}}
`)
		a := h.operator(t).ask(t, `{ viewer { programme { rules { key priority opensAt } } } }`, nil).sound(t)
		a.is(t, "viewer.programme.rules.0", `{"key":"leap","opensAt":"2096-02-29T06:00:00Z","priority":7}`)
		a.is(t, "viewer.programme.rules.1", `{"key":"over","opensAt":null,"priority":0}`)
		opens, _ := a.at("viewer.programme.rules.2.opensAt").(string)
		if at, err := time.Parse(time.RFC3339, opens); err != nil || time.Since(at) > time.Minute {
			t.Errorf("a rule that is open opens at %s", opens)
		}
	})
}
