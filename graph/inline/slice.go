package inline

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// Slice takes the place of graphql.MarshalSliceConcurrently, with its arguments. An element that panics makes the list null, with an error at its place.
func Slice(ctx context.Context, length int, _ int64, _ bool, element func(ctx context.Context, i int) graphql.Marshaler) graphql.Array {
	all := make(graphql.Array, length)
	whole := true
	for i := range all {
		whole = answer(graphql.WithFieldContext(ctx, &graphql.FieldContext{Index: &i}), all, i, element) && whole
	}
	if !whole {
		return nil
	}
	return all
}

func answer(ctx context.Context, all graphql.Array, i int, element func(ctx context.Context, i int) graphql.Marshaler) (answered bool) {
	defer func() {
		if r := recover(); r != nil {
			graphql.AddError(ctx, graphql.Recover(ctx, r))
		}
	}()
	all[i] = element(ctx, i)
	return true
}
