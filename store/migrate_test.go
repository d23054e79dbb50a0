package store_test

import (
	"errors"
	"testing"

	"entgo.io/ent/dialect"
	"golang.org/x/sync/errgroup"

	"granaio/store"
	"granaio/store/storetest"
)

func TestProcessesThatStartTogetherMigrateOnce(t *testing.T) {
	for _, d := range []string{dialect.SQLite, dialect.Postgres} {
		t.Run(d, func(t *testing.T) {
			url := storetest.EmptyURL(t, d)
			var group errgroup.Group
			applied := make(chan int, 3)
			for range cap(applied) {
				group.Go(func() error {
					s, err := store.Open(t.Context(), store.Config{URL: url})
					if err != nil {
						return err
					}
					files, err := s.Migrate(t.Context())
					applied <- len(files)
					return errors.Join(err, s.Close())
				})
			}
			if err := group.Wait(); err != nil {
				t.Fatal(err)
			}
			close(applied)
			migrated := 0
			for n := range applied {
				if n > 0 {
					migrated++
				}
			}
			if migrated != 1 {
				t.Errorf("%d of the processes applied migrations, want one", migrated)
			}
		})
	}
}

func TestADatabaseThatIsCurrentIsLeftAsItIs(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		var stores [2]*store.Store // the second one migrates while the first one works: a tool beside a server
		for i := range stores {
			s, err := store.Open(t.Context(), store.Config{URL: url})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			stores[i] = s
		}
		if files, err := stores[1].Migrate(t.Context()); err != nil || len(files) > 0 {
			t.Errorf("applied %v, %v", files, err)
		}
	})
}
