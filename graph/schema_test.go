package graph_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	gqlast "github.com/vektah/gqlparser/v2/ast"

	"granaio/graph"
)

// The printed schema is current. A change of the API shows in a review as a change of that file; what is there is deprecated, not removed.
func TestPrintedSchema(t *testing.T) {
	text, err := os.ReadFile("schema.graphql")
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != graph.PrintedSchema() {
		t.Error("schema.graphql is not what graph/schema says: run go run ./graph/print")
	}
}

// The API's ErrorCode is every code that the domain refuses with, and no other.
func TestErrorCodes(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../loyalty/fact/refusal.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var refused, told []string
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(v.Names[0].Name, "Code") {
			refused = append(refused, strings.Trim(v.Values[0].(*ast.BasicLit).Value, `"`))
		}
		return true
	})
	for _, v := range gqlparser.MustLoadSchema(&gqlast.Source{Input: graph.PrintedSchema()}).Types["ErrorCode"].EnumValues {
		told = append(told, v.Name)
	}
	slices.Sort(refused)
	slices.Sort(told)
	if len(refused) == 0 || !slices.Equal(refused, told) {
		t.Errorf("the domain refuses with\n%v\nErrorCode has\n%v", refused, told)
	}
}

// Who may read the schema is a matter of configuration.
func TestIntrospection(t *testing.T) {
	const query = `{ __schema { types { name fields { name type { name ofType { name ofType { name ofType { name } } } } } } } }`
	on, off := plain(t), plain(t, func(c *graph.Config) { c.Introspection = false })
	if a := on.anonymous().ask(t, query, nil).sound(t); a.at("__schema.types.0.name") == nil {
		t.Errorf("the schema is %v", a.Data)
	}
	if a := off.operator(t).ask(t, query, nil); a.code() != "BAD_REQUEST" || a.at("__schema") != nil {
		t.Errorf("it is answered with %v", a.Errors)
	}
	if a := off.operator(t).ask(t, `{ viewer { programm { key } } }`, nil); len(a.Errors) != 1 || strings.Contains(a.Errors[0].Message, "programme") {
		t.Errorf("the schema is given away: %v", a.Errors)
	}
}

// A client may send a document's hash in its place, once it has sent both.
func TestPersistedQueries(t *testing.T) {
	h := plain(t)
	anna := h.operator(t)
	const document, hash = `{ viewer { operator { name } } }`, `b5fb8b0aa8ecff3d2f2f0a3d4c0e3b7f0000000000000000000000000000000`
	by := func(query, hash string) answer {
		body := `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}`
		if query != "" {
			body += `,"query":"` + query + `"`
		}
		return anna.post(t, body+"}")
	}
	right := sum(document)
	if a := by("", right); a.code() != "BAD_REQUEST" || a.Errors[0].Message != "PersistedQueryNotFound" {
		t.Errorf("an unknown hash is answered with %v", a.Errors)
	}
	if a := by(document, hash+"0"); a.code() != "BAD_REQUEST" {
		t.Errorf("a wrong hash is answered with %v", a.Errors)
	}
	by(document, right).sound(t)
	by("", right).sound(t).is(t, "viewer.operator.name", `"anna"`)
}

// Pages of the origins that are allowed may call; others may not read.
func TestOrigins(t *testing.T) {
	h := plain(t, func(c *graph.Config) { c.Origins = []string{"https://shop.example"} })
	ask := func(method, origin string) http.Header {
		r, err := http.NewRequestWithContext(t.Context(), method, h.url+"?query={__typename}", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", origin)
		return h.anonymous().send(t, r).Header
	}
	preflight := ask(http.MethodOptions, "https://shop.example")
	if preflight.Get("Access-Control-Allow-Origin") != "https://shop.example" || !strings.Contains(preflight.Get("Access-Control-Allow-Headers"), "Authorization") ||
		preflight.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("the preflight is answered with %v", preflight)
	}
	if got := ask(http.MethodGet, "https://shop.example").Get("Access-Control-Allow-Origin"); got != "https://shop.example" {
		t.Errorf("a request is answered for %q", got)
	}
	for _, method := range []string{http.MethodOptions, http.MethodGet} {
		if got := ask(method, "https://evil.example").Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("another origin's %s is answered for %q", method, got)
		}
	}
}

// Texts are in the language that the caller wants most of those that the programme has.
func TestLanguages(t *testing.T) {
	h := plain(t)
	for header, want := range map[string]string{
		"": "Il Forno", "en": "The Bakery", "en-GB,it;q=0.5": "The Bakery", "de, it;q=0.1, en;q=0.2": "The Bakery", "de": "Il Forno", "it-CH": "Il Forno",
		"en;q=0, it": "Il Forno", ";;,,q=": "Il Forno", "*": "Il Forno", strings.Repeat("xx,", 100) + "en": "Il Forno",
	} {
		c := h.operator(t)
		c.header.Set("Accept-Language", header)
		if got := c.ask(t, `{ viewer { programme { name } } }`, nil).sound(t).at("viewer.programme.name"); got != want {
			t.Errorf("%.40s gets %v", header, got)
		}
	}
	// Without a header a member is answered in its own language.
	nonna := h.member(t, h.enrolled(t, "nonna@example.com"))
	nonna.ask(t, `{ viewer { programme { name } } }`, nil).sound(t).is(t, "viewer.programme.name", `"The Bakery"`)
	nonna.header.Set("Accept-Language", "it")
	nonna.ask(t, `{ viewer { programme { name } } }`, nil).sound(t).is(t, "viewer.programme.name", `"Il Forno"`)
}
