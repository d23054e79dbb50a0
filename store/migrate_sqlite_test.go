package store

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// history is two migrations: the second one makes the table anew that others refer to, as SQLite needs for most changes.
func history(remade string) (first, both fstest.MapFS) {
	one := &fstest.MapFile{Data: []byte(`-- +goose Up
CREATE TABLE parents (id integer PRIMARY KEY);
CREATE TABLE children (id integer PRIMARY KEY, parent_id integer NOT NULL REFERENCES parents (id) ON DELETE CASCADE);
`)}
	two := &fstest.MapFile{Data: []byte(`-- +goose Up
CREATE TABLE new_parents (id integer PRIMARY KEY, name text);
` + remade + `
DROP TABLE parents;
ALTER TABLE new_parents RENAME TO parents;
`)}
	return fstest.MapFS{"00001_first.sql": one}, fstest.MapFS{"00001_first.sql": one, "00002_name.sql": two}
}

func family(t *testing.T, first fstest.MapFS) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{URL: filepath.Join(t.TempDir(), "x.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := s.migrate(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.ExecContext(t.Context(), `INSERT INTO parents VALUES (1), (2); INSERT INTO children VALUES (10, 1), (20, 2)`); err != nil {
		t.Fatal(err)
	}
	return s
}

// With foreign keys on, dropping the old table deletes the children.
func TestATableThatIsMadeAnewKeepsWhatRefersToIt(t *testing.T) {
	first, both := history(`INSERT INTO new_parents (id) SELECT id FROM parents;`)
	s := family(t, first)
	applied, err := s.migrate(t.Context(), both)
	if err != nil || len(applied) != 1 {
		t.Fatal(applied, err)
	}
	var children, keys int
	if err := s.db.QueryRowContext(t.Context(), `SELECT count(*) FROM children`).Scan(&children); err != nil || children != 2 {
		t.Errorf("%d children are left, want 2; %v", children, err)
	}
	if err := s.db.QueryRowContext(t.Context(), `PRAGMA foreign_keys`).Scan(&keys); err != nil || keys != 1 {
		t.Errorf("foreign keys are %d after the migration, want 1; %v", keys, err)
	}
	if _, err := s.db.ExecContext(t.Context(), `INSERT INTO children VALUES (30, 3)`); err == nil {
		t.Error("a child without a parent was taken")
	}
}

func TestAMigrationThatBreaksReferencesIsReported(t *testing.T) {
	first, both := history(`INSERT INTO new_parents (id) SELECT id FROM parents WHERE id < 2;`)
	s := family(t, first)
	if _, err := s.migrate(t.Context(), both); err == nil || !strings.Contains(err.Error(), "children → parents") {
		t.Errorf("got %v, want an error that names the tables", err)
	}
}

func TestASQLiteFileIsNotMigratedUnderAnotherProcess(t *testing.T) {
	first, both := history(`INSERT INTO new_parents (id) SELECT id FROM parents;`)
	s := family(t, first)
	other, err := Open(t.Context(), Config{URL: s.source.path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	s.patience = 10 * time.Millisecond
	if _, err := s.migrate(t.Context(), both); !errors.Is(err, ErrInUse) {
		t.Errorf("got %v, want %v", err, ErrInUse)
	}
	if _, err := other.db.ExecContext(t.Context(), `INSERT INTO parents VALUES (3)`); err != nil {
		t.Errorf("the other process is disturbed: %v", err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if applied, err := s.migrate(t.Context(), both); err != nil || len(applied) != 1 {
		t.Errorf("after it has closed the file: %v, %v", applied, err)
	}
}
