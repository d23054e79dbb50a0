package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"granaio/graph/fault"
	"granaio/observe"
)

// encode writes a response as JSON. The data are JSON already, and are not looked at again.
func encode(r *graphql.Response) []byte {
	var b bytes.Buffer
	b.Grow(len(r.Data) + 64)
	b.WriteByte('{')
	if len(r.Errors) > 0 {
		b.WriteString(`"errors":`)
		b.Write(mustJSON(r.Errors))
		b.WriteByte(',')
	}
	b.WriteString(`"data":`)
	if len(r.Data) == 0 {
		b.WriteString("null")
	}
	b.Write(r.Data)
	if len(r.Extensions) > 0 {
		b.WriteString(`,"extensions":`)
		b.Write(mustJSON(r.Extensions))
	}
	b.WriteByte('}')
	return b.Bytes()
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("transport: " + err.Error()) // errors and extensions are made here
	}
	return b
}

// codeOf is the first error's code, empty without one.
func codeOf(r *graphql.Response) fault.Code {
	if r == nil || len(r.Errors) == 0 {
		return ""
	}
	code, _ := r.Errors[0].Extensions["code"].(string)
	return fault.Code(code)
}

// statusOf is the HTTP status of a response to a request that was not run. Clients that take plain JSON expect 200 with whatever the API itself says,
// and are told by the status only what concerns the road there.
func statusOf(r *graphql.Response, media string) int {
	f := fault.Fault{Code: codeOf(r)}
	if media == mediaGraphQL || f.Code == fault.RateLimited {
		return f.Status()
	}
	return http.StatusOK
}

// retryAfter is in how many seconds a request may come again; 0 for any time.
func retryAfter(r *graphql.Response) int {
	if codeOf(r) != fault.RateLimited {
		return 0
	}
	seconds, _ := r.Errors[0].Extensions["retryAfter"].(int)
	return seconds
}

func (h *Handler) writeFault(w http.ResponseWriter, f *fault.Fault) { h.writeFaultAs(w, f, f.Status()) }

// writeFaultAs answers a request that never came to be an operation.
func (h *Handler) writeFaultAs(w http.ResponseWriter, f *fault.Fault, status int) {
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.Seconds()))
	}
	h.write(w, mediaJSON, status, mustJSON(map[string]any{"errors": []any{f.GraphQL()}}))
}

// write sends a whole response. A reader that does not take it in time is let go.
func (h *Handler) write(w http.ResponseWriter, media string, status int, body []byte) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(h.WriteTimeout)) // a writer without deadlines blocks as it will
	w.Header().Set("Content-Type", media+"; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// observe tells of an operation that ended.
func (h *Handler) observe(ctx context.Context, transport string, rc *graphql.OperationContext, last *graphql.Response, start time.Time) {
	o := Operation{Transport: transport, Code: codeOf(last), Took: time.Since(start)}
	if rc != nil && rc.Operation != nil {
		o.Kind = string(rc.Operation.Operation)
	}
	if transport != "websocket" { // whose line in the log is about many operations
		observe.Note(ctx, "operation", o.Kind)
		observe.Note(ctx, "code", string(o.Code))
	}
	if h.Observe != nil {
		h.Observe(o)
	}
}
