package engine

import (
	"context"
	"fmt"

	"granaio/loyalty/fact"
	"granaio/store"
)

// foreseeSQL reads members of a programme, from the one after an id.
func foreseeSQL(g grammar) string {
	return `SELECT ` + stateColumns + ` FROM members m JOIN working_states s ON s.id = m.id JOIN accounts a ON a.id = m.account_id
WHERE m.programme_id = ` + g.param(1) + ` AND m.id > ` + g.param(2) + ` ORDER BY m.id LIMIT ` + g.param(3)
}

// expectSQL writes down when something is due for members, where that is sooner than was thought. It locks them in the order of their ids, as batches do, so that neither waits for
// the other for ever.
func expectSQL(g grammar) string {
	rows := g.rows(1, "r", columns("id uuid, due timestamptz"))
	if g.postgres() {
		rows = `(SELECT m.id, r.due FROM ` + rows + ` JOIN members m ON m.id = r.id ORDER BY m.id FOR NO KEY UPDATE OF m) r`
	}
	return `UPDATE members SET due_at = r.due FROM ` + rows + `
WHERE members.id = r.id AND (members.due_at IS NULL OR members.due_at > r.due)`
}

type expected struct {
	ID  uuid   `json:"id"`
	Due string `json:"due"`
}

// Foresee works out by the version in force now when time next brings something about, for up to so many members of a programme after an id, in the order of
// their ids; the last of them, and how many there were. It is for those whom nobody has looked at since the version came into force. Any number of processes may do it.
func (e *Engine) Foresee(ctx context.Context, programme, after fact.ID, number, most int) (last fact.ID, n int, err error) {
	timeline, err := e.programs.Timeline(ctx, programme, number)
	if err != nil {
		return last, 0, err
	}
	now := fact.Instant(e.options.Now())
	current, err := timeline.Current(ctx, now)
	if err != nil {
		return last, 0, err
	}
	rows, err := e.store.DB().QueryContext(ctx, e.sql.foresee, programme, fact.ID(after).UUID(), most)
	if err != nil {
		return last, 0, fmt.Errorf("engine: foresee: %w", err)
	}
	var found []expected
	err = scanAll(rows, func(row scanner) error {
		var x stateScan
		if err := row.Scan(x.targets()...); err != nil {
			return err
		}
		state, err := x.state()
		if err != nil {
			return err
		}
		last, n = x.id, n+1
		if due := current.Due(state, now); !due.IsZero() && (x.due.IsZero() || due.Before(x.due)) {
			found = append(found, expected{uuid(x.id), store.Time(due)})
		}
		return nil
	})
	if err != nil || len(found) == 0 {
		return last, n, err
	}
	parameter, err := encode(found)
	if err == nil {
		_, err = e.store.DB().ExecContext(ctx, e.sql.expect, parameter)
	}
	if err != nil {
		return last, n, fmt.Errorf("engine: foresee: %w", err)
	}
	return last, n, nil
}
