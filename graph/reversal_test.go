package graph_test

import (
	"fmt"
	"testing"
	"time"

	"granaio/auth"
	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// bought is a purchase of bread and cake, sent by a client: its id.
func (c *client) bought(t *testing.T, key string, member fact.ID) string {
	t.Helper()
	a := c.ask(t, `mutation($input: InteractionTrackInput!) { interactionTrack(input: $input) { userErrors { code field } interaction { id value { amount } lines { reference quantity amount { amount currency } returned } } } }`,
		variables{"input": variables{
			"idempotencyKey": key, "event": "purchase", "touchpoint": "till", "member": variables{"id": member},
			"lines": []variables{{"reference": "bread", "quantity": 3, "amount": "10.00"}, {"reference": "cake", "quantity": 1, "amount": "40.00"}},
		}}).sound(t)
	a.is(t, "interactionTrack.interaction.value", `{"amount":"50.00"}`)
	a.is(t, "interactionTrack.interaction.lines", `[{"amount":{"amount":"10.00","currency":"EUR"},"quantity":3,"reference":"bread","returned":0},`+
		`{"amount":{"amount":"40.00","currency":"EUR"},"quantity":1,"reference":"cake","returned":0}]`)
	return a.at("interactionTrack.interaction.id").(string)
}

const (
	returned = `mutation($input: InteractionReverseInput!) { interactionReverse(input: $input) { duplicate userErrors { field code }
	  reversal { id whole value { amount } lines { reference quantity amount { amount } } interaction { id } note { text by } }
	  outcome { duplicate tierChanged tier { key } progress { count completedAt } movements { kind points note { text } why { sentence source of { kind points } } } }
	  member { account { available debt } } } }`
	foreseen = `query($id: ID!, $lines: [ReturnedLineInput!], $value: MoneyInput) { interactionReversalPreview(interaction: $id, lines: $lines, value: $value) {
	  userErrors { field code } preview { value { amount } whole tierChanged tier { key } before { available debt } after { available debt } progress { count target completedAt }
	  takings { points pending available others owed expired forgiven earning { kind points } } } } }`
)

// An operator sees what a return would do, returns some lines and then the rest, and reads what became of the purchase.
func TestInteractionReverse(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.enrolled(t, "nonna@example.com")
		anna := h.operator(t)
		anna.header.Set("Accept-Language", "en")
		itx := anna.bought(t, "p", id)
		input := func(key string, change ...func(variables)) variables {
			in := variables{"idempotencyKey": key, "interaction": itx}
			for _, f := range change {
				f(in)
			}
			return variables{"input": in}
		}
		bread := []variables{{"reference": "bread", "quantity": 2}}
		p := anna.ask(t, foreseen, variables{"id": itx, "lines": bread}).sound(t)
		p.is(t, "interactionReversalPreview.preview", `{"after":{"available":93,"debt":0},"before":{"available":100,"debt":0},"progress":[],"takings":[`+
			`{"available":7,"earning":{"kind":"EARN","points":50},"expired":0,"forgiven":0,"others":0,"owed":0,"pending":0,"points":7}],"tier":null,"tierChanged":true,"value":{"amount":"6.66"},"whole":false}`)
		for _, duplicate := range []string{"false", "true"} {
			a := anna.ask(t, returned, input("a", with("lines", bread), with("note", "stale"))).sound(t)
			a.is(t, "interactionReverse.duplicate", duplicate)
			a.is(t, "interactionReverse.outcome.duplicate", duplicate)
			a.is(t, "interactionReverse.reversal.lines", `[{"amount":{"amount":"6.66"},"quantity":2,"reference":"bread"}]`)
			a.is(t, "interactionReverse.reversal.value", `{"amount":"6.66"}`)
			a.is(t, "interactionReverse.reversal.note", `{"by":"anna","text":"stale"}`)
			a.is(t, "interactionReverse.outcome.movements.0.why.sentence", `"7 Grains taken back, given before for purchase of 50.00 EUR (rule “Spending”)."`)
			a.is(t, "interactionReverse.outcome.movements.0.why.of", `{"kind":"EARN","points":50}`)
			a.is(t, "interactionReverse.outcome.movements.0.note", `{"text":"stale"}`)
			a.is(t, "interactionReverse.outcome.tierChanged", "true")
			a.is(t, "interactionReverse.member.account", `{"available":93,"debt":0}`)
		}
		h.operates(t, loyalty.Adjust{Points: -93, Reason: "x"}, engine.Ref{ID: id})
		p = anna.ask(t, foreseen, variables{"id": itx}).sound(t)
		p.is(t, "interactionReversalPreview.preview", `{"after":{"available":0,"debt":20},"before":{"available":0,"debt":0},"progress":[{"completedAt":null,"count":0,"target":3}],"takings":[`+
			`{"available":0,"earning":{"kind":"EARN","points":50},"expired":0,"forgiven":23,"others":0,"owed":20,"pending":0,"points":43}],"tier":null,"tierChanged":false,"value":{"amount":"43.34"},"whole":true}`)
		a := anna.ask(t, returned, input("b")).sound(t)
		a.is(t, "interactionReverse.reversal.whole", "true")
		a.is(t, "interactionReverse.outcome.progress", `[{"completedAt":null,"count":0}]`)
		a.is(t, "interactionReverse.outcome.movements.0.why.sentence", `"20 Grains taken back, given before for purchase of 50.00 EUR (rule “Spending”), of which 20 are owed; 23 more were let go."`)
		rvs := a.at("interactionReverse.reversal.id").(string)

		shown := fmt.Sprintf(`{ node(id: %q) { ... on Interaction { lines { reference returned } reversals { whole lines { reference } value { amount } } } } }`, itx)
		for _, who := range []*client{anna, h.member(t, id)} {
			who.ask(t, shown, nil).sound(t).is(t, "node", `{"lines":[{"reference":"bread","returned":3},{"reference":"cake","returned":1}],`+
				`"reversals":[{"lines":[{"reference":"bread"}],"value":{"amount":"6.66"},"whole":false},{"lines":[],"value":{"amount":"43.34"},"whole":true}]}`)
		}
		node := fmt.Sprintf(`{ node(id: %q) { ... on Reversal { whole interaction { id } } } }`, rvs)
		want := fmt.Sprintf(`{"interaction":{"id":%q},"whole":true}`, itx)
		for who, want := range map[*client]string{
			anna: want, h.member(t, id): want, h.member(t, h.enrolled(t, "nonno@example.com")): "null", h.partner(t, "interactions:write"): "null",
			h.as(t, auth.Claims{Role: auth.RoleOperator, Subject: "eve", Programme: h.publish(t, "other")}): "null",
		} {
			who.ask(t, node, nil).sound(t).is(t, "node", want)
		}
		for want, v := range map[string]variables{
			`[{"code":"ALREADY_REVERSED","field":["interaction"]}]`:     input("c"),
			`[{"code":"REVERSAL_OF_REVERSAL","field":["interaction"]}]`: input("d", with("interaction", rvs)),
			`[{"code":"UNKNOWN_INTERACTION","field":["interaction"]}]`:  input("e", with("interaction", id)),
			`[{"code":"KEY_REUSED","field":["idempotencyKey"]}]`:        input("a"),
			`[{"code":"INVALID","field":["value","amount"]}]`:           input("f", with("value", variables{"amount": "a cake"})),
		} {
			a := anna.ask(t, returned, v).sound(t)
			a.is(t, "interactionReverse.userErrors", want)
			a.is(t, "interactionReverse.reversal", "null")
			a.is(t, "interactionReverse.outcome", "null")
		}
		p = anna.ask(t, foreseen, variables{"id": itx}).sound(t)
		p.is(t, "interactionReversalPreview", `{"preview":null,"userErrors":[{"code":"ALREADY_REVERSED","field":["interaction"]}]}`)
		anna.ask(t, foreseen, variables{"id": itx, "value": variables{"amount": "x"}}).sound(t).is(t, "interactionReversalPreview.userErrors", `[{"code":"INVALID","field":["value","amount"]}]`)
	})
}

