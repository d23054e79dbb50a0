package graph_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"granaio/auth"
	"granaio/ent/member"
	"granaio/graph"
	"granaio/loyalty/fact"
	"granaio/store"
	"granaio/store/storetest"
)

const trackQuery = `mutation($input: InteractionTrackInput!) { interactionTrack(input: $input) {
  interaction { event occurredAt value { amount currency } properties touchpoint { key } }
  member { id account { available version } }
  outcome { duplicate movements { kind points why { key } } progress { mission { key } count target } tierChanged tier { key } }
  userErrors { field code message } } }`

func purchase(key string, change ...func(variables)) variables {
	in := variables{
		"idempotencyKey": key, "event": "purchase", "touchpoint": "till", "member": variables{"identity": variables{"kind": "EMAIL", "value": "nonna@example.com"}},
		"occurredAt": "2026-05-01T11:30:00.123456+02:00", "value": variables{"amount": "120.50"}, "properties": variables{"items": 3, "note": "ciao", "big": 9007199254740993},
	}
	for _, f := range change {
		f(in)
	}
	return in
}

func with(name string, value any) func(variables) { return func(in variables) { in[name] = value } }

// A purchase is answered with what followed from it; the same request again, with the same answer.
func TestInteractionTrack(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.enrolled(t, "nonna@example.com")
		bistro := h.partner(t, "interactions:write", "members:read")
		for _, duplicate := range []string{"false", "true"} {
			a := bistro.ask(t, strings.Replace(trackQuery, "properties ", "", 1), variables{"input": purchase("one")}).sound(t)
			a.is(t, "interactionTrack.interaction", `{"event":"purchase","occurredAt":"2026-05-01T09:30:00.123456Z","touchpoint":{"key":"till"},"value":{"amount":"120.50","currency":"EUR"}}`)
			a.is(t, "interactionTrack.member", fmt.Sprintf(`{"account":{"available":170,"version":2},"id":%q}`, id))
			a.is(t, "interactionTrack.outcome", `{"duplicate":`+duplicate+`,"movements":[{"kind":"EARN","points":120,"why":{"key":"spend"}}],`+
				`"progress":[{"count":1,"mission":{"key":"three"},"target":3}],"tier":{"key":"silver"},"tierChanged":true}`)
			a.is(t, "interactionTrack.userErrors", "[]")
		}
		a := bistro.ask(t, trackQuery, variables{"input": purchase("one", with("value", variables{"amount": "1.00"}))})
		a.is(t, "interactionTrack.userErrors.0.code", `"KEY_REUSED"`)
		a.is(t, "interactionTrack.outcome", "null")
		a = h.operator(t).ask(t, `query($id: ID!) { node(id: $id) { ... on Member { interactions(last: 1) { edges { node { properties } } } } } }`, variables{"id": id}).sound(t)
		a.is(t, "node.interactions.edges.0.node.properties", `{"big":9007199254740992,"items":3,"note":"ciao"}`)
	})
}

// One point is called what the programme calls one.
func TestSentenceOfOnePoint(t *testing.T) {
	h := plain(t)
	h.enrolled(t, "nonna@example.com")
	a := h.operator(t).ask(t, `mutation($input: InteractionTrackInput!) { interactionTrack(input: $input) { outcome { movements { why { sentence } } } } }`,
		variables{"input": purchase("one", with("value", variables{"amount": "1.99"}))}).sound(t)
	a.is(t, "interactionTrack.outcome.movements.0.why.sentence", `"1 Chicco per acquisto di 1,99 EUR: 1 ogni 1,00 EUR, arrotondando per difetto (regola «Spesa»)."`)
}

