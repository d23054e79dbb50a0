package soak

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"granaio/proof"
)

// The databases.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Options say what is broken, and how long. Binary, Script and Database are needed.
type Options struct {
	Binary   string        // the program, built
	Script   string        // scripts/postgres
	Database string        // SQLite or Postgres
	Duration time.Duration // of the load, comparing included; a minute by default, MaxDuration at most. A fault that has begun is ended
	Strikes  int           // faults at most; 0 for as many as there is time for
	Faults   []Fault       // which; nil for all that can be had. They come in this order again and again, or if nil by chance
	Gap      time.Duration // of load before each fault, at most; at least a third of it; 1.5 s by default
	Servers  int           // processes; by default 1 on SQLite and 3 on PostgreSQL
	Clients  int           // 12 by default
	Hot      int           // members that all clients contend for; 4 by default
	Seed     uint64        // of what clients do; 0 for one by chance
	Log      io.Writer     // is told of each fault; nil for nobody
}

// MaxDuration bounds a run: the journal is kept in memory.
const MaxDuration = time.Hour

// Run runs the load, breaks things, and tells what became of it. An error means that it could not be told, or that a request was never answered.
func Run(ctx context.Context, o Options) (_ *Report, err error) {
	if o.Database != SQLite && o.Database != Postgres {
		return nil, fmt.Errorf("soak: there is no database %q", o.Database)
	}
	servers := map[string]int{SQLite: 1, Postgres: 3}
	o.Servers, o.Clients, o.Hot = cmp.Or(o.Servers, servers[o.Database]), cmp.Or(o.Clients, 12), cmp.Or(o.Hot, 4)
	o.Duration, o.Gap = min(cmp.Or(o.Duration, time.Minute), MaxDuration), cmp.Or(o.Gap, 1500*time.Millisecond)
	o.Seed = cmp.Or(o.Seed, rand.Uint64()>>32|1)
	if o.Log == nil {
		o.Log = io.Discard
	}
	folder, err := os.MkdirTemp("", "granaio-soak-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	s, err := raise(ctx, o, folder)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.raze()) }()
	j, err := newJournal(filepath.Join(folder, "journal.jsonl"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, j.close()) }()
	l := &load{site: s, journal: j, random: chance{rand.New(rand.NewPCG(o.Seed, 1<<63))}}
	for i := range o.Clients {
		l.clients = append(l.clients, &client{load: l, plan: newPlanner(o.Seed, i, o.Hot)})
	}
	r := &Report{Database: o.Database, Seed: o.Seed, Servers: o.Servers, Clients: o.Clients, Hot: o.Hot, Faults: map[Fault]int{}}
	if err := l.conduct(ctx, r); err != nil {
		return r, fmt.Errorf("%w\nthe servers said:\n%s", err, s.said())
	}
	return r, nil
}

// conduct runs the load to its end, and fills in the report.
func (l *load) conduct(ctx context.Context, r *Report) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := l.open(ctx); err != nil {
		return err
	}
	o := l.site.options
	faults := l.site.faults()
	deadline := time.Now().Add(o.Duration)
	l.start(ctx)
	defer func() {
		if err != nil {
			cancel() // what is on its way is given up
		}
		err = errors.Join(l.halt(), err)
	}()
	least := o.Gap / 3
	for n := 0; len(faults) > 0 && (o.Strikes == 0 || n < o.Strikes); n++ {
		if gap := least + l.random.N(o.Gap-o.Gap/3+1); time.Until(deadline) > gap {
			if err := l.proceed(ctx, gap); err != nil {
				return err
			}
		} else {
			break
		}
		f := faults[n%len(faults)]
		if o.Faults == nil {
			f = faults[l.random.IntN(len(faults))]
		}
		start := time.Now()
		if err := l.strike(ctx, f); err != nil {
			return err
		}
		l.struck.Add(1)
		r.Faults[f]++
		mended := time.Now()
		l.gate.Lock()
		took, err := l.judge(ctx, r)
		l.gate.Unlock()
		if err != nil {
			return err
		}
		least = max(o.Gap/3, took) // the longer it takes to compare, the more there is to be compared
		fmt.Fprintf(o.Log, "%8s: %-8s mended in %4d ms; everything answered and compared in %4d ms: %d commands, %d wrong\n",
			o.Database, f, mended.Sub(start).Milliseconds(), time.Since(mended).Milliseconds(), len(l.journal.order), r.Wrong())
	}
	if o.Strikes == 0 {
		if err := l.proceed(ctx, time.Until(deadline)); err != nil {
			return err
		}
	}
	if err := l.halt(); err != nil {
		return err
	}
	if err := l.again(ctx); err != nil {
		return err
	}
	_, err = l.judge(ctx, r)
	return err
}

// proceed lets the load run for a while.
func (l *load) proceed(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
	case err := <-l.broken:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
	return l.site.standing()
}

// judge examines everything anew, and takes it down; how long that took.
func (l *load) judge(ctx context.Context, r *Report) (time.Duration, error) {
	start := time.Now()
	if err := l.site.standing(); err != nil {
		return 0, err
	}
	v, findings, err := l.examine(ctx)
	if err != nil {
		return 0, err
	}
	r.take(l, v, findings)
	return time.Since(start), nil
}

// take takes down what was found. What was wrong once stays wrong.
func (r *Report) take(l *load, v verdict, findings []proof.Finding) {
	l.journal.mu.Lock()
	defer l.journal.mu.Unlock()
	v.add(l.journal.wrong)
	r.Kinds = map[operation]int{}
	for _, e := range l.journal.order {
		r.Kinds[e.Operation]++
	}
	r.Commands, r.Answers, r.Again = len(l.journal.order), l.journal.answers, l.failed.Load()
	var violations int64
	for _, f := range findings {
		if violations += f.Violations; f.Violations > 0 {
			v.tell("%s", []any{f})
		}
	}
	r.Lost, r.Doubled, r.Changed = max(r.Lost, v.Lost), max(r.Doubled, v.Doubled), max(r.Changed, v.Changed)
	r.Violations = max(r.Violations, violations)
	if len(v.Examples) > len(r.Examples) {
		r.Examples = v.Examples
	}
}
