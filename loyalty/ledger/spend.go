package ledger

import (
	"slices"
	"time"

	"granaio/loyalty/fact"
)

// Spend takes points from the lots that expire soonest; of those that expire together, or never, from the oldest. The movement's explanation tells
// the lots and how much each gave. The book needs all open lots.
//
// It is refused unless the points are 1 to fact.MaxPoints (CodeZero, CodeNegative, CodeTooLarge), and with CodeInsufficientPoints if fewer are
// available.
func (b *Book) Spend(points fact.Points, occurred time.Time, reason Reason) (Movement, error) {
	parts, err := b.afford("a spend", points)
	if err != nil {
		return Movement{}, err
	}
	reason.Explanation.Lots = named(parts)
	return b.record(Spend, points, occurred, &reason, carry(parts, Available, Redeemed))
}

// afford is what a command that takes available points takes, or why it cannot.
func (b *Book) afford(what string, points fact.Points) ([]part, error) {
	if r := amount(what, points); r != nil {
		return nil, r
	}
	if points > b.account.Available {
		return nil, insufficient(points, b.account.Available)
	}
	if !b.complete {
		return nil, b.lotsMissing()
	}
	return b.account.take(b.lots, points), nil
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

// take is that many of the lots' available points, or all if there are fewer, in the order in which they are spent.
func (a *Account) take(lots []*Lot, points fact.Points) []part {
	var parts []part
	for _, l := range a.burnOrder(lots) {
		if points == 0 {
			break
		}
		p := part{l, min(points, l.Available)}
		parts = append(parts, p)
		points -= p.points
	}
	return parts
}

// burnOrder is the lots that have available points, in the order in which they are spent.
func (a *Account) burnOrder(lots []*Lot) []*Lot {
	var open []*Lot
	for _, l := range lots {
		if l.Available > 0 {
			open = append(open, l)
		}
	}
	slices.SortFunc(open, a.burnsBefore)
	return open
}

// burnsBefore compares lots: the soonest to expire is spent first, as far as is known now, then the oldest.
func (a *Account) burnsBefore(x, y *Lot) int {
	mine, other := a.ends(x), a.ends(y)
	switch {
	case mine.IsZero() != other.IsZero():
		if mine.IsZero() {
			return 1
		}
		return -1
	case !mine.Equal(other):
		return mine.Compare(other)
	case !x.Earned.Equal(y.Earned):
		return x.Earned.Compare(y.Earned)
	}
	return compare(x.ID, y.ID)
}
