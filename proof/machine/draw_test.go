package machine

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"granaio/loyalty/fact"
)

var (
	emails  = []string{"a@example.com", "b@example.com", "c@example.com", "B@Example.com"}
	devices = []string{"phone", "tablet", "kiosk"}
)

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
		op = rapid.SampledFrom([]operation{track, track, track, track, enrol, redeem, redeem, adjust, setAside, setAside, capture, release, transfer,
			takeBack, takeBack, takeBack, takeBack, giveBack, giveBack, register, register, identify, identify, identify, merge, merge, suspend, reinstate,
			disown}).Draw(t, "operation")
		switch { // what cannot be yet
		case op == takeBack && len(m.deeds()) == 0:
			op = track
		case op == giveBack && len(m.spends()) == 0:
			op = redeem
		case op == reinstate && len(m.of(suspended)) == 0:
			op = track
		}
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
			r.points = -m.some(t, r.who)
		}
		r.days = m.draw(t, "days", 3) * 7
	case setAside:
		r.who = m.who(t)
		r.points = m.some(t, r.who)
		r.lasts = rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 24 * time.Hour, 25 * time.Hour}).Draw(t, "lasts")
	case capture, release:
		r.hold = m.hold(t)
		if op == capture && m.draw(t, "in part", 2) == 1 {
			r.points = m.points(t)
		}
	case takeBack:
		m.comesBack(t, r)
	case giveBack:
		m.refund(t, r)
	case transfer:
		r.who, r.to = m.who(t), m.who(t)
		r.points = m.some(t, r.who)
	default:
		m.people(t, r)
	}
	return r
}

func (m *machine) enrolment(t *rapid.T, r *request) {
	r.who = ref{Name: rapid.SampledFrom(emails).Draw(t, "e-mail")}
	if m.draw(t, "another address", 4) == 3 {
		r.second = rapid.SampledFrom([]string{"d@example.com", "kiosk"}).Draw(t, "address")
	}
	r.status = rapid.SampledFrom([]string{registered, registered, registered, prospect, anonymous}).Draw(t, "status")
	r.touchpoint, r.occurred = m.touchpoint(t), m.occurred(t)
}

func (m *machine) interaction(t *rapid.T, r *request) {
	r.who, r.touchpoint, r.occurred = m.who(t), m.touchpoint(t), m.occurred(t)
	if m.draw(t, "by a device", 5) == 4 {
		r.who = ref{Name: rapid.SampledFrom(devices).Draw(t, "device")}
	}
	r.event = rapid.SampledFrom([]string{"purchase", "purchase", "purchase", "visit", "review", "nothing"}).Draw(t, "event")
	r.cents = -1
	if r.event != "visit" && m.draw(t, "without a value", 8) < 7 {
		r.cents = int64(rapid.IntRange(0, 6000).Draw(t, "cents"))
		left := r.cents
		for i, name := range []string{"bread", "milk"}[:m.draw(t, "lines", 3)] {
			l := line{name, int64(1 + m.draw(t, "pieces", 3)), rapid.Int64Range(0, left).Draw(t, "cents of the line")}
			r.lines[i], left = l, left-l.cents
		}
	}
}

// people draws a request about who is who: of those who may have a part in it, mostly.
func (m *machine) people(t *rapid.T, r *request) {
	r.who = m.who(t)
	some := map[operation][]*member{register: append(m.of(anonymous), m.of(prospect)...), reinstate: m.of(suspended)}[r.op]
	if len(some) > 0 && m.draw(t, "anybody", 4) < 3 {
		r.who = ref{ID: some[m.draw(t, "member", len(some))].id}
	}
	switch r.op {
	case register:
		r.touchpoint, r.occurred = m.touchpoint(t), m.occurred(t)
	case identify:
		if m.draw(t, "a device", 2) == 1 {
			r.who = ref{Name: rapid.SampledFrom(devices).Draw(t, "device")}
		}
		r.name = m.name(t)
		if m.draw(t, "another", 3) == 2 {
			if r.second = m.name(t); len(slices.Compact(r.names())) == 1 {
				r.second = ""
			}
		}
	case disown:
		r.name = m.name(t)
		if p := m.model.find(r.who); p != nil && len(p.names) > 0 && m.draw(t, "one of its own", 4) < 3 {
			r.name = p.names[m.draw(t, "name", len(p.names))]
		}
	case merge:
		r.to = m.who(t)
	}
}

