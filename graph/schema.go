package graph

import (
	"strings"

	"github.com/vektah/gqlparser/v2/formatter"

	"granaio/graph/generated"
)

// PrintedSchema is the whole schema as one text.
func PrintedSchema() string {
	var b strings.Builder
	b.WriteString("# Printed from graph/schema by \"go run ./graph/print\". Not written by hand.\n")
	formatter.NewFormatter(&b, formatter.WithIndent("  ")).FormatSchema(generated.NewExecutableSchema(generated.Config{}).Schema())
	return b.String()
}
