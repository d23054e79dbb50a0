package graph_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"granaio/graph"
)

// knock opens a socket as the client, and has the status that it is turned away with, 101 if it is not.
func (c *client) knock(t *testing.T) int {
	t.Helper()
	conn, response, err := websocket.Dial(t.Context(), c.url, &websocket.DialOptions{
		Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{"Authorization": {"Bearer " + c.token}},
	})
	if err == nil {
		_ = conn.CloseNow()
	}
	return response.StatusCode
}

// A caller has as many sockets and streams open as it may, and room again once one has ended; others are not concerned.
func TestSocketsOfOneCaller(t *testing.T) {
	h := plain(t, func(c *graph.Config) {
		c.Limits = graph.DefaultLimits()
		c.Limits.Member.Open, c.Limits.Anonymous.Open, c.Limits.Opening = 2, 1, 3
	})
	me, other, nobody := h.member(t, h.enrolled(t, "a@example.com")), h.member(t, h.enrolled(t, "b@example.com")), h.anonymous()
	first, stream := me.hello(t), me.stream(t, watch)
	if name, _ := stream.next(); name != "next" {
		t.Fatalf("%s came first", name)
	}
	payload, _ := json.Marshal(map[string]string{"Authorization": "Bearer " + me.token})
	third := nobody.dial(t, "graphql-transport-ws")
	third.send(frame{Type: "connection_init", Payload: payload})
	third.closed(4429)
	if status := me.knock(t); status != http.StatusTooManyRequests {
		t.Errorf("a socket with a token is answered with %d", status)
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url, strings.NewReader(`{"query":"`+watch+`"}`))
	r.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {"text/event-stream"}}
	if a := me.send(t, r); a.code() != "RATE_LIMITED" || a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" {
		t.Errorf("a stream is answered with %d, %v, %v", a.Status, a.Errors, a.Header)
	}
	other.hello(t)
	me.ask(t, `{ viewer { programme { key } } }`, nil).sound(t)

	_ = first.conn.Close(websocket.StatusNormalClosure, "")
	until := time.Now().Add(10 * time.Second)
	for me.knock(t) != http.StatusSwitchingProtocols {
		if time.Now().After(until) {
			t.Fatal("there is no room again")
		}
		time.Sleep(10 * time.Millisecond)
	}

	// Without a token, callers of one address are one. Those that have not said yet who calls are counted by themselves.
	anonymous := nobody.dial(t, "graphql-transport-ws")
	anonymous.send(frame{Type: "connection_init"})
	anonymous.expect("connection_ack", "")
	second := nobody.dial(t, "graphql-transport-ws")
	second.send(frame{Type: "connection_init"})
	second.closed(4429)
	until = time.Now().Add(4 * time.Second) // less than a socket has for saying who calls
	for n := 0; nobody.knocking(t) == http.StatusSwitchingProtocols; n++ {
		if n > 3 || time.Now().After(until) {
			t.Fatal("sockets are opened without end")
		}
	}
}

// knocking opens a socket that stays open and says nothing.
func (c *client) knocking(t *testing.T) int {
	t.Helper()
	conn, response, err := websocket.Dial(t.Context(), c.url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err == nil {
		t.Cleanup(func() { _ = conn.CloseNow() })
	}
	return response.StatusCode
}

// A socket without a token that asks for nothing ends; one that asks stays, and so does one with a token.
func TestIdleSockets(t *testing.T) {
	h := plain(t, func(c *graph.Config) { c.IdleTimeout = time.Second })
	me := h.member(t, h.enrolled(t, "a@example.com")).hello(t)
	idle, busy := h.anonymous().dial(t, "graphql-transport-ws"), h.anonymous().dial(t, "graphql-transport-ws")
	for _, s := range []*socket{idle, busy} {
		s.send(frame{Type: "connection_init"})
		s.expect("connection_ack", "")
	}
	for range 6 {
		time.Sleep(250 * time.Millisecond)
		busy.subscribe("1", `{ viewer { programme { key } } }`)
		busy.expect("next", "1")
		busy.expect("complete", "1")
	}
	idle.closed(1000)
	busy.closed(1000)
	me.send(frame{Type: "ping"})
	me.expect("pong", "")
}
