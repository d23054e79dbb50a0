package ledger

import (
	"fmt"
	"slices"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// Refund is a spend that is to be given back, in whole or in part.
type Refund struct {
	Spend    Movement    // the spend or capture, as it was booked; its ID, Account, Kind and the lots of its explanation count
	Before   []Movement  // the movements by which it was given back before; each one's ID, Kind and Explanation count
	Lots     []Lot       // those of its lots that are closed, as they are stored; the book has the open ones
	Points   fact.Points // how many are given back now
	Occurred time.Time
	Reason   Reason // its source becomes SourceRefund
}

// ReverseSpend gives back points of a spend or a capture, to the very lots they came from, which age as if nothing had happened. Of a part, the lots
// come first that expire last (never is last of all): what was spent last is what the member can keep longest. Points owed are repaid first, by the
// lots that expire soonest. What comes back to a lot that has expired meanwhile, and is not needed to repay debt, expires at once, by a movement of
// its own. The refund is the answer; its explanation names the spend and the lots. The book needs all open lots, and the closed ones that were spent.
//
// It is refused with CodeReversalOfReversal or CodeNotReversible if the movement is neither spend nor capture, unless the points are 1 to
// fact.MaxPoints (CodeZero, CodeNegative, CodeTooLarge), with CodeAnotherAccount if the spend is not this account's, with CodeAlreadyReversed if all
// of it was given back before, with CodeMoreThanSpent if more is asked for than what was not, and with CodeBalanceOutOfBounds if the account would
// then have more than fact.MaxPoints.
func (b *Book) ReverseSpend(r Refund) (Movement, error) {
	if refusal := reversible(r.Spend, Spend, Capture); refusal != nil {
		return Movement{}, refusal
	}
	if refusal := amount("a refund", r.Points); refusal != nil {
		return Movement{}, refusal
	}
	if refusal := b.foreign("movement", r.Spend.ID, r.Spend.Account); refusal != nil {
		return Movement{}, refusal
	}
	left, err := r.left()
	if err != nil {
		return Movement{}, err
	}
	if refusal := r.tooMany(left); refusal != nil {
		return Movement{}, refusal
	}
	if refusal := b.overflow(r.Points); refusal != nil {
		return Movement{}, refusal
	}
	if !b.complete {
		return Movement{}, b.lotsMissing()
	}
	parts, err := b.spent(r, left)
	if err != nil {
		return Movement{}, err
	}
	slices.SortFunc(parts, func(x, y part) int { return b.account.burnsBefore(y.lot, x.lot) })
	parts, _ = split(parts, r.Points)
	slices.Reverse(parts)
	if !b.room(maxSlicePostings * len(parts)) {
		return Movement{}, errNoRoom
	}
	e := &r.Reason.Explanation
	e.Source, e.Of, e.Lots = why.SourceRefund, r.Spend.ID, named(parts)
	m, err := b.record(ReverseSpend, r.Points, r.Occurred, &r.Reason, arriveAll(parts, Redeemed, b.account.Debt))
	if err != nil {
		return Movement{}, err
	}
	return m, b.bookGone(parts, r.Occurred)
}

// Left is how many of a spend's points were not given back by the movements that reversed it.
func Left(spend Movement, before []Movement) fact.Points {
	left := spend.Points
	for _, m := range before {
		left -= m.Points
	}
	return left
}

// left is what was spent of each lot and not given back before.
func (r Refund) left() ([]why.Slice, error) {
	given := map[fact.ID]fact.Points{}
	for _, m := range r.Before {
		e := m.Reason.Explanation
		if m.Kind != ReverseSpend || e.Of != r.Spend.ID {
			return nil, fmt.Errorf("ledger: movement %s gives nothing back of spend %s", m.ID, r.Spend.ID)
		}
		for _, s := range e.Lots {
			given[s.Lot] += s.Points
		}
	}
	var left []why.Slice
	for _, s := range r.Spend.Reason.Explanation.Lots {
		if n := s.Points - given[s.Lot]; n > 0 {
			left = append(left, why.Slice{Lot: s.Lot, Points: n})
		}
	}
	return left, nil
}

// tooMany refuses to give back more than there is.
func (r Refund) tooMany(left []why.Slice) *fact.Refusal {
	all := fact.Points(0)
	for _, s := range left {
		all += s.Points
	}
	switch {
	case all == 0:
		return fact.Refuse(fact.CodeAlreadyReversed, "", "all of the spend was given back already")
	case r.Points > all:
		return fact.Refuse(fact.CodeMoreThanSpent, "", "%d points of the spend are not given back yet: %d cannot be", all, r.Points)
	}
	return nil
}

// spent are the slices with their lots, which the book takes in if they are closed.
func (b *Book) spent(r Refund, left []why.Slice) ([]part, error) {
	for _, l := range r.Lots {
		if _, err := b.lot(l); err != nil {
			return nil, err
		}
	}
	lots := byID(b.lots)
	parts := make([]part, len(left))
	for i, s := range left {
		l := lots[s.Lot]
		switch {
		case l == nil:
			return nil, fmt.Errorf("%w: lot %s, of which the spend took %d points", ErrLotsMissing, s.Lot, s.Points)
		case l.Spent < s.Points:
			return nil, fmt.Errorf("ledger: lot %s has %d points spent, and %d of them are not given back yet", l.ID, l.Spent, s.Points)
		}
		parts[i] = part{l, s.Points}
	}
	return parts, nil
}
