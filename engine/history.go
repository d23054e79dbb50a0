package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// Remeasure is that metrics of a member are worked out anew from all that is stored.
type Remeasure struct {
	Origin
	Member  fact.ID
	Metrics []string // by name; none for all
	Dry     bool     // nothing is kept
}

func remeasureJob(r *Remeasure, now time.Time) *job {
	j := &job{op: opRemeasure, origin: r.Origin, refs: []Ref{{ID: r.Member}}, remeasure: r, received: now, done: make(chan reply, 1)}
	j.origin.Key = fact.NewID(fact.KindCommand).UUID() // doing it twice changes nothing, so nobody needs to know of the first
	return j
}

func (r *Remeasure) job(now time.Time) (*job, *fact.Refusal) { return remeasureJob(r, now), nil }

// historySQL reads what happened to a member, or to one that it absorbed, of some events, with what was returned of it.
func historySQL(g grammar) string {
	events := "i.event IN (SELECT value FROM json_each(?2))"
	if g.postgres() {
		events = "i.event IN (SELECT json_array_elements_text($2::json))"
	}
	return `SELECT i.id, i.event, i.touchpoint, i.occurred_at, i.value, i.properties, v.value, v.whole
FROM interactions i LEFT JOIN reversals v ON v.interaction_id = i.id WHERE i.member_id = ` + g.param(1) + ` AND ` + events + ` ORDER BY i.occurred_at, i.id`
}

// history is what is left of a member's interactions of some events.
func (e *Engine) history(ctx context.Context, db queries, member fact.ID, absorbed []fact.ID, events []string, currency fact.Currency) (all []fact.Interaction, err error) {
	if len(events) == 0 {
		return nil, nil
	}
	names, err := json.Marshal(events)
	if err != nil {
		return nil, err
	}
	for _, id := range append([]fact.ID{member}, absorbed...) {
		if all, err = e.happened(ctx, db, id, string(names), currency, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// happened adds what happened under one id.
func (e *Engine) happened(ctx context.Context, db queries, member fact.ID, events string, currency fact.Currency, all []fact.Interaction) ([]fact.Interaction, error) {
	rows, err := db.QueryContext(ctx, e.sql.history, member, events)
	if err != nil {
		return nil, err
	}
	var gone fact.ID // the last one of which nothing is left
	err = scanAll(rows, func(row scanner) error {
		var (
			i               fact.Interaction
			value, returned *int64
			whole           *bool
			properties      []byte
		)
		if err := row.Scan(&i.ID, &i.Event, &i.Touchpoint, nullTime{&i.Occurred}, &value, &properties, &returned, &whole); err != nil {
			return err
		}
		last := len(all) - 1
		switch again := last >= 0 && all[last].ID == i.ID; {
		case i.ID == gone:
			return nil
		case whole != nil && *whole:
			if gone = i.ID; again {
				all = all[:last]
			}
			return nil
		case again:
			if all[last].Value != nil && returned != nil {
				all[last].Value.Minor -= *returned
			}
			return nil
		}
		if value != nil {
			i.Value = &fact.Money{Minor: *value, Currency: currency}
			if returned != nil {
				i.Value.Minor -= *returned
			}
		}
		all = append(all, i)
		return decodeProperties(properties, &all[last+1].Properties)
	})
	return all, err
}

// loadHistories reads what is to be known of members' pasts: where what is kept of their metrics does not tell what is left after a return, and where metrics are worked
// out anew.
func (b *batch) loadHistories(ctx context.Context, db queries) error {
	for _, j := range b.jobs {
		var (
			p    = b.byRef[refKey{j.origin.Programme, j.refs[0]}]
			past *past
		)
		switch {
		case p == nil || j.reverse == nil && j.remeasure == nil:
			continue
		case j.reverse != nil:
			if past = b.undoing.pasts[j.refs[0].Interaction]; past == nil {
				continue
			}
		}
		timeline, err := b.timeline(ctx, j.origin.Programme)
		if err != nil {
			return err
		}
		current, err := timeline.Current(ctx, b.now)
		if err != nil {
			return err
		}
		var events []string
		if past != nil {
			events = current.Recalls(p.state, &past.Past)
		} else {
			events = current.Remembers(p.state, j.remeasure.Metrics...)
		}
		all, err := b.engine.history(ctx, db, p.state.Member.ID, p.state.Doc.Absorbed, events, current.Currency())
		if err != nil {
			return fmt.Errorf("load what happened to a member: %w", err)
		}
		if j.remeasure != nil {
			j.history = all
			continue
		}
		for _, i := range all {
			if i.ID != past.Interaction.ID {
				past.History = append(past.History, i)
			}
		}
	}
	return nil
}

// remeasured works a member's metrics out anew. Nothing is stored if they are as they should be.
func (b *batch) remeasured(ctx context.Context, j *job) (*Outcome, error) {
	p := b.byRef[refKey{j.origin.Programme, j.refs[0]}]
	if p == nil {
		return &Outcome{}, nil
	}
	timeline, err := b.timeline(ctx, j.origin.Programme)
	if err != nil {
		return nil, err
	}
	current, err := timeline.Current(ctx, b.now)
	if err != nil {
		return nil, err
	}
	was := p.input(b)
	state, remade := current.Remeasure(was, j.history, j.remeasure.Metrics...)
	if len(remade) == 0 {
		return &Outcome{Member: p.state.Member.ID}, nil
	}
	if j.remeasure.Dry {
		return &Outcome{Member: p.state.Member.ID, Remeasured: true}, nil
	}
	o, err := b.take(j, decision{person: p, effects: &loyalty.Effects{State: state}, remade: remade})
	if err == nil {
		o.Remeasured = true
	}
	return o, err
}

// Remeasure works metrics of members of one programme out anew from all that is stored, beside whatever else happens to them, and answers how many it changed. Those that there are not are passed
// over.
func (e *Engine) Remeasure(ctx context.Context, programme fact.ID, members []fact.ID, r Remeasure) (changed int64, err error) {
	requests := make([]Request, len(members))
	r.Programme = programme
	for i, member := range members {
		one := r
		one.Member = member
		requests[i] = &one
	}
	var faults []error
	for _, result := range e.All(ctx, requests) {
		switch {
		case result.Err != nil:
			faults = append(faults, result.Err)
		case result.Outcome.Remeasured:
			changed++
		}
	}
	return changed, errors.Join(faults[:min(len(faults), 3)]...)
}
