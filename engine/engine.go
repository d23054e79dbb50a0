package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strconv"
	"sync"
	"time"

	"entgo.io/ent/dialect"
	"github.com/prometheus/client_golang/prometheus"

	"granaio/loyalty/fact"
	"granaio/store"
)

// Options are the engine's settings; the zero value is sound.
type Options struct {
	Workers  int                   // how many transactions run at once; by default 1 on SQLite, which has one writer, else 2 to 4
	MaxBatch int                   // how many requests share a transaction at most; 256 by default
	Now      func() time.Time      // the server's clock; time.Now by default
	Log      *slog.Logger          // slog.Default by default
	Metrics  prometheus.Registerer // nil for none
}

// Engine takes requests. It may be used by any number of goroutines.
type Engine struct {
	store     *store.Store
	programs  Library
	announcer Announcer
	options   Options
	sql       statements
	metrics   *metrics

	failing sync.Mutex
	failed  map[faultKey]time.Time // when it was last logged that something fails

	queue        *queue
	long         *queue // of what may take long, with one worker: to those in the other queue it is another process
	recollection *recollection
	redirects    redirects
	running      sync.WaitGroup // the workers
}

// ErrUnavailable is the error of a request that cannot be served just now: the database is not there, or the engine is shutting down. Nobody knows
// whether it took effect; the same request may be sent again, under the same key.
var ErrUnavailable = errors.New("engine: not available")

// ErrClosed is the ErrUnavailable of an engine that is shutting down.
var ErrClosed = fmt.Errorf("%w: closed", ErrUnavailable)

