// Command print writes the whole schema to graph/schema.graphql, in one order whatever the order of its files, for clients and for reviews: a change of
// the API is a change of that file. Run it from the repository's root.
package main

import (
	"log"
	"os"

	"granaio/graph"
)

func main() {
	if err := os.WriteFile("graph/schema.graphql", []byte(graph.PrintedSchema()), 0o644); err != nil {
		log.Fatal(err)
	}
}
