package simulate

import (
	"context"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// settle does what the clock did: it books what is due, or has an occasion or the first warning happen.
func (w *world) settle(ctx context.Context, i *item, l *lane) (o outcome, err error) {
	current, err := w.Current(ctx, i.now)
	if err != nil {
		return o, err
	}
	if i.interaction != nil && i.interaction.Event != loyalty.EventExpiring {
		e, err := w.occasion(ctx, current, i, l)
		if e != nil || err != nil {
			return of(e), err
		}
	}
	warning, due, err := loyalty.Warning(current, l.input(true, w, nil), i.now)
	switch {
	case err != nil:
		return o, err
	case due:
		_, e, err := w.warn(ctx, current, i.command, i.now, l, warning)
		return of(e), err
	}
	e, err := loyalty.Settle(current, l.input(true, w, nil), i.command, i.now)
	if err != nil {
		return o, err
	}
	l.take(e)
	return of(e), nil
}

// occasion has an occasion happen that really did, when it did. The answer is nil where it does not in this world: the draft has no such trigger, or the member's tier did
// not change then.
func (w *world) occasion(ctx context.Context, current *loyalty.Programme, i *item, l *lane) (*loyalty.Effects, error) {
	then, err := w.then(ctx, i)
	if err != nil {
		return nil, err
	}
	o := current.Occasion(i.interaction)
	if w.draft && !has(then, current, l, o, i.now) {
		return nil, nil
	}
	return w.happen(ctx, then, current, i, l, o)
}

// has tells whether an occasion that is due at an instant is one of the member's, by the version that was in force when it occurred.
func has(then, current *loyalty.Programme, l *lane, o loyalty.Occasion, now time.Time) bool {
	state, _ := current.AsOf(l.state, now)
	if o.Event != loyalty.EventTierChanged {
		return then.Has(state, o)
	}
	return then.Has(state, o) && o.Untold(state)
}

// happen has an occasion happen to the member.
func (w *world) happen(ctx context.Context, then, current *loyalty.Programme, i *item, l *lane, o loyalty.Occasion) (*loyalty.Effects, error) {
	left, err := w.left(ctx, then, o.Event, i.now)
	if err != nil {
		return nil, err
	}
	state, fallen := current.AsOf(l.input(true, w, left), i.now)
	was := state.Doc.Moment
	state.Kept = current.Kept()
	interaction, e, err := loyalty.Happen(then, state, o, i.command, i.now)
	if err != nil {
		return nil, err
	}
	e.Before(fallen)
	if is := e.State.Doc.Moment; was != nil && (was.At.After(is.At) || was.At.Equal(is.At) && was.Key > is.Key) { // one that only the draft has came before it, and is over as well
		e.State.Doc.Moment = was
	}
	w.note(l, then, i, &interaction, e)
	l.take(e)
	return e, nil
}

// warn has a warning happen to the member.
func (w *world) warn(ctx context.Context, current *loyalty.Programme, command fact.ID, now time.Time, l *lane, warning ledger.Warning) (i fact.Interaction, e *loyalty.Effects, err error) {
	p, err := w.At(ctx, warning.Due)
	if err != nil {
		return i, nil, err
	}
	if p == nil {
		p = current
	}
	left, err := w.left(ctx, p, loyalty.EventExpiring, now)
	if err != nil {
		return i, nil, err
	}
	state := l.input(true, w, left)
	state.Kept = current.Kept()
	if i, e, err = loyalty.Warn(p, state, warning, command, now); err != nil {
		return i, nil, err
	}
	w.measures.take(l, &i)
	l.awards(e)
	l.take(e)
	return i, e, nil
}

// warned has those warnings happen that are due in this world and not in the real one, where the clock came for its own.
func (w *world) warned(ctx context.Context, p *person, now time.Time, tell func(*item, *loyalty.Effects) error) error {
	l := p.draft
	for range 1000 { // far more than there can be: each is of another instant
		if l.state == nil || !l.state.Account.IsDue(now) {
			return nil
		}
		current, err := w.Current(ctx, now)
		if err != nil {
			return err
		}
		warning, due, err := loyalty.Warning(current, l.input(true, w, nil), now)
		if err != nil || !due {
			return err
		}
		if actual := p.actual; actual.state != nil && actual.state.Account.IsDue(now) {
			_, waits, err := loyalty.Warning(current, actual.input(true, w, nil), now)
			if err != nil || waits {
				return err
			}
		}
		i := &item{person: p, command: fact.NewID(fact.KindCommand), now: now}
		if i.tier, err = w.tier(ctx, l, now); err != nil {
			return err
		}
		interaction, e, err := w.warn(ctx, current, i.command, now, l, warning)
		if err != nil {
			return err
		}
		i.interaction = &interaction
		if err := tell(i, e); err != nil {
			return err
		}
	}
	return nil
}

// timed has those occasions happen by an instant that are in this world and were not in the real one, each as soon as it is due: of triggers that only the draft has, and of
// tiers that only in its world change. Those that both have happen when they really did.
func (w *world) timed(ctx context.Context, published Timeline, p *person, now time.Time, tell func(*item, *loyalty.Effects) error) error {
	l := p.draft
	if l.state == nil {
		return nil
	}
	current, err := w.Current(ctx, now)
	if err != nil || !current.Occasional() {
		return err
	}
	for {
		o, at, found, err := w.own(ctx, published, current, p, now)
		if err != nil || !found {
			return err
		}
		i := &item{person: p, command: fact.NewID(fact.KindCommand), now: at}
		i.interaction = &fact.Interaction{ID: i.command.As(fact.KindInteraction), Event: o.Event, Occurred: o.At, Received: at}
		l.reached = at
		if i.tier, err = w.tier(ctx, l, at); err != nil {
			return err
		}
		e, err := w.happen(ctx, current, current, i, l, o)
		if err != nil {
			return err
		}
		if err := tell(i, e); err != nil {
			return err
		}
	}
}

// own is the first occasion due by an instant that this world alone has, and when it happens.
func (w *world) own(ctx context.Context, published Timeline, current *loyalty.Programme, p *person, now time.Time) (o loyalty.Occasion, at time.Time, found bool, err error) {
	state, at := p.draft.state, p.draft.reached
	if at.Before(w.from) {
		at = w.from
	}
	for ctx.Err() == nil {
		due := current.Due(state, at)
		if due.IsZero() || due.After(now) {
			return o, at, false, nil
		}
		if due.After(at) {
			at = due
		}
		state, _ = current.AsOf(state, at)
		o, ok := current.Next(state, at)
		if !ok || o.At.After(at) { // a fall of which nobody is told
			continue
		}
		if !o.At.Before(w.from) {
			then, err := published.At(ctx, o.At)
			if err != nil {
				return o, at, false, err
			}
			if state.Member.Status == loyalty.Suspended {
				state = loyalty.Pass(state, o)
				continue
			}
			if then == nil || p.actual.state == nil || !has(then, then, p.actual, o, at) {
				return o, at, true, nil
			}
		}
		state = loyalty.Pass(state, o)
	}
	return o, at, false, ctx.Err()
}
