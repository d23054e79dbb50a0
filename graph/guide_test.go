package graph_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"granaio/auth"
	"granaio/ent/partner"
	"granaio/examples"
	"granaio/loyalty/fact"
)

var (
	// guided is a request of docs/api.md, by whom it is sent, and its answer, if that is shown.
	guided = regexp.MustCompile("(?s)\n```graphql (member|operator|site)\n(.*?)\n```(?:\n```json\n(.*?)\n```)?")
	// elided is what the page leaves out of an answer.
	elided = regexp.MustCompile(`"([a-z]{3}_[0-9a-z]{20,}|\d{4}-\d\d-\d\dT[0-9:.]+Z|/members/.*?)"`)
	// named is an id that a request leaves out: it is the last of its kind that was answered.
	named = regexp.MustCompile(`[a-z]{3}_…`)
)

// What docs/api.md tells app developers of a person is so: each request is sent as it is printed there, and answered as it is printed there.
func TestTheGuideToAPersonIsTrue(t *testing.T) {
	page, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	requests := guided.FindAllStringSubmatch(string(page), -1)
	if n := strings.Count(string(page), "\n```graphql ") + strings.Count(string(page), "\n```json"); len(requests) < 10 || n != len(requests)+strings.Count(string(page), "\n```json\n{") {
		t.Fatalf("%d requests are found among %d blocks", len(requests), n)
	}
	each(t, func(t *testing.T, h *house) {
		h.id = h.publishText(t, examples.Chicchi)
		site := h.store.Ent().Partner.Query().Where(partner.Key("site")).OnlyX(auth.System(t.Context(), h.id))
		who := map[string]*client{"operator": h.operator(t), "site": h.as(t, auth.Claims{Role: auth.RolePartner, Partner: site.ID, Scopes: site.Scopes})}
		ids := map[string]string{}
		for _, r := range requests {
			caller := who[r[1]]
			if r[1] == "member" && caller == nil {
				a := who["operator"].ask(t, `{ viewer { operator { member(ref: {identity: {kind: EMAIL, value: "nonna@example.com"}}) { id } } } }`, nil).sound(t)
				id, err := fact.ParseID(fmt.Sprint(a.at("viewer.operator.member.id")))
				if err != nil {
					t.Fatal(err)
				}
				caller = h.member(t, id)
				who["member"] = caller
			}
			caller.header.Set("Accept-Language", "en")
			query := named.ReplaceAllStringFunc(r[2], func(kind string) string { return ids[strings.TrimSuffix(kind, "…")] })
			a := caller.ask(t, query, nil)
			if len(a.Errors) > 0 {
				t.Fatalf("%s\nis answered with %v", query, a.Errors)
			}
			answered, err := json.Marshal(a.Data)
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range regexp.MustCompile(`"([a-z]{3}_)[0-9a-z]{20,}"`).FindAllStringSubmatch(string(answered), -1) {
				ids[id[1]] = strings.Trim(id[0], `"`)
			}
			if r[3] == "" {
				continue
			}
			var shown any
			if err := json.Unmarshal([]byte(r[3]), &shown); err != nil {
				t.Fatalf("%v: %s", err, r[3])
			}
			want, err := json.Marshal(shown)
			if err != nil {
				t.Fatal(err)
			}
			if got := elided.ReplaceAllString(string(answered), `"…"`); got != string(want) {
				t.Errorf("%s\nis answered with\n%s\nnot\n%s", query, got, want)
			}
		}
	})
}
