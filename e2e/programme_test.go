package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"granaio/store/storetest"
)

// shop is the shop's file, with parts replaced, in a file of its own.
func shop(t *testing.T, name string, replace ...string) string {
	t.Helper()
	src, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return written(t, name, strings.NewReplacer(replace...).Replace(string(src)))
}

func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// shell runs commands on one database.
type shell struct {
	t   *testing.T
	url string
}

// says runs a command that ends with a code, and whose output holds the words.
func (s shell) says(code int, words []string, arguments ...string) string {
	s.t.Helper()
	out, got := granaio(s.t, append(arguments, "--database-url", s.url)...)
	for _, w := range words {
		if !strings.Contains(out, w) {
			s.t.Errorf("%v says nothing of %q:\n%s", arguments, w, out)
		}
	}
	if got != code {
		s.t.Fatalf("%v ends with %d, not %d:\n%s", arguments, got, code, out)
	}
	return out
}

// A programme's life by the command line: what a file would change, a draft, a schedule, a pause, and the way back.
func TestAProgrammesLifeByTheCommandLine(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := shell{t, url}
		first, second := "testdata/shop.yaml", shop(t, "second.yaml", "points: 50", "points: 60", "price: 30", "price: 25")
		s.says(0, []string{"published version 1"}, "import", first)
		s.says(0, nil, "diff", first)
		s.says(1, []string{"--- shop, version 1, in force", "~ rule “welcome”\n    award.points: 50 → 60", "~ reward “mug”\n    price: 30 → 25"}, "diff", second)
		var told struct {
			Differences []struct {
				Kind, Key, Change string
				Fields            []struct {
					Path          string
					Before, After any
				}
			}
		}
		if err := json.Unmarshal([]byte(s.says(1, nil, "diff", "--json", second)), &told); err != nil || len(told.Differences) != 2 || told.Differences[1].Fields[0].After != 25.0 {
			t.Errorf("as JSON it is %+v, %v", told, err)
		}
		s.says(0, []string{"would publish version 2", "award.points: 50 → 60"}, "import", "--dry-run", second)
		s.says(0, nil, "diff", first)
		s.says(0, []string{"published version 2"}, "import", "--by", "anna", second)
		s.says(1, []string{"award.points: 50 → 60"}, "diff", "1", "2")
		if out := s.says(0, nil, "export", "shop", "--version", "1"); !strings.Contains(out, "points: 50") {
			t.Errorf("version 1 is %s", out)
		}

		// A draft, published for later, cancelled, and published at once.
		draft := written(t, "welcome.yaml", strings.Replace(s.says(0, nil, "definition", "show", "rule/welcome"), "points: 60", "points: 70", 1))
		s.says(1, []string{"there is rule “welcome” already, with 2 revisions"}, "definition", "draft", "rule", draft, "--expected", "0")
		s.says(0, []string{"saved"}, "definition", "draft", "rule", draft)
		s.says(0, []string{"rule/welcome     published  2         3      -"}, "definition", "list")
		s.says(0, []string{"version 3 comes into force at 2099-01-01T00:00:00Z"}, "version", "publish", "--at", "2099-01-01T00:00:00Z", "--note", "in a while")
		s.says(0, []string{"3        scheduled", "2        in_force", "1        past"}, "version", "list")
		s.says(0, []string{"version 3 never comes"}, "version", "cancel", "3")
		s.says(1, []string{"version 3 was dropped already"}, "version", "cancel", "3")
		s.says(0, []string{"award.points: 60 → 70", "version 5 is in force"}, "version", "publish", "rule/welcome")
		s.says(0, []string{"paused: true", "version 6 is in force"}, "definition", "pause", "rule/welcome", "--by", "bea")
		s.says(0, []string{"rule/welcome  paused"}, "definition", "list", "--state", "paused")
		s.says(1, []string{"the programme has no rule “welcom”"}, "definition", "pause", "rule/welcom")
		s.says(1, []string{"\"welcome\" does not name a definition"}, "definition", "pause", "welcome")
		s.says(0, []string{"version 7 is in force"}, "version", "rollback", "1")
		s.says(0, []string{"command:anna     published  rule/welcome", "command:bea      paused     rule/welcome", "drafted    rule/welcome"}, "version", "changes", "--limit", "500")
		s.says(0, nil, "diff", "1", "7")
		s.says(0, nil, "diff", first)
		s.says(2, []string{"there is no version 9"}, "diff", "1", "9")
		s.says(0, []string{"in force from 2099-01-01"}, "import", "--at", "2099-01-01T00:00:00Z", second)
		s.says(0, nil, "diff", first)
		s.says(1, []string{"price: 30 → 25"}, "diff", "7", "8")
	})
}

