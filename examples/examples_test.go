package examples_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"granaio/examples"
	"granaio/programme"
)

func TestTheExampleProgrammesAreValid(t *testing.T) {
	for name, text := range map[string][]byte{examples.ChicchiName: examples.Chicchi, examples.LuneName: examples.Lune} {
		f, problems := programme.Parse(name, text)
		for _, p := range problems {
			t.Error(p)
		}
		if f == nil {
			t.Fatalf("%s was not taken", name)
		}
		if _, err := os.Stat(filepath.Join("..", name)); err != nil {
			t.Errorf("problems would name a file that is not there: %v", err)
		}
		if languages := f.Spec.Programme.Languages; !slices.Equal(languages, []string{"it", "en"}) {
			t.Errorf("%s is in %v", name, languages)
		}
	}
}

// A newcomer sees a bit of everything: every text in both languages is Compile's to check, the variety is the example's promise.
func TestTheExampleShowsWhatAProgrammeCanDo(t *testing.T) {
	f, problems := programme.Parse(examples.ChicchiName, examples.Chicchi)
	if f == nil {
		t.Fatal(problems)
	}
	s := f.Spec
	kinds := map[string]bool{}
	for _, r := range s.Rewards {
		kinds[r.Kind] = true
	}
	if len(s.Touchpoints) < 8 || len(s.Personas) < 3 || len(s.Tiers) != 4 || len(s.Missions) < 5 || len(kinds) < 6 {
		t.Errorf("%d touchpoints, %d personas, %d tiers, %d missions, %d kinds of reward", len(s.Touchpoints), len(s.Personas), len(s.Tiers), len(s.Missions), len(kinds))
	}
	for _, p := range s.Personas {
		dimensions := map[string]bool{}
		for _, trait := range p.Traits {
			dimensions[string(trait.Dimension)] = true
		}
		if len(dimensions) != 3 {
			t.Errorf("%s is known in %d dimensions, of three", p.Key, len(dimensions))
		}
	}
	ways := map[string]bool{}
	for _, r := range s.Rules {
		switch {
		case r.Multiply != "" && r.Until != "":
			ways["a multiplier for a while"] = true
		case r.Award == nil:
		case r.Award.Expression != "":
			ways["an expression"] = true
		case r.Award.Per != "":
			ways["an amount"] = true
		default:
			ways["a fixed number"] = true
		}
	}
	if len(ways) != 4 {
		t.Errorf("rules award by %v alone", ways)
	}
}

func TestTheHistoryFitsTheProgramme(t *testing.T) {
	text, err := os.ReadFile("history.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rows[0], []string{"customer", "date", "items", "amount"}) {
		t.Fatalf("the header is %v", rows[0])
	}
	if len(rows) < 2000 || len(rows) > 2500 {
		t.Errorf("there are %d purchases", len(rows)-1)
	}
	customers, last := map[string]bool{}, ""
	for i, r := range rows[1:] {
		customers[r[0]] = true
		day, err := time.Parse(time.DateOnly, r[1])
		if err != nil || day.Year() < 2025 || day.Year() > 2026 || r[1] < last {
			t.Fatalf("line %d: %v is not the next day of 2025 to 2026", i+2, r)
		}
		last = r[1]
		if amount, err := decimal.NewFromString(r[3]); err != nil || !amount.IsPositive() || !amount.Equal(amount.Truncate(2)) {
			t.Fatalf("line %d: %v is no amount in euros", i+2, r)
		}
	}
	if len(customers) != 300 {
		t.Errorf("there are %d customers", len(customers))
	}
}

func TestTheHistoryIsWhatItsProgramWrites(t *testing.T) {
	written := filepath.Join(t.TempDir(), "history.csv")
	if out, err := exec.Command("go", "run", "generate.go", written).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want, err := os.ReadFile(written)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile("history.csv"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("history.csv is another: run go generate ./examples (%v)", err)
	}
}
