package loyalty

import (
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// Settle books what has fallen due in a member's account and falls of its tier, and nothing else: what any other command would book first. Of somebody who was erased nothing
// more is said (Warn), so that warnings are done with too. The state's lots are all the open ones. An error is a fault of the call, as Decide's.
func Settle(p *Programme, s *State, command fact.ID, now time.Time) (*Effects, error) {
	book, err := p.open(s, command, fact.Instant(now))
	if err != nil {
		return nil, err
	}
	if s.Member.Status == Erased {
		due, err := book.Warnings()
		if err != nil {
			return nil, err
		}
		for _, w := range due {
			book.Warned(w.At)
		}
	}
	e := &Effects{State: s.clone()}
	p.lapse(e, fact.Instant(now))
	e.take(book.Changes())
	return e, nil
}

// SettleTier books falls of the member's tier alone.
func SettleTier(p *Programme, s *State, now time.Time) *Effects {
	e := &Effects{State: s.clone()}
	p.lapse(e, fact.Instant(now))
	return e
}

// Due is when time next brings something about for the member itself, whatever is due in its account: zero for never. It may have passed.
func (p *Programme) Due(s *State, now time.Time) time.Time {
	if s.Member.gone() {
		return time.Time{}
	}
	due := p.Until(s)
	if o, ok := p.Next(s, now); ok && (due.IsZero() || o.At.Before(due)) {
		due = o.At
	}
	return due
}

// Pass is the member once an occasion is over: it is not looked at again. The state is unchanged.
func Pass(s *State, o Occasion) *State {
	s = s.clone()
	if o.step == 0 {
		s.Doc.Moment = &Moment{o.At, o.Key()}
		return s
	}
	x, number := s.standing(), o.number(s)
	x.Untold = without(x.Untold, func(u Untold) bool { return u.Number <= number })
	s.stand(x)
	return s
}

// Happen decides the event of an occasion: an interaction that occurred then, whenever it is taken. It is the answer. The programme is the version that was in
// force then. After that the occasion is over.
func Happen(p *Programme, s *State, o Occasion, command fact.ID, now time.Time) (fact.Interaction, *Effects, error) {
	now = fact.Instant(now)
	i := fact.Interaction{
		ID: command.As(fact.KindInteraction), Event: o.Event, Occurred: o.At, Received: now, Properties: map[string]any{"number": o.Number, "since": day(o.Since)},
	}
	if !o.Dependent.IsZero() {
		i.Properties[expr.AboutDependent] = o.Dependent.String()
	}
	if o.step != 0 {
		i.Properties = map[string]any{"tier": o.to}
	}
	effects, refusal, err := decide(p, Pass(s, o), i, nil, nil, now)
	if err == nil && refusal != nil {
		err = refusal
	}
	return i, effects, err
}

// Warning is the first warning that is due in a member's account once what has fallen due is booked; false if there is none. The state's lots are all the
// open ones.
func Warning(p *Programme, s *State, now time.Time) (ledger.Warning, bool, error) {
	book, err := p.open(s, fact.ID{}, fact.Instant(now))
	if err != nil {
		return ledger.Warning{}, false, err
	}
	due, err := book.Warnings()
	if err != nil || len(due) == 0 {
		return ledger.Warning{}, false, err
	}
	return due[0], true, nil
}

// Warn books what has fallen due, and decides the built-in event that points come near their expiry (EventExpiring): an interaction that occurred when the
// warning fell due, whenever it is taken. It is the answer. The programme is the version that was in force then. After that the same warning is not due again.
func Warn(p *Programme, s *State, w ledger.Warning, command fact.ID, now time.Time) (fact.Interaction, *Effects, error) {
	now = fact.Instant(now)
	i := fact.Interaction{
		ID: command.As(fact.KindInteraction), Event: EventExpiring, Occurred: w.Due, Received: now, Properties: map[string]any{
			"points": int64(w.Points), "expires_at": w.At.UTC().Format(time.RFC3339), "inactivity": w.Inactivity,
			"last_day": w.At.Add(-time.Nanosecond).In(p.zone).Format(time.DateOnly),
		},
	}
	effects, refusal, err := decide(p, s.clone(), i, &w, nil, now)
	if err == nil && refusal != nil {
		err = refusal
	}
	return i, effects, err
}
