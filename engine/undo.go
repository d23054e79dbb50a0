package engine

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// What is undone is read from what is stored, once the member that it is about was read: whatever changes it changes the member too, so that the fences
// see to it that nobody else has undone it meanwhile.

// undoing is what is stored of what the requests of a batch are to undo, by the interaction and by the movement.
type undoing struct {
	pasts    map[fact.ID]*past
	spents   map[fact.ID]*spent
	lineages map[fact.ID]*lineage // of earnings that were booked in other accounts
}

// past is an interaction that is to be returned.
type past struct {
	loyalty.Past
	person  *person
	partner fact.ID // that sent it
	version int     // of the programme, which decided it
	then    *loyalty.Programme
	earned  []fact.ID // its movements
	awards  []fact.ID
}

// spent is a movement that is to be given back.
type spent struct {
	loyalty.Spent
	person  *person
	home    *person   // the absorbed member whose spend it was; nil if it was its own
	created time.Time // of the redemption
}

// where is whose account it lies in.
func (s *spent) where() *person {
	if s.home != nil {
		return s.home
	}
	return s.person
}

// errApart is the error of a batch that must be cut before some of its requests: one undoes something of a member whom a request before it has changed,
// and what is stored does not tell of that yet.
type errApart struct {
	at []int
	// long tells that the batch's one request has turned out to take long.
	long bool
}

func (e *errApart) Error() string {
	if e.long {
		return "engine: the request takes long"
	}
	return fmt.Sprintf("engine: requests %d need a batch of their own", e.at)
}

func isApart(err error) bool {
	_, apart := errors.AsType[*errApart](err)
	return apart
}

// undoes tells whether a request is about something that is stored.
func (j *job) undoes() bool { return j.reverse != nil || j.refund != nil }

// looksBack tells whether what is stored of the member decides a request.
func (j *job) looksBack() bool { return j.undoes() || j.remeasure != nil }

// apart tells whether a request must not be decided in this batch.
func (b *batch) apart(j *job) bool {
	p := b.byRef[refKey{j.origin.Programme, j.refs[0]}]
	return j.looksBack() && p != nil && p.changed
}

// cuts are the requests before which the batch is cut so that none of the pieces needs to be: all at once, or many returns of one member would be loaded again
// with each cut.
func (b *batch) cuts() (at []int) {
	touched := map[*person]bool{}
	for i, j := range b.jobs {
		if p := b.byRef[refKey{j.origin.Programme, j.refs[0]}]; j.looksBack() && touched[p] {
			at = append(at, i)
			clear(touched)
		}
		for _, r := range j.refs {
			if p := b.byRef[refKey{j.origin.Programme, r}]; p != nil {
				touched[p] = true
			}
		}
	}
	return at
}

// loadUndoing reads what is stored of what the batch's requests are to undo.
func (b *batch) loadUndoing(ctx context.Context, db queries) error {
	if !slices.ContainsFunc(b.jobs, (*job).undoes) {
		return nil
	}
	b.undoing = undoing{pasts: map[fact.ID]*past{}, spents: map[fact.ID]*spent{}}
	for _, j := range b.jobs {
		if !j.undoes() {
			continue
		}
		if p := b.byRef[refKey{j.origin.Programme, j.refs[0]}]; p == nil {
			continue
		} else if j.reverse != nil {
			b.undoing.pasts[j.refs[0].Interaction] = &past{person: p}
		} else {
			b.undoing.spents[j.refs[0].Movement] = &spent{person: p}
		}
	}
	for _, load := range []func(context.Context, queries) error{
		b.loadPasts, b.loadReversals, b.loadMovements, b.loadHomes, b.loadLineages, b.loadClosedLots, b.loadRedemptions, b.loadOthers,
	} {
		if err := load(ctx, db); err != nil {
			return fmt.Errorf("load what is undone: %w", err)
		}
	}
	return nil
}

const pastColumns = "id uuid, command uuid"

type pastRow struct {
	ID      uuid `json:"id"`
	Command uuid `json:"command"`
}

