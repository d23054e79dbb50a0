package graph_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"granaio/auth"
	"granaio/graph"
)

// frame is a message of graphql-transport-ws.
type frame struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// socket is a client's end of a WebSocket, written against the protocol and not with the server's code.
type socket struct {
	t    *testing.T
	conn *websocket.Conn
}

// dial opens a socket. The token, if any, goes with the request that opens it.
func (c *client) dial(t *testing.T, protocols ...string) *socket {
	t.Helper()
	header := http.Header{}
	if c.token != "" {
		header.Set("Authorization", "Bearer "+c.token)
	}
	conn, _, err := websocket.Dial(t.Context(), c.url, &websocket.DialOptions{Subprotocols: protocols, HTTPHeader: header})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &socket{t, conn}
}

// hello opens a socket and says who calls in connection_init.
func (c *client) hello(t *testing.T) *socket {
	t.Helper()
	s := c.house.anonymous().dial(t, "graphql-transport-ws")
	payload, _ := json.Marshal(map[string]string{"Authorization": "Bearer " + c.token})
	s.send(frame{Type: "connection_init", Payload: payload})
	s.expect("connection_ack", "")
	return s
}

func (s *socket) send(f frame) {
	s.t.Helper()
	if err := wsjson.Write(s.t.Context(), s.conn, f); err != nil {
		s.t.Fatal(err)
	}
}

func (s *socket) subscribe(id, query string) {
	s.t.Helper()
	payload, _ := json.Marshal(map[string]string{"query": query})
	s.send(frame{ID: id, Type: "subscribe", Payload: payload})
}

func (s *socket) read() (frame, error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
	defer cancel()
	var f frame
	err := wsjson.Read(ctx, s.conn, &f)
	return f, err
}

// expect is the payload of the next message, which must be of the type.
func (s *socket) expect(kind, id string) answer {
	s.t.Helper()
	f, err := s.read()
	if err != nil || f.Type != kind || f.ID != id {
		s.t.Fatalf("instead of %s %s came %s %s %s, %v", kind, id, f.Type, f.ID, f.Payload, err)
	}
	var a answer
	if kind == "error" {
		err = json.Unmarshal(f.Payload, &a.Errors)
	} else if len(f.Payload) > 0 {
		err = json.Unmarshal(f.Payload, &a)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// closed fails the test unless the server closes the socket with the code.
func (s *socket) closed(code websocket.StatusCode) {
	s.t.Helper()
	for {
		_, err := s.read()
		if err == nil {
			continue
		}
		var closed websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != code {
			s.t.Errorf("the socket was not closed with %d: %v", code, err)
		}
		return
	}
}

const watch = `subscription { balanceChanged { account available version } }`

// A member watches its balance: as it is at once, then as it becomes.
func TestBalanceOverWebSocket(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.enrolled(t, "a@example.com")
		s := h.member(t, id).hello(t)
		s.subscribe("1", watch)
		s.expect("next", "1").is(t, "balanceChanged.available", "50")
		for i := range 3 {
			h.buys(t, id, int64(10+i), 1)
		}
		version := 0.0
		for version < 5 { // the mission's points come too
			a := s.expect("next", "1")
			if v, _ := a.at("balanceChanged.version").(float64); v <= version {
				t.Errorf("version %v comes after %v", v, version)
			} else {
				version = v
			}
			if version == 5 {
				a.is(t, "balanceChanged.available", "103")
			}
		}
		// A socket carries queries and several operations beside one another.
		s.subscribe("2", `{ viewer { member { account { available } } } }`)
		s.expect("next", "2").is(t, "viewer.member.account.available", "103")
		s.expect("complete", "2")
		s.send(frame{Type: "ping"})
		s.expect("pong", "")
		s.send(frame{ID: "1", Type: "complete"})
		s.subscribe("1", watch) // the id is free again
		s.expect("next", "1").is(t, "balanceChanged.version", "5")
	})
}

// An operator watches whom it names; a member nobody but itself, and a partner nobody.
func TestWhoWatchesWhom(t *testing.T) {
	h := plain(t)
	id, other := h.enrolled(t, "a@example.com"), h.enrolled(t, "b@example.com")
	elsewhere := h.publish(t, "elsewhere")
	for _, field := range []string{"balanceChanged", "tierChanged"} {
		named, own := fmt.Sprintf(`subscription { %s(member: %q) { version } }`, field, id), fmt.Sprintf(`subscription { %s { version } }`, field)
		for _, c := range []*client{h.operator(t), h.member(t, id)} {
			if a := c.first(t, named); a.at(field) == nil {
				t.Errorf("%s shows nothing", named)
			}
		}
		for name, c := range map[string]struct {
			*client
			query, code string
		}{
			"an operator that names nobody":    {h.operator(t), own, "BAD_REQUEST"},
			"an operator of another programme": {h.as(t, auth.Claims{Role: auth.RoleOperator, Subject: "eva", Programme: elsewhere}), named, "BAD_REQUEST"},
			"another member":                   {h.member(t, other), named, "BAD_REQUEST"},
			"a partner":                        {h.partner(t, "members:read"), named, "FORBIDDEN"},
			"nobody":                           {h.anonymous(), named, "UNAUTHENTICATED"},
		} {
			if a := c.first(t, c.query); a.code() != c.code || a.at(field) != nil {
				t.Errorf("%s: %s is answered with %v", field, name, a.Errors)
			}
		}
	}
}

