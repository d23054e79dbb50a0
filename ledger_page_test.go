package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every test that the ledger's page names as the proof of a promise is there.
func TestThePageOfPromisesNamesItsProofs(t *testing.T) {
	page, err := os.ReadFile("docs/ledger.md")
	if err != nil {
		t.Fatal(err)
	}
	places := regexp.MustCompile("`([a-z0-9/]+)`: ((?:Test\\w+(?:, )?)+)")
	named := 0
	for _, m := range places.FindAllSubmatch(page, -1) {
		files, err := filepath.Glob(filepath.Join(string(m[1]), "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for _, f := range files {
			content, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			text.Write(content)
		}
		for name := range strings.SplitSeq(strings.TrimSuffix(string(m[2]), ", "), ", ") {
			if named++; !strings.Contains(text.String(), "func "+name+"(t *testing.T) {") {
				t.Errorf("docs/ledger.md names the test %s of %s, which is not there", name, m[1])
			}
		}
	}
	if total := len(regexp.MustCompile(`\bTest[A-Z]\w+`).FindAll(page, -1)); named == 0 || named != total-1 { // that of who may import whom is the house's
		t.Errorf("docs/ledger.md names %d tests, %d of them with their package", total, named)
	}
}
