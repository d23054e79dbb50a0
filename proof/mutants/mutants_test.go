package main

import (
	"go/parser"
	"go/token"
	"testing"
)

// Every break still applies: what it replaces is in today's source, once, and what comes of it is Go. Whether it is caught is for `make mutants` to say.
func TestEveryBreakStillApplies(t *testing.T) {
	mutants, err := load()
	if err != nil {
		t.Fatal(err)
	}
	source := &tree{"../.."}
	for _, m := range mutants {
		file, _, broken, err := source.broken(m)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := parser.ParseFile(token.NewFileSet(), file, broken, parser.SkipObjectResolution); err != nil {
			t.Errorf("the break %q leaves what is not Go: %v", m.Break, err)
		}
	}
}
