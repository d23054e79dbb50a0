package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// The protocol is graphql-transport-ws, as its specification has it:
// https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md

type frame struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// socket is a WebSocket on which the protocol was agreed.
type socket struct {
	conn *websocket.Conn
	t    *testing.T
}

// dial opens a socket and says who it is.
func (c *client) dial(t *testing.T) *socket {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, strings.Replace(c.url, "http", "ws", 1)+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	s := &socket{conn, t}
	payload, _ := json.Marshal(map[string]string{"Authorization": "Bearer " + c.token})
	s.send(frame{Type: "connection_init", Payload: payload})
	if f, err := s.next(10 * time.Second); err != nil || f.Type != "connection_ack" {
		t.Fatalf("no connection_ack: %v %v", f, err)
	}
	return s
}

func (s *socket) send(f frame) {
	s.t.Helper()
	if err := wsjson.Write(s.t.Context(), s.conn, f); err != nil {
		s.t.Fatal(err)
	}
}

// subscribe starts an operation.
func (s *socket) subscribe(id, query string) {
	s.t.Helper()
	payload, _ := json.Marshal(map[string]string{"query": query})
	s.send(frame{ID: id, Type: "subscribe", Payload: payload})
}

var errQuiet = errors.New("nothing came in time")

// next is the next frame that is not a ping, which it answers.
func (s *socket) next(patience time.Duration) (frame, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		var f frame
		if err := wsjson.Read(ctx, s.conn, &f); err != nil {
			if ctx.Err() != nil {
				return f, errQuiet
			}
			return f, err
		}
		switch f.Type {
		case "ping":
			s.send(frame{Type: "pong"})
		case "pong":
		default:
			return f, nil
		}
	}
}

// balance is what balanceChanged tells.
type balance struct {
	Available, Pending, Held, Debt int64
	Version                        int64
	At                             time.Time
}

func balanceOf(payload []byte) (balance, error) {
	var p struct {
		Data   struct{ BalanceChanged balance }
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal(payload, &p); err != nil {
		return balance{}, err
	}
	if len(p.Errors) > 0 {
		return balance{}, errors.New(p.Errors[0].Message)
	}
	return p.Data.BalanceChanged, nil
}

// nextBalance is the next balance of the subscription.
func (s *socket) nextBalance(patience time.Duration) (balance, error) {
	f, err := s.next(patience)
	if err != nil {
		return balance{}, err
	}
	if f.Type != "next" {
		return balance{}, errors.New(f.Type + ": " + string(f.Payload))
	}
	return balanceOf(f.Payload)
}

// stream subscribes over SSE (graphql-sse's distinct connections) and hands each balance to see until it says that it is enough or the stream ends.
func (c *client) stream(ctx context.Context, query string, see func(balance) bool) error {
	body, _ := json.Marshal(map[string]string{"query": query})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/graphql", strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Authorization", "Bearer "+c.token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if kind := response.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") {
		return errors.New("not an event stream: " + kind)
	}
	event := ""
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimSpace(value)
		switch {
		case name == "event":
			event = value
		case name == "data" && event == "next":
			b, err := balanceOf([]byte(value))
			if err != nil {
				return err
			}
			if !see(b) {
				return nil
			}
		}
		if event == "complete" {
			return nil
		}
	}
	return lines.Err()
}
