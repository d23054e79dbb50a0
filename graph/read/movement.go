package read

import (
	"context"
	"encoding/json"
	"time"

	"granaio/ent"
	"granaio/ent/movement"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

// Movement is one change of an account.
type Movement struct {
	*ent.Movement
	with *Movements
}

// IsNode makes it one of GraphQL's nodes.
func (*Movement) IsNode() {}

// After is the balances after it.
func (m *Movement) After() *ledger.Balances {
	return &ledger.Balances{Pending: m.PendingAfter, Available: m.AvailableAfter, Held: m.HeldAfter, Debt: m.DebtAfter}
}

// Explain is the figures behind it.
func (m *Movement) Explain() (e why.Explanation, err error) {
	return e, json.Unmarshal(m.Explanation, &e)
}

// Programme is the version in force now, which has the names of what is behind it.
func (m *Movement) Programme(ctx context.Context) (*loyalty.Programme, error) {
	return m.with.programme(ctx)
}

// Interaction is the one behind it, nil if there is none that the viewer may see.
func (m *Movement) Interaction(ctx context.Context) (*Interaction, error) {
	if m.InteractionID == nil {
		return nil, nil
	}
	return m.with.interactions.Get(ctx, *m.InteractionID)
}

// Lots are those that it touched, in the order in which it did, each with how many points; of an earning the one that it made.
func (m *Movement) Lots(ctx context.Context) ([]*LotSlice, error) {
	slices, err := m.with.lots.Get(ctx, m.ID)
	if slices == nil {
		slices = []*LotSlice{}
	}
	return slices, err
}

// Concerned is the movement that it captures, releases, takes back or gives back; nil for any other.
func (m *Movement) Concerned(ctx context.Context) (*Movement, error) {
	return m.with.concerned.Get(ctx, m.ID)
}

// Then is the programme's version that was in force when it occurred; nil if that is before the programme began.
func (m *Movement) Then(ctx context.Context) (*loyalty.Programme, error) {
	return m.with.at(ctx, m.OccurredAt)
}

// Movements are those that were read together.
type Movements struct {
	interactions *Group[fact.ID, *Interaction]
	notes        *Group[fact.ID, *Note]
	lots         *Group[fact.ID, []*LotSlice]
	concerned    *Group[fact.ID, *Movement]
	programme    func(context.Context) (*loyalty.Programme, error)
	at           func(context.Context, time.Time) (*loyalty.Programme, error)
}

// MovementsOf are the movements of rows that were read already. What they name their causes by is the version that programme gives.
func (r *Reader) MovementsOf(rows []*ent.Movement, programme func(context.Context) (*loyalty.Programme, error)) []*Movement {
	var behind, noted []fact.ID
	ids, all := make([]fact.ID, len(rows)), make([]*Movement, len(rows))
	with := &Movements{programme: programme, at: r.At}
	for i, row := range rows {
		ids[i], all[i] = row.ID, &Movement{row, with}
		if row.InteractionID != nil {
			behind = append(behind, *row.InteractionID)
		}
		if mayHaveNote(row.Kind) {
			noted = append(noted, row.CommandID)
		}
	}
	with.interactions = NewGroup(behind, r.loadInteractions)
	with.notes = NewGroup(noted, r.loadNotes)
	with.lots = NewGroup(ids, r.loadSlices(rows))
	with.concerned = NewGroup(ids, r.loadConcerned(rows))
	return all
}

// Movements are the movements of the ids, read in one statement when the first is asked for.
func (r *Reader) Movements(ids []fact.ID) *Group[fact.ID, *Movement] {
	return NewGroup(ids, func(ctx context.Context, ids []fact.ID) (map[fact.ID]*Movement, error) {
		rows, err := r.Ent.Movement.Query().Where(movement.IDIn(ids...)).All(ctx)
		return byID(r.MovementsOf(rows, r.Programme), func(m *Movement) fact.ID { return m.ID }), err
	})
}
