package graph_test

import (
	"fmt"
	"testing"

	"granaio/loyalty/fact"
)

// An enrolment makes a member that is greeted, once.
func TestMemberEnrol(t *testing.T) {
	const query = `mutation($input: MemberEnrolInput!) { memberEnrol(input: $input) { userErrors { field code }
	  member { id status locale attributes { name value } identities { kind value } } outcome { duplicate movements { points why { key sentence } } } } }`
	each(t, func(t *testing.T, h *house) {
		input := func(change ...func(variables)) variables {
			in := variables{
				"idempotencyKey": "one", "touchpoint": "app", "locale": "EN-gb", "attributes": variables{"diet": "vegan", "children": 2.0},
				"identities": []variables{{"kind": "EMAIL", "value": "Nonna@Example.com"}, {"kind": "PHONE", "value": "+39 06 123 45 67"}},
			}
			for _, f := range change {
				f(in)
			}
			return variables{"input": in}
		}
		anna := h.operator(t)
		a := anna.ask(t, query, input()).sound(t)
		a.is(t, "memberEnrol.member.status", `"REGISTERED"`)
		a.is(t, "memberEnrol.member.locale", `"en-GB"`)
		a.is(t, "memberEnrol.member.attributes", `[{"name":"children","value":2},{"name":"diet","value":"vegan"}]`)
		a.is(t, "memberEnrol.member.identities", `[{"kind":"EMAIL","value":"nonna@example.com"},{"kind":"PHONE","value":"+39061234567"}]`)
		a.is(t, "memberEnrol.outcome", `{"duplicate":false,"movements":[{"points":50,"why":{"key":"welcome","sentence":"50 Chicchi per iscrizione (regola «Benvenuto»)."}}]}`)
		again := anna.ask(t, query, input()).sound(t)
		again.is(t, "memberEnrol.outcome.duplicate", "true")
		again.is(t, "memberEnrol.member.id", fmt.Sprintf("%q", a.at("memberEnrol.member.id")))
		eleven := make([]variables, 11)
		for i := range eleven {
			eleven[i] = variables{"kind": "CARD", "value": fmt.Sprint(i)}
		}
		for want, v := range map[string]variables{
			`[{"code":"IDENTITY_TAKEN","field":["identities","0"]}]`:       input(with("idempotencyKey", "two")),
			`[{"code":"REQUIRED","field":["identities"]}]`:                 input(with("idempotencyKey", "three"), with("identities", []variables{})),
			`[{"code":"TOO_MANY","field":["identities"]}]`:                 input(with("idempotencyKey", "four"), with("identities", eleven)),
			`[{"code":"INVALID","field":["attributes"]}]`:                  input(with("idempotencyKey", "five"), with("attributes", "x"), with("identities", eleven[:1])),
			`[{"code":"UNKNOWN_ATTRIBUTE","field":["attributes","shoe"]}]`: input(with("idempotencyKey", "six"), with("attributes", variables{"shoe": 43}), with("identities", eleven[:1])),
		} {
			a := anna.ask(t, query, v).sound(t)
			a.is(t, "memberEnrol.userErrors", want)
			a.is(t, "memberEnrol.member", "null")
		}
	})
}

// A reward costs its price and leaves the stock, until either is at its end.
func TestRewardRedeem(t *testing.T) {
	const query = `mutation($input: RewardRedeemInput!) { rewardRedeem(input: $input) { duplicate userErrors { field code }
	  redemption { points reward { key } } movement { kind points after { available } why { source key } } member { account { available } } } }`
	each(t, func(t *testing.T, h *house) {
		id := h.enrolled(t, "nonna@example.com")
		p, err := h.library.Current(t.Context(), h.id)
		if err != nil {
			t.Fatal(err)
		}
		mug, trip := p.RewardByKey("mug").Definition, p.RewardByKey("trip").Definition
		me := h.member(t, id)
		redeem := func(key string, reward fact.ID) answer {
			return me.ask(t, query, variables{"input": variables{"idempotencyKey": key, "reward": reward}}).sound(t)
		}
		const done = `"member":{"account":{"available":20}},"movement":{"after":{"available":20},"kind":"SPEND","points":30,"why":{"key":"mug","source":"reward"}},"redemption":{"points":30,"reward":{"key":"mug"}},"userErrors":[]}`
		redeem("one", mug).is(t, "rewardRedeem", `{"duplicate":false,`+done)
		redeem("one", mug).is(t, "rewardRedeem", `{"duplicate":true,`+done)
		redeem("two", mug).is(t, "rewardRedeem", `{"duplicate":false,"member":null,"movement":null,"redemption":null,"userErrors":[{"code":"INSUFFICIENT_POINTS","field":["reward"]}]}`)
		redeem("two", mug).is(t, "rewardRedeem.duplicate", "true") // a refusal for a reason of the business is the answer for ever
		redeem("three", trip).is(t, "rewardRedeem.userErrors.0.code", `"TIER_TOO_LOW"`)
		redeem("four", fact.NewID(fact.KindReward)).is(t, "rewardRedeem.userErrors.0.code", `"UNKNOWN_REWARD"`)
	})
}
