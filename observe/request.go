package observe

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"granaio/auth"
)

// record is what is known of a request while it is answered.
type record struct {
	id    string
	mu    sync.Mutex
	notes []slog.Attr
}

type recordKey struct{}

func recordOf(ctx context.Context) *record {
	r, _ := ctx.Value(recordKey{}).(*record)
	return r
}

// RequestID is the id of the context's request, empty without one.
func RequestID(ctx context.Context) string {
	if r := recordOf(ctx); r != nil {
		return r.id
	}
	return ""
}

// Note adds something to the line of the context's request: a GraphQL operation's name, a WebSocket's role. A key that was noted before is replaced.
// It must be no personal data and no secret. Without a request it does nothing.
func Note(ctx context.Context, key, value string) {
	r := recordOf(ctx)
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.notes {
		if r.notes[i].Key == key {
			r.notes[i].Value = slog.StringValue(value)
			return
		}
	}
	r.notes = append(r.notes, slog.String(key, value))
}

// NoteCaller notes the role of the context's viewer, "anonymous" without one.
func NoteCaller(ctx context.Context) {
	role := "anonymous"
	if v := auth.From(ctx); v != nil {
		role = string(v.Role)
	}
	Note(ctx, "role", role)
}

// Caller notes who calls. It goes behind auth.Middleware.
func Caller(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		NoteCaller(r.Context())
		next.ServeHTTP(w, r)
	})
}

// Requests gives each request an id, logs its line and counts it when it ends, and survives its panic. next is the mux itself: the route is the
// pattern that the mux found. Successful probes (/healthz, /readyz, /metrics) are logged at debug only.
func Requests(log *slog.Logger, metrics *Metrics) func(next http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			begun := time.Now()
			known := &record{id: idOf(r.Header.Get("X-Request-Id"))}
			r = r.WithContext(context.WithValue(r.Context(), recordKey{}, known))
			answer := &answer{ResponseWriter: w}
			w.Header().Set("X-Request-Id", known.id)
			metrics.open.Inc()
			defer func() {
				panicked := recover()
				took := time.Since(begun)
				metrics.open.Dec()
				if panicked != nil && panicked != http.ErrAbortHandler {
					log.ErrorContext(r.Context(), "a handler panicked", "panic", fmt.Sprint(panicked), "stack", string(debug.Stack()))
					if answer.status == 0 {
						http.Error(answer, "internal error", http.StatusInternalServerError)
						panicked = nil
					}
				}
				if answer.status == 0 {
					answer.status = http.StatusOK // net/http writes it when the handler returns
				}
				metrics.count(r.Pattern, r.Method, answer.status, took, answer.stream())
				logLine(log, r, known, answer, took)
				if panicked != nil {
					panic(http.ErrAbortHandler) // the answer has begun: cut it off, so that it is not taken for whole
				}
			}()
			next.ServeHTTP(answer, r)
		})
	}
}

func logLine(log *slog.Logger, r *http.Request, known *record, answer *answer, took time.Duration) {
	level := slog.LevelInfo
	switch {
	case answer.status >= 500:
		level = slog.LevelError
	case answer.status < 400 && (r.URL.Path == "/healthz" || r.URL.Path == "/readyz" || r.URL.Path == "/metrics"):
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{
		slog.String("method", r.Method), slog.String("path", clip(r.URL.Path)), slog.Int("status", answer.status),
		slog.Float64("ms", float64(took.Microseconds())/1000), slog.Int64("bytes", answer.size),
	}
	known.mu.Lock()
	attrs = append(attrs, known.notes...)
	known.mu.Unlock()
	log.LogAttrs(r.Context(), level, "request", attrs...)
}

func clip(path string) string {
	if len(path) > 200 {
		return strings.ToValidUTF8(path[:200], "") + "…"
	}
	return path
}

// idOf is the caller's id for its request, if it is a plain one, else a new one.
func idOf(given string) string {
	strange := func(c rune) bool {
		return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.')
	}
	if given == "" || len(given) > 64 || strings.ContainsFunc(given, strange) {
		return rand.Text()
	}
	return given
}