func pastsSQL(g grammar) string {
	return `SELECT i.id, i.event, i.touchpoint, i.partner_id, i.occurred_at, i.received_at, i.value, i.lines, i.properties, i.version, c.answer
FROM ` + g.rows(1, "r", columns(pastColumns)) + ` JOIN interactions i ON i.id = r.id JOIN commands c ON c.id = r.command`
}

// loadPasts reads the interactions, and of what they were answered with which movements and missions followed.
func (b *batch) loadPasts(ctx context.Context, db queries) error {
	var refs []pastRow
	for _, id := range sortedIDs(b.undoing.pasts) {
		refs = append(refs, pastRow{uuid(id), uuid(id.As(fact.KindCommand))})
	}
	return each(ctx, db, b.engine.sql.pasts, refs, func(row scanner) error {
		var (
			i                       fact.Interaction
			partner                 fact.ID
			value                   *int64
			lines, properties, text []byte
			version                 int
			a                       answer
		)
		if err := row.Scan(&i.ID, &i.Event, &i.Touchpoint, &partner, nullTime{&i.Occurred}, nullTime{&i.Received}, &value, &lines, &properties, &version, &text); err != nil {
			return err
		}
		if err := errors.Join(decode(lines, &i.Lines), decodeProperties(properties, &i.Properties), decode(text, &a)); err != nil {
			return fmt.Errorf("%s: %w", i.ID, err)
		}
		p := b.undoing.pasts[i.ID]
		timeline, err := b.timeline(ctx, p.person.programme)
		if err != nil {
			return err
		}
		if p.then, err = timeline.Version(ctx, version); err != nil {
			return err
		}
		if value != nil {
			i.Value = &fact.Money{Minor: *value, Currency: p.then.Currency()}
		}
		p.Interaction, p.partner, p.version = i, partner, version
		for _, m := range a.Progress {
			p.Missions = append(p.Missions, m.Key)
		}
		p.Missions = append(p.Missions, a.Beyond...)
		for place := 1; place <= a.Movements; place++ {
			p.earned = append(p.earned, i.ID.At(place).As(fact.KindMovement))
		}
		p.awards = p.then.Awards(p.person.state, &p.Interaction, p.Missions)
		return nil
	})
}

func reversalsSQL(g grammar) string {
	return `SELECT v.id, v.interaction_id, v.value, v.lines, v.whole, v.undone, v.occurred_at
FROM ` + g.ids(1, "r") + ` JOIN reversals v ON v.interaction_id = r.id ORDER BY v.id`
}

// loadReversals reads what the interactions were returned before.
func (b *batch) loadReversals(ctx context.Context, db queries) error {
	return each(ctx, db, b.engine.sql.reversals, sortedIDs(b.undoing.pasts), func(row scanner) error {
		var v loyalty.Reversal
		var lines, undone []byte
		if err := row.Scan(&v.ID, &v.Interaction, &v.Value, &lines, &v.Whole, &undone, nullTime{&v.Occurred}); err != nil {
			return err
		}
		if err := errors.Join(decode(lines, &v.Lines), decode(undone, &v.Undone)); err != nil {
			return fmt.Errorf("%s: %w", v.ID, err)
		}
		p := b.undoing.pasts[v.Interaction]
		p.Reversals = append(p.Reversals, v)
		return nil
	})
}

// undoneSQL reads movements by their ids, and those that reverse them, each once and in the order they were booked within an account.
func undoneSQL(g grammar) string {
	is := func(column string) string { // PostgreSQL can look for either by an index only where no subquery stands in its way
		if g.postgres() {
			return column + ` = ANY($1::uuid[])`
		}
		return column + ` IN (SELECT r.id FROM ` + g.ids(1, "r") + `)`
	}
	return `SELECT m.id, m.account_id, m.number, m.kind, m.points, m.occurred_at, m.booked_at, m.interaction_id, m.revision_id, m.explanation FROM movements m
WHERE ` + is("m.id") + ` OR ` + is("m.reverses_id") + ` ORDER BY m.account_id, m.number`
}

