package simulate

import (
	"context"
	"sync"
)

// turns has items decided one at a time, in the order of their numbers: 1, 2, 3 … Every worker takes its items in the order of history, so the one
// whose turn it is never waits for another.
type turns struct {
	mu   sync.Mutex
	next sync.Cond
	done int64
	off  bool // nobody waits any more: the run has failed
}

func newTurns(ctx context.Context) (*turns, func() bool) {
	t := &turns{}
	t.next.L = &t.mu
	return t, context.AfterFunc(ctx, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.off = true
		t.next.Broadcast()
	})
}

// await waits for a turn; 0 is no turn. It is false if the turn will never come: the run has ended.
func (t *turns) await(turn int64) bool {
	if turn == 0 {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.done != turn-1 && !t.off {
		t.next.Wait()
	}
	return !t.off
}

// pass ends it.
func (t *turns) pass(turn int64) {
	if turn == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done = turn
	t.next.Broadcast()
}

// meeting is an item that is about members of two workers: the second waits until the first has done it.
type meeting struct{ arrived, done chan struct{} }

func newMeeting() *meeting { return &meeting{make(chan struct{}), make(chan struct{})} }

// host waits until the other has come. It is false if the run has ended: the other may be at something else.
func (m *meeting) host(ctx context.Context) bool {
	select {
	case <-m.arrived:
		return true
	case <-ctx.Done():
		return false
	}
}

// attend comes, and waits until it is done.
func (m *meeting) attend(ctx context.Context) {
	close(m.arrived)
	select {
	case <-m.done:
	case <-ctx.Done():
	}
}
