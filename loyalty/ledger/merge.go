package ledger

import (
	"slices"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// Merge gives all that this account has to another, which was opened beside it: what is pending and available, lot by lot, as Transfer does, and what
// it owes. The other account pays the debt with what it has available, as it would spend it, and owes the rest: however high the debt is, nothing is
// forgiven. What was activity of this account was the other's too: they belong to one person. There are two movements for points, and two for a debt; none for an account that has neither. Both books need all open lots.
//
// It is refused with CodeSameAccount if both are one account, with CodeHoldOpen while points are held (their checkout knows the hold by its account),
// with CodeBalanceOutOfBounds if the other account would then have, or owe, more than fact.MaxPoints, and with CodeTooMany if there are more open lots than a
// command can name: about 30,000.
func (b *Book) Merge(into *Book, occurred time.Time, reason Reason) error {
	if err := b.mayGive(into); err != nil {
		return err
	}
	debt := b.account.Debt
	owed, bounded := into.account.Debt.Plus(debt)
	switch {
	case b.account.Held > 0:
		return fact.Refuse(fact.CodeHoldOpen, "", "points held: %d; the account can be merged once no hold is open", b.account.Held)
	case !b.complete:
		return b.lotsMissing()
	case !into.complete:
		return into.lotsMissing()
	case !bounded:
		return fact.Refuse(fact.CodeBalanceOutOfBounds, "", "the account would owe %d points, over %d", owed, fact.MaxPoints)
	}
	pending, available := consignment{bucket: Pending}, consignment{bucket: Available, parts: b.account.take(b.lots, b.account.Available)}
	for _, l := range b.lots {
		if l.Pending > 0 {
			pending.parts = append(pending.parts, part{l, l.Pending})
		}
	}
	slices.SortFunc(pending.parts, func(x, y part) int { return compare(x.lot.ID, y.lot.ID) })
	parts := len(pending.parts) + len(available.parts)
	if !b.room(into.givenPostings(b)*parts + len(into.lots) + maxDebtPostings) {
		return fact.Refuse(fact.CodeTooMany, "", "the account has %d lots that are open: more than one movement can carry", parts)
	}
	into.Touch(b.account.Active)
	for _, at := range b.account.Warned {
		into.account.warned(at)
	}
	if parts > 0 {
		g := giving{Merge, []consignment{pending, available}, why.SourceMergedAway, why.SourceMerged}
		if _, _, err := b.give(into, g, occurred, reason); err != nil {
			return err
		}
	}
	if debt == 0 {
		return nil
	}
	return b.giveDebt(into, debt, occurred, reason)
}

// maxDebtPostings are the most postings of a debt that is given, but for one for each lot that pays it.
const maxDebtPostings = 3

// giveDebt lets the other account pay a debt: with what it has, and what it then owes.
func (b *Book) giveDebt(to *Book, debt fact.Points, occurred time.Time, reason Reason) error {
	parts := to.account.take(to.lots, debt)
	owed := debt
	for _, p := range parts {
		owed -= p.points
	}
	flows := carry(parts, Available, Moved)
	if owed > 0 {
		flows = append(flows, flow{nil, Debt, Moved, owed})
	}
	if _, err := b.record(Merge, debt, occurred, reason.of(why.SourceDebtMergedAway, to, nil), arrive(nil, Moved, debt, debt)); err != nil {
		return err
	}
	_, err := to.record(Merge, debt, occurred, reason.of(why.SourceDebtMerged, b, parts), flows)
	return err
}

// Passage is what a merge made of the lots of the account that it emptied: those of the other account, by theirs. The movements are the two that a merge
// books for points, as they were booked.
func Passage(given, received Movement) map[fact.ID]fact.ID {
	to := make(map[fact.ID]fact.ID, len(given.Reason.Explanation.Lots))
	for i, s := range given.Reason.Explanation.Lots {
		to[s.Lot] = received.Reason.Explanation.Lots[i].Lot
	}
	return to
}
