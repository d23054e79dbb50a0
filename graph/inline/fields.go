package inline

import (
	"bytes"
	"context"
	"io"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// collected is the fields of selection sets that are the same for all requests, by the set's first selection: of documents that are kept, which are asked for again.
var (
	collected      sync.Map // *ast.Selection → []graphql.CollectedField
	collectedCount atomic.Int64
)

// mostCollected is how many selection sets are remembered; then they are all forgotten, and with them the documents that nobody asks for any more.
const mostCollected = 20_000

// CollectFields takes the place of graphql.CollectFields, with its arguments. Of a set of fields alone, without directives, what it answers depends on nothing else: it is
// worked out once. It is not to be changed.
func CollectFields(oc *graphql.OperationContext, set ast.SelectionSet, satisfies []string) []graphql.CollectedField {
	if len(set) == 0 {
		return nil
	}
	if known, ok := collected.Load(&set[0]); ok {
		if fields := known.([]graphql.CollectedField); len(fields) == len(set) {
			return fields
		}
	}
	fields, plain := plainFields(set)
	if !plain {
		return graphql.CollectFields(oc, set, satisfies)
	}
	if collectedCount.Add(1) > mostCollected {
		collected.Clear()
		collectedCount.Store(0)
	}
	collected.Store(&set[0], fields)
	return fields
}

// plainFields is the fields of a set that has nothing else in it, and each field once.
func plainFields(set ast.SelectionSet) ([]graphql.CollectedField, bool) {
	fields := make([]graphql.CollectedField, len(set))
	aliases := make(map[string]bool, len(set))
	for i, s := range set {
		f, ok := s.(*ast.Field)
		if !ok || len(f.Directives) > 0 || aliases[f.Alias] {
			return nil, false
		}
		aliases[f.Alias] = true
		fields[i] = graphql.CollectedField{Field: f, Selections: f.SelectionSet, IsNonDeferrable: true}
	}
	return fields, true
}

// FieldSet takes the place of graphql.FieldSet: an object's fields and their values. It knows no deferred fields, and costs less.
type FieldSet struct {
	Values   []graphql.Marshaler
	Invalids uint32 // fields that must not be null and are

	fields  []graphql.CollectedField
	waiting []waiting
}

// waiting is a field whose value is not at hand.
type waiting struct {
	place   int
	resolve func(context.Context) graphql.Marshaler
}

// NewFieldSet takes the place of graphql.NewFieldSet.
func NewFieldSet(fields []graphql.CollectedField) *FieldSet {
	return &FieldSet{fields: fields, Values: make([]graphql.Marshaler, len(fields))}
}

// Concurrently has Dispatch find a value, beside others.
func (s *FieldSet) Concurrently(place int, resolve func(context.Context) graphql.Marshaler) {
	s.waiting = append(s.waiting, waiting{place, resolve})
}

// Dispatch finds the values that Concurrently was told of.
func (s *FieldSet) Dispatch(ctx context.Context) {
	if len(s.waiting) == 0 {
		return
	}
	var others sync.WaitGroup
	for _, w := range s.waiting[1:] {
		others.Go(func() { s.Values[w.place] = w.resolve(ctx) })
	}
	first := s.waiting[0]
	s.Values[first.place] = first.resolve(ctx)
	others.Wait()
}

// MarshalGQL writes the object as JSON.
func (s *FieldSet) MarshalGQL(w io.Writer) {
	b, ok := w.(*bytes.Buffer)
	if !ok {
		b = new(bytes.Buffer)
		defer func() { _, _ = b.WriteTo(w) }()
	}
	b.WriteByte('{')
	written, mixed := 0, s.mixed()
	for i := range s.fields {
		f := &s.fields[i]
		if mixed && s.has(f.Alias, i) {
			continue // an interface's field, and its object's under the same name
		}
		if written++; written > 1 {
			b.WriteByte(',')
		}
		b.WriteByte('"')
		b.WriteString(f.Alias) // a GraphQL name has nothing that JSON escapes
		b.WriteString(`":`)
		s.Values[i].MarshalGQL(b)
	}
	b.WriteByte('}')
}

// mixed tells whether there are fields of an object and of an interface that it implements.
func (s *FieldSet) mixed() bool {
	for i := range s.fields {
		if s.fields[i].ObjectDefinition != s.fields[0].ObjectDefinition {
			return true
		}
	}
	return false
}

// has tells whether a field before the place has the alias.
func (s *FieldSet) has(alias string, place int) bool {
	for i := range s.fields[:place] {
		if s.fields[i].Alias == alias {
			return true
		}
	}
	return false
}
