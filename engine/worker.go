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
}

func (w *worker) run() {
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
	if len(jobs) > 1 {
		half := len(jobs) / 2
		w.handle(jobs[:half])
		w.handle(jobs[half:])
		return
	}
	w.engine.options.Log.Error("a request failed", "operation", jobs[0].op, "command", jobs[0].command.String(), "error", err)
	w.engine.metrics.requests.WithLabelValues(string(jobs[0].op), "failed").Inc()
	jobs[0].done <- reply{err: err}
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

// transact runs the jobs in one transaction, again and again while it loses to others.
func (w *worker) transact(jobs []*job) (b *batch, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("engine: panic: %v\n%s", r, debug.Stack())
		}
	}()
	first := true
	// A caller that gives up does not take the others with it: the transaction has no caller's context.
	err = w.engine.store.InTx(context.Background(), func(tx *sql.Tx) error {
		if !first {
			w.engine.metrics.retries.Inc()
		}
		first = false
		b = newBatch(w.engine, jobs)
		err := b.run(context.Background(), tx, w.look)
		if errors.Is(err, errLost) {
			w.look = true
		}
		return err
	})
	if err == nil {
		w.look = len(b.known) > len(b.saved.commands)
	}
	return b, err
}

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
