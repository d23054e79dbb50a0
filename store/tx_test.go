package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"golang.org/x/sync/errgroup"

	"granaio/auth"
	"granaio/loyalty/fact"
	"granaio/store"
	"granaio/store/storetest"
)

// tally makes a table of two counters, a and b.
func tally(t *testing.T, s *store.Store) {
	t.Helper()
	for _, statement := range []string{`CREATE TABLE tally (name text PRIMARY KEY, n bigint NOT NULL)`, `INSERT INTO tally VALUES ('a', 0), ('b', 0)`} {
		if _, err := s.DB().ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

func counted(t *testing.T, s *store.Store, name string) (n int) {
	t.Helper()
	if err := s.DB().QueryRowContext(t.Context(), `SELECT n FROM tally WHERE name = $1`, name).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

const increment = `UPDATE tally SET n = n + 1 WHERE name = $1`

func TestTransactionsThatMeetAllTakeEffectOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		tally(t, s)
		var group errgroup.Group
		for range 4 {
			group.Go(func() error {
				for range 10 {
					err := s.InTx(t.Context(), func(tx *sql.Tx) error {
						if s.Dialect() == dialect.Postgres { // which refuses to write over what another has written meanwhile
							if _, err := tx.ExecContext(t.Context(), `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ`); err != nil {
								return err
							}
						}
						var n int
						if err := tx.QueryRowContext(t.Context(), `SELECT n FROM tally WHERE name = $1`, "a").Scan(&n); err != nil {
							return err
						}
						_, err := tx.ExecContext(t.Context(), `UPDATE tally SET n = $1 WHERE name = $2`, n+1, "a")
						return err
					})
					if err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		if a := counted(t, s, "a"); a != 40 {
			t.Errorf("a is %d, want 40", a)
		}
	})
}

func TestADeadlockIsTriedAgain(t *testing.T) {
	s := storetest.On(t, dialect.Postgres)
	tally(t, s)
	var tries sync.Map
	var meet sync.WaitGroup
	meet.Add(2)
	var group errgroup.Group
	for _, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
		group.Go(func() error {
			n := 0
			defer func() { tries.Store(order[0], n) }()
			return s.InTx(t.Context(), func(tx *sql.Tx) error {
				if _, err := tx.ExecContext(t.Context(), increment, order[0]); err != nil {
					return err
				}
				if n++; n == 1 {
					meet.Done()
					meet.Wait() // now each holds what the other one wants
				}
				_, err := tx.ExecContext(t.Context(), increment, order[1])
				return err
			})
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	a, _ := tries.Load("a")
	b, _ := tries.Load("b")
	if a.(int)+b.(int) < 3 || counted(t, s, "a") != 2 || counted(t, s, "b") != 2 {
		t.Errorf("%v and %v attempts, a is %d, b is %d; want 3 attempts or more in all, and 2 each", a, b, counted(t, s, "a"), counted(t, s, "b"))
	}
}

func TestALockedSQLiteFileIsTriedAgain(t *testing.T) {
	url := storetest.URL(t, dialect.SQLite) + "&_busy_timeout=1"
	var stores [2]*store.Store // as two processes would
	for i := range stores {
		s, err := store.Open(t.Context(), store.Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		stores[i] = s
	}
	tally(t, stores[0])
	other, err := stores[1].DB().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(50*time.Millisecond, func() { _ = other.Rollback() })
	err = stores[0].InTx(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), increment, "a")
		return err
	})
	if err != nil || counted(t, stores[0], "a") != 1 {
		t.Errorf("a is %d, want 1; %v", counted(t, stores[0], "a"), err)
	}
}

func TestATransactionMayAskForAnotherAttempt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		tally(t, s)
		tries := 0
		err := s.InTx(t.Context(), func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(t.Context(), increment, "a"); err != nil {
				return err
			}
			if tries++; tries < 3 {
				return fmt.Errorf("the row has changed: %w", store.ErrRetry)
			}
			return nil
		})
		if err != nil || tries != 3 || counted(t, s, "a") != 1 {
			t.Errorf("%d attempts, a is %d, %v; want 3 and 1: what failed must leave nothing behind", tries, counted(t, s, "a"), err)
		}
	})
}

func TestATransactionIsNotTriedForEver(t *testing.T) {
	s := storetest.New(t)
	tries := 0
	err := s.InTx(t.Context(), func(*sql.Tx) error { tries++; return store.ErrRetry })
	if !errors.Is(err, store.ErrRetry) || !strings.Contains(err.Error(), "given up after 10 attempts") || tries != 10 {
		t.Errorf("%d attempts: %v", tries, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	tries = 0
	err = s.InTx(ctx, func(*sql.Tx) error { tries++; cancel(); return store.ErrRetry })
	if !errors.Is(err, context.Canceled) || tries != 1 {
		t.Errorf("%d attempts after the caller has gone: %v", tries, err)
	}
}

func TestAnErrorOrAPanicLeavesNothingBehind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		tally(t, s)
		refused := errors.New("refused")
		tries := 0
		write := func(then func() error) error {
			return s.InTx(t.Context(), func(tx *sql.Tx) error {
				tries++
				if _, err := tx.ExecContext(t.Context(), increment, "a"); err != nil {
					return err
				}
				return then()
			})
		}
		if err := write(func() error { return refused }); !errors.Is(err, refused) || tries != 1 {
			t.Errorf("%d attempts: %v, want the function's own error after one", tries, err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic did not come through")
				}
			}()
			_ = write(func() error { panic("a mistake") })
		}()
		if err := write(func() error { return nil }); err != nil || counted(t, s, "a") != 1 {
			t.Errorf("a is %d, want 1; %v", counted(t, s, "a"), err)
		}
	})
}

func TestEntTakesPartInATransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := auth.System(t.Context(), fact.ID{})
		write := func(key string, end error) error {
			return s.InTx(ctx, func(tx *sql.Tx) error {
				client := s.EntIn(tx)
				inner, err := client.Tx(ctx) // as code that knows nothing of the outer one would
				if err != nil {
					return err
				}
				inner.Programme.Create().SetKey(key).SetCurrency("EUR").SaveX(ctx)
				if err := inner.Commit(); err != nil {
					return err
				}
				if client.Programme.Query().CountX(ctx) == 0 {
					t.Error("the transaction does not see what it wrote")
				}
				return end
			})
		}
		refused := errors.New("refused")
		if err := write("undone", refused); !errors.Is(err, refused) {
			t.Fatal(err)
		}
		if err := write("kept", nil); err != nil {
			t.Fatal(err)
		}
		if p, err := s.Ent().Programme.Query().Only(ctx); err != nil || p.Key != "kept" {
			t.Errorf("found %v, %v; want the programme of the transaction that was committed, alone", p, err)
		}
	})
}

// What only the commit finds out is an error too.
func TestAnErrorWhileCommittingIsTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, text := range []string{
			"CREATE TABLE hen (id INTEGER PRIMARY KEY)", "CREATE TABLE egg (hen INTEGER REFERENCES hen (id) DEFERRABLE INITIALLY DEFERRED)",
		} {
			if _, err := s.DB().ExecContext(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
		err := s.InTx(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), "INSERT INTO egg (hen) VALUES (7)")
			return err
		})
		var eggs int
		if e := s.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM egg").Scan(&eggs); err == nil || e != nil || eggs != 0 {
			t.Errorf("an egg without a hen: %v, %d eggs, %v", err, eggs, e)
		}
	})
}
