package graph_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"granaio/ent"
	"granaio/graph"
	"granaio/store"
)

// recorder is a driver that takes down what it is asked.
type recorder struct {
	dialect.Driver
	mu    sync.Mutex
	asked []asked
}

type asked struct {
	query string
	args  []any
}

func (r *recorder) Query(ctx context.Context, query string, args, v any) error {
	r.mu.Lock()
	r.asked = append(r.asked, asked{query, args.([]any)})
	r.mu.Unlock()
	return r.Driver.Query(ctx, query, args, v)
}

// plans are how the database goes about the recorded queries of a table, one text for each.
func (r *recorder) plans(t *testing.T, db *store.Store, table string) []string {
	t.Helper()
	explain := "EXPLAIN "
	if db.Dialect() == dialect.SQLite {
		explain = "EXPLAIN QUERY PLAN "
	}
	var plans []string
	for _, q := range r.asked {
		if !strings.Contains(q.query, fmt.Sprintf("FROM %s", quote(db, table))) {
			continue
		}
		rows, err := db.DB().QueryContext(t.Context(), explain+q.query, q.args...)
		if err != nil {
			t.Fatalf("%v: %s", err, q.query)
		}
		plan := []string{q.query}
		for rows.Next() {
			columns, _ := rows.Columns()
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, fmt.Sprint(*values[len(values)-1].(*any)))
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		plans = append(plans, strings.Join(plan, "\n"))
	}
	return plans
}

func quote(db *store.Store, name string) string {
	if db.Dialect() == dialect.SQLite {
		return "`" + name + "`"
	}
	return `"` + name + `"`
}

// scans tells whether a line of a plan reads the whole of a table that grows.
func scans(line string) bool {
	return strings.Contains(line, "Seq Scan on movements") || strings.Contains(line, "Seq Scan on interactions") ||
		strings.HasPrefix(line, "SCAN movements") || strings.HasPrefix(line, "SCAN i")
}

func (h *house) driver() dialect.Driver { return entsql.OpenDB(h.store.Dialect(), h.store.DB()) }

// serves is the address of another server on the same house, which reads through a driver.
func (h *house) serves(t *testing.T, through dialect.Driver) string {
	t.Helper()
	c := h.config
	c.Ent = ent.NewClient(ent.Driver(through))
	handler, err := graph.New(c)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// crowds gives the programme so many interactions and movements of members that nobody looks at, and has the database learn how many there are.
func (m *market) crowds(t *testing.T, n int) {
	t.Helper()
	fresh, series := "gen_random_uuid()", fmt.Sprintf("generate_series(1, %d)", n)
	if m.store.Dialect() == dialect.SQLite {
		hex := func(bytes int) string { return fmt.Sprintf("lower(hex(randomblob(%d)))", bytes) }
		fresh = strings.Join([]string{hex(4), hex(2), hex(2), hex(2), hex(6)}, " || '-' || ")
		series = fmt.Sprintf("(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %d) SELECT n FROM s)", n)
	}
	for _, statement := range []string{
		`INSERT INTO interactions (id, programme_id, member_id, event, touchpoint, occurred_at, received_at, version)
		 SELECT ` + fresh + `, programme_id, ` + fresh + `, event, touchpoint, occurred_at, received_at, version
		 FROM (SELECT * FROM interactions WHERE event = 'visit' LIMIT 1) AS i CROSS JOIN ` + series + ` AS s`,
		`INSERT INTO movements (id, programme_id, account_id, member_id, number, kind, points, occurred_at, booked_at, command_id, interaction_id, explanation)
		 SELECT ` + fresh + `, programme_id, ` + fresh + `, ` + fresh + `, 1, kind, points, occurred_at, booked_at, command_id, interaction_id, explanation
		 FROM (SELECT * FROM movements WHERE number = 4 LIMIT 1) AS m CROSS JOIN ` + series + ` AS s`,
		`ANALYZE`,
	} {
		if _, err := m.store.DB().ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}
