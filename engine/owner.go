package engine

import (
	"context"
	"fmt"

	"granaio/loyalty/fact"
)

func ownersSQL(g grammar) string {
	ids := g.ids(1, "r")
	return `SELECT h.id, m.id FROM ` + ids + ` JOIN holds h ON h.id = r.id
JOIN members m ON m.account_id = h.account_id AND m.programme_id = h.programme_id
UNION ALL SELECT i.id, i.member_id FROM ` + ids + ` JOIN interactions i ON i.id = r.id
UNION ALL SELECT v.id, v.member_id FROM ` + ids + ` JOIN movements v ON v.id = r.id`
}

// loadOwners reads whose the things are by which the batch's requests name a member: their ids' kinds keep them apart. It never changes, so it is read before
// anything is locked.
func (b *batch) loadOwners(ctx context.Context, db queries) (map[fact.ID]fact.ID, error) {
	var named []fact.ID
	for _, j := range b.jobs {
		for _, r := range j.refs {
			if thing := r.thing(); !thing.IsZero() {
				named = append(named, thing)
			}
		}
	}
	owners := make(map[fact.ID]fact.ID, len(named))
	err := each(ctx, db, b.engine.sql.owners, named, func(row scanner) error {
		var thing, member fact.ID
		err := row.Scan(&thing, &member)
		owners[thing] = member
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load owners: %w", err)
	}
	return owners, nil
}

// refTo names a member by something of its own.
func refTo(thing fact.ID) Ref {
	switch thing.Kind() {
	case fact.KindInteraction:
		return Ref{Interaction: thing}
	case fact.KindMovement:
		return Ref{Movement: thing}
	}
	return Ref{Hold: thing}
}
