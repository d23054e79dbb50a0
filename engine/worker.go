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

// worker takes turns: the requests of some members, in order.
type worker struct {
	engine *Engine
	queue  *queue
	turns  chan turn
	// conn is the worker's own connection, so that it has its statements prepared; nil until it is needed.
	conn *sql.Conn
	// look and locks are what is known of the lanes of the worker's turn.
	look  bool
	locks int
}

func (w *worker) run() {
	defer func() {
		if w.conn != nil {
			_ = w.conn.Close()
		}
	}()
	q := w.queue
	for t := range w.turns {
		w.look, w.locks = false, 0
		for _, s := range t {
			w.look, w.locks = w.look || s.look, max(w.locks, s.locks)
		}
		gather := func(jobs []*job, fits func(*job) bool) []*job { return q.gather(t, jobs, fits) }
		if jobs := gather(nil, func(*job) bool { return true }); len(jobs) > 0 {
			w.handle(jobs, gather)
		}
		for _, s := range t {
			s.look, s.locks = w.look, w.locks
		}
		q.done(w, t)
	}
}

// joining takes those that join a batch: see batch.more.
type joining func(jobs []*job, fits func(*job) bool) []*job

// handle answers every job, and those that join them. A batch that a database error breaks is split, so that what cannot succeed fails alone; nothing
// joins the parts, since it would come before those that are left.
func (w *worker) handle(jobs []*job, more joining) {
	start := time.Now()
	b, err := w.transact(jobs, more)
	jobs = b.jobs // others may have joined them
	if err == nil {
		w.engine.metrics.batch.Observe(float64(len(jobs)))
		w.engine.metrics.seconds.Observe(time.Since(start).Seconds())
		w.engine.announce(b)
		w.engine.fails(b)
		for i, j := range jobs {
			w.engine.metrics.requests.WithLabelValues(string(j.op), result(b.replies[i].outcome)).Inc()
			j.done <- b.replies[i]
		}
		return
	}
	if apart, ok := errors.AsType[*errApart](err); ok {
		if apart.long {
			w.engine.setAside(jobs[0])
			return
		}
		start := 0
		for _, at := range append(apart.at, len(jobs)) {
			w.handle(jobs[start:at], nil)
			start = at
		}
		return
	}
	away := errors.Is(err, ErrUnavailable) // then every part of the batch would fail too
	if len(jobs) > 1 && !away {
		half := len(jobs) / 2
		w.handle(jobs[:half], nil)
		w.handle(jobs[half:], nil)
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

// contended is how many batches are locked at once after one without locks has lost: where several processes want the same members, they go on wanting
// them for a while, and whoever only waits for a lock has not decided in vain.
const contended = 32

// patience is how long a batch may take, retries included.
const patience = 20 * time.Second

// transact runs the jobs: on PostgreSQL at first without locks, so that the one statement that saves is the whole transaction. (A lock is a write too.) If that
// loses to another process, or fails in any way, it runs them in a transaction that locks what it reads, again and again while that loses.
func (w *worker) transact(jobs []*job, more joining) (b *batch, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("engine: panic: %v\n%s", r, debug.Stack())
			if b != nil {
				w.engine.recollection.forget(b)
			}
		}
	}()
	defer func() { err = unavailable(err) }()
	// A caller that gives up does not take the others with it: there is no caller's context here.
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	b = newBatch(w.engine, jobs, false)
	again := w.engine.sql.postgres() && w.locks == 0 && !jobs[0].long() // so long others would change the same members meanwhile; and what is cleared is cleared in the same transaction
	w.locks = max(0, w.locks-1)
	if again {
		b.recalling = true
		err = w.alone(ctx, b)
		if recalled := b; err != nil && recalled.recalled && !isApart(err) { // memory may have been wrong
			w.engine.recollection.forget(recalled)
			w.engine.metrics.recalls.WithLabelValues("lost").Inc()
			w.look = true
			b = newBatch(w.engine, jobs, false)
			if err = w.alone(ctx, b); err == nil {
				w.engine.recollection.compare(recalled, b)
			}
		}
		if err == nil {
			if b.recalled {
				w.engine.metrics.recalls.WithLabelValues("kept").Inc()
			}
			w.look = b.repeats()
			w.engine.recollection.remember(b)
			return b, nil
		}
		if isApart(err) {
			return b, err
		}
		w.locks = contended
		w.look = true // it may have lost to the same request, or be done although the answer went astray
	}
	err = w.engine.store.InTx(ctx, func(tx *sql.Tx) error {
		if again {
			w.engine.metrics.retries.Inc()
		}
		again = true
		b = newBatch(w.engine, b.jobs, true)
		b.more = more
		err := b.run(ctx, tx, w.look)
		if errors.Is(err, errLost) {
			w.look = true
		}
		return err
	})
	if err == nil {
		if w.look = b.repeats(); w.look { // it lost to earlier answers, and not to another process
			w.locks = 0
		}
		if w.engine.sql.postgres() {
			w.engine.recollection.remember(b)
			w.engine.recollection.erase(b)
		}
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

// announce tells of every member that changed, of every account that moved and of every tier that changed. It comes after the commit and before the answers.
func (e *Engine) announce(b *batch) {
	for _, p := range b.persons {
		if !p.changed {
			continue
		}
		if m := &p.state.Member; !m.Into.IsZero() {
			e.redirects.learn(m.ID, m.Into)
		}
		fate := p.state.Member.Fate()
		if a := p.state.Account; p.isNew || a.Sequence != p.sequence || fate != p.was.Fate() {
			e.announcer.Account(p.programme, loyalty.AccountNews{
				Account: a.ID, Version: a.Sequence, Balances: a.Balances, NextDue: a.NextDue, At: fact.Instant(a.LastMoved), Fate: fate,
			})
		}
		if !p.isNew { // nobody watches a member before there is one
			e.announcer.Timeline(p.programme, loyalty.TimelineNews{Member: p.state.Member.ID, Version: p.version + 1, At: b.now, Fate: fate})
		}
		b.announceTier(p)
	}
}
