package migration

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	sqlmigrate "ariga.io/atlas/sql/migrate"
	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqltool"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"

	"granaio/ent/migrate"
)

// keyless are the tables that every interaction writes. They have no foreign keys in the database: see ent/schema.
var keyless = []string{"commands", "interactions", "movements", "postings", "lots", "working_states"}

// withoutKeys leaves the foreign keys of those tables out of what the database must have.
func withoutKeys(next schema.Differ) schema.Differ {
	return schema.DiffFunc(func(current, desired *atlas.Schema) ([]atlas.Change, error) {
		for _, t := range desired.Tables {
			if slices.Contains(keyless, t.Name) {
				t.ForeignKeys = nil
			}
		}
		return next.Diff(current, desired)
	})
}

// Difference is the migration that would bring what the files make to what ent's schema says: empty if nothing is missing. It works in db, an
// empty database of the dialect, and leaves it empty.
//
// A table that the schema has no more is not part of the answer: dropping one is written by hand.
func Difference(ctx context.Context, db *sql.DB, d string, files fs.FS) (string, error) {
	scratch, err := os.MkdirTemp("", "granaio-migration-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	if err := os.CopyFS(scratch, files); err != nil {
		return "", err
	}
	dir, err := sqltool.NewGooseDir(scratch)
	if err != nil {
		return "", err
	}
	sum, err := dir.Checksum()
	if err != nil {
		return "", err
	}
	if err := sqlmigrate.WriteSumFile(dir, sum); err != nil {
		return "", err
	}
	before, err := names(scratch)
	if err != nil {
		return "", err
	}
	m, err := schema.NewMigrate(entsql.OpenDB(d, db), schema.WithDir(dir), schema.WithMigrationMode(schema.ModeReplay),
		schema.WithFormatter(sqltool.GooseFormatter), schema.WithDropColumn(true), schema.WithDropIndex(true),
		schema.WithDiffHook(withoutKeys))
	if err != nil {
		return "", err
	}
	if err := m.NamedDiff(ctx, "difference", migrate.Tables...); err != nil {
		return "", fmt.Errorf("comparing the %s migrations with ent's schema: %w", folder(d), err)
	}
	after, err := names(scratch)
	if err != nil {
		return "", err
	}
	added := slices.DeleteFunc(after, func(name string) bool { return slices.Contains(before, name) })
	if len(added) == 0 {
		return "", nil
	}
	text, err := os.ReadFile(added[0])
	return string(text), err
}

func names(dir string) ([]string, error) { return filepath.Glob(filepath.Join(dir, "*.sql")) }
