package storetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"entgo.io/ent/dialect"

	"granaio/store"
	"granaio/store/migration"
)

// quick leaves out the wait for the disk: a test's database need not survive a power cut.
const quick = "?_synchronous=OFF"

// template is a migrated SQLite file that tests copy, shared by all test processes of this user.
var template = sync.OnceValues(func() (string, error) {
	folder := filepath.Join(os.TempDir(), fmt.Sprintf("granaio-test-%d", os.Getuid()))
	path := filepath.Join(folder, migration.Digest(dialect.SQLite)+".db")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	building, err := os.MkdirTemp(folder, "building-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(building) }()
	draft := filepath.Join(building, "template.db")
	if err := migrate(context.Background(), draft+quick); err != nil {
		return "", err
	}
	return path, os.Rename(draft, path) // at once: another process sees either nothing or all of it
})

func migrate(ctx context.Context, url string) error {
	s, err := store.Open(ctx, store.Config{URL: url, Pool: 2})
	if err != nil {
		return err
	}
	if _, err := s.Migrate(ctx); err != nil {
		_ = s.Close()
		return err
	}
	return s.Close()
}

func copySQLite(_ context.Context, folder string) (string, func() error, error) {
	from, err := template()
	if err != nil {
		return "", nil, fmt.Errorf("the SQLite template for tests: %w", err)
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return "", nil, err
	}
	path := filepath.Join(folder, "granaio.db")
	return path + quick, func() error { return nil }, os.WriteFile(path, content, 0o600) // the test's folder goes with the test
}

func emptySQLite() (string, func() error, error) {
	folder, err := os.MkdirTemp("", "granaio-scratch-")
	if err != nil {
		return "", nil, err
	}
	return filepath.Join(folder, "granaio.db") + quick, func() error { return os.RemoveAll(folder) }, nil
}
