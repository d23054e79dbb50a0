package proof

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty/fact"
	"granaio/store"
	"granaio/store/storetest"
)

// broken are the numbers of the invariants that do not hold.
func broken(findings []Finding) []int {
	var numbers []int
	for _, f := range findings {
		if f.Violations > 0 {
			numbers = append(numbers, f.Invariant)
		}
	}
	return numbers
}

func TestWhatTheEngineWroteHolds(t *testing.T) {
	each(t, func(t *testing.T, db *store.Store, _ map[engine.Identity]fact.ID) {
		var kinds int
		err := db.DB().QueryRowContext(t.Context(), `SELECT count(DISTINCT kind) FROM movements`).Scan(&kinds)
		if err != nil || kinds != 11 {
			t.Fatalf("the past has %d kinds of movements (%v), not the eleven that there are", kinds, err)
		}
		findings, err := Check(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		if !Holds(findings) || len(findings) != len(invariants) {
			t.Errorf("%v", findings)
		}
		var text strings.Builder
		if err := Print(&text, findings); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(text.String(), " holds\n"); n != len(invariants) {
			t.Errorf("%d of %d lines say that an invariant holds:\n%s", n, len(invariants), &text)
		}
	})
}

func TestNothingIsWrongWithAnEmptyDatabase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		if findings, err := Check(t.Context(), db); err != nil || !Holds(findings) {
			t.Errorf("%v %v", findings, err)
		}
	})
}

func TestAFindingNamesTheFirstRowsAndCountsAll(t *testing.T) {
	each(t, func(t *testing.T, db *store.Store, _ map[engine.Identity]fact.ID) {
		var lots int64
		if err := db.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM lots`).Scan(&lots); err != nil || lots <= MaxExamples {
			t.Fatalf("%d lots are too few: %v", lots, err)
		}
		if _, err := db.DB().ExecContext(t.Context(), `UPDATE lots SET moved = moved + 1`); err != nil {
			t.Fatal(err)
		}
		findings, err := Check(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		f := findings[1]
		if !slices.Equal(broken(findings), []int{2}) || f.Violations != lots || len(f.Examples) != MaxExamples {
			t.Fatalf("%v", findings)
		}
		for _, e := range f.Examples {
			if e.ID.Kind() != fact.KindLot || e.What != "its parts do not add up to its amount" {
				t.Errorf("an example is %s", e)
			}
		}
		if text := f.String(); !strings.Contains(text, "violations") || !strings.Contains(text, f.Examples[0].ID.String()) || !strings.Contains(text, "more") {
			t.Errorf("it is told as %s", text)
		}
	})
}

// A check on a live database must not make anybody wait, nor wait itself.
func TestACheckAndAWriterDoNotWaitForEachOther(t *testing.T) {
	each(t, func(t *testing.T, db *store.Store, _ map[engine.Identity]fact.ID) {
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second) // less than SQLite waits for a lock
		defer cancel()
		looking, err := db.Snapshot(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = looking.Rollback() }()
		count := func() (n int) {
			if err := looking.QueryRowContext(ctx, `SELECT sum(available) FROM accounts`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := count()
		writing, err := db.DB().BeginTx(ctx, nil)
		if err != nil {
			t.Fatalf("a writer cannot begin while a check looks: %v", err)
		}
		defer func() { _ = writing.Rollback() }()
		if _, err := writing.ExecContext(ctx, `UPDATE accounts SET available = available + 1`); err != nil {
			t.Fatalf("a writer cannot write while a check looks: %v", err)
		}
		if findings, err := Check(ctx, db); err != nil || !Holds(findings) {
			t.Fatalf("a check beside a writer: %v %v", findings, err)
		}
		if err := writing.Commit(); err != nil {
			t.Fatal(err)
		}
		if after := count(); after != before {
			t.Errorf("the snapshot has moved from %d to %d", before, after)
		}
	})
}

func TestACheckGivesUpWithItsCaller(t *testing.T) {
	db := storetest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if findings, err := Check(ctx, db); !errors.Is(err, context.Canceled) || findings != nil {
		t.Errorf("%v %v", findings, err)
	}
}
