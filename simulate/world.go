package simulate

import (
	"context"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// world is one course of history: who decides in it, and what its members share.
type world struct {
	Timeline
	tried    bool                    // it is the draft's
	draft    bool                    // a draft is in force
	from     time.Time               // from then on
	spent    map[fact.ID]fact.Points // of each budget
	amount   map[fact.ID]fact.Points // of budgets, by their rows, for those that a version has dropped
	taken    map[fact.ID]int64       // pieces of each reward
	measures *measures               // both worlds have the same
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

// share takes what followed from an item to what members share. What an erased member drew on budgets the books tell, in both worlds: it may be decided otherwise now.
func (w *world) share(ctx context.Context, i *item, o outcome) error {
	if len(i.drawn) > 0 {
		p, err := w.Current(ctx, i.now)
		if err != nil {
			return err
		}
		for key, points := range i.drawn {
			if b := p.Budget(key); b != nil {
				w.spent[b.Definition] += points
			}
		}
	}
	for _, e := range o.effects {
		if !i.person.erased {
			for _, d := range e.Drawn {
				w.spent[d.Budget] += d.Points
			}
		}
		if r := e.Redemption; r != nil && o.limited {
			w.taken[r.Reward]++
		}
		if c := e.Cancelled; c != nil && o.limited && w.taken[c.Reward] > 0 {
			w.taken[c.Reward]--
		}
	}
	return nil
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
	if l.state == nil && i.operation != opEnrol && !i.meets() {
		return outcome{refusal: errNoMember}, nil
	}
	switch i.operation {
	case opRegister:
		return w.register(ctx, i, l)
	case opIdentify, opMerge:
		var others []*lane
		for _, p := range i.others {
			if w.tried {
				others = append(others, p.draft)
			} else {
				others = append(others, p.actual)
			}
		}
		return w.merge(ctx, i, l, others)
	case opIdentityRemove:
		return o, nil
	case opEnrol:
		return w.enrol(ctx, i, l)
	case opTrack:
		return w.track(ctx, i, l)
	case opConsent:
		return w.consent(ctx, i, l)
	case opPrefer, opContact: // nothing that is decided reads it
		return o, nil
	case opErase:
		return w.erase(ctx, i, l)
	case opSettle:
		return w.settle(ctx, i, l)
	case opUpdate, opDependentAdd, opDependentUpdate, opDependentRemove:
		return w.update(ctx, i, l)
	case opReverse:
		return w.reverse(ctx, i, l)
	case opRefund:
		return w.refund(ctx, i, l)
	case opRedeem:
		return w.redeem(ctx, i, l)
	case opRemeasure:
		return o, w.remeasure(ctx, i, l)
	}
	return w.operate(ctx, i, l, other)
}

// meets tells whether the item made its member: an interaction of a device that nobody knew.
func (i *item) meets() bool {
	return i.operation == opTrack && i.command.As(fact.KindMember) == i.person.id
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
	p, err := w.then(ctx, i)
	return p, nil, err
}

// then is the version that was in force when the item's interaction occurred.
func (w *world) then(ctx context.Context, i *item) (*loyalty.Programme, error) {
	if w.draft && !i.interaction.Occurred.Before(w.from) {
		return w.At(ctx, i.interaction.Occurred)
	}
	return w.Version(ctx, i.version)
}

// tier is the member's at an instant, also where nobody has booked its fall yet; empty below the first.
func (w *world) tier(ctx context.Context, l *lane, now time.Time) (string, error) {
	if l.state == nil {
		return "", nil
	}
	current, err := w.Current(ctx, now)
	if err != nil {
		return "", err
	}
	state, _ := current.AsOf(l.state, now)
	return state.Member.Tier, nil
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
	current, err := w.Current(ctx, i.now)
	if err != nil {
		return o, err
	}
	who, said := i.person, i.enrolment()
	e, refusal, err := loyalty.Enrol(p, loyalty.Enrolment{
		Member: who.id, Account: who.id.As(fact.KindAccount), Interaction: i.interaction.ID, Touchpoint: i.interaction.Touchpoint, Occurred: i.interaction.Occurred,
		Received: i.interaction.Received, Status: met(i.interaction), Locale: said.Locale, Attributes: said.Attributes, Dependents: said.Dependents, Party: said.Party, Budgets: left, Kept: current.Kept(),
		Choices: p.Declared(loyalty.Choices(i.interaction.Properties)),
	}, i.now)
	if err != nil || refusal != nil {
		return outcome{refusal: refusal}, err
	}
	w.note(l, p, i, i.interaction, e)
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
	current, err := w.Current(ctx, i.now)
	if err != nil {
		return o, err
	}
	if l.state == nil {
		if !current.Welcomes() {
			return outcome{refusal: errNoMember}, nil
		}
		l.state = loyalty.Stranger(i.command, i.interaction.Occurred)
		defer func() {
			if err != nil || o.refusal != nil {
				l.state = nil
			}
		}()
	}
	e, refusal, err := l.decide(l.state.Doc.Awaits(i.interaction.Event, i.now), i.now, w, left, func(s *loyalty.State) (*loyalty.Effects, *fact.Refusal, error) {
		state, _ := current.AsOf(s, i.now) // by the present version's policy, also where an older one decides
		state.Kept = current.Kept()
		return loyalty.Decide(p, state, *i.interaction, i.now)
	})
	if err != nil || refusal != nil {
		return outcome{refusal: refusal}, err
	}
	w.note(l, p, i, i.interaction, e)
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
