package main

import (
	"context"
	"errors"
	"time"
)

// measureStartup measures how long the program takes to start on a database with members.
func measureStartup(ctx context.Context, s *stage, f figure) (result, error) {
	if err := s.gather(ctx); err != nil {
		return result{}, err
	}
	return repeat(s, f, func() (float64, error) { return s.startup(ctx, forServer) })
}

// measureStartupEmpty measures how long the program takes to start on an empty database, whose tables it makes.
func measureStartupEmpty(ctx context.Context, s *stage, f figure) (result, error) {
	if err := s.rest(); err != nil {
		return result{}, err
	}
	return repeat(s, f, func() (float64, error) {
		if err := s.createDatabase(ctx, forEmpty, ""); err != nil {
			return 0, err
		}
		took, err := s.startup(ctx, forEmpty)
		return took, errors.Join(err, s.dropDatabase(ctx, forEmpty))
	})
}

// measureIdleMemory measures what memory the server takes while nobody asks anything of it.
func measureIdleMemory(ctx context.Context, s *stage, f figure) (result, error) {
	if err := s.gather(ctx); err != nil {
		return result{}, err
	}
	return repeat(s, f, func() (mib float64, err error) {
		p, err := s.boot(ctx, forServer)
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, p.stop()) }()
		if err := p.ready(ctx); err != nil {
			return 0, err
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(s.plan.idle):
			return p.memory(ctx)
		}
	})
}

// gather sees to it that the database has members, and that no server runs.
func (s *stage) gather(ctx context.Context) error {
	if s.readers == nil && s.buyers == nil {
		if err := s.enrolBuyers(ctx); err != nil {
			return err
		}
	}
	return s.rest()
}

// startup starts the program and stops it; how many milliseconds it took to be ready.
func (s *stage) startup(ctx context.Context, purpose string) (ms float64, err error) {
	began := time.Now()
	p, err := s.boot(ctx, purpose)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	if err := p.ready(ctx); err != nil {
		return 0, err
	}
	return float64(time.Since(began).Microseconds()) / 1000, nil
}

// repeat measures as often as the plan says.
func repeat(s *stage, f figure, measure func() (float64, error)) (result, error) {
	var values []float64
	for range s.plan.runs {
		v, err := measure()
		if err != nil {
			return result{}, err
		}
		values = append(values, v)
	}
	r := resultOf(f, values, nil)
	say("  %s %s", number(r.Value), f.unit)
	return r, nil
}
