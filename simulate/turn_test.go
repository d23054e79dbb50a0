package simulate

import (
	"context"
	"testing"
	"testing/synctest"
)

// Whoever waits when a run ends is told that its turn never came, and that nobody came to meet it: what it was to do would be done beside others.
func TestNobodyGoesOnOutOfTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		turns, stop := newTurns(ctx)
		defer stop()
		if !turns.await(0) || !turns.await(1) {
			t.Error("a turn that has come is not given")
		}
		answers := make(chan bool, 2)
		go func() { answers <- turns.await(2) }()
		go func() { answers <- newMeeting().host(ctx) }()
		synctest.Wait()
		cancel()
		for range 2 {
			if <-answers {
				t.Error("who waited goes on after the end")
			}
		}
	})
}
