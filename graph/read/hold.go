package read

import (
	"context"
	"slices"
	"time"

	"granaio/ent"
	"granaio/ent/hold"
	"granaio/loyalty/fact"
)

// Hold is points that were set aside, as it is now: one that has lapsed is released, also where nobody has booked it yet.
type Hold struct {
	ID                         fact.ID
	Points, Captured, Released fact.Points
	ExpiresAt                  time.Time
}

// IsNode makes it one of GraphQL's nodes.
func (*Hold) IsNode() {}

// Holds are the holds of the ids, read in one statement when the first is asked for.
func (r *Reader) Holds(ids []fact.ID) *Group[fact.ID, *Hold] {
	return NewGroup(ids, func(ctx context.Context, ids []fact.ID) (map[fact.ID]*Hold, error) {
		rows, err := r.Ent.Hold.Query().Where(hold.IDIn(ids...)).All(ctx)
		all := make(map[fact.ID]*Hold, len(rows))
		for _, row := range rows {
			all[row.ID] = holdOf(row, r.Engine.Now())
		}
		return all, err
	})
}

func holdOf(row *ent.Hold, now time.Time) *Hold {
	h := &Hold{row.ID, row.Points, row.Captured, row.Released, row.ExpiresAt}
	if h.Captured+h.Released < h.Points && !now.Before(h.ExpiresAt) {
		h.Released = h.Points
	}
	return h
}

// Holds are those that are open now, soonest to lapse first.
func (a *Account) Holds(ctx context.Context) ([]*Hold, error) {
	v, err := a.Member.View(ctx)
	if err != nil {
		return nil, err
	}
	open := []*Hold{}
	for _, h := range v.State.Holds {
		if h.Expires.After(v.Now) {
			open = append(open, &Hold{ID: h.ID, Points: h.Points, ExpiresAt: h.Expires})
		}
	}
	slices.SortFunc(open, func(x, y *Hold) int {
		if c := x.ExpiresAt.Compare(y.ExpiresAt); c != 0 {
			return c
		}
		return slices.Compare(x.ID[:], y.ID[:])
	})
	return open, nil
}
