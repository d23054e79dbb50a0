package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// worker takes the requests of its share of members, in order.
type worker struct {
	engine *Engine
	queue  chan *job
	// look is whether to look for earlier answers before deciding: so after a batch that had some.
	look bool
	// conn is the worker's own connection, so that it has its statements prepared; nil until it is needed.
	conn *sql.Conn
}

func (w *worker) run() {
	defer func() {
		if w.conn != nil {
			_ = w.conn.Close()
		}
	}()
	for j := range w.queue {
		jobs := append(make([]*job, 0, w.engine.options.MaxBatch), j)
	drain:
		for len(jobs) < w.engine.options.MaxBatch {
			select {
			case j, ok := <-w.queue:
				if !ok {
					break drain
				}
				jobs = append(jobs, j)
			default:
				break drain
			}
		}
		w.handle(jobs)
	}
}

// handle answers every job. A batch that a database error breaks is split, so that what cannot succeed fails alone.
func (w *worker) handle(jobs []*job) {
	start := time.Now()
	b, err := w.transact(jobs)
	if err == nil {
		w.engine.metrics.batch.Observe(float64(len(jobs)))
		w.engine.metrics.seconds.Observe(time.Since(start).Seconds())
		w.engine.announce(b)
		for i, j := range jobs {
			w.engine.metrics.requests.WithLabelValues(string(j.op), result(b.replies[i].outcome)).Inc()
			j.done <- b.replies[i]
		}
		return
	}
	if apart, ok := errors.AsType[*errApart](err); ok {
		w.handle(jobs[:apart.at])
		w.handle(jobs[apart.at:])
		return
	}
	away := errors.Is(err, ErrUnavailable) // then every part of the batch would fail too
	if len(jobs) > 1 && !away {
		half := len(jobs) / 2
		w.handle(jobs[:half])
		w.handle(jobs[half:])
		return
	}
	w.engine.options.Log.Error("requests failed", "requests", len(jobs), "operation", jobs[0].op, "command", jobs[0].command.String(), "error", err)
	for _, j := range jobs {
		w.engine.metrics.requests.WithLabelValues(string(j.op), "failed").Inc()
		j.done <- reply{err: err}
	}
}

func result(o *Outcome) string {
	switch {
	case o.Duplicate:
		return "duplicate"
	case o.Refusal != nil:
		return "refused"
	}
	return "done"
}

// patience is how long a batch may take, retries included.
const patience = 20 * time.Second

// transact runs the jobs: on PostgreSQL at first without locks, so that the one statement that saves is the whole transaction. (A lock is a write too.) If that
// loses to another process, or fails in any way, it runs them in a transaction that locks what it reads, again and again while that loses.
func (w *worker) transact(jobs []*job) (b *batch, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("engine: panic: %v\n%s", r, debug.Stack())
		}
	}()
	defer func() { err = unavailable(err) }()
	// A caller that gives up does not take the others with it: there is no caller's context here.
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	again := w.engine.sql.postgres()
	if again {
		b = newBatch(w.engine, jobs, false)
		if err = w.alone(ctx, b); err == nil {
			w.look = b.repeats()
			return b, nil
		}
		if isApart(err) {
			return b, err
		}
		w.look = true // it may have lost to the same request, or be done although the answer went astray
	}
	err = w.engine.store.InTx(ctx, func(tx *sql.Tx) error {
		if again {
			w.engine.metrics.retries.Inc()
		}
		again = true
		b = newBatch(w.engine, jobs, true)
		err := b.run(ctx, tx, w.look)
		if errors.Is(err, errLost) {
			w.look = true
		}
		return err
	})
	if err == nil {
		w.look = b.repeats()
	}
	return b, err
}

// alone runs the batch on the worker's own connection, without a transaction around it.
func (w *worker) alone(ctx context.Context, b *batch) (err error) {
	if w.conn == nil {
		if w.conn, err = w.engine.store.DB().Conn(ctx); err != nil {
			return err
		}
	}
	if err = b.run(ctx, w.conn, w.look); err != nil && !errors.Is(err, errLost) && !isApart(err) {
		_ = w.conn.Close() // it goes back to the pool, which looks whether it still works
		w.conn = nil
	}
	return err
}

// repeats tells whether any of the batch's requests had been answered before.
func (b *batch) repeats() bool { return len(b.known) > len(b.saved.commands) }

// announce tells of every account that moved. It comes after the commit and before the answers.
func (e *Engine) announce(b *batch) {
	for _, p := range b.persons {
		if a := p.state.Account; p.changed && (p.isNew || a.Sequence != p.sequence) {
			e.announcer.Account(p.programme, loyalty.AccountNews{
				Account: a.ID, Version: a.Sequence, Balances: a.Balances, NextDue: a.NextDue, At: fact.Instant(a.LastMoved),
			})
		}
	}
}
