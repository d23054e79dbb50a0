package task

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"granaio/auth"
	"granaio/ent"
	enttask "granaio/ent/task"
	"granaio/loyalty/fact"
)

// Work does the tasks of a kind. It tells how far it is, ends when the context does, and answers with what came of it, as JSON has it. A *Failure says why it
// cannot be done; any other error is a fault, of which people are told no more.
type Work func(ctx context.Context, programme fact.ID, input json.RawMessage, progress func(done, total int64)) (any, error)

// Failure is why a task cannot be done, for people.
type Failure struct{ Reason string }

// Error is the reason.
func (f *Failure) Error() string { return f.Reason }

// Runner does tasks in this process, one after another.
type Runner struct {
	Desk  *Desk
	Works map[enttask.Kind]Work
	Log   *slog.Logger  // slog's default by default
	Lease time.Duration // how long a task is this process's without a sign of life; 30 seconds by default
	Every time.Duration // how often tasks are looked for that others took in; a second by default
}

// mostTurns is how often a task is begun at most.
const mostTurns = 5

var (
	errCancelled = errors.New("task: cancelled")
	errOvertaken = errors.New("task: another process has taken it up")
)

// Run does tasks until the context ends.
func (r Runner) Run(ctx context.Context) {
	if r.Log == nil {
		r.Log = slog.Default()
	}
	if r.Lease == 0 {
		r.Lease = 30 * time.Second
	}
	if r.Every == 0 {
		r.Every = time.Second
	}
	ticker := time.NewTicker(r.Every)
	defer ticker.Stop()
	for ctx.Err() == nil {
		row, err := r.take(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			r.Log.Error("tasks cannot be looked for; it is tried again", "error", err)
		case row != nil:
			if err := r.do(ctx, row); err != nil {
				r.Log.Error("a task was left to another process", "task", row.ID.String(), "error", err)
			}
			continue
		}
		select {
		case <-ctx.Done():
		case <-r.Desk.wake:
		case <-ticker.C:
		}
	}
}

// take takes up the oldest task that nobody has; nil if there is none.
func (r *Runner) take(ctx context.Context) (*ent.Task, error) {
	ctx = auth.System(ctx, fact.ID{})
	now, tasks := fact.Instant(time.Now()), r.Desk.store.Ent().Task
	free := enttask.And(enttask.EndedAtIsNil(), enttask.Or(enttask.UntilIsNil(), enttask.UntilLTE(now)))
	rows, err := tasks.Query().Where(free).Order(enttask.ByCreatedAt(), enttask.ByID()).Limit(1).All(ctx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var n int
	err = r.Desk.change(ctx, func(tasks *ent.TaskClient) (err error) {
		n, err = tasks.Update().Where(enttask.ID(rows[0].ID), enttask.Turn(rows[0].Turn), free).
			SetState(enttask.StateRunning).SetUntil(now.Add(r.Lease)).AddTurn(1).SetDone(0).SetTotal(0).Save(ctx)
		return err
	})
	if err != nil || n == 0 {
		return nil, err
	}
	rows[0].Turn++
	return rows[0], nil
}

// do does a task, and writes down how it ended.
func (r *Runner) do(ctx context.Context, row *ent.Task) error {
	working, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var done, total atomic.Int64
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		stop(r.beat(working, row, &done, &total))
	}()
	result, err := r.work(working, row, func(d, t int64) { done.Store(d); total.Store(t) })
	stop(nil)
	<-beating
	cause := context.Cause(working)
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.Lease)
	defer cancel()
	now := fact.Instant(time.Now())
	set := func(u *ent.TaskUpdate) { u.SetDone(done.Load()).SetTotal(total.Load()).SetEndedAt(now).ClearUntil() }
	failure, foreseen := errors.AsType[*Failure](err)
	switch {
	case err == nil:
		return r.write(ending, row, func(u *ent.TaskUpdate) { set(u); u.SetState(enttask.StateDone).SetResult(result) })
	case errors.Is(cause, errCancelled):
		return r.write(ending, row, func(u *ent.TaskUpdate) { set(u); u.SetState(enttask.StateCancelled) })
	case ctx.Err() != nil: // this process stops: another begins anew
		return r.write(ending, row, func(u *ent.TaskUpdate) { u.SetState(enttask.StateWaiting).ClearUntil().AddTurn(-1) })
	case errors.Is(cause, errOvertaken):
		return cause
	case foreseen:
		return r.write(ending, row, func(u *ent.TaskUpdate) { set(u); u.SetState(enttask.StateFailed).SetFault(clip(failure.Reason)) })
	}
	r.Log.Error("a task failed", "task", row.ID.String(), "kind", row.Kind, "error", err)
	return r.write(ending, row, func(u *ent.TaskUpdate) {
		set(u)
		u.SetState(enttask.StateFailed).SetFault("it failed by a fault of the server, which its log tells")
	})
}

func (r *Runner) work(ctx context.Context, row *ent.Task, progress func(done, total int64)) (text json.RawMessage, err error) {
	if row.Turn > mostTurns {
		return nil, &Failure{fmt.Sprintf("it was begun %d times, and never came to its end", mostTurns)}
	}
	do := r.Works[row.Kind]
	if do == nil {
		return nil, fmt.Errorf("task: nobody does tasks of kind %s", row.Kind)
	}
	result, err := do(ctx, row.ProgrammeID, row.Input, progress)
	if err != nil {
		return nil, err
	}
	return json.Marshal(result)
}

// beat renews the lease and tells how far the task is, until the work ends or must: then it answers why.
func (r *Runner) beat(ctx context.Context, row *ent.Task, done, total *atomic.Int64) error {
	ticker := time.NewTicker(min(r.Lease/6, time.Second))
	defer ticker.Stop()
	renewed := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		err := r.write(ctx, row, func(u *ent.TaskUpdate) {
			u.SetDone(done.Load()).SetTotal(total.Load()).SetUntil(fact.Instant(time.Now()).Add(r.Lease))
		})
		now := time.Now()
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errOvertaken), err != nil && now.Sub(renewed) > r.Lease:
			return errOvertaken
		case err != nil:
			continue
		}
		renewed = now
		unwanted, err := r.Desk.store.Ent().Task.Query().Where(enttask.ID(row.ID), enttask.Cancel(true)).Exist(auth.System(ctx, fact.ID{}))
		if err == nil && unwanted {
			return errCancelled
		}
	}
}

// write writes to a task as long as it is this turn's.
func (r *Runner) write(ctx context.Context, row *ent.Task, set func(*ent.TaskUpdate)) error {
	ctx = auth.System(ctx, fact.ID{})
	var n int
	err := r.Desk.change(ctx, func(tasks *ent.TaskClient) (err error) {
		u := tasks.Update().Where(enttask.ID(row.ID), enttask.Turn(row.Turn), enttask.StateEQ(enttask.StateRunning))
		set(u)
		n, err = u.Save(ctx)
		return err
	})
	if err == nil && n == 0 {
		return errOvertaken
	}
	return err
}

// clip is a reason that is not too long to be kept.
func clip(reason string) string {
	runes := []rune(reason)
	return string(runes[:min(len(runes), 120)])
}
