package ledger

import (
	"errors"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// errApart is the fault of books that were not made one beside the other.
var errApart = errors.New("ledger: the books are not of one command")

// Transfer gives available points to another account, which was opened beside this one. They are taken from the lots as a spend takes them; each part
// is a new lot there, that keeps the ageing, the instant at which it was earned, the funding and the contributor: nothing is earned. Points that the
// receiver owes are repaid first. The two movements are the answer, this account's first. This book needs all open lots.
//
// It is refused unless the points are 1 to fact.MaxPoints (CodeZero, CodeNegative, CodeTooLarge), with CodeSameAccount if both are one account, with
// CodeInsufficientPoints if fewer are available, and with CodeBalanceOutOfBounds if the receiver would then have more than fact.MaxPoints.
func (b *Book) Transfer(to *Book, points fact.Points, occurred time.Time, reason Reason) (given, received Movement, err error) {
	if err := b.mayGive(to); err != nil {
		return Movement{}, Movement{}, err
	}
	parts, err := b.afford("a transfer", points)
	if err != nil {
		return Movement{}, Movement{}, err
	}
	g := giving{Transfer, []consignment{{Available, parts}}, why.SourceGiven, why.SourceReceived}
	return b.give(to, g, occurred, reason)
}

// mayGive finds out whether points can go to the other book's account.
func (b *Book) mayGive(to *Book) error {
	switch {
	case b.account.ID == to.account.ID:
		return fact.Refuse(fact.CodeSameAccount, "", "account %s cannot give points to itself", b.account.ID)
	case b.places != to.places:
		return errApart
	}
	return nil
}

// consignment is parts that go from a bucket here to the same bucket there.
type consignment struct {
	bucket Bucket
	parts  []part
}

// giving is what goes to another account, and the sources of the two movements.
type giving struct {
	kind            Kind
	consignments    []consignment
	here, elsewhere string
}

// maxGivenPostings are the most postings that a part has that is given: here; there to arrive and repay debt, to mature and repay debt, to expire.
const maxGivenPostings = 6

// givenPostings are the most postings that a part has that comes from another account: fewer where nothing of it can be due here that was not there, or repays a debt.
func (b *Book) givenPostings(from *Book) int {
	switch {
	case b.now.After(from.now):
		return maxGivenPostings
	case b.account.Debt > 0:
		return 3
	}
	return 2
}

// give takes parts from this account and makes lots of them in the other.
func (b *Book) give(to *Book, g giving, occurred time.Time, reason Reason) (given, received Movement, err error) {
	points, count := fact.Points(0), 0
	var leave, arrive []flow
	var sent, got []part
	debt := to.account.Debt
	for _, c := range g.consignments {
		leave = append(leave, carry(c.parts, c.bucket, Moved)...)
		sent = append(sent, c.parts...)
		parts := to.receive(c.parts, count, &b.account)
		got = append(got, parts...)
		for _, p := range parts {
			points, count = points+p.points, count+1
			if c.bucket == Pending {
				arrive = append(arrive, flow{p.lot, Moved, Pending, p.points})
				continue
			}
			arrive = append(arrive, arriveAll([]part{p}, Moved, debt)...)
			debt -= min(p.points, debt)
		}
	}
	if r := to.overflow(points); r != nil {
		return Movement{}, Movement{}, r
	}
	if !b.room(to.givenPostings(b) * count) {
		return Movement{}, Movement{}, errNoRoom
	}
	if given, err = b.record(g.kind, points, occurred, reason.of(g.here, to, sent), leave); err != nil {
		return Movement{}, Movement{}, err
	}
	if received, err = to.record(g.kind, points, occurred, reason.of(g.elsewhere, b, got), arrive); err != nil {
		return Movement{}, Movement{}, err
	}
	to.places.received += count
	fresh := make([]*Lot, count)
	for i, p := range got {
		fresh[i] = p.lot
	}
	to.lots = append(to.lots, fresh...)
	return given, received, to.bookDue(fresh, nil) // this account's time may be later than that of the giver
}

// of is the reason of a movement from or to another account.
func (r Reason) of(source string, other *Book, parts []part) *Reason {
	r.Explanation.Source, r.Explanation.Account, r.Explanation.Lots = source, other.account.ID, named(parts)
	return &r
}

// receive makes new lots of parts that come from another account, after so many others that come with them. Where activity decides, the giver's counts
// as far as it goes, so that nothing is lost sooner than it would have been there; from now on it is the receiver's.
func (b *Book) receive(parts []part, after int, from *Account) []part {
	fresh := make([]part, len(parts))
	for i, p := range parts {
		lot := &Lot{
			ID: b.command.At(fact.MaxPlace - b.places.received - after - i).As(fact.KindLot), Account: b.account.ID,
			Contributor: p.lot.Contributor, Funding: p.lot.Funding, Earned: p.lot.Earned, Activates: p.lot.Activates, Expires: p.lot.Expires,
			Waits: p.lot.Waits, Validity: p.lot.Validity, Warns: p.lot.Warns,
		}
		if !p.lot.Validity.Idle.IsZero() && !p.lot.waits() {
			lot.Activates = later(lot.Activates, from.Active)
		}
		fresh[i] = part{lot, p.points}
	}
	return fresh
}
