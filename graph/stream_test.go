package graph_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
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
