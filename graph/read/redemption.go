package read

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"granaio/ent"
	"granaio/ent/redemption"
	"granaio/graph/scalar"
	"granaio/loyalty/fact"
	"granaio/loyalty/reward"
)

// RedemptionConnection is a part of a connection of redemptions.
type RedemptionConnection = Connection[*Redemption]

// RedemptionEdge is one in it.
type RedemptionEdge = Edge[*Redemption]

// Redemption is a reward that a member has taken.
type Redemption struct {
	*ent.Redemption
	from *Reader
}

// IsNode makes it one of GraphQL's nodes.
func (*Redemption) IsNode() {}

// Reward is what was taken, as it is now, or as it was then if the programme has dropped it; nil if it never had it.
func (r *Redemption) Reward(ctx context.Context) (*reward.Reward, error) {
	p, err := r.from.Programme(ctx)
	if err != nil {
		return nil, err
	}
	if found := p.Reward(r.RewardID); found != nil {
		return found, nil
	}
	if p, err = r.from.At(ctx, r.CreatedAt); err != nil || p == nil {
		return nil, err
	}
	return p.Reward(r.RewardID), nil
}

// RedemptionsOf are the redemptions of rows that were read already.
func (r *Reader) RedemptionsOf(rows ...*ent.Redemption) []*Redemption {
	all := make([]*Redemption, len(rows))
	for i, row := range rows {
		all[i] = &Redemption{row, r}
	}
	return all
}

// Redemptions are the redemptions of the ids, read in one statement when the first is asked for.
func (r *Reader) Redemptions(ids []fact.ID) *Group[fact.ID, *Redemption] {
	return NewGroup(ids, func(ctx context.Context, ids []fact.ID) (map[fact.ID]*Redemption, error) {
		rows, err := r.Ent.Redemption.Query().Where(redemption.IDIn(ids...)).All(ctx)
		return byID(r.RedemptionsOf(rows...), func(r *Redemption) fact.ID { return r.ID }), err
	})
}

func (m *Members) redemptionPages() *pages[*Redemption] {
	return &pages[*Redemption]{
		owners: m.ids, kin: m.kin, order: order{redemption.FieldCreatedAt, true}, column: redemption.FieldMemberID,
		owner:  func(n *Redemption) fact.ID { return n.MemberID },
		cursor: func(n *Redemption) scalar.Cursor { return scalar.Cursor{Value: n.CreatedAt.UnixMicro(), ID: n.ID} },
		rows: func(ctx context.Context, members []fact.ID, narrow func(*sql.Selector)) ([]*Redemption, error) {
			q := m.Ent.Redemption.Query().Where(redemption.MemberIDIn(members...))
			q.Modify(narrow)
			rows, err := q.All(ctx)
			return m.RedemptionsOf(rows...), err
		},
		count: func(ctx context.Context, members []fact.ID) (map[fact.ID]int, error) {
			var rows []counted
			err := m.Ent.Redemption.Query().Where(redemption.MemberIDIn(members...)).
				GroupBy(redemption.FieldMemberID).Aggregate(ent.Count()).Scan(ctx, &rows)
			return totals(rows), err
		},
	}
}

// Redemptions is a page of the rewards that the member has taken, by when it did.
func (m *Member) Redemptions(ctx context.Context, w Window) (*Connection[*Redemption], error) {
	return m.With.redemptions.get(m.With.redemptionPages).of(ctx, m.ID, w)
}
