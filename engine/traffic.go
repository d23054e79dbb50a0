package engine

import (
	"context"
	"fmt"
	"time"

	"granaio/loyalty/fact"
	"granaio/store"
)

// VisitsDuty is the name of the lease under which interactions are rolled up to visits. Its outcome is a Watermark.
const VisitsDuty = "visits"

// Watermark is how far interactions are rolled up: all with smaller ids are.
type Watermark struct {
	Until string `json:"until"` // an id; empty for none
	// Proved is when what is rolled up was last compared with all interactions before it.
	Proved time.Time `json:"proved,omitzero"`
}

// ID is the watermark's.
func (w Watermark) ID() (fact.ID, error) {
	if w.Until == "" {
		return fact.ID{}, nil
	}
	return fact.ParseUUID(w.Until)
}

// Visit is what a member did through a touchpoint on one day of the programme's calendar.
type Visit struct {
	Programme    fact.ID
	Touchpoint   string
	Day          fact.Day
	Member       fact.ID
	Interactions int64
	Points       fact.Points // that were given for them
}

// ReadVisits reads what happened from an id on and before another, a row for each interaction: of all programmes of which the zone is given, or of one touchpoint if it is named. Movements have the
// names of their interactions, so that those lie in a range too.
func ReadVisits(ctx context.Context, s *store.Store, db queries, from, until fact.ID, zones map[fact.ID]*time.Location, touchpoint string) (all []Visit, err error) {
	g := grammar{s.Dialect()}
	low, high := from.UUID(), until.UUID()
	interactions, arguments := `SELECT i.id, i.programme_id, i.touchpoint, i.occurred_at, i.member_id FROM interactions i
WHERE i.id >= `+g.param(1)+` AND i.id < `+g.param(2), []any{low, high}
	if touchpoint != "" {
		for programme := range zones { // one
			interactions, arguments = interactions+` AND i.programme_id = `+g.param(3)+` AND i.touchpoint = `+g.param(4), append(arguments, programme, touchpoint)
		}
	}
	rows, err := db.QueryContext(ctx, interactions, arguments...)
	if err != nil {
		return nil, err
	}
	places := map[fact.ID]int{}
	err = scanAll(rows, func(row scanner) error {
		var v Visit
		var id fact.ID
		var occurred time.Time
		if err := row.Scan(&id, &v.Programme, &v.Touchpoint, nullTime{&occurred}, &v.Member); err != nil {
			return err
		}
		zone := zones[v.Programme]
		if v.Touchpoint == "" || zone == nil { // Granaio's own has no touchpoint
			return nil
		}
		v.Day, v.Interactions = fact.DayOf(occurred, zone), 1
		places[id] = len(all)
		all = append(all, v)
		return nil
	})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	rows, err = db.QueryContext(ctx, `SELECT m.interaction_id, m.points FROM movements m
WHERE m.id >= `+g.param(1)+` AND m.id <= `+g.param(2)+` AND m.kind = 'earn' AND m.interaction_id IS NOT NULL`, from.At(0).As(0).UUID(), until.At(fact.MaxPlace).As(0xff).UUID())
	if err != nil {
		return nil, err
	}
	return all, scanAll(rows, func(row scanner) error {
		var id fact.ID
		var points fact.Points
		if err := row.Scan(&id, &points); err != nil {
			return err
		}
		if at, ok := places[id]; ok {
			all[at].Points += points
		}
		return nil
	})
}

// Rhythm is how long the periods of figures are.
type Rhythm string

// The rhythms.
const (
	Daily   Rhythm = "day"
	Weekly  Rhythm = "week" // from Monday
	Monthly Rhythm = "month"
)

// Traffic is what a touchpoint brought in a period.
type Traffic struct {
	Interactions, Members int64
	Points                fact.Points // that were given
}

// number is the period of a day of a column, as a number: of months 202605.
func (g grammar) period(r Rhythm, day string) string {
	switch {
	case r == Daily:
		return day
	case r == Weekly:
		return "(" + day + " + 3) / 7" // 1 January 1970 was a Thursday
	case g.postgres():
		return "CAST(to_char(DATE '1970-01-01' + CAST(" + day + " AS int), 'YYYYMM') AS bigint)"
	}
	return "CAST(strftime('%Y%m', " + day + " * 86400, 'unixepoch') AS integer)"
}

// Period is the number of the period of a day.
func (r Rhythm) Period(day fact.Day) int64 {
	switch r {
	case Daily:
		return int64(day)
	case Weekly:
		return (int64(day) + 3) / 7
	}
	y, m, _ := day.Date()
	return int64(y)*100 + int64(m)
}

type tailRow struct {
	Day    int64       `json:"day"`
	Member uuid        `json:"member"`
	Points fact.Points `json:"points"`
}

// Traffic tells what a touchpoint brought from one day to another, both in it, by period (Rhythm.Period). What is rolled up is read as it is, and what is newer from the interactions themselves, in one
// view of the database. Periods without interactions are not in the answer.
func (e *Engine) Traffic(ctx context.Context, programme fact.ID, zone *time.Location, touchpoint string, from, to fact.Day, r Rhythm) (all map[int64]Traffic, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("engine: traffic: %w", unavailable(err))
		}
	}()
	tx, err := e.store.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	g := e.sql.grammar
	since, err := watermark(ctx, g, tx, false)
	if err != nil {
		return nil, err
	}
	newer, err := ReadVisits(ctx, e.store, tx, since, fact.FirstID(e.Now().Add(24*time.Hour)), map[fact.ID]*time.Location{programme: zone}, touchpoint)
	if err != nil {
		return nil, err
	}
	tail := make([]tailRow, 0, len(newer))
	for _, v := range newer {
		if v.Day >= from && v.Day <= to {
			tail = append(tail, tailRow{int64(v.Day), uuid(v.Member), v.Points})
		}
	}
	parameter, err := encode(tail)
	if err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT period, CAST(sum(n) AS bigint), count(*), CAST(sum(points) AS bigint) FROM (
 SELECT `+g.period(r, "day")+` AS period, member, sum(n) AS n, sum(points) AS points FROM (
  SELECT v.day AS day, v.member_id AS member, v.interactions AS n, v.points AS points FROM visits v
  WHERE v.programme_id = `+g.param(1)+` AND v.touchpoint = `+g.param(2)+` AND v.day >= `+g.param(3)+` AND v.day <= `+g.param(4)+`
  UNION ALL SELECT t.day, t.member, 1, t.points FROM `+g.rows(5, "t", columns("day int8, member uuid, points int8"))+`) AS x
 GROUP BY 1, 2) AS y GROUP BY period`, programme, touchpoint, int64(from), int64(to), parameter)
	if err != nil {
		return nil, err
	}
	all = map[int64]Traffic{}
	return all, scanAll(rows, func(row scanner) error {
		var period int64
		var t Traffic
		if err := row.Scan(&period, &t.Interactions, &t.Members, &t.Points); err != nil {
			return err
		}
		all[period] = t
		return nil
	})
}
