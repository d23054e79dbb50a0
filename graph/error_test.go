package graph_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"granaio/engine"
	"granaio/graph"
	"granaio/loyalty/fact"
)

// slowly is an engine that views members only when it is released, or never.
type slowly struct {
	graph.Engine
	release chan struct{}
}

func (s *slowly) Views(ctx context.Context, programme fact.ID, members []fact.ID) (map[fact.ID]*engine.View, error) {
	select {
	case <-s.release:
		return s.Engine.Views(ctx, programme, members)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// broken is an engine that fails in its own way.
type broken struct {
	graph.Engine
	err error // nil to panic
}

func (b *broken) Views(context.Context, fact.ID, []fact.ID) (map[fact.ID]*engine.View, error) {
	if b.err == nil {
		panic("a secret")
	}
	return nil, b.err
}

// A fault inside leaks nothing: the caller learns that there was one, and the log holds it.
func TestFaultsLeakNothing(t *testing.T) {
	failing := &broken{}
	h := plain(t, func(c *graph.Config) { failing.Engine, c.Engine = c.Engine, failing })
	me := h.member(t, h.enrolled(t, "a@example.com"))
	for name, c := range map[string]struct {
		err     error
		code    string
		message string
	}{
		"a panic":           {nil, "INTERNAL", "a fault inside"},
		"an error":          {errors.New("a secret"), "INTERNAL", "a fault inside"},
		"an engine's end":   {engine.ErrClosed, "UNAVAILABLE", "the server is going away: send it again"},
		"no database":       {fmt.Errorf("%w: a secret", engine.ErrUnavailable), "UNAVAILABLE", "not available just now: send it again"},
		"the time being up": {context.DeadlineExceeded, "TIMEOUT", "not done in time"},
	} {
		failing.err = c.err
		a := me.ask(t, `{ viewer { member { id } } }`, nil)
		if a.code() != c.code || a.Errors[0].Message != c.message || a.Status != http.StatusOK {
			t.Errorf("%s: status %d, %v", name, a.Status, a.Errors)
		}
		a.is(t, "viewer.member", "null")
	}
	if log := h.log.String(); strings.Count(log, "a secret") != 2 || !strings.Contains(log, "stack=") {
		t.Errorf("the log holds %s", log)
	}
}

// Whatever is malformed is answered with BAD_REQUEST in GraphQL's shape, and none of it is echoed or logged.
func TestMalformedRequests(t *testing.T) {
	h := plain(t)
	me := h.member(t, h.enrolled(t, "a@example.com"))
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"no JSON":           {`{"query": "swordfish`, 400},
		"a list":            {`[{"query":"{ viewer { programme { key } } }"}]`, 400},
		"two values":        {`{"query":"{ __typename }"} {"swordfish":1}`, 400},
		"no query":          {`{"swordfish": 1}`, 400},
		"variables":         {`{"query":"{ __typename }","variables":["swordfish"]}`, 400},
		"syntax":            {`{"query":"{ viewer { "}`, 200},
		"an unknown field":  {`{"query":"{ viewer { nothing } }"}`, 200},
		"no such operation": {`{"query":"query A { viewer { programme { key } } } query B { __typename }","operationName":"C"}`, 200},
		"a bad id":          {`{"query":"{ node(id: \"mbr_nonsense\") { id } }"}`, 200},
		"a bad variable":    {`{"query":"query($id: ID!) { node(id: $id) { id } }","variables":{"id":"nonsense"}}`, 200},
		"a missing one":     {`{"query":"query($id: ID!) { node(id: $id) { id } }"}`, 200},
		"a bad number":      {`{"query":"query($n: Int!) { viewer { member { account { expiring(days: $n) { points } } } } }","variables":{"n":99999999999999999999}}`, 200},
		"out of bounds":     {`{"query":"{ viewer { member { account { expiring(days: 36526) { points } } } } }"}`, 200},
		"a subscription":    {`{"query":"subscription { balanceChanged { version } }"}`, 400},
	} {
		a := me.post(t, c.body)
		if a.code() != "BAD_REQUEST" || a.Status != c.status {
			t.Errorf("%s: status %d, %v", name, a.Status, a.Errors)
		}
		for _, e := range a.Errors {
			if strings.Contains(e.Message, "swordfish") {
				t.Errorf("%s is echoed: %s", name, e.Message)
			}
		}
	}
	if strings.Contains(h.log.String(), "swordfish") {
		t.Errorf("it is logged: %s", h.log)
	}
	for _, ref := range []variables{{"id": "mbr_swordfish"}, {"id": nil, "identity": variables{"kind": "EMAIL", "value": "a@example.com"}}} {
		a := h.operator(t).ask(t, `query($ref: MemberRef!) { viewer { operator { member(ref: $ref) { id } } } }`, variables{"ref": ref})
		if a.code() != "BAD_REQUEST" || strings.Contains(a.Errors[0].Message, "swordfish") {
			t.Errorf("%v is answered with %v, %v", ref, a.Data, a.Errors)
		}
	}
	// The media type that says so gets its status from GraphQL too.
	me.header.Set("Accept", "application/graphql-response+json")
	if a := me.post(t, `{"query":"{ viewer { "}`); a.Status != 400 || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/graphql-response+json") {
		t.Errorf("status %d, %v", a.Status, a.Header)
	}
}

// A bad token is never taken for none.
func TestTokens(t *testing.T) {
	h := plain(t)
	for name, token := range map[string]string{"nonsense": "nonsense", "another's": "eyJhbGciOiJub25lIn0.e30."} {
		c := h.anonymous()
		c.token = token
		a := c.ask(t, `{ viewer { programme { key } } }`, nil)
		if a.Status != http.StatusUnauthorized || a.code() != "UNAUTHENTICATED" || a.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: status %d, %v", name, a.Status, a.Errors)
		}
	}
	a := h.anonymous().ask(t, `mutation { rewardRedeem(input: {idempotencyKey: "x", reward: "`+fact.NewID(fact.KindReward).String()+`"}) { duplicate } }`, nil)
	if a.code() != "UNAUTHENTICATED" || a.Status != http.StatusOK {
		t.Errorf("status %d, %v", a.Status, a.Errors)
	}
}

// GET runs queries, and only those.
func TestGet(t *testing.T) {
	h := plain(t)
	anna := h.operator(t)
	get := func(values url.Values) answer {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"?"+values.Encode(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return anna.send(t, r)
	}
	a := get(url.Values{"query": {`query($n: Int!) { viewer { operator { members(first: $n) { totalCount } } } }`}, "variables": {`{"n":1}`}}).sound(t)
	a.is(t, "viewer.operator.members.totalCount", "0")
	for name, c := range map[string]struct {
		values url.Values
		status int
	}{
		"a mutation":    {url.Values{"query": {`mutation { memberEnrol(input: {idempotencyKey: "x", touchpoint: "app", identities: []}) { userErrors { code } } }`}}, 405},
		"nothing":       {url.Values{}, 400},
		"bad variables": {url.Values{"query": {"{ __typename }"}, "variables": {"[1"}}, 400},
	} {
		if a := get(c.values); a.Status != c.status || a.code() != "BAD_REQUEST" {
			t.Errorf("%s: status %d, %v", name, a.Status, a.Errors)
		}
	}
}
