package graph_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// events is a stream of server-sent events.
type events struct {
	t     *testing.T
	lines *bufio.Scanner
}

// stream sends an operation and asks for its responses as they come.
func (c *client) stream(t *testing.T, query string) *events {
	t.Helper()
	body, _ := json.Marshal(map[string]any{"query": query})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	if kind := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/event-stream") {
		t.Fatalf("status %d, content type %s", response.StatusCode, kind)
	}
	return &events{t, bufio.NewScanner(response.Body)}
}

// next is the next event's name and data; empty at the stream's end.
func (e *events) next() (name string, a answer) {
	e.t.Helper()
	for e.lines.Scan() {
		field, value, _ := strings.Cut(e.lines.Text(), ":")
		value = strings.TrimSpace(value)
		switch {
		case field == "event":
			name = value
		case field == "data" && value != "":
			if err := json.Unmarshal([]byte(value), &a); err != nil {
				e.t.Fatal(err)
			}
		case e.lines.Text() == "" && name != "":
			return name, a
		}
	}
	return "", a
}

// first is a stream's first response.
func (c *client) first(t *testing.T, query string) answer {
	t.Helper()
	name, a := c.stream(t, query).next()
	if name != "next" {
		t.Fatalf("%s came first", name)
	}
	a.house = c.house
	return a
}

// everything is what a client names that takes whatever comes.
const everything = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"

// Events are for subscriptions, and for whoever takes nothing else.
func TestWhatIsAccepted(t *testing.T) {
	h := plain(t)
	me := h.member(t, h.enrolled(t, "a@example.com"))
	const query = `{ viewer { programme { key } } }`
	for _, c := range []struct{ accept, query, want string }{
		{everything, query, "application/graphql-response+json"},
		{everything, watch, "text/event-stream"},
		{"text/event-stream", query, "text/event-stream"},
		{"text/event-stream, application/json;q=0.0", query, "text/event-stream"},
		{"text/event-stream, */*", query, "application/json"},
		{"text/event-stream;q=0, application/json", watch, "application/json"},
		{everything, "subscription { nothing }", "application/graphql-response+json"},
	} {
		body, _ := json.Marshal(map[string]any{"query": c.query})
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url, strings.NewReader(string(body)))
		r.Header = http.Header{"Content-Type": {"application/json"}, "Accept": {c.accept}, "Authorization": {"Bearer " + me.token}}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if got, _, _ := strings.Cut(response.Header.Get("Content-Type"), ";"); got != c.want {
			t.Errorf("%s with %s is answered as %s", c.query, c.accept, got)
		}
	}
}

// timed notes until when a response may be written.
type timed struct {
	*httptest.ResponseRecorder
	until time.Time
}

func (w *timed) SetWriteDeadline(until time.Time) error {
	w.until = until
	return nil
}

// A reader of a plain response has as much time as one of a stream.
func TestResponsesHaveADeadline(t *testing.T) {
	h := plain(t)
	for _, body := range []string{`{"query":"{ viewer { programme { key } } }"}`, `[]`} {
		w := &timed{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		h.handler.ServeHTTP(w, r)
		if left := time.Until(w.until); left < 5*time.Second || left > 10*time.Second {
			t.Errorf("%s: %s are left", body, left)
		}
	}
}
