package simulate

import (
	"context"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

// passage is what became of lots when an account was merged into another.
type passage struct {
	from, to fact.ID
	lots     map[fact.ID]fact.ID
}

// merge has members absorbed by the lane's.
func (w *world) merge(ctx context.Context, i *item, l *lane, others []*lane) (o outcome, err error) {
	p, err := w.Current(ctx, i.now)
	if err != nil {
		return o, err
	}
	states, there := []*loyalty.State{l.input(true, w, nil)}, others[:0:0]
	for _, other := range others {
		if other.state != nil { // the draft took it in as a member
			states, there = append(states, other.input(true, w, nil)), append(there, other)
		}
	}
	if len(there) == 0 {
		return o, nil
	}
	all, refusal, err := loyalty.Merge(p, i.command, i.now, states...)
	if err != nil || refusal != nil {
		return outcome{refusal: refusal}, err
	}
	if !w.tried {
		i.rehung = all[0].Rehung
	}
	for _, other := range there {
		for was, is := range i.rehung {
			if here, ok := all[0].Rehung[other.hold(was)]; ok {
				l.name(is, here)
			}
		}
		l.adopt(other)
	}
	l.passes(all)
	l.take(all[0])
	for n, other := range there {
		other.take(all[n+1])
		w.measures.join(l, other)
	}
	return outcome{effects: all}, nil
}

// adopt takes over what is kept of the past of a member that is absorbed.
func (l *lane) adopt(other *lane) {
	if l.homes == nil {
		l.homes = map[fact.ID]*lane{}
	}
	l.homes[other.state.Account.ID] = other
	for id, home := range other.homes {
		l.homes[id] = home
	}
	if other.undo == nil {
		return
	}
	if l.undo == nil {
		l.undo = newUndo()
	}
	from := other.fork().undo
	for id, p := range from.pasts {
		l.undo.pasts[id] = p
	}
	for id, e := range from.earnings {
		l.undo.earnings[id] = e
	}
	for id, s := range from.spends {
		l.undo.spends[id] = s
	}
	for event, all := range from.when {
		l.undo.when[event] = append(l.undo.when[event], all...)
	}
	for id := range from.kept {
		l.undo.kept[id] = true
	}
	l.undo.passages = append(l.undo.passages, from.passages...)
}

// passes takes note of what becomes of lots that are merged into another account, and keeps those that come of lots that are kept.
func (l *lane) passes(all []*loyalty.Effects) {
	if l.undo == nil {
		return
	}
	byID := map[fact.ID]ledger.Movement{}
	for _, e := range all {
		for _, m := range e.Movements {
			byID[m.ID] = m
		}
	}
	for _, m := range byID {
		if m.Reason.Explanation.Source != why.SourceMergedAway {
			continue
		}
		received := byID[m.ID.At(m.ID.Place()+1)]
		lots := ledger.Passage(m, received)
		l.undo.passages = append(l.undo.passages, passage{m.Account, received.Account, lots})
		for was, is := range lots {
			if l.undo.kept[was] {
				l.undo.kept[is] = true
			}
		}
	}
}

// inherited gives an earning that was booked in the account of an absorbed member the lots that its own became.
func (l *lane) inherited(e *loyalty.Earned) {
	e.Former, e.Others = nil, nil
	var heirs []ledger.Lot
	var follow func(account, lot fact.ID)
	follow = func(account, lot fact.ID) {
		if account == l.state.Account.ID {
			heirs = append(heirs, l.lot(lot))
			return
		}
		if home := l.homes[account]; home != nil {
			e.Former = append(e.Former, home.lot(lot))
		}
		for _, x := range l.undo.passages {
			if is, ok := x.lots[lot]; ok && x.from == account {
				follow(x.to, is)
			}
		}
	}
	follow(e.Account, e.ID.As(fact.KindLot))
	e.Lot = ledger.Lot{}
	if len(heirs) > 0 {
		e.Lot, e.Others = heirs[0], heirs[1:]
	}
}

// register makes the member a registered one.
func (w *world) register(ctx context.Context, i *item, l *lane) (o outcome, err error) {
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
	e, refusal, err := l.decide(true, i.now, w, left, func(s *loyalty.State) (*loyalty.Effects, *fact.Refusal, error) {
		state, _ := current.AsOf(s, i.now)
		state.Kept = current.Kept()
		return loyalty.Register(p, state, loyalty.Registration{
			Interaction: i.interaction.ID, Touchpoint: i.interaction.Touchpoint, Occurred: i.interaction.Occurred, Received: i.interaction.Received,
			Locale: i.enrolment().Locale,
		}, i.now)
	})
	if err != nil || refusal != nil {
		return outcome{refusal: refusal}, err
	}
	w.note(l, p, i, i.interaction, e)
	l.take(e)
	return of(e), nil
}

// met is what somebody was taken in as.
func met(i *fact.Interaction) loyalty.Status {
	if text, _ := i.Properties["status"].(string); i.Event == loyalty.EventMet && text != "" {
		return loyalty.Status(text)
	}
	return loyalty.Registered
}
