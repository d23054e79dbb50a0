package graph

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"granaio/auth"
	"granaio/graph/fault"
)

// Limits bound what callers may ask for.
type Limits struct {
	Tokens  int // of a document
	Depth   int // of nested fields
	Aliases int
	Fields  int           // with fragments written out
	Timeout time.Duration // of a query or mutation
	Streams int           // operations at once on one socket
	Opening int           // sockets at once, of one address, that have not said yet who calls

	Anonymous, Member, Partner, Operator Allowance
}

// Allowance is what one caller may ask for; callers without a token are one for each address. Cost is about how many values an operation can answer with, and what a change takes besides.
type Allowance struct {
	Body  int64   // bytes of a request or message
	Cost  int     // of one operation
	Share float64 // of Config.Budget: how much of it the caller has, or how many times
	Open  int     // sockets and streams at once
}

// DefaultLimits are sound ones.
func DefaultLimits() Limits {
	return Limits{
		Tokens: 2000, Depth: 12, Aliases: 30, Fields: 2000, Timeout: 5 * time.Second, Streams: 20, Opening: 200,
		Anonymous: Allowance{Body: 256 << 10, Cost: 500, Share: 0.05, Open: 20},
		Member:    Allowance{Body: 256 << 10, Cost: 5_000, Share: 1, Open: 100},
		Partner:   Allowance{Body: 2 << 20, Cost: 100_000, Share: 25, Open: 100},
		Operator:  Allowance{Body: 2 << 20, Cost: 100_000, Share: 25, Open: 100},
	}
}

// of is the allowance of a viewer, nil for a caller without a token.
func (l *Limits) of(v *auth.Viewer) *Allowance {
	if v == nil {
		return &l.Anonymous
	}
	switch v.Role {
	case auth.RoleMember:
		return &l.Member
	case auth.RolePartner:
		return &l.Partner
	case auth.RoleOperator:
		return &l.Operator
	}
	return &l.Anonymous
}

// guard refuses operations that are too large, or too many. Of the parser's limits it knows nothing.
type guard struct {
	limits        *Limits
	budgets       *budgets
	introspection bool
}

var _ graphql.OperationContextMutator = &guard{}

// ExtensionName names it for gqlgen.
func (*guard) ExtensionName() string { return "guard" }

// Validate has nothing to check.
func (*guard) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext looks at an operation before it is run.
func (g *guard) MutateOperationContext(ctx context.Context, rc *graphql.OperationContext) *gqlerror.Error {
	rc.DisableIntrospection = !g.introspection
	v := auth.From(ctx)
	allowance, s := g.limits.of(v), measure(rc.Operation, rc.Variables)
	for _, l := range []struct {
		name      string
		is, bound int
	}{
		{"depth", s.depth, g.limits.Depth}, {"aliases", s.aliases, g.limits.Aliases}, {"fields", s.fields, g.limits.Fields}, {"cost", s.cost, allowance.Cost},
	} {
		if l.is > l.bound {
			return fault.Beyond(l.name, "%s %d exceeds the limit of %d", l.name, l.is, l.bound).GraphQL()
		}
	}
	if s.schema && !g.introspection {
		return fault.Malformed("the schema cannot be asked for here").GraphQL()
	}
	if wait := g.budgets.take(callerOf(ctx, v), allowance, s.cost); wait > 0 {
		f := fault.New(fault.RateLimited, "too much for now")
		f.RetryAfter = wait
		return f.GraphQL()
	}
	return nil
}

// place is whose a socket or stream is, and how many of them it may have. A socket without a token is opening until it has said who calls.
func (l *Limits) place(ctx context.Context, opening bool) (string, int) {
	v := auth.From(ctx)
	if v == nil && opening {
		return "opening " + origin(ctx), l.Opening
	}
	return callerOf(ctx, v), l.of(v).Open
}

// callerOf names who pays: the viewer, or where a caller without a token comes from.
func callerOf(ctx context.Context, v *auth.Viewer) string {
	if v == nil {
		return origin(ctx)
	}
	return v.Programme.String() + " " + v.Caller()
}
