package main

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	_ "github.com/lib/pq" // the driver

	"granaio/loyalty/fact"
)

//go:embed programme.yaml
var programmeFile []byte

// stage is where figures are measured: the program, built; a database for it, one for pgbench and an empty one; and who is in them.
type stage struct {
	plan      plan
	folder    string // for everything; it goes away
	binary    string
	cluster   *url.URL // the address of the PostgreSQL server
	admin     *sql.DB
	names     map[string]string // of the databases that were made, by what they are for
	open      map[string]*sql.DB
	programme fact.ID
	operator  string // tokens
	partner   string

	server   *process  // nil while it rests
	profiler string    // where it serves profiles, if they are asked for
	buyers   []fact.ID // nil until they are there
	readers  []reader
	rival    *pgbench
	serial   int // what makes idempotency keys of this run differ
}

// The databases.
const (
	forServer = "server"
	forRival  = "rival"
	forEmpty  = "empty"
	forGrown  = "grown" // has what growth adds to the server's
)

var errNoDatabase = errors.New("TEST_DATABASE_URL does not say where PostgreSQL is: run it by make bench, which starts one")

// openStage builds the program and makes the databases.
func openStage(ctx context.Context, p plan) (_ *stage, err error) {
	s := &stage{plan: p, names: map[string]string{}, open: map[string]*sql.DB{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	address := os.Getenv("TEST_DATABASE_URL")
	if address == "" {
		return nil, errNoDatabase
	}
	if s.cluster, err = url.Parse(address); err != nil {
		return nil, err
	}
	if s.admin, err = sql.Open("postgres", address); err != nil {
		return nil, err
	}
	if err := durable(ctx, s.admin); err != nil {
		return nil, err
	}
	if s.folder, err = os.MkdirTemp("", "granaio-bench."); err != nil {
		return nil, err
	}
	s.binary = filepath.Join(s.folder, "granaio")
	say("building the program")
	if _, err := output(ctx, "go", "build", "-o", s.binary, "."); err != nil {
		return nil, err
	}
	if err := s.createDatabase(ctx, forServer, ""); err != nil {
		return nil, err
	}
	return s, s.importProgramme(ctx)
}

// durable makes sure that what the server commits is on disk.
func durable(ctx context.Context, db *sql.DB) error {
	for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var value string
		if err := db.QueryRowContext(ctx, "SELECT current_setting($1)", name).Scan(&value); err != nil {
			return err
		}
		if value != "on" {
			return fmt.Errorf("this PostgreSQL has %s = %s: figures without durability say nothing. Run it by make bench", name, value)
		}
	}
	return nil
}

func (s *stage) importProgramme(ctx context.Context) error {
	file := filepath.Join(s.folder, "programme.yaml")
	if err := os.WriteFile(file, programmeFile, 0o644); err != nil {
		return err
	}
	if _, err := s.granaio(ctx, "import", file); err != nil {
		return err
	}
	if err := s.createDatabase(ctx, forRival, s.names[forServer]); err != nil {
		return err
	}
	db, err := s.database(forServer)
	if err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, "SELECT id FROM programmes").Scan(&s.programme); err != nil {
		return err
	}
	if s.operator, err = s.granaio(ctx, "token", "--operator", "bench"); err != nil {
		return err
	}
	s.partner, err = s.granaio(ctx, "token", "--partner", "till")
	return err
}

// granaio runs a command of the program; what it printed.
func (s *stage) granaio(ctx context.Context, arguments ...string) (string, error) {
	return s.granaioOn(ctx, forServer, arguments...)
}

// granaioOn runs a command of the program on a database.
func (s *stage) granaioOn(ctx context.Context, purpose string, arguments ...string) (string, error) {
	out, err := output(ctx, s.binary, append(arguments, "--data", s.data(), "--database-url", s.address(purpose))...)
	return strings.TrimSpace(out), err
}

