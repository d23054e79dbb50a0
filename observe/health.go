package observe

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

// CheckTimeout is how long /readyz waits for a part.
const CheckTimeout = 2 * time.Second

var errTimeout = errors.New("timed out")

// Health tells whether the process runs and whether it can serve.
type Health struct {
	log     *slog.Logger
	flights singleflight.Group // one probe of a part at a time, however many ask
	drained atomic.Bool

	mu     sync.Mutex
	parts  []part
	failed map[string]bool
}

type part struct {
	name  string
	probe func(context.Context) error
}

// NewHealth is ready as long as nothing is required of it.
func NewHealth(log *slog.Logger) *Health { return &Health{log: log, failed: make(map[string]bool)} }

// Require makes being ready depend on a part, such as "database". The probe gives nil if the part is well; its context ends after CheckTimeout. Its
// error goes to the log, not to whoever asks.
func (h *Health) Require(name string, probe func(context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.parts = append(h.parts, part{name, probe})
}

// Drain makes the process unready for good: it is about to stop, and nobody should send it anything more.
func (h *Health) Drain() { h.drained.Store(true) }

// Alive answers 200 as long as the process runs, for /healthz.
func (h *Health) Alive(w http.ResponseWriter, _ *http.Request) {
	report(w, http.StatusOK, "alive", nil)
}

// Ready answers 200 if every part is well and 503 if not, with each part's verdict ("ok", "failed", "timed out"), for /readyz.
func (h *Health) Ready(w http.ResponseWriter, r *http.Request) {
	if h.drained.Load() {
		report(w, http.StatusServiceUnavailable, "stopping", nil)
		return
	}
	h.mu.Lock()
	parts := h.parts
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(r.Context(), CheckTimeout)
	defer cancel()
	flights := make([]<-chan singleflight.Result, len(parts))
	for i, p := range parts {
		flights[i] = h.flights.DoChan(p.name, func() (any, error) {
			ctx, cancel := context.WithTimeout(context.Background(), CheckTimeout) // others may be waiting for it too
			defer cancel()
			return nil, p.probe(ctx)
		})
	}
	status, word, verdicts := http.StatusOK, "ready", make(map[string]string, len(parts))
	for i, p := range parts {
		var err error
		select {
		case result := <-flights[i]:
			err = result.Err
		case <-ctx.Done():
			err = errTimeout
		}
		if r.Context().Err() != nil {
			return // nobody listens any more, and it says nothing about the part
		}
		h.remember(p.name, err)
		verdicts[p.name] = "ok"
		if err != nil {
			status, word, verdicts[p.name] = http.StatusServiceUnavailable, "not ready", "failed"
		}
		if errors.Is(err, errTimeout) || errors.Is(err, context.DeadlineExceeded) {
			verdicts[p.name] = errTimeout.Error()
		}
	}
	report(w, status, word, verdicts)
}

// remember logs when a part begins to fail and when that is over.
func (h *Health) remember(name string, err error) {
	h.mu.Lock()
	before := h.failed[name]
	h.failed[name] = err != nil
	h.mu.Unlock()
	switch {
	case err != nil && !before:
		h.log.Warn("not ready: a part is not well", "part", name, "error", err)
	case err == nil && before:
		h.log.Info("a part is well again", "part", name)
	}
}

func report(w http.ResponseWriter, status int, word string, parts map[string]string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct {
		Status string            `json:"status"`
		Parts  map[string]string `json:"parts,omitempty"`
	}{word, parts})
}
