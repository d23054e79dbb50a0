package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

// Judgement is what became of rules for an interaction.
type Judgement struct {
	// Programme is the version that decided it.
	Programme *loyalty.Programme
	// Partner is the one that sent it, zero if none did.
	Partner  fact.ID
	Verdicts []why.Verdict
}

// judgedSQL reads interactions with what was stored of how they were decided: the answer is none for those that nobody asked for.
func judgedSQL(g grammar) string {
	return `SELECT i.id, i.programme_id, i.member_id, i.event, i.touchpoint, i.partner_id, i.occurred_at, i.received_at, i.value, i.lines, i.properties, i.version, c.answer
FROM ` + g.rows(1, "r", columns(pastColumns)) + ` JOIN interactions i ON i.id = r.id LEFT JOIN commands c ON c.id = r.command`
}

// judged is an interaction that was decided.
type judged struct {
	loyalty.Decided
	member, partner fact.ID
	version         int
	value           *int64
	movements       int
}

// Judge tells what became of rules for interactions of a programme that were decided before. Interactions that there are not are not in the answer. See loyalty.Programme's Hindsight.
func (e *Engine) Judge(ctx context.Context, programme fact.ID, interactions []fact.ID, q loyalty.Question) (map[fact.ID]*Judgement, error) {
	all, err := e.judged(ctx, programme, interactions)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var members []fact.ID
	for _, j := range all {
		members = append(members, j.member)
	}
	views, err := e.Views(ctx, programme, members)
	if err != nil {
		return nil, err
	}
	judgements := make(map[fact.ID]*Judgement, len(all))
	for id, j := range all {
		view := views[j.member]
		if view == nil {
			continue
		}
		timeline, err := e.programs.Timeline(ctx, programme, max(j.version, view.Programme.Number()))
		if err != nil {
			return nil, err
		}
		then, err := timeline.Version(ctx, j.version)
		if err != nil {
			return nil, err
		}
		if j.value != nil {
			j.Interaction.Value = &fact.Money{Minor: *j.value, Currency: then.Currency()}
		}
		judgement := &Judgement{Programme: then, Partner: j.partner}
		for v := range then.Hindsight(view.State, j.Decided, q, view.Now) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			judgement.Verdicts = append(judgement.Verdicts, v)
		}
		judgements[id] = judgement
	}
	return judgements, nil
}

// judged reads interactions of a programme, and what they earned.
func (e *Engine) judged(ctx context.Context, programme fact.ID, interactions []fact.ID) (map[fact.ID]*judged, error) {
	var refs []pastRow
	for _, id := range interactions {
		refs = append(refs, pastRow{uuid(id), uuid(id.As(fact.KindCommand))})
	}
	all := make(map[fact.ID]*judged, len(refs))
	err := each(ctx, e.store.DB(), e.sql.judged, refs, func(row scanner) error {
		var (
			j                       judged
			of                      fact.ID
			lines, properties, text []byte
			a                       answer
			i                       = &j.Interaction
		)
		if err := row.Scan(&i.ID, &of, &j.member, &i.Event, &i.Touchpoint, &j.partner, nullTime{&i.Occurred}, nullTime{&i.Received}, &j.value, &lines, &properties,
			&j.version, &text); err != nil {
			return err
		}
		if err := errors.Join(decode(lines, &i.Lines), decode(properties, &i.Properties), decode(text, &a)); err != nil {
			return fmt.Errorf("%s: %w", i.ID, err)
		}
		if j.Withheld, j.Granted, j.Held, j.movements = a.Withheld, a.Granted, a.Held, a.Movements; of == programme {
			all[i.ID] = &j
		}
		return nil
	})
	if err == nil {
		err = e.earned(ctx, all)
	}
	if err != nil {
		return nil, fmt.Errorf("engine: verdicts: %w", unavailable(err))
	}
	return all, nil
}

