package ledger

import (
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// Adjustment is what an operator gives or takes.
type Adjustment struct {
	Points   fact.Points // more than 0: so many are given; less: so many are taken
	Occurred time.Time
	Reason   Reason // its source becomes SourceCredit or SourceDebit

	// Of points that are given, as of an Earning.
	Activates, Expires time.Time
	Validity           Validity
	Warns              Term
	Funding            string
	Contributor        fact.ID

	// DebtFloor is, of points that are taken, how many the account may owe at most.
	DebtFloor fact.Points
}

// Adjust gives points, as a lot of its own, or takes available ones, as a spend takes them, and owes the rest. It does as told or not at all: what is
// taken is never less than what was asked for. To take points, the book needs all open lots.
//
// It is refused unless the points are 1 to fact.MaxPoints, either way (CodeZero, CodeTooLarge); if they are given, with CodeBalanceOutOfBounds as
// Earn does; if they are taken, with CodeInsufficientPoints if fewer are available and the account may not owe the rest.
func (b *Book) Adjust(a Adjustment) (Movement, error) {
	e := &a.Reason.Explanation
	if a.Points >= 0 {
		if r := amount("an adjustment", a.Points); r != nil {
			return Movement{}, r
		}
		e.Source = why.SourceCredit
		return b.credit(Adjust, &Earning{
			Points: a.Points, Occurred: a.Occurred, Activates: a.Activates, Expires: a.Expires, Validity: a.Validity, Warns: a.Warns,
			Funding: a.Funding, Contributor: a.Contributor, Reason: a.Reason,
		})
	}
	points := -a.Points
	if r := amount("an adjustment", points); r != nil {
		return Movement{}, r
	}
	owed := max(0, points-b.account.Available)
	switch {
	case owed > Recourse{DebtFloor: a.DebtFloor}.room(b.account.Debt):
		return Movement{}, insufficient(points, b.account.Available)
	case !b.complete:
		return Movement{}, b.lotsMissing()
	}
	t := taking{left: points}
	t.takeOthers(b)
	t.owe(owed)
	if !b.room(len(t.flows)) {
		return Movement{}, errNoRoom
	}
	e.Source, e.Lots = why.SourceDebit, t.slices
	return b.record(Adjust, points, a.Occurred, &a.Reason, t.flows)
}
