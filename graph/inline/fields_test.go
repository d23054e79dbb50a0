package inline_test

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"granaio/graph/inline"
)

// A name is written once, whether an interface's field or its object's comes first, and no writer gets another text.
func TestEachNameIsWrittenOnce(t *testing.T) {
	object, face := &ast.Definition{Name: "Member"}, &ast.Definition{Name: "Node"}
	field := func(alias string, of *ast.Definition) graphql.CollectedField {
		return graphql.CollectedField{Field: &ast.Field{Alias: alias, Name: alias, ObjectDefinition: of}}
	}
	for _, fields := range [][]graphql.CollectedField{
		{field("id", object), field("name", face), field("id", face)},
		{field("id", face), field("name", object), field("id", object)},
		{field("id", face), field("name", face), field("id", object), field("name", object)},
	} {
		s := inline.NewFieldSet(fields)
		for i := range fields {
			s.Concurrently(i, func(context.Context) graphql.Marshaler { return graphql.MarshalInt(i) })
		}
		s.Dispatch(t.Context())
		var buffer, other bytes.Buffer
		s.MarshalGQL(&buffer)
		s.MarshalGQL(struct{ io.Writer }{&other})
		if got := buffer.String(); got != `{"id":0,"name":1}` || other.String() != got {
			t.Errorf("%s and %s", got, other.String())
		}
	}
}

// What a set of plain fields comes to is worked out once; a directive is asked each time.
func TestDirectivesAreAskedEachTime(t *testing.T) {
	plain := ast.SelectionSet{&ast.Field{Alias: "a", Name: "a"}, &ast.Field{Alias: "b", Name: "b"}}
	oc := &graphql.OperationContext{}
	if a, b := inline.CollectFields(oc, plain, nil), inline.CollectFields(&graphql.OperationContext{}, plain, nil); len(a) != 2 || &a[0] != &b[0] {
		t.Errorf("%v and %v", a, b)
	}
	directed := ast.SelectionSet{&ast.Field{Alias: "a", Name: "a", Directives: ast.DirectiveList{{Name: "include", Arguments: ast.ArgumentList{
		{Name: "if", Value: &ast.Value{Raw: "with", Kind: ast.Variable}},
	}, Definition: &ast.DirectiveDefinition{Arguments: ast.ArgumentDefinitionList{{Name: "if"}}}}}}}
	for _, with := range []bool{true, false, true} {
		fields := inline.CollectFields(&graphql.OperationContext{Variables: map[string]any{"with": with}}, directed, nil)
		if (len(fields) == 1) != with {
			t.Errorf("with %t: %d fields", with, len(fields))
		}
	}
}
