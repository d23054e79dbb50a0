package machine

import (
	"bytes"
	"slices"
	"time"

	"granaio/loyalty/fact"
)

// balances are an account's buckets.
type balances struct{ Pending, Available, Held, Debt int64 }

// movement is a movement, as the model says that it should be and as the engine says that it is.
type movement struct {
	Member           fact.ID
	Kind             string
	Number, Points   int64
	Occurred, Booked time.Time
	After            balances
}

// lot is points that were given together, and where they are now. Those that were spent, lost or given away are in it no more.
type lot struct {
	id                         fact.ID
	earned, activates, expires time.Time // expires is zero for never
	waits                      bool      // for a registration, until it expires; what follows is how long it lasts after that
	months, days               int
	pending, available, held   int64
	lost                       int64  // how many expired
	heirs                      []*lot // those that its points became when members were merged
}

// age makes the lot last as long as it does from when it is available.
func (l *lot) age() {
	if l.expires = (time.Time{}); l.months+l.days > 0 {
		l.expires = after(l.activates, l.months, l.days)
	}
}

// slice is so many points of a lot.
type slice struct {
	lot    *lot
	points int64
}

type hold struct {
	id      fact.ID
	expires time.Time
	points  int64
	slices  []slice
	ended   bool
	rehung  fact.ID // the one that was set aside in its stead when its member was absorbed; zero for none
}

// account is one member's points, and every movement that there ever was.
type account struct {
	member  fact.ID
	lots    []*lot
	holds   []*hold
	debt    int64
	latest  time.Time // when the last movement was booked
	history []movement
	earned  []*earning
	booked  []*booked
}

// copies are lots by those that they are copies of.
type copies map[*lot]*lot

// of is the copy of a lot.
func (same copies) of(l *lot) *lot {
	if c := same[l]; c != nil {
		return c
	}
	c := *l
	same[l], c.heirs = &c, nil
	for _, h := range l.heirs {
		c.heirs = append(c.heirs, same.of(h))
	}
	return &c
}

func (a *account) clone(same copies) *account {
	c := *a
	c.lots, c.holds, c.history, c.earned, c.booked = nil, nil, slices.Clip(a.history), nil, nil
	for _, l := range a.lots {
		c.lots = append(c.lots, same.of(l))
	}
	for _, h := range a.holds {
		copied := *h
		copied.slices = nil
		for _, s := range h.slices {
			copied.slices = append(copied.slices, slice{same.of(s.lot), s.points})
		}
		c.holds = append(c.holds, &copied)
	}
	for _, e := range a.earned {
		copied := *e
		copied.lot = same.of(e.lot)
		c.earned = append(c.earned, &copied)
	}
	for _, s := range a.booked {
		copied := *s
		copied.slices = nil
		for _, x := range s.slices {
			copied.slices = append(copied.slices, slice{same.of(x.lot), x.points})
		}
		c.booked = append(c.booked, &copied)
	}
	return &c
}

func (a *account) balances() balances {
	b := balances{Debt: a.debt}
	for _, l := range a.lots {
		b.Pending, b.Available, b.Held = b.Pending+l.pending, b.Available+l.available, b.Held+l.held
	}
	return b
}

// command is what the bookings of one command share.
type command struct {
	id       fact.ID // zero where the engine gave none
	clock    time.Time
	told     []movement
	received int // lots from another account
}

// booking is an account under a command. Its now is never before the account's last movement.
type booking struct {
	*account
	*command
	now time.Time
}

// open books what is due.
func (c *command) open(a *account) *booking {
	b := &booking{account: a, command: c}
	b.settle()
	return b
}

// book writes down a movement. It may be given back, or refused to be, if it has a name: what the clock brings about has none here.
func (b *booking) book(kind string, points int64, occurred time.Time) *booked {
	b.latest = b.now
	id := b.place().As(fact.KindMovement)
	m := movement{b.member, kind, int64(len(b.history)) + 1, points, occurred, b.now, b.balances()}
	b.history = append(b.history, m)
	b.told = append(b.told, m)
	w := &booked{movement: m, id: id}
	if !b.id.IsZero() {
		b.booked = append(b.booked, w)
	}
	return w
}

// settle lets happen what is due by now, one thing at a time, each time the earliest of all.
func (b *booking) settle() {
	b.now = b.clock
	if b.latest.After(b.now) {
		b.now = b.latest
	}
	for {
		var happen func()
		var first time.Time
		var firstID fact.ID
		consider := func(at time.Time, id fact.ID, what func()) {
			if at.IsZero() || at.After(b.now) {
				return
			}
			if happen == nil || at.Before(first) || at.Equal(first) && bytes.Compare(id[:], firstID[:]) < 0 {
				first, firstID, happen = at, id, what
			}
		}
		for _, l := range b.lots {
			switch {
			case l.pending > 0 && !l.waits && (l.expires.IsZero() || !l.expires.Before(l.activates)):
				consider(l.activates, l.id, func() {
					points := l.pending
					l.pending = 0
					b.arrive(l, points)
					b.book("mature", points, l.activates)
				})
			case l.pending+l.available > 0:
				consider(l.expires, l.id, func() { b.lose(l, l.expires) })
			}
		}
		for _, h := range b.holds {
			if !h.ended {
				consider(h.expires, h.id, func() { b.release(h, 0, h.expires, h.expires) })
			}
		}
		if happen == nil {
			return
		}
		happen()
	}
}

