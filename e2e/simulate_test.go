package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"entgo.io/ent/dialect"

	"granaio/store/storetest"
)

// Three processes replay a history into one database at once; a fourth tells what it would have come to under another programme.
func TestReplayByThreeAndSimulate(t *testing.T) {
	url, folder := storetest.URL(t, dialect.Postgres), t.TempDir()
	run := func(arguments ...string) string {
		out, code := granaio(t, append(arguments, "--database-url", url)...)
		if code != 0 {
			t.Errorf("%v: exit %d\n%s", arguments, code, out)
		}
		return out
	}
	run("import", "../replay/testdata/cdnow.yaml")
	var parts [3]strings.Builder
	for customer := range 60 {
		for n := range 6 { // a dollar more each time, on the first six days of April
			fmt.Fprintf(&parts[(customer+n)%3], "%05d 199704%02d 1 %d.50\n", customer, n+1, 10+n)
		}
	}
	var all sync.WaitGroup
	for i := range parts {
		file := filepath.Join(folder, fmt.Sprintf("part-%d.txt", i))
		if err := os.WriteFile(file, []byte(parts[i].String()), 0o600); err != nil {
			t.Fatal(err)
		}
		all.Go(func() { run("replay", file, "--touchpoint", "shop", "--amount", "4", "--batch", "7") })
	}
	all.Wait()
	run("check")

	src, err := os.ReadFile("../replay/testdata/cdnow.yaml")
	if err != nil {
		t.Fatal(err)
	}
	draft := filepath.Join(folder, "draft.yaml")
	if err := os.WriteFile(draft, []byte(strings.Replace(string(src), `points: 1, per: "1.00"`, `points: 2, per: "1.00"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	var r struct {
		Interactions, Members, Touched, Astray int64
		Actual, Draft                          struct {
			Awarded int64
			Cost    string
		}
	}
	out := run("simulate", "--from", "1997-04-01", "--until", "1997-05-01", "--draft", draft, "--point-value", "0.01", "--json")
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// Each is given 10 for joining, 50 for the first purchase, 100 for three in a month and 10 + 11 + … + 15 for spending; by the draft twice that, and one for each
	// two halves of a dollar.
	const spent = 60 * (10 + 11 + 12 + 13 + 14 + 15)
	if r.Astray != 0 || r.Interactions != 60*7 || r.Members != 60 || r.Touched != 60 || r.Actual.Awarded != 60*160+spent || r.Draft.Awarded != 60*(160+6)+2*spent || r.Actual.Cost != "141" {
		t.Errorf("%+v", r)
	}
	if table := run("simulate", "--from", "1997-04-01", "--published"); !strings.Contains(table, "60 members, 0 of them touched") || strings.Contains(table, "not exact") {
		t.Error(table)
	}
	if out, code := granaio(t, "simulate", "--from", "1997-05-01", "--until", "1997-04-01", "--database-url", url); code != 1 || !strings.Contains(out, "empty") {
		t.Errorf("an empty period: exit %d\n%s", code, out)
	}
}