// A socket that does not keep to the protocol is closed with the protocol's code.
func TestProtocol(t *testing.T) {
	h := plain(t, func(c *graph.Config) {
		c.InitTimeout = 200 * time.Millisecond
		c.Limits = graph.DefaultLimits()
		c.Limits.Streams = 2
		c.Limits.Anonymous.Body = 1 << 10 // so little that the server has read all of what is too large
	})
	me := h.member(t, h.enrolled(t, "a@example.com"))
	nobody := h.anonymous()
	init := frame{Type: "connection_init"}
	for name, c := range map[string]struct {
		code websocket.StatusCode
		do   func(*socket)
	}{
		"too late":          {4408, func(*socket) {}},
		"not initialised":   {4401, func(s *socket) { s.subscribe("1", watch) }},
		"initialised twice": {4429, func(s *socket) { s.send(init); s.send(init) }},
		"an odd message":    {4400, func(s *socket) { s.send(frame{Type: "greetings"}) }},
		"no JSON":           {4400, func(s *socket) { _ = s.conn.Write(t.Context(), websocket.MessageText, []byte("greetings")) }},
		"not text":          {4400, func(s *socket) { _ = s.conn.Write(t.Context(), websocket.MessageBinary, []byte(`{"type":"ping"}`)) }},
		"no id":             {4400, func(s *socket) { s.send(init); s.subscribe("", watch) }},
		"a bad token": {4403, func(s *socket) {
			s.send(frame{Type: "connection_init", Payload: []byte(`{"Authorization":"Bearer nonsense"}`)})
		}},
		"two tokens": {4403, func(s *socket) {
			s.send(frame{Type: "connection_init", Payload: fmt.Appendf(nil, `{"Authorization":"Bearer %s","authorization":"Bearer %[1]s"}`, me.token)})
		}},
		"too large": {1009, func(s *socket) { s.send(init); s.subscribe("1", strings.Repeat("#", 1<<10)) }},
	} {
		t.Run(name, func(t *testing.T) {
			s := nobody.dial(t, "graphql-transport-ws")
			c.do(s)
			s.closed(c.code)
		})
	}
	t.Run("another protocol", func(t *testing.T) { me.dial(t, "graphql-ws").closed(4406) })
	t.Run("no protocol", func(t *testing.T) { me.dial(t).closed(4406) })

	t.Run("an id twice", func(t *testing.T) {
		s := me.hello(t)
		s.subscribe("1", watch)
		s.expect("next", "1")
		s.subscribe("1", watch)
		s.closed(4409)
	})
	t.Run("the token of the request", func(t *testing.T) {
		s := me.dial(t, "graphql-transport-ws")
		s.send(init)
		s.expect("connection_ack", "")
		s.subscribe("1", watch)
		s.expect("next", "1")
		s.subscribe("2", watch)
		s.expect("next", "2")
		s.subscribe("3", watch)
		if a := s.expect("error", "3"); a.code() != "LIMIT_EXCEEDED" {
			t.Errorf("a third operation is answered with %v", a.Errors)
		}
		s.subscribe("4", "")
		if a := s.expect("error", "4"); a.code() != "BAD_REQUEST" {
			t.Errorf("no query is answered with %v", a.Errors)
		}
	})
	t.Run("an operation that cannot be run", func(t *testing.T) {
		s := me.hello(t)
		s.subscribe("1", "subscription { nothing }")
		if a := s.expect("error", "1"); a.code() != "BAD_REQUEST" {
			t.Errorf("it is answered with %v", a.Errors)
		}
		s.subscribe("1", watch)
		s.expect("next", "1")
	})
	if _, response, err := websocket.Dial(t.Context(), h.url, &websocket.DialOptions{
		Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{"Authorization": {"Bearer nonsense"}},
	}); err == nil || response.StatusCode != http.StatusUnauthorized {
		t.Errorf("a bad token opens a socket: %v", err)
	}
	if _, response, err := websocket.Dial(t.Context(), h.url, &websocket.DialOptions{
		Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{"Origin": {"https://evil.example"}},
	}); err == nil || response.StatusCode != http.StatusForbidden {
		t.Errorf("a page of another origin opens a socket: %v", err)
	}
}

// With its token, what it opened ends: a socket with 4403, so that a client comes again with a new token; a stream with an error.
func TestStreamsEndWithTheirToken(t *testing.T) {
	soon := &soonOver{}
	h := plain(t, func(c *graph.Config) { soon.Verifier, c.Verifier = c.Verifier, soon })
	me := h.member(t, h.enrolled(t, "a@example.com"))
	s, e := me.hello(t), me.stream(t, watch)
	s.subscribe("1", watch)
	s.expect("next", "1")
	if name, a := e.next(); name != "next" || a.code() != "" {
		t.Fatalf("%s %v came first", name, a.Errors)
	}
	s.closed(4403)
	if name, a := e.next(); name != "next" || a.code() != "UNAUTHENTICATED" {
		t.Errorf("%s %v came instead of an error", name, a.Errors)
	}
	if name, _ := e.next(); name != "complete" {
		t.Errorf("%q came instead of the end", name)
	}
}

// soonOver makes every token end in a moment.
type soonOver struct{ graph.Verifier }

func (s *soonOver) Authenticate(ctx context.Context, header string) (context.Context, error) {
	ctx, err := s.Verifier.Authenticate(ctx, header)
	if v := auth.From(ctx); v != nil {
		ending := *v
		ending.Expires = time.Now().Add(time.Second - auth.Leeway)
		ctx = auth.With(ctx, &ending)
	}
	return ctx, err
}
