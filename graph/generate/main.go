// Command generate makes gqlgen's code from gqlgen.yml and graph/schema, has lists answered in order (package inline), and leaves out a table of all inputs that
// every operation would make for directives that there are none of here. Run it from the repository's root.
package main

import (
	"bytes"
	"log"
	"os"
	"path/filepath"
	"regexp"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"
	"golang.org/x/tools/imports"
)

func main() {
	cfg, err := config.LoadConfig("gqlgen.yml")
	if err != nil {
		log.Fatal(err)
	}
	if err := api.Generate(cfg); err != nil {
		log.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(cfg.Exec.DirName, "*.generated.go"))
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range files {
		if err := inOrder(name); err != nil {
			log.Fatal(err)
		}
	}
	if err := withoutInputs(filepath.Join(cfg.Exec.DirName, "root_.generated.go")); err != nil {
		log.Fatal(err)
	}
}

var (
	inputsMade = regexp.MustCompile(`(?s)\n\tinputUnmarshalMap := graphql\.BuildUnmarshalerMap\(.*?\n\t\)`)
	inputsKept = regexp.MustCompile(`\n\t+ctx = graphql\.WithUnmarshalerMap\(ctx, inputUnmarshalMap\)`)
)

// withoutInputs leaves out the table of inputs, which graphql.UnmarshalInputFromContext alone would read.
func withoutInputs(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return os.WriteFile(name, inputsKept.ReplaceAll(inputsMade.ReplaceAll(text, nil), nil), 0o644)
}

// inOrder puts inline.Slice where gqlgen would start a goroutine for each element.
func inOrder(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	changed := bytes.ReplaceAll(text, []byte("graphql.MarshalSliceConcurrently("), []byte("inline.Slice("))
	if bytes.Equal(text, changed) {
		return nil
	}
	changed = bytes.Replace(changed, []byte("import (\n"), []byte("import (\n\t\"granaio/graph/inline\"\n"), 1)
	imports.LocalPrefix = "granaio"
	if changed, err = imports.Process(name, changed, nil); err != nil {
		return err
	}
	return os.WriteFile(name, changed, 0o644)
}
