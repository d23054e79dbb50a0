package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/lib/pq"
	"modernc.org/sqlite"

	"granaio/ent"
	_ "granaio/ent/runtime" // the interceptors and policies of ent/schema
)

// Config says which database to open, and how.
type Config struct {
	// URL is the database's address: postgres://user:password@host/database?sslmode=…, or the path of a SQLite file, which may be written
	// as sqlite:path too and carry options of the driver after a question mark. The file and its folder are made if they are missing.
	URL string
	// Pool is how many connections there are at most; 0 for the default: 16 on PostgreSQL, 8 on SQLite, where more only wait for each other.
	Pool int
	// Existing refuses to make a SQLite file that is missing (ErrNoDatabase).
	Existing bool
	// Statements is how many prepared statements a connection keeps; 0 for the default of 256.
	Statements int
}

// Store is an open database. Any number of goroutines may use it.
type Store struct {
	source source
	db     *sql.DB
	client *ent.Client
	pool   int
	sent   *atomic.Uint64
	// patience is how long a migration of SQLite waits for other processes to close the file.
	patience time.Duration
	lookups  bool          // only plans by an index are considered
	writer   chan struct{} // SQLite has one writer at a time: InTx queues here instead of polling the file's lock

	mu     sync.Mutex
	beside []*Store // what Lookups made
}

// Open opens the database and makes sure that it answers. It changes nothing in it: see Migrate.
func Open(ctx context.Context, c Config) (*Store, error) {
	src, err := parse(c.URL)
	if err != nil {
		return nil, err
	}
	if c.Existing && src.dialect == dialect.SQLite {
		if _, err := os.Stat(src.path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: %w", src.shown, ErrNoDatabase)
		}
	}
	s := &Store{source: src, pool: c.Pool, sent: new(atomic.Uint64), writer: make(chan struct{}, 1), patience: 10 * time.Second}
	if err := s.open(ctx, c.Statements); err != nil {
		return nil, err
	}
	return s, nil
}

// Lookups is the same database through connections of their own that only ever look rows up by an index. PostgreSQL plans a statement by what it last
// learnt of the tables' sizes; while a table grows fast that is wrong, and a plan that was good for ten rows reads all of ten million. On these
// connections no plan that scans or hashes a whole table is considered. For statements that touch few rows by their keys, never for reports.
//
// SQLite plans by the indexes anyway, since it is taught that tables are large (migration/sqlite), and there it is the same store. Closing the store it comes from closes it too.
func (s *Store) Lookups(ctx context.Context, pool int) (*Store, error) {
	if s.source.dialect != dialect.Postgres {
		return s, nil
	}
	l := &Store{source: s.source, pool: pool, sent: s.sent, writer: s.writer, lookups: true}
	if err := l.open(ctx, 0); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.beside = append(s.beside, l)
	return l, nil
}

// open makes the connections; statements is how many prepared ones each keeps.
func (s *Store) open(ctx context.Context, statements int) (err error) {
	src, wrapped := s.source, &connector{sent: s.sent, keep: statements}
	if wrapped.keep == 0 {
		wrapped.keep = 256
	}
	if src.dialect == dialect.Postgres {
		if s.pool == 0 {
			s.pool = 16
		}
		wrapped.exclusive = true
		wrapped.Connector, err = postgresConnector(src.dsn, s.lookups)
	} else {
		if s.pool == 0 {
			s.pool = 8
		}
		if err := src.makeFile(); err != nil {
			return err
		}
		wrapped.Connector, err = sqlite.NewConnector(src.dsn)
	}
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	s.db = sql.OpenDB(wrapped)
	s.db.SetMaxOpenConns(s.pool)
	s.db.SetMaxIdleConns(s.pool)
	if src.dialect == dialect.Postgres {
		s.db.SetConnMaxIdleTime(5 * time.Minute)
	}
	if err := s.db.PingContext(ctx); err != nil {
		_ = s.db.Close()
		return fmt.Errorf("store: cannot open %s: %w", src.shown, err)
	}
	s.client = ent.NewClient(ent.Driver(entsql.OpenDB(src.dialect, s.db)))
	return nil
}

func postgresConnector(dsn string, lookups bool) (driver.Connector, error) {
	cfg, err := pq.NewConfig(dsn)
	if err != nil {
		return nil, err
	}
	if cfg.Runtime == nil {
		cfg.Runtime = map[string]string{}
	}
	cfg.Runtime["timezone"] = "UTC"
	cfg.BinaryParameters = true // bytes travel as they are, and what is not prepared needs one round trip instead of two
	if lookups {
		for _, way := range []string{"seqscan", "hashjoin", "mergejoin"} {
			cfg.Runtime["enable_"+way] = "off"
		}
		cfg.Runtime["plan_cache_mode"] = "force_generic_plan" // a plan by index is as good for any parameters
		cfg.Runtime["jit"] = "off"                            // a way that is off counts as very dear, and what is dear would be compiled, for seconds
	}
	if cfg.ApplicationName == "" {
		cfg.ApplicationName = "granaio"
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 10 * time.Second
	}
	return pq.NewConnectorConfig(cfg)
}

// DB is the database, for statements written by hand.
func (s *Store) DB() *sql.DB { return s.db }

// Dialect is dialect.Postgres or dialect.SQLite, by ent's names.
func (s *Store) Dialect() string { return s.source.dialect }

// Ent is ent's client on the database. It asks the context's viewer (package auth) what may be seen.
func (s *Store) Ent() *ent.Client { return s.client }

// Statements is how many statements were sent to the database since it was opened, through Lookups too. Beginning and ending a transaction are not counted.
func (s *Store) Statements() uint64 { return s.sent.Load() }

// String is the address without its password.
func (s *Store) String() string { return s.source.shown }

// Close closes the connections. Statements under way end first.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, l := range s.beside {
		errs = append(errs, l.Close())
	}
	return errors.Join(append(errs, s.db.Close())...)
}
