package read

import (
	"context"

	"granaio/ent"
	entlot "granaio/ent/lot"
	"granaio/ent/movement"
	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// Lot is points that were earned together, and what became of them.
type Lot struct {
	*ent.Lot
	earnings *Group[fact.ID, *Movement]
}

// IsNode makes it one of GraphQL's nodes.
func (*Lot) IsNode() {}

// Earning is the movement that made it; nil if its points came from another account.
func (l *Lot) Earning(ctx context.Context) (*Movement, error) {
	return l.earnings.Get(ctx, l.ID.As(fact.KindMovement))
}

// LotSlice is so many points of a lot.
type LotSlice struct {
	Lot    *Lot
	Points fact.Points
}

// Lots are the lots of the ids, read in one statement when the first is asked for.
func (r *Reader) Lots(ids []fact.ID) *Group[fact.ID, *Lot] { return NewGroup(ids, r.loadLots) }

func (r *Reader) loadLots(ctx context.Context, ids []fact.ID) (map[fact.ID]*Lot, error) {
	rows, err := r.Ent.Lot.Query().Where(entlot.IDIn(ids...)).All(ctx)
	made := make([]fact.ID, len(rows))
	for i, row := range rows {
		made[i] = row.ID.As(fact.KindMovement)
	}
	earnings, all := r.Movements(made), make(map[fact.ID]*Lot, len(rows))
	for _, row := range rows {
		all[row.ID] = &Lot{row, earnings}
	}
	return all, err
}

// loadSlices reads the lots that movements touched: those that their explanations name, and of an earning the one that it made.
func (r *Reader) loadSlices(rows []*ent.Movement) func(context.Context, []fact.ID) (map[fact.ID][]*LotSlice, error) {
	return func(ctx context.Context, _ []fact.ID) (map[fact.ID][]*LotSlice, error) {
		named, all := map[fact.ID][]why.Slice{}, map[fact.ID][]*LotSlice{}
		var ids []fact.ID
		for _, row := range rows {
			slices, err := slicesOf(row)
			if err != nil {
				return nil, err
			}
			for _, s := range slices {
				ids = append(ids, s.Lot)
			}
			named[row.ID] = slices
		}
		if len(ids) == 0 {
			return all, nil
		}
		lots, err := r.loadLots(ctx, ids)
		for id, slices := range named {
			for _, s := range slices {
				if lots[s.Lot] != nil {
					all[id] = append(all[id], &LotSlice{lots[s.Lot], s.Points})
				}
			}
		}
		return all, err
	}
}

// slicesOf are the parts of lots that a movement touched.
func slicesOf(row *ent.Movement) ([]why.Slice, error) {
	e, err := (&Movement{Movement: row}).Explain()
	if err != nil {
		return nil, err
	}
	if row.Kind == movement.KindEarn || e.Source == why.SourceCredit {
		return []why.Slice{{Lot: row.ID.As(fact.KindLot), Points: row.Points}}, nil
	}
	return e.Lots, nil
}

// loadConcerned reads the movements that others capture, release, take back or give back.
func (r *Reader) loadConcerned(rows []*ent.Movement) func(context.Context, []fact.ID) (map[fact.ID]*Movement, error) {
	return func(ctx context.Context, _ []fact.ID) (map[fact.ID]*Movement, error) {
		of, all := map[fact.ID]fact.ID{}, map[fact.ID]*Movement{}
		var ids []fact.ID
		for _, row := range rows {
			e, err := (&Movement{Movement: row}).Explain()
			if err != nil {
				return nil, err
			}
			if !e.Of.IsZero() {
				of[row.ID], ids = e.Of, append(ids, e.Of)
			}
		}
		concerned := r.Movements(ids)
		for id, o := range of {
			m, err := concerned.Get(ctx, o)
			if err != nil {
				return nil, err
			}
			if m != nil {
				all[id] = m
			}
		}
		return all, nil
	}
}
