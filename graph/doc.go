// Package graph is the API: one GraphQL schema (schema/*.graphqls, written by hand), served at one address over HTTP, server-sent events and WebSocket.
//
// What it promises:
//   - A resolver is the viewer, one call and its answer's shape. No rule of the business is here: members change through the engine alone.
//   - What a viewer may not see does not exist for it: another programme's data for anyone, other members for a member. What only some may ask for
//     says so in the schema (@allow), and verdicts.yaml holds the expected verdict of every field for every role.
//   - A query costs a fixed number of SQL statements, however many objects it shows (package read).
//   - An operation is measured before it is run: tokens, depth, aliases, fields, cost, and what its caller has used lately (Limits).
//   - An error has one of the codes of package fault, and leaks nothing. What is wrong with a request's content is told by userErrors.
//
// gqlgen makes generated/, model/generated.go and the frames of *.resolvers.go from the schema: run "go generate ./graph" from the repository's root, which
// prints the schema to schema.graphql too.
package graph

//go:generate sh -c "cd .. && go run ./graph/generate && go run ./graph/print"