// unavailable marks an error as ErrUnavailable if the database is not there.
func unavailable(err error) error {
	if err != nil && store.Unreachable(err) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// New starts an engine. Close ends it.
func New(s *store.Store, programs Library, announcer Announcer, o Options) *Engine {
	if o.Workers == 0 {
		o.Workers = 1
		if s.Dialect() == dialect.Postgres {
			o.Workers = min(max(runtime.GOMAXPROCS(0), 2), 4)
		}
	}
	if o.MaxBatch == 0 {
		o.MaxBatch = 256
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	e := &Engine{
		store: s, programs: programs, announcer: announcer, options: o,
		sql: newStatements(grammar{s.Dialect()}), metrics: newMetrics(o.Metrics), failed: map[faultKey]time.Time{},
	}
	e.recollection = newRecollection(remembered, rememberedBytes)
	e.queue, e.long = e.hire(o.Workers, o.MaxBatch), e.hire(1, 1)
	return e
}

// hire makes a queue with some workers, and has them begin.
func (e *Engine) hire(n, batch int) *queue {
	workers := make([]*worker, n)
	for i := range workers {
		workers[i] = &worker{engine: e, turns: make(chan turn, 1)}
	}
	q := newQueue(workers, batch)
	for _, w := range workers {
		w.queue = q
		e.running.Go(w.run)
	}
	return q
}

// Close takes no more requests, answers those that it has, and ends.
func (e *Engine) Close() {
	e.queue.close()
	e.long.close()
	e.running.Wait()
}

// Now is the engine's clock.
func (e *Engine) Now() time.Time { return fact.Instant(e.options.Now()) }

func (e *Engine) await(ctx context.Context, j *job) (*Outcome, error) {
	select {
	case r := <-j.done:
		return r.outcome, r.err
	case <-ctx.Done():
		return nil, ctx.Err() // the batch goes on: what it answers will be the answer to the same request again
	}
}

func (e *Engine) do(ctx context.Context, j *job, refusal *fact.Refusal) (*Outcome, error) {
	if refusal != nil {
		return &Outcome{Refusal: refusal}, nil
	}
	q := e.queue
	if j.long() {
		q = e.long
	}
	if err := q.put(ctx, j); err != nil {
		return nil, err
	}
	return e.await(ctx, j)
}

// Track takes an interaction.
func (e *Engine) Track(ctx context.Context, t Track) (*Outcome, error) {
	j, refusal := trackJob(&t, e.Now())
	return e.do(ctx, j, refusal)
}

// Enrol makes a member.
func (e *Engine) Enrol(ctx context.Context, n Enrol) (*Outcome, error) {
	j, refusal := enrolJob(&n, e.Now())
	return e.do(ctx, j, refusal)
}

// Update takes what is said of a member, or of a dependent of it.
func (e *Engine) Update(ctx context.Context, u Update) (*Outcome, error) {
	j, refusal := updateJob(&u, e.Now())
	return e.do(ctx, j, refusal)
}

// Redeem takes a reward.
func (e *Engine) Redeem(ctx context.Context, r Redeem) (*Outcome, error) {
	j, refusal := redeemJob(&r, e.Now())
	return e.do(ctx, j, refusal)
}

// Consent takes decisions about purposes.
func (e *Engine) Consent(ctx context.Context, c Consent) (*Outcome, error) {
	j, refusal := consentJob(&c, e.Now())
	return e.do(ctx, j, refusal)
}

// Prefer takes how a member wants to be written to.
func (e *Engine) Prefer(ctx context.Context, p Prefer) (*Outcome, error) {
	j, refusal := preferJob(&p, e.Now())
	return e.do(ctx, j, refusal)
}

// Contact writes down that a member is written to, and refuses it if it may not be.
func (e *Engine) Contact(ctx context.Context, c Contact) (*Outcome, error) {
	j, refusal := contactJob(&c, e.Now())
	return e.do(ctx, j, refusal)
}

// Erase forgets a member, and clears what is stored of it. Who was erased before stays so: the answer is the same.
func (e *Engine) Erase(ctx context.Context, x Erase) (*Outcome, error) {
	j, refusal := eraseJob(&x, e.Now())
	return e.do(ctx, j, refusal)
}

// Operate changes points by an operation that is asked for by itself.
func (e *Engine) Operate(ctx context.Context, o Operate) (*Outcome, error) {
	j, refusal := operateJob(&o, e.Now())
	return e.do(ctx, j, refusal)
}

// Request is one of *Track, *Enrol, *Update, *Redeem, *Operate, *Reverse, *Refund.
type Request interface {
	job(now time.Time) (*job, *fact.Refusal)
}

func (t *Track) job(now time.Time) (*job, *fact.Refusal)  { return trackJob(t, now) }
func (n *Enrol) job(now time.Time) (*job, *fact.Refusal)  { return enrolJob(n, now) }
func (u *Update) job(now time.Time) (*job, *fact.Refusal) { return updateJob(u, now) }
func (r *Redeem) job(now time.Time) (*job, *fact.Refusal) { return redeemJob(r, now) }

func (o *Operate) job(now time.Time) (*job, *fact.Refusal) { return operateJob(o, now) }

// Result is what became of one request of many.
type Result struct {
	Outcome *Outcome
	Err     error
}

// All takes many requests, each by itself, and answers them in their order.
func (e *Engine) All(ctx context.Context, requests []Request) []Result {
	results := make([]Result, len(requests))
	jobs, places := make([]*job, 0, len(requests)), make([]int, 0, len(requests))
	now := e.Now()
	for i, r := range requests {
		j, refusal := r.job(now)
		if refusal != nil {
			results[i].Outcome = &Outcome{Refusal: refusal}
			continue
		}
		jobs, places = append(jobs, j), append(places, i)
	}
	err := e.queue.put(ctx, jobs...)
	for i, j := range jobs {
		r := &results[places[i]]
		if r.Err = err; err == nil {
			r.Outcome, r.Err = e.await(ctx, j)
		}
	}
	return results
}

// TrackBatch takes many interactions, each by itself, and answers them in their order.
func (e *Engine) TrackBatch(ctx context.Context, ts []Track) []Result {
	requests := make([]Request, len(ts))
	for i := range ts {
		requests[i] = &ts[i]
	}
	return e.All(ctx, requests)
}

// listField names an item of a list in a refusal's field.
func listField(list string, i int) string { return list + "." + strconv.Itoa(i) }
