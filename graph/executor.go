package graph

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// quick is gqlgen's executor, with a short way for what most requests are: a document that was asked for before, with variables that are as the schema has them already. To find that
// out costs a tenth of what gqlgen does, which looks at variables by reflection. All else, whatever is wrong above all, is gqlgen's.
type quick struct {
	*executor.Executor
	schema    *ast.Schema
	documents *cache[*ast.QueryDocument]
	persisted *persisted
	guard     *guard
	// empty is what gqlgen makes of an operation: what runs around fields is in it.
	empty *graphql.OperationContext
}

// newQuick makes the short way around an executor that has what runs around fields, and gives it the guard. Documents are what the executor keeps.
func newQuick(exec *executor.Executor, schema *ast.Schema, documents *cache[*ast.QueryDocument], p *persisted, g *guard) (*quick, error) {
	empty, errs := exec.CreateOperationContext(graphql.StartOperationTrace(context.Background()), &graphql.RawParams{Query: "{ __typename }"})
	if len(errs) > 0 {
		return nil, errs
	}
	exec.Use(g)
	return &quick{exec, schema, documents, p, g, empty}, nil
}

// CreateOperationContext makes an operation of what was sent.
func (q *quick) CreateOperationContext(ctx context.Context, params *graphql.RawParams) (*graphql.OperationContext, gqlerror.List) {
	rc := &graphql.OperationContext{
		OperationName: params.OperationName, Extensions: params.Extensions, Headers: params.Headers,
		DisableIntrospection: true, RecoverFunc: q.empty.RecoverFunc, ResolverMiddleware: q.empty.ResolverMiddleware, RootResolverMiddleware: q.empty.RootResolverMiddleware,
	}
	if err := q.persisted.find(ctx, params); err != nil {
		return rc, gqlerror.List{err}
	}
	doc, known := q.documents.Get(ctx, params.Query)
	if !known {
		return q.Executor.CreateOperationContext(ctx, params)
	}
	op := doc.Operations.ForName(params.OperationName)
	if op == nil || !q.fit(op.VariableDefinitions, params.Variables) {
		return q.Executor.CreateOperationContext(ctx, params)
	}
	now := graphql.Now()
	at := graphql.TraceTiming{Start: now, End: now}
	rc.RawQuery, rc.Doc, rc.Operation, rc.Variables = params.Query, doc, op, params.Variables
	rc.Stats = graphql.Stats{Read: params.ReadTime, OperationStart: graphql.GetStartTime(ctx), Parsing: at, Validation: at}
	if rc.Variables == nil {
		rc.Variables = map[string]any{}
	}
	if err := q.guard.MutateOperationContext(ctx, rc); err != nil {
		return rc, gqlerror.List{err}
	}
	return rc, nil
}

// fit tells whether the variables are those of the definitions, as they are to be: nothing is missing, to be turned into something else, or wrong.
func (q *quick) fit(definitions ast.VariableDefinitionList, variables map[string]any) bool {
	if len(variables) > len(definitions) {
		return false
	}
	for _, d := range definitions {
		v, given := variables[d.Variable]
		switch {
		case d.Type.NamedType == "Int" || d.Type.NamedType == "Float":
			return false // a number becomes one of Go's
		case !given && (d.DefaultValue != nil || d.Type.NonNull):
			return false
		case given && !q.fits(d.Type, v):
			return false
		}
	}
	for name := range variables {
		if definitions.ForName(name) == nil {
			return false
		}
	}
	return true
}

// fits tells whether a value read from JSON is one of the type as it is.
func (q *quick) fits(t *ast.Type, v any) bool {
	if v == nil {
		return !t.NonNull
	}
	if t.Elem != nil {
		list, ok := v.([]any)
		return ok && !slices.ContainsFunc(list, func(e any) bool { return !q.fits(t.Elem, e) })
	}
	switch of := q.schema.Types[t.NamedType]; of.Kind {
	case ast.Enum:
		name, ok := v.(string)
		return ok && of.EnumValues.ForName(name) != nil
	case ast.InputObject:
		object, ok := v.(map[string]any)
		return ok && q.fitsObject(of, object)
	}
	switch t.NamedType {
	case "String", "ID":
		_, ok := v.(string)
		return ok
	case "Boolean":
		_, ok := v.(bool)
		return ok
	case "Int":
		n, ok := v.(json.Number)
		_, err := strconv.ParseInt(string(n), 10, 64)
		return ok && err == nil
	case "Float":
		return false
	}
	return true // of the API's own scalars, which look for themselves
}

func (q *quick) fitsObject(of *ast.Definition, object map[string]any) bool {
	given := 0
	for _, f := range of.Fields {
		v, ok := object[f.Name]
		switch {
		case ok && !q.fits(f.Type, v), !ok && f.Type.NonNull:
			return false
		case ok:
			given++
		}
	}
	return given == len(object)
}
