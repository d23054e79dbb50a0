package simulate

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// given is a value that was given for an attribute, as the books have it.
type given struct {
	dependent fact.ID
	name      string
	value     any
	party     fact.Party
	state     loyalty.AttributeState
}

// values reads what was said of members. What interactions told of them follows from the interactions.
func (h *history) values(ctx context.Context, m *merged, low, high fact.ID) error {
	m.place = 0
	return h.each(ctx, `SELECT v.id, v.dependent_id, v.name, v.value, v.party, v.state FROM attribute_values v
WHERE v.programme_id = $1 AND v.id > $2 AND v.id <= $3 ORDER BY v.id`, func(row *sql.Rows) error {
		var id fact.ID
		var v given
		var text sql.RawBytes
		if err := row.Scan(&id, &v.dependent, &v.name, &text, &v.party, &v.state); err != nil {
			return err
		}
		of := m.of(id)
		if of == nil || of.operation == opTrack {
			return nil
		}
		if len(text) > 0 {
			d := json.NewDecoder(bytes.NewReader(text))
			d.UseNumber()
			if err := d.Decode(&v.value); err != nil {
				return fmt.Errorf("the value %s: %w", id, err)
			}
			v.value = plain(v.value)
		}
		of.given = append(of.given, v)
		return nil
	}, h.programme, low, high)
}

// enrolment is what was said of somebody who joined.
func (i *item) enrolment() (e loyalty.Enrolment) {
	at := map[fact.ID]int{}
	for _, v := range i.given {
		e.Party = v.party
		switch place, known := at[v.dependent]; {
		case !v.dependent.IsZero() && !known:
			at[v.dependent] = len(e.Dependents)
			kind, _ := v.value.(string) // the kind comes first
			e.Dependents = append(e.Dependents, loyalty.Introduced{Kind: kind, Attributes: map[string]any{}})
		case known:
			e.Dependents[place].Attributes[v.name] = v.value
		case v.name == loyalty.NameLocale:
			e.Locale, _ = v.value.(string)
		default:
			if e.Attributes == nil {
				e.Attributes = map[string]any{}
			}
			e.Attributes[v.name] = v.value
		}
	}
	return e
}

// said is what was said of a member, or of a dependent.
func (i *item) said() loyalty.Update {
	u := loyalty.Update{
		Interaction: i.interaction.ID, Touchpoint: i.interaction.Touchpoint, Occurred: i.interaction.Occurred, Received: i.interaction.Received, Attributes: map[string]any{},
	}
	if i.operation != opUpdate {
		u.Dependent = &loyalty.DependentUpdate{Event: i.interaction.Event}
	}
	for _, v := range i.given {
		u.Party = v.party
		switch {
		case u.Dependent != nil:
			if u.Dependent.ID = v.dependent; v.name == loyalty.NameKind {
				u.Dependent.Kind, _ = v.value.(string)
				continue
			}
		case v.name == loyalty.NameLocale:
			locale, _ := v.value.(string)
			u.Locale = &locale
			continue
		}
		u.Attributes[v.name] = v.value
	}
	return u
}

// update takes what was said of a member again. Where all of it was known already, nothing happened.
func (w *world) update(ctx context.Context, i *item, l *lane) (o outcome, err error) {
	if i.interaction == nil {
		return o, nil
	}
	p, refusal, err := w.by(ctx, i)
	if err != nil || refusal != nil {
		return outcome{refusal: refusal}, err
	}
	left, err := w.left(ctx, p, i.interaction.Event, i.now)
	if err != nil {
		return o, err
	}
	current, err := w.Current(ctx, i.now)
	if err != nil {
		return o, err
	}
	happened := *i.interaction
	e, refusal, err := l.decide(l.state.Doc.Awaits(i.interaction.Event, i.now), i.now, w, left, func(s *loyalty.State) (*loyalty.Effects, *fact.Refusal, error) {
		state, _ := current.AsOf(s, i.now) // by the present version's policy, also where an older one decides
		state.Kept = current.Kept()
		interaction, e, refusal, err := loyalty.ApplyUpdate(p, state, i.said(), i.now)
		happened = interaction
		return e, refusal, err
	})
	if err != nil || refusal != nil || e == nil {
		return outcome{refusal: refusal}, err
	}
	w.note(l, p, i, &happened, e)
	l.take(e)
	return of(e), nil
}
