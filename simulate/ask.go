package simulate

import (
	"context"
	"slices"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

func (w *world) reverse(ctx context.Context, i *item, l *lane) (o outcome, err error) {
	v := i.returned
	if v == nil || l.undo == nil || l.undo.pasts[v.Interaction] == nil {
		return outcome{refusal: fact.Refuse(fact.CodeUnknownInteraction, "interaction", "the draft did not take the interaction")}, nil
	}
	p, err := w.Current(ctx, i.now)
	if err != nil {
		return o, err
	}
	was := l.undo.pasts[v.Interaction]
	asked := loyalty.Return{Occurred: v.Occurred}
	switch {
	case len(v.Lines) > 0:
		for _, line := range v.Lines {
			asked.Lines = append(asked.Lines, loyalty.ReturnedLine{Reference: line.Reference, Quantity: line.Quantity})
		}
	case !v.Whole:
		asked.Value = &fact.Money{Minor: v.Value, Currency: p.Currency()}
	}
	l.recall(was)
	defer func() { was.History = nil }()
	e, refusal, err := l.decide(true, i.now, w, nil, func(s *loyalty.State) (*loyalty.Effects, *fact.Refusal, error) {
		return loyalty.Reverse(p, was.then, s, &was.Past, asked, i.command, i.now)
	})
	if err != nil || refusal != nil {
		return outcome{refusal: refusal}, err
	}
	w.measures.undo(l, &was.Past, e.Reversal)
	was.Reversals = append(was.Reversals, *e.Reversal)
	all := l.undo.when[was.Interaction.Event]
	if at := slices.IndexFunc(all, func(x when) bool { return x.ID == v.Interaction }); at >= 0 {
		if left := less(all[at].Interaction, e.Reversal); left != nil {
			all[at].Interaction = left
		} else {
			all[at].gone = true
		}
	}
	l.take(e)
	return of(e), nil
}

// recall fills in what is known of a past interaction by now.
func (l *lane) recall(was *past) {
	earnings := func(ids []fact.ID) (all []loyalty.Earned) {
		for _, id := range ids {
			if e := l.undo.earnings[id]; e != nil {
				now := *e
				if e.Account == l.state.Account.ID {
					now.Lot = l.lot(id.As(fact.KindLot))
				} else {
					l.inherited(&now)
				}
				all = append(all, now)
			}
		}
		return all
	}
	i := &was.Interaction
	was.Earnings, was.Awards = earnings(was.earned), earnings(was.then.Awards(l.state, i, was.Missions))
	was.Others.First, was.Others.Last = time.Time{}, time.Time{}
	for event, all := range l.undo.when {
		for _, x := range all {
			if x.ID == i.ID || x.gone {
				continue
			}
			if was.History = append(was.History, *x.Interaction); event != i.Event {
				continue
			}
			if was.Others.First.IsZero() || x.Occurred.Before(was.Others.First) {
				was.Others.First = x.Occurred
			}
			if x.Occurred.After(was.Others.Last) {
				was.Others.Last = x.Occurred
			}
		}
	}
}

func (w *world) refund(ctx context.Context, i *item, l *lane) (o outcome, err error) {
	if len(i.movements) == 0 || l.undo == nil || l.undo.spends[i.movements[0].of] == nil {
		return outcome{refusal: fact.Refuse(fact.CodeUnknownMovement, "movement", "the draft did not cover the spend")}, nil
	}
	p, err := w.Current(ctx, i.now)
	if err != nil {
		return o, err
	}
	s, points := l.undo.spends[i.movements[0].of], i.movements[0].points
	spent, home := *s, l
	spent.Lots = nil
	if s.Account != l.state.Account.ID {
		if home = l.homes[s.Account]; home == nil {
			return outcome{refusal: fact.Refuse(fact.CodeUnknownMovement, "movement", "the draft did not merge the members")}, nil
		}
		spent.Home = home.input(true, w, nil)
	}
	for _, slice := range s.Reason.Explanation.Lots {
		if lot := home.lot(slice.Lot); !lot.IsOpen() {
			spent.Lots = append(spent.Lots, lot)
		}
	}
	all, refusal, err := loyalty.GiveBack(p, l.input(true, w, nil), &spent, loyalty.Refund{Occurred: i.movements[0].occurred, Points: &points}, i.command, i.now)
	if err != nil || refusal != nil {
		return outcome{refusal: refusal}, err
	}
	o = outcome{effects: all, limited: s.Limited}
	if all[0].Cancelled != nil {
		s.Redemption = nil
	}
	if home != l {
		l.passes(all)
		home.take(all[1])
		for _, m := range all[1].Movements { // it is a spend that this one's requests undo
			if m.Reverses() == s.ID {
				s.Before = append(s.Before, m)
			}
		}
	}
	l.take(all[0])
	return o, nil
}

// operate asks again for what was asked of points by themselves.
func (w *world) operate(ctx context.Context, i *item, l, other *lane) (o outcome, err error) {
	p, err := w.Current(ctx, i.now)
	if err != nil {
		return o, err
	}
	op := w.operation(i, p)
	switch o := op.(type) {
	case loyalty.Capture:
		o.Hold = l.hold(o.Hold)
		op = o
	case loyalty.Release:
		o.Hold = l.hold(o.Hold)
		op = o
	}
	switch i.operation {
	case opSuspend:
		op = loyalty.Suspend{Reason: "simulated"}
	case opReinstate:
		op = loyalty.Reinstate{Reason: "simulated"}
	}
	if op == nil {
		return outcome{refusal: fact.Refuse(fact.CodeInvalid, "", "a simulation does not know the operation")}, nil
	}
	states := []*loyalty.State{l.input(op.Takes() || l.state.Account.IsDue(i.now), w, nil)}
	if i.operation == opTransfer {
		if other == nil || other.state == nil {
			return outcome{refusal: errNoMember}, nil
		}
		states = append(states, other.input(other.state.Account.IsDue(i.now), w, nil))
	}
	all, refusal, err := loyalty.Operate(p, op, i.command, i.now, states...)
	if err != nil || refusal != nil {
		return outcome{refusal: refusal}, err
	}
	if i.operation == opCapture {
		l.spends(i, all[0], all[0].Movement, nil, false)
	}
	if i.operation == opHold {
		l.name(i.movements[0].id.As(fact.KindHold), all[0].Movement.As(fact.KindHold))
	}
	l.take(all[0])
	if len(all) > 1 {
		other.take(all[1])
	}
	return outcome{effects: all}, nil
}

// operation is what was asked for; nil for what cannot be told any more.
func (w *world) operation(i *item, p *loyalty.Programme) loyalty.Operation {
	if len(i.movements) == 0 {
		return nil
	}
	m := i.movements[0]
	hold := m.of.As(fact.KindHold)
	switch i.operation {
	case opAdjust:
		if !i.credit {
			return loyalty.Adjust{Points: -m.points, Reason: "simulated"}
		}
		return loyalty.Adjust{Points: m.points, Reason: "simulated", ExpireAfter: i.term}
	case opHold:
		return loyalty.Hold{Points: m.points, ExpiresIn: i.expires.Sub(m.booked)}
	case opCapture:
		return loyalty.Capture{Hold: hold, Points: &m.points}
	case opRelease:
		return loyalty.Release{Hold: hold}
	case opTransfer:
		return loyalty.Transfer{Points: m.points}
	}
	return nil
}

// note takes an interaction into the metrics that are followed, and keeps what followed from an interaction, if it is undone later, or is needed to undo another.
func (w *world) note(l *lane, p *loyalty.Programme, i *item, of *fact.Interaction, e *loyalty.Effects) {
	w.measures.take(l, of)
	u := i.person.undone
	if u == nil {
		return
	}
	if l.undo == nil {
		l.undo = newUndo()
	}
	l.awards(e)
	if u.recalls[of.Event] {
		short := *of
		short.Lines = nil
		l.undo.when[of.Event] = append(l.undo.when[of.Event], when{Interaction: &short})
	}
	if !u.returned[of.ID] {
		return
	}
	was := &past{then: p}
	was.Interaction = *of
	for _, g := range e.Progress {
		was.Missions = append(was.Missions, g.Key)
	}
	was.Missions = append(was.Missions, e.Beyond...)
	for _, m := range e.Movements {
		if m.Kind == ledger.Earn {
			was.earned = append(was.earned, m.ID)
			l.keep(m)
		}
	}
	l.undo.pasts[of.ID] = was
}

// awards keeps the awards of missions, which a return of another interaction may take back.
func (l *lane) awards(e *loyalty.Effects) {
	if l.undo == nil {
		return
	}
	for _, m := range e.Movements {
		if m.Kind == ledger.Earn && m.Reason.Explanation.Source == why.SourceMission {
			l.keep(m)
		}
	}
}

func (l *lane) keep(m ledger.Movement) {
	l.undo.earnings[m.ID] = &loyalty.Earned{Movement: m}
	l.undo.kept[m.ID.As(fact.KindLot)] = true
}

// spends keeps a spend that is refunded later.
func (l *lane) spends(i *item, e *loyalty.Effects, movement fact.ID, r *loyalty.Redemption, limited bool) {
	u := i.person.undone
	if u == nil || len(i.movements) == 0 || !u.refunded[i.movements[0].id] {
		return
	}
	if l.undo == nil {
		l.undo = newUndo()
	}
	for _, m := range e.Movements {
		if m.ID != movement {
			continue
		}
		l.undo.spends[i.movements[0].id] = &loyalty.Spent{Movement: m, Redemption: r, Limited: limited}
		for _, slice := range m.Reason.Explanation.Lots {
			l.undo.kept[slice.Lot] = true
		}
	}
}
