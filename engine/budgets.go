package engine

import (
	"context"
	"fmt"

	"granaio/loyalty/fact"
)

// A budget is one row that every interaction may draw on, in any number of processes. So it is not fenced as a stock is: nobody who is second would ever win. It
// is read without a lock; what the batch drew in all is added by one update, which holds the row only until the commit, and only if it is there. Where
// it is not, since others were first, the batch is lost, and what is left is decided about with the row locked.

func budgetsSQL(g grammar, locking bool) string {
	text := `SELECT bu.id, bu.amount, bu.spent FROM ` + g.ids(1, "r") + ` JOIN budgets bu ON bu.id = r.id ORDER BY bu.id`
	if locking {
		text += g.lock("bu")
	}
	return text
}

const drawColumns = "id uuid, points int8, most int8"

// draw adds to what is spent of the budgets that have so much left, or takes from it what is given back.
var draw = writer{columns: drawColumns, list: columns(drawColumns), text: func(_ grammar, r string) string {
	return "UPDATE budgets SET spent = budgets.spent + r.points FROM " + r + " AS r WHERE budgets.id = r.id" +
		" AND (r.points < 0 OR budgets.spent + r.points <= r.most AND budgets.spent + r.points <= budgets.amount)"
}}

// loadBudgets reads what is left of those budgets that some request may draw on. Defining a budget made its row.
func (b *batch) loadBudgets(ctx context.Context, db queries) error {
	var wanted []fact.ID
	for _, j := range b.jobs {
		event, occurred := j.happens()
		if event == "" || b.numbers[j.origin.Programme] == 0 {
			continue
		}
		timeline, err := b.timeline(ctx, j.origin.Programme)
		if err != nil {
			return err
		}
		p, err := timeline.At(ctx, b.occurred(j, occurred))
		if err != nil {
			return err
		}
		if p == nil {
			continue
		}
		if wanted, err = b.draws(ctx, timeline, p.Drawn(event), wanted); err != nil {
			return err
		}
	}
	return b.readBudgets(ctx, db, wanted, b.locking)
}

// draws adds to the budgets that are to be read those that were not named before, and takes note of how many points the version in force says they have:
// it counts for late interactions too.
func (b *batch) draws(ctx context.Context, timeline Timeline, budgets, wanted []fact.ID) ([]fact.ID, error) {
	for _, id := range budgets {
		if _, named := b.left[id]; named {
			continue
		}
		current, err := timeline.Current(ctx, b.now)
		if err != nil {
			return nil, err
		}
		b.left[id], b.most[id] = 0, fact.MaxPoints // of one that the programme has dropped, what its row says
		for _, x := range current.Budgets() {
			if x.Definition == id {
				b.most[id] = x.Points
			}
		}
		wanted = append(wanted, id)
	}
	return wanted, nil
}

// readBudgets reads what is left of budgets. Where they are not locked, the statement that saves finds out whether there was enough.
func (b *batch) readBudgets(ctx context.Context, db queries, wanted []fact.ID, locking bool) error {
	if len(wanted) == 0 {
		return nil
	}
	rows, err := db.QueryContext(ctx, b.engine.sql.budgets[locking], idList(wanted))
	if err != nil {
		return fmt.Errorf("load budgets: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id fact.ID
		var amount, spent fact.Points
		if err := rows.Scan(&id, &amount, &spent); err != nil {
			return fmt.Errorf("load budgets: %w", err)
		}
		b.left[id] = max(min(amount, b.most[id])-spent, 0)
	}
	return rows.Err()
}
