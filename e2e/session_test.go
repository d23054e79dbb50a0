package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"granaio/store/storetest"
)

// A newcomer's first session: an empty database, the example programme, the tokens that the server prints; and the next start finds everything as it was.
func TestFirstSession(t *testing.T) {
	for _, dialect := range []string{"sqlite3", "postgres"} {
		t.Run(dialect, func(t *testing.T) {
			url, data := storetest.EmptyURL(t, dialect), t.TempDir()
			s := boot(t, data, url)
			member, operator, partner := s.as(s.tokens["member"]), s.as(s.tokens["operator"]), s.as(s.tokens["partner"])
			home := `{ viewer { programme { key } member { id account { available } movements(first: 1) { totalCount } } } }`
			first := member.ask(t, home, nil)
			if first.text("viewer.programme.key") != "chicchi" || first.number("viewer.member.account.available") <= 0 {
				t.Fatalf("Ada's first look: %v", first.Data)
			}
			a := partner.ask(t, track, purchase("receipt 1", "ada@example.com", "42.50"))
			if a.number("interactionTrack.outcome.movements.0.points") <= 0 || a.text("interactionTrack.outcome.movements.0.why.sentence") == "" {
				t.Fatalf("the purchase: %v", a.Data)
			}
			if again := partner.ask(t, track, purchase("receipt 1", "ada@example.com", "42.50")); again.at("interactionTrack.outcome.duplicate") != true {
				t.Errorf("sent again: %v", again.Data)
			}
			if denied, _, err := partner.try(`{ viewer { partner { member(ref: { identity: { kind: EMAIL, value: "ada@example.com" } }) { id identities { value } } } } }`, nil); err != nil || denied.code() != "FORBIDDEN" {
				t.Errorf("the partner sees personal data: %v %v", denied, err)
			}
			if out, code := granaio(t, "replay", "../examples/history.csv", "--delimiter", ",", "--header", "--property", "items=items", "--touchpoint", "till", "--database-url", url); code != 0 {
				t.Fatalf("replay: %s", out)
			}
			people := operator.ask(t, `{ viewer { operator { members(first: 1) { totalCount } } } }`, nil)
			if people.number("viewer.operator.members.totalCount") != 301 {
				t.Errorf("the operator sees %v members", people.at("viewer.operator.members.totalCount"))
			}
			before := member.ask(t, home, nil)
			if code := s.stop(t); code != 0 {
				t.Errorf("it ended with %d", code)
			}

			s = boot(t, data, url)
			member = s.as(member.token)
			if after := member.ask(t, home, nil); after.number("viewer.member.account.available") != before.number("viewer.member.account.available") ||
				after.number("viewer.member.movements.totalCount") != before.number("viewer.member.movements.totalCount") {
				t.Errorf("after the next start: %v, before: %v", after.Data, before.Data)
			}
			if _, status, _ := s.as("not a token").try(home, nil); status != http.StatusUnauthorized {
				t.Errorf("a bad token is answered with %d", status)
			}
			if out, code := granaio(t, "check", "--database-url", url); code != 0 {
				t.Errorf("check: %s", out)
			}
		})
	}
}

// A file with mistakes is told all of them with their places, and changes nothing.
func TestImportTellsEveryMistake(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		src, err := os.ReadFile("testdata/shop.yaml")
		if err != nil {
			t.Fatal(err)
		}
		wrong := strings.NewReplacer("on: [purchase]", "on: [purchse]", "price: 30", "prize: 30").Replace(string(src))
		file := filepath.Join(t.TempDir(), "wrong.yaml")
		if err := os.WriteFile(file, []byte(wrong), 0o600); err != nil {
			t.Fatal(err)
		}
		out, code := granaio(t, "import", "--database-url", url, file)
		if code == 0 || !strings.Contains(out, "wrong.yaml:17:") || !strings.Contains(out, "wrong.yaml:19:") || !strings.Contains(out, "purchase") {
			t.Errorf("exit %d:\n%s", code, out)
		}
		if out, code := granaio(t, "export", "shop", "--database-url", url); code == 0 {
			t.Errorf("something was published:\n%s", out)
		}
		for range 2 {
			if out, code = granaio(t, "import", "--database-url", url, "testdata/shop.yaml"); code != 0 {
				t.Fatalf("import: %s", out)
			}
		}
		if !strings.Contains(out, "unchanged") {
			t.Errorf("the same file again: %s", out)
		}
	})
}
