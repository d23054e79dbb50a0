package graph_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"granaio/dossier"
	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

const erase = `mutation($input: MemberEraseInput!) { memberErase(input: $input) { duplicate userErrors { field code }
  outcome { movements { kind points why { source sentence } } } member { status locale identities { value } attributes { name } account { available pending held } } } }`

// Who is erased is known by nothing but an opaque id, and nothing more happens to it; its name is free for somebody else.
func TestErasure(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.asks(t)
		id := h.enrolled(t, "nonna@example.com")
		h.buys(t, id, 40, 2)
		anna := h.operator(t)
		a := anna.ask(t, `query($id: ID!) { memberErasurePreview(member: {id: $id}) { userErrors { code } preview { erased balances { available } shares { table rows removed emptied reason } } } }`, variables{"id": id}).sound(t)
		a.is(t, "memberErasurePreview.preview.erased", "false")
		a.is(t, "memberErasurePreview.preview.balances.available", "130")
		a.is(t, "memberErasurePreview.preview.shares.2", `{"emptied":[],"reason":null,"removed":true,"rows":1,"table":"identities"}`)
		in := input(variables{"idempotencyKey": "x", "member": variables{"id": id}})
		a = anna.ask(t, erase, in).sound(t)
		a.is(t, "memberErase.userErrors", "[]")
		a.is(t, "memberErase.member", `{"account":{"available":0,"held":0,"pending":0},"attributes":[],"identities":[],"locale":null,"status":"ERASED"}`)
		a.is(t, "memberErase.outcome.movements.0", `{"kind":"EXPIRE","points":50,"why":{"sentence":"Azzeramento di 50 Chicchi: dati cancellati.","source":"erasure"}}`)
		anna.ask(t, erase, in).sound(t).is(t, "memberErase.duplicate", "true")
		in["input"].(variables)["idempotencyKey"] = "y"
		a = anna.ask(t, erase, in).sound(t)
		a.is(t, "memberErase.userErrors", "[]")
		a.is(t, "memberErase.member.status", `"ERASED"`)
		a.is(t, "memberErase.outcome.movements", "[]")

		a = anna.ask(t, fmt.Sprintf(`mutation { interactionTrack(input: {idempotencyKey: "late", member: {id: %q}, event: "review", touchpoint: "app"}) { userErrors { code } } }`, id), nil).sound(t)
		a.is(t, "interactionTrack.userErrors.0.code", `"MEMBER_ERASED"`)
		a = anna.ask(t, `mutation { interactionTrack(input: {idempotencyKey: "late", member: {identity: {kind: EMAIL, value: "nonna@example.com"}}, event: "review", touchpoint: "app"}) { userErrors { code } } }`, nil).sound(t)
		a.is(t, "interactionTrack.userErrors.0.code", `"UNKNOWN_MEMBER"`)
		anna.ask(t, decide, decisionsOf(id, "c", decision("news", "GIVEN"))).sound(t).is(t, "consentRecord.userErrors.0.code", `"MEMBER_ERASED"`)
		h.settles(t)
		if again := h.enrolledAs(t, "again", "nonna@example.com"); again == id {
			t.Error("who has the same address is the same member")
		}
	})
}

func (h *house) enrolledAs(t *testing.T, key, address string) fact.ID {
	t.Helper()
	a := h.operator(t).ask(t, `mutation($input: MemberEnrolInput!) { memberEnrol(input: $input) { userErrors { code } member { id } } }`,
		input(variables{"idempotencyKey": key, "touchpoint": "app", "identities": []variables{{"kind": "EMAIL", "value": address}}})).sound(t)
	id, err := fact.ParseID(fmt.Sprint(a.at("memberEnrol.member.id")))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// settles has the clock look what is due.
func (h *house) settles(t *testing.T) {
	t.Helper()
	if _, err := h.engine.Settle(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
}

// A member has itself erased where the programme lets it, and nobody else anywhere.
func TestWhoMayErase(t *testing.T) {
	h := plain(t)
	id, other := h.enrolled(t, "nonna@example.com"), h.enrolled(t, "nonno@example.com")
	nonna := h.member(t, id)
	own := input(variables{"idempotencyKey": "x"})
	nonna.ask(t, erase, own).sound(t).is(t, "memberErase.userErrors", `[{"code":"NOT_ALLOWED","field":["member"]}]`)
	h.asks(t)
	nonna.ask(t, erase, input(variables{"idempotencyKey": "y", "member": variables{"id": other}})).sound(t).is(t, "memberErase.userErrors.0.code", `"UNKNOWN_MEMBER"`)
	nonna.ask(t, erase, own).sound(t).is(t, "memberErase.member.status", `"ERASED"`)
	if code := h.partner(t, "members:write").ask(t, erase, own).code(); code != "FORBIDDEN" {
		t.Errorf("a partner: %q", code)
	}
}

// A member's file holds all that is stored of it: it gets it itself, and so does an operator; nobody else does.
func TestExport(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.asks(t)
		id, other := h.enrolled(t, "nonna@example.com"), h.enrolled(t, "nonno@example.com")
		h.buys(t, id, 40, 3)
		h.operates(t, loyalty.Adjust{Points: 5, Reason: "for the long wait"}, engine.Ref{ID: id})
		nonna := h.member(t, id)
		nonna.ask(t, `mutation($input: ConsentRecordInput!) { consentRecord(input: $input) { userErrors { code } } }`, decisions("1", decision("news", "GIVEN"))).sound(t)
		path := fmt.Sprint(nonna.ask(t, `{ viewer { member { export { path } } } }`, nil).sound(t).at("viewer.member.export.path"))
		mux := http.NewServeMux()
		mux.HandleFunc(dossier.Pattern, dossier.Keeper{Store: h.store, Authenticate: h.issuer.Verifier().Authenticate}.Serve)
		server := httptest.NewServer(mux)
		t.Cleanup(server.Close)
		get := func(token, path string) (int, []byte) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			return response.StatusCode, body
		}
		for who, want := range map[string]int{
			"": 401, "rubbish": 401, h.member(t, other).token: 404, h.partner(t, "members:read").token: 403, nonna.token: 200, h.operator(t).token: 200,
		} {
			if status, body := get(who, path); status != want {
				t.Errorf("status %d, not %d: %s", status, want, body)
			}
		}
		if status, _ := get(h.operator(t).token, dossier.Path(fact.NewID(fact.KindMember))); status != 404 {
			t.Errorf("a member that there is not: %d", status)
		}
		_, body := get(nonna.token, path)
		var file map[string]any
		if err := json.Unmarshal(body, &file); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		a := answer{house: h, Data: file}
		a.is(t, "member", fmt.Sprintf("%q", id))
		a.is(t, "identities.0.value", `"nonna@example.com"`)
		a.is(t, "working_states.0.profile.attributes.diet.value", `"vegan"`)
		a.is(t, "working_states.0.profile.attributes.diet.touchpoint", `"app"`)
		a.is(t, "consents.0.purpose", `"news"`)
		a.is(t, "notes.0.text", `"for the long wait"`)
		a.is(t, "interactions.1.properties.items", "2")
		a.is(t, "movements.1.explanation.source", `"rule"`)
		a.is(t, "accounts.0.available", "195")
		if n := len(file["interactions"].([]any)); n != 5 {
			t.Errorf("%d interactions", n)
		}
		for _, table := range dossier.Tables {
			if _, ok := file[table.Name].([]any); ok == (table.Told != "") {
				t.Errorf("the file has %s: %t", table.Name, ok)
			}
		}
	})
}
