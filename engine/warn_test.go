package engine_test

import (
	"bytes"
	"os"
	"testing"
	"time"

	"granaio/programme"
	"granaio/store"
	"granaio/store/storetest"
)

// Points that expire on the 30th and on the 31st of March are both warned of on the last day of February: at one instant, each by itself.
func TestTwoWarningsThatAreDueAtOnceAreBothGiven(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		src, err := os.ReadFile("testdata/shop.yaml")
		if err != nil {
			t.Fatal(err)
		}
		file, problems := programme.Parse("shop.yaml", bytes.Replace(src, []byte("expire: 12 months"), []byte("expire: 12 months, warn: 1 month"), 1))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		s := &shop{store: db}
		s.set(time.Date(2025, 1, 10, 12, 0, 0, 0, time.UTC))
		report, problems, err := programme.Import(t.Context(), db, file, "test", time.Date(2025, 1, 10, 12, 0, 0, 0, time.UTC))
		if err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
		s.id = report.Programme
		s.Engine = s.another(0)
		t.Cleanup(s.Engine.Close)
		ada := granted(t)(s.Enrol(t.Context(), s.enrolment("ada@example.com"))).Member
		for key, day := range map[string]int{"1": 30, "2": 31} {
			s.set(time.Date(2025, 3, 31, 12, 0, 0, 0, time.UTC))
			purchase := s.purchase(key, "ada@example.com", "10.00")
			purchase.Occurred = time.Date(2025, 3, day, 10, 0, 0, 0, time.UTC)
			granted(t)(s.Track(t.Context(), purchase))
		}
		for _, x := range []struct {
			at     time.Time
			warned int64
			left   bool // something is left to spend
		}{
			{time.Date(2025, 12, 11, 12, 0, 0, 0, time.UTC), 1, true}, // of what the enrolment gave
			{time.Date(2026, 1, 11, 12, 0, 0, 0, time.UTC), 1, true},
			{time.Date(2026, 2, 28, 12, 0, 0, 0, time.UTC), 3, true},
			{time.Date(2026, 4, 2, 12, 0, 0, 0, time.UTC), 3, false},
		} {
			s.set(x.at)
			for turns := 0; ; turns++ {
				n, err := s.Settle(t.Context(), 500)
				if err != nil {
					t.Fatal(err)
				}
				if n == 0 {
					break
				}
				if turns > 20 {
					t.Fatalf("by %s the account stays due", x.at)
				}
			}
			v := s.view(t, ada)
			warnings := int64(0)
			if e := v.State.Doc.Events["points.expiring"]; e != nil {
				warnings = e.Count
			}
			if warnings != x.warned || (v.State.Account.Available > 0) != x.left {
				t.Errorf("by %s there were %d warnings, and %d are booked as available", x.at, warnings, v.State.Account.Available)
			}
		}
	})
}
