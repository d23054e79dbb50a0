package soak

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Fault is a way to break the program.
type Fault string

// The faults: see the package's documentation.
const (
	Process Fault = "process"
	Power   Fault = "power"
	Crash   Fault = "database"
	Limit   Fault = "limit"
	Disk    Fault = "disk"
)

// all are the faults in the order they are told of.
var all = []Fault{Process, Crash, Power, Limit, Disk}

// faults are those that can be had here.
func (s *site) faults() []Fault {
	possible := []Fault{Process, Power}
	if s.postgres != nil {
		possible = append(possible, Crash)
	} else {
		possible = []Fault{Process}
		if canLimit() {
			possible = append(possible, Limit)
		}
		if s.disk != nil {
			possible = append(possible, Disk)
		}
	}
	if s.options.Faults == nil {
		return possible
	}
	return slices.DeleteFunc(slices.Clone(s.options.Faults), func(f Fault) bool { return !slices.Contains(possible, f) })
}

// strike breaks something and puts it right again. The load goes on meanwhile.
func (l *load) strike(ctx context.Context, f Fault) error {
	switch f {
	case Process:
		return l.killProcess(ctx)
	case Power:
		return l.cutPower(ctx)
	case Crash:
		if err := l.site.postgres.crash(ctx); err != nil {
			return err
		}
		pause(ctx, l.random.N(300*time.Millisecond))
		return l.site.postgres.again(ctx)
	case Limit:
		return l.limitFiles(ctx)
	default:
		return l.fillDisk(ctx)
	}
}

// killProcess kills a server; one time in three its successor as well, on its way.
func (l *load) killProcess(ctx context.Context) error {
	i := l.random.IntN(len(l.site.servers))
	l.site.kill(i)
	if l.random.IntN(3) == 0 {
		if _, err := l.site.launch(i); err != nil {
			return err
		}
		pause(ctx, l.random.N(200*time.Millisecond))
		l.site.kill(i)
	}
	return l.site.start(ctx, i)
}

func (l *load) cutPower(ctx context.Context) error {
	var crashed error
	var both sync.WaitGroup
	both.Go(func() { crashed = l.site.postgres.crash(ctx) })
	both.Go(l.site.killAll)
	both.Wait()
	if crashed != nil {
		return crashed
	}
	if err := l.site.postgres.again(ctx); err != nil {
		return err
	}
	return l.site.startAll(ctx)
}

// limitFiles lets the server write only to the first few pages of its files. One time in two it goes on by itself once it may write again; else it
// is killed before.
func (l *load) limitFiles(ctx context.Context) error {
	p := l.site.servers[0]
	if err := p.limit(ctx, strconv.Itoa(8<<10+l.random.IntN(256<<10))); err != nil {
		return err
	}
	if err := l.bites(ctx); err != nil {
		return err
	}
	if l.random.IntN(2) == 0 {
		return l.killProcess(ctx)
	}
	return p.limit(ctx, "unlimited")
}

// fillDisk is limitFiles with a full file system.
func (l *load) fillDisk(ctx context.Context) error {
	if err := l.site.disk.fill(ctx); err != nil {
		return err
	}
	bitten := l.bites(ctx)
	killed := l.random.IntN(2) == 0
	if killed {
		l.site.kill(0)
	}
	if err := errors.Join(bitten, l.site.disk.widen(ctx)); err != nil || !killed {
		return err
	}
	return l.site.start(ctx, 0)
}

// bites waits until requests fail, and a while longer.
func (l *load) bites(ctx context.Context) error {
	before := l.failed.Load()
	for deadline := time.Now().Add(20 * time.Second); l.failed.Load() < before+3; pause(ctx, 5*time.Millisecond) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return errors.New("soak: the disk is full, yet every request is still granted")
		}
	}
	pause(ctx, l.random.N(300*time.Millisecond))
	return ctx.Err()
}

// chance is a source of random numbers that the conductor alone uses.
type chance struct{ *rand.Rand }

// N is a random duration below another one.
func (c chance) N(below time.Duration) time.Duration { return time.Duration(c.Int64N(int64(below))) }

// pause waits, and no longer than the context lasts.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
