package read

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"granaio/engine"
	"granaio/ent"
	"granaio/ent/interaction"
	"granaio/graph/scalar"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/touchpoint"
)

// InteractionConnection is a part of a connection of interactions.
type InteractionConnection = Connection[*Interaction]

// InteractionEdge is one in it.
type InteractionEdge = Edge[*Interaction]

// Interaction is one thing that happened to a member.
type Interaction struct {
	*ent.Interaction
	from *Reader
	with *interactions
}

// interactions are those that were read together.
type interactions struct {
	ids        []fact.ID
	reversals  *Group[fact.ID, []*Reversal]
	judgements groups[string, fact.ID, *engine.Judgement] // by what is asked
}

// IsNode makes it one of GraphQL's nodes.
func (*Interaction) IsNode() {}

// Touchpoint is the one it came through, as it is now, or as it was then if the programme has dropped it; nil if it never had it.
func (i *Interaction) Touchpoint(ctx context.Context) (*touchpoint.Touchpoint, error) {
	p, err := i.from.Programme(ctx)
	if err != nil {
		return nil, err
	}
	if t := p.Touchpoint(i.Interaction.Touchpoint); t != nil {
		return t, nil
	}
	if p, err = i.from.At(ctx, i.OccurredAt); err != nil || p == nil {
		return nil, err
	}
	return p.Touchpoint(i.Interaction.Touchpoint), nil
}

// Paid is what was paid, nil if nothing was.
func (i *Interaction) Paid(ctx context.Context) (*fact.Money, error) {
	if i.Interaction.Value == nil {
		return nil, nil
	}
	return i.from.money(ctx, *i.Interaction.Value)
}

// Bought are the lines that it was paid for.
func (i *Interaction) Bought() ([]fact.Line, error) { return decodeLines(i.Interaction.Lines) }

// Reversals are those of it, in the order in which they were taken.
func (i *Interaction) Reversals(ctx context.Context) ([]*Reversal, error) {
	return i.with.reversals.Get(ctx, i.ID)
}

// Judgement is what became of rules.
func (i *Interaction) Judgement(ctx context.Context, q loyalty.Question) (*engine.Judgement, error) {
	asked := fmt.Sprintf("%#v", q)
	return i.with.judgements.of(asked, func() *Group[fact.ID, *engine.Judgement] {
		return NewGroup(i.with.ids, func(ctx context.Context, ids []fact.ID) (map[fact.ID]*engine.Judgement, error) {
			return i.from.Engine.Judge(ctx, i.from.ID, ids, q)
		})
	}).Get(ctx, i.ID)
}

// Returned is how many pieces of one of its lines were returned.
func (i *Interaction) Returned(ctx context.Context, line fact.Line) (pieces int64, err error) {
	all, err := i.Reversals(ctx)
	if err != nil {
		return 0, err
	}
	for _, v := range all {
		if v.Whole {
			return line.Quantity, nil
		}
		lines, err := v.Named()
		if err != nil {
			return 0, err
		}
		for _, l := range lines {
			if l.Reference == line.Reference {
				pieces += l.Quantity
			}
		}
	}
	return pieces, nil
}

// InteractionsOf are rows as this operation shows them.
func (r *Reader) InteractionsOf(rows []*ent.Interaction) []*Interaction {
	all, ids := make([]*Interaction, len(rows)), make([]fact.ID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	with := &interactions{ids: ids, reversals: NewGroup(ids, r.loadReversals)}
	for i, row := range rows {
		all[i] = &Interaction{row, r, with}
	}
	return all
}

func (r *Reader) loadInteractions(ctx context.Context, ids []fact.ID) (map[fact.ID]*Interaction, error) {
	rows, err := r.Ent.Interaction.Query().Where(interaction.IDIn(ids...)).All(ctx)
	return byID(r.InteractionsOf(rows), func(i *Interaction) fact.ID { return i.ID }), err
}

// Interactions are the interactions of the ids, read in one statement when the first is asked for.
func (r *Reader) Interactions(ids []fact.ID) *Group[fact.ID, *Interaction] {
	return NewGroup(ids, r.loadInteractions)
}

func (m *Members) interactionPages() *pages[*Interaction] {
	return &pages[*Interaction]{
		owners: m.ids, order: order{interaction.FieldOccurredAt, true}, column: interaction.FieldMemberID,
		owner:  func(n *Interaction) fact.ID { return n.MemberID },
		cursor: func(n *Interaction) scalar.Cursor { return scalar.Cursor{Value: n.OccurredAt.UnixMicro(), ID: n.ID} },
		rows: func(ctx context.Context, members []fact.ID, narrow func(*sql.Selector)) ([]*Interaction, error) {
			q := m.Ent.Interaction.Query().Where(interaction.MemberIDIn(members...))
			q.Modify(narrow)
			rows, err := q.All(ctx)
			return m.InteractionsOf(rows), err
		},
		count: func(ctx context.Context, members []fact.ID) (map[fact.ID]int, error) {
			var rows []counted
			err := m.Ent.Interaction.Query().Where(interaction.MemberIDIn(members...)).
				GroupBy(interaction.FieldMemberID).Aggregate(ent.Count()).Scan(ctx, &rows)
			return totals(rows), err
		},
	}
}

// Interactions is a page of what happened to the member, by when it did.
func (m *Member) Interactions(ctx context.Context, w Window) (*Connection[*Interaction], error) {
	return m.With.interactions.get(m.With.interactionPages).of(ctx, m.ID, w)
}
