// Command generate makes gqlgen's code from gqlgen.yml and graph/schema, puts package inline where it costs less than gqlgen's runtime, and leaves out a table of all inputs
// that every operation would make for directives that there are none of here. Run it from the repository's root.
package main

import (
	"bytes"
	"fmt"
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
		if err := inlined(name); err != nil {
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

// instead is what of gqlgen's runtime has something in its place in package inline, and what is left out.
var instead = []struct{ was, is string }{
	{"graphql.MarshalSliceConcurrently(", "inline.Slice("},
	{"graphql.CollectFields(", "inline.CollectFields("},
	{"out := graphql.NewFieldSet(", "out := inline.NewFieldSet("},
	{"fs *graphql.FieldSet)", "fs *inline.FieldSet)"},
	{"\n\tdeferredFieldSet := graphql.NewFieldSet(nil)", ""},
	{"\n\tdeferLabelToView := make(map[string]*graphql.FieldSetView)", ""},
	{"\n\tatomic.AddInt32(&ec.Deferred, int32(min(len(deferLabelToView), math.MaxInt32)))\n", ""},
}

var (
	// deferring is what puts a field off, and sends it later.
	deferring = regexp.MustCompile(`(?s)\n\t+if field\.IsDeferred\(\) \{.*?\n\t+continue\n\t+\}\n|\n\tec\.ProcessDeferredGroup\(.*?\n\t\}\)\n`)
	// plain is a field that is a value of its object, as it is: a text, a number, an id, or one that may be null.
	plain = regexp.MustCompile(`return graphql\.ResolveField\(\n(?:[^\n]*\n){6}\t\tfunc\(ctx context\.Context\) \(any, error\) \{\n\t\t\treturn (obj(?:\.\w+)+), nil\n\t\t\},\n\t\tnil,\n` +
		`\t\tfunc\(ctx context\.Context, selections ast\.SelectionSet, v ([\w.*]+)\) graphql\.Marshaler \{\n\t\t\treturn (ec\.marshal[NO](?:String|ID|Boolean|Int|Points|Quantity|DateTime|Decimal|Cursor)2[^(]*)\(ctx, selections, v\)\n` +
		`\t\t\},\n\t\ttrue,\n\t\t(?:true|false),\n\t\)`)
	// values are the types of which each value can be written; others write null for some, which is an error where a field must not be null.
	values = regexp.MustCompile(`^(string|bool|int|int64|fact\.ID|fact\.Points|decimal\.Decimal|scalar\.Cursor|\*(string|bool|int|int64|time\.Time|fact\.ID|fact\.Points|decimal\.Decimal|scalar\.Cursor))$`)
)

// inlined puts package inline in its places.
func inlined(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	changed := text
	for _, i := range instead {
		changed = bytes.ReplaceAll(changed, []byte(i.was), []byte(i.is))
	}
	changed = deferring.ReplaceAll(changed, []byte("\n"))
	changed = plain.ReplaceAllFunc(changed, func(call []byte) []byte {
		m := plain.FindSubmatch(call)
		if !values.Match(m[2]) {
			return call
		}
		return fmt.Appendf(nil, "return %s(ctx, field.Selections, %s)", m[3], m[1])
	})
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
