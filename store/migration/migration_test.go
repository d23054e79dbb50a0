package migration_test

import (
	"slices"
	"testing"

	"entgo.io/ent/dialect"

	"granaio/ent/migrate"
	"granaio/store"
	"granaio/store/migration"
	"granaio/store/storetest"
)

// A change of ent/schema without its migration would reach nobody's database.
func TestTheMigrationsMakeWhatEntSaysAndNothingElse(t *testing.T) {
	for _, d := range []string{dialect.SQLite, dialect.Postgres} {
		t.Run(d, func(t *testing.T) {
			s, err := store.Open(t.Context(), store.Config{URL: storetest.EmptyURL(t, d)})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			missing, err := migration.Difference(t.Context(), s.DB(), d, migration.Files(d))
			if err != nil {
				t.Fatal(err)
			}
			if missing != "" {
				t.Errorf("the migrations lack this (make migration NAME=what_changed):\n%s", missing)
			}
		})
	}
}

// The comparison above does not see a table that the schema has dropped.
func TestTheMigrationsLeaveNoOtherTables(t *testing.T) {
	want := []string{"goose_db_version"}
	for _, table := range migrate.Tables {
		want = append(want, table.Name)
	}
	slices.Sort(want)
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1`
		if s.Dialect() == dialect.Postgres {
			query = `SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`
		}
		if got := texts(t, s, query); !slices.Equal(got, want) {
			t.Errorf("the tables are\n%v\nwant\n%v", got, want)
		}
	})
}

// A foreign key costs each insert a look at another table, and a lock on its row, which members' accounts would queue for.
func TestWhatEveryInteractionWritesHasNoForeignKeys(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		query := `SELECT DISTINCT m.name FROM sqlite_master m, pragma_foreign_key_list(m.name) WHERE m.type = 'table'`
		if s.Dialect() == dialect.Postgres {
			query = `SELECT DISTINCT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f'`
		}
		with := texts(t, s, query)
		for _, table := range []string{"commands", "interactions", "movements", "postings", "lots", "working_states"} {
			if slices.Contains(with, table) {
				t.Errorf("%s has a foreign key", table)
			}
		}
		if !slices.Contains(with, "identities") {
			t.Errorf("identities has lost its foreign key; with one are %v", with)
		}
	})
}

func TestRowsThatAreUpdatedOftenHaveRoomOnTheirPage(t *testing.T) {
	s := storetest.On(t, dialect.Postgres)
	got := texts(t, s, `SELECT relname || ' ' || reloptions::text FROM pg_class WHERE reloptions::text LIKE '%fillfactor%' AND relkind = 'r' ORDER BY 1`)
	if want := []string{"accounts {fillfactor=70}", "working_states {fillfactor=70}"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func texts(t *testing.T, s *store.Store, query string) []string {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var found []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		found = append(found, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}
