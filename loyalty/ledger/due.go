package ledger

import (
	"slices"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// matures tells whether the lot has pending points that mature, and do not expire before.
func (l *Lot) matures() bool {
	return l.Pending > 0 && (l.Expires.IsZero() || !l.Expires.Before(l.Activates))
}

// nextDue is when something next happens to the lot by itself; zero for never.
func (l *Lot) nextDue() time.Time {
	switch {
	case l.matures():
		return l.Activates
	case l.Pending+l.Available > 0:
		return l.Expires
	}
	return time.Time{}
}

// step is one thing that has fallen due.
type step struct {
	kind Kind // Mature or Expire
	at   time.Time
	lot  *Lot
}

// steps are what has fallen due by now, in the order in which it happens. A lot that has matured and expired has both.
func steps(lots []*Lot, now time.Time) []step {
	var due []step
	for _, l := range lots {
		if l.matures() && !l.Activates.After(now) {
			due = append(due, step{Mature, l.Activates, l})
		}
		if l.Pending+l.Available > 0 && !l.Expires.IsZero() && !l.Expires.After(now) {
			due = append(due, step{Expire, l.Expires, l})
		}
	}
	// Stable: of one lot and one instant, maturing comes first.
	slices.SortStableFunc(due, func(a, b step) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return compare(a.lot.ID, b.lot.ID)
	})
	return due
}

// points are how many the step concerns. None are left to expire where maturing repaid debt with all of them.
func (s step) points() fact.Points {
	if s.kind == Mature {
		return s.lot.Pending
	}
	return s.lot.Pending + s.lot.Available
}

// flows are what the step moves, in an account with that debt.
func (s step) flows(debt fact.Points) []flow {
	if s.kind == Mature {
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

// bookDue books what has fallen due in the lots.
func (b *Book) bookDue(lots []*Lot) error {
	for _, s := range steps(lots, b.now) {
		points := s.points()
		if points == 0 {
			continue
		}
		source := why.SourceMaturity
		if s.kind == Expire {
			source = why.SourceExpiry
		}
		explanation := why.Explanation{Source: source, Lots: []why.Slice{{Lot: s.lot.ID, Points: points}}}
		if _, err := b.record(s.kind, points, s.at, Reason{Explanation: explanation}, s.flows(b.account.Debt)); err != nil {
			return err
		}
	}
	return nil
}
