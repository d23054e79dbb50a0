package graph_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"granaio/auth"
	"granaio/engine"
	"granaio/loyalty/fact"
)

// everything are the ids of what belongs to a member.
func (h *house) everything(t *testing.T, id fact.ID) map[string]string {
	t.Helper()
	a := h.operator(t).ask(t, `query($id: ID!) { node(id: $id) { ... on Member { account { id } identities { id }
	  movements(first: 1) { edges { node { id } } } interactions(first: 1) { edges { node { id } } } redemptions(first: 1) { edges { node { id } } } } } }`,
		variables{"id": id}).sound(t)
	ids := map[string]string{"Member": id.String()}
	for name, path := range map[string]string{
		"Account": "account.id", "Identity": "identities.0.id", "Movement": "movements.edges.0.node.id", "Interaction": "interactions.edges.0.node.id",
		"Redemption": "redemptions.edges.0.node.id",
	} {
		ids[name], _ = a.at("node." + path).(string)
		if ids[name] == "" {
			t.Fatalf("no %s", name)
		}
	}
	return ids
}

func (h *house) redeems(t *testing.T, id fact.ID) {
	t.Helper()
	p, err := h.library.Current(t.Context(), h.id)
	if err != nil {
		t.Fatal(err)
	}
	o, err := h.engine.Redeem(t.Context(), engine.Redeem{
		Origin: engine.Origin{Programme: h.id, Caller: "test", Key: id.String()}, Member: engine.Ref{ID: id}, Reward: p.RewardByKey("mug").Definition,
	})
	if err != nil || o.Refusal != nil {
		t.Fatal(o, err)
	}
}

const nodeQuery = `query($id: ID!) { node(id: $id) { __typename id } }`

// What belongs to another member, or to another programme, does not exist for whom it is not meant.
func TestNobodySeesWhatIsNotItsOwn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		nonna, other := h.enrolled(t, "nonna@example.com"), h.enrolled(t, "other@example.com")
		h.redeems(t, nonna)
		elsewhere := h.publish(t, "elsewhere")
		ids := h.everything(t, nonna)
		for who, c := range map[string]struct {
			*client
			sees []string
		}{
			"herself":           {h.member(t, nonna), []string{"Member", "Account", "Identity", "Movement", "Interaction", "Redemption"}},
			"an operator":       {h.operator(t), []string{"Member", "Account", "Identity", "Movement", "Interaction", "Redemption"}},
			"a partner":         {h.partner(t, "members:read"), []string{"Member", "Account"}},
			"a partner without": {h.partner(t), nil},
			"another member":    {h.member(t, other), nil},
			"nobody":            {h.anonymous(), nil},
			"another operator":  {h.as(t, auth.Claims{Role: auth.RoleOperator, Subject: "eva", Programme: elsewhere}), nil},
			"another's member":  {h.as(t, auth.Claims{Role: auth.RoleMember, Member: nonna, Programme: elsewhere}), nil},
			"another's partner": {h.as(t, auth.Claims{Role: auth.RolePartner, Partner: fact.NewID(fact.KindPartner), Scopes: []string{"members:read"}, Programme: elsewhere}), nil},
		} {
			for name, id := range ids {
				want := "null"
				for _, seen := range c.sees {
					if seen == name {
						want = fmt.Sprintf(`{"__typename":%q,"id":%q}`, name, id)
					}
				}
				if got, _ := json.Marshal(c.ask(t, nodeQuery, variables{"id": id}).sound(t).at("node")); string(got) != want {
					t.Errorf("%s sees the %s as %s, not %s", who, name, got, want)
				}
			}
		}
		// By identity and in lists, as by id.
		eva := h.as(t, auth.Claims{Role: auth.RoleOperator, Subject: "eva", Programme: elsewhere})
		a := eva.ask(t, `{ viewer { operator { members(first: 5) { totalCount edges { node { id } } } member(ref: {identity: {kind: EMAIL, value: "nonna@example.com"}}) { id } } } }`, nil).sound(t)
		a.is(t, "viewer.operator", `{"member":null,"members":{"edges":[],"totalCount":0}}`)
	})
}

