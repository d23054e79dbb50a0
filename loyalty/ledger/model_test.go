package ledger_test

import (
	"bytes"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// model is what an account should be, worked out as simply as can be: a list of all lots that there ever were, looked through again and again. It
// knows of no due instant that is kept, of no lots that are left out, and of no postings.
type model struct {
	lots   []*modelLot
	debt   fact.Points
	latest time.Time // when anything last moved
}

type modelLot struct {
	id                         fact.ID
	earned, activates, expires time.Time
	pending                    bool
	left                       fact.Points
}

func (m *model) present(now time.Time) time.Time {
	if now.Before(m.latest) {
		return m.latest
	}
	return now
}

// settle lets happen what is due by now, one thing at a time: each time the earliest of all.
func (m *model) settle(now time.Time) {
	now = m.present(now)
	for {
		at, lot, matures := m.next()
		if lot == nil || at.After(now) {
			return
		}
		m.latest = now
		if matures {
			lot.pending = false
			m.repay(lot)
		} else {
			lot.left = 0
		}
	}
}

// next is what happens next, ever: when, and to which lot.
func (m *model) next() (at time.Time, lot *modelLot, matures bool) {
	for _, l := range m.lots {
		if l.left == 0 {
			continue
		}
		event, matureEvent := l.expires, false
		if l.pending && (l.expires.IsZero() || !l.activates.After(l.expires)) {
			event, matureEvent = l.activates, true
		}
		if event.IsZero() && !matureEvent {
			continue
		}
		if lot == nil || event.Before(at) || event.Equal(at) && bytes.Compare(l.id[:], lot.id[:]) < 0 {
			at, lot, matures = event, l, matureEvent
		}
	}
	return at, lot, matures
}

func (m *model) repay(l *modelLot) {
	for m.debt > 0 && l.left > 0 && !l.pending {
		m.debt--
		l.left--
	}
}

func (m *model) earn(id fact.ID, now time.Time, e ledger.Earning) {
	now = m.present(now)
	m.latest = now
	l := &modelLot{id, e.Occurred, e.Activates, e.Expires, e.Activates.After(now), e.Points}
	m.lots = append(m.lots, l)
	m.repay(l)
	m.settle(now)
}

// spend takes one point at a time, each from the lot that is then the first. It is false if there are not so many.
func (m *model) spend(now time.Time, points fact.Points) bool {
	now = m.present(now)
	if points > m.balances().Available {
		return false
	}
	m.latest = now
	for range points {
		var first *modelLot
		for _, l := range m.lots {
			if l.left > 0 && !l.pending && (first == nil || l.before(first)) {
				first = l
			}
		}
		first.left--
	}
	return true
}

// before tells whether the lot is spent before another.
func (l *modelLot) before(o *modelLot) bool {
	never := at("9999-01-01")
	mine, other := l.expires, o.expires
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

func (m *model) balances() ledger.Balances {
	b := ledger.Balances{Debt: m.debt}
	for _, l := range m.lots {
		if l.pending {
			b.Pending += l.left
		} else {
			b.Available += l.left
		}
	}
	return b
}