// A refusal for a reason of the business is the answer for ever, and says when it comes again; others may be corrected.
func TestRefusalsAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.enrolled(t, "nonna@example.com")
		system := auth.System(t.Context(), h.id)
		err := errors.Join(h.store.Ent().Member.UpdateOneID(id).SetStatus(member.StatusSuspended).Exec(system),
			h.store.Ent().WorkingState.UpdateOneID(id).AddVersion(1).Exec(system)) // as whoever changes a member's row must: the engine remembers it
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			in          variables
			code, again string
		}{
			{purchase("a", with("value", variables{"amount": "1"})), `"MEMBER_SUSPENDED"`, "true"},
			{purchase("b", with("member", variables{"id": fact.NewID(fact.KindMember)})), `"UNKNOWN_MEMBER"`, "false"},
		} {
			for _, duplicate := range []string{"false", c.again} {
				a := h.operator(t).ask(t, `mutation($input: InteractionTrackInput!) { interactionTrack(input: $input) { duplicate userErrors { code } } }`, variables{"input": c.in}).sound(t)
				a.is(t, "interactionTrack", `{"duplicate":`+duplicate+`,"userErrors":[{"code":`+c.code+`}]}`)
			}
		}
		// So does what was granted.
		for _, duplicate := range []string{"false", "true"} {
			a := h.operator(t).ask(t, `mutation { memberEnrol(input: {idempotencyKey: "e", touchpoint: "app", identities: [{kind: CARD, value: "1"}]}) { duplicate outcome { duplicate } } }`, nil).sound(t)
			a.is(t, "memberEnrol", `{"duplicate":`+duplicate+`,"outcome":{"duplicate":`+duplicate+`}}`)
		}
	})
}

// Each thing that is wrong is said, at its place, and nothing is changed.
func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.enrolled(t, "nonna@example.com")
		anna := h.operator(t)
		many := variables{}
		for i := range 101 {
			many[fmt.Sprint("p", i)] = i
		}
		deep := any("end")
		for range 20 {
			deep = []any{deep}
		}
		for want, in := range map[string]variables{
			"touchpoint UNKNOWN_TOUCHPOINT":    purchase("a", with("touchpoint", "nowhere")),
			"event UNKNOWN_EVENT":              purchase("b", with("event", "nothing")),
			"occurredAt IN_FUTURE":             purchase("c", with("occurredAt", time.Now().Add(time.Hour).Format(time.RFC3339))),
			"occurredAt BEFORE_PROGRAMME":      purchase("d", with("occurredAt", "2024-12-31T00:00:00Z")),
			"value REQUIRED":                   purchase("e", with("value", nil)),
			"value.amount NEGATIVE":            purchase("f", with("value", variables{"amount": "-1"})),
			"value.currency CURRENCY_MISMATCH": purchase("g", with("value", variables{"amount": "1", "currency": "USD"})),
			"member UNKNOWN_MEMBER":            purchase("h", with("member", variables{"id": fact.NewID(fact.KindMember)})),
			"member REQUIRED":                  purchase("i", with("member", nil)),
			"member INVALID":                   purchase("j", with("member", variables{"id": fact.NewID(fact.KindMember), "identity": variables{"kind": "EMAIL", "value": "a@example.com"}})),
			"member INVALID ":                  purchase("u", with("member", variables{"id": nil, "identity": variables{"kind": "EMAIL", "value": "nonna@example.com"}})),
			"member INVALID  ":                 purchase("v", with("member", variables{"identity": nil})),
			"member.identity.value INVALID":    purchase("k", with("member", variables{"identity": variables{"kind": "EMAIL", "value": "nonsense"}})),
			"idempotencyKey REQUIRED":          purchase(""),
			"idempotencyKey TOO_LONG":          purchase(strings.Repeat("x", 201)),
			"properties TOO_MANY":              purchase("l", with("properties", many)),
			"properties TOO_LARGE":             purchase("m", with("properties", variables{"text": strings.Repeat("x", 17<<10)})),
			"properties.items INVALID":         purchase("n", with("properties", variables{"items": "three"})),
			"properties INVALID":               purchase("o", with("properties", []int{1})),
			"occurredAt INVALID":               purchase("r", with("occurredAt", "2026-11-21")),
			"value.amount INVALID":             purchase("s", with("value", variables{"amount": "1,5"})),
			"member.id INVALID":                purchase("t", with("member", variables{"id": "mbr_xx"})),
			"properties.far TOO_LARGE":         purchase("p", with("properties", variables{"far": json.RawMessage("1e999")})),
			"properties.deep" + strings.Repeat(".0", 16) + " TOO_LARGE": purchase("q", with("properties", variables{"deep": deep})),
		} {
			a := anna.ask(t, trackQuery, variables{"input": in}).sound(t)
			errs, _ := a.at("interactionTrack.userErrors").([]any)
			if len(errs) != 1 {
				t.Errorf("%s: %v", want, errs)
				continue
			}
			var path []string
			for _, p := range a.at("interactionTrack.userErrors.0.field").([]any) {
				path = append(path, p.(string))
			}
			if got := strings.Join(path, ".") + " " + a.at("interactionTrack.userErrors.0.code").(string); got != strings.TrimSpace(want) {
				t.Errorf("%s is answered with %s: %v", want, got, a.at("interactionTrack.userErrors.0.message"))
			}
			for _, object := range []string{"interaction", "member", "outcome"} {
				a.is(t, "interactionTrack."+object, "null")
			}
		}
		a := anna.ask(t, `{ viewer { operator { members(first: 1) { edges { node { movements(first: 1) { totalCount } } } } } } }`, nil).sound(t)
		a.is(t, "viewer.operator.members.edges.0.node.movements.totalCount", "1")
	})
}