// Of a batch, only the purchase is refused whose lines are wrong.
func TestLinesAreRefusedOneByOne(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.enrolled(t, "nonna@example.com")
		var items []variables
		for i, line := range []variables{
			{"reference": "bread", "quantity": 1, "amount": "2.50"}, {"reference": "bread", "quantity": 1, "amount": "a lot"},
			{"reference": "bread", "quantity": 0, "amount": "1"}, {"reference": "bread", "quantity": 1, "amount": "1.005"},
		} {
			items = append(items, variables{"idempotencyKey": fmt.Sprint(i), "event": "purchase", "touchpoint": "till", "member": variables{"id": id}, "lines": []variables{line}})
		}
		h.operator(t).ask(t, `mutation($input: InteractionTrackBatchInput!) { interactionTrackBatch(input: $input) { results { interaction { value { amount } } userErrors { code field } } } }`,
			variables{"input": variables{"interactions": items}}).sound(t).is(t, "interactionTrackBatch.results", `[{"interaction":{"value":{"amount":"2.50"}},"userErrors":[]},`+
			`{"interaction":null,"userErrors":[{"code":"INVALID","field":["interactions","1","lines","0","amount"]}]},`+
			`{"interaction":null,"userErrors":[{"code":"ZERO","field":["interactions","2","lines","0","quantity"]}]},`+
			`{"interaction":null,"userErrors":[{"code":"FRACTIONAL","field":["interactions","3","lines","0","amount"]}]}]`)
	})
}

