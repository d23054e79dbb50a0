package graph

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"granaio/graph/generated"
	"granaio/graph/transport"
)

// What is remembered is bounded, and what was used last stays.
func TestCacheIsBounded(t *testing.T) {
	c, ctx := newCache[int](2), context.Background()
	c.Add(ctx, "a", 1)
	c.Add(ctx, "b", 2)
	c.Get(ctx, "a")
	c.Add(ctx, "c", 3)
	c.Add(ctx, string(make([]byte, maxDocument+1)), 4)
	if _, ok := c.Get(ctx, "b"); ok || len(c.known) != 2 {
		t.Errorf("%d are kept", len(c.known))
	}
	for key, want := range map[string]int{"a": 1, "c": 3} {
		if got, ok := c.Get(ctx, key); !ok || got != want {
			t.Errorf("%s is %d, %t", key, got, ok)
		}
	}
}

func TestBudgetsAreBounded(t *testing.T) {
	b := newBudgets(2, 10, time.Now)
	a := &Allowance{Cost: 10, Share: 1}
	for i := range 100 {
		b.take(fmt.Sprint("caller ", i), a, 1)
	}
	if len(b.known) != 2 || b.recent.Len() != 2 {
		t.Errorf("%d callers are remembered", len(b.known))
	}
}

// Who has no token pays by where it comes from: a household's IPv6 addresses are one.
func TestOriginOf(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.7:1234": "192.0.2.7", "[::ffff:192.0.2.7]:1234": "192.0.2.7", "[2001:db8:1:2:3:4:5:6]:1": "2001:db8:1:2::/64", "[fe80::1%eth0]:1": "fe80::/64",
		"@": "somewhere", "": "somewhere",
	} {
		if got := originOf(remote); got != want {
			t.Errorf("%s is from %s", remote, got)
		}
	}
}

// An operation costs about what it can answer with, by what its variables say, and a change more than its answer.
func TestMeasure(t *testing.T) {
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	for query, c := range map[string]struct {
		variables map[string]any
		want      size
	}{
		`{ viewer { programme { key } } }`: {nil, size{depth: 3, fields: 3, cost: 3}},
		`{ a: viewer { ...F } b: viewer { ...F } } fragment F on Viewer { p: programme { key } }`: {nil, size{depth: 3, fields: 6, aliases: 4, cost: 6}},
		`query($n: Int!) { viewer { operator { members(first: $n) { edges { node { id } } } } } }`: {
			map[string]any{"n": int64(50)}, size{depth: 6, fields: 6, cost: 3 + 50*3},
		},
		`query($n: Int!) { viewer { operator { members(last: $n) { totalCount } } } }`: {
			map[string]any{"n": int64(1 << 40)}, size{depth: 4, fields: 4, cost: 3 + 100},
		},
		`mutation($i: InteractionTrackBatchInput!) { interactionTrackBatch(input: $i) { results { member { id } } } }`: {
			map[string]any{"i": map[string]any{"interactions": make([]any, 1000)}}, size{depth: 4, fields: 4, cost: 1 + 1000*(3+10)},
		},
		`{ viewer { member { tierHistory(first: 60) { edges { node { key } } } interactions(first: 2) { edges { node { verdicts(first: 30) { rule } } } } } } }`: {
			nil, size{depth: 7, fields: 11, cost: 3 + 1 + 60*3 + 2*(1+1+1+30)},
		},
		`query($t: InteractionTryInput!) { interactionTry(input: $t) { trial { verdicts { rule } } } }`: {
			map[string]any{"t": map[string]any{}}, size{depth: 4, fields: 4, cost: 10 + 3 + 50},
		},
		`mutation($s: ProgrammeSimulateInput!) { programmeSimulate(input: $s) { task { id } } }`: {
			map[string]any{"s": map[string]any{}}, size{depth: 3, fields: 3, cost: 400 + 3},
		},
		`{ __schema { types { name fields { name } } } }`: {nil, size{depth: 1, fields: 5, cost: 105, schema: true}},
	} {
		doc, err := parser.ParseQuery(&ast.Source{Input: query})
		if err != nil {
			t.Fatal(err)
		}
		if errs := validator.ValidateWithRules(schema, doc, rules.NewDefaultRules()); len(errs) > 0 {
			t.Fatal(errs)
		}
		if got := measure(doc.Operations[0], c.variables); got != c.want {
			t.Errorf("%s is measured as %+v, not %+v", query, got, c.want)
		}
	}
}

// Operations are counted by kind and code, and never by what callers call them.
func TestMetrics(t *testing.T) {
	registry, m := prometheus.NewRegistry(), newMetrics()
	if err := m.register(registry, transport.New(transport.Options{})); err != nil {
		t.Fatal(err)
	}
	m.observe(transport.Operation{Transport: "http", Kind: "query", Took: time.Millisecond})
	m.observe(transport.Operation{Transport: "http", Code: "BAD_REQUEST"})
	families, err := registry.Gather()
	if err != nil || len(families) != 2 {
		t.Fatal(families, err)
	}
	seen := map[string]uint64{}
	for _, metric := range families[0].Metric {
		name := ""
		for _, l := range metric.Label {
			name += l.GetName() + "=" + l.GetValue() + " "
		}
		seen[name] = metric.Histogram.GetSampleCount()
	}
	if len(seen) != 2 || seen["code=OK kind=query transport=http "] != 1 || seen["code=BAD_REQUEST kind=none transport=http "] != 1 {
		t.Errorf("%v is seen", seen)
	}
}
