package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"granaio/graph"
)

// beyond fails the test unless the answer says that the limit was exceeded.
func (a answer) beyond(t *testing.T, name, limit string) {
	t.Helper()
	if a.code() != "LIMIT_EXCEEDED" || a.Errors[0].Extensions["limit"] != limit || a.Data != nil {
		t.Errorf("%s: status %d, %v, %v", name, a.Status, a.Errors, a.Data)
	}
}

// What is too large is refused before anything is done, and says which limit it exceeds.
func TestLimits(t *testing.T) {
	h := plain(t, func(c *graph.Config) {
		c.Limits = graph.DefaultLimits()
		c.Limits.Depth = 11 // the schema itself ends at 12
	})
	id := h.enrolled(t, "a@example.com")
	anna, me := h.operator(t), h.member(t, id)
	var aliases, fragments strings.Builder
	for i := range 31 {
		fmt.Fprintf(&aliases, "a%d: viewer { operator { name } } ", i)
	}
	for i := range 60 { // each spreads the next twice: 2⁶⁰ fields
		fmt.Fprintf(&fragments, "fragment F%d on Viewer { programme { id } ...F%d ...F%d } ", i, i+1, i+1)
	}
	fragments.WriteString("fragment F60 on Viewer { programme { key } }")
	for name, c := range map[string]struct{ query, limit string }{
		"tokens":    {"{ viewer { programme { " + strings.Repeat("key ", 2000) + "} } }", "tokens"},
		"aliases":   {"{ " + aliases.String() + "}", "aliases"},
		"fragments": {"{ viewer { ...F0 } } " + fragments.String(), "fields"},
		"depth":     {`{ viewer { operator { members(first: 1) { edges { node { movements(first: 1) { edges { node { why { interaction { touchpoint { key } } } } } } } } } } } }`, "depth"},
		"cost":      {`{ viewer { operator { members(first: 100) { edges { node { movements(first: 100) { edges { node { id kind points after { available held } why { sentence source key } } } } } } } } } }`, "cost"},
	} {
		start := time.Now()
		anna.ask(t, c.query, nil).beyond(t, name, c.limit)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: it took %s to say so", name, took)
		}
	}
	anna.ask(t, `query($n: Int!) { viewer { operator { members(first: $n) { edges { node { movements(first: $n) { edges { node { id kind points after { available held } why { sentence source key } } } } } } } } } }`,
		variables{"n": 100}).beyond(t, "cost by variables", "cost")

	long := `{"query":"{ viewer { programme { key } } }","extensions":{"x":"` + strings.Repeat("x", 256<<10) + `"}}`
	for name, c := range map[string]*client{"a member": me, "nobody": h.anonymous()} {
		a := c.post(t, long)
		a.beyond(t, name, "body")
		if a.Status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: status %d", name, a.Status)
		}
	}
	anna.post(t, long).sound(t)
	anna.post(t, `{"query":"`+strings.Repeat("#", 2<<20)+`"}`).beyond(t, "an operator", "body")
	h.anonymous().ask(t, "{ viewer { programme { id } } }", nil).sound(t).is(t, "viewer", "null")
}

// A caller that uses more than its budget is told when to come again; others are not concerned.
func TestBudget(t *testing.T) {
	now := time.Now()
	h := plain(t, func(c *graph.Config) {
		c.Budget, c.Now = 10, func() time.Time { return now }
		c.Limits = graph.DefaultLimits()
		c.Limits.Member.Cost = 30 // and so the burst, which is five seconds' budget: 50
	})
	one, other := h.member(t, h.enrolled(t, "a@example.com")), h.member(t, h.enrolled(t, "b@example.com"))
	const query = `{ viewer { programme { id key name currency timeZone version } } }` // costs 8
	for range 6 {
		one.ask(t, query, nil).sound(t)
	}
	a := one.ask(t, query, nil)
	if a.code() != "RATE_LIMITED" || a.Status != http.StatusTooManyRequests || a.Errors[0].Extensions["retryAfter"] != 1.0 || a.Header.Get("Retry-After") != "1" {
		t.Errorf("status %d, %v, %v", a.Status, a.Errors, a.Header)
	}
	other.ask(t, query, nil).sound(t)
	now = now.Add(time.Second)
	one.ask(t, query, nil).sound(t)
}

// An operation that takes too long ends.
func TestTimeout(t *testing.T) {
	slow := &slowly{release: make(chan struct{})}
	h := plain(t, func(c *graph.Config) {
		slow.Engine = c.Engine
		c.Engine, c.Limits = slow, graph.DefaultLimits()
		c.Limits.Timeout = 50 * time.Millisecond
	})
	id := h.enrolled(t, "a@example.com")
	a := h.member(t, id).ask(t, `{ viewer { member { id } } }`, nil)
	if a.code() != "TIMEOUT" {
		t.Errorf("it is answered with %v", a.Errors)
	}
	close(slow.release)
	for a = h.member(t, id).ask(t, `{ viewer { member { id } } }`, nil); a.code() == "TIMEOUT"; { // a busy machine may need longer for anything at all
		a = h.member(t, id).ask(t, `{ viewer { member { id } } }`, nil)
	}
	a.sound(t)
}
