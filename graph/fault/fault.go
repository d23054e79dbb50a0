// Package fault is the errors of the API that are not answers: authentication, malformed requests, limits and faults inside. What is wrong with a
// request's content is told by userErrors instead.
package fault

import (
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Code is extensions.code of an error. The codes are never renamed.
type Code string

// The codes: there are no others.
const (
	Unauthenticated Code = "UNAUTHENTICATED" // no token where one is needed, or one that is no good
	Forbidden       Code = "FORBIDDEN"       // the caller may not ask for this
	BadRequest      Code = "BAD_REQUEST"     // not a request that the API takes: malformed, against the schema, or with an argument it cannot have
	LimitExceeded   Code = "LIMIT_EXCEEDED"  // too large or too complex; extensions.limit says which limit
	RateLimited     Code = "RATE_LIMITED"    // too much for now; extensions.retryAfter says in how many seconds to come again
	Timeout         Code = "TIMEOUT"         // not done in time
	Unavailable     Code = "UNAVAILABLE"     // cannot be served just now; the same request may be sent again
	Internal        Code = "INTERNAL"        // a fault inside; extensions.requestId finds it in the log
)

// Fault is an error that may be shown to the caller as it is.
type Fault struct {
	Code    Code
	Message string // plain English, for developers; it leaks nothing
	// Limit is which limit was exceeded: "depth", "aliases" …
	Limit string
	// RetryAfter is when a request that came too soon may be sent again.
	RetryAfter time.Duration
}

// Error is the message.
func (f *Fault) Error() string { return f.Message }

// New makes a fault.
func New(code Code, format string, args ...any) *Fault {
	return &Fault{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Malformed is the fault of a request that the API does not take.
func Malformed(format string, args ...any) *Fault { return New(BadRequest, format, args...) }

// Beyond is the fault of a request that exceeds the limit of the name.
func Beyond(limit, format string, args ...any) *Fault {
	f := New(LimitExceeded, format, args...)
	f.Limit = limit
	return f
}

// GraphQL is the fault in GraphQL's shape.
func (f *Fault) GraphQL() *gqlerror.Error {
	e := &gqlerror.Error{Err: f, Message: f.Message, Extensions: map[string]any{"code": string(f.Code)}}
	if f.Limit != "" {
		e.Extensions["limit"] = f.Limit
	}
	if f.RetryAfter > 0 {
		e.Extensions["retryAfter"] = f.Seconds()
	}
	return e
}

// Seconds is RetryAfter in whole seconds, rounded up.
func (f *Fault) Seconds() int { return int(math.Ceil(f.RetryAfter.Seconds())) }

// Status is the HTTP status of a request that fails as a whole.
func (f *Fault) Status() int {
	switch f.Code {
	case Unauthenticated:
		return http.StatusUnauthorized
	case Forbidden:
		return http.StatusForbidden
	case RateLimited:
		return http.StatusTooManyRequests
	case Timeout:
		return http.StatusGatewayTimeout
	case Unavailable:
		return http.StatusServiceUnavailable
	case Internal:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}
