package engine

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"granaio/auth"
	"granaio/ent"
	"granaio/loyalty/fact"
	"granaio/store"
)

// watermark is how far interactions are rolled up; the zero id while none are. With lock nobody else moves it as long as the transaction lasts.
func watermark(ctx context.Context, g grammar, db queries, lock bool) (fact.ID, error) {
	text := `SELECT outcome FROM leases WHERE id = ` + g.param(1)
	if lock && g.postgres() { // on SQLite there is one writer
		text += " FOR UPDATE"
	}
	var outcome []byte
	var mark Watermark
	if err := db.QueryRowContext(ctx, text, VisitsDuty).Scan(&outcome); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fact.ID{}, err
	}
	if len(outcome) > 0 {
		if err := json.Unmarshal(outcome, &mark); err != nil {
			return fact.ID{}, err
		}
	}
	return mark.ID()
}

// straysSQL finds the members of whom not as many interactions are rolled up, by touchpoint, as there are.
func straysSQL(g grammar) string {
	return `SELECT DISTINCT x.programme_id, x.member_id FROM (
 SELECT i.programme_id, i.member_id, i.touchpoint, count(*) AS n FROM interactions i WHERE i.id < ` + g.param(1) + ` AND i.touchpoint <> '' GROUP BY 1, 2, 3
 UNION ALL SELECT v.programme_id, v.member_id, v.touchpoint, -CAST(sum(v.interactions) AS bigint) FROM visits v GROUP BY 1, 2, 3) AS x
GROUP BY x.programme_id, x.member_id, x.touchpoint HAVING sum(x.n) <> 0`
}

// Stray is a member of whom something was committed after the watermark had passed it, so that the visits lack it.
type Stray struct{ Programme, Member fact.ID }

// Strays are those of all programmes, or of one. It looks at all interactions there are.
func Strays(ctx context.Context, s *store.Store, programme fact.ID) (all []Stray, err error) {
	tx, err := s.Snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("engine: visits: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	g := grammar{s.Dialect()}
	until, err := watermark(ctx, g, tx, false)
	if err != nil || until.IsZero() {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, straysSQL(g), until.UUID())
	if err != nil {
		return nil, fmt.Errorf("engine: visits: %w", err)
	}
	return all, scanAll(rows, func(row scanner) error {
		var x Stray
		err := row.Scan(&x.Programme, &x.Member)
		if programme.IsZero() || x.Programme == programme {
			all = append(all, x)
		}
		return err
	})
}

// Retally counts anew what some members did through each touchpoint, up to the watermark. The zones are those of their programmes.
func Retally(ctx context.Context, s *store.Store, strays []Stray, zones map[fact.ID]*time.Location) error {
	g := grammar{s.Dialect()}
	for some := range slices.Chunk(strays, 50) {
		err := s.InTx(ctx, func(tx *sql.Tx) error {
			until, err := watermark(ctx, g, tx, true)
			if err != nil {
				return err
			}
			for _, x := range some {
				if zone := zones[x.Programme]; zone != nil {
					if err := retally(ctx, g, tx, s.EntIn(tx), x, until, zone); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("engine: visits: %w", err)
		}
	}
	return nil
}

// retally counts one member's anew.
func retally(ctx context.Context, g grammar, tx *sql.Tx, client *ent.Client, x Stray, until fact.ID, zone *time.Location) error {
	points := map[fact.ID]fact.Points{}
	rows, err := tx.QueryContext(ctx, `SELECT m.interaction_id, m.points FROM movements m WHERE m.account_id = `+g.param(1)+` AND m.kind = 'earn' AND m.interaction_id IS NOT NULL`,
		x.Member.As(fact.KindAccount))
	if err == nil {
		err = scanAll(rows, func(row scanner) error {
			var id fact.ID
			var n fact.Points
			err := row.Scan(&id, &n)
			points[id] += n
			return err
		})
	}
	if err != nil {
		return err
	}
	type key struct {
		touchpoint string
		day        fact.Day
	}
	places, sums := map[key]int{}, []Visit{}
	rows, err = tx.QueryContext(ctx, `SELECT i.id, i.touchpoint, i.occurred_at FROM interactions i WHERE i.member_id = `+g.param(1)+` AND i.id < `+g.param(2)+` AND i.touchpoint <> ''`, x.Member, until.UUID())
	if err != nil {
		return err
	}
	err = scanAll(rows, func(row scanner) error {
		var id fact.ID
		var k key
		var occurred time.Time
		if err := row.Scan(&id, &k.touchpoint, nullTime{&occurred}); err != nil {
			return err
		}
		k.day = fact.DayOf(occurred, zone)
		at, known := places[k]
		if !known {
			at = len(sums)
			places[k], sums = at, append(sums, Visit{Programme: x.Programme, Touchpoint: k.touchpoint, Day: k.day, Member: x.Member})
		}
		sums[at].Interactions++
		sums[at].Points += points[id]
		return nil
	})
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM visits WHERE programme_id = `+g.param(1)+` AND member_id = `+g.param(2), x.Programme, x.Member); err != nil {
		return err
	}
	for some := range slices.Chunk(sums, 500) {
		inserts := make([]*ent.VisitCreate, len(some))
		for i, v := range some {
			inserts[i] = client.Visit.Create().SetProgrammeID(v.Programme).SetTouchpoint(v.Touchpoint).SetDay(int64(v.Day)).SetMemberID(v.Member).SetInteractions(v.Interactions).SetPoints(v.Points)
		}
		if err := client.Visit.CreateBulk(inserts...).Exec(auth.System(ctx, x.Programme)); err != nil {
			return err
		}
	}
	return nil
}

// Retally counts anew what those members of a programme did through each touchpoint of whom something is not counted, or only tells how many those are.
func (e *Engine) Retally(ctx context.Context, programme fact.ID, zone *time.Location, dry bool) (int64, error) {
	strays, err := Strays(ctx, e.store, programme)
	if err == nil && !dry {
		err = Retally(ctx, e.store, strays, map[fact.ID]*time.Location{programme: zone})
	}
	return int64(len(strays)), err
}
