package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"granaio/auth"
	"granaio/ent"
	"granaio/ent/programme"
	"granaio/loyalty/fact"
	"granaio/store"
	"granaio/store/storetest"
)

// The engine writes many rows in one statement, from a JSON document. What it writes and what ent writes must be the same to every reader.
func TestTimesAndIDsInsideAJSONParameterReadBackAsTheyWere(t *testing.T) {
	instants := []time.Time{
		time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC),
		time.Date(2026, 3, 29, 1, 0, 0, 1000, time.UTC),
		time.Date(2026, 3, 29, 1, 0, 0, 500_000_000, time.UTC),
		time.Date(2026, 3, 29, 1, 0, 0, 510_000_000, time.UTC),
		time.Date(2026, 3, 29, 1, 0, 0, 999_999_000, time.UTC),
		time.Date(2026, 3, 29, 4, 0, 1, 0, time.FixedZone("", 3*3600)), // 01:00:01 UTC
		time.Date(2026, 12, 31, 23, 59, 59, 123_456_789, time.UTC),     // cut to the microsecond
	}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := auth.System(t.Context(), fact.ID{})
		type row struct {
			ID      string `json:"id"`
			Key     string `json:"key"`
			Created string `json:"created"`
		}
		var rows []row
		for i, at := range instants {
			if i%2 == 0 { // every other one through ent
				s.Ent().Programme.Create().SetKey(fmt.Sprint(i)).SetCurrency("EUR").SetCreatedAt(fact.Instant(at)).SaveX(ctx)
				continue
			}
			rows = append(rows, row{fact.NewID(fact.KindProgramme).UUID(), fmt.Sprint(i), store.Time(at)})
		}
		document, err := json.Marshal(rows)
		if err != nil {
			t.Fatal(err)
		}
		statement := `INSERT INTO programmes (id, key, currency, secret, created_at)
			SELECT value->>'id', value->>'key', 'EUR', 'secret', value->>'created' FROM json_each($1)`
		if s.Dialect() == dialect.Postgres {
			statement = `INSERT INTO programmes (id, key, currency, secret, created_at)
				SELECT id, key, 'EUR', 'secret', created FROM json_to_recordset($1) AS r (id uuid, key text, created timestamptz)`
		}
		if _, err := s.DB().ExecContext(ctx, statement, string(document)); err != nil {
			t.Fatal(err)
		}
		found := s.Ent().Programme.Query().Order(ent.Asc(programme.FieldCreatedAt)).AllX(ctx)
		if len(found) != len(instants) {
			t.Fatalf("%d rows, want %d", len(found), len(instants))
		}
		for i, p := range found {
			if want := fact.Instant(instants[i]); p.Key != fmt.Sprint(i) || !p.CreatedAt.Equal(want) || p.CreatedAt.Location() != time.UTC {
				t.Errorf("row %d is %q at %v, want %v", i, p.Key, p.CreatedAt, want)
			}
			if p.ID.Kind() != fact.KindProgramme {
				t.Errorf("row %d has the id %v", i, p.ID)
			}
		}
		at := store.Time(instants[3])
		if n := s.Ent().Programme.Query().Where(programme.CreatedAtGT(fact.Instant(instants[3]))).CountX(ctx); n != 3 {
			t.Errorf("%d rows are later than %s, want 3", n, at)
		}
	})
}

func TestEntShowsNothingToAContextWithoutAViewer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if _, err := s.Ent().Member.Query().All(t.Context()); err == nil {
			t.Error("a query without a viewer was answered: the interceptors of ent/schema are not in force")
		}
		if _, err := s.Ent().Programme.Create().SetKey("k").SetCurrency("EUR").Save(t.Context()); err == nil {
			t.Error("a row was written without a viewer: the policies of ent/schema are not in force")
		}
	})
}

func TestASQLiteFileAndItsFolderAreMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder #1?", "b%20c", "granaio.db")
	path = strings.ReplaceAll(path, "?", "") // a question mark begins the options
	s, err := store.Open(t.Context(), store.Config{URL: path})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of people's data is open to others: %v, %v", info.Mode(), err)
	}
}

// Each of these was, left out, the cause of lost writes, broken references or broken times.
func TestASQLiteFileIsOpenedWithWhatGranaioReliesOn(t *testing.T) {
	s, err := store.Open(t.Context(), store.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "x.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"} {
		var got string
		if err := s.DB().QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, want %q (%v)", pragma, got, want, err)
		}
	}
}

func TestAPostgreSQLSessionIsInUTCWhateverTheServerIs(t *testing.T) {
	url := storetest.URL(t, dialect.Postgres)
	for _, address := range []string{url, url + "&timezone=Asia/Tokyo"} {
		s, err := store.Open(t.Context(), store.Config{URL: address})
		if err != nil {
			t.Fatal(err)
		}
		var zone, name string
		if err := s.DB().QueryRowContext(t.Context(), `SELECT current_setting('timezone'), current_setting('application_name')`).
			Scan(&zone, &name); err != nil || zone != "UTC" || name != "granaio" {
			t.Errorf("zone %q, name %q, %v", zone, name, err)
		}
		_ = s.Close()
	}
}

func TestAnAddressThatCannotBeOpenedIsRefusedWithoutItsPassword(t *testing.T) {
	for address, want := range map[string]string{
		"":                              "no database is named",
		"mysql://root:hunter2@h/d":      `"mysql" is not supported`,
		"file::memory:":                 "in memory is not supported",
		"x.db?_synchronous=%zz":         "the options of x.db",
		"postgres://u:hunter2@h:port/d": "not a well-formed postgres:// address",
		"postgres://u:hunter2@localhost:1/d?connect_timeout=1&sslmode=disable": "cannot open postgres://u:xxxxx@localhost:1/d",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		_, err := store.Open(ctx, store.Config{URL: address})
		cancel()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v, want … %s …", address, err, want)
		}
	}
}
