package read

import (
	"context"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

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
	Kind          loyalty.StepKind
	Before, After loyalty.Status
	At            time.Time
	By, Reason    *string
	Absorbed      *fact.ID
}

// maxEvents is how many steps are shown.
const maxEvents = 100

// Events are the steps of its life, those of the members that were merged into it included, latest first.
func (m *Member) Events(ctx context.Context) ([]*MemberEvent, error) {
	ids, _, err := m.With.kin(ctx, []fact.ID{m.ID})
	if err != nil {
		return nil, err
	}
	rows, err := m.With.Ent.MemberEvent.Query().Where(memberevent.MemberIDIn(ids...)).Order(memberevent.ByCreatedAt(sql.OrderDesc()), memberevent.ByID(sql.OrderDesc())).Limit(maxEvents).All(ctx)
	if err != nil {
		return nil, err
	}
	commands := make([]fact.ID, len(rows))
	for i, row := range rows {
		commands[i] = row.ID.At(0).As(fact.KindCommand)
	}
	notes, err := m.With.loadNotes(ctx, commands)
	all := make([]*MemberEvent, len(rows))
	for i, row := range rows {
		all[i] = &MemberEvent{
			Kind: loyalty.StepKind(row.Kind), Before: loyalty.Status(row.Was), After: loyalty.Status(row.Status), At: row.CreatedAt, Absorbed: row.OtherID,
		}
		if n := notes[commands[i]]; n != nil {
			all[i].By, all[i].Reason = optionalText(n.By), optionalText(strings.TrimSpace(n.Text))
		}
	}
	return all, err
}
