package graph_test

import (
	"context"
	"testing"
	"time"

	"granaio/graph"
)

// As the server goes away, sockets are closed with 1001 and streams end without complete, so that clients come again; what is asked there and then is still answered.
func TestDrain(t *testing.T) {
	slow := &slowly{release: make(chan struct{})}
	h := plain(t, func(c *graph.Config) { slow.Engine, c.Engine = c.Engine, slow })
	me := h.member(t, h.enrolled(t, "a@example.com"))
	idle, busy, watching, events := me.hello(t), me.hello(t), me.hello(t), me.stream(t, watch)
	watching.subscribe("1", watch)
	watching.expect("next", "1")
	if name, _ := events.next(); name != "next" {
		t.Fatalf("%s came first", name)
	}
	busy.subscribe("1", `{ viewer { member { account { available } } } }`)
	busy.send(frame{Type: "ping"})
	busy.expect("pong", "") // so that the query is under way

	drained := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		drained <- h.handler.Drain(ctx)
	}()
	idle.closed(1001)
	watching.closed(1001)
	if name, _ := events.next(); name != "" || events.lines.Err() != nil {
		t.Errorf("%q, %v came instead of the end", name, events.lines.Err())
	}
	close(slow.release)
	busy.expect("next", "1").is(t, "viewer.member.account.available", "50")
	busy.expect("complete", "1")
	busy.closed(1001)
	if err := <-drained; err != nil {
		t.Errorf("it did not end: %v", err)
	}
	// What comes now is turned away in the same way; plain requests are the HTTP server's to end.
	me.dial(t, "graphql-transport-ws").closed(1001)
	me.ask(t, `{ viewer { programme { key } } }`, nil).sound(t)
	if err := h.handler.Drain(t.Context()); err != nil {
		t.Error(err)
	}
}
