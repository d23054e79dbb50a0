package task_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"granaio/auth"
	"granaio/ent"
	enttask "granaio/ent/task"
	"granaio/loyalty/fact"
	"granaio/store"
	"granaio/store/storetest"
	"granaio/task"
)

// office is a desk, and processes that do its tasks.
type office struct {
	*task.Desk
	store     *store.Store
	programme fact.ID
}

func each(t *testing.T, test func(*testing.T, *office)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		test(t, &office{task.NewDesk(db), db, fact.NewID(fact.KindProgramme)})
	})
}

func (o *office) started(t *testing.T) fact.ID {
	t.Helper()
	row, refusal, err := o.Start(t.Context(), o.programme, enttask.KindSimulation, "operator:anna", map[string]int{"n": 7})
	if err != nil || refusal != nil {
		t.Fatal(refusal, err)
	}
	return row.ID
}

// works begins a process that does tasks; the answer stops it and waits until it has.
func (o *office) works(t *testing.T, lease time.Duration, work task.Work) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		task.Runner{Desk: o.Desk, Lease: lease, Every: 10 * time.Millisecond, Works: map[enttask.Kind]task.Work{enttask.KindSimulation: work}}.Run(ctx)
	})
	stop = func() { cancel(); running.Wait() }
	t.Cleanup(stop)
	return stop
}

// until waits until a task is as it should be.
func (o *office) until(t *testing.T, id fact.ID, is func(*ent.Task) bool) *ent.Task {
	t.Helper()
	var row *ent.Task
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		var err error
		if row, err = o.store.Ent().Task.Get(auth.System(t.Context(), o.programme), id); err != nil {
			t.Fatal(err)
		}
		if is(row) {
			return row
		}
	}
	t.Fatalf("the task stays %+v", row)
	return nil
}

func in(state enttask.State) func(*ent.Task) bool {
	return func(row *ent.Task) bool { return row.State == state }
}

// idle is work that goes on until it must end.
func idle(ctx context.Context, _ fact.ID, _ json.RawMessage, progress func(done, total int64)) (any, error) {
	progress(3, 9)
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestATaskIsDoneOnceByOneOfMany(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		var begun atomic.Int64
		for range 3 {
			o.works(t, time.Minute, func(_ context.Context, programme fact.ID, input json.RawMessage, progress func(done, total int64)) (any, error) {
				begun.Add(1)
				progress(5, 5)
				var of struct{ N int }
				err := json.Unmarshal(input, &of)
				return map[string]any{"n": of.N, "programme": programme}, err
			})
		}
		var ids []fact.ID
		for range 6 {
			ids = append(ids, o.started(t))
		}
		for _, id := range ids {
			row := o.until(t, id, in(enttask.StateDone))
			if row.Done != 5 || row.Total != 5 || row.EndedAt == nil || string(row.Result) != `{"n":7,"programme":"`+o.programme.String()+`"}` {
				t.Errorf("%+v %s", row, row.Result)
			}
		}
		if begun.Load() != 6 {
			t.Errorf("six tasks were begun %d times", begun.Load())
		}
	})
}

func TestATaskIsCancelled(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		waiting := o.started(t)
		row, refusal, err := o.Cancel(t.Context(), o.programme, waiting)
		if err != nil || refusal != nil || row.State != enttask.StateCancelled || row.EndedAt == nil {
			t.Fatal(row, refusal, err)
		}
		if _, refusal, err = o.Cancel(t.Context(), o.programme, waiting); err != nil || refusal == nil || refusal.Code != fact.CodeTaskEnded {
			t.Error(refusal, err)
		}
		if _, refusal, err = o.Cancel(t.Context(), fact.NewID(fact.KindProgramme), waiting); err != nil || refusal == nil || refusal.Code != fact.CodeUnknownTask {
			t.Error(refusal, err)
		}
		running := o.started(t)
		o.works(t, 300*time.Millisecond, idle)
		o.until(t, running, func(row *ent.Task) bool { return row.Done == 3 && row.Total == 9 })
		if row, refusal, err = o.Cancel(t.Context(), o.programme, running); err != nil || refusal != nil || !row.Cancel {
			t.Fatal(row, refusal, err)
		}
		if row := o.until(t, running, in(enttask.StateCancelled)); row.EndedAt == nil || row.Result != nil {
			t.Errorf("%+v", row)
		}
	})
}

// A process that stops gives its task back, and one that is gone without a word loses it: another begins it anew.
func TestATaskOutlivesItsProcess(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id := o.started(t)
		stop := o.works(t, time.Minute, idle)
		o.until(t, id, in(enttask.StateRunning))
		stop()
		o.until(t, id, in(enttask.StateWaiting))

		err := o.store.Ent().Task.UpdateOneID(id).SetState(enttask.StateRunning).SetUntil(time.Now().Add(200 * time.Millisecond)).AddTurn(1).Exec(auth.System(t.Context(), o.programme))
		if err != nil {
			t.Fatal(err)
		}
		o.works(t, time.Minute, func(context.Context, fact.ID, json.RawMessage, func(done, total int64)) (any, error) {
			return "done", nil
		})
		if row := o.until(t, id, in(enttask.StateDone)); row.Turn != 2 || string(row.Result) != `"done"` {
			t.Errorf("%+v", row)
		}
	})
}

func TestATaskFails(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		foreseen, fault, doomed := o.started(t), o.started(t), o.started(t)
		err := o.store.Ent().Task.UpdateOneID(doomed).SetTurn(5).Exec(auth.System(t.Context(), o.programme))
		if err != nil {
			t.Fatal(err)
		}
		var n atomic.Int64
		o.works(t, time.Minute, func(context.Context, fact.ID, json.RawMessage, func(done, total int64)) (any, error) {
			if n.Add(1) == 1 {
				return nil, &task.Failure{Reason: "there is no such version"}
			}
			return nil, errors.New("the password is wrong")
		})
		for id, want := range map[fact.ID]string{
			foreseen: "there is no such version", fault: "it failed by a fault of the server, which its log tells", doomed: "it was begun 5 times, and never came to its end",
		} {
			if row := o.until(t, id, in(enttask.StateFailed)); row.Fault != want || row.EndedAt == nil {
				t.Errorf("%q, not %q", row.Fault, want)
			}
		}
	})
}
