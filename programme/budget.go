package programme

import (
	"fmt"

	"granaio/ent"
	"granaio/ent/budget"
	"granaio/ent/definition"
	"granaio/loyalty/fact"
)

// budgets gives every budget's row the most points that any version says from now on: the engine draws up to what the version in force says, and the row is
// what no process draws beyond. A budget whose points a publication changes to fewer than are spent is a problem.
func (e *editing) budgets(p publication, all []made) error {
	contents, err := e.toCome(p)
	if err != nil {
		return err
	}
	for _, m := range all {
		contents = append(contents, m.next)
	}
	most := map[fact.ID]int64{}
	for _, c := range contents {
		for i := range c {
			if c[i].kind == definition.KindBudget {
				most[c[i].definition] = max(most[c[i].definition], pointsOf(&c[i]))
			}
		}
	}
	if len(most) == 0 {
		return nil
	}
	rows, err := e.client.Budget.Query().Where(budget.ProgrammeID(e.row.ID)).All(e.ctx)
	if err != nil {
		return err
	}
	were, are := p.before.index(), p.next.index()
	for _, row := range rows {
		amount, named := most[row.ID]
		if !named {
			continue // it was retired: what comes late may still draw on it
		}
		was, is := were[row.ID], are[row.ID]
		changed := is != nil && (was == nil || pointsOf(was) != pointsOf(is))
		if changed && pointsOf(is) < row.Spent {
			e.tooFew(is, row.Spent)
			continue
		}
		if amount == row.Amount || amount < row.Amount && !changed {
			continue
		}
		if err := e.amount(row, is, amount); err != nil {
			return err
		}
	}
	if len(e.outcome.Problems) > 0 {
		return errRefused
	}
	return nil
}

// amount sets a row's amount. The condition is the statement's: points may be drawn at any moment until it locks the row, and none beyond the new amount
// after that.
func (e *editing) amount(row *ent.Budget, is *entry, amount int64) error {
	moved, err := e.client.Budget.Update().Where(budget.ID(row.ID), budget.SpentLTE(amount)).SetAmount(amount).Save(e.ctx)
	if err == nil && moved == 0 {
		e.tooFew(is, row.Spent)
	}
	return err
}

func (e *editing) tooFew(x *entry, spent int64) {
	e.short(x, fmt.Sprintf("%d points are spent already: a budget cannot be lower than that", spent))
}

// toCome is what is in force from now until a publication comes to be.
func (e *editing) toCome(p publication) (contents []content, err error) {
	if !p.from.After(e.now) || len(e.versions) == 0 {
		return nil, nil
	}
	places := []int{e.inForce(e.now)}
	for _, place := range e.course.after(e.now) {
		if e.course.from[place].Before(p.from) {
			places = append(places, place)
		}
	}
	for _, place := range places {
		c, err := e.content(place)
		if err != nil {
			return nil, err
		}
		contents = append(contents, c)
	}
	return contents, nil
}

// pointsOf is how many points a budget's entry says there are.
func pointsOf(x *entry) int64 {
	points, _ := x.revision.Body["points"].(float64)
	return int64(points)
}
