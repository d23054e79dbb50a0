// Package model is the shapes that answers have where the domain's own do not fit: definitions with their texts in one language, payloads, and
// what gqlgen makes of inputs.
package model
