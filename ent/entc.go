//go:build ignore

// Command entc generates ent's code from ent/schema.
package main

import (
	"log"

	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
)

func main() {
	// Nothing of GraphQL is generated: its schema is written by hand, and graph/read makes its pages. See docs/adr/0007.
	err := entc.Generate("./schema", &gen.Config{
		Package: "granaio/ent",
		Features: []gen.Feature{
			gen.FeatureUpsert, gen.FeatureLock, gen.FeatureModifier, gen.FeatureExecQuery, gen.FeatureVersionedMigration,
			gen.FeaturePrivacy, gen.FeatureIntercept,
		},
	})
	if err != nil {
		log.Fatal(err)
	}
}
