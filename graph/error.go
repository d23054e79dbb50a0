package graph

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"granaio/engine"
	"granaio/graph/fault"
	"granaio/live"
	"granaio/loyalty/fact"
	"granaio/observe"
)

// presenter gives every error one of fault's codes, and a message that leaks nothing: what is not meant for the caller is logged instead.
func presenter(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		shown := &gqlerror.Error{Path: graphql.GetPath(ctx)}
		var told *gqlerror.Error
		if errors.As(err, &told) {
			shown.Locations = told.Locations
			if told.Path != nil {
				shown.Path = told.Path
			}
		}
		f := faultOf(ctx, err, told)
		if f.Code == fault.Internal {
			log.ErrorContext(ctx, "a field failed", "error", err, "path", shown.Path.String())
		}
		of := f.GraphQL()
		shown.Err, shown.Message, shown.Extensions = err, of.Message, of.Extensions
		if id := observe.RequestID(ctx); id != "" && f.Code == fault.Internal {
			shown.Extensions["requestId"] = id
		}
		return shown
	}
}

// faultOf is what the caller is told of an error. Told is the error in GraphQL's shape, if it has one.
func faultOf(ctx context.Context, err error, told *gqlerror.Error) *fault.Fault {
	var f *fault.Fault
	var refusal *fact.Refusal
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &refusal):
		return fault.Malformed("%s: %s", refusal.Field, refusal)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return fault.New(fault.Timeout, "not done in time")
	case errors.Is(err, engine.ErrClosed), errors.Is(err, live.ErrClosed):
		return fault.New(fault.Unavailable, "the server is going away: send it again")
	case errors.Is(err, engine.ErrUnavailable):
		return fault.New(fault.Unavailable, "not available just now: send it again")
	case isArgument(ctx):
		return fault.Malformed("%s", plain(err))
	case told == nil || told.Unwrap() != nil:
		return fault.New(fault.Internal, "a fault inside")
	}
	// What gqlgen and gqlparser say of the document and the variables is about what the caller sent.
	switch code, _ := told.Extensions["code"].(string); {
	case code == errcode.ParseFailed && strings.HasPrefix(told.Message, "exceeded token limit"):
		return fault.Beyond("tokens", "%s", told.Message)
	case code == errcode.ParseFailed, code == errcode.ValidationFailed:
		return fault.Malformed("%s", told.Message)
	}
	return fault.New(fault.Internal, "a fault inside")
}

// isArgument tells whether the field that an error belongs to never got its arguments: the error is about them.
func isArgument(ctx context.Context) bool {
	fc := graphql.GetFieldContext(ctx)
	return fc != nil && fc.Args == nil && fc.Field.Field != nil && len(fc.Field.Arguments) > 0
}

// plain is an error's message without GraphQL's "input: path".
func plain(err error) string {
	var told *gqlerror.Error
	if errors.As(err, &told) {
		return told.Message
	}
	return err.Error()
}

// recovered logs a panic with its stack. The caller learns that there was a fault.
func recovered(log *slog.Logger) graphql.RecoverFunc {
	return func(ctx context.Context, p any) error {
		log.ErrorContext(ctx, "a field panicked", "panic", p, "stack", string(debug.Stack()))
		return errPanicked
	}
}

var errPanicked = fault.New(fault.Internal, "a fault inside")
