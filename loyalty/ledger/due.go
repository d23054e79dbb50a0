package ledger

import (
	"slices"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// waits tells whether the lot waits for something to happen: it has no instant yet at which it may be spent.
func (l *Lot) waits() bool { return l.Activates.IsZero() && !l.Waits.IsZero() }

// matures tells whether the lot has pending points that mature by time, and do not expire before.
func (l *Lot) matures() bool {
	return l.Pending > 0 && !l.waits() && (l.Expires.IsZero() || !l.Expires.Before(l.Activates))
}

// ends is when what is left of the lot is lost, as far as is known: further activity makes it later, if that decides. It is zero for never.
func (a *Account) ends(l *Lot) time.Time {
	if l.Validity.Idle.IsZero() || l.waits() {
		return l.Expires
	}
	return l.Validity.Idle.After(later(a.Active, l.Activates), a.zone())
}

func (a *Account) zone() *time.Location {
	if a.Zone == nil {
		return time.UTC
	}
	return a.Zone
}

// nextDue is when something next happens to the lot by itself, or is to be warned of; zero for never.
func (a *Account) nextDue(l *Lot) time.Time {
	switch {
	case l.matures():
		return l.Activates
	case l.Pending+l.Available > 0:
		return earlier(a.ends(l), a.warns(l))
	}
	return time.Time{}
}

// expiredBy tells whether nothing of the lot can be available at that instant.
func (a *Account) expiredBy(l *Lot, at time.Time) bool {
	ends := a.ends(l)
	return !ends.IsZero() && !ends.After(at)
}

// step is one thing that has fallen due.
type step struct {
	kind  Kind // Mature, Expire, or Release for a hold that lapses
	at    time.Time
	lot   *Lot     // what matures or expires
	hold  *Holding // what lapses
	parts []part   // of the hold that lapses
}

func (s step) id() fact.ID {
	if s.hold != nil {
		return s.hold.ID
	}
	return s.lot.ID
}

// steps are what has fallen due by now, in the order in which it happens. A lot that has matured and expired has both, and one that has expired has a
// step also if a hold may release points of it before. What expires as it is released is not among them: see gone.
func (a *Account) steps(lots []*Lot, holds []*Holding, now time.Time) []step {
	var due []step
	var released map[*Lot]bool
	var byIDs map[fact.ID]*Lot
	for _, h := range holds {
		if lapses := h.nextDue(); lapses.IsZero() || lapses.After(now) {
			continue
		}
		if byIDs == nil {
			byIDs, released = byID(lots), map[*Lot]bool{}
		}
		s := step{kind: Release, at: h.Expires, hold: h, parts: h.parts(byIDs)}
		for _, p := range s.parts {
			released[p.lot] = true
		}
		due = append(due, s)
	}
	for _, l := range lots {
		if l.matures() && !l.Activates.After(now) {
			due = append(due, step{kind: Mature, at: l.Activates, lot: l})
		}
		if (l.Pending+l.Available > 0 || released[l]) && a.expiredBy(l, now) {
			due = append(due, step{kind: Expire, at: a.ends(l), lot: l})
		}
	}
	sortSteps(due)
	return due
}

// sortSteps orders by time, then by id. Stable: of one lot and one instant, maturing comes first.
func sortSteps(due []step) {
	slices.SortStableFunc(due, func(a, b step) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return compare(a.id(), b.id())
	})
}

// gone are the lots of released or refunded parts that have expired by then: what came back to them expires as it comes.
func (a *Account) gone(parts []part, came, by time.Time) []step {
	var due []step
	for _, p := range parts {
		if p.lot != nil && a.expiredBy(p.lot, by) {
			due = append(due, step{kind: Expire, at: later(came, a.ends(p.lot)), lot: p.lot})
		}
	}
	sortSteps(due)
	return due
}

// happen lets happen the steps one after another, and after each hold that lapses what of it expires at once.
func (a *Account) happen(due []step, book func(step) error) error {
	for _, s := range due {
		if s.points() == 0 {
			continue
		}
		if err := book(s); err != nil {
			return err
		}
		if err := a.happen(a.gone(s.parts, s.at, s.at), book); err != nil {
			return err
		}
	}
	return nil
}

// points are how many the step concerns. None are left to expire where they repaid debt, or expired as they were released.
func (s step) points() fact.Points {
	switch s.kind {
	case Release:
		return s.hold.Points
	case Mature:
		return s.lot.Pending
	}
	return s.lot.Pending + s.lot.Available
}

// flows are what the step moves, in an account with that debt.
func (s step) flows(debt fact.Points) []flow {
	switch s.kind {
	case Release:
		return arriveAll(s.parts, Held, debt)
	case Mature:
		return arrive(s.lot, Pending, s.lot.Pending, debt)
	}
	var flows []flow
	if s.lot.Pending > 0 {
		flows = append(flows, flow{s.lot, Pending, Expired, s.lot.Pending})
	}
	if s.lot.Available > 0 {
		flows = append(flows, flow{s.lot, Available, Expired, s.lot.Available})
	}
	return flows
}

// bookDue books what has fallen due in the lots and holds.
func (b *Book) bookDue(lots []*Lot, holds []*Holding) error {
	return b.account.happen(b.account.steps(lots, holds, b.now), b.bookStep)
}

// bookGone books what expires at once of parts that came back.
func (b *Book) bookGone(parts []part, came time.Time) error {
	return b.account.happen(b.account.gone(parts, fact.Instant(came), b.now), b.bookStep)
}

// lostBy is the source of the movement by which the lot's points are lost.
func (l *Lot) lostBy() string {
	switch {
	case l.waits():
		return why.SourceUnmatured
	case !l.Validity.Idle.IsZero():
		return why.SourceInactivity
	}
	return why.SourceExpiry
}

func (b *Book) bookStep(s step) error {
	points := s.points()
	var e why.Explanation
	switch s.kind {
	case Release:
		e = why.Explanation{Source: why.SourceLapse, Of: s.hold.movement(), Lots: s.hold.Slices}
	case Mature:
		e = why.Explanation{Source: why.SourceMaturity, Lots: []why.Slice{{Lot: s.lot.ID, Points: points}}}
	default:
		e = why.Explanation{Source: s.lot.lostBy(), Lots: []why.Slice{{Lot: s.lot.ID, Points: points}}}
	}
	if _, err := b.record(s.kind, points, s.at, &Reason{Explanation: e}, s.flows(b.account.Debt)); err != nil {
		return err
	}
	if s.hold != nil {
		b.end(s.hold, 0)
	}
	return nil
}
