package migration

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"

	"entgo.io/ent/dialect"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed postgres/*.sql sqlite/*.sql
var embedded embed.FS

// folder is the name of a dialect's folder.
func folder(d string) string {
	if d == dialect.Postgres {
		return "postgres"
	}
	return "sqlite"
}

// Files are the migrations of a dialect (dialect.Postgres or dialect.SQLite).
func Files(d string) fs.FS {
	sub, err := fs.Sub(embedded, folder(d))
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// Digest tells the migrations of a dialect from any others: 16 hexadecimal digits.
func Digest(d string) string {
	hash := sha256.New()
	entries, _ := fs.ReadDir(Files(d), ".") // of an embedded folder
	for _, e := range entries {
		text, _ := fs.ReadFile(Files(d), e.Name())
		fmt.Fprintf(hash, "%s %d\n%s", e.Name(), len(text), text)
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}

func provider(db *sql.DB, d string, files fs.FS) (*goose.Provider, error) {
	if d != dialect.Postgres {
		return goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	}
	// Processes that start together wait for the first one, up to five minutes.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, files, goose.WithDisableGlobalRegistry(true), goose.WithSessionLocker(locker))
}

// Pending tells whether the database lacks one of the migrations. A database that a newer program has migrated lacks none.
func Pending(ctx context.Context, db *sql.DB, d string, files fs.FS) (bool, error) {
	p, err := provider(db, d, files)
	if err != nil {
		return false, err
	}
	return p.HasPending(ctx)
}

// Up applies the migrations that the database lacks, each in a transaction, and tells which. On SQLite the caller sees to it that nobody else
// uses the file.
func Up(ctx context.Context, db *sql.DB, d string, files fs.FS) ([]string, error) {
	p, err := provider(db, d, files)
	if err != nil {
		return nil, err
	}
	results, err := p.Up(ctx)
	if err != nil {
		return nil, err
	}
	var applied []string
	for _, r := range results {
		applied = append(applied, r.Source.Path)
	}
	return applied, nil
}
