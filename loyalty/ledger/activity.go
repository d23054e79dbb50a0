package ledger

import (
	"slices"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// Touch takes note that whoever the account belongs to was active at an instant. It is kept to the local day, since that is how terms count, so that it
// changes once a day at most; it never goes back. No lot is touched: those that activity decides about are lost later from now on, if they are not lost
// already, which Open has booked. An account that is touched and has no movements has changed all the same (Changes.Account).
func (b *Book) Touch(at time.Time) {
	a := &b.account
	if at.After(a.Active) && (a.Active.IsZero() || fact.DayOf(at, a.zone()) > fact.DayOf(a.Active, a.zone())) {
		a.Active = fact.Instant(at)
		if len(a.Warned) > 0 { // what was warned of is lost later now, which may be due to be warned of again
			a.NextDue = earlier(a.NextDue, b.now)
		}
	}
}

// Mature makes points available that wait for what the key names, since it happened: from the instant at which it did, or from when they were earned if
// that is later. Their expiry is counted from then, so they may expire at once. Each lot has a movement of its own, in the order of the ids; they are the
// answer, none if nothing waits for it. The movements' explanations say SourceArrival. The book needs all open lots if any points are pending.
func (b *Book) Mature(key fact.ID, occurred time.Time, reason Reason) ([]Movement, error) {
	if b.account.Pending == 0 {
		return nil, nil
	}
	if !b.complete {
		return nil, b.lotsMissing()
	}
	var come []*Lot
	for _, l := range b.lots {
		if l.waits() && l.Waits == key && l.Pending > 0 {
			come = append(come, l)
		}
	}
	slices.SortFunc(come, func(x, y *Lot) int { return compare(x.ID, y.ID) })
	if !b.room(maxCreditPostings * len(come)) {
		return nil, errNoRoom
	}
	var movements []Movement
	for _, l := range come {
		l.Activates = later(fact.Instant(occurred), l.Earned)
		l.Expires = l.Validity.Of(l.Activates, b.account.zone())
		m, err := b.record(Mature, l.Pending, l.Activates, reason.arrival(l), arrive(l, Pending, l.Pending, b.account.Debt))
		if err != nil {
			return nil, err
		}
		movements = append(movements, m)
	}
	return movements, b.bookDue(come, nil)
}

// arrival is the reason for which a lot's points are available now.
func (r Reason) arrival(l *Lot) *Reason {
	r.Explanation.Source, r.Explanation.Lots = why.SourceArrival, []why.Slice{{Lot: l.ID, Points: l.Pending}}
	return &r
}
