package proof

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"

	"granaio/loyalty/fact"
	"granaio/store"
)

// MaxExamples is how many examples a finding has at most.
const MaxExamples = 5

// Finding is what became of one invariant.
type Finding struct {
	Invariant  int    // its number, from 1
	Name       string // what is to hold
	Violations int64  // how many rows break it; 0 if it holds
	Examples   []Example
}

// Example is one row that breaks an invariant.
type Example struct {
	ID   fact.ID // what is wrong: a movement, an account, a lot …
	What string  // in which way
}

// String is the example on one line.
func (e Example) String() string { return e.ID.String() + ": " + e.What }

// String is the finding on one line, and one more for each example.
func (f Finding) String() string {
	verdict := "holds"
	switch {
	case f.Violations == 1:
		verdict = "1 violation"
	case f.Violations > 1:
		verdict = fmt.Sprintf("%d violations", f.Violations)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%2d  %-60s %s", f.Invariant, f.Name, verdict)
	for _, e := range f.Examples {
		b.WriteString("\n      " + e.String())
	}
	if more := f.Violations - int64(len(f.Examples)); more > 0 {
		fmt.Fprintf(&b, "\n      and %d more", more)
	}
	return b.String()
}

// Holds tells whether nothing breaks any of the invariants.
func Holds(findings []Finding) bool {
	for _, f := range findings {
		if f.Violations > 0 {
			return false
		}
	}
	return true
}

// Print writes the findings for people, one after another.
func Print(w io.Writer, findings []Finding) error {
	for _, f := range findings {
		if _, err := fmt.Fprintln(w, f); err != nil {
			return err
		}
	}
	return nil
}

// Check asks the database for every invariant, in their order: one finding for each, also for those that hold.
func Check(ctx context.Context, s *store.Store) ([]Finding, error) {
	tx, err := s.Snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("proof: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	g := grammar{s.Dialect()}
	if g.postgres() { // whole tables are summed: what does not fit into the few megabytes that a query has by default goes to disk and back
		if _, err := tx.ExecContext(ctx, "SET LOCAL work_mem = '64MB'"); err != nil {
			return nil, fmt.Errorf("proof: %w", err)
		}
	}
	return check(ctx, tx, g)
}

func check(ctx context.Context, tx *sql.Tx, g grammar) ([]Finding, error) {
	findings := make([]Finding, 0, len(invariants))
	for i, v := range invariants {
		f := Finding{Invariant: i + 1, Name: v.name}
		if err := f.ask(ctx, tx, v.query(g)); err != nil {
			return nil, fmt.Errorf("proof: invariant %d: %w", f.Invariant, err)
		}
		findings = append(findings, f)
	}
	return findings, nil
}

// ask counts what a query finds, and takes the first few by id.
func (f *Finding) ask(ctx context.Context, tx *sql.Tx, query string) error {
	rows, err := tx.QueryContext(ctx, fmt.Sprintf("SELECT count(*) OVER (), id, what FROM (%s) AS broken ORDER BY id, what LIMIT %d", query, MaxExamples))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var e Example
		if err := rows.Scan(&f.Violations, &e.ID, &e.What); err != nil {
			return err
		}
		f.Examples = append(f.Examples, e)
	}
	return rows.Err()
}
