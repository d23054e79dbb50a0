package replay_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"granaio/engine"
	"granaio/programme"
	"granaio/proof"
	"granaio/replay"
	"granaio/store"
	"granaio/store/storetest"
)

// sample writes the lines of every fiftieth customer of the data set, as far as they are of 1997: none is later than the 400 days for which a mission's periods are kept,
// however they are shuffled.
func sample(t *testing.T, path string) (string, []string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var lines []string
	scan := bufio.NewScanner(file)
	for scan.Scan() {
		fields := strings.Fields(scan.Text())
		if customer, err := strconv.Atoi(fields[0]); err != nil {
			t.Fatal(err)
		} else if customer%50 == 7 && fields[1] < "1998" {
			lines = append(lines, scan.Text())
		}
	}
	if err := scan.Err(); err != nil {
		t.Fatal(err)
	}
	return history(t, lines...), lines
}

// The same purchases, in batches of any size, in order or as they happen to come, by one engine or by three on one database, come to the same: what the programme
// gives for them depends on their days, and not on when they are heard of.
func TestHoweverPurchasesComeTheyComeToTheSame(t *testing.T) {
	file, lines := sample(t, cdnow(t))
	want := expected(t, file)
	if len(want) < 400 || len(lines) < 800 {
		t.Fatalf("%d customers with %d purchases are no sample", len(want), len(lines))
	}
	shuffled := slices.Clone(lines)
	rand.New(rand.NewPCG(19, 97)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for name, v := range map[string]struct {
		lines          []string
		batch, engines int
	}{
		"one at a time, in order":           {lines, 1, 1},
		"by seven, in order":                {lines, 7, 1},
		"by a thousand, in order":           {lines, 1000, 1},
		"one at a time, shuffled, three":    {shuffled, 1, 3},
		"by seven, shuffled":                {shuffled, 7, 1},
		"by a thousand, shuffled, by three": {shuffled, 1000, 3},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.Store) {
				s := opened(t, db)
				s.deal(t, v.lines, v.batch, v.engines)
				compare(t, s.standings(t), want)
				findings, err := proof.Check(t.Context(), db)
				if err != nil || !proof.Holds(findings) {
					t.Errorf("what was stored does not hold together: %v %v", findings, err)
				}
			})
		})
	}
}

// deal replays lines by so many engines at once, each of which has a part of them in a file of its own.
func (s *shop) deal(t *testing.T, lines []string, batch, engines int) {
	t.Helper()
	parts := make([][]string, engines)
	for i, line := range lines {
		parts[i%engines] = append(parts[i%engines], line)
	}
	var all sync.WaitGroup
	for i, part := range parts {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("part-%d.txt", i))
		if err := os.WriteFile(path, []byte(strings.Join(part, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		library := programme.NewLibrary(s.store)
		e := engine.New(s.store, shelf{library}, engine.Nobody{}, engine.Options{})
		t.Cleanup(e.Close)
		all.Go(func() {
			o := s.options(path)
			o.Batch = batch
			report, err := replay.Run(t.Context(), replay.Deps{Engine: e, Library: library}, o)
			if err != nil || !report.Complete || report.Tracked != int64(len(part)) {
				t.Errorf("part %d of %d lines: %v\n%v", i, len(part), err, report)
			}
		})
	}
	all.Wait()
}
