package clock_test

import (
	"testing"
	"time"

	"granaio/clock"
	"granaio/engine"
	"granaio/loyalty/fact"
	"granaio/proof"
	"granaio/rebuild"
)

// brings is what came by a stall in the last days.
func (m *market) brings(t *testing.T, s *stall) engine.Traffic {
	t.Helper()
	today := fact.DayOf(m.now(), s.zone)
	all, err := m.engine.Traffic(t.Context(), s.id, s.zone, "stall", today-3, today, engine.Monthly)
	if err != nil {
		t.Fatal(err)
	}
	var sum engine.Traffic
	for _, x := range all {
		sum.Interactions, sum.Points = sum.Interactions+x.Interactions, sum.Points+x.Points
	}
	return sum
}

// sound tells whether the invariants hold.
func (m *market) sound(t *testing.T) bool {
	t.Helper()
	findings, err := proof.Check(t.Context(), m.store)
	if err != nil {
		t.Fatal(err)
	}
	return proof.Holds(findings)
}

// What is committed after what touchpoints bring was counted past it, since its process stood still in between or its clock is slow, is told by the invariants, and counted once the clock proves its sums.
func TestWhatIsCommittedLateIsCounted(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		s := m.stalls[0]
		who := engine.Ref{ID: s.members[0]}
		m.buys(t, s, who, 9)
		want := m.brings(t, s)
		later := func() time.Time { return time.Now().Add(time.Hour) } // so that what comes now comes late
		roll := func(prove time.Duration) {
			t.Helper()
			if err := (clock.Visits{Store: m.store, Library: m.library, Chunk: 2, Prove: prove, Now: later}).Duty(time.Hour).Once(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		roll(time.Hour)
		if got := m.brings(t, s); got != want || !m.sound(t) || want.Interactions != 1 || want.Points == 0 {
			t.Fatalf("%+v, not %+v", got, want)
		}
		m.buys(t, s, who, 9)
		m.buys(t, s, engine.Ref{ID: s.members[1]}, 9)
		if m.sound(t) {
			t.Error("nobody noticed what came late")
		}
		roll(time.Hour)
		if got := m.brings(t, s); got.Interactions != 1 {
			t.Errorf("%+v: the test's premise is gone", got)
		}
		roll(time.Nanosecond)
		if got := m.brings(t, s); got.Interactions != 3 || got.Points <= want.Points || !m.sound(t) {
			t.Errorf("%+v, not three, after %+v", got, want)
		}
		m.buys(t, s, who, 9)
		r := rebuild.Rebuilder{Ent: m.store.Ent(), Engine: m.engine, Library: m.library}
		for _, dry := range []bool{true, false} {
			report, err := r.Run(t.Context(), s.id, rebuild.Plan{Caller: "test", Dry: dry}, func(int64, int64) {})
			if err != nil || report.Figures != 1 || m.sound(t) == dry {
				t.Errorf("dry: %t: %+v %v", dry, report, err)
			}
		}
		roll(time.Nanosecond)
		if got := m.brings(t, s); got.Interactions != 4 {
			t.Errorf("%+v when it is proved again", got)
		}
	})
}
