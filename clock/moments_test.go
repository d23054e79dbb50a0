package clock_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"granaio/clock"
	"granaio/engine"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/store"
	"granaio/store/storetest"
)

// hours is the programme of that name, with engines of several processes under one clock that a test sets.
type hours struct {
	store   *store.Store
	library *programme.Library
	engines []*engine.Engine
	id      fact.ID
	mu      sync.Mutex
	clock   time.Time
	members []fact.ID
}

func (h *hours) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.clock
}

// set sets the clock, as Rome's clocks show it.
func (h *hours) set(t *testing.T, text string) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock = rome(t, text)
}

func rome(t *testing.T, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		t.Fatal(err)
	}
	if earlier := at.Add(-time.Hour); earlier.In(zone).Format("15:04") == at.In(zone).Format("15:04") {
		return earlier // of two, the first
	}
	return at
}

// publishes imports the programme, with changes to its text.
func (h *hours) publishes(t *testing.T, changes ...string) {
	t.Helper()
	src, err := os.ReadFile("testdata/hours.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(changes); i += 2 {
		src = bytes.Replace(src, []byte(changes[i]), []byte(changes[i+1]), 1)
	}
	file, problems := programme.Parse("hours.yaml", src)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	report, problems, err := programme.Import(t.Context(), h.store, file, "test", h.now())
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	h.id = report.Programme
}

// process is one more process.
func (h *hours) process(t *testing.T) *engine.Engine {
	e := engine.New(h.store, shelf{programme.NewLibrary(h.store)}, engine.Nobody{}, engine.Options{Now: h.now})
	t.Cleanup(e.Close)
	h.engines = append(h.engines, e)
	return e
}

func (h *hours) enrols(t *testing.T, n int, attributes map[string]any) {
	t.Helper()
	for range n {
		name := fmt.Sprint("c", len(h.members))
		o, err := h.engines[0].Enrol(t.Context(), engine.Enrol{
			Origin: engine.Origin{Programme: h.id, Caller: "test", Key: name}, Touchpoint: "app", Attributes: attributes,
			Identities: []engine.Identity{{Kind: fact.CRM, Value: name}},
		})
		if err != nil || o.Refusal != nil {
			t.Fatal(o, err)
		}
		h.members = append(h.members, o.Member)
	}
}

// sweeps has all processes sweep at once until nothing is due.
func (h *hours) sweeps(t *testing.T) {
	t.Helper()
	var all sync.WaitGroup
	for _, e := range h.engines {
		all.Go(func() {
			for turns := 0; ; turns++ {
				n, err := e.Settle(context.Background(), 500)
				if err != nil || turns > 200 {
					t.Errorf("after %d turns: %v", turns, err)
					return
				}
				if n == 0 {
					return
				}
			}
		})
	}
	all.Wait()
}

// happened is when an event happened to each member, in order.
func (h *hours) happened(t *testing.T, event string) map[fact.ID][]time.Time {
	t.Helper()
	rows, err := h.store.DB().QueryContext(t.Context(), "SELECT member_id, occurred_at FROM interactions WHERE event = '"+event+"' ORDER BY occurred_at, id")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	all := map[fact.ID][]time.Time{}
	for rows.Next() {
		var id fact.ID
		var at time.Time
		if err := rows.Scan(&id, &at); err != nil {
			t.Fatal(err)
		}
		all[id] = append(all[id], at.UTC())
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// holds checks that an event happened to each member at these times, and at no others.
func (h *hours) holds(t *testing.T, event string, want ...string) {
	t.Helper()
	got := h.happened(t, event)
	for _, m := range h.members {
		ok := len(got[m]) == len(want)
		for i := range min(len(want), len(got[m])) {
			ok = ok && got[m][i].Equal(rome(t, want[i]))
		}
		if !ok {
			t.Fatalf("%s happened at %v, not %v", event, got[m], want)
		}
	}
}

func TestEachOccasionHappensOnceAcrossSummerTime(t *testing.T) {
	for _, turn := range []struct{ begin, before, day, after, end, birth string }{
		{"2026-03-27 12:00", "2026-03-28 02:30", "2026-03-29 03:00", "2026-03-30 02:30", "2026-03-30 12:00", "1990-03-29"},
		{"2026-10-23 12:00", "2026-10-24 02:30", "2026-10-25 02:30", "2026-10-26 02:30", "2026-10-26 12:00", "1990-10-25"},
	} {
		storetest.Each(t, func(t *testing.T, db *store.Store) {
			h := &hours{store: db, library: programme.NewLibrary(db)}
			h.set(t, turn.begin)
			h.publishes(t)
			h.process(t)
			h.process(t)
			h.enrols(t, 6, map[string]any{"birth_date": turn.birth})
			h.sweeps(t)
			h.holds(t, "night")
			h.set(t, turn.before)
			h.sweeps(t)
			h.holds(t, "night", turn.before)
			h.sweeps(t)                                                      // again, at the same instant
			for _, step := range []string{turn.day, turn.before, turn.day} { // the clock goes back, and on
				h.set(t, step)
				h.sweeps(t)
			}
			h.holds(t, "night", turn.before, turn.day)
			h.process(t) // a new process
			h.set(t, turn.end)
			h.sweeps(t)
			h.holds(t, "night", turn.before, turn.day, turn.after)
			h.holds(t, "birthday", turn.day[:10]+" 09:00")
			views, err := h.engines[0].Views(t.Context(), h.id, h.members[:1])
			if err != nil || views[h.members[0]].State.Account.Available != 103 {
				t.Errorf("%d points, %v", views[h.members[0]].State.Account.Available, err)
			}
		})
	}
}

func TestALongOutageIsMadeUpAsFarAsIsSaid(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		h := &hours{store: db, library: programme.NewLibrary(db)}
		h.set(t, "2026-05-01 12:00")
		h.publishes(t)
		h.process(t)
		h.enrols(t, 2, map[string]any{"birth_date": "1990-05-09"})
		h.set(t, "2026-05-12 12:00")
		h.sweeps(t)
		h.holds(t, "night", "2026-05-10 02:30", "2026-05-11 02:30", "2026-05-12 02:30")
		h.holds(t, "birthday", "2026-05-09 09:00")
		h.holds(t, "silence", "2026-05-06 00:00")
	})
}

