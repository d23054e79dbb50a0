package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/crc32"
	"net/url"
	"os"
	"sync"
	"time"

	"crypto/rand"

	"entgo.io/ent/dialect"

	"granaio/store"
	"granaio/store/migration"
)

// ErrNoServer is what a test fails with when there is no PostgreSQL.
var ErrNoServer = errors.New(`there is no PostgreSQL to test on. Run the tests by "make test", which starts one; or start one yourself and name it:
	export TEST_DATABASE_URL=$(scripts/postgres start --fast /tmp/granaio-pg)    (and at the end: scripts/postgres stop /tmp/granaio-pg)`)

// server is the connection by which databases are made and removed, and the address of the server.
type server struct {
	db      *sql.DB
	address *url.URL
}

var connect = sync.OnceValues(func() (*server, error) {
	named := os.Getenv("TEST_DATABASE_URL")
	if named == "" {
		return nil, ErrNoServer
	}
	address, err := url.Parse(named)
	if err != nil {
		return nil, fmt.Errorf("TEST_DATABASE_URL: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	s, err := store.Open(ctx, store.Config{URL: named, Pool: 4})
	if err != nil {
		return nil, fmt.Errorf("TEST_DATABASE_URL: %w\n%w", err, ErrNoServer)
	}
	s.DB().SetMaxIdleConns(1)
	return &server{s.DB(), address}, nil
})

// of is the address of a database on the server.
func (s *server) of(database string) string {
	u := *s.address
	u.Path = "/" + database
	return u.String()
}

// createTemplate makes the migrated database that tests clone, unless it is there; once per process.
var createTemplate = sync.OnceValues(func() (string, error) {
	s, err := connect()
	if err != nil {
		return "", err
	}
	name := "granaio_template_" + migration.Digest(dialect.Postgres)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	// Many test processes run at once: one makes it, the others wait. The lock ends with the connection at the latest.
	lock := int64(crc32.ChecksumIEEE([]byte(name)))
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, lock); err != nil {
		return "", err
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, lock) }()

	var finished bool
	switch err := conn.QueryRowContext(ctx, `SELECT datistemplate FROM pg_database WHERE datname = $1`, name).Scan(&finished); {
	case finished:
		return name, nil
	case err == nil: // of a run that was killed
		if _, err := conn.ExecContext(ctx, `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			return "", err
		}
	case !errors.Is(err, sql.ErrNoRows):
		return "", err
	}
	if _, err := conn.ExecContext(ctx, `CREATE DATABASE `+name+` TEMPLATE template0`); err != nil {
		return "", err
	}
	if err := migrate(ctx, s.of(name)); err != nil {
		return "", err
	}
	_, err = conn.ExecContext(ctx, `ALTER DATABASE `+name+` IS_TEMPLATE true ALLOW_CONNECTIONS false`)
	return name, err
})

func clonePostgres(ctx context.Context) (string, func() error, error) {
	name, err := createTemplate()
	if err != nil {
		return "", nil, err
	}
	return createPostgres(ctx, name)
}

func emptyPostgres(ctx context.Context) (string, func() error, error) {
	return createPostgres(ctx, "template0")
}

func createPostgres(ctx context.Context, from string) (string, func() error, error) {
	s, err := connect()
	if err != nil {
		return "", nil, err
	}
	name := "granaio_test_" + rand.Text()
	if _, err := s.db.ExecContext(ctx, `CREATE DATABASE "`+name+`" TEMPLATE `+from); err != nil {
		return "", nil, err
	}
	return s.of(name), func() error {
		_, err := s.db.ExecContext(context.Background(), `DROP DATABASE "`+name+`" WITH (FORCE)`)
		return err
	}, nil
}
