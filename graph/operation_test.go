package graph_test

import (
	"fmt"
	"testing"

	"granaio/auth"
)

const operated = `duplicate userErrors { field code } movement { kind points after { available held } why { source key sentence } } member { account { available held holds { points } } }`

// An operator gives and takes points and says why; operators alone see what it wrote.
func TestPointsAdjust(t *testing.T) {
	const query = `mutation($input: PointsAdjustInput!) { pointsAdjust(input: $input) { ` + operated + ` } }`
	each(t, func(t *testing.T, h *house) {
		id := h.enrolled(t, "nonna@example.com")
		anna := h.operator(t)
		anna.header.Set("Accept-Language", "en")
		input := func(key string, points int, change ...func(variables)) variables {
			in := variables{"idempotencyKey": key, "member": variables{"id": id}, "points": points, "reason": "the oven was cold"}
			for _, f := range change {
				f(in)
			}
			return variables{"input": in}
		}
		a := anna.ask(t, query, input("a", 20)).sound(t)
		a.is(t, "pointsAdjust.movement", `{"after":{"available":70,"held":0},"kind":"ADJUST","points":20,"why":{"key":null,"sentence":"20 Grains credited.","source":"credit"}}`)
		a.is(t, "pointsAdjust.duplicate", "false")
		again := anna.ask(t, query, input("a", 20)).sound(t)
		again.is(t, "pointsAdjust.duplicate", "true")
		again.is(t, "pointsAdjust.movement.after.available", "70")
		a = anna.ask(t, query, input("b", -30)).sound(t)
		a.is(t, "pointsAdjust.movement.why.sentence", `"30 Grains debited."`)
		a.is(t, "pointsAdjust.member.account.available", "40")
		for want, v := range map[string]variables{
			`[{"code":"ZERO","field":["points"]}]`:                input("c", 0),
			`[{"code":"INSUFFICIENT_POINTS","field":["points"]}]`: input("d", -41),
			`[{"code":"REQUIRED","field":["reason"]}]`:            input("e", 1, with("reason", "")),
			`[{"code":"INVALID","field":["expireAfter"]}]`:        input("f", 1, with("expireAfter", "12 parsecs")),
			`[{"code":"REQUIRED","field":["member"]}]`:            input("g", 1, with("member", variables{})),
			`[{"code":"KEY_REUSED","field":["idempotencyKey"]}]`:  input("a", 21),
		} {
			a := anna.ask(t, query, v).sound(t)
			a.is(t, "pointsAdjust.userErrors", want)
			a.is(t, "pointsAdjust.movement", "null")
		}
		const story = `movements(first: 3) { edges { node { kind note { text by } } } }`
		a = anna.ask(t, fmt.Sprintf(`{ viewer { operator { member(ref: {id: %q}) { %s } } } }`, id, story), nil).sound(t)
		a.is(t, "viewer.operator.member.movements.edges", `[{"node":{"kind":"ADJUST","note":{"by":"anna","text":"the oven was cold"}}},`+
			`{"node":{"kind":"ADJUST","note":{"by":"anna","text":"the oven was cold"}}},{"node":{"kind":"EARN","note":null}}]`)
		if a := h.member(t, id).ask(t, `{ viewer { member { `+story+` } } }`, nil); a.code() != "FORBIDDEN" {
			t.Errorf("a member reads operators' notes: %v", a.Data)
		}
	})
}

