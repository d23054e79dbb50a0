package simulate

import (
	"context"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// world is one course of history: who decides in it, and what its members share.
type world struct {
	Timeline
	draft  bool                    // a draft is in force
	from   time.Time               // from then on
	spent  map[fact.ID]fact.Points // of each budget
	amount map[fact.ID]fact.Points // of budgets, by their rows, for those that a version has dropped
	taken  map[fact.ID]int64       // pieces of each reward
}

// The worlds.
const (
	real = iota
	tried
)

// left is what is left of the budgets that an event may draw on; nil if it draws on none.
func (w *world) left(ctx context.Context, p *loyalty.Programme, event string, now time.Time) (map[fact.ID]fact.Points, error) {
	drawn := p.Drawn(event)
	if len(drawn) == 0 {
		return nil, nil
	}
	current, err := w.Current(ctx, now)
	if err != nil {
		return nil, err
	}
	left := make(map[fact.ID]fact.Points, len(drawn))
	for _, id := range drawn {
		most, known := w.amount[id]
		if !known {
			most = fact.MaxPoints
		}
		for _, b := range current.Budgets() {
			if b.Definition == id {
				most = b.Points
			}
		}
		left[id] = max(most-w.spent[id], 0)
	}
	return left, nil
}

// share takes what followed to what members share.
func (w *world) share(o outcome) {
	for _, e := range o.effects {
		for _, d := range e.Drawn {
			w.spent[d.Budget] += d.Points
		}
		if r := e.Redemption; r != nil && o.limited {
			w.taken[r.Reward]++
		}
		if c := e.Cancelled; c != nil && o.limited && w.taken[c.Reward] > 0 {
			w.taken[c.Reward]--
		}
	}
}

// outcome is what became of an item in one world.
type outcome struct {
	effects []*loyalty.Effects // of each member
	limited bool               // there is only so much of the reward that it is about
	refusal *fact.Refusal
}

func of(e *loyalty.Effects) outcome { return outcome{effects: []*loyalty.Effects{e}} }

// play decides an item in one world.
func (w *world) play(ctx context.Context, i *item, l, other *lane) (o outcome, err error) {
	if l.state == nil && i.operation != opEnrol {
		return outcome{refusal: errNoMember}, nil
	}
	switch i.operation {
	case opEnrol:
		return w.enrol(ctx, i, l)
	case opTrack:
		return w.track(ctx, i, l)
	case opSettle:
		return w.settle(ctx, i, l)
	case opReverse:
		return w.reverse(ctx, i, l)
	case opRefund:
		return w.refund(ctx, i, l)
	case opRedeem:
		return w.redeem(ctx, i, l)
	}
	return w.operate(ctx, i, l, other)
}

var errNoMember = fact.Refuse(fact.CodeUnknownMember, "member", "the draft did not take it in as a member")

// by is the version that decides the item's interaction, or why it is not taken: the one that did, but for what the draft is in force for.
func (w *world) by(ctx context.Context, i *item) (*loyalty.Programme, *fact.Refusal, error) {
	current, err := w.Current(ctx, i.now)
	if err != nil {
		return nil, nil, err
	}
	if r := current.AdmitLate(i.interaction.Occurred, i.interaction.Received); r != nil {
		return nil, r, nil
	}
	if w.draft && !i.interaction.Occurred.Before(w.from) {
		p, err := w.At(ctx, i.interaction.Occurred)
		return p, nil, err
	}
	p, err := w.Version(ctx, i.version)
	return p, nil, err
}

func (w *world) enrol(ctx context.Context, i *item, l *lane) (o outcome, err error) {
	p, refusal, err := w.by(ctx, i)
	if err != nil || refusal != nil {
		return outcome{refusal: refusal}, err
	}
	left, err := w.left(ctx, p, loyalty.EventEnrolled, i.now)
	if err != nil {
		return o, err
	}
	who := i.person
	e, refusal, err := loyalty.Enrol(p, loyalty.Enrolment{
		Member: who.id, Account: who.id.As(fact.KindAccount), Interaction: i.interaction.ID, Touchpoint: i.interaction.Touchpoint, Occurred: i.interaction.Occurred,
		Received: i.interaction.Received, Status: who.status, Locale: who.locale, Attributes: who.attributes, Budgets: left,
	}, i.now)
	if err != nil || refusal != nil {
		return outcome{refusal: refusal}, err
	}
	l.note(p, i, i.interaction, e)
	l.take(e)
	return of(e), nil
}

func (w *world) track(ctx context.Context, i *item, l *lane) (o outcome, err error) {
	p, refusal, err := w.by(ctx, i)
	if err != nil || refusal != nil {
		return outcome{refusal: refusal}, err
	}
	left, err := w.left(ctx, p, i.interaction.Event, i.now)
	if err != nil {
		return o, err
	}
	e, refusal, err := l.decide(l.state.Doc.Awaits(i.interaction.Event, i.now), i.now, w, left, func(s *loyalty.State) (*loyalty.Effects, *fact.Refusal, error) {
		return loyalty.Decide(p, s, *i.interaction, i.now)
	})
	if err != nil || refusal != nil {
		return outcome{refusal: refusal}, err
	}
	l.note(p, i, i.interaction, e)
	l.take(e)
	return of(e), nil
}

func (w *world) redeem(ctx context.Context, i *item, l *lane) (o outcome, err error) {
	p, err := w.Current(ctx, i.now)
	if err != nil {
		return o, err
	}
	e, refusal, err := l.decide(true, i.now, w, nil, func(s *loyalty.State) (*loyalty.Effects, *fact.Refusal, error) {
		return loyalty.Redeem(p, s, i.reward, i.command, i.now)
	})
	if err != nil || refusal != nil {
		return outcome{refusal: refusal}, err
	}
	o = of(e)
	o.limited = p.Reward(i.reward).Limited()
	l.spends(i, e, e.Redemption.Movement, e.Redemption, o.limited)
	l.take(e)
	return o, nil
}

// settle does what the clock did: it books what is due, or has the first warning happen.
func (w *world) settle(ctx context.Context, i *item, l *lane) (o outcome, err error) {
	current, err := w.Current(ctx, i.now)
	if err != nil {
		return o, err
	}
	warning, due, err := loyalty.Warning(current, l.input(true, w, nil), i.now)
	switch {
	case err != nil:
		return o, err
	case due:
		e, err := w.warn(ctx, current, i.command, i.now, l, warning)
		return of(e), err
	}
	e, err := loyalty.Settle(current, l.input(true, w, nil), i.command, i.now)
	if err != nil {
		return o, err
	}
	l.take(e)
	return of(e), nil
}

func (w *world) warn(ctx context.Context, current *loyalty.Programme, command fact.ID, now time.Time, l *lane, warning ledger.Warning) (*loyalty.Effects, error) {
	p, err := w.At(ctx, warning.Due)
	if err != nil {
		return nil, err
	}
	if p == nil {
		p = current
	}
	left, err := w.left(ctx, p, loyalty.EventExpiring, now)
	if err != nil {
		return nil, err
	}
	_, e, err := loyalty.Warn(p, l.input(true, w, left), warning, command, now)
	if err != nil {
		return nil, err
	}
	l.awards(e)
	l.take(e)
	return e, nil
}

// warned has those warnings happen that are due in this world and not in the real one, where the clock came for its own.
func (w *world) warned(ctx context.Context, now time.Time, l, actual *lane, tell func(*loyalty.Effects)) error {
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
		if actual.state != nil && actual.state.Account.IsDue(now) {
			_, waits, err := loyalty.Warning(current, actual.input(true, w, nil), now)
			if err != nil || waits {
				return err
			}
		}
		e, err := w.warn(ctx, current, fact.NewID(fact.KindCommand), now, l, warning)
		if err != nil {
			return err
		}
		w.share(of(e))
		tell(e)
	}
	return nil
}

// finish books what is due at the end.
func (w *world) finish(ctx context.Context, l *lane, now time.Time) (*loyalty.Effects, error) {
	p, err := w.Current(ctx, now)
	if err != nil {
		return nil, err
	}
	e, err := loyalty.Settle(p, l.input(true, w, nil), fact.NewID(fact.KindCommand), now)
	if err == nil {
		l.take(e)
	}
	return e, err
}
