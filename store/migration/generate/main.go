// Command generate writes the migrations that ent's schema asks for. `make migration` runs it.
//
//	go run ./store/migration/generate              writes 00001_first.sql anew, for both databases
//	go run ./store/migration/generate NAME         writes one more file where something is missing
//
// TEST_DATABASE_URL is a PostgreSQL server on which it may make a database of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"entgo.io/ent/dialect"

	"granaio/store"
	"granaio/store/migration"
	"granaio/store/storetest"
)

const first = "00001_first.sql"

func main() {
	name := ""
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	if err := run(context.Background(), "store/migration", name); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, home, name string) error {
	if name != "" && !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(name) {
		return fmt.Errorf("the name %q: small letters, digits and underscores only", name)
	}
	file := time.Now().UTC().Format("20060102150405_") + name + ".sql"
	for _, d := range []string{dialect.SQLite, dialect.Postgres} {
		folder := filepath.Join(home, "sqlite")
		if d == dialect.Postgres {
			folder = filepath.Join(home, "postgres")
		}
		files := os.DirFS(folder)
		if name == "" {
			if err := unreleased(files); err != nil {
				return err
			}
			empty, err := os.MkdirTemp("", "granaio-migration-")
			if err != nil {
				return err
			}
			defer func() { _ = os.Remove(empty) }()
			file, files = first, os.DirFS(empty)
		}
		text, err := difference(ctx, d, files)
		switch {
		case err != nil:
			return err
		case text == "":
			fmt.Println(folder, "is current")
			continue
		}
		path := filepath.Join(folder, file)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
		fmt.Println("wrote", path)
	}
	return nil
}

// unreleased makes sure that no later migration builds on the first one.
func unreleased(files fs.FS) error {
	later, err := fs.Glob(files, "20*.sql")
	if err != nil {
		return err
	}
	if len(later) > 0 {
		return errors.New("there are migrations after the first one, so it stays as it is; name the change: make migration NAME=what_changed")
	}
	return nil
}

func difference(ctx context.Context, d string, files fs.FS) (text string, err error) {
	url, remove, err := storetest.Scratch(ctx, d)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, remove()) }()
	s, err := store.Open(ctx, store.Config{URL: url})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return migration.Difference(ctx, s.DB(), d, files)
}
