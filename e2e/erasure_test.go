package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect"

	"granaio/ent/migrate"
	"granaio/store"
	"granaio/store/storetest"
)

// Ada fetches her file and is erased. Then a backup is restored in which she is still there, with somebody whom she had absorbed and somebody whom she was yet to absorb; the list that was
// kept beside it has all of her erased again, with the right sums, and nothing is left in any row.
func TestErasuresAreDoneAgainAfterABackupIsRestored(t *testing.T) {
	for _, d := range []string{dialect.SQLite, dialect.Postgres} {
		t.Run(d, func(t *testing.T) {
			address, data, list := storetest.EmptyURL(t, d), t.TempDir(), filepath.Join(t.TempDir(), "erasures")
			s := boot(t, data, address)
			tokens := s.tokens
			ada := s.as(tokens["member"])
			id, path := ada.ask(t, `{ viewer { member { id export { path } } } }`, nil).text("viewer.member.id"), ada.ask(t, `{ viewer { member { export { path } } } }`, nil).text("viewer.member.export.path")
			if file := fetch(t, s.url+path, tokens["member"]); !strings.Contains(string(file), "ada@example.com") || !json.Valid(file) {
				t.Errorf("Ada's file: %s", file)
			}
			anna := s.as(tokens["operator"])
			anna.joins(t, "augusta")
			anna.joins(t, "byron")
			anna.merges(t, "augusta", id)
			if code := s.stop(t); code != 0 {
				t.Fatalf("it ended with %d", code)
			}
			backup := restored(t, d, address)
			if found := rows(t, backup, "augusta", "byron"); len(found) != 3 {
				t.Fatalf("the backup has them in %v", found)
			}

			s = boot(t, data, address)
			s.as(tokens["operator"]).merges(t, "byron", id)
			erased := s.as(tokens["operator"]).ask(t, `mutation($id: ID!) { memberErase(input: {idempotencyKey: "ada", member: {id: $id}}) { userErrors { code } member { status account { available } } } }`, variables{"id": id})
			if erased.text("memberErase.member.status") != "ERASED" || erased.number("memberErase.member.account.available") != 0 {
				t.Fatalf("%v", erased.Data)
			}
			s.stop(t)
			shell{t, address}.says(0, []string{"3 erasures are listed"}, "erasures", "export", list)
			if text, err := os.ReadFile(list); err != nil || !strings.Contains(string(text), id) || strings.Contains(string(text), "ada") {
				t.Errorf("the list: %s, %v", text, err)
			}
			again := shell{t, backup}
			again.says(0, []string{"2 members are erased again; 1 were erased already, and 0 are not"}, "erasures", "replay", list) // with her, Augusta was
			again.says(0, []string{"0 members are erased again; 3 were erased already"}, "erasures", "replay", list)
			for _, url := range []string{address, backup} {
				if found := rows(t, url, "augusta", "byron", "ada@example.com"); len(found) > 0 {
					t.Errorf("what was erased is in %v", found)
				}
			}
			again.says(0, nil, "check")
			if out := again.says(0, nil, "erasures", "export"); !strings.Contains(out, id) {
				t.Errorf("the restored database lists %s", out)
			}
			again.says(1, []string{"there is no member"}, "token", "--member", "email:ada@example.com")
			again.says(0, []string{"swept up"}, "erasures", "sweep", "--full")
			if err := os.WriteFile(list, []byte("ada\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			again.says(1, []string{"line 1 is no erasure"}, "erasures", "replay", list)
		})
	}
}

// joins enrols somebody of whom something is known.
func (c *client) joins(t *testing.T, name string) {
	t.Helper()
	a := c.ask(t, `mutation($name: String!, $address: String!, $pet: JSON!) {
  memberEnrol(input: {idempotencyKey: $name, touchpoint: "web", identities: [{kind: EMAIL, value: $address}], dependents: [{kind: "pet", attributes: $pet}]}) { userErrors { field message } member { id } } }`,
		map[string]any{"name": name, "address": name + "@example.com", "pet": map[string]any{"name": name}})
	if a.text("memberEnrol.member.id") == "" {
		t.Fatalf("%v", a.Data)
	}
}

// merges has a member absorb somebody.
func (c *client) merges(t *testing.T, name, into string) {
	t.Helper()
	a := c.ask(t, `mutation($key: String!, $address: String!, $into: ID!) {
  memberMerge(input: {idempotencyKey: $key, from: {identity: {kind: EMAIL, value: $address}}, into: {id: $into}, reason: "one person"}) { userErrors { field message } member { id } } }`,
		map[string]any{"key": name + " is Ada", "address": name + "@example.com", "into": into})
	if a.text("memberMerge.member.id") != into {
		t.Fatalf("%v", a.Data)
	}
}

// rows are the tables of a database that hold some of the words.
func rows(t *testing.T, url string, words ...string) (found []string) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, table := range migrate.Tables {
		all, err := db.DB().QueryContext(t.Context(), "SELECT * FROM "+table.Name)
		if err != nil {
			t.Fatal(err)
		}
		columns, _ := all.Columns()
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		for all.Next() {
			if err := all.Scan(into...); err != nil {
				t.Fatal(err)
			}
			row := strings.ToLower(fmt.Sprintf("%s", values))
			if !slices.Contains(found, table.Name) && slices.ContainsFunc(words, func(w string) bool { return strings.Contains(row, w) }) {
				found = append(found, table.Name)
			}
		}
		if err := errors.Join(all.Err(), all.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func fetch(t *testing.T, address, token string) []byte {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%d, %v: %s", response.StatusCode, err, body)
	}
	return body
}

// restored is a copy of a database that nobody has open.
func restored(t *testing.T, d, address string) string {
	t.Helper()
	if d == dialect.SQLite {
		path, options, _ := strings.Cut(address, "?")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		backup := filepath.Join(t.TempDir(), "backup.db")
		if err := os.WriteFile(backup, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return strings.TrimSuffix(backup+"?"+options, "?")
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	beside, err := store.Open(t.Context(), store.Config{URL: storetest.EmptyURL(t, d)})
	if err != nil {
		t.Fatal(err)
	}
	do := func(text string) {
		if _, err := beside.DB().Exec(text); err != nil {
			t.Error(err)
		}
	}
	do(`CREATE DATABASE "` + name + `_backup" TEMPLATE "` + name + `"`)
	t.Cleanup(func() {
		do(`DROP DATABASE "` + name + `_backup" WITH (FORCE)`)
		_ = beside.Close()
	})
	u.Path += "_backup"
	return u.String()
}
