package clock_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"granaio/auth"
	"granaio/clock"
	"granaio/ent"
	"granaio/ent/lease"
	"granaio/loyalty/fact"
	"granaio/store"
	"granaio/store/storetest"
)

// Many that want to do the same work do it one after another, each on what the one before left.
func TestOneAtATime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		var busy atomic.Int32
		duty := clock.Duty{Name: "count", Every: time.Hour, Most: time.Minute, Store: db, Do: func(ctx context.Context, turn *clock.Turn) error {
			if busy.Add(1) > 1 {
				t.Error("two do it at once")
			}
			defer busy.Add(-1)
			var n int
			if len(turn.Outcome) > 0 {
				if err := json.Unmarshal(turn.Outcome, &n); err != nil {
					return err
				}
			}
			time.Sleep(time.Millisecond)
			return turn.Write(ctx, n+1, func(context.Context, *ent.Client) error { return nil })
		}}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := duty.Once(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		row, err := db.Ent().Lease.Get(auth.System(t.Context(), fact.ID{}), "count")
		if err != nil || string(row.Outcome) != "8" {
			t.Errorf("it was counted to %s: %v", row.Outcome, err)
		}
	})
}

// Work that was done is done again only when it is due, whoever looks; and all learn what came of it.
func TestWorkIsDoneWhenItIsDue(t *testing.T) {
	db := storetest.New(t)
	var done, looks atomic.Int32
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var all sync.WaitGroup
	for range 3 {
		duty := clock.Duty{Name: "rare", Every: time.Hour, Most: time.Minute, Store: db,
			Do: func(ctx context.Context, turn *clock.Turn) error {
				done.Add(1)
				return turn.Write(ctx, "seen", func(context.Context, *ent.Client) error { return nil })
			},
			Look: func(_ context.Context, outcome json.RawMessage, at time.Time) error {
				if string(outcome) != `"seen"` || time.Since(at) > time.Minute {
					t.Errorf("%s at %v", outcome, at)
				}
				looks.Add(1)
				cancel()
				return nil
			}}
		all.Go(func() { duty.Run(ctx) })
	}
	all.Wait()
	if done.Load() != 1 || looks.Load() == 0 {
		t.Errorf("it was done %d times, and %d saw it", done.Load(), looks.Load())
	}
}

// A process that stalls for so long that another takes its work up writes nothing more.
func TestALeaseThatIsLost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		ctx := auth.System(t.Context(), fact.ID{})
		write := func(turn *clock.Turn, outcome string) error {
			return turn.Write(t.Context(), outcome, func(context.Context, *ent.Client) error { return nil })
		}
		second := clock.Duty{Name: "work", Every: time.Hour, Most: time.Minute, Store: db,
			Do: func(_ context.Context, turn *clock.Turn) error { return write(turn, "second") }}
		first := second
		first.Do = func(_ context.Context, turn *clock.Turn) error {
			if err := db.Ent().Lease.UpdateOneID("work").SetUntil(time.Now().Add(-time.Second)).Exec(ctx); err != nil { // it stalls
				return err
			}
			if err := second.Once(t.Context()); err != nil {
				return err
			}
			return write(turn, "first")
		}
		if err := first.Once(t.Context()); !errors.Is(err, clock.ErrOvertaken) {
			t.Errorf("it is told %v", err)
		}
		row, err := db.Ent().Lease.Query().Where(lease.ID("work")).Only(ctx)
		if err != nil || string(row.Outcome) != `"second"` || row.DoneAt == nil {
			t.Errorf("%+v: %v", row, err)
		}
	})
}

// Work that fails gives its lease back, and is not done.
func TestWorkThatFails(t *testing.T) {
	db := storetest.New(t)
	broken := errors.New("broken")
	duty := clock.Duty{Name: "work", Every: time.Hour, Most: time.Minute, Store: db,
		Do: func(ctx context.Context, turn *clock.Turn) error {
			return turn.Write(ctx, "half", func(context.Context, *ent.Client) error { return broken })
		}}
	if err := duty.Once(t.Context()); !errors.Is(err, broken) {
		t.Errorf("it is told %v", err)
	}
	row, err := db.Ent().Lease.Get(auth.System(t.Context(), fact.ID{}), "work")
	if err != nil || row.DoneAt != nil || row.Outcome != nil || time.Until(row.Until) > time.Minute {
		t.Errorf("%+v: %v", row, err)
	}
}
