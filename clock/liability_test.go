package clock_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"granaio/auth"
	"granaio/clock"
	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/proof"
)

// liability is the duty, in small chunks and with a small margin; what it logs goes to the text.
func (m *market) liability(margin time.Duration, text *bytes.Buffer) clock.Duty {
	l := clock.Liability{Store: m.store, Library: m.library, Margin: margin, Chunk: 7, Log: slog.New(slog.NewTextHandler(text, nil))}
	return clock.Duty{Name: clock.LiabilityDuty, Every: time.Hour, Most: time.Minute, Do: l.Refresh, Store: m.store}
}

// agrees fails the test unless what is shown of each programme is what all its postings and lots come to.
func (m *market) agrees(t *testing.T, when string) {
	t.Helper()
	for i, s := range m.stalls {
		row, err := m.store.Ent().Liability.Query().Only(auth.System(t.Context(), s.id))
		if err != nil {
			t.Fatal(err)
		}
		var flows []ledger.Flow
		var outstanding []ledger.Outstanding
		if err := errors.Join(json.Unmarshal(row.Flows, &flows), json.Unmarshal(row.Outstanding, &outstanding)); err != nil {
			t.Fatal(err)
		}
		movements, lots := m.books(t, s)
		if want := ledger.Flows(movements, s.zone); !reflect.DeepEqual(flows, want) {
			t.Errorf("%s, programme %d: flows\n got %+v\nwant %+v", when, i, flows, want)
		}
		if want := ledger.Liability(lots, s.zone); !reflect.DeepEqual(outstanding, want) {
			t.Errorf("%s, programme %d: outstanding\n got %+v\nwant %+v", when, i, outstanding, want)
		}
		if row.AsOf.After(time.Now()) || row.AsOf.Before(time.Now().Add(-time.Minute)) {
			t.Errorf("%s, programme %d: it is as of %v", when, i, row.AsOf)
		}
	}
}

// Whatever has happened, and however it was cut into pieces, what is rolled up is what all the postings and lots come to.
func TestLiabilityIsTheSumOfAllPostings(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		for _, margin := range []time.Duration{time.Hour, 20 * time.Millisecond, time.Microsecond, time.Microsecond, time.Hour, time.Microsecond} {
			m.happens(t, 25)
			var log bytes.Buffer
			if err := m.liability(margin, &log).Once(t.Context()); err != nil {
				t.Fatal(err)
			}
			m.agrees(t, "margin "+margin.String())
			if log.Len() > 0 {
				t.Errorf("it had to begin anew: %s", &log)
			}
		}
		if months, err := m.store.Ent().Flow.Query().Count(auth.System(t.Context(), fact.ID{})); err != nil || months < 4 {
			t.Errorf("only %d months were rolled up: %v", months, err)
		}
	})
}

// While members are active, what is shown is of one instant all the same.
func TestLiabilityWhileMembersAreActive(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		ctx, cancel := context.WithCancel(t.Context())
		var active sync.WaitGroup
		for i := range 3 {
			s := m.stalls[i%2]
			active.Go(func() {
				for n := 0; ctx.Err() == nil; n++ {
					origin := engine.Origin{Programme: s.id, Caller: "test", Key: fmt.Sprint(i, n)}
					_, err := m.engine.Operate(t.Context(), engine.Operate{
						Origin: origin, Members: []engine.Ref{{ID: s.members[i]}}, Operation: loyalty.Adjust{Points: 3, Reason: "because"},
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		var log bytes.Buffer
		for range 5 {
			if err := m.liability(time.Hour, &log).Once(t.Context()); err != nil || log.Len() > 0 {
				t.Error(err, &log)
			}
		}
		cancel()
		active.Wait()
		if err := m.liability(time.Microsecond, &log).Once(t.Context()); err != nil {
			t.Error(err)
		}
		m.agrees(t, "in the end")
	})
}

// hide takes all that a purchase wrote out of the tables, as if it were not committed yet, and returns how to commit it.
func (m *market) hide(t *testing.T, o *engine.Outcome) (commit func()) {
	t.Helper()
	from, until := o.MovementIDs[0].At(0).As(0).UUID(), o.MovementIDs[0].At(fact.MaxPlace).As(0xff).UUID()
	tables := []string{"postings", "movements", "lots"}
	exec := func(statement string, args ...any) {
		t.Helper()
		if _, err := m.store.DB().ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range tables {
		exec("CREATE TABLE hidden_" + table + " AS SELECT * FROM " + table + " WHERE false")
		exec("INSERT INTO hidden_"+table+" SELECT * FROM "+table+" WHERE id >= $1 AND id <= $2", from, until)
		exec("DELETE FROM "+table+" WHERE id >= $1 AND id <= $2", from, until)
	}
	return func() {
		t.Helper()
		for _, table := range tables {
			exec("INSERT INTO " + table + " SELECT * FROM hidden_" + table)
			exec("DROP TABLE hidden_" + table)
		}
	}
}

// A purchase that had its ids before a roll-up and is committed after it is counted: by the next roll-up, if it is within the margin; and if it is
// not, since the sums are compared with the lots.
func TestALateCommitIsNotMissed(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		for name, c := range map[string]struct {
			margin time.Duration
			anew   bool
		}{"within the margin": {time.Hour, false}, "beyond the margin": {time.Microsecond, true}} {
			s := m.stalls[0]
			commit := m.hide(t, m.buys(t, s, engine.Ref{ID: s.members[0]}, 12))
			m.buys(t, s, engine.Ref{ID: s.members[1]}, 5)
			time.Sleep(2 * time.Millisecond) // ids tell milliseconds
			var log bytes.Buffer
			duty := m.liability(c.margin, &log)
			if err := duty.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
			m.agrees(t, name+", before")
			commit()
			if err := duty.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
			m.agrees(t, name+", after")
			if anew := strings.Contains(log.String(), "anew"); anew != c.anew {
				t.Errorf("%s: summed anew: %t\n%s", name, anew, &log)
			}
		}
	})
}

// What has been rolled up can be proved, and is summed anew on demand.
func TestRolledUpSumsCanBeProved(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		m.happens(t, 20)
		var log bytes.Buffer
		duty := m.liability(time.Microsecond, &log)
		if err := duty.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		proved := func() bool {
			t.Helper()
			findings, err := proof.Check(t.Context(), m.store)
			if err != nil {
				t.Fatal(err)
			}
			return proof.Holds(findings)
		}
		if !proved() {
			t.Error("sound sums are found broken")
		}
		if _, err := m.store.DB().ExecContext(t.Context(), `UPDATE flows SET issued = issued + 1, expired = expired + 1`); err != nil { // the same is left
			t.Fatal(err)
		}
		if proved() {
			t.Error("broken sums are not found")
		}
		duty.Do = clock.Liability{Store: m.store, Library: m.library}.Rebuild
		if err := duty.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		m.agrees(t, "anew")
		if !proved() {
			t.Error("sums that were made anew are found broken")
		}
	})
}

// Books that do not balance are not shown: what was shown before stays, and it is said.
func TestLiabilityOfBrokenBooks(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		var log bytes.Buffer
		duty := m.liability(time.Microsecond, &log)
		if err := duty.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		const damage = `UPDATE lots SET available = available + 1 WHERE CAST(id AS text) = (SELECT min(CAST(id AS text)) FROM lots WHERE available > 0)`
		if _, err := m.store.DB().ExecContext(t.Context(), damage); err != nil {
			t.Fatal(err)
		}
		if err := duty.Once(t.Context()); !errors.Is(err, clock.ErrBooks) {
			t.Errorf("it is %v", err)
		}
	})
}