// A partner undoes what it sent itself, and nothing else; a member undoes nothing.
func TestPartnersReverseWhatTheySent(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.enrolled(t, "nonna@example.com")
		till := h.partner(t, "interactions:write")
		own, others := till.bought(t, "p", id), h.operator(t).bought(t, "p", id)
		const query = `mutation($input: InteractionReverseInput!) { interactionReverse(input: $input) { userErrors { field code } reversal { value { amount } } outcome { movements { points } } } }`
		input := func(key, of string) variables {
			return variables{"input": variables{"idempotencyKey": key, "interaction": of, "value": variables{"amount": "1.00"}}}
		}
		till.ask(t, query, input("a", others)).sound(t).is(t, "interactionReverse.userErrors", `[{"code":"UNKNOWN_INTERACTION","field":["interaction"]}]`)
		till.ask(t, foreseen, variables{"id": others}).sound(t).is(t, "interactionReversalPreview.userErrors", `[{"code":"UNKNOWN_INTERACTION","field":["interaction"]}]`)
		till.ask(t, query, input("b", own)).sound(t).is(t, "interactionReverse", `{"outcome":{"movements":[{"points":1}]},"reversal":{"value":{"amount":"1.00"}},"userErrors":[]}`)
		till.ask(t, foreseen, variables{"id": own}).sound(t).is(t, "interactionReversalPreview.preview.value", `{"amount":"49.00"}`)
		kiosk, err := h.store.Ent().Partner.Create().SetID(fact.NewID(fact.KindPartner)).SetProgrammeID(h.id).SetKey("another").SetName("Another").SetScopes([]string{}).
			SetCreatedAt(time.Now()).Save(auth.System(t.Context(), h.id))
		if err != nil {
			t.Fatal(err)
		}
		another := h.as(t, auth.Claims{Role: auth.RolePartner, Partner: kiosk.ID, Scopes: []string{"interactions:write"}})
		another.ask(t, query, input("d", own)).sound(t).is(t, "interactionReverse.userErrors", `[{"code":"UNKNOWN_INTERACTION","field":["interaction"]}]`)
		another.ask(t, foreseen, variables{"id": own}).sound(t).is(t, "interactionReversalPreview.userErrors", `[{"code":"UNKNOWN_INTERACTION","field":["interaction"]}]`)
		for _, who := range []*client{h.member(t, id), h.partner(t, "members:read", "points:write")} {
			if a := who.ask(t, query, input("c", own)); a.code() != "FORBIDDEN" {
				t.Errorf("it is answered with %v %v", a.Data, a.Errors)
			}
			if a := who.ask(t, foreseen, variables{"id": own}); a.code() != "FORBIDDEN" {
				t.Errorf("it is foreseen as %v %v", a.Data, a.Errors)
			}
		}
	})
}

