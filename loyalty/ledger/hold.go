package ledger

import (
	"fmt"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// Holding is points that a Hold set aside for a checkout, and what became of them. It ends once and as a whole: what is not captured then is released.
type Holding struct {
	ID      fact.ID // its movement's, with a kind of its own
	Account fact.ID
	Expires time.Time   // when it lapses: the first instant at which it can no longer be captured
	Points  fact.Points // how many were set aside
	Slices  []why.Slice // the lots that it pins, in the order in which they are captured; together Points

	// Both are 0 while it is open. Once it has ended they are Points together.
	Captured, Released fact.Points
}

// IsOpen tells whether the points are still set aside.
func (h Holding) IsOpen() bool { return h.Captured+h.Released < h.Points }

// movement is the id of the movement that set the points aside.
func (h Holding) movement() fact.ID { return h.ID.As(fact.KindMovement) }

// nextDue is when the hold lapses; zero for never.
func (h *Holding) nextDue() time.Time {
	if !h.IsOpen() {
		return time.Time{}
	}
	return h.Expires
}

// takeHolds takes the holds that the book is opened with.
func (b *Book) takeHolds(holds []Holding) error {
	held := b.account.Held
	for _, h := range holds {
		if h.Account != b.account.ID {
			return fmt.Errorf("ledger: hold %s belongs to %s, not to %s", h.ID, h.Account, b.account.ID)
		}
		if h.IsOpen() {
			pinned := fact.Points(0)
			for _, s := range h.Slices {
				pinned += s.Points
			}
			if pinned != h.Points || h.Captured+h.Released != 0 {
				return fmt.Errorf("ledger: hold %s does not add up: %+v", h.ID, h)
			}
			held -= h.Points
		}
		b.holds = append(b.holds, &h)
	}
	b.settled = held == 0
	return nil
}

// checkPins finds out whether the lots at hand have what the open holds pin. Without all open lots nothing is known of it.
func (b *Book) checkPins() error {
	if len(b.holds) == 0 || !b.complete {
		return nil
	}
	lots, pinned := byID(b.lots), map[fact.ID]fact.Points{}
	for _, h := range b.holds {
		if !h.IsOpen() {
			continue
		}
		for _, s := range h.Slices {
			pinned[s.Lot] += s.Points
			if l := lots[s.Lot]; l == nil || pinned[s.Lot] > l.Held {
				return fmt.Errorf("ledger: hold %s pins %d points of lot %s, which has not so many held", h.ID, s.Points, s.Lot)
			}
		}
	}
	return nil
}

func (b *Book) holdsMissing() error {
	return fmt.Errorf("%w: account %s has %d held; the %d holds at hand have another number", ErrHoldsMissing, b.account.ID, b.account.Held, len(b.holds))
}

// parts are the hold's slices, each with its lot; nil for a lot that is not there.
func (h *Holding) parts(lots map[fact.ID]*Lot) []part {
	parts := make([]part, len(h.Slices))
	for i, s := range h.Slices {
		parts[i] = part{lots[s.Lot], s.Points}
	}
	return parts
}

// byID are the lots by their ids.
func byID(lots []*Lot) map[fact.ID]*Lot {
	m := make(map[fact.ID]*Lot, len(lots))
	for _, l := range lots {
		m[l.ID] = l
	}
	return m
}

// end writes down what became of a hold.
func (b *Book) end(h *Holding, captured fact.Points) {
	h.Captured, h.Released = captured, h.Points-captured
	b.stirred = append(b.stirred, h)
}

// Hold sets points aside for a checkout, until it is captured, released or lapses. They are taken from the lots as a spend takes them, and stay what
// they are there: a slice of a lot that expires meanwhile lasts as long as the hold does. The hold (Changes.Holds) has the movement's id, with a kind
// of its own. The movement's explanation keeps the source that is handed in, or says SourceHold. The book needs all open lots.
//
// It is refused unless the points are 1 to fact.MaxPoints (CodeZero, CodeNegative, CodeTooLarge), with CodeInPast unless it expires after now, and
// with CodeInsufficientPoints if fewer points are available.
func (b *Book) Hold(points fact.Points, expires, occurred time.Time, reason Reason) (Movement, error) {
	parts, err := b.afford("a hold", points)
	if err != nil {
		return Movement{}, err
	}
	expires = fact.Instant(expires)
	if !expires.After(b.now) {
		return Movement{}, fact.Refuse(fact.CodeInPast, "", "a hold expires after now, which is %s, not at %s", b.now.Format(time.RFC3339Nano), expires.Format(time.RFC3339Nano))
	}
	reason.Explanation.Lots = named(parts)
	reason = reason.or(why.SourceHold)
	m, err := b.record(Hold, points, occurred, &reason, carry(parts, Available, Held))
	if err != nil {
		return Movement{}, err
	}
	h := &Holding{ID: m.ID.As(fact.KindHold), Account: b.account.ID, Expires: expires, Points: points, Slices: reason.Explanation.Lots}
	b.holds = append(b.holds, h)
	b.stirred = append(b.stirred, h)
	return m, nil
}

// or is the reason, with a source if it has none.
func (r Reason) or(source string) Reason {
	if r.Explanation.Source == "" {
		r.Explanation.Source = source
	}
	return r
}

// Capture spends so many of a hold's points, those first that would have been spent first, and releases the others by a second movement: a hold is
// captured once. What is released expires at once if its lot has expired meanwhile. The first movement is the answer; its explanation keeps the source
// that is handed in, or says SourceCapture, and names the hold's movement. The hold is as it is stored, and one of those that the book was opened
// with, unless it has ended. The book needs all open lots.
//
// It is refused unless the points are 1 to fact.MaxPoints (CodeZero, CodeNegative, CodeTooLarge), with CodeAnotherAccount if the hold is not this
// account's, with CodeHoldEnded if it was captured or released or has lapsed, and with CodeMoreThanHeld if it is of fewer points.
func (b *Book) Capture(h Holding, points fact.Points, occurred time.Time, reason Reason) (Movement, error) {
	if r := amount("a capture", points); r != nil {
		return Movement{}, r
	}
	return b.finish(h, points, occurred, reason)
}

// Release makes a hold's points available again: those of lots that have expired meanwhile expire at once, by further movements, and as many as are
// owed repay the account's debt. The first movement is the answer; its explanation says SourceRelease and names the hold's movement. The hold is as it
// is stored, and one of those that the book was opened with, unless it has ended. The book needs all open lots.
//
// It is refused with CodeAnotherAccount if the hold is not this account's, and with CodeHoldEnded if it was captured or released or has lapsed.
func (b *Book) Release(h Holding, occurred time.Time, reason Reason) (Movement, error) {
	return b.finish(h, 0, occurred, reason)
}

// maxSlicePostings are the most postings that a slice has when its hold ends: captured in part, available, to repay debt, to expire.
const maxSlicePostings = 4

// finish captures so many of a hold's points and releases the others.
func (b *Book) finish(handed Holding, points fact.Points, occurred time.Time, reason Reason) (Movement, error) {
	h, err := b.openHold(handed)
	switch {
	case err != nil:
		return Movement{}, err
	case points > h.Points:
		return Movement{}, fact.Refuse(fact.CodeMoreThanHeld, "", "hold %s is of %d points: %d cannot be captured", h.ID, h.Points, points)
	case !b.complete:
		return Movement{}, b.lotsMissing()
	case !b.room(maxSlicePostings * len(h.Slices)):
		return Movement{}, errNoRoom
	}
	captured, released := split(h.parts(byID(b.lots)), points)
	reason.Explanation.Of = h.movement()
	var first Movement
	if points > 0 {
		spent := reason.or(why.SourceCapture)
		spent.Explanation.Lots = named(captured)
		if first, err = b.record(Capture, points, occurred, &spent, carry(captured, Held, Redeemed)); err != nil {
			return Movement{}, err
		}
		reason = Reason{Interaction: reason.Interaction, Revision: reason.Revision, Explanation: why.Explanation{Of: h.movement()}}
	}
	b.end(h, points)
	if len(released) == 0 {
		return first, nil
	}
	reason.Explanation.Source, reason.Explanation.Lots = why.SourceRelease, named(released)
	m, err := b.record(Release, h.Released, occurred, &reason, arriveAll(released, Held, b.account.Debt))
	if err != nil {
		return Movement{}, err
	}
	if points == 0 {
		first = m
	}
	return first, b.bookGone(released, occurred)
}

// openHold is the book's own of the hold that is handed in.
func (b *Book) openHold(handed Holding) (*Holding, error) {
	if r := b.foreign("hold", handed.ID, handed.Account); r != nil {
		return nil, r
	}
	h := &handed
	for _, own := range b.holds {
		if own.ID == handed.ID {
			h = own
		}
	}
	switch {
	case !h.IsOpen():
		return nil, fact.Refuse(fact.CodeHoldEnded, "", "hold %s has ended: %d of its %d points were captured, %d released", h.ID, h.Captured, h.Points, h.Released)
	case h == &handed:
		return nil, fmt.Errorf("%w: hold %s is not one of those that the book was opened with", ErrHoldsMissing, h.ID)
	}
	return h, nil
}

// split divides parts: the first so many points, and the others.
func split(parts []part, points fact.Points) (first, others []part) {
	for _, p := range parts {
		n := min(points, p.points)
		points -= n
		if n > 0 {
			first = append(first, part{p.lot, n})
		}
		if n < p.points {
			others = append(others, part{p.lot, p.points - n})
		}
	}
	return first, others
}