// Definitions are found by id too, as far as the viewer may see them; objects of many kinds in one request.
func TestNodes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.enrolled(t, "nonna@example.com")
		elsewhere := h.publish(t, "elsewhere")
		p, err := h.library.Current(t.Context(), h.id)
		if err != nil {
			t.Fatal(err)
		}
		foreign, err := h.library.Current(t.Context(), elsewhere)
		if err != nil {
			t.Fatal(err)
		}
		ids := []fact.ID{
			h.id, p.Touchpoints()[0].Definition, p.Tiers()[0].Definition, p.Missions()[0].Definition, p.Rewards()[0].Definition,
			p.Personas()[0].Definition, p.Rules()[0].Definition, p.Budgets()[0].Definition, id, elsewhere, foreign.Budgets()[0].Definition, id,
		}
		ask := func(c *client) answer {
			return c.ask(t, `query($ids: [ID!]!) { nodes(ids: $ids) { __typename } }`, variables{"ids": ids}).sound(t)
		}
		of := func(names ...string) string {
			list := ""
			for i, n := range names {
				if i > 0 {
					list += ","
				}
				if n == "" {
					list += "null"
				} else {
					list += fmt.Sprintf(`{"__typename":%q}`, n)
				}
			}
			return "[" + list + "]"
		}
		ask(h.operator(t)).is(t, "nodes", of("Programme", "Touchpoint", "Tier", "Mission", "Reward", "Persona", "Rule", "Budget", "Member", "", "", "Member"))
		ask(h.member(t, id)).is(t, "nodes", of("Programme", "Touchpoint", "Tier", "Mission", "Reward", "", "", "", "Member", "", "", "Member"))
		ask(h.partner(t)).is(t, "nodes", of("Programme", "Touchpoint", "Tier", "Mission", "Reward", "", "", "", "", "", "", ""))
		ask(h.anonymous()).is(t, "nodes", of("", "", "", "", "", "", "", "", "", "", "", ""))
		many := make([]fact.ID, 101)
		for i := range many {
			many[i] = id
		}
		a := h.operator(t).ask(t, `query($ids: [ID!]!) { nodes(ids: $ids) { __typename } }`, variables{"ids": many})
		if a.code() != "LIMIT_EXCEEDED" {
			t.Errorf("101 ids are answered with %v", a.Errors)
		}
	})
}

// A partner finds a member at the till by what it has in hand, and learns nothing personal.
func TestPartnerSeesNothingPersonal(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.enrolled(t, "nonna@example.com")
		bistro := h.partner(t, "members:read")
		const find = `query($ref: MemberRef!) { viewer { partner { key member(ref: $ref) { status account { available } tier { current { key } } } } } }`
		byMail := variables{"ref": variables{"identity": variables{"kind": "EMAIL", "value": " Nonna@Example.com "}}}
		bistro.ask(t, find, byMail).sound(t).is(t, "viewer.partner", `{"key":"bistro","member":{"account":{"available":50},"status":"REGISTERED","tier":{"current":null}}}`)
		for _, field := range []string{
			"identities { value }", "attributes { name }", "locale", "persona { key }", "affinities { percent }", "rewards { available }", "missions { count }",
			"tierProgress { value }", "movements(first: 1) { totalCount }", "interactions(first: 1) { totalCount }", "redemptions(first: 1) { totalCount }",
		} {
			a := bistro.ask(t, `query($ref: MemberRef!) { viewer { partner { member(ref: $ref) { id `+field+` } } } }`, byMail)
			if a.code() != "FORBIDDEN" {
				t.Errorf("%s is answered with %v", field, a.Errors)
			}
		}
		if a := h.partner(t, "interactions:write").ask(t, find, byMail); a.code() != "FORBIDDEN" {
			t.Errorf("a partner without the scope is answered with %v", a.Errors)
		}
		for name, ref := range map[string]any{
			"neither": variables{}, "both": variables{"id": fact.NewID(fact.KindMember), "identity": variables{"kind": "EMAIL", "value": "a@example.com"}},
			"no e-mail": variables{"identity": variables{"kind": "EMAIL", "value": "nonsense"}},
		} {
			if a := bistro.ask(t, find, variables{"ref": ref}); a.code() != "BAD_REQUEST" {
				t.Errorf("%s is answered with %v", name, a.Errors)
			}
		}
		bistro.ask(t, find, variables{"ref": variables{"id": fact.NewID(fact.KindMember)}}).sound(t).is(t, "viewer.partner.member", "null")
	})
}
