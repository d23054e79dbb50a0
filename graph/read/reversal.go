package read

import (
	"context"
	"encoding/json"

	"granaio/ent"
	"granaio/ent/reversal"
	"granaio/loyalty/fact"
)

// Reversal is an interaction that was undone, wholly or in part.
type Reversal struct {
	*ent.Reversal
	with *reversals
	from *Reader
}

// IsNode makes it one of GraphQL's nodes.
func (*Reversal) IsNode() {}

// reversals are those that were read together.
type reversals struct {
	interactions *Group[fact.ID, *Interaction]
	notes        *Group[fact.ID, *Note]
}

// Interaction is the one that was undone.
func (r *Reversal) Interaction(ctx context.Context) (*Interaction, error) {
	return r.with.interactions.Get(ctx, r.InteractionID)
}

// Note is what its sender wrote about it, nil if it did not.
func (r *Reversal) Note(ctx context.Context) (*Note, error) {
	return r.with.notes.Get(ctx, r.ID.As(fact.KindCommand))
}

// GivenBack is the money that was given back; nil if the interaction carried none.
func (r *Reversal) GivenBack(ctx context.Context) (*fact.Money, error) {
	i, err := r.Interaction(ctx)
	if err != nil || i == nil || i.Interaction.Value == nil {
		return nil, err
	}
	return r.from.money(ctx, r.Value)
}

// Named are the lines that were named.
func (r *Reversal) Named() (lines []fact.Line, err error) { return decodeLines(r.Lines) }

func decodeLines(text json.RawMessage) (lines []fact.Line, err error) {
	if len(text) == 0 {
		return nil, nil
	}
	return lines, json.Unmarshal(text, &lines)
}

// money is an amount in the programme's currency.
func (r *Reader) money(ctx context.Context, minor int64) (*fact.Money, error) {
	p, err := r.Programme(ctx)
	if err != nil {
		return nil, err
	}
	return &fact.Money{Minor: minor, Currency: p.Currency()}, nil
}

// ReversalsOf are the reversals of rows that were read already.
func (r *Reader) ReversalsOf(rows []*ent.Reversal) []*Reversal {
	interactions, commands := make([]fact.ID, len(rows)), make([]fact.ID, len(rows))
	for i, row := range rows {
		interactions[i], commands[i] = row.InteractionID, row.ID.As(fact.KindCommand)
	}
	with := &reversals{r.Interactions(interactions), NewGroup(commands, r.loadNotes)}
	all := make([]*Reversal, len(rows))
	for i, row := range rows {
		all[i] = &Reversal{row, with, r}
	}
	return all
}

// Reversals are the reversals of the ids, read in one statement when the first is asked for.
func (r *Reader) Reversals(ids []fact.ID) *Group[fact.ID, *Reversal] {
	return NewGroup(ids, func(ctx context.Context, ids []fact.ID) (map[fact.ID]*Reversal, error) {
		rows, err := r.Ent.Reversal.Query().Where(reversal.IDIn(ids...)).All(ctx)
		return byID(r.ReversalsOf(rows), func(v *Reversal) fact.ID { return v.ID }), err
	})
}

// loadReversals reads the reversals of interactions, each one's in the order in which they were taken.
func (r *Reader) loadReversals(ctx context.Context, interactions []fact.ID) (map[fact.ID][]*Reversal, error) {
	rows, err := r.Ent.Reversal.Query().Where(reversal.InteractionIDIn(interactions...)).Order(reversal.ByID()).All(ctx)
	all := map[fact.ID][]*Reversal{}
	for _, v := range r.ReversalsOf(rows) {
		all[v.InteractionID] = append(all[v.InteractionID], v)
	}
	return all, err
}
