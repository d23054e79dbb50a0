package clock

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"granaio/auth"
	"granaio/ent"
	"granaio/ent/lease"
	"granaio/loyalty/fact"
	"granaio/store"
)

// Duty is work that is done from time to time, by one process at a time. Whoever takes it up has a lease; should it lose that, since it was stopped or
// stalled, another takes the work up, and what the first then still writes is refused.
type Duty struct {
	Name  string        // of the lease. It is stored: it never changes
	Every time.Duration // how long after it was done it is done again, by whichever process comes first
	Most  time.Duration // how long it may take
	// Do does it, and writes what came of it by the turn.
	Do func(context.Context, *Turn) error
	// Look is told what came of it last, in whichever process, and when; nil if nobody wants to know. It is not called before the work was done once.
	Look  func(ctx context.Context, outcome json.RawMessage, done time.Time) error
	Store *store.Store
	Log   *slog.Logger // slog's default by default
}

// Turn is one process's turn at a duty.
type Turn struct {
	// Outcome is what came of the turns before, as they wrote it; empty if there was none.
	Outcome json.RawMessage
	duty    *Duty
	number  int64
}

// ErrOvertaken is the error of a turn that took so long that another process has taken the work up.
var ErrOvertaken = errors.New("clock: another process has taken the work up")

const (
	// slack is how much longer a lease lasts than the work may take: what is being written when its time is over is written.
	slack = 30 * time.Second
	// pause is how soon work that failed is tried again.
	pause = time.Minute
)

// Run does the work whenever it is due, until the context ends. A fault is logged, and it goes on at the next turn.
func (d Duty) Run(ctx context.Context) {
	if d.Log == nil {
		d.Log = slog.Default()
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		timer.Reset(min(d.Every, pause))
		_, err := d.try(ctx, d.Every)
		if err == nil && d.Look != nil {
			err = d.look(ctx)
		}
		if err != nil && ctx.Err() == nil {
			d.Log.Error("work that is done from time to time failed; it is tried again", "work", d.Name, "error", err)
		}
	}
}

// Once does the work now, as soon as no other process does.
func (d Duty) Once(ctx context.Context) error {
	for {
		done, err := d.try(ctx, 0)
		if done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// try does the work if it is due and nobody else does, and tells whether it did.
func (d *Duty) try(ctx context.Context, every time.Duration) (done bool, err error) {
	t, err := d.take(ctx, every)
	if err != nil || t == nil {
		return false, err
	}
	limited, cancel := context.WithTimeout(ctx, d.Most)
	err = d.Do(limited, t)
	cancel()
	// Whatever came of it, the lease is given back, also by a process that is being stopped.
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), slack)
	defer cancel()
	return true, errors.Join(err, t.end(ending, err == nil))
}

// take takes the work up, nil if it is not due or another process has it.
func (d *Duty) take(ctx context.Context, every time.Duration) (t *Turn, err error) {
	ctx = auth.System(ctx, fact.ID{})
	row, err := d.Store.Ent().Lease.Get(ctx, d.Name)
	if err == nil && (row.Until.After(time.Now()) || row.DoneAt != nil && row.DoneAt.After(time.Now().Add(-every))) {
		return nil, nil // nothing is written to find that out
	}
	if err != nil && !ent.IsNotFound(err) {
		return nil, fmt.Errorf("clock: the lease of %s: %w", d.Name, err)
	}
	err = d.Store.InTx(ctx, func(tx *sql.Tx) error {
		t = nil
		now, client := fact.Instant(time.Now()), d.Store.EntIn(tx)
		if row == nil {
			if err := client.Lease.Create().SetID(d.Name).SetUntil(now).OnConflictColumns(lease.FieldID).Ignore().Exec(ctx); err != nil {
				return err
			}
		}
		free := client.Lease.Update().Where(lease.ID(d.Name), lease.UntilLTE(now)).SetUntil(now.Add(d.Most + slack)).AddTurn(1)
		if every > 0 {
			free.Where(lease.Or(lease.DoneAtIsNil(), lease.DoneAtLTE(now.Add(-every))))
		}
		if n, err := free.Save(ctx); err != nil || n == 0 {
			return err
		}
		row, err := client.Lease.Get(ctx, d.Name)
		if err == nil {
			t = &Turn{Outcome: row.Outcome, duty: d, number: row.Turn}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("clock: the lease of %s: %w", d.Name, err)
	}
	return t, nil
}

// Write makes an outcome that of the duty, together with what a function writes in the same transaction; both or neither. It fails with ErrOvertaken if
// another process has taken the work up meanwhile. The function may run several times: see store.InTx.
func (t *Turn) Write(ctx context.Context, outcome any, do func(context.Context, *ent.Client) error) error {
	text, err := json.Marshal(outcome)
	if err != nil {
		return err
	}
	err = t.update(ctx, func(u *ent.LeaseUpdate) { u.SetOutcome(text) }, do)
	if err == nil {
		t.Outcome = text
	}
	return err
}

// end gives the lease back.
func (t *Turn) end(ctx context.Context, done bool) error {
	now := fact.Instant(time.Now())
	err := t.update(ctx, func(u *ent.LeaseUpdate) {
		if done {
			u.SetUntil(now).SetDoneAt(now)
		} else {
			u.SetUntil(now.Add(pause))
		}
	}, nil)
	if errors.Is(err, ErrOvertaken) && !done {
		return nil // the work's own error tells more
	}
	return err
}

func (t *Turn) update(ctx context.Context, set func(*ent.LeaseUpdate), do func(context.Context, *ent.Client) error) error {
	ctx = auth.System(ctx, fact.ID{})
	return t.duty.Store.InTx(ctx, func(tx *sql.Tx) error {
		client := t.duty.Store.EntIn(tx)
		u := client.Lease.Update().Where(lease.ID(t.duty.Name), lease.Turn(t.number))
		set(u)
		switch n, err := u.Save(ctx); {
		case err != nil:
			return err
		case n == 0:
			return ErrOvertaken
		case do == nil:
			return nil
		}
		return do(ctx, client)
	})
}

// look tells what came of the work last.
func (d *Duty) look(ctx context.Context) error {
	row, err := d.Store.Ent().Lease.Get(auth.System(ctx, fact.ID{}), d.Name)
	if err != nil || row.DoneAt == nil {
		return err
	}
	return d.Look(ctx, row.Outcome, *row.DoneAt)
}
