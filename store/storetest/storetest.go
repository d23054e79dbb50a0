package storetest

import (
	"context"
	"testing"

	"entgo.io/ent/dialect"

	"granaio/store"
)

// Each runs the test on both databases, as its subtests "sqlite" and "postgres".
func Each(t *testing.T, test func(*testing.T, *store.Store)) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) { test(t, open(t, url)) })
}

// EachURL is Each for tests that open the database themselves, such as those that start the whole program.
func EachURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, URL(t, dialect.SQLite)) })
	t.Run("postgres", func(t *testing.T) { test(t, URL(t, dialect.Postgres)) })
}

// New is a database for a test to which it is all the same which: SQLite. It is closed and removed when the test ends.
func New(t testing.TB) *store.Store {
	t.Helper()
	return On(t, dialect.SQLite)
}

// On is a database of the dialect (dialect.SQLite or dialect.Postgres). It is closed and removed when the test ends.
func On(t testing.TB, d string) *store.Store {
	t.Helper()
	return open(t, URL(t, d))
}

// URL is the address of a migrated, empty database of the dialect, which is removed when the test ends. Whatever has it open then is cut off.
func URL(t testing.TB, d string) string {
	t.Helper()
	return made(t, func(ctx context.Context) (string, func() error, error) {
		if d == dialect.Postgres {
			return clonePostgres(ctx)
		}
		return copySQLite(ctx, t.TempDir())
	})
}

// EmptyURL is the address of a database without any tables.
func EmptyURL(t testing.TB, d string) string {
	t.Helper()
	return made(t, func(ctx context.Context) (string, func() error, error) { return Scratch(ctx, d) })
}

func made(t testing.TB, make func(context.Context) (string, func() error, error)) string {
	t.Helper()
	url, remove, err := make(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := remove(); err != nil {
			t.Errorf("removing the test's database: %v", err)
		}
	})
	return url
}

func open(t testing.TB, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the test's database: %v", err)
		}
	})
	return s
}

// Scratch makes a database without any tables, for programs that are no test, and tells how to remove it.
func Scratch(ctx context.Context, d string) (url string, remove func() error, err error) {
	if d == dialect.Postgres {
		return emptyPostgres(ctx)
	}
	return emptySQLite()
}
