package ledger_test

import (
	"bytes"
	"slices"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// model is what an account should be, worked out as simply as can be: a list of all lots that there ever were, each a list of its points, one by one,
// looked through again and again. It knows of no due instant that is kept, of no lots that are left out, and of no postings.
type model struct {
	lots   []*modelLot
	holds  []*modelHold
	debt   fact.Points
	latest time.Time   // when anything last moved
	active []time.Time // all activity there ever was, as it was heard of
	warned []time.Time // all expiries that were ever warned of
	zone   *time.Location
}

type modelLot struct {
	id fact.ID
	modelAge
	points []*modelPoint
}

// modelAge is how a lot ages.
type modelAge struct {
	earned, activates, expires time.Time
	waits                      fact.ID // what it waits for; zero once that has come
	days                       int     // how long it may be spent once that has come
	idle                       int     // after how many days without activity it expires; 0 for never
	warn                       int     // how many days before that is warned of; 0: it is not
}

// modelPoint is a single point: where it is, and whether it was excused from a return since it had expired.
type modelPoint struct {
	lot     *modelLot
	at      ledger.Bucket
	excused bool
}

type modelHold struct {
	id      fact.ID
	expires time.Time
	points  []*modelPoint
	open    bool
}

// modelEarning is an earning, with the lots that it was and, last, the one that it is.
type modelEarning struct {
	lots                    []*modelLot
	taken, expired, forgone fact.Points
}

// modelSpend is the points that a spend took and that were not given back.
type modelSpend struct{ points []*modelPoint }

func (m *model) present(now time.Time) time.Time {
	if now.Before(m.latest) {
		return m.latest
	}
	return now
}

// count is how many of the lot's points are there.
func (l *modelLot) count(at ledger.Bucket) (n fact.Points) {
	for _, p := range l.points {
		if p.at == at {
			n++
		}
	}
	return n
}

// first is one of the lot's points that are there.
func (l *modelLot) first(at ledger.Bucket) *modelPoint {
	for _, p := range l.points {
		if p.at == at {
			return p
		}
	}
	return nil
}

// settle lets happen what is due by now, one thing at a time: each time the earliest of all.
func (m *model) settle(now time.Time) {
	now = m.present(now)
	for {
		at, happen := m.next()
		if happen == nil || at.After(now) {
			return
		}
		m.latest = now
		happen()
	}
}

// next is what happens next, ever, and when.
func (m *model) next() (at time.Time, happen func()) {
	var id fact.ID
	consider := func(when time.Time, which fact.ID, what func()) {
		if !when.IsZero() && (happen == nil || when.Before(at) || when.Equal(at) && bytes.Compare(which[:], id[:]) < 0) {
			at, id, happen = when, which, what
		}
	}
	for _, l := range m.lots {
		switch pending := l.first(ledger.Pending) != nil; {
		case pending && l.waits.IsZero() && (l.expires.IsZero() || !l.activates.After(l.expires)):
			consider(l.activates, l.id, func() { m.mature(l) })
		case pending || l.first(ledger.Available) != nil:
			consider(m.ends(l), l.id, l.expire)
		}
	}
	for _, h := range m.holds {
		if h.open {
			consider(h.expires, h.id, func() { m.release(h) })
		}
	}
	return at, happen
}

func (m *model) mature(l *modelLot) {
	for _, p := range l.points {
		if p.at == ledger.Pending {
			m.arrive(p)
		}
	}
}

func (l *modelLot) expire() {
	for _, p := range l.points {
		if p.at == ledger.Pending || p.at == ledger.Available {
			p.at = ledger.Expired
		}
	}
}

func (m *model) release(h *modelHold) {
	h.open = false
	for _, p := range h.points {
		if p.at == ledger.Held {
			m.arrive(p)
		}
	}
}

// arrive makes a point available, or repays a debt with it.
func (m *model) arrive(p *modelPoint) {
	p.at = ledger.Available
	if m.debt > 0 {
		p.at = ledger.Reversed
		m.debt--
	}
}

// newLot makes a lot of points that are nowhere yet.
func (m *model) newLot(id fact.ID, age modelAge, points fact.Points) *modelLot {
	l := &modelLot{id: id, modelAge: age}
	for range points {
		l.points = append(l.points, &modelPoint{lot: l})
	}
	m.lots = append(m.lots, l)
	return l
}

func (m *model) earn(id fact.ID, now time.Time, points fact.Points, age modelAge) *modelLot {
	now = m.present(now)
	m.latest = now
	l := m.newLot(id, age, points)
	for _, p := range l.points {
		if !age.waits.IsZero() || age.activates.After(now) {
			p.at = ledger.Pending
		} else {
			m.arrive(p)
		}
	}
	m.settle(now)
	return l
}

// take takes one available point at a time, each from the lot that is then the first, and puts it elsewhere. It is nil if there are not so many.
func (m *model) take(now time.Time, points fact.Points, to ledger.Bucket) (taken []*modelPoint) {
	if points == 0 || points > m.balances().Available {
		return nil
	}
	m.latest = m.present(now)
	for range points {
		p := m.burn()
		p.at = to
		taken = append(taken, p)
	}
	return taken
}

// burn is the available point that is spent first; nil if there is none.
func (m *model) burn() (first *modelPoint) {
	for _, l := range m.lots {
		if p := l.first(ledger.Available); p != nil && (first == nil || m.before(l, first.lot)) {
			first = p
		}
	}
	return first
}

// before tells whether a lot is spent before another.
func (m *model) before(l, o *modelLot) bool {
	never := at("9999-01-01")
	mine, other := m.ends(l), m.ends(o)
	if mine.IsZero() {
		mine = never
	}
	if other.IsZero() {
		other = never
	}
	if !mine.Equal(other) {
		return mine.Before(other)
	}
	if !l.earned.Equal(o.earned) {
		return l.earned.Before(o.earned)
	}
	return bytes.Compare(l.id[:], o.id[:]) < 0
}

// capture spends the first so many points of a hold and releases the others.
func (m *model) capture(h *modelHold, now time.Time, points fact.Points) *modelSpend {
	m.latest = m.present(now)
	s := &modelSpend{slices.Clone(h.points[:points])}
	for _, p := range s.points {
		p.at = ledger.Redeemed
	}
	m.release(h)
	m.settle(now)
	return s
}

// takeBack takes back points of an earning, one at a time.
func (m *model) takeBack(e *modelEarning, now time.Time, target fact.Points, r ledger.Recourse) {
	m.latest = m.present(now)
	lot := e.lots[len(e.lots)-1]
	for e.taken+e.expired+e.forgone < target {
		p := lot.first(ledger.Pending)
		if p == nil {
			p = lot.first(ledger.Available)
		}
		switch gone := e.gone(); {
		case p != nil:
			p.at = ledger.Reversed
			e.taken++
		case gone != nil:
			gone.excused = true
			e.expired++
		case m.burn() != nil && (r.OtherLots || r.DebtFloor > 0):
			m.burn().at = ledger.Reversed
			e.taken++
		case m.debt < r.DebtFloor:
			m.debt++
			e.taken++
		default:
			e.forgone++
		}
	}
}

// gone is a point of the earning that has expired and was not excused yet.
func (e *modelEarning) gone() *modelPoint {
	for _, l := range e.lots {
		for _, p := range l.points {
			if p.at == ledger.Expired && !p.excused {
				return p
			}
		}
	}
	return nil
}

// giveBack gives back points of a spend, those first that last longest; but as they arrive those come first that do not.
func (m *model) giveBack(s *modelSpend, now time.Time, points fact.Points) {
	m.latest = m.present(now)
	slices.SortStableFunc(s.points, func(a, b *modelPoint) int {
		switch {
		case m.before(a.lot, b.lot):
			return -1
		case m.before(b.lot, a.lot):
			return 1
		}
		return 0
	})
	kept := len(s.points) - int(points)
	for _, p := range s.points[kept:] {
		m.arrive(p)
	}
	s.points = s.points[:kept]
	m.settle(now)
}

// receive makes lots of points that another account gave, each with the id that is next, and tells which lot became which.
func (m *model) receive(from *model, now time.Time, points []*modelPoint, pending bool, ids []fact.ID) (became map[*modelLot]*modelLot) {
	m.latest = m.present(now)
	became = map[*modelLot]*modelLot{}
	for _, p := range points {
		l := became[p.lot]
		if l == nil {
			l = m.newLot(ids[len(became)], p.lot.modelAge, 0)
			if last := from.lastActive(); l.idle > 0 && l.waits.IsZero() && last.After(l.activates) {
				l.activates = last
			}
			became[p.lot] = l
		}
		fresh := &modelPoint{lot: l, at: ledger.Pending}
		l.points = append(l.points, fresh)
		if !pending {
			m.arrive(fresh)
		}
	}
	return became
}

func (m *model) balances() ledger.Balances {
	b := ledger.Balances{Debt: m.debt}
	for _, l := range m.lots {
		b.Pending, b.Available, b.Held = b.Pending+l.count(ledger.Pending), b.Available+l.count(ledger.Available), b.Held+l.count(ledger.Held)
	}
	return b
}
