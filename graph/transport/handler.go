package transport

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"granaio/auth"
	"granaio/graph/fault"
	"granaio/observe"
)

// Options are what a Handler needs. Exec and Authenticate are required; the durations and bounds must be positive.
type Options struct {
	Exec graphql.GraphExecutor
	// Authenticate is the context with the viewer whose token an Authorization header's value bears; an empty value is a caller without a token.
	Authenticate func(ctx context.Context, header string) (context.Context, error)
	// MaxBody is how many bytes the context's viewer may send at once.
	MaxBody func(ctx context.Context) int64
	// Place names whose a socket or stream of the context's viewer is, and how many of them it may have at once; opening is one that may still say who
	// calls.
	Place func(ctx context.Context, opening bool) (caller string, most int)
	// Observe is told of every operation that ended. Code is the first error's, empty if there was none.
	Observe func(o Operation)
	Log     *slog.Logger

	Origins      []string      // those that browsers may call from, as https://shop.example; "*" for any
	Timeout      time.Duration // of a query or mutation
	InitTimeout  time.Duration // from a socket's opening to connection_init
	WriteTimeout time.Duration // of one response or message
	Ping         time.Duration // between signs of life on a stream
	IdleTimeout  time.Duration // of a socket without a token on which nothing runs
	MaxStreams   int           // operations at once on one socket
}

// Operation is one that ended.
type Operation struct {
	Transport string // "http", "sse" or "websocket"
	Kind      string // "query", "mutation" or "subscription"; empty if it never came to that
	Code      fault.Code
	Took      time.Duration
}

// Handler serves the API. It may be used by any number of goroutines.
type Handler struct {
	Options

	mu       sync.Mutex
	draining bool
	streams  map[stream]struct{}
	places   map[string]int // how many sockets and streams each caller has
	ended    chan struct{}  // closed when draining and no stream is left
}

// stream is something that lasts and can be told to end.
type stream interface{ drain() }

// New makes a handler.
func New(o Options) *Handler {
	return &Handler{Options: o, streams: map[stream]struct{}{}, places: map[string]int{}, ended: make(chan struct{})}
}

// badToken tells an error of the token itself, which may be shown, from a fault in finding out what its bearer may do.
func badToken(err error) bool {
	_, bad := errors.AsType[auth.Error](err)
	return bad
}

// ServeHTTP serves one request, stream or socket.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			h.Log.ErrorContext(r.Context(), "a transport panicked", "panic", p, "stack", string(debug.Stack()))
			h.writeFault(w, fault.New(fault.Internal, "a fault inside"))
		}
	}()
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	if h.allowOrigin(w, r) {
		return
	}
	headers := r.Header.Values("Authorization")
	if len(headers) > 1 {
		h.writeFault(w, fault.New(fault.Unauthenticated, "more than one Authorization header"))
		return
	}
	ctx, err := h.Authenticate(r.Context(), strings.Join(headers, ""))
	if err != nil {
		if !badToken(err) {
			h.Log.ErrorContext(r.Context(), "who is calling could not be told", "error", err)
			h.writeFault(w, fault.New(fault.Unavailable, "who is calling cannot be told just now"))
			return
		}
		w.Header().Set("WWW-Authenticate", `Bearer realm="granaio", error="invalid_token"`)
		h.writeFault(w, fault.New(fault.Unauthenticated, "%s", err))
		return
	}
	observe.NoteCaller(ctx)
	r = r.WithContext(ctx)
	switch {
	case strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		h.serveSocket(w, r)
	case r.Method == http.MethodGet:
		h.serveGet(w, r)
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", "GET, POST, OPTIONS")
		h.writeFaultAs(w, fault.Malformed("a request is sent by POST, or by GET if it is a query"), http.StatusMethodNotAllowed)
	case !isJSON(r.Header.Get("Content-Type")):
		h.writeFaultAs(w, fault.Malformed("the content type must be application/json"), http.StatusUnsupportedMediaType)
	default:
		h.servePost(w, r)
	}
}

// begin notes a stream. It is false while the server drains: no new one is taken.
func (h *Handler) begin(s stream) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.draining {
		h.streams[s] = struct{}{}
	}
	return !h.draining
}

// end forgets a stream.
func (h *Handler) end(s stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.streams, s)
	if h.draining && len(h.streams) == 0 {
		close(h.ended)
	}
}

// Streams is how many sockets and streams are open.
func (h *Handler) Streams() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.streams)
}

// Drain takes no new streams, ends those that are open, each in its protocol's way, and returns when all have ended or the context is over.
func (h *Handler) Drain(ctx context.Context) error {
	h.mu.Lock()
	if !h.draining {
		h.draining = true
		if len(h.streams) == 0 {
			close(h.ended)
		}
		for s := range h.streams {
			go s.drain()
		}
	}
	h.mu.Unlock()
	select {
	case <-h.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