// failing fails after some calls.
type failing struct {
	clock.Foreseer
	left, calls int
}

var errStopped = errors.New("stopped")

func (f *failing) Foresee(ctx context.Context, p, after fact.ID, number, most int) (fact.ID, int, error) {
	if f.left--; f.left < 0 {
		return fact.ID{}, 0, errStopped
	}
	f.calls++
	return f.Foreseer.Foresee(ctx, p, after, number, most)
}

// Members who do nothing learn of a trigger that a new version brings, in batches that go on where they stopped; it does not happen for the time before.
func TestANewTriggerReachesMembersWhoDoNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		h := &hours{store: db, library: programme.NewLibrary(db)}
		h.set(t, "2026-04-20 12:00")
		night, silence := "    night: {name: {it: notte, en: night}, every: day, at: \"02:30\", within: 3 days}\n", "    silence: {name: {it: silenzio, en: silence}, silent: 4 days}\n"
		rule, mission := "  - {key: night, name: {it: Notte, en: Night}, on: [night], award: {points: 1}}\n", "missions:\n  - {key: awake, name: {it: Svegli, en: Awake}, on: [silence], target: 1, every: year, award: {points: 5}}\n"
		h.publishes(t, night, "", silence, "", rule, "", mission, "")
		e := h.process(t)
		h.enrols(t, 5, nil)
		h.set(t, "2026-05-03 12:00")
		h.publishes(t)
		f := &failing{Foreseer: e, left: 2}
		m := &clock.Moments{Engine: f, Library: h.library, Most: 2, Now: h.now}
		duty := m.Duty(time.Minute)
		duty.Store = db
		if err := duty.Once(t.Context()); !errors.Is(err, errStopped) {
			t.Fatal(err)
		}
		again := &failing{Foreseer: e, left: 100}
		next := &clock.Moments{Engine: again, Library: programme.NewLibrary(db), Most: 2, Now: h.now}
		duty = next.Duty(time.Minute)
		duty.Store = db
		past(t, db)
		if err := duty.Once(t.Context()); err != nil {
			t.Fatal(err)
		}
		if f.calls != 2 || again.calls != 1 {
			t.Errorf("%d batches, then %d: it did not go on where it stopped", f.calls, again.calls)
		}
		// What the version before decided may be written after the first pass.
		if _, err := db.DB().ExecContext(t.Context(), "UPDATE members SET due_at = NULL"); err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			when  string
			calls int
			what  string
		}{
			{"2026-05-03 12:00", 1, "what is done is done again before the version has settled"},
			{"2026-05-03 12:01", 4, "there is no other pass once the version has settled"},
			{"2026-05-03 12:02", 4, "what is done is done again"},
		} {
			past(t, db)
			h.set(t, step.when)
			if err := duty.Once(t.Context()); err != nil || again.calls != step.calls {
				t.Errorf("%s: %d, %v", step.what, again.calls, err)
			}
		}
		h.sweeps(t)
		h.holds(t, "night") // that of 3 May came before the version
		h.set(t, "2026-05-04 02:30")
		h.sweeps(t)
		h.holds(t, "night", "2026-05-04 02:30")
		h.holds(t, "silence") // they were silent before there was the trigger
	})
}

// past lets the pause after a fault be over.
func past(t *testing.T, db *store.Store) {
	t.Helper()
	text := "UPDATE leases SET until = '2026-01-01 00:00:00+00:00'"
	if _, err := db.DB().ExecContext(t.Context(), text); err != nil {
		t.Fatal(err)
	}
}