// A partner's checkout sets points aside, and spends or releases them; the scope says which partners may.
func TestPointsHold(t *testing.T) {
	const (
		hold    = `mutation($input: PointsHoldInput!) { pointsHold(input: $input) { hold { id points captured released } ` + operated + ` } }`
		capture = `mutation($input: PointsCaptureInput!) { pointsCapture(input: $input) { hold { captured released } ` + operated + ` } }`
		release = `mutation($input: PointsReleaseInput!) { pointsRelease(input: $input) { hold { captured released } ` + operated + ` } }`
	)
	each(t, func(t *testing.T, h *house) {
		id := h.enrolled(t, "nonna@example.com")
		till := h.partner(t, "points:write", "members:read")
		till.header.Set("Accept-Language", "en")
		asked := func(key string, points int) variables {
			return variables{"input": variables{
				"idempotencyKey": key, "member": variables{"identity": variables{"kind": "EMAIL", "value": "nonna@example.com"}},
				"points": points, "expiresIn": 600, "purpose": "checkout",
			}}
		}
		a := till.ask(t, hold, asked("a", 30)).sound(t)
		first := a.at("pointsHold.hold.id")
		a.is(t, "pointsHold.movement", `{"after":{"available":20,"held":30},"kind":"HOLD","points":30,"why":{"key":"checkout","sentence":"30 Grains set aside for “checkout”.","source":"hold"}}`)
		a.is(t, "pointsHold.member.account", `{"available":20,"held":30,"holds":[{"points":30}]}`)
		again := till.ask(t, hold, asked("a", 30)).sound(t)
		again.is(t, "pointsHold.hold.id", fmt.Sprintf("%q", first))
		again.is(t, "pointsHold.duplicate", "true")
		till.ask(t, hold, asked("b", 21)).sound(t).is(t, "pointsHold.userErrors", `[{"code":"INSUFFICIENT_POINTS","field":["points"]}]`)
		second := till.ask(t, hold, asked("c", 5)).sound(t).at("pointsHold.hold.id")

		named := func(key string, hold any, points ...int) variables {
			in := variables{"idempotencyKey": key, "hold": hold}
			if len(points) > 0 {
				in["points"] = points[0]
			}
			return variables{"input": in}
		}
		till.ask(t, capture, named("d", first, 31)).sound(t).is(t, "pointsCapture.userErrors", `[{"code":"MORE_THAN_HELD","field":["points"]}]`)
		a = till.ask(t, capture, named("e", first, 25)).sound(t)
		a.is(t, "pointsCapture.hold", `{"captured":25,"released":5}`)
		a.is(t, "pointsCapture.movement.why.sentence", `"25 Grains spent, as set aside."`)
		a.is(t, "pointsCapture.member.account", `{"available":20,"held":5,"holds":[{"points":5}]}`)
		till.ask(t, release, named("f", first)).sound(t).is(t, "pointsRelease.userErrors", `[{"code":"HOLD_ENDED","field":["hold"]}]`)
		a = till.ask(t, release, named("g", second)).sound(t)
		a.is(t, "pointsRelease.hold", `{"captured":0,"released":5}`)
		a.is(t, "pointsRelease.movement.why.sentence", `"5 Grains no longer set aside."`)
		till.ask(t, release, named("h", id)).sound(t).is(t, "pointsRelease.userErrors", `[{"code":"UNKNOWN_HOLD","field":["hold"]}]`)

		node := fmt.Sprintf(`{ node(id: %q) { ... on Hold { captured } } }`, first)
		for who, want := range map[*client]string{
			till: `{"captured":25}`, h.operator(t): `{"captured":25}`, h.member(t, id): `{"captured":25}`,
			h.member(t, h.enrolled(t, "nonno@example.com")): "null", h.partner(t, "members:read"): "null",
			h.as(t, auth.Claims{Role: auth.RoleOperator, Subject: "eve", Programme: h.publish(t, "other")}): "null",
		} {
			who.ask(t, node, nil).sound(t).is(t, "node", want)
		}
		third := till.ask(t, hold, asked("i", 1)).sound(t).at("pointsHold.hold.id")
		eve := h.as(t, auth.Claims{Role: auth.RoleOperator, Subject: "eve", Programme: h.publish(t, "another")})
		eve.ask(t, capture, named("j", third)).sound(t).is(t, "pointsCapture.userErrors", `[{"code":"UNKNOWN_HOLD","field":["hold"]}]`)
		for _, who := range []*client{h.member(t, id), h.partner(t, "members:read", "members:write", "interactions:write")} {
			for query, v := range map[string]variables{hold: asked("k", 1), capture: named("l", third), release: named("m", third)} {
				if a := who.ask(t, query, v); a.code() != "FORBIDDEN" {
					t.Errorf("it is answered with %v %v", a.Data, a.Errors)
				}
			}
		}
	})
}

// An operator gives points of one member to another.
func TestPointsTransfer(t *testing.T) {
	const query = `mutation($input: PointsTransferInput!) { pointsTransfer(input: $input) { duplicate userErrors { field code }
	  given { points why { sentence } } received { points why { sentence } } from { id account { available } } to { id account { available } } } }`
	each(t, func(t *testing.T, h *house) {
		a, b := h.enrolled(t, "nonna@example.com"), h.enrolled(t, "nonno@example.com")
		anna := h.operator(t)
		anna.header.Set("Accept-Language", "en")
		input := func(key string, to any, points int) variables {
			return variables{"input": variables{"idempotencyKey": key, "from": variables{"id": a}, "to": variables{"id": to}, "points": points}}
		}
		for _, duplicate := range []string{"false", "true"} {
			got := anna.ask(t, query, input("a", b, 20)).sound(t)
			got.is(t, "pointsTransfer.duplicate", duplicate)
			got.is(t, "pointsTransfer.given", `{"points":20,"why":{"sentence":"20 Grains given to another account."}}`)
			got.is(t, "pointsTransfer.received", `{"points":20,"why":{"sentence":"20 Grains received from another account."}}`)
			got.is(t, "pointsTransfer.from", fmt.Sprintf(`{"account":{"available":30},"id":%q}`, a))
			got.is(t, "pointsTransfer.to", fmt.Sprintf(`{"account":{"available":70},"id":%q}`, b))
		}
		anna.ask(t, query, input("b", a, 1)).sound(t).is(t, "pointsTransfer.userErrors", `[{"code":"SAME_ACCOUNT","field":["to"]}]`)
		anna.ask(t, query, input("c", b, 31)).sound(t).is(t, "pointsTransfer.userErrors", `[{"code":"INSUFFICIENT_POINTS","field":["points"]}]`)
		got := anna.ask(t, query, input("d", b, -1)).sound(t)
		got.is(t, "pointsTransfer.userErrors", `[{"code":"NEGATIVE","field":["points"]}]`)
		got.is(t, "pointsTransfer.to", "null")
	})
}