// Whatever file is given, it is told what is wrong with it and where, and nothing is saved.
func TestBadFilesAreRefused(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := shell{t, url}
		s.says(0, nil, "import", "testdata/shop.yaml")
		before := s.says(0, nil, "version", "changes", "--limit", "500")
		huge := written(t, "huge.yaml", "granaio: 1\n")
		if err := os.Truncate(huge, 100<<20); err != nil {
			t.Fatal(err)
		}
		laughs := "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
		for i := 'b'; i < 'k'; i++ {
			laughs += fmt.Sprintf("%c: &%[1]c [*%[2]c, *%[2]c, *%[2]c, *%[2]c, *%[2]c, *%[2]c, *%[2]c, *%[2]c, *%[2]c]\n", i, i-1)
		}
		wide := make([]byte, 0, 64)
		for _, c := range []byte("granaio: 1\nprogramme:\n") {
			wide = append(wide, c, 0)
		}
		for name, c := range map[string]struct {
			file  string
			words []string
		}{
			"100 MB":            {huge, []string{"huge.yaml: is too long: more than 4194304 bytes"}},
			"exploding anchors": {written(t, "laughs.yaml", laughs), []string{"laughs.yaml:1:4: the anchor &a: anchors are not taken", "laughs.yaml:10:8: the alias *i"}},
			"UTF-16":            {written(t, "wide.yaml", "\xff\xfe"+string(wide)), []string{"wide.yaml:1:1: is UTF-16: save it as UTF-8"}},
			"UTF-16, unmarked":  {written(t, "wide.yaml", string(wide)), []string{"wide.yaml:1:1: looks like UTF-16: save it as UTF-8"}},
			"Latin-1":           {shop(t, "latin.yaml", "A mug", "Un caff\xe8"), []string{"latin.yaml:19:73: the byte 0xE8 is not UTF-8"}},
			"a tab":             {shop(t, "tab.yaml", "  currency", "\tcurrency"), []string{"tab.yaml:5:1: not YAML: found"}},
			"a key twice":       {shop(t, "twice.yaml", "  currency: EUR\n", "  currency: EUR\n  currency: USD\n"), []string{"twice.yaml:6:3: programme.currency: is given twice: first in line 5"}},
			"another zone":      {shop(t, "zone.yaml", "Europe/Rome", "Europe/Athens"), []string{"zone.yaml:6:14: programme.time_zone: is Europe/Rome since the programme began"}},
			"a broken name":     {shop(t, "name.yaml", "price: 30", "price: 30, tier: gold"), []string{"name.yaml:19:91: rewards[0].tier: unknown tier “gold”"}},
			"never open":        {shop(t, "past.yaml", "rewards:\n", "  - {key: old, name: {en: Old}, on: [purchase], until: 2025-06-01, award: {points: 1}}\nrewards:\n"), []string{"past.yaml:18:56: rules[2].until: it never opens"}},
			"no file at all":    {t.TempDir(), []string{"is a directory"}},
		} {
			t.Run(name, func(t *testing.T) {
				s := shell{t, url}
				s.says(1, c.words, "import", c.file)
				s.says(1, c.words, "import", "--dry-run", c.file)
				if name != "another zone" && name != "never open" { // which no file can be wrong of by itself
					s.says(2, nil, "diff", c.file)
				}
			})
		}
		s.says(1, []string{"huge.yaml: is too long"}, "definition", "draft", "rule", huge)
		s.says(1, []string{"laughs.yaml:", "the anchor &a: anchors are not taken"}, "definition", "draft", "rule", written(t, "laughs.yaml", laughs))
		if after := s.says(0, nil, "version", "changes", "--limit", "500"); after != before {
			t.Errorf("something was saved:\n%s", after)
		}
	})
}