// loadMovements reads the earnings and spends that are undone, and the movements by which they were before.
func (b *batch) loadMovements(ctx context.Context, db queries) error {
	var ids []fact.ID
	for _, p := range b.undoing.pasts {
		ids = append(append(ids, p.earned...), p.awards...)
	}
	for id := range b.undoing.spents {
		ids = append(ids, id)
	}
	movements, reversing := map[fact.ID]ledger.Movement{}, map[fact.ID][]ledger.Movement{}
	err := each(ctx, db, b.engine.sql.undone, ids, func(row scanner) error {
		var m ledger.Movement
		var explanation []byte
		if err := row.Scan(&m.ID, &m.Account, &m.Number, &m.Kind, &m.Points, nullTime{&m.Occurred}, nullTime{&m.Booked}, &m.Reason.Interaction,
			&m.Reason.Revision, &explanation); err != nil {
			return err
		}
		if err := decode(explanation, &m.Reason.Explanation); err != nil {
			return fmt.Errorf("%s: %w", m.ID, err)
		}
		movements[m.ID] = m
		if of := m.Reverses(); !of.IsZero() {
			reversing[of] = append(reversing[of], m)
		}
		return nil
	})
	if err != nil {
		return err
	}
	earnings := func(ids []fact.ID) (all []loyalty.Earned) {
		for _, id := range ids {
			if m := movements[id]; m.Kind == ledger.Earn {
				all = append(all, loyalty.Earned{Movement: m, Before: reversing[id]})
			}
		}
		return all
	}
	for _, p := range b.undoing.pasts {
		p.Earnings, p.Awards = earnings(p.earned), earnings(p.awards)
	}
	for id, s := range b.undoing.spents {
		s.Movement, s.Before = movements[id], reversing[id]
	}
	return nil
}

func lotsByIDSQL(g grammar) string {
	return `SELECT ` + lotColumns + ` FROM ` + g.ids(1, "r") + ` JOIN lots l ON l.id = r.id`
}

