package main

import (
	"context"
	"time"

	"granaio/loyalty/fact"
)

// measureHotAccount measures purchases of one member against those of all.
func measureHotAccount(ctx context.Context, s *stage, f figure) (result, error) {
	if err := s.enrolBuyers(ctx); err != nil {
		return result{}, err
	}
	p, err := s.serving(ctx)
	if err != nil {
		return result{}, err
	}
	at := func(buyers []fact.ID) timed { return s.atTill(p, f, buyers) }
	return s.compare(ctx, f, at(s.buyers[:1]), at(s.buyers))
}

// timed is a side that works for as long as it is told.
type timed func(length time.Duration) side

// atTill is the load of a figure's clients on a server: each sends one random purchase of some buyers a request.
func (s *stage) atTill(p *process, f figure, buyers []fact.ID) timed {
	return s.loading(p, s.buyersAtTill(f.name, f.clients, 1, buyers))
}

// loading is clients at work on a server.
func (s *stage) loading(p *process, clients []client) timed {
	return func(length time.Duration) side {
		return func(ctx context.Context) (float64, error) {
			_, perSecond, err := load(ctx, p.address, clients, length)
			return perSecond, err
		}
	}
}

// compare measures two sides in turns, after a warm-up.
func (s *stage) compare(ctx context.Context, f figure, ours, rivals timed) (result, error) {
	for _, warmUp := range []timed{ours, rivals} {
		if _, err := warmUp(s.plan.warm)(ctx); err != nil {
			return result{}, err
		}
	}
	return inTurns(ctx, s, f, ours(s.plan.length), rivals(s.plan.length))
}
