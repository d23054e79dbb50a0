package replay_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"granaio/auth"
	"granaio/ent/identity"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/rebuild"
	"granaio/store"
	"granaio/store/storetest"
)

// figures are what an independent computation says of a customer, and what the metrics do.
type figures struct {
	frequency, monetary int64 // purchases, cents
	recency             string
	days                int64
	interval            int64 // seconds between purchases; 0 for one alone
	discs               int64 // at most, in one purchase
	quarter             int64 // cents of the last 90 days up to the last purchase
}

// figured computes from the file what the metrics of testdata/cdnow_metrics.yaml must say of every customer: by dates and cents, and no code of the product.
func figured(t *testing.T, path string) map[string]figures {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	type bought struct {
		day   time.Time
		cents int64
	}
	all, purchases := map[string]figures{}, map[string][]bought{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var who, when string
		var items, dollars, cents int64
		if _, err := fmt.Sscanf(strings.Replace(lines.Text(), ".", " ", 1), "%s %s %d %d %d", &who, &when, &items, &dollars, &cents); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		day, err := time.Parse("20060102", when)
		if err != nil {
			t.Fatal(err)
		}
		f := all[who]
		f.frequency++
		f.monetary += 100*dollars + cents
		f.recency = max(f.recency, day.Format(time.DateOnly))
		f.discs = max(f.discs, items)
		all[who], purchases[who] = f, append(purchases[who], bought{day, 100*dollars + cents})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	noon := func(d time.Time) time.Time { // when a line without a time is said to have happened
		return time.Date(d.Year(), d.Month(), d.Day(), 12, 0, 0, 0, newYork)
	}
	for who, f := range all {
		different, first, last := map[time.Time]bool{}, purchases[who][0].day, purchases[who][0].day
		for _, b := range purchases[who] {
			different[b.day] = true
			if b.day.Before(first) {
				first = b.day
			}
			if b.day.After(last) {
				last = b.day
			}
		}
		for _, b := range purchases[who] {
			if last.Sub(b.day) < 90*24*time.Hour {
				f.quarter += b.cents
			}
		}
		if f.days = int64(len(different)); f.frequency > 1 { // halves up
			f.interval = (2*int64(noon(last).Sub(noon(first))/time.Second) + f.frequency - 1) / (2 * (f.frequency - 1))
		}
		all[who] = f
	}
	return all
}

// measured is what the metrics say of all members, by the customer's name in the file. Prefix is that of the metrics' names.
func (s *shop) measured(t *testing.T, prefix string) map[string]figures {
	t.Helper()
	ctx := auth.System(t.Context(), s.id)
	rows, err := s.store.Ent().Identity.Query().Select(identity.FieldMemberID, identity.FieldValue).All(ctx)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]figures{}
	for len(rows) > 0 {
		some := rows[:min(len(rows), 50)]
		rows = rows[len(some):]
		ids := make([]fact.ID, len(some))
		for i, row := range some {
			ids[i] = row.MemberID
		}
		views, err := s.engine.Views(ctx, s.id, ids)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range some {
			v := views[row.MemberID]
			say := func(name string, at time.Time) any {
				value, known := v.Programme.Measure(v.State, v.Programme.Metric(prefix+name), at)
				if !known {
					t.Fatalf("%s of %s is still to be worked out", prefix+name, row.Value)
				}
				return value.Of
			}
			last, _ := say("recency", v.Now).(time.Time)
			f := figures{recency: last.In(v.Programme.Zone()).Format(time.DateOnly)}
			f.frequency, _ = say("frequency", v.Now).(int64)
			f.monetary, _ = say("monetary", v.Now).(int64)
			f.days, _ = say("days", v.Now).(int64)
			f.interval, _ = say("interval", v.Now).(int64)
			f.discs, _ = say("discs", v.Now).(int64)
			f.quarter, _ = say("quarter", last).(int64)
			all[row.Value] = f
		}
	}
	return all
}

// The metrics of every customer are what an independent computation over the file says: those that were kept while the purchases came in, and those that a later version asks
// for, once they are rebuilt.
func TestCDNOWsMetricsAreWhatAnIndependentComputationSays(t *testing.T) {
	path := cdnow(t)
	want := figured(t, path)
	src, err := os.ReadFile("testdata/cdnow_metrics.yaml")
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		t.Parallel() // the other database has work for another core
		s := openedWith(t, db, src, nil)
		t.Log(s.replay(t, s.options(path)))
		compareFigures(t, s.measured(t, ""), want)

		_, declared, _ := bytes.Cut(src, []byte("  metrics:\n"))
		declared, _, _ = bytes.Cut(declared, []byte("\n\n"))
		again := bytes.ReplaceAll(bytes.ReplaceAll(declared, []byte("\n    "), []byte("\n    anew_")), []byte("}, on: [purchase]"), []byte("}, on: [purchase], when: event.value >= 0"))
		next := bytes.Replace(src, declared, append(append(bytes.Clone(declared), "\n    anew_"...), bytes.TrimPrefix(again, []byte("    "))...), 1)
		file, problems := programme.Parse("next.yaml", next)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if _, problems, err := programme.Import(t.Context(), db, file, "test", time.Now()); err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
		r := rebuild.Rebuilder{Ent: db.Ent(), Engine: s.engine, Library: s.library}
		report, err := r.Run(t.Context(), s.id, rebuild.Plan{Caller: "test"}, func(int64, int64) {})
		if everybody := int64(len(want)); err != nil || report.Members != everybody || report.Changed != everybody {
			t.Fatalf("%+v, %v", report, err)
		}
		compareFigures(t, s.measured(t, "anew_"), want)
		compareFigures(t, s.measured(t, ""), want)
	})
}

func compareFigures(t *testing.T, got, want map[string]figures) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d customers, not %d", len(got), len(want))
	}
	wrong := 0
	for who, w := range want {
		if g := got[who]; g != w {
			if wrong++; wrong <= 5 {
				t.Errorf("customer %s has %+v, not %+v", who, g, w)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d customers differ", wrong, len(want))
	}
}
