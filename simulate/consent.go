package simulate

import (
	"context"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// consent takes again what a member decided about purposes.
func (w *world) consent(ctx context.Context, i *item, l *lane) (o outcome, err error) {
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
	x := i.interaction
	e, refusal, err := l.decide(l.state.Doc.Awaits(x.Event, i.now), i.now, w, left, func(s *loyalty.State) (*loyalty.Effects, *fact.Refusal, error) {
		state, _ := current.AsOf(s, i.now)
		state.Kept = current.Kept()
		_, effects, refusal, err := loyalty.Consent(p, state, loyalty.Consenting{
			Interaction: x.ID, Touchpoint: x.Touchpoint, Occurred: x.Occurred, Received: x.Received, Choices: p.Declared(loyalty.Choices(x.Properties)),
		}, i.now)
		return effects, refusal, err
	})
	if err != nil || refusal != nil {
		return outcome{refusal: refusal}, err
	}
	w.note(l, p, i, x, e)
	l.take(e)
	return of(e), nil
}

// erase closes the account of a member who was erased. Its properties are gone, so what it did before may have been decided otherwise than it was.
func (w *world) erase(ctx context.Context, i *item, l *lane) (o outcome, err error) {
	p, err := w.Current(ctx, i.now)
	if err != nil {
		return o, err
	}
	e, _, err := l.decide(true, i.now, w, nil, func(s *loyalty.State) (*loyalty.Effects, *fact.Refusal, error) {
		e, err := loyalty.Erase(p, s, i.command, i.now)
		return e, nil, err
	})
	if err != nil || e == nil {
		return o, err
	}
	l.measured = nil
	l.take(e)
	return of(e), nil
}
