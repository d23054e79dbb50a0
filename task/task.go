package task

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"granaio/auth"
	"granaio/ent"
	enttask "granaio/ent/task"
	"granaio/loyalty/fact"
	"granaio/store"
)

// Desk takes tasks in, and has them cancelled.
type Desk struct {
	store *store.Store
	wake  chan struct{}
}

// NewDesk is a desk on a database.
func NewDesk(s *store.Store) *Desk { return &Desk{s, make(chan struct{}, 1)} }

// MaxWaiting is how many tasks of a programme may wait: whoever asks for more is to wait until one has been taken up, or cancel some.
const MaxWaiting = 20

// Start writes down that somebody asks for a task of a kind. The caller is named as auth.Viewer's Caller names it; the input is what the kind's work
// takes, as JSON. While too many wait it is refused.
func (d *Desk) Start(ctx context.Context, programme fact.ID, kind enttask.Kind, caller string, input any) (*ent.Task, *fact.Refusal, error) {
	text, err := json.Marshal(input)
	if err != nil {
		return nil, nil, fmt.Errorf("task: %w", err)
	}
	var row *ent.Task
	var refusal *fact.Refusal
	ctx = auth.System(ctx, programme)
	err = d.change(ctx, func(tasks *ent.TaskClient) error {
		n, err := tasks.Query().Where(enttask.StateEQ(enttask.StateWaiting)).Count(ctx)
		if refusal = nil; err == nil && n >= MaxWaiting {
			refusal = fact.Refuse(fact.CodeTooMany, "", "%d tasks wait already: wait until one has been taken up, or cancel some", n)
		}
		if err != nil || refusal != nil {
			return err
		}
		row, err = tasks.Create().SetProgrammeID(programme).SetKind(kind).SetInput(text).SetStartedBy(caller).Save(ctx)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("task: %w", err)
	}
	if refusal != nil {
		return nil, refusal, nil
	}
	select {
	case d.wake <- struct{}{}:
	default:
	}
	return row, nil, nil
}

// Cancel has a task end. One that nobody has taken up ends at once, another as soon as its process hears of it.
func (d *Desk) Cancel(ctx context.Context, programme, id fact.ID) (*ent.Task, *fact.Refusal, error) {
	ctx = auth.System(ctx, programme)
	var row *ent.Task
	var waited, runs int
	err := d.change(ctx, func(tasks *ent.TaskClient) (err error) {
		waited, err = tasks.Update().Where(enttask.ID(id), enttask.StateEQ(enttask.StateWaiting)).
			SetCancel(true).SetState(enttask.StateCancelled).SetEndedAt(fact.Instant(time.Now())).Save(ctx)
		if err != nil {
			return err
		}
		if runs, err = tasks.Update().Where(enttask.ID(id), enttask.StateEQ(enttask.StateRunning)).SetCancel(true).Save(ctx); err != nil {
			return err
		}
		row, err = tasks.Get(ctx, id)
		return err
	})
	switch {
	case ent.IsNotFound(err):
		return nil, fact.Refuse(fact.CodeUnknownTask, "id", "there is no such task"), nil
	case err != nil:
		return nil, nil, fmt.Errorf("task: %w", err)
	case waited+runs == 0:
		return nil, fact.Refuse(fact.CodeTaskEnded, "id", "the task is %s already", row.State), nil
	}
	return row, nil, nil
}

// change changes tasks in a transaction.
func (d *Desk) change(ctx context.Context, do func(*ent.TaskClient) error) error {
	return d.store.InTx(ctx, func(tx *sql.Tx) error { return do(d.store.EntIn(tx).Task) })
}
