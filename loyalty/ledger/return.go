package ledger

import (
	"fmt"
	"slices"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// Recourse is where points are taken from that are taken back after they were spent, as a programme states it. Without any, they are forgiven.
type Recourse struct {
	OtherLots bool // from the account's other lots, as a spend takes them
	// DebtFloor is how many points the account may owe at most; beyond that they are forgiven. Nobody owes while having points, so more than 0 implies
	// OtherLots.
	DebtFloor fact.Points
}

// room is how many points the account may owe besides.
func (r Recourse) room(debt fact.Points) fact.Points {
	return max(0, min(r.DebtFloor, fact.MaxPoints)-debt)
}

// Return is an earning that is to be taken back, in whole or in part.
type Return struct {
	Earning Movement    // as it was booked; its ID, Kind and Points count
	Before  []Movement  // the movements by which it was taken back before: each one's ID, Kind, Points and Explanation count
	Lot     Lot         // the earning's lot, as it is stored, open or closed; after a merge, the one that it became in this account, or none
	Former  []Lot       // after merges, those that it was before
	Others  []Lot       // after merges, the further ones that it became in this account, since some of its points came later
	Target  fact.Points // how many of its points are to have been taken back by now, in all
	Taken   fact.Points // how many of those that are left to take were taken already, as an adjustment: they are forgiven
	Recourse
	Occurred time.Time
	Reason   Reason // without a source, it is SourceReturn
}

// ReverseEarn takes back points of an earning, so that Target of them are taken back by this movement and those before together: what is left of
// them to take is taken, in order, from
//
//  1. the pending points of its lot;
//  2. the available points of its lot. Held ones are not taken: they are promised to a checkout, and count as spent. (If they are released, they repay
//     the debt.);
//  3. nothing, for as many as have expired of its lot: they are gone already, and not taken twice;
//  4. the account's other lots, as a spend takes them, if the recourse allows;
//  5. debt, up to the recourse's floor.
//
// What is left then is forgiven, for ever: a later return does not come back to it. The movement's points are those that were taken (4 and 5 included);
// its explanation has those that had expired (Expired), that are owed (Owed) and forgiven (Forgiven), and the lots. There is a movement even if none
// could be taken, so that a later return knows. So the result does not depend on how many returns led to the target, but for what happens to the
// account between them. The book needs all open lots.
//
// It is refused unless the target is 1 to fact.MaxPoints (CodeZero, CodeNegative, CodeTooLarge), with CodeReversalOfReversal or CodeNotReversible if
// the movement is no earning, with CodeAnotherAccount if the lot is not this account's, with CodeMoreThanEarned if the target is more than the earning
// gave, and with CodeAlreadyReversed if it is no more than what was taken back before.
func (b *Book) ReverseEarn(r Return) (Movement, error) {
	if refusal := reversible(r.Earning, Earn); refusal != nil {
		return Movement{}, refusal
	}
	if refusal := amount("a return", r.Target); refusal != nil {
		return Movement{}, refusal
	}
	before, expired, err := r.before()
	if err != nil {
		return Movement{}, err
	}
	lot := &Lot{} // none, if nothing was left of it when accounts were merged
	if !r.Lot.ID.IsZero() {
		if lot, err = b.lot(r.Lot); err != nil {
			return Movement{}, err
		}
	}
	own := []*Lot{lot}
	for _, o := range r.Others {
		l, err := b.lot(o)
		if err != nil {
			return Movement{}, err
		}
		own = append(own, l)
	}
	switch {
	case r.Target > r.Earning.Points:
		return Movement{}, fact.Refuse(fact.CodeMoreThanEarned, "", "the earning gave %d points: %d cannot be taken back", r.Earning.Points, r.Target)
	case r.Target <= before:
		return Movement{}, fact.Refuse(fact.CodeAlreadyReversed, "", "%d of the earning's points are taken back already: nothing is left to come to %d", before, r.Target)
	case !b.complete:
		return Movement{}, b.lotsMissing()
	}
	for _, l := range r.Former {
		expired += l.Expired
	}
	e, t := &r.Reason.Explanation, taking{left: r.Target - before}
	e.Forgiven = t.waive(r.Taken)
	for _, l := range own {
		expired += l.Expired
		t.take(part{l, l.Pending}, Pending)
		t.take(part{l, l.Available}, Available)
	}
	e.Expired = t.waive(expired)
	if r.OtherLots || r.DebtFloor > 0 {
		t.takeOthers(b, own...)
		t.owe(r.room(b.account.Debt))
	}
	e.Forgiven += t.waive(t.left)
	if e.Source == "" {
		e.Source = why.SourceReturn
	}
	e.Of, e.Lots = r.Earning.ID, t.slices
	if !b.room(len(t.flows)) {
		return Movement{}, errNoRoom
	}
	return b.record(ReverseEarn, t.taken, r.Occurred, &r.Reason, t.flows)
}

// TakenBack is how many points of an earning were taken back by movements that reversed it, those included that had expired or were forgiven: what
// Target was, the last time.
func TakenBack(before []Movement) (all fact.Points) {
	for _, m := range before {
		all += m.Points + m.Reason.Explanation.Expired + m.Reason.Explanation.Forgiven
	}
	return all
}

// before is how many points were taken back or forgiven before, and minus how many of those had expired.
func (r Return) before() (all, expired fact.Points, err error) {
	for _, m := range r.Before {
		e := m.Reason.Explanation
		if m.Kind != ReverseEarn || e.Of != r.Earning.ID {
			return 0, 0, fmt.Errorf("ledger: movement %s takes nothing back of earning %s", m.ID, r.Earning.ID)
		}
		expired -= e.Expired
	}
	return TakenBack(r.Before), expired, nil
}

// taking is points that are being taken from an account.
type taking struct {
	left, taken fact.Points
	flows       []flow
	slices      []why.Slice
}

// take takes from a lot what is left to take, and at most the part.
func (t *taking) take(p part, source Bucket) {
	n := min(t.left, p.points)
	if n == 0 {
		return
	}
	t.left, t.taken = t.left-n, t.taken+n
	t.flows = append(t.flows, flow{p.lot, source, Reversed, n})
	t.slices = append(t.slices, why.Slice{Lot: p.lot.ID, Points: n})
}

// takeOthers takes from all the book's lots but some, as a spend does.
func (t *taking) takeOthers(b *Book, but ...*Lot) {
	var others []*Lot
	for _, l := range b.lots {
		if !slices.Contains(but, l) {
			others = append(others, l)
		}
	}
	for _, p := range b.account.take(others, t.left) {
		t.take(p, Available)
	}
}

// owe makes what is left to take a debt, up to a bound.
func (t *taking) owe(room fact.Points) {
	n := min(t.left, room)
	if n == 0 {
		return
	}
	t.left, t.taken = t.left-n, t.taken+n
	t.flows = append(t.flows, flow{nil, Debt, Reversed, n})
}

// waive leaves so many of what is left to take, and tells how many.
func (t *taking) waive(points fact.Points) fact.Points {
	n := max(0, min(t.left, points))
	t.left -= n
	return n
}
