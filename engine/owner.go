package engine

import (
	"context"
	"fmt"

	"granaio/loyalty/fact"
)

func ownersSQL(g grammar) string {
	ids := g.ids(1, "r")
	return `SELECT h.id, m.id, h.rehung_id FROM ` + ids + ` JOIN holds h ON h.id = r.id
JOIN members m ON m.account_id = h.account_id AND m.programme_id = h.programme_id
UNION ALL SELECT i.id, i.member_id, NULL FROM ` + ids + ` JOIN interactions i ON i.id = r.id
UNION ALL SELECT v.id, v.member_id, NULL FROM ` + ids + ` JOIN movements v ON v.id = r.id`
}

// loadOwners reads whose the things are by which the batch's requests name a member: their ids' kinds keep them apart. It changes only when the member is merged into
// another, which is looked up again once it is locked, so it is read before anything is.
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
	stands := map[fact.ID]fact.ID{} // for holds that were named, by those that were set aside in their stead
	for asked := named; len(asked) > 0; {
		var next []fact.ID
		err := each(ctx, db, b.engine.sql.owners, asked, func(row scanner) error {
			var thing, member, rehung fact.ID
			if err := row.Scan(&thing, &member, &rehung); err != nil {
				return err
			}
			first := thing
			if of, ok := stands[thing]; ok {
				first = of
			}
			if owners[first] = member; !rehung.IsZero() {
				if b.rehung == nil {
					b.rehung = map[fact.ID]fact.ID{}
				}
				b.rehung[first], stands[rehung] = rehung, first
				next = append(next, rehung)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("load owners: %w", err)
		}
		asked = next
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
