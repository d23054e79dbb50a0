package read

import (
	"context"

	"granaio/ent"
	"granaio/ent/budget"
	"granaio/loyalty/fact"
)

// Budget counts the points of one of the programme's budgets; nil if there is no such budget. All of them are read in one statement, when the first is asked for.
func (r *Reader) Budget(ctx context.Context, id fact.ID) (*ent.Budget, error) {
	r.budgetsOnce.Do(func() {
		var rows []*ent.Budget
		rows, r.budgetsErr = r.Ent.Budget.Query().Where(budget.ProgrammeID(r.ID)).All(ctx)
		r.budgets = byID(rows, func(b *ent.Budget) fact.ID { return b.ID })
	})
	return r.budgets[id], r.budgetsErr
}
