package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	"modernc.org/sqlite"

	"granaio/store/migration"
)

// ErrInUse is the error of migrating a SQLite database that another process has open.
var ErrInUse = errors.New("store: another process has the database open; stop it to migrate")

// Migrate applies the migrations that the database lacks, and tells which; a database that is current costs two queries. Processes that
// migrate one PostgreSQL database at once wait for the first of them. A SQLite database with something to apply must be open nowhere else.
func (s *Store) Migrate(ctx context.Context) ([]string, error) {
	return s.migrate(ctx, migration.Files(s.source.dialect))
}

// Current tells whether the database has all the migrations of this program.
func (s *Store) Current(ctx context.Context) (bool, error) {
	pending, err := migration.Pending(ctx, s.db, s.source.dialect, migration.Files(s.source.dialect))
	return err == nil && !pending, err
}

func (s *Store) migrate(ctx context.Context, files fs.FS) ([]string, error) {
	pending, err := migration.Pending(ctx, s.db, s.source.dialect, files)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if !pending {
		return nil, nil
	}
	applied, err := s.apply(ctx, files)
	if err != nil {
		return nil, fmt.Errorf("store: migrating %s: %w", s, err)
	}
	return applied, nil
}

func (s *Store) apply(ctx context.Context, files fs.FS) ([]string, error) {
	if s.source.dialect == dialect.Postgres {
		return migration.Up(ctx, s.db, s.source.dialect, files)
	}
	s.db.SetMaxIdleConns(0) // our own connections are in the way as well
	defer s.db.SetMaxIdleConns(s.pool)
	for deadline := time.Now().Add(s.patience); ; {
		applied, err := s.applyAlone(ctx, files)
		if err == nil || !inTheWay(err) {
			return applied, err
		}
		if time.Now().After(deadline) {
			return nil, ErrInUse
		}
		select {
		case <-time.After(10*time.Millisecond + rand.N(40*time.Millisecond)):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		// Who is in the way may be migrating.
		if pending, err := migration.Pending(ctx, s.db, s.source.dialect, files); err == nil && !pending {
			return nil, nil
		}
	}
}

// applyAlone migrates a SQLite file. SQLite alters many a thing by making the table anew and dropping the old one: with foreign keys on, their
// cascades would silently delete rows of others. So they are off, on a connection of its own (the switch does nothing inside a transaction),
// and checked afterwards. The connection has the file to itself: no process goes on with the tables as they were, and of two that start at
// once, one migrates.
func (s *Store) applyAlone(ctx context.Context, files fs.FS) ([]string, error) {
	alone, err := sqlite.NewConnector(s.source.with("_foreign_keys", "0").with("_busy_timeout", "50").
		with("_pragma", "locking_mode(EXCLUSIVE)").dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(alone)
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	applied, err := migration.Up(ctx, db, s.source.dialect, files)
	if err != nil || len(applied) == 0 {
		return applied, err
	}
	return applied, checkForeignKeys(ctx, db)
}

// checkForeignKeys makes sure that every reference has what it refers to.
func checkForeignKeys(ctx context.Context, db *sql.DB) error {
	found, err := db.QueryContext(ctx, `SELECT DISTINCT "table", "parent" FROM pragma_foreign_key_check ORDER BY 1, 2`)
	if err != nil {
		return err
	}
	defer func() { _ = found.Close() }()
	var broken []string
	for found.Next() {
		var from, to string
		if err := found.Scan(&from, &to); err != nil {
			return err
		}
		broken = append(broken, from+" → "+to)
	}
	if err := found.Err(); err != nil {
		return err
	}
	if len(broken) > 0 {
		return fmt.Errorf("after the migrations, rows refer to others that are not there: %s; restore the file from its backup", strings.Join(broken, ", "))
	}
	return nil
}
