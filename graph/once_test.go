package graph_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"granaio/dossier"
	"granaio/engine"
	"granaio/loyalty/fact"
)

// absorbs makes one member of two.
func (h *house) absorbs(t *testing.T, from, into fact.ID) {
	t.Helper()
	a := h.operator(t).ask(t, mergeIt, input(variables{"idempotencyKey": "absorb " + from.String(), "reason": "one person", "from": byID(from), "into": byID(into)})).sound(t)
	a.is(t, "memberMerge.userErrors", "[]")
}

// Two who turned out to be one are one in the list of members, and count once.
func TestWhoWasMergedIsListedOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ids := h.crowd(t, 4)
		h.absorbs(t, ids[3], ids[1]) // a silver one into another
		anna := h.operator(t)
		for filter, want := range map[string][]fact.ID{
			"":                                   {ids[2], ids[1], ids[0]},
			`, filter: {tiers: ["silver"]}`:      {ids[1], ids[0]},
			`, filter: {statuses: [REGISTERED]}`: {ids[2], ids[1], ids[0]},
			`, filter: {minAvailable: 1}`:        {ids[2], ids[1], ids[0]},
			`, filter: {enrolledFrom: "2026-01-04T00:00:00Z"}`: {},
		} {
			a := anna.ask(t, `{ viewer { operator { members(first: 10`+filter+`) { totalCount edges { node { id } } } } } }`, nil).sound(t)
			texts := []string{}
			for _, id := range want {
				texts = append(texts, id.String())
			}
			if got := a.ids(members); !slices.Equal(got, texts) {
				t.Errorf("%s: %v, not %v", filter, got, texts)
			}
			a.is(t, members+".totalCount", fmt.Sprint(len(want)))
		}
	})
}

// A member who was merged into another fetches the file of both, with the token and the address that it had or with the new ones; nobody else does.
func TestTheFileOfWhoWasMerged(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		old, stays, other := h.enrolled(t, "nonna@example.com"), h.enrolled(t, "nonno@example.com"), h.enrolled(t, "zia@example.com")
		before, after, stranger := h.member(t, old), h.member(t, stays), h.member(t, other)
		h.absorbs(t, old, stays)
		path := fmt.Sprint(before.ask(t, `{ viewer { member { export { path } } } }`, nil).sound(t).at("viewer.member.export.path"))
		mux := http.NewServeMux()
		mux.HandleFunc(dossier.Pattern, dossier.Keeper{Store: h.store, Authenticate: h.issuer.Verifier().Authenticate}.Serve)
		server := httptest.NewServer(mux)
		t.Cleanup(server.Close)
		for who, want := range map[*client]int{before: 200, after: 200, stranger: 404} {
			for _, path := range []string{path, dossier.Path(old)} {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Authorization", "Bearer "+who.token)
				response, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(response.Body)
				_ = response.Body.Close()
				if err != nil || response.StatusCode != want {
					t.Errorf("%s: status %d, %v: %s", path, response.StatusCode, err, body)
				}
				if want == 200 && (!json.Valid(body) || !strings.Contains(string(body), "nonna@example.com") || !strings.Contains(string(body), "nonno@example.com")) {
					t.Errorf("%s: %s", path, body)
				}
			}
		}
	})
}

// Of who was erased nothing more is said, and whoever tries is told why.
func TestNobodyBecomesWhoWasErased(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		gone, there := h.enrolled(t, "nonna@example.com"), h.enrolled(t, "nonno@example.com")
		o, err := h.engine.Erase(t.Context(), engine.Erase{Origin: engine.Origin{Programme: h.id, Caller: "operator:anna", Key: "erase"}, Member: engine.Ref{ID: gone}})
		if err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
		anna := h.operator(t)
		refused := func(mutation string, in variables, field string) {
			t.Helper()
			in["idempotencyKey"] = mutation + field
			a := anna.ask(t, fmt.Sprintf(`mutation($input: %s%sInput!) { %s(input: $input) { userErrors { code field } } }`, strings.ToUpper(mutation[:1]), mutation[1:], mutation), input(in)).sound(t)
			a.is(t, mutation+".userErrors", fmt.Sprintf(`[{"code":"MEMBER_ERASED","field":[%q]}]`, field))
		}
		fresh := of("EMAIL", "fresh@example.com")
		refused("memberIdentify", variables{"member": byID(gone), "identities": []variables{fresh}}, "member")
		refused("memberIdentityRemove", variables{"member": byID(gone), "identity": fresh}, "member")
		refused("memberMerge", variables{"from": byID(gone), "into": byID(there), "reason": "one person"}, "from")
		refused("memberMerge", variables{"from": byID(there), "into": byID(gone), "reason": "one person"}, "into")
		refused("memberRegister", variables{"member": byID(gone), "touchpoint": "app"}, "member")
		refused("memberUpdate", variables{"member": byID(gone), "touchpoint": "app", "attributes": variables{}}, "member")
		refused("memberSuspend", variables{"member": byID(gone), "reason": "a rest"}, "member")
		a := anna.ask(t, foreseeIt, variables{"from": byID(gone), "into": byID(there)}).sound(t)
		a.is(t, "memberMergePreview.userErrors", `[{"code":"MEMBER_ERASED","field":["from"]}]`)
		anna.ask(t, `{ viewer { operator { member(ref: {identity: {kind: EMAIL, value: "fresh@example.com"}}) { id } } } }`, nil).sound(t).is(t, "viewer.operator.member", "null")
	})
}
