package web_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

func TestFirstQueryIsValidInTheSchema(t *testing.T) {
	paths, err := filepath.Glob("../graph/schema/*.graphqls")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no schema was found: %v", err)
	}
	var sources []*ast.Source
	for _, path := range paths {
		sources = append(sources, &ast.Source{Name: path, Input: text(t, path)})
	}
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	if _, errs := gqlparser.LoadQueryWithRules(schema, text(t, "graphiql/src/first.graphql"), rules.NewDefaultRules()); errs != nil {
		t.Errorf("whoever opens the page and presses play is answered: %v", errs)
	}
}

func text(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
