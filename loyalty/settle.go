package loyalty

import (
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// Settle books what has fallen due in a member's account, and nothing else: what any other command would book first. Of somebody who was erased nothing
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
	e.take(book.Changes())
	return e, nil
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
