package ledger

import (
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// Forfeit closes the account: open holds end, what is pending or available is lost, each lot by a movement of its own, and a debt is let go, by points that are given and
// repay it. Nothing is left, and nothing will fall due. The movements' explanations say SourceErasure, those of holds SourceRelease. The book needs all open lots and holds.
func (b *Book) Forfeit(contributor fact.ID, occurred time.Time) error {
	switch {
	case !b.complete:
		return b.lotsMissing()
	case !b.settled:
		return b.holdsMissing()
	}
	for _, h := range b.holds {
		if h.IsOpen() {
			if _, err := b.Release(*h, occurred, Reason{}); err != nil {
				return err
			}
		}
	}
	for _, l := range b.lots {
		s := step{kind: Expire, lot: l}
		points := s.points()
		if points == 0 {
			continue
		}
		e := why.Explanation{Source: why.SourceErasure, Lots: []why.Slice{{Lot: l.ID, Points: points}}}
		if _, err := b.record(Expire, points, occurred, &Reason{Explanation: e}, s.flows(b.account.Debt)); err != nil {
			return err
		}
	}
	if owed := b.account.Debt; owed > 0 {
		_, err := b.credit(Adjust, &Earning{
			Points: owed, Occurred: occurred, Activates: b.now, Funding: Programme, Contributor: contributor, Reason: Reason{Explanation: why.Explanation{Source: why.SourceErasure}},
		})
		return err
	}
	return nil
}
