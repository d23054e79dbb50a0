package main

import (
	"context"
	"fmt"
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

// measureHotBudget measures purchases of all members that draw on one budget against those that draw on none, and makes sure that the budget was drawn on.
func measureHotBudget(ctx context.Context, s *stage, f figure) (result, error) {
	if err := s.enrolBuyers(ctx); err != nil {
		return result{}, err
	}
	p, err := s.serving(ctx)
	if err != nil {
		return result{}, err
	}
	r, err := s.compare(ctx, f, s.loading(p, s.selling(f, "offer")), s.loading(p, s.selling(f, "purchase")))
	if err != nil {
		return result{}, err
	}
	db, err := s.database(forServer)
	if err != nil {
		return result{}, err
	}
	var spent, given int64
	err = db.QueryRowContext(ctx, `SELECT (SELECT sum(spent) FROM budgets), (SELECT sum(m.points) FROM movements m JOIN interactions i ON i.id = m.interaction_id
 WHERE i.event = 'offer')`).Scan(&spent, &given)
	if err == nil && (spent == 0 || spent != given) {
		err = fmt.Errorf("offers gave %d points, and %d were drawn from the budget", given, spent)
	}
	return r, err
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
