package replay

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"sync"
	"time"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// Deps are what a replay works with.
type Deps struct {
	Engine   Engine
	Library  Library
	In       io.Reader        // what Stdin reads; os.Stdin by default
	Progress io.Writer        // where progress is told; nil for nowhere
	Now      func() time.Time // the clock; time.Now by default
}

// Engine takes requests. *engine.Engine is one.
type Engine interface {
	All(ctx context.Context, requests []engine.Request) []engine.Result
}

// Library gives the programme that is in force. *programme.Library is one.
type Library interface {
	Current(ctx context.Context, programme fact.ID) (*loyalty.Programme, error)
}

// Run replays a file and tells what it did. When the context ends it finishes the batches that are under way and answers with the context's error. It
// ends too if the file cannot be read or nothing of a whole batch could be done; the error says why. The report is nil only if nothing was begun:
// the options are wrong, or the file cannot be opened. Refused lines are no error: see Report.Refused.
func Run(ctx context.Context, d Deps, o Options) (*Report, error) {
	began := time.Now()
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.In == nil {
		d.In = os.Stdin
	}
	if d.Progress == nil {
		d.Progress = io.Discard
	}
	p, err := d.Library.Current(ctx, o.Programme)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	if err := o.complete(p); err != nil {
		return nil, err
	}
	in, size, err := open(d.In, o.File)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	defer func() { _ = in.Close() }()
	records, err := newRecords(in, &o, p, fact.Instant(d.Now()))
	if err != nil {
		return nil, err
	}
	name := o.File
	if name == Stdin {
		name = o.Source
	}
	terminal, every := isTerminal(d.Progress), o.Notice
	if terminal {
		every = redraw
	}
	r := &run{
		deps: d, options: &o, records: records, report: &Report{File: name, Points: map[ledger.Kind]fact.Points{}},
		progress: newProgress(d.Progress, terminal, size, every),
		last:     map[string]time.Time{}, seed: maphash.MakeSeed(),
	}
	err = r.all(ctx)
	r.progress.end()
	r.report.Customers, r.report.Elapsed = int64(len(r.last)), time.Since(began)
	return r.report, err
}

// open opens the file and tells its size, 0 if that is not known.
func open(stdin io.Reader, name string) (io.ReadCloser, int64, error) {
	if name == Stdin {
		return io.NopCloser(stdin), 0, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = fmt.Errorf("%s is a folder", name)
	case info.Mode().IsRegular():
		return file, info.Size(), nil
	default:
		return file, 0, nil
	}
	return nil, 0, errors.Join(err, file.Close())
}

// run is one replay. One goroutine reads and deals the records to the lanes; each lane hands its batches to the engine, one after another.
type run struct {
	deps     Deps
	options  *Options
	records  *records
	progress *progress
	last     map[string]time.Time // by customer: when its last line occurred
	seed     maphash.Seed

	mutex  sync.Mutex
	report *Report
	fault  error // of the first batch of which nothing could be done
}

// tell changes the report.
func (r *run) tell(change func(*Report)) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	change(r.report)
}

// all deals the file's records until its end, the context's, or a fault.
func (r *run) all(ctx context.Context) error {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	lanes := make([]*lane, r.options.Lanes)
	var running sync.WaitGroup
	for i := range lanes {
		l := &lane{run: r, batches: make(chan []record), members: map[string]bool{}}
		lanes[i] = l
		running.Go(func() {
			for batch := range l.batches {
				if !l.handle(context.WithoutCancel(ctx), batch) {
					stop()
				}
			}
		})
	}
	err := r.deal(reading, lanes)
	for _, l := range lanes {
		close(l.batches)
	}
	running.Wait()
	switch {
	case r.fault != nil:
		return fmt.Errorf("replay: %w", r.fault)
	case err == nil:
		r.report.Complete = true
	}
	return err
}

// deal reads the file and gives every customer's records to one lane.
func (r *run) deal(ctx context.Context, lanes []*lane) error {
	for ctx.Err() == nil {
		x, err := r.records.next()
		var wrong *badLine
		switch {
		case errors.Is(err, io.EOF):
			for _, l := range lanes {
				if err := l.send(ctx); err != nil {
					return err
				}
			}
			return nil
		case errors.As(err, &wrong):
			r.tell(func(report *Report) {
				report.Lines++
				report.refuse(r.records.lines.number, wrong.why)
			})
			r.progress.add(1, int64(r.records.lines.size))
			continue
		case err != nil:
			return fmt.Errorf("replay: %w", err)
		}
		last, known := r.last[x.customer]
		r.last[x.customer] = x.occurred
		r.tell(func(report *Report) {
			report.Lines++
			if known && x.occurred.Before(last) {
				report.Backward++
			}
		})
		l := lanes[maphash.String(r.seed, x.customer)%uint64(len(lanes))]
		if l.waiting = append(l.waiting, x); len(l.waiting) == r.options.Batch {
			if err := l.send(ctx); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}