// data is the folder of the key that signs tokens.
func (s *stage) data() string { return filepath.Join(s.folder, "data") }

// address is that of a database.
func (s *stage) address(purpose string) string {
	u := *s.cluster
	u.Path = "/" + s.names[purpose]
	return u.String()
}

// createDatabase makes a database, empty or as another is.
func (s *stage) createDatabase(ctx context.Context, purpose, template string) error {
	if template == "" {
		template = "template0"
	}
	name := "granaio_bench_" + strconv.Itoa(os.Getpid()) + "_" + purpose
	if _, err := s.admin.ExecContext(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	s.names[purpose] = name
	return nil
}

// copyDatabase makes a database as the server's is. The server rests afterwards.
func (s *stage) copyDatabase(ctx context.Context, purpose string) error {
	if err := s.rest(); err != nil {
		return err
	}
	if db := s.open[forServer]; db != nil {
		delete(s.open, forServer)
		if err := db.Close(); err != nil {
			return err
		}
	}
	return s.createDatabase(ctx, purpose, s.names[forServer])
}

// dropDatabase removes a database, whoever is connected to it.
func (s *stage) dropDatabase(ctx context.Context, purpose string) error {
	var err error
	if db := s.open[purpose]; db != nil {
		err = db.Close()
		delete(s.open, purpose)
	}
	if name := s.names[purpose]; name != "" {
		_, failed := s.admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		err = errors.Join(err, failed)
		delete(s.names, purpose)
	}
	return err
}

// database is a connection to a database, for looking into it.
func (s *stage) database(purpose string) (*sql.DB, error) {
	if db := s.open[purpose]; db != nil {
		return db, nil
	}
	db, err := sql.Open("postgres", s.address(purpose))
	if err == nil {
		db.SetMaxOpenConns(2)
		s.open[purpose] = db
	}
	return db, err
}

// checkpoint writes out what was changed, so that no run pays for an earlier one.
func (s *stage) checkpoint(ctx context.Context) error {
	_, err := s.admin.ExecContext(ctx, "CHECKPOINT")
	return err
}

// settle tidies a database after much was written to it.
func (s *stage) settle(ctx context.Context, purpose string) error {
	db, err := s.database(purpose)
	if err == nil {
		_, err = db.ExecContext(ctx, "VACUUM ANALYZE")
	}
	return err
}

// serving is the server, started if it rests.
func (s *stage) serving(ctx context.Context) (*process, error) {
	if s.server != nil {
		return s.server, nil
	}
	p, err := s.boot(ctx, forServer)
	if err != nil {
		return nil, err
	}
	if err := p.ready(ctx); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	s.server = p
	say("  the server is process %d, at http://%s", p.command.Process.Pid, p.address)
	return p, nil
}

// boot starts a server on a database.
func (s *stage) boot(ctx context.Context, purpose string) (*process, error) {
	arguments := []string{"serve", "--listen", "127.0.0.1:0", "--data", s.data(), "--database-url", s.address(purpose), "--no-example", "--budget", "0"}
	if s.plan.profile != "" {
		var err error
		if s.profiler, err = freeAddress(); err != nil {
			return nil, err
		}
		arguments = append(arguments, "--profiler", s.profiler)
	}
	return start(ctx, filepath.Join(s.folder, purpose+".log"), s.binary, arguments...)
}

// rest stops the server if it runs.
func (s *stage) rest() error {
	if s.server == nil {
		return nil
	}
	err := s.server.stop()
	s.server = nil
	return err
}

// close stops and removes everything.
func (s *stage) close() error {
	errs := []error{s.rest()}
	for _, purpose := range []string{forServer, forRival, forEmpty, forGrown} {
		errs = append(errs, s.dropDatabase(context.Background(), purpose))
	}
	if s.admin != nil {
		errs = append(errs, s.admin.Close())
	}
	if s.folder != "" {
		errs = append(errs, os.RemoveAll(s.folder))
	}
	return errors.Join(errs...)
}
