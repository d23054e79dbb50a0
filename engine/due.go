package engine

import (
	"context"
	"fmt"
	"time"

	"granaio/loyalty/fact"
)

// fallDue works out when time next brings something about for the members that changed, as far as that is to be known sooner than it was. What was
// to come earlier and comes later now is left: whoever looks then finds out (Settle). So a member's row is written for it only now and then.
func (b *batch) fallDue(ctx context.Context) error {
	for _, p := range b.persons {
		if !p.changed {
			continue
		}
		timeline, err := b.timeline(ctx, p.programme)
		if err != nil {
			return err
		}
		programme, err := timeline.Current(ctx, b.now)
		if err != nil {
			return err
		}
		p.expect(programme.Due(p.state, b.now), b.now)
	}
	return nil
}

// expect takes note of when something is next due: zero for never.
func (p *person) expect(due, now time.Time) {
	if p.due.IsZero() || !p.due.After(now) || !due.IsZero() && due.Before(p.due) {
		p.due = due
	}
}

// dueMembersSQL finds the members for whom time has brought something about.
func dueMembersSQL(g grammar) string {
	return `SELECT m.id, m.programme_id, a.sequence, s.version FROM members m JOIN accounts a ON a.id = m.account_id JOIN working_states s ON s.id = m.id
WHERE m.due_at <= ` + g.param(1) + ` ORDER BY m.due_at, m.id LIMIT ` + g.param(2)
}

// dues are up to so many members for whom something may be due by their account, and as many by themselves, each once.
func (e *Engine) dues(ctx context.Context, now time.Time, most int) (all []due, err error) {
	seen := map[fact.ID]bool{}
	for _, text := range []string{e.sql.due, e.sql.dueMembers} {
		rows, err := e.store.DB().QueryContext(ctx, text, now, most)
		if err != nil {
			return nil, fmt.Errorf("engine: what is due: %w", err)
		}
		err = scanAll(rows, func(row scanner) error {
			var d due
			err := row.Scan(&d.member, &d.programme, &d.sequence, &d.version)
			if err == nil && !seen[d.member] {
				seen[d.member] = true
				all = append(all, d)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("engine: what is due: %w", err)
		}
	}
	return all, nil
}