// What is wrong with one of a batch is told in its place, and the rest goes on.
func TestBatchWithBadItems(t *testing.T) {
	const query = `mutation($input: InteractionTrackBatchInput!) { interactionTrackBatch(input: $input) { userErrors { field code }
	  results { member { account { available } } outcome { duplicate movements { points why { interaction { event } } } } userErrors { field code } } } }`
	each(t, func(t *testing.T, h *house) {
		h.enrolled(t, "nonna@example.com")
		anna := h.operator(t)
		batch := []variables{
			purchase("1"), purchase("2", with("touchpoint", "nowhere")), purchase("3", with("properties", "odd")), purchase("1"),
			purchase("4", with("member", variables{})), purchase("5", with("value", variables{"amount": "0.99"})),
			purchase("6", with("member", variables{"id": "mbr_xx"})), purchase("7", with("value", variables{"amount": 1.5})),
			purchase("8", with("occurredAt", "3500-01-01T00:00:00Z")),
		}
		a := anna.ask(t, query, variables{"input": variables{"interactions": batch}}).sound(t)
		const results = "interactionTrackBatch.results."
		a.is(t, results+"0.outcome", `{"duplicate":false,"movements":[{"points":120,"why":{"interaction":{"event":"purchase"}}}]}`)
		a.is(t, results+"1.userErrors", `[{"code":"UNKNOWN_TOUCHPOINT","field":["interactions","1","touchpoint"]}]`)
		a.is(t, results+"2.userErrors", `[{"code":"INVALID","field":["interactions","2","properties"]}]`)
		a.is(t, results+"3.outcome.duplicate", `true`)
		a.is(t, results+"4.userErrors", `[{"code":"REQUIRED","field":["interactions","4","member"]}]`)
		a.is(t, results+"5", `{"member":{"account":{"available":170}},"outcome":{"duplicate":false,"movements":[]},"userErrors":[]}`)
		a.is(t, results+"6.userErrors", `[{"code":"INVALID","field":["interactions","6","member","id"]}]`)
		a.is(t, results+"7.userErrors", `[{"code":"INVALID","field":["interactions","7","value","amount"]}]`)
		a.is(t, results+"8.userErrors", `[{"code":"INVALID","field":["interactions","8","occurredAt"]}]`)
		a.is(t, results+"0.member.account.available", "170") // as it is once all are taken
		for want, list := range map[string][]variables{"REQUIRED": {}, "TOO_MANY": make([]variables, 1001)} {
			for i := range list {
				list[i] = purchase(fmt.Sprint("n", i))
			}
			a := anna.ask(t, `mutation($input: InteractionTrackBatchInput!) { interactionTrackBatch(input: $input) { userErrors { field code } results { userErrors { code } } } }`,
				variables{"input": variables{"interactions": list}}).sound(t)
			a.is(t, "interactionTrackBatch", `{"results":[],"userErrors":[{"code":"`+want+`","field":["interactions"]}]}`)
		}
	})
}

