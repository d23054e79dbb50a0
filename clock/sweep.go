package clock

import (
	"context"
	"log/slog"
	"time"
)

// Engine books what is due. Package engine has one.
type Engine interface {
	// Settle books what is due in up to so many accounts, and answers how many it looked at.
	Settle(ctx context.Context, most int) (int, error)
}

// Sweep is how often and how much at once; the zero value is sound.
type Sweep struct {
	Every time.Duration // how long it rests when nothing is due; a minute by default
	Most  int           // accounts at once; 500 by default
	Log   *slog.Logger  // slog's default by default
}

// Run books what is due until the context ends. A fault is logged, and it goes on at the next turn.
func (s Sweep) Run(ctx context.Context, e Engine) {
	if s.Every == 0 {
		s.Every = time.Minute
	}
	if s.Most == 0 {
		s.Most = 500
	}
	if s.Log == nil {
		s.Log = slog.Default()
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		n, err := e.Settle(ctx, s.Most)
		rest := s.Every
		switch {
		case err != nil && ctx.Err() == nil:
			s.Log.Error("what is due could not be booked; it is tried again", "error", err)
			if n >= s.Most/2 { // one that cannot be booked does not keep the others waiting
				rest = 0
			}
		case n >= s.Most:
			rest = 0
		}
		timer.Reset(rest)
	}
}
