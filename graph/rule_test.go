package graph_test

import (
	"fmt"
	"strings"
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
    diet: {type: string}
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

// What limits, cool-downs and groups hold back is held back over the API as well, and counted in the same place by every request.
func TestLimitsHoldThroughTheAPI(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.keeps(t, `rules:
  - {key: spend, name: {it: Spesa, en: Spending}, on: [purchase], award: {per: "1.00", points: 1}, limits: [{points: 15, per: month}]}
  - {key: review, name: {it: x, en: x}, on: [review], award: {points: 3}, cooldown: 1 hour}
`)
		h.enrolled(t, "nonna@example.com")
		anna := h.operator(t)
		track := `mutation($input: InteractionTrackInput!) { interactionTrack(input: $input) { outcome { movements { points why { sentence figures } } } userErrors { code } } }`
		for i, c := range []struct{ at, want string }{
			{"2026-05-01T10:00:00Z", `[{"points":10,"why":{"figures":{"currency":"EUR","per":100,"rate":1,"rounding":"down","value":1000},"sentence":"10 Punti per acquisto di 10,00 EUR: 1 ogni 1,00 EUR, arrotondando per difetto (regola «Spesa»)."}}]`},
			{"2026-05-31T21:59:00Z", `[{"points":5,"why":{"figures":{"currency":"EUR","per":100,"rate":1,"rounding":"down","value":1000,"withheld":5},"sentence":"5 Punti per acquisto di 10,00 EUR: 1 ogni 1,00 EUR, arrotondando per difetto (regola «Spesa»); altri 5 oltre un limite."}}]`},
			{"2026-05-20T10:00:00Z", `[]`},
			{"2026-04-20T10:00:00Z", `[{"points":10,"why":{"figures":{"currency":"EUR","per":100,"rate":1,"rounding":"down","value":1000},"sentence":"10 Punti per acquisto di 10,00 EUR: 1 ogni 1,00 EUR, arrotondando per difetto (regola «Spesa»)."}}]`},
		} {
			in := purchase(fmt.Sprint(i), with("occurredAt", c.at), with("value", variables{"amount": "10.00"}), with("properties", nil))
			anna.ask(t, track, variables{"input": in}).sound(t).is(t, "interactionTrack.outcome.movements", c.want)
		}
		for i, c := range []struct{ at, want string }{{"2026-05-01T10:00:00Z", `[{"points":3}]`}, {"2026-05-01T10:59:59Z", "[]"}, {"2026-05-01T11:00:00Z", `[{"points":3}]`}, {"2026-05-01T09:30:00Z", "[]"}} {
			in := purchase(fmt.Sprint("r", i), with("event", "review"), with("occurredAt", c.at), with("value", nil), with("properties", nil))
			anna.ask(t, strings.Replace(track, " why { sentence figures }", "", 1), variables{"input": in}).sound(t).is(t, "interactionTrack.outcome.movements", c.want)
		}
	})
}

// Two rules of a campaign share a budget. It gives to the last point, cut or skipped as each rule says, and operators see what is left.
func TestBudgetsThroughTheAPI(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.keeps(t, `budgets:
  - {key: spring, name: {it: Primavera, en: Spring}, points: 25}
  - {key: idle, name: {it: x, en: Idle}, points: 1}
rules:
  - {key: spend, name: {it: Spesa, en: Spending}, on: [purchase], award: {per: "1.00", points: 1}, budget: spring}
  - {key: review, name: {it: x, en: x}, on: [review], award: {points: 8}, budget: spring, beyond: skip}
  - {key: free, name: {it: x, en: x}, on: [review], award: {points: 1}}
`)
		h.enrolled(t, "nonna@example.com")
		anna := h.operator(t)
		track := func(key, event, amount string) answer {
			in := purchase(key, with("event", event), with("properties", nil), with("value", nil))
			if amount != "" {
				in["value"] = variables{"amount": amount}
			}
			return anna.ask(t, `mutation($input: InteractionTrackInput!) { interactionTrack(input: $input) { outcome { movements { points why { key } } } userErrors { code } } }`,
				variables{"input": in}).sound(t)
		}
		track("a", "review", "").is(t, "interactionTrack.outcome.movements", `[{"points":1,"why":{"key":"free"}},{"points":8,"why":{"key":"review"}}]`)
		track("a", "review", "").is(t, "interactionTrack.outcome.movements", `[{"points":1,"why":{"key":"free"}},{"points":8,"why":{"key":"review"}}]`) // again
		track("b", "purchase", "10.00").is(t, "interactionTrack.outcome.movements", `[{"points":10,"why":{"key":"spend"}}]`)
		track("c", "review", "").is(t, "interactionTrack.outcome.movements", `[{"points":1,"why":{"key":"free"}}]`) // 7 are left: skipped
		anna.ask(t, `{ viewer { programme { budgets { key name points spent left rules { key } } rules { key budget { left } } } } }`, nil).sound(t).is(t, "viewer.programme",
			`{"budgets":[{"key":"spring","left":7,"name":"Primavera","points":25,"rules":[{"key":"review"},{"key":"spend"}],"spent":18},`+
				`{"key":"idle","left":1,"name":"x","points":1,"rules":[],"spent":0}],`+
				`"rules":[{"budget":null,"key":"free"},{"budget":{"left":7},"key":"review"},{"budget":{"left":7},"key":"spend"}]}`)
		track("d", "purchase", "10.00").is(t, "interactionTrack.outcome.movements", `[{"points":7,"why":{"key":"spend"}}]`)
		track("e", "purchase", "10.00").is(t, "interactionTrack.outcome.movements", `[]`)
	})
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
