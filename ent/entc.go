//go:build ignore

// Command entc generates ent's code from ent/schema.
package main

import (
	"log"

	"entgo.io/contrib/entgql"
	"entgo.io/ent/entc"
	"entgo.io/ent/entc/gen"
)

func main() {
	// The SDL is written by hand: no schema generation, no WhereInput. entgql's Transactioner stays out (it panics on malformed JSON and
	// deadlocks SQLite), and so do its mutation inputs.
	graphql, err := entgql.NewExtension(
		entgql.WithTemplates(entgql.CollectionTemplate, entgql.EnumTemplate, entgql.NodeTemplate, entgql.PaginationTemplate, entgql.EdgeTemplate),
	)
	if err != nil {
		log.Fatal(err)
	}
	err = entc.Generate("./schema", &gen.Config{
		Package: "granaio/ent",
		Features: []gen.Feature{
			gen.FeatureUpsert, gen.FeatureLock, gen.FeatureModifier, gen.FeatureExecQuery, gen.FeatureVersionedMigration,
			gen.FeaturePrivacy, gen.FeatureIntercept,
		},
	}, entc.Extensions(graphql))
	if err != nil {
		log.Fatal(err)
	}
}
