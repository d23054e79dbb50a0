package machine

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"granaio/loyalty/fact"
)

var emails = []string{"a@example.com", "b@example.com", "c@example.com", "B@Example.com"}

// request draws a request: a new one, mostly; one that was sent before; or another one under a key that was used.
func (m *machine) request(t *rapid.T) *request {
	how := m.draw(t, "new, again or under a used key", 10)
	if how > 7 && len(m.sent) > 0 {
		old := m.sent[m.draw(t, "request", len(m.sent))]
		if how == 8 {
			return old
		}
		r := m.fresh(t, old.op)
		r.key, r.caller = old.key, old.caller
		return r
	}
	r := m.fresh(t, "")
	r.caller = rapid.SampledFrom([]string{"operator:anna", "partner:till"}).Draw(t, "caller")
	m.unique++
	r.key = fmt.Sprint("key ", m.unique)
	if m.draw(t, "a key of several", 4) == 3 {
		r.key = fmt.Sprint("key of several ", m.unique/4)
	}
	return r
}

// fresh draws what a request asks for.
func (m *machine) fresh(t *rapid.T, op operation) *request {
	if op == "" {
		op = rapid.SampledFrom([]operation{track, track, track, track, enrol, redeem, redeem, adjust, setAside, setAside, capture, release, transfer}).Draw(t, "operation")
	}
	r := &request{op: op}
	switch op {
	case enrol:
		m.enrolment(t, r)
	case track:
		m.interaction(t, r)
	case redeem:
		r.who = m.who(t)
		r.reward = rapid.SampledFrom([]string{"mug", "pin", "crown", "card", "nothing"}).Draw(t, "reward")
	case adjust:
		r.who, r.points = m.who(t), m.points(t)
		if m.draw(t, "takes", 3) == 2 {
			r.points = -r.points
		}
		r.days = m.draw(t, "days", 3) * 7
	case setAside:
		r.who, r.points = m.who(t), m.points(t)
		r.lasts = rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 24 * time.Hour, 25 * time.Hour}).Draw(t, "lasts")
	case capture, release:
		r.hold = m.hold(t)
		if op == capture && m.draw(t, "in part", 2) == 1 {
			r.points = m.points(t)
		}
	case transfer:
		r.who, r.to, r.points = m.who(t), m.who(t), m.points(t)
	}
	return r
}

func (m *machine) enrolment(t *rapid.T, r *request) {
	r.who = ref{Email: rapid.SampledFrom(emails).Draw(t, "e-mail")}
	if m.draw(t, "another address", 4) == 3 {
		r.second = "d@example.com"
	}
	r.touchpoint, r.occurred = m.touchpoint(t), m.occurred(t)
}

func (m *machine) interaction(t *rapid.T, r *request) {
	r.who, r.touchpoint, r.occurred = m.who(t), m.touchpoint(t), m.occurred(t)
	r.event = rapid.SampledFrom([]string{"purchase", "purchase", "purchase", "visit", "review", "nothing"}).Draw(t, "event")
	r.cents = -1
	if r.event != "visit" && m.draw(t, "without a value", 8) < 7 {
		r.cents = int64(rapid.IntRange(0, 6000).Draw(t, "cents"))
	}
}

// who draws a member by one of its names, or rarely nobody.
func (m *machine) who(t *rapid.T) ref {
	if m.draw(t, "perhaps nobody", 10) == 9 {
		return ref{Email: rapid.SampledFrom(emails).Draw(t, "e-mail")}
	}
	p := m.model.members[m.draw(t, "member", len(m.model.members))]
	if m.draw(t, "by e-mail", 2) == 0 {
		return ref{Email: p.emails[0]}
	}
	return ref{ID: p.id}
}

// points draws a number of points: a few, and rarely none, less than none, or as many as there can be.
func (m *machine) points(t *rapid.T) int64 {
	if m.draw(t, "odd points", 12) == 11 {
		most := int64(fact.MaxPoints)
		return rapid.SampledFrom([]int64{0, -1, most, most + 1, most - 60}).Draw(t, "points")
	}
	return int64(rapid.IntRange(1, 60).Draw(t, "points"))
}

func (m *machine) touchpoint(t *rapid.T) string {
	if m.draw(t, "nowhere", 20) == 19 {
		return "moon"
	}
	return "web"
}

// occurred draws when something happened: now, mostly.
func (m *machine) occurred(t *rapid.T) time.Time {
	switch m.draw(t, "late", 8) {
	case 4:
		return m.now.Add(-time.Duration(1+m.draw(t, "hours", 100)) * time.Hour)
	case 5:
		return m.now.AddDate(0, 0, -1-m.draw(t, "days", 70))
	case 6:
		return m.now.Add(time.Duration(m.draw(t, "seconds ahead", 12)) * time.Second)
	case 7:
		return m.now.Add(-time.Duration(m.draw(t, "microseconds", 3000)) * time.Microsecond)
	}
	return time.Time{}
}

// hold draws a hold that there was, or rarely none.
func (m *machine) hold(t *rapid.T) fact.ID {
	if n := len(m.holds); n > 0 && m.draw(t, "no hold", 12) < 11 {
		return m.holds[n-1-m.draw(t, "hold", n)]
	}
	return fact.NewID(fact.KindHold)
}