// What was spent comes back, and what it paid for is cancelled.
func TestPointsRefund(t *testing.T) {
	const query = `mutation($input: PointsRefundInput!) { pointsRefund(input: $input) { duplicate userErrors { field code } redemption { id state }
	  movement { kind points note { text } why { sentence of { kind } } } member { account { available } redemptions(first: 1) { edges { node { state } } } } } }`
	each(t, func(t *testing.T, h *house) {
		id := h.enrolled(t, "nonna@example.com")
		anna := h.operator(t)
		anna.header.Set("Accept-Language", "en")
		p, err := h.library.Current(t.Context(), h.id)
		if err != nil {
			t.Fatal(err)
		}
		a := anna.ask(t, `mutation($input: RewardRedeemInput!) { rewardRedeem(input: $input) { redemption { id state } movement { id } } }`,
			variables{"input": variables{"idempotencyKey": "m", "reward": p.RewardByKey("mug").Definition, "member": variables{"id": id}}}).sound(t)
		a.is(t, "rewardRedeem.redemption.state", `"CONFIRMED"`)
		spend, redemption := a.at("rewardRedeem.movement.id"), a.at("rewardRedeem.redemption.id")
		input := func(key string, change ...func(variables)) variables {
			in := variables{"idempotencyKey": key, "movement": spend}
			for _, f := range change {
				f(in)
			}
			return variables{"input": in}
		}
		a = anna.ask(t, query, input("a", with("points", 10), with("note", "chipped"))).sound(t)
		a.is(t, "pointsRefund.movement", `{"kind":"REVERSE_SPEND","note":{"text":"chipped"},"points":10,"why":{"of":{"kind":"SPEND"},"sentence":"10 Grains given back for “Mug”."}}`)
		a.is(t, "pointsRefund.redemption", "null")
		for _, duplicate := range []string{"false", "true"} {
			a = anna.ask(t, query, input("b")).sound(t)
			a.is(t, "pointsRefund.duplicate", duplicate)
			a.is(t, "pointsRefund.redemption", fmt.Sprintf(`{"id":%q,"state":"CANCELLED"}`, redemption))
			a.is(t, "pointsRefund.member", `{"account":{"available":50},"redemptions":{"edges":[{"node":{"state":"CANCELLED"}}]}}`)
		}
		till := h.partner(t, "points:write")
		const plain = `mutation($input: PointsRefundInput!) { pointsRefund(input: $input) { userErrors { field code } movement { id } } }`
		for want, v := range map[string]variables{
			`[{"code":"ALREADY_REVERSED","field":["movement"]}]`: input("c"),
			`[{"code":"UNKNOWN_MOVEMENT","field":["movement"]}]`: input("d", with("movement", id)),
		} {
			till.ask(t, plain, v).sound(t).is(t, "pointsRefund", fmt.Sprintf(`{"movement":null,"userErrors":%s}`, want))
		}
		for _, who := range []*client{h.member(t, id), h.partner(t, "interactions:write", "members:read")} {
			if a := who.ask(t, plain, input("e")); a.code() != "FORBIDDEN" {
				t.Errorf("it is answered with %v %v", a.Data, a.Errors)
			}
		}
	})
}
