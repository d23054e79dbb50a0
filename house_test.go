package main_test

import (
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type line struct {
	who string
	may []string
	why string
}

// Who may import whom. The first line that names a package decides for it; a package that no line names is refused, so that whoever adds one
// says what it is for. Names are below the module's; "x/..." is x and all below it, "*" is one name, "." is the root.
//
// What a package may always import: itself, that is, what lies below the same line's name (rule/internal by rule).
var house = []line{
	{".", []string{"app"}, "the root parses the command line, builds app and runs it"},
	{"app", []string{"..."}, "app wires everything: nothing else may"},

	{"loyalty/fact", nil, "the leaf that everything shares"},
	{"loyalty/expr", []string{"loyalty/fact"}, "a leaf: expressions know no noun"},
	{"loyalty/why", []string{"loyalty/fact"}, "a leaf: explanations are written by every noun that moves points"},
	{"loyalty/schedule", []string{"loyalty/fact"}, "a leaf: what recurs knows no noun"},
	{"loyalty/*/...", []string{"loyalty/fact", "loyalty/expr", "loyalty/schedule", "loyalty/why"}, "nouns import leaves and never each other: they meet in loyalty alone"},
	{"loyalty", []string{"loyalty/..."}, "the only place where nouns meet; pure, so it knows no database and no network"},

	{"auth", []string{"loyalty/fact"}, "who is calling is a leaf: ent's policies ask it, so it cannot know ent"},
	{"observe", []string{"auth"}, "logs and metrics know who is calling, and nothing of what is done"},
	{"ent/schema", []string{"auth", "loyalty/fact", "ent/intercept", "ent/privacy"}, "tables and who may see which rows; no rule of the business"},
	{"ent/...", []string{"auth", "loyalty/fact"}, "generated from ent/schema"},
	{"store/...", []string{"auth", "ent/...", "loyalty/fact"}, "opens databases; it knows the tables and not what they mean"},
	{"proof", []string{"store", "ent/...", "loyalty/fact", "loyalty/ledger"}, "checks the books from outside: it shares no code with who wrote them"},
	{"proof/machine", nil, "nothing but tests, of the whole engine against a model"},
	{"proof/mutants", nil, "breaks a copy of the source, and imports none of it"},

	{"live", []string{"auth", "loyalty/...", "observe"}, "a door out: it carries what the engine announces, and knows neither the engine nor the database"},
	{"notify", []string{"auth", "ent/...", "live", "loyalty/...", "observe", "store"}, "a door out: it knows neither the engine nor any door in"},
	{"dossier", []string{"auth", "ent/...", "loyalty/fact", "store"}, "where a member is stored: its file and its erasure; it decides nothing"},
	{"engine", []string{"auth", "dossier", "ent/...", "live", "loyalty/...", "observe", "store"}, "loads, decides, saves, announces; programmes come to it through an interface"},
	{"programme", []string{"auth", "ent/...", "loyalty/...", "observe", "store"}, "programmes as data; what members do with them is the engine's"},

	{"graph/...", []string{"auth", "dossier", "ent/...", "engine", "live", "loyalty/...", "observe", "programme", "rebuild", "simulate", "task"},
		"a door: it reads through ent, changes a member through engine and a programme through programme, and no other door"},
	{"ingest/...", []string{"auth", "engine", "loyalty/...", "observe", "programme"}, "a door: it turns CDP events into interactions for the engine, and knows no other door"},
	{"clock/...", []string{"auth", "ent/...", "engine", "loyalty/...", "observe", "programme", "proof", "store"}, "the door for time: what is due goes to the engine, what is to be proved to proof; it knows no other door"},
	{"replay/...", []string{"auth", "engine", "loyalty/...", "observe", "programme"}, "a door for files of past interactions: they go to the engine; it knows no other door"},

	{"simulate", []string{"auth", "ent/...", "loyalty/...", "programme", "store", "task"}, "tells what would have been: it reads the past and decides it anew as loyalty does; it writes nothing, so it knows no engine"},
	{"rebuild", []string{"auth", "ent/...", "engine", "loyalty/...", "programme", "task"}, "works metrics out anew: whom it is about it reads, what is to be done goes to the engine"},
	{"task", []string{"auth", "ent/...", "loyalty/fact", "observe", "store"}, "long work as rows with a lease; what is to be done is handed in"},

	{"web", nil, "files for browsers, embedded"},
	{"examples", nil, "programmes and purchases as data, embedded"},
	{"examples/...", []string{"loyalty/fact"}, "what makes the example data"},
	{"e2e/...", []string{"..."}, "boots the whole program"},
	{"bench/...", []string{"..."}, "measures the whole program"},
	{"soak/...", []string{"loyalty/fact", "proof", "store"}, "breaks the whole program from outside: it shares no code with what it checks"},
}

// Who may use which libraries and parts of the standard library. What is not named here is free.
var libraries = []struct {
	name string
	who  []string
	why  string
}{
	{"cel.dev/...", []string{"loyalty/expr"}, "one environment, with its cost bounds, compiles every expression"},
	{"github.com/shopspring/decimal", []string{"loyalty/fact", "loyalty/rule", "graph/...", "ingest/...", "replay", "simulate"}, "numbers with a point come in by the doors, become money in fact and factors in rules; within, all is whole"},
	{"github.com/99designs/gqlgen/...", []string{"graph/..."}, "GraphQL ends at its door"},
	{"github.com/vektah/gqlparser/...", []string{"graph/..."}, "GraphQL ends at its door"},
	{"github.com/coder/websocket", []string{"graph/...", "bench/..."}, "sockets end at the door"},
	{"github.com/nats-io/...", []string{"live"}, "what carries announcements can be changed in one place"},
	{"github.com/golang-jwt/...", []string{"auth"}, "tokens are read and signed in one place, with the algorithms pinned"},
	{"github.com/lib/pq/...", []string{"store/...", "bench/..."}, "a database's errors and options are known in one place"},
	{"modernc.org/...", []string{"store/...", "bench/..."}, "a database's errors and options are known in one place"},
	{"github.com/pressly/goose/...", []string{"store/..."}, "migrations are applied in one place"},
	{"ariga.io/...", []string{"store/migration/..."}, "migrations are generated in one place"},
	{"entgo.io/...", []string{"app", "ent/...", "store/...", "engine", "programme", "graph/...", "clock/...", "dossier", "notify", "proof", "rebuild", "task", "bench/..."}, "the domain, and who is calling, know no database"},
	{"database/sql", []string{"app", "ent/...", "store/...", "engine", "programme", "clock/...", "dossier", "notify", "proof", "simulate", "task", "bench/..."}, "doors read through ent; the domain reads nothing"},
	{"database/sql/driver", []string{"loyalty/fact", "store/...", "ent/...", "engine"}, "an id says how a database takes it"},
}

// impure is what the domain never uses: the same programme, state, interaction and instant must give the same effects everywhere.
var impure = []string{"net/...", "os/...", "log/...", "math/rand/...", "syscall", "unsafe", "testing/...", "database/sql"}

const module = "granaio"

func TestWhoMayImportWhom(t *testing.T) {
	found := 0
	err := filepath.WalkDir(".", func(dir string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || !entry.IsDir():
			return err
		case dir != "." && strings.ContainsAny(entry.Name()[:1], "._") || entry.Name() == "testdata" || entry.Name() == "node_modules":
			return fs.SkipDir
		}
		p, err := build.ImportDir(dir, 0)
		if _, empty := errors.AsType[*build.NoGoError](err); empty {
			return nil
		}
		if err != nil {
			return err
		}
		found++
		p.ImportPath = path.Join(module, filepath.ToSlash(dir))
		for _, complaint := range complaints(p) {
			t.Error(complaint)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 20 {
		t.Errorf("only %d packages were found", found)
	}
}

// complaints are the rules that a package breaks.
func complaints(p *build.Package) (broken []string) {
	name := local(p.ImportPath)
	complain := func(format string, args ...any) { broken = append(broken, name+": "+fmt.Sprintf(format, args...)) }

	at := slices.IndexFunc(house, func(l line) bool { return matches(l.who, name) })
	if at < 0 {
		complain("no line of the house names it; say in house_test.go what it is for and whom it may import")
		return broken
	}
	own := house[at]
	pure := matches("loyalty/...", name)
	for _, imported := range p.Imports {
		if ours := local(imported); ours != "" {
			if !anyMatches(own.may, ours) && !matches(within(own.who, name), ours) {
				complain("may not import %s: %s", ours, own.why)
			}
			continue
		}
		for _, library := range libraries {
			if matches(library.name, imported) && !anyMatches(library.who, name) {
				complain("may not use %s: %s", imported, library.why)
			}
		}
		if pure && anyMatches(impure, imported) {
			complain("may not use %s: the domain is pure", imported)
		}
		if pure && strings.Contains(strings.Split(imported, "/")[0], ".") && !anyLibrary(imported) {
			complain("may not use %s: the domain uses the standard library, CEL and decimals", imported)
		}
	}
	if pure {
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			if ours := local(imported); ours != "" && !matches("loyalty/...", ours) {
				complain("its tests may not import %s: the domain is tested as a function", ours)
			}
		}
	}
	return broken
}

// anyLibrary tells whether the libraries' own rules name a library that the domain may have somewhere.
func anyLibrary(imported string) bool {
	return matches("cel.dev/...", imported) || imported == "github.com/shopspring/decimal"
}

// local is an import path below the module: "." for the root, empty for another module's.
func local(imported string) string {
	if imported == module {
		return "."
	}
	rest, ok := strings.CutPrefix(imported, module+"/")
	if !ok {
		return ""
	}
	return rest
}

// within is the pattern of what belongs to the same line as the package: loyalty/rule/... for loyalty/rule, by the line loyalty/*/...
func within(who, name string) string {
	who = strings.TrimSuffix(who, "/...")
	parts := strings.Split(name, "/")
	return strings.Join(parts[:min(len(parts), strings.Count(who, "/")+1)], "/") + "/..."
}

// matches tells whether a pattern names a package or library.
func matches(pattern, name string) bool {
	if pattern == "..." {
		return true
	}
	pattern, deep := strings.CutSuffix(pattern, "/...")
	want, have := strings.Split(pattern, "/"), strings.Split(name, "/")
	if len(have) < len(want) || len(have) > len(want) && !deep {
		return false
	}
	for i, part := range want {
		if part != "*" && part != have[i] {
			return false
		}
	}
	return true
}

func anyMatches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, name) })
}

