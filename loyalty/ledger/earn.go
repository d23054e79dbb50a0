package ledger

import (
	"time"

	"granaio/loyalty/fact"
)

// Earn books an earning as a lot of its own. As many of its points as are owed repay the account's debt, once they are available. An earning whose
// expiry has passed already is earned and expires at once, by a second movement; the first is the answer, and says so (LostOn).
//
// It is refused unless its points are 1 to fact.MaxPoints (CodeZero, CodeNegative, CodeTooLarge), and with CodeBalanceOutOfBounds if the account
// would then have more than fact.MaxPoints, pending, available and held together.
func (b *Book) Earn(e Earning) (Movement, error) {
	if r := amount("an earning", e.Points); r != nil {
		return Movement{}, r
	}
	return b.credit(Earn, &e)
}

// credit books points that are issued as a lot of their own.
func (b *Book) credit(kind Kind, e *Earning) (Movement, error) {
	if r := b.overflow(e.Points); r != nil {
		return Movement{}, r
	}
	if !b.room(maxCreditPostings) {
		return Movement{}, errNoRoom
	}
	lot := &Lot{
		ID: b.nextMovement().As(fact.KindLot), Account: b.account.ID, Contributor: e.Contributor, Funding: e.Funding,
		Earned: fact.Instant(e.Occurred), Activates: fact.Instant(e.Activates), Expires: fact.Instant(e.Expires),
		Waits: e.Waits, Validity: e.Validity, Warns: e.Warns,
	}
	if !lot.Waits.IsZero() {
		lot.Activates = time.Time{}
	}
	flows := []flow{{lot, Issued, Pending, e.Points}}
	if !lot.waits() && !lot.Activates.After(b.now) {
		flows = arrive(lot, Issued, e.Points, b.account.Debt)
	}
	if !lot.waits() && b.account.expiredBy(lot, b.now) {
		e.Reason.Explanation.LostOn = dateOf(LastDay(b.account.ends(lot), b.account.zone()))
	}
	m, err := b.record(kind, e.Points, e.Occurred, &e.Reason, flows)
	if err != nil {
		return Movement{}, err
	}
	b.lots = append(b.lots, lot)
	return m, b.bookDue([]*Lot{lot}, nil)
}

// maxCreditPostings are the most postings that issued points have: to be available, to repay debt, to expire.
const maxCreditPostings = 3
