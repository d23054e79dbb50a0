package programme

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"granaio/store"
	"granaio/store/storetest"
)

// However many versions are asked for, a library keeps no more of them than it is allowed, and gives each all the same.
func TestALibraryForgetsWhatIsNotAskedFor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		text, err := os.ReadFile("testdata/small.yaml")
		if err != nil {
			t.Fatal(err)
		}
		begins := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
		var report *Report
		for i := range 6 {
			f, problems := Parse("small.yaml", []byte(strings.Replace(string(text), "points: 5}", fmt.Sprintf("points: %d}", 5+i), 1)))
			if f == nil {
				t.Fatal(problems)
			}
			if report, _, err = Import(t.Context(), s, f, "operator:anna", begins.Add(time.Duration(i)*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		l := NewLibrary(s)
		l.keep = 2
		line, err := l.Timeline(t.Context(), report.Programme, 6)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range []int{0, 1, 0, 2, 0, 3, 0, 4, 0} {
			p, err := line.At(t.Context(), begins.Add(time.Duration(i)*time.Hour))
			if err != nil || p.Number() != i+1 {
				t.Fatalf("at hour %d: %v, %v", i, p, err)
			}
		}
		kept := 0
		for _, e := range line.editions {
			if e.compiled.Load() != nil {
				kept++
			}
		}
		if kept != 2 || line.editions[0].compiled.Load() == nil {
			t.Errorf("%d versions are kept, of at most 2; the one that was asked for all the time: %v", kept, line.editions[0].compiled.Load() != nil)
		}
	})
}