// The rules above would be worth nothing if they let everything pass.
func TestTheRulesSeeWhatTheyAreFor(t *testing.T) {
	for _, c := range []struct {
		who, imports, complaint string // an empty complaint: it may
	}{
		{"loyalty/rule", "granaio/loyalty/mission", "never each other"},
		{"loyalty/rule", "granaio/loyalty/rule/curve", ""},
		{"loyalty/rule", "granaio/loyalty/why", ""},
		{"loyalty/fact", "granaio/loyalty/expr", "the leaf"},
		{"loyalty/ledger", "granaio/loyalty", "never each other"},
		{"loyalty", "granaio/loyalty/mission", ""},
		{"loyalty", "granaio/ent", "no database"},
		{"loyalty", "net/http", "the domain is pure"},
		{"loyalty", "database/sql", "the domain is pure"},
		{"loyalty/tier", "os", "the domain is pure"},
		{"loyalty/tier", "github.com/nats-io/nats.go", "may not use"},
		{"loyalty/tier", "github.com/google/uuid", "the standard library, CEL and decimals"},
		{"loyalty/tier", "cel.dev/cel-go/cel", "one environment"},
		{"loyalty/expr", "cel.dev/cel-go/cel", ""},
		{"auth", "granaio/ent", "cannot know ent"},
		{"auth", "entgo.io/ent", "know no database"},
		{"ent/schema", "granaio/engine", "no rule of the business"},
		{"engine", "granaio/programme", "through an interface"},
		{"engine", "granaio/graph", "may not import"},
		{"graph", "granaio/ingest", "no other door"},
		{"graph/transport", "granaio/clock", "no other door"},
		{"graph/transport", "granaio/graph/fault", ""},
		{"graph", "granaio/store", "reads through ent"},
		{"ingest", "granaio/graph/scalar", "no other door"},
		{"clock", "granaio/graph", "no other door"},
		{"live", "granaio/engine", "neither the engine"},
		{"store/storetest", "granaio/engine", "not what they mean"},
		{"programme", "granaio/engine", "the engine's"},
		{".", "granaio/engine", "runs it"},
		{".", "granaio/app", ""},
		{"app", "granaio/clock", ""},
		{"graph", "github.com/lib/pq", "one place"},
		{"engine", "granaio/app", "may not import"},
		{"helper", "fmt", "say in house_test.go"},
	} {
		got := strings.Join(complaints(&build.Package{ImportPath: path.Join(module, c.who), Imports: []string{c.imports}}), "\n")
		if c.complaint == "" && got != "" || !strings.Contains(got, c.complaint) || c.complaint != "" && got == "" {
			t.Errorf("%s importing %s: got %q, want %q", c.who, c.imports, got, c.complaint)
		}
	}
	tests := &build.Package{ImportPath: module + "/loyalty/rule", XTestImports: []string{module + "/store/storetest", "pgregory.net/rapid", module + "/loyalty/ledger"}}
	if got := complaints(tests); len(got) != 1 || !strings.Contains(got[0], "tested as a function") {
		t.Errorf("a domain test with a database: %q", got)
	}
}