// endless is a file without an end.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	return copy(b, bytes.Repeat([]byte("- a\n"), len(b)/4+1)), nil
}

// What has no end is refused as soon as it is too long.
func TestAFileWithoutEndIsRefused(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, binary, "import", "--check", "-")
	command.Stdin = endless{}
	out, _ := command.CombinedOutput()
	if command.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "-: is too long: more than 4194304 bytes") {
		t.Errorf("it ends with %s:\n%s", command.ProcessState, out)
	}
}

// What is published through one process is in force in the other for its next transaction; what is scheduled, in both at its instant.
func TestAPublicationIsLiveInEveryProcess(t *testing.T) {
	url, data := storetest.URL(t, dialect.Postgres), t.TempDir()
	one, two := boot(t, data, url), boot(t, data, url)
	operator, email := one.as(one.tokens["operator"]), "both@example.com"
	operator.enrolled(t, email)
	there := two.as(one.tokens["operator"])
	shown := there.ask(t, `{ viewer { programme { lastVersion definition(ref: {name: {kind: RULE, key: "spend"}}) { inForce { yaml number } } } } }`, nil)
	text := shown.text("viewer.programme.definition.inForce.yaml")
	if !strings.Contains(text, "award:\n  points: 1\n") {
		t.Fatalf("the rule is %s", text)
	}
	gives := func(c *client, key string) int {
		t.Helper()
		points := 0
		a := c.ask(t, track, purchase(key, email, "10.00"))
		for i := 0; a.at(fmt.Sprintf("interactionTrack.outcome.movements.%d", i)) != nil; i++ {
			if a.text(fmt.Sprintf("interactionTrack.outcome.movements.%d.why.key", i)) == "spend" {
				points += a.number(fmt.Sprintf("interactionTrack.outcome.movements.%d.points", i))
			}
		}
		return points
	}
	publish := func(points, revision, version int, at any) {
		t.Helper()
		a := operator.ask(t, `mutation($draft: DefinitionDraftInput!, $publish: ProgrammePublishInput!) {
		  definitionDraft(input: $draft) { userErrors { message } problems { message } } programmePublish(input: $publish) { version { number } userErrors { message } } }`, variables{
			"draft":   variables{"kind": "RULE", "yaml": strings.Replace(text, "award:\n  points: 1\n", fmt.Sprintf("award:\n  points: %d\n", points), 1), "expectedRevision": revision},
			"publish": variables{"expectedVersion": version, "at": at},
		})
		if a.number("programmePublish.version.number") != version+1 {
			t.Fatalf("not published: %v", a.Data)
		}
	}
	if before := gives(there, "before"); before != 10 {
		t.Fatalf("10 € give %d", before)
	}
	version := shown.number("viewer.programme.lastVersion")
	publish(2, shown.number("viewer.programme.definition.inForce.number"), version, nil)
	if here, beside := gives(operator, "here"), gives(there, "there"); here != 20 || beside != 20 {
		t.Errorf("once it is published 10 € give %d here and %d there", here, beside)
	}
	soon := time.Now().Add(2 * time.Second)
	publish(3, shown.number("viewer.programme.definition.inForce.number")+1, version+1, soon.Format(time.RFC3339Nano))
	if early := gives(there, "early"); early != 20 && time.Now().Before(soon) {
		t.Errorf("before its instant 10 € give %d", early)
	}
	time.Sleep(time.Until(soon) + 20*time.Millisecond)
	if here, beside := gives(there, "then there"), gives(operator, "then here"); here != 30 || beside != 30 {
		t.Errorf("at its instant 10 € give %d there and %d here", here, beside)
	}
}
