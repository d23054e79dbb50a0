package ledger

import (
	"slices"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// Spend takes points from the lots that expire soonest; of those that expire together, or never, from the oldest. The movement's explanation tells
// the lots and how much each gave. The book needs all open lots.
//
// It is refused with CodeInvalid unless the points are 1 to fact.MaxPoints, and with CodeInsufficientPoints if fewer are available.
func (b *Book) Spend(points fact.Points, occurred time.Time, reason Reason) (Movement, error) {
	if points <= 0 || points > fact.MaxPoints {
		return Movement{}, fact.Refuse(fact.CodeInvalid, "", "a spend is of 1 to %d points, not of %d", fact.MaxPoints, points)
	}
	if points > b.account.Available {
		return Movement{}, insufficient(points, b.account.Available)
	}
	if !b.complete {
		return Movement{}, b.lotsMissing()
	}
	var flows []flow
	reason.Explanation.Lots = nil // a slice of the caller's: it is not written to
	left := points
	for _, l := range burnOrder(b.lots) {
		part := min(left, l.Available)
		flows = append(flows, flow{l, Available, Redeemed, part})
		reason.Explanation.Lots = append(reason.Explanation.Lots, why.Slice{Lot: l.ID, Points: part})
		if left -= part; left == 0 {
			break
		}
	}
	return b.record(Spend, points, occurred, reason, flows)
}

// insufficient tells how many points are missing.
func insufficient(needed, available fact.Points) *fact.Refusal {
	missing, are := needed-available, "points more are"
	if missing == 1 {
		are = "point more is"
	}
	have := "are"
	if available == 1 {
		have = "is"
	}
	return fact.Refuse(fact.CodeInsufficientPoints, "", "%d %s needed: %d of %d %s available", missing, are, available, needed, have)
}

// burnOrder is the lots that have available points, in the order in which they are spent.
func burnOrder(lots []*Lot) []*Lot {
	var open []*Lot
	for _, l := range lots {
		if l.Available > 0 {
			open = append(open, l)
		}
	}
	slices.SortFunc(open, func(a, b *Lot) int {
		switch {
		case a.Expires.IsZero() != b.Expires.IsZero():
			if a.Expires.IsZero() {
				return 1
			}
			return -1
		case !a.Expires.Equal(b.Expires):
			return a.Expires.Compare(b.Expires)
		case !a.Earned.Equal(b.Earned):
			return a.Earned.Compare(b.Earned)
		}
		return compare(a.ID, b.ID)
	})
	return open
}
