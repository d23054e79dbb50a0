package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"granaio/store"
	"granaio/store/storetest"
)

// single is a PostgreSQL database with one connection, which keeps at most three statements.
func single(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{URL: storetest.URL(t, dialect.Postgres), Pool: 1, Statements: 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func exec(t *testing.T, s *store.Store, statement string) {
	t.Helper()
	if _, err := s.DB().ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// kept lists what the connection has prepared. Without arguments, so that it does not count itself.
func kept(t *testing.T, s *store.Store) (list string) {
	t.Helper()
	err := s.DB().QueryRowContext(t.Context(), `SELECT coalesce(string_agg(statement, '; ' ORDER BY statement), '') FROM pg_prepared_statements`).Scan(&list)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAQueryIsPreparedOnceAndTheLeastRecentlyUsedMakesRoom(t *testing.T) {
	s := single(t)
	ask := func(n int) {
		t.Helper()
		var got int
		if err := s.DB().QueryRowContext(t.Context(), fmt.Sprintf(`SELECT %d + $1::int`, n), 10).Scan(&got); err != nil || got != n+10 {
			t.Fatalf("%d + 10 is %d, %v", n, got, err)
		}
	}
	for _, n := range []int{1, 1, 1, 2, 3} {
		ask(n)
	}
	if got, want := kept(t, s), `SELECT 1 + $1::int; SELECT 2 + $1::int; SELECT 3 + $1::int`; got != want {
		t.Errorf("kept %q, want %q", got, want)
	}
	ask(1)
	ask(4) // 2 is the one that was not used for the longest
	if got, want := kept(t, s), `SELECT 1 + $1::int; SELECT 3 + $1::int; SELECT 4 + $1::int`; got != want {
		t.Errorf("kept %q, want %q", got, want)
	}
	for n := range 20 {
		ask(n)
	}
	if got := strings.Count(kept(t, s), ";") + 1; got != 3 {
		t.Errorf("%d statements are kept, want 3", got)
	}
}

// A migration of another process changes tables under the statements that this one has prepared.
func TestAStatementIsPreparedAnewWhenItsTableHasChanged(t *testing.T) {
	s := single(t)
	exec(t, s, `CREATE TABLE thing (id int PRIMARY KEY)`)
	exec(t, s, `INSERT INTO thing VALUES (7)`)
	columns := func(q interface {
		QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	}) (int, error) {
		found, err := q.QueryContext(t.Context(), `SELECT * FROM thing WHERE id = $1`, 7)
		if err != nil {
			return 0, err
		}
		defer func() { _ = found.Close() }()
		names, err := found.Columns()
		if !found.Next() {
			t.Error("the row is missing")
		}
		return len(names), err
	}
	if n, err := columns(s.DB()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	exec(t, s, `ALTER TABLE thing ADD COLUMN a int`)
	if n, err := columns(s.DB()); err != nil || n != 2 {
		t.Errorf("outside a transaction: %d columns, want 2; %v", n, err)
	}
	exec(t, s, `ALTER TABLE thing ADD COLUMN b int`)
	tries := 0
	err := s.InTx(t.Context(), func(tx *sql.Tx) error {
		tries++
		n, err := columns(tx)
		if err == nil && n != 3 {
			t.Errorf("%d columns, want 3", n)
		}
		return err
	})
	if err != nil || tries != 2 {
		t.Errorf("inside a transaction: %d attempts, want 2; %v", tries, err)
	}
	exec(t, s, `DEALLOCATE ALL`) // as a connection pool between here and the server may do
	if n, err := columns(s.DB()); err != nil || n != 3 {
		t.Errorf("after the server has forgotten its statements: %d columns, want 3; %v", n, err)
	}
}

func TestAQueryThatIsGivenUpLeavesItsConnectionUsable(t *testing.T) {
	s := single(t)
	process := func() (pid int) {
		t.Helper()
		if err := s.DB().QueryRowContext(t.Context(), `SELECT pg_backend_pid() WHERE $1`, true).Scan(&pid); err != nil {
			t.Fatal(err)
		}
		return pid
	}
	const sleep = `SELECT pg_sleep($1)`
	exec1(t, s, sleep, 0)
	before := process()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := s.DB().ExecContext(ctx, sleep, 30); err == nil {
		t.Error("a query outlived its context")
	}
	if waited := time.Since(began); waited > 10*time.Second {
		t.Errorf("it was given up after %v", waited)
	}
	if after := process(); after != before {
		t.Errorf("the connection of process %d was lost; now it is %d", before, after)
	}
	if _, err := s.DB().ExecContext(t.Context(), `SELECT 1 / $1::int`, 0); err == nil {
		t.Error("a division by zero was answered")
	}
	exec1(t, s, sleep, 0)
}

func exec1(t *testing.T, s *store.Store, statement string, arg any) {
	t.Helper()
	if _, err := s.DB().ExecContext(t.Context(), statement, arg); err != nil {
		t.Fatal(err)
	}
}

// PostgreSQL answers one query after the other on a connection: mixing them up must be an error, never another query's answer.
func TestAQueryWhileRowsAreOpen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		tally(t, s)
		err := s.InTx(t.Context(), func(tx *sql.Tx) error {
			const query = `SELECT name FROM tally WHERE n < $1 ORDER BY name`
			outer, err := tx.QueryContext(t.Context(), query, 1)
			if err != nil {
				return err
			}
			defer func() { _ = outer.Close() }()
			if !outer.Next() {
				t.Fatal("no rows")
			}
			var inner, first, second string
			err = tx.QueryRowContext(t.Context(), query, 1).Scan(&inner)
			switch {
			case s.Dialect() == dialect.Postgres && (err == nil || !strings.Contains(err.Error(), "close them first")):
				t.Errorf("the inner query found %q, %v; want an error that says what to do", inner, err)
			case s.Dialect() == dialect.SQLite && (err != nil || inner != "a"): // here the two do not meet, even with the same statement
				t.Errorf("the inner query found %q, %v", inner, err)
			}
			if err := outer.Scan(&first); err != nil {
				return err
			}
			if !outer.Next() {
				t.Error("the outer query lost its second row")
			}
			if err := outer.Scan(&second); err != nil || first != "a" || second != "b" {
				t.Errorf("the outer query found %q and %q, %v", first, second, err)
			}
			if err := outer.Close(); err != nil {
				return err
			}
			return tx.QueryRowContext(t.Context(), query, 1).Scan(&inner)
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestStatementsAreCounted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		tally(t, s)
		before := s.Statements()
		err := s.InTx(t.Context(), func(tx *sql.Tx) error {
			for range 3 {
				if _, err := tx.ExecContext(t.Context(), increment, "a"); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		counted(t, s, "a")
		if got := s.Statements() - before; got != 4 {
			t.Errorf("%d statements were counted, want 4: three updates and a query", got)
		}
	})
}
