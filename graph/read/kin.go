package read

import (
	"context"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"granaio/ent"
	"granaio/ent/memberevent"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// kin are the ids that stand for members: their own, and those of the members that were merged into them; and which of the members each stands for.
func (m *Members) kin(ctx context.Context, members []fact.ID) (ids []fact.ID, of map[fact.ID]fact.ID, err error) {
	of = make(map[fact.ID]fact.ID, len(members))
	for _, id := range members {
		v, err := m.View(ctx, id)
		if err != nil {
			return nil, nil, err
		}
		ids, of[id] = append(ids, id), id
		if v == nil {
			continue
		}
		for _, absorbed := range v.State.Doc.Absorbed {
			ids, of[absorbed] = append(ids, absorbed), id
		}
	}
	return ids, of, nil
}

// Absorbed are the ids of the members that were merged into it.
func (m *Member) Absorbed(ctx context.Context) ([]fact.ID, error) {
	v, err := m.View(ctx)
	if err != nil || v.State.Doc.Absorbed == nil {
		return []fact.ID{}, err
	}
	return v.State.Doc.Absorbed, nil
}

// MemberEvent is a step in a member's life.
type MemberEvent struct {
	ID            fact.ID
	Kind          loyalty.StepKind
	Before, After loyalty.Status
	At            time.Time
	Absorbed      *fact.ID
	member        fact.ID
	notes         *Group[fact.ID, *Note]
}

// By is who took the step; nil if that is not known any more.
func (e *MemberEvent) By(ctx context.Context) (*string, error) {
	n, err := e.notes.Get(ctx, e.command())
	if err != nil || n == nil {
		return nil, err
	}
	return optionalText(n.By), nil
}

// Reason is why, in the words of whoever took it; nil if none were said.
func (e *MemberEvent) Reason(ctx context.Context) (*string, error) {
	n, err := e.notes.Get(ctx, e.command())
	if err != nil || n == nil {
		return nil, err
	}
	return optionalText(strings.TrimSpace(n.Text)), nil
}

func (e *MemberEvent) command() fact.ID { return e.ID.At(0).As(fact.KindCommand) }

// maxEvents is how many steps are shown.
const maxEvents = 100

// Events are the steps of its life, those of the members that were merged into it included, latest first.
func (m *Member) Events(ctx context.Context) ([]*MemberEvent, error) {
	ids, _, err := m.With.kin(ctx, []fact.ID{m.ID})
	if err != nil {
		return nil, err
	}
	rows, err := m.With.Ent.MemberEvent.Query().Where(memberevent.MemberIDIn(ids...)).Order(memberevent.ByCreatedAt(sql.OrderDesc()), memberevent.ByID(sql.OrderDesc())).Limit(maxEvents).All(ctx)
	return m.With.stepsOf(rows), err
}

// stepsOf are the steps of rows that were read already.
func (r *Reader) stepsOf(rows []*ent.MemberEvent) []*MemberEvent {
	all, commands := make([]*MemberEvent, len(rows)), make([]fact.ID, len(rows))
	for i, row := range rows {
		all[i] = &MemberEvent{
			ID: row.ID, Kind: loyalty.StepKind(row.Kind), Before: loyalty.Status(row.Was), After: loyalty.Status(row.Status), At: row.CreatedAt, Absorbed: row.OtherID, member: row.MemberID,
		}
		commands[i] = all[i].command()
	}
	notes := NewGroup(commands, r.loadNotes)
	for _, e := range all {
		e.notes = notes
	}
	return all
}
