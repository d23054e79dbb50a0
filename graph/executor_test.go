package graph

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"pgregory.net/rapid"
)

// What takes the short way is what gqlgen would take, and comes out of it as it was; and what is right takes it, but for what is to be turned into something else.
func TestVariablesThatFitAreThoseThatGqlgenTakesAsTheyAre(t *testing.T) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: PrintedSchema()})
	q := &quick{schema: schema}
	var inputs []string
	for name, d := range schema.Types {
		if d.Kind == ast.InputObject {
			inputs = append(inputs, name)
		}
	}
	slices.Sort(inputs)
	fitting, other := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		named := ast.NonNullNamedType(rapid.SampledFrom(inputs).Draw(t, "input"), nil)
		op := &ast.OperationDefinition{VariableDefinitions: ast.VariableDefinitionList{
			{Variable: "input", Type: named, Definition: schema.Types[named.NamedType]},
			{Variable: "note", Type: ast.NamedType("String", nil), Definition: schema.Types["String"]},
		}}
		right := rapid.Bool().Draw(t, "right")
		variables := map[string]any{"input": anyOf(t, schema, named, right, 0)}
		if rapid.Bool().Draw(t, "noted") {
			variables["note"] = anyOf(t, schema, op.VariableDefinitions[1].Type, right, 0)
		}
		before, err := json.Marshal(variables)
		if err != nil {
			t.Fatal(err)
		}
		fits := q.fit(op.VariableDefinitions, variables)
		taken, err := validator.VariableValues(schema, op, variables)
		after, _ := json.Marshal(taken)
		switch {
		case fits && err != nil:
			t.Fatalf("gqlgen refuses %s: %s", before, err)
		case fits && (string(before) != string(after) || !reflect.DeepEqual(variables, taken)):
			t.Fatalf("gqlgen makes %s of %s", after, before)
		case right && !fits:
			t.Fatalf("%s is right, and does not fit", before)
		case fits:
			fitting++
		default:
			other++
		}
	})
	if fitting < 10 || other < 10 {
		t.Errorf("%d fit, %d do not: that tells little", fitting, other)
	}
}

// anyOf is a value for a type, as JSON is read: the right one, or perhaps not.
func anyOf(t *rapid.T, schema *ast.Schema, of *ast.Type, right bool, depth int) any {
	if !right && rapid.IntRange(0, 7).Draw(t, "wrong") == 0 {
		return rapid.SampledFrom([]any{nil, true, "text", "", json.Number("1"), json.Number("1.5"), []any{}, []any{nil}, []any{"a"}, map[string]any{}, map[string]any{"x": "y"}}).Draw(t, "value")
	}
	if !of.NonNull && (depth > 3 || rapid.IntRange(0, 3).Draw(t, "null") == 0) {
		return nil
	}
	if of.Elem != nil {
		list := []any{}
		for range rapid.IntRange(0, 2).Draw(t, "length") {
			list = append(list, anyOf(t, schema, of.Elem, right, depth+1))
		}
		return list
	}
	switch d := schema.Types[of.NamedType]; d.Kind {
	case ast.Enum:
		return rapid.SampledFrom(d.EnumValues).Draw(t, "name").Name
	case ast.InputObject:
		object := map[string]any{}
		for _, f := range d.Fields {
			if f.Type.NonNull && (right || f.DefaultValue == nil) || rapid.Bool().Draw(t, f.Name) {
				object[f.Name] = anyOf(t, schema, f.Type, right, depth+1)
			}
		}
		return object
	}
	switch of.NamedType {
	case "Int":
		return json.Number(rapid.SampledFrom([]string{"0", "-7", "9007199254740993"}).Draw(t, "int"))
	case "Boolean":
		return rapid.Bool().Draw(t, "bool")
	case "Float":
		return json.Number("1.5")
	}
	return rapid.String().Draw(t, "text")
}