// earned reads what interactions earned.
func (e *Engine) earned(ctx context.Context, all map[fact.ID]*judged) error {
	var ids []fact.ID
	for _, id := range sortedIDs(all) {
		for place := 1; place <= all[id].movements; place++ {
			ids = append(ids, id.At(place).As(fact.KindMovement))
		}
	}
	return each(ctx, e.store.DB(), e.sql.undone, ids, func(row scanner) error {
		var m ledger.Movement
		var explanation []byte
		if err := row.Scan(&m.ID, &m.Account, &m.Number, &m.Kind, &m.Points, nullTime{&m.Occurred}, nullTime{&m.Booked}, &m.Reason.Interaction,
			&m.Reason.Revision, &explanation); err != nil {
			return err
		}
		if j := all[m.Reason.Interaction]; j != nil && m.Kind == ledger.Earn {
			if err := decode(explanation, &m.Reason.Explanation); err != nil {
				return fmt.Errorf("%s: %w", m.ID, err)
			}
			j.Earnings = append(j.Earnings, m)
		}
		return nil
	})
}

// Trial is what would follow from an interaction. Nothing of it is stored.
type Trial struct {
	// Refusal, if it would be refused; everything below is then empty.
	Refusal *fact.Refusal
	// Judgement is what would become of rules, by the version that would decide it.
	Judgement
	// Before are the balances as they are, what is due counted in.
	Before  ledger.Balances
	Effects *loyalty.Effects
}

// Try tells what would follow from an interaction if it were tracked now: it is decided by the same code, on one view of the database, and then let be. Its key counts for nothing, and
// neither does who may send it.
func (e *Engine) Try(ctx context.Context, t Track, q loyalty.Question) (*Trial, error) {
	t.Key, t.Sender = "try", ""
	j, refusal := trackJob(&t, e.Now())
	if refusal != nil {
		return &Trial{Refusal: refusal}, nil
	}
	var trial *Trial
	err := e.rehearse(ctx, j, func(b *batch, timeline Timeline) (err error) {
		trial, err = b.try(ctx, timeline, j, q)
		return err
	})
	return trial, err
}

// try decides the batch's only request, and leaves it at that.
func (b *batch) try(ctx context.Context, timeline Timeline, j *job, q loyalty.Question) (*Trial, error) {
	d, err := b.readTrack(ctx, timeline, j)
	if err != nil || d.refusal != nil {
		return &Trial{Refusal: d.refusal}, err
	}
	s, fallen, err := b.present(ctx, timeline, d.person)
	if err != nil {
		return nil, err
	}
	effects, verdicts, refusal, err := loyalty.Try(d.programme, s, *d.interaction, q, b.now)
	if err != nil || refusal != nil {
		return &Trial{Refusal: refusal}, err
	}
	effects.Before(fallen)
	return &Trial{
		Judgement: Judgement{Programme: d.programme, Verdicts: verdicts}, Effects: effects,
		Before: ledger.AsOf(d.programme.Account(s), s.Lots, b.now, s.Holds...),
	}, nil
}

// faultKey names what can fail.
type faultKey struct {
	programme fact.ID
	loyalty.Fault
}

// quiet is how long a fault is not logged again.
const quiet = time.Hour

// fails counts expressions that could not be computed, and logs each kind of them now and then.
func (e *Engine) fails(b *batch) {
	for _, f := range b.faults {
		kind := "rule"
		if f.Kind == fact.KindMission {
			kind = "mission"
		}
		e.metrics.faults.WithLabelValues(kind, f.Key, string(f.Cause)).Inc()
		e.failing.Lock()
		said, now := e.failed[f.faultKey], e.Now()
		tell := said.IsZero() || now.Sub(said) >= quiet
		if tell {
			e.failed[f.faultKey] = now
		}
		e.failing.Unlock()
		if tell {
			e.options.Log.Warn("an expression cannot be computed, and so it gives nothing", "programme", f.programme.String(), "kind", kind, "key", f.Key, "revision", f.Revision,
				"in", string(f.In), "cause", string(f.Cause), "interaction", f.interaction.String())
		}
	}
}

// fault is an expression that could not be computed for an interaction.
type fault struct {
	faultKey
	interaction fact.ID
}