// arrive makes points of a lot available, or repays debt with them.
func (b *booking) arrive(l *lot, points int64) {
	repaid := min(points, b.debt)
	b.debt -= repaid
	l.available += points - repaid
}

// lose lets a lot expire.
func (b *booking) lose(l *lot, at time.Time) {
	points := l.pending + l.available
	l.pending, l.available, l.lost = 0, 0, l.lost+points
	b.book("expire", points, at)
}

// release ends a hold of which so many points were captured: the others come back. Those of lots that have expired by then expire.
func (b *booking) release(h *hold, captured int64, at, by time.Time) {
	h.ended = true
	var back []*lot
	all := h.points - captured
	for _, s := range h.slices {
		n := max(0, s.points-captured)
		captured = max(0, captured-s.points)
		if n > 0 {
			s.lot.held -= n
			b.arrive(s.lot, n)
			back = append(back, s.lot)
		}
	}
	if len(back) == 0 {
		return
	}
	b.book("release", all, at)
	b.gone(back, at, by)
}

// gone lets expire what came back, at an instant, to lots that have expired by another.
func (b *booking) gone(back []*lot, came, by time.Time) {
	lost := func(l *lot) time.Time {
		if l.expires.After(came) {
			return l.expires
		}
		return came
	}
	slices.SortFunc(back, func(x, y *lot) int {
		if c := lost(x).Compare(lost(y)); c != 0 {
			return c
		}
		return bytes.Compare(x.id[:], y.id[:])
	})
	for _, l := range back {
		if l.available > 0 && !l.expires.IsZero() && !l.expires.After(by) {
			b.lose(l, lost(l))
		}
	}
}

// place is the place in the command that the next movement has.
func (b *booking) place() fact.ID { return b.id.At(len(b.told) + 1) }

// credit gives points as a lot of their own. It is false if the account would have too many.
func (b *booking) credit(kind string, points int64, l lot) bool {
	if b.overflows(points) {
		return false
	}
	l.id = b.place().As(fact.KindLot)
	b.lots = append(b.lots, &l)
	if l.waits || l.activates.After(b.now) {
		l.pending = points
	} else {
		b.arrive(&l, points)
	}
	b.book(kind, points, l.earned)
	b.settle()
	return true
}

// overflows tells whether the account cannot have so many points more.
func (b *booking) overflows(points int64) bool {
	has := b.balances()
	return has.Pending+has.Available+has.Held+points > int64(fact.MaxPoints)
}

// take takes available points from the lots that are spent first.
func (b *booking) take(points int64) (taken []slice) {
	for points > 0 {
		first := b.first()
		n := min(points, first.available)
		first.available -= n
		points -= n
		taken = append(taken, slice{first, n})
	}
	return taken
}

// first is the lot that is spent first; nil if there is nothing to spend.
func (b *booking) first() (first *lot) {
	for _, l := range b.lots {
		if l.available > 0 && (first == nil || l.before(first)) {
			first = l
		}
	}
	return first
}

// before tells whether a lot is spent before another: the one that expires first; never is last; then the oldest.
func (l *lot) before(o *lot) bool {
	switch {
	case l.expires.IsZero() != o.expires.IsZero():
		return o.expires.IsZero()
	case !l.expires.Equal(o.expires):
		return l.expires.Before(o.expires)
	case !l.earned.Equal(o.earned):
		return l.earned.Before(o.earned)
	}
	return bytes.Compare(l.id[:], o.id[:]) < 0
}

func (b *booking) spend(points int64) *booked {
	taken := b.take(points)
	s := b.book("spend", points, b.clock)
	s.slices = taken
	return s
}

func (b *booking) setAside(points int64, expires time.Time) *hold {
	h := &hold{id: b.place().As(fact.KindHold), expires: expires, points: points, slices: b.take(points)}
	for _, s := range h.slices {
		s.lot.held += s.points
	}
	b.holds = append(b.holds, h)
	b.book("hold", points, b.clock)
	return h
}

func (b *booking) capture(h *hold, points int64) {
	left, taken := points, []slice(nil)
	for _, s := range h.slices {
		n := min(left, s.points)
		s.lot.held -= n
		left -= n
		if n > 0 {
			taken = append(taken, slice{s.lot, n})
		}
	}
	b.book("capture", points, b.clock).slices = taken
	b.release(h, points, b.clock, b.now)
}

// give moves points to another account, as lots that age as they did.
func (b *booking) give(to *booking, points int64) {
	taken := b.take(points)
	b.book("transfer", points, b.clock)
	for _, s := range taken {
		to.arrive(b.move(to, s.lot), s.points)
	}
	to.book("transfer", points, b.clock)
	to.settle()
}

// move makes a lot in another account that ages as one of this one does.
func (b *booking) move(to *booking, l *lot) *lot {
	moved := *l
	moved.id, moved.heirs = b.id.At(fact.MaxPlace-b.received).As(fact.KindLot), nil
	moved.pending, moved.available, moved.held, moved.lost = 0, 0, 0, 0
	b.received++
	to.lots = append(to.lots, &moved)
	return &moved
}
