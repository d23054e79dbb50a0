package ledger

import "granaio/loyalty/fact"

// Earn books an earning as a lot of its own. As many of its points as are owed repay the account's debt, once they are available. An earning whose
// expiry has passed already is earned and expires at once, by a second movement; the first is the answer.
//
// It is refused with CodeInvalid unless its points are 1 to fact.MaxPoints, and with CodeBalanceOutOfBounds if the account would then have more than
// fact.MaxPoints, pending, available and held together.
func (b *Book) Earn(e Earning) (Movement, error) {
	if e.Points <= 0 || e.Points > fact.MaxPoints {
		return Movement{}, fact.Refuse(fact.CodeInvalid, "", "an earning is of 1 to %d points, not of %d", fact.MaxPoints, e.Points)
	}
	if _, ok := b.account.total().Plus(e.Points); !ok {
		return Movement{}, fact.Refuse(fact.CodeBalanceOutOfBounds, "", "with %d points more the account would have over %d", e.Points, fact.MaxPoints)
	}
	if !b.room(maxEarnPostings) {
		return Movement{}, errNoRoom
	}
	lot := &Lot{
		ID: b.nextMovement().As(fact.KindLot), Account: b.account.ID, Contributor: e.Contributor, Funding: e.Funding,
		Earned: fact.Instant(e.Occurred), Activates: fact.Instant(e.Activates), Expires: fact.Instant(e.Expires),
	}
	flows := []flow{{lot, Issued, Pending, e.Points}}
	if !lot.Activates.After(b.now) {
		flows = arrive(lot, Issued, e.Points, b.account.Debt)
	}
	m, err := b.record(Earn, e.Points, e.Occurred, e.Reason, flows)
	if err != nil {
		return Movement{}, err
	}
	b.lots = append(b.lots, lot)
	return m, b.bookDue([]*Lot{lot})
}

// maxEarnPostings are the most postings that an earning has: to be available, to repay debt, to expire.
const maxEarnPostings = 3