// loadClosedLots reads those lots that are closed of the earnings and spends; the open ones are at hand. From here on they are rows of the member's like
// the others, since what comes back to them opens them.
func (b *batch) loadClosedLots(ctx context.Context, db queries) error {
	wanted := map[fact.ID]*person{}
	want := func(p *person, id fact.ID) {
		if _, ok := p.lots.all[id]; !ok {
			wanted[id] = p
		}
	}
	for _, p := range b.undoing.pasts {
		for _, earnings := range [][]loyalty.Earned{p.Earnings, p.Awards} {
			for _, e := range earnings {
				if l := b.undoing.lineages[e.ID]; l != nil {
					for _, id := range slices.Concat(l.former, l.heirs) {
						want(p.person, id)
					}
					continue
				}
				want(p.person, e.ID.As(fact.KindLot))
			}
		}
	}
	for _, s := range b.undoing.spents {
		for _, slice := range s.Reason.Explanation.Lots {
			want(s.where(), slice.Lot)
		}
	}
	err := each(ctx, db, b.engine.sql.lotsByID, sortedIDs(wanted), func(row scanner) error {
		lot, err := scanLot(row)
		if err == nil {
			wanted[lot.ID].lots.all[lot.ID] = lot
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range b.undoing.pasts {
		for _, earnings := range [][]loyalty.Earned{p.Earnings, p.Awards} {
			for i := range earnings {
				if l := b.undoing.lineages[earnings[i].ID]; l != nil {
					l.inherited(&earnings[i], p.person.lots.all)
					continue
				}
				earnings[i].Lot = p.person.lots.all[earnings[i].ID.As(fact.KindLot)]
			}
		}
	}
	for _, s := range b.undoing.spents {
		for _, slice := range s.Reason.Explanation.Lots {
			if lot := s.where().lots.all[slice.Lot]; !lot.IsOpen() {
				s.Lots = append(s.Lots, lot)
			}
		}
	}
	return nil
}

func redemptionsSQL(g grammar) string {
	return `SELECT x.id, x.reward_id, x.revision_id, x.movement_id, x.points, x.created_at FROM ` + g.ids(1, "r") + `
JOIN redemptions x ON x.id = r.id WHERE x.state = 'confirmed'`
}

// loadRedemptions reads what the spends paid for.
func (b *batch) loadRedemptions(ctx context.Context, db queries) error {
	var ids []fact.ID
	for _, id := range sortedIDs(b.undoing.spents) {
		ids = append(ids, id.At(0).As(fact.KindRedemption))
	}
	return each(ctx, db, b.engine.sql.redemptions, ids, func(row scanner) error {
		var w loyalty.Redemption
		var created time.Time
		if err := row.Scan(&w.ID, &w.Reward, &w.Revision, &w.Movement, &w.Points, nullTime{&created}); err != nil {
			return err
		}
		s := b.undoing.spents[w.Movement]
		if s == nil {
			return nil // another movement of the command paid for it
		}
		timeline, err := b.timeline(ctx, s.person.programme)
		if err != nil {
			return err
		}
		then, err := timeline.At(ctx, created)
		if err != nil {
			return err
		}
		s.Redemption, s.created = &w, created
		if reward := then.Reward(w.Reward); reward != nil {
			s.Limited = reward.Limited()
		}
		return nil
	})
}

func othersSQL(g grammar, direction string) string {
	return `SELECT i.occurred_at FROM interactions i WHERE i.member_id = ` + g.param(1) + ` AND i.event = ` + g.param(2) + ` AND i.id <> ` + g.param(3) + `
AND NOT EXISTS (SELECT 1 FROM reversals v WHERE v.interaction_id = i.id AND v.whole) ORDER BY i.occurred_at ` + direction + ` LIMIT 1`
}

// loadOthers reads when the event happened to the member first and last besides, where the interaction was the first or the last.
func (b *batch) loadOthers(ctx context.Context, db queries) error {
	for _, p := range b.undoing.pasts {
		i, series := &p.Interaction, p.person.state.Doc.Events[p.Interaction.Event]
		if series == nil || series.Count <= 1 { // there are no others
			continue
		}
		for _, end := range []struct {
			is   time.Time
			into *time.Time
			text string
		}{{series.First, &p.Others.First, b.engine.sql.first}, {series.Last, &p.Others.Last, b.engine.sql.last}} {
			if !end.is.Equal(i.Occurred) {
				continue
			}
			for _, member := range append([]fact.ID{p.person.state.Member.ID}, p.person.state.Doc.Absorbed...) {
				rows, err := db.QueryContext(ctx, end.text, member, i.Event, i.ID)
				if err != nil {
					return err
				}
				err = scanAll(rows, func(row scanner) error {
					var at time.Time
					err := row.Scan(nullTime{&at})
					if end.into.IsZero() || at.Before(*end.into) == (end.into == &p.Others.First) {
						*end.into = at
					}
					return err
				})
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// decode reads a document; none leaves the target as it is.
func decode(text []byte, target any) error {
	if len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, target)
}

// decodeProperties reads properties in the form that fact.Interaction has them in.
func decodeProperties(text []byte, target *map[string]any) error {
	if len(text) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(target); err != nil {
		return err
	}
	for name, v := range *target {
		(*target)[name] = numbered(v)
	}
	return nil
}

// numbered is a value of JSON with its numbers as int64 if they are whole, else as float64.
func numbered(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64() // it was one when it was written
		return f
	case []any:
		for i := range v {
			v[i] = numbered(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = numbered(v[name])
		}
	}
	return v
}

// each asks for some rows, and scans what comes; nothing is asked for none.
func each[T any](ctx context.Context, db queries, text string, wanted []T, scan func(scanner) error) error {
	if len(wanted) == 0 {
		return nil
	}
	parameter, err := listed(wanted)
	if err != nil {
		return err
	}
	rows, err := db.QueryContext(ctx, text, parameter)
	if err != nil {
		return err
	}
	return scanAll(rows, scan)
}

// scanAll scans rows to their end.
func scanAll(rows *sql.Rows, scan func(scanner) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
