package transport

import (
	"time"

	"granaio/graph/fault"
)

// take gives a caller a place for a socket or stream. It is false if the caller has as many as it may.
func (h *Handler) take(caller string, most int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.places[caller] >= most {
		return false
	}
	h.places[caller]++
	return true
}

// leave gives a caller's place back.
func (h *Handler) leave(caller string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.places[caller]--; h.places[caller] <= 0 {
		delete(h.places, caller)
	}
}

// comeAgain is after how long a caller without a place may try again.
const comeAgain = 10 * time.Second

func tooManyOpen() *fault.Fault {
	f := fault.New(fault.RateLimited, "too many sockets and streams are open")
	f.RetryAfter = comeAgain
	return f
}