// name draws an identity.
func (m *machine) name(t *rapid.T) string {
	return rapid.SampledFrom(slices.Concat(emails, devices, []string{"d@example.com"})).Draw(t, "identity")
}

// of are the members of a status.
func (m *machine) of(status string) (all []*member) {
	for _, p := range m.model.members {
		if p.status == status && p.into.IsZero() {
			all = append(all, p)
		}
	}
	return all
}

// deeds are what members did but for becoming known.
func (m *machine) deeds() (all []deed) {
	for _, p := range m.model.members {
		for _, d := range p.deeds {
			if !d.ofPeople() {
				all = append(all, d)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b deed) int { return bytes.Compare(a.id[:], b.id[:]) })
	return all
}

// spends are the movements by which points were spent.
func (m *machine) spends() (all []*booked) {
	for _, p := range m.model.members {
		for _, b := range p.account.booked {
			if b.slices != nil {
				all = append(all, b)
			}
		}
	}
	return all
}

// comesBack draws a return: of something that was done, mostly, and mostly of the latest; as a whole, by value or by lines.
func (m *machine) comesBack(t *rapid.T, r *request) {
	r.occurred, r.cents = m.occurred(t), whole
	var d deed
	if done := m.deeds(); len(done) > 0 {
		d = done[len(done)-1-m.draw(t, "deed", len(done))]
	}
	r.undone = d.id
	switch odd := m.draw(t, "nothing that was done", 20); {
	case odd == 19 || d.id.IsZero():
		r.undone = fact.NewID(fact.KindInteraction)
	case odd == 17:
		r.undone = m.model.final(m.model.members[0]).deeds[0].id
	case odd == 18 && len(m.returns) > 0:
		r.undone = m.returns[m.draw(t, "return", len(m.returns))]
	}
	how := m.draw(t, "whole, by value, by lines", 12)
	if how > 3 && how < 9 || how == 11 {
		r.cents = rapid.SampledFrom([]int64{d.left, d.left / 2, d.left / 3, d.left - 1, d.left + 1, d.cents, 1, 0}).Draw(t, "cents")
	}
	if how >= 9 {
		for i, l := range d.lines {
			if l.name != "" && m.draw(t, "the line", 3) > 0 {
				r.lines[i] = line{name: l.name, pieces: int64(m.draw(t, "pieces", int(l.pieces)+1))}
			}
		}
		if m.draw(t, "another line", 8) == 7 {
			r.lines[1] = line{name: "wine", pieces: 1}
		}
	}
}

// refund draws a refund: of what was spent, mostly; of all of it or of a part.
func (m *machine) refund(t *rapid.T, r *request) {
	r.occurred, r.points, r.undone = m.occurred(t), whole, fact.NewID(fact.KindMovement)
	some := m.spends()
	if m.draw(t, "no spend", 10) == 9 || len(some) == 0 {
		some = m.model.members[m.draw(t, "member", len(m.model.members))].account.booked
	}
	if len(some) > 0 && m.draw(t, "nothing", 20) < 19 {
		r.undone = some[len(some)-1-m.draw(t, "movement", len(some))].id
	}
	if m.draw(t, "in part", 2) == 1 {
		r.points = m.points(t) / 2
	}
}

// who draws a member by one of its names, or rarely nobody.
func (m *machine) who(t *rapid.T) ref {
	if m.draw(t, "perhaps nobody", 10) == 9 {
		return ref{Name: m.name(t)}
	}
	p := m.model.members[m.draw(t, "member", len(m.model.members))]
	if len(p.names) > 0 && m.draw(t, "by a name", 2) == 0 {
		return ref{Name: p.names[m.draw(t, "name", len(p.names))]}
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

// some draws a number of points to take from a member: sometimes just all that there are.
func (m *machine) some(t *rapid.T, who ref) int64 {
	if p := m.model.find(who); p != nil && m.draw(t, "all", 4) == 3 {
		if all := (&command{clock: m.clock(0)}).open(p.account.clone(copies{})).balances().Available; all > 0 {
			return all
		}
	}
	return m.points(t)
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
