package soak

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"granaio/store"
)

//go:embed shop.yaml
var shop []byte

// site is what is broken: a database, and the servers on it.
type site struct {
	options  Options
	folder   string
	database string // its address
	postgres *postgres
	disk     *disk
	token    string
	rewards  map[string]string // ids by key

	mu      sync.Mutex
	servers []*server // each nil while it is down
}

// raise starts everything, with the programme and the members that all contend for.
func raise(ctx context.Context, o Options, folder string) (_ *site, err error) {
	s := &site{options: o, folder: folder, database: filepath.Join(folder, "granaio.db"), servers: make([]*server, o.Servers), rewards: map[string]string{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.raze())
		}
	}()
	if o.Database == Postgres {
		if s.postgres, err = startPostgres(ctx, o.Script); err != nil {
			return nil, err
		}
		s.database = s.postgres.url
	} else if o.Faults != nil && !slices.Contains(o.Faults, Disk) {
		s.disk = nil
	} else if s.disk = mountDisk(ctx, filepath.Join(folder, "disk")); s.disk != nil {
		s.database = filepath.Join(s.disk.folder, "granaio.db")
	}
	file := filepath.Join(folder, "shop.yaml")
	if err := os.WriteFile(file, shop, 0o600); err != nil {
		return nil, err
	}
	if _, err := run(ctx, o.Binary, "import", "--database-url", s.database, file); err != nil {
		return nil, err
	}
	if err := s.durable(ctx); err != nil {
		return nil, err
	}
	if s.token, err = run(ctx, o.Binary, "token", "--data", folder, "--database-url", s.database, "--operator", "soak"); err != nil {
		return nil, err
	}
	for i := range s.servers {
		if err := s.start(ctx, i); err != nil {
			return nil, err
		}
	}
	return s, s.findRewards(ctx)
}

// raze stops everything and removes what it left.
func (s *site) raze() error {
	s.mu.Lock()
	servers := s.servers
	s.servers = nil
	s.mu.Unlock()
	for _, p := range servers {
		if p != nil {
			p.kill()
		}
	}
	var errs []error
	if s.postgres != nil {
		errs = append(errs, s.postgres.stop())
	}
	if s.disk != nil {
		errs = append(errs, s.disk.unmount())
	}
	return errors.Join(errs...)
}

// durable makes sure that what is acknowledged is on the disk.
func (s *site) durable(ctx context.Context) error {
	return s.withStore(ctx, func(db *store.Store) error {
		questions := map[string]string{"PRAGMA synchronous": "2", "PRAGMA journal_mode": "wal"} // 2 is FULL
		if s.postgres != nil {
			questions = map[string]string{"SHOW fsync": "on", "SHOW synchronous_commit": "on", "SHOW full_page_writes": "on"}
		}
		for question, want := range questions {
			var is string
			if err := db.DB().QueryRowContext(ctx, question).Scan(&is); err != nil {
				return fmt.Errorf("soak: %s: %w", question, err)
			}
			if is != want {
				return fmt.Errorf("soak: the database is not durable: %s is %s", question, is)
			}
		}
		return nil
	})
}

// withStore opens the database beside the servers.
func (s *site) withStore(ctx context.Context, do func(*store.Store) error) error {
	db, err := store.Open(ctx, store.Config{URL: s.database, Pool: 2})
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

// launch starts the i-th server, and does not wait for it.
func (s *site) launch(i int) (*server, error) {
	p, err := launch(s.options.Binary, "serve", "--listen", "127.0.0.1:0", "--data", s.folder, "--database-url", s.database, "--no-example", "--budget", "0",
		"--log-level", "warn")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.servers == nil {
		p.kill()
		return nil, context.Canceled
	}
	s.servers[i] = p
	return p, nil
}

// start starts the i-th server, and waits until it serves.
func (s *site) start(ctx context.Context, i int) error {
	p, err := s.launch(i)
	if err != nil {
		return err
	}
	return p.await(ctx)
}

// kill kills the i-th server.
func (s *site) kill(i int) {
	s.mu.Lock()
	p := s.servers[i]
	s.servers[i] = nil
	s.mu.Unlock()
	if p != nil {
		p.kill()
	}
}

// killAll kills all servers at once.
func (s *site) killAll() {
	var all sync.WaitGroup
	for i := range s.servers {
		all.Go(func() { s.kill(i) })
	}
	all.Wait()
}

// startAll starts all servers at once.
func (s *site) startAll(ctx context.Context) error {
	errs := make([]error, len(s.servers))
	var all sync.WaitGroup
	for i := range s.servers {
		all.Go(func() { errs[i] = s.start(ctx, i) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// address is where one of the servers that run is, by chance; empty if none does.
func (s *site) address() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var up []string
	for _, p := range s.servers {
		if p == nil {
			continue
		}
		select {
		case <-p.ready:
			up = append(up, p.url)
		default:
		}
	}
	if len(up) == 0 {
		return ""
	}
	return up[rand.IntN(len(up))]
}

// standing makes sure that no server has ended by itself.
func (s *site) standing() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.servers {
		if p != nil && p.hasEnded() {
			return fmt.Errorf("soak: a server ended by itself:\n%s", p.log.String())
		}
	}
	return nil
}

// said is the end of what the servers that run have logged.
func (s *site) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, p := range s.servers {
		if p != nil {
			b.WriteString(p.log.String())
		}
	}
	return b.String()
}

func (s *site) findRewards(ctx context.Context) error {
	body, err := post(ctx, s.address(), s.token, `{ viewer { programme { rewards { id key } } } }`, nil)
	if err != nil {
		return fmt.Errorf("soak: the rewards: %w", err)
	}
	var found struct {
		Viewer struct {
			Programme struct {
				Rewards []struct{ ID, Key string }
			}
		}
	}
	if err := json.Unmarshal(body.Data, &found); err != nil {
		return fmt.Errorf("soak: the rewards: %w", err)
	}
	for _, r := range found.Viewer.Programme.Rewards {
		s.rewards[r.Key] = r.ID
	}
	if s.rewards[mug] == "" || s.rewards[pin] == "" {
		return fmt.Errorf("soak: the rewards are %v", s.rewards)
	}
	return nil
}
