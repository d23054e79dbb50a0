package loyalty

import (
	"maps"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

// Refund is what is asked for: that a spend is given back.
type Refund struct {
	Occurred time.Time
	Points   *fact.Points // nil for all that is left of it
	Note     string       // as Return's
}

// Spent is what is stored of a movement that is to be given back.
type Spent struct {
	ledger.Movement
	Before     []ledger.Movement // the movements by which it was given back before
	Lots       []ledger.Lot      // those of its lots that are closed
	Redemption *Redemption       // what it paid for, if that was a reward
	Limited    bool              // there was only so much of that reward when it was taken
	Home       *State            // the absorbed member whose spend it was, if it was one's: with all its open lots, of which there are none
}

// GiveBack gives back a spend or a capture, or a part of it, to the very lots it came from. A redemption of which nothing is paid for any more is cancelled: its piece
// returns to the stock, and it no longer counts as one of those that the member has had. The state's lots and holds are all the open ones. A spend of a member that was
// absorbed is given back where it was taken from, and moves on to where that member's points have gone: then the effects are those of both, the present one's first.
func GiveBack(p *Programme, s *State, spent *Spent, r Refund, command fact.ID, now time.Time) ([]*Effects, *fact.Refusal, error) {
	r.Occurred, now = fact.Instant(r.Occurred), fact.Instant(now)
	if refusal := r.check(s, spent, now); refusal != nil {
		return nil, refusal, nil
	}
	left := ledger.Left(spent.Movement, spent.Before)
	points := left
	if r.Points != nil {
		points = *r.Points
	}
	book, err := p.open(s, command, now)
	if err != nil {
		_, refusal, err := refused(err)
		return nil, refusal, err
	}
	home := book
	if spent.Home != nil {
		if home, err = book.Beside(p.Account(spent.Home), spent.Home.Lots, spent.Home.Holds...); err != nil {
			return nil, nil, err
		}
	}
	given := spent.Reason.Explanation
	m, err := home.ReverseSpend(ledger.Refund{
		Spend: spent.Movement, Before: spent.Before, Lots: spent.Lots, Points: points, Occurred: r.Occurred,
		Reason: ledger.Reason{Revision: spent.Reason.Revision, Explanation: why.Explanation{Key: given.Key, Revision: given.Revision, Price: given.Price}},
	})
	if err == nil && home != book {
		err = home.Merge(book, now, ledger.Reason{})
	}
	if err != nil {
		_, refusal, err := refused(err)
		return nil, atMovement(refusal), err
	}
	e := &Effects{State: s.clone()}
	all := []*Effects{e}
	if home != book {
		all = append(all, &Effects{State: spent.Home.clone()})
		all[1].take(home.Changes())
	}
	all[len(all)-1].Movement = m.ID
	p.lapse(e, now)
	if w := spent.Redemption; w != nil && points == left {
		e.cancel(w, given.Key, spent.Limited)
	}
	e.take(book.Changes())
	return all, nil, nil
}

func (r *Refund) check(s *State, spent *Spent, now time.Time) *fact.Refusal {
	if s.Member.Status == Erased {
		return fact.Refuse(fact.CodeUnknownMovement, "movement", "there is no such movement")
	}
	if refusal := checkNote(r.Note); refusal != nil {
		return refusal
	}
	switch spent.Kind {
	case ledger.Spend, ledger.Capture:
		if r.Points == nil && ledger.Left(spent.Movement, spent.Before) == 0 {
			return fact.Refuse(fact.CodeAlreadyReversed, "movement", "all of the spend was given back already")
		}
		return checkWhen(r.Occurred, spent.Occurred, now)
	}
	return nil // which the ledger refuses
}

// cancel ends a redemption.
func (e *Effects) cancel(w *Redemption, reward string, limited bool) {
	e.Cancelled = w
	s := e.State
	if had := s.Doc.Redeemed[reward]; had > 0 {
		s.Doc.Redeemed = with(s.Doc.Redeemed, reward, had-1)
	}
	if limited && s.Taken[w.Reward] > 0 {
		s.Taken = maps.Clone(s.Taken)
		s.Taken[w.Reward]--
	}
}

// atMovement is a refusal of the ledger, which knows no fields, with the input's field that it is about.
func atMovement(r *fact.Refusal) *fact.Refusal {
	if r = placed(r); r == nil || r.Field != "" {
		return r
	}
	r.Field = "movement"
	if r.Code == fact.CodeMoreThanSpent {
		r.Field = "points"
	}
	return r
}
