package programme

import (
	"context"
	"fmt"
	"sync"
	"time"

	"granaio/auth"
	"granaio/ent"
	"granaio/loyalty/fact"
	"granaio/store"
)

// Partners tells what partners may do now, whatever their tokens say: one that the programme dropped may do nothing any more. An answer is at most
// remembered for so long. It may be used by any number of goroutines.
type Partners struct {
	store    *store.Store
	remember time.Duration

	mu    sync.Mutex
	known map[fact.ID]scopes
}

type scopes struct {
	list  []string
	until time.Time
}

// mostPartners bounds what is remembered.
const mostPartners = 10_000

// NewPartners asks a store, and remembers each answer for so long.
func NewPartners(s *store.Store, remember time.Duration) *Partners {
	return &Partners{store: s, remember: remember, known: map[fact.ID]scopes{}}
}

// Scopes are what the partner of a programme may do; none if there is no such partner.
func (p *Partners) Scopes(ctx context.Context, programme, partner fact.ID) ([]string, error) {
	now := time.Now()
	p.mu.Lock()
	found, ok := p.known[partner]
	p.mu.Unlock()
	if ok && now.Before(found.until) {
		return found.list, nil
	}
	row, err := p.store.Ent().Partner.Get(auth.System(ctx, programme), partner)
	if err != nil && !ent.IsNotFound(err) {
		return nil, fmt.Errorf("programme: the partner %s: %w", partner, err)
	}
	found = scopes{until: now.Add(p.remember)}
	if err == nil {
		found.list = row.Scopes
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.known) >= mostPartners {
		clear(p.known)
	}
	p.known[partner] = found
	return found.list, nil
}
