package transport

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"granaio/auth"
	"granaio/graph/fault"
)

var (
	errDrained = errors.New("the server is going away")
	errExpired = errors.New("the token has expired")
)

// events is one operation whose responses go out as server-sent events.
type events struct {
	handler *Handler
	cancel  context.CancelCauseFunc

	mu   sync.Mutex // of what follows
	w    http.ResponseWriter
	out  *http.ResponseController
	ping *time.Timer
}

func (e *events) drain() { e.cancel(errDrained) }

// serveEvents runs one operation of any kind: an event next for each response, then complete. A subscription that the server ends because it drains
// has no complete: it is not over, and the caller is to come again.
func (h *Handler) serveEvents(ctx context.Context, w http.ResponseWriter, rc *graphql.OperationContext, errs gqlerror.List, start time.Time) {
	caller, most := h.Place(ctx, false)
	if !h.take(caller, most) {
		h.writeFault(w, tooManyOpen())
		return
	}
	defer h.leave(caller)
	lasting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if viewer := auth.From(lasting); viewer != nil && !viewer.Expires.IsZero() {
		var stop context.CancelFunc
		lasting, stop = context.WithDeadlineCause(lasting, viewer.Expires.Add(auth.Leeway), errExpired)
		defer stop()
	}
	e := &events{handler: h, cancel: cancel, w: w, out: http.NewResponseController(w)}
	if !h.begin(e) {
		h.writeFault(w, fault.New(fault.Unavailable, "%s", errDrained))
		return
	}
	defer h.end(e)
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no") // or a proxy would hold events back
	e.send(":\n\n")
	e.keepAlive()
	defer e.rest()
	if e.run(ctx, lasting, rc, errs, start) {
		e.send("event: complete\ndata:\n\n")
	}
}

// run sends the operation's responses: of a query or mutation the one, of a subscription those that come until the lasting context is over. It tells
// whether the operation is over for good.
func (e *events) run(ctx, lasting context.Context, rc *graphql.OperationContext, errs gqlerror.List, start time.Time) bool {
	var last *graphql.Response
	defer func() { e.handler.observe(ctx, "sse", rc, last, start) }()
	switch {
	case len(errs) > 0:
		last = e.handler.Exec.DispatchError(ctx, errs)
		return e.next(last)
	case rc.Operation.Operation != ast.Subscription:
		last = e.handler.runOnce(ctx, rc)
		return e.next(last)
	}
	responses, ctx := e.handler.Exec.DispatchOperation(lasting, rc)
	for response := responses(ctx); response != nil; response = responses(ctx) {
		last = response
		if !e.next(response) {
			return false
		}
	}
	if errors.Is(context.Cause(ctx), errExpired) {
		e.next(e.handler.Exec.DispatchError(ctx, gqlerror.List{fault.New(fault.Unauthenticated, "%s", errExpired).GraphQL()}))
	}
	return !errors.Is(context.Cause(lasting), errDrained)
}

func (e *events) next(r *graphql.Response) bool {
	return e.send("event: next\ndata: " + string(encode(r)) + "\n\n")
}

// send writes one event. A reader that takes nothing ends the stream.
func (e *events) send(text string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.write(text)
}

func (e *events) write(text string) bool {
	_ = e.out.SetWriteDeadline(time.Now().Add(e.handler.WriteTimeout)) // a writer without deadlines blocks as it will
	_, err := e.w.Write([]byte(text))
	if err == nil {
		err = e.out.Flush()
	}
	if err != nil {
		e.cancel(err)
	}
	return err == nil
}

// keepAlive sends a comment now and then, so that proxies keep the stream and a caller that is gone is noticed.
func (e *events) keepAlive() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ping = time.AfterFunc(e.handler.Ping, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.ping != nil && e.write(":\n\n") {
			e.ping.Reset(e.handler.Ping)
		}
	})
}

// rest ends the signs of life: nothing may be written once the request's handler has returned.
func (e *events) rest() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ping.Stop()
	e.ping = nil
}
