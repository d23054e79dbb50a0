package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"granaio/auth"
	"granaio/graph/fault"
)

// allow is the directive @allow: it lets the viewers of the roles go on, partners if their token has the scope.
func allow(ctx context.Context, _ any, next graphql.Resolver, roles []auth.Role, scope *string) (any, error) {
	v := auth.From(ctx)
	switch {
	case v == nil:
		return nil, fault.New(fault.Unauthenticated, "a token is needed: Authorization: Bearer …")
	case !slices.Contains(roles, v.Role):
		return nil, fault.New(fault.Forbidden, "not for a %s", v.Role)
	case scope != nil && !v.May(*scope):
		return nil, fault.New(fault.Forbidden, "the token lacks the scope %s", *scope)
	}
	return next(ctx)
}