// A batch of 1,000, sent by a partner, fits all limits, and what is shown of its answers is read together.
func TestBatchOfAThousand(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		h := open(t, db, func(c *graph.Config) {
			c.Limits = graph.DefaultLimits()
			c.Limits.Timeout = time.Minute // a test must not depend on how busy the machine is
		})
		h.enrolled(t, "nonna@example.com")
		bistro := h.partner(t, "interactions:write", "members:read")
		list := make([]variables, 1000)
		for i := range list {
			list[i] = purchase(fmt.Sprint("key ", i), with("value", variables{"amount": "1"}))
		}
		before := h.store.Statements()
		a := bistro.ask(t, `mutation($input: InteractionTrackBatchInput!) { interactionTrackBatch(input: $input) { userErrors { code }
		  results { interaction { id event touchpoint { key } value { amount } } member { id account { available } tier { current { key } } }
		    outcome { duplicate movements { number kind points after { available } why { sentence } } progress { count } tier { key } } userErrors { field code } } } }`,
			variables{"input": variables{"interactions": list}}).sound(t)
		a.is(t, "interactionTrackBatch.results.999.outcome.movements.0.number", "1002")
		a.is(t, "interactionTrackBatch.results.0.member.account.available", "1070")
		if n := h.store.Statements() - before; n > 100 {
			t.Errorf("it took %d statements", n)
		}
	})
}

// A member acts for itself alone, and reports what it did, never what it paid, unless the programme lets it.
func TestMemberTracksForItself(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		nonna, other := h.enrolled(t, "nonna@example.com"), h.enrolled(t, "other@example.com")
		me := h.member(t, nonna)
		review := func(key string, change ...func(variables)) variables {
			in := variables{"idempotencyKey": key, "event": "review", "touchpoint": "app", "properties": variables{"stars": 5}}
			for _, f := range change {
				f(in)
			}
			return in
		}
		byMail := func(address string) any { return variables{"identity": variables{"kind": "EMAIL", "value": address}} }
		for _, c := range []struct {
			in   variables
			want string
		}{
			{review("1"), "null"},
			{review("2", with("member", variables{"id": nonna})), "null"},
			{review("3", with("member", byMail("NONNA@example.com"))), "null"},
			{review("4", with("member", variables{"id": other})), `"UNKNOWN_MEMBER"`},
			{review("5", with("member", byMail("other@example.com"))), `"UNKNOWN_MEMBER"`},
			{review("6", with("member", byMail("nobody@example.com"))), `"UNKNOWN_MEMBER"`},
			{purchase("7", with("member", nil)), `"NOT_ALLOWED"`},
			{review("8", with("event", "scan")), "null"}, // the programme says that members may
			{review("9", with("event", "member.enrolled")), `"INVALID"`},
			{review("10", with("event", "nothing")), `"UNKNOWN_EVENT"`},
		} {
			a := me.ask(t, trackQuery, variables{"input": c.in}).sound(t)
			a.is(t, "interactionTrack.userErrors.0.code", c.want)
			if c.want == "null" {
				a.is(t, "interactionTrack.member.id", fmt.Sprintf("%q", nonna))
			}
		}
		for name, c := range map[string]*client{"partner": h.partner(t, "interactions:write"), "operator": h.operator(t)} {
			in := review("a "+name, with("event", "scan"), with("member", variables{"id": nonna}))
			a := c.ask(t, `mutation($input: InteractionTrackInput!) { interactionTrack(input: $input) { userErrors { field code } } }`, variables{"input": in}).sound(t)
			a.is(t, "interactionTrack.userErrors", `[{"code":"NOT_ALLOWED","field":["event"]}]`)
		}
		a := me.ask(t, `mutation($input: RewardRedeemInput!) { rewardRedeem(input: $input) { userErrors { code } } }`,
			variables{"input": variables{"idempotencyKey": "r", "reward": fact.NewID(fact.KindReward), "member": variables{"id": other}}}).sound(t)
		a.is(t, "rewardRedeem.userErrors.0.code", `"UNKNOWN_MEMBER"`)
	})
}
