package engine

import (
	"context"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// event is the built-in event that an update is.
func (u *Update) event() string {
	if u.Dependent != nil {
		return u.Dependent.Event
	}
	return loyalty.EventUpdated
}

// operation is what it is called.
func (u *Update) operation() operation {
	switch u.event() {
	case loyalty.EventDependentAdded:
		return opDependentAdd
	case loyalty.EventDependentUpdated:
		return opDependentUpdate
	case loyalty.EventDependentRemoved:
		return opDependentRemove
	}
	return opUpdate
}

func updateJob(u *Update, now time.Time) (*job, *fact.Refusal) {
	j, refusal := newJob(u.operation(), u.Origin, now)
	if refusal != nil {
		return nil, refusal
	}
	ref, refusal := normaliseRef(u.Member, "member")
	if refusal != nil {
		return nil, refusal
	}
	if refusal := loyalty.CheckProperties(u.Attributes, "attributes"); refusal != nil {
		return nil, refusal
	}
	if !u.Occurred.IsZero() {
		u.Occurred = fact.Instant(u.Occurred)
	}
	j.update, j.refs = u, []Ref{ref}
	return j, j.seal(struct {
		Ref        Ref
		Touchpoint string
		Occurred   time.Time
		Party      fact.Party
		Locale     *string
		Attributes map[string]any
		Dependent  *loyalty.DependentUpdate
	}{ref, u.Touchpoint, u.Occurred, u.Party, u.Locale, u.Attributes, u.Dependent})
}

// decideUpdate takes what is said of a member. Where all of it was known, nothing happens, and that is the answer.
func (b *batch) decideUpdate(ctx context.Context, timeline Timeline, j *job) (decision, error) {
	p := b.byRef[refKey{j.origin.Programme, j.refs[0]}]
	if p == nil {
		return decision{refusal: fact.Refuse(fact.CodeUnknownMember, "member", "there is no such member")}, nil
	}
	said := j.update
	occurred := b.occurred(j, said.Occurred)
	programme, refusal, err := b.at(ctx, timeline, occurred, j.received)
	if err != nil || refusal != nil {
		return decision{refusal: refusal}, err
	}
	u := loyalty.Update{
		Interaction: j.command.As(fact.KindInteraction), Touchpoint: said.Touchpoint, Occurred: occurred, Received: j.received, Sender: said.Sender, Party: said.Party,
		Locale: said.Locale, Attributes: said.Attributes,
	}
	if said.Dependent != nil {
		of := *said.Dependent
		if of.Event == loyalty.EventDependentAdded {
			of.ID = j.command.As(fact.KindDependent)
		}
		u.Dependent = &of
	}
	state, fallen, err := b.present(ctx, timeline, p)
	if err != nil {
		return decision{}, err
	}
	i, effects, refusal, err := loyalty.ApplyUpdate(programme, state, u, b.now)
	d := decision{person: p, programme: programme, effects: effects, refusal: refusal}
	switch {
	case err != nil || refusal != nil:
		return d, err
	case effects == nil:
		d.effects = &loyalty.Effects{State: p.state}
		return d, nil
	}
	effects.Before(fallen)
	d.interaction = &i
	return d, nil
}
