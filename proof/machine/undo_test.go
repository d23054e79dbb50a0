package machine

import (
	"fmt"
	"slices"
	"time"

	"granaio/loyalty/fact"
)

// booked is a movement that has a name, and what it took where it spent.
type booked struct {
	movement
	id         fact.ID
	slices     []slice // of a spend or a capture: what is not given back yet
	redemption fact.ID // that it paid for; zero for none, and once it is cancelled
	reward     string
}

// doer is who did something, and what.
func (m *model) doer(id fact.ID) (*member, *deed) {
	for _, p := range m.members {
		for i := range p.deeds {
			if p.deeds[i].id == id {
				return p, &p.deeds[i]
			}
		}
	}
	return nil, nil
}

// undone is when a request undoes what occurred at an instant: no sooner than that, if it does not say so; or why it cannot have been then.
func undone(r *request, original, now time.Time) (time.Time, *answer) {
	at := occurred(r, now)
	if at.Equal(now) && at.Before(original) {
		return original, nil
	}
	var a answer
	switch {
	case at.Before(original):
		a = refusal(fact.CodeInvalid, "occurredAt")
	case at.After(now) && at.After(original):
		a = refusal(fact.CodeInFuture, "occurredAt")
	default:
		return at, nil
	}
	return at, &a
}

func (m *model) takeBack(r *request, c *command) answer {
	p, d := m.doer(r.undone)
	if p == nil {
		return refusal(fact.CodeUnknownInteraction, "interaction")
	}
	if d.ofPeople() {
		return refusal(fact.CodeNotReversible, "interaction")
	}
	at, untimely := undone(r, d.at, c.clock)
	if untimely != nil {
		return *untimely
	}
	cents, back, refused := d.returns(r)
	if refused.Refused != "" {
		return refused
	}
	d.left, d.back = d.left-cents, back
	d.returned = r.cents == whole && r.bought() == nil || d.left == 0 && cents > 0
	a := answer{Member: p.id, Returned: fmt.Sprint(cents, " ", d.returned)}
	u := undoing{of: m, member: p, deed: d, booking: c.open(p.account), at: at}
	for _, i := range d.earned {
		if e := u.booking.earned[i]; e.by != "three" && e.by != "critic" {
			u.take(i, e.points-u.stays(e))
		}
	}
	if told := u.uncount(); told != "" {
		a.Progress = []string{told}
	}
	a.Tier = p.stand()
	p.resemble()
	return a
}

// returns is how much a return brings back, and how many pieces of each line are back then.
func (d *deed) returns(r *request) (cents int64, back [2]int64, refused answer) {
	back = d.back
	lines := r.bought()
	switch {
	case d.returned:
		return 0, back, refusal(fact.CodeAlreadyReversed, "interaction")
	case r.cents == whole && lines == nil:
		return d.left, back, answer{}
	case r.cents != whole && lines != nil:
		return 0, back, refusal(fact.CodeInvalid, "lines")
	case lines == nil && d.unpriced:
		return 0, back, refusal(fact.CodeInvalid, "value")
	case lines == nil && r.cents == 0:
		return 0, back, refusal(fact.CodeZero, "value.amount")
	case lines == nil && r.cents < 0:
		return 0, back, refusal(fact.CodeNegative, "value.amount")
	case lines == nil && r.cents > d.left:
		return 0, back, refusal(fact.CodeMoreThanLeft, "value.amount")
	case lines == nil:
		return r.cents, back, answer{}
	}
	for i, l := range lines {
		at := slices.IndexFunc(d.lines[:], func(o line) bool { return o.name == l.name })
		switch {
		case at < 0:
			return 0, back, refusal(fact.CodeUnknownLine, fmt.Sprintf("lines.%d.reference", i))
		case l.pieces == 0:
			return 0, back, refusal(fact.CodeZero, fmt.Sprintf("lines.%d.quantity", i))
		case back[at]+l.pieces > d.lines[at].pieces:
			return 0, back, refusal(fact.CodeMoreThanLeft, fmt.Sprintf("lines.%d.quantity", i))
		}
		paid := func(pieces int64) int64 { return d.lines[at].cents * pieces / d.lines[at].pieces }
		cents += paid(back[at]+l.pieces) - paid(back[at])
		back[at] += l.pieces
	}
	if cents > d.left {
		return 0, back, refusal(fact.CodeMoreThanLeft, "lines")
	}
	return cents, back, answer{}
}

// undoing is a return on its way.
type undoing struct {
	of *model
	*member
	*deed
	*booking
	at time.Time
}

// stays is how many points of an earning what is left of the deed earns, by what was in force then.
func (u *undoing) stays(e *earning) int64 {
	switch {
	case e.by == "gift":
		return e.points
	case u.returned:
		return 0
	}
	others := func(by string) int64 {
		for _, i := range u.deed.earned {
			if o := u.booking.earned[i]; o.by == by {
				return u.stays(o)
			}
		}
		return 0
	}
	stays := int64(0)
	switch e.by {
	case "bonus":
		stays = (u.left + 199) / 200
	case "extra":
		if u.left >= 2000 {
			stays = 7
		}
	case "spend":
		stays = u.left * u.rate / 100
	case "golden":
		stays = (others("bonus") + others("spend")) / 2
	case "happy":
		stays = others("extra") + others("spend")
	case "words":
		stays = words(u.left)
	}
	return min(stays, e.points)
}

// take takes back points of an earning, one by one, so that so many are taken back in all.
func (u *undoing) take(place int, target int64) {
	e, policy := u.booking.earned[place], u.of.inForce(u.clock)
	more := target - e.taken - e.expired - e.forgiven
	if more <= 0 {
		return
	}
	taken := e.taken
	for range more {
		first := u.first()
		switch {
		case u.excess[e.by] > 0: // a merge has taken it
			u.excess[e.by]--
			e.forgiven++
		case e.lot.draw(u.booking.account):
			e.taken++
		case e.lot.allLost() > e.expired:
			e.expired++
		case policy.others && first != nil:
			first.available--
			e.taken++
		case u.booking.debt < policy.debt:
			u.booking.debt++
			e.taken++
		default:
			e.forgiven++
		}
	}
	u.book("reverse_earn", e.taken-taken, u.at)
	if e.qualifies {
		u.qualifying -= more
	}
	for i := range u.given {
		if u.given[i].earning == place && u.given[i].by == e.by {
			u.given[i].points -= more
		}
	}
	if e.by == "drop" {
		u.of.drawn -= e.taken - taken
	}
}

// uncount counts the deed no more in its mission, and takes back the award of one that is not completed any more.
func (u *undoing) uncount() (told string) {
	if !u.counts || !u.returned && (u.event == "review" || u.left >= 500) {
		return ""
	}
	key, period, target := u.mission()
	award, completed := u.awards[key+" "+period]
	before := progress(key, period, u.counted(key, period), target, completed)
	u.counts = false
	count := u.counted(key, period)
	revoked := completed && count < target
	if revoked {
		delete(u.awards, key+" "+period)
		u.take(award.earning, u.booking.earned[award.earning].points)
	}
	if told = progress(key, period, count, target, completed && !revoked); told == before {
		return ""
	}
	return told
}

func (m *model) giveBack(r *request, c *command) answer {
	var home *member // whose account it was spent from
	var s *booked
	for _, x := range m.members {
		for _, b := range x.account.booked {
			if b.id == r.undone {
				home, s = x, b
			}
		}
	}
	if home == nil {
		return refusal(fact.CodeUnknownMovement, "movement")
	}
	left := int64(0)
	for _, x := range s.slices {
		left += x.points
	}
	points := left
	if r.points != whole {
		points = r.points
	}
	switch s.Kind {
	case "spend", "capture":
	case "reverse_earn", "reverse_spend":
		return refusal(fact.CodeReversalOfReversal, "movement")
	default:
		return refusal(fact.CodeNotReversible, "movement")
	}
	if r.points == whole && left == 0 {
		return refusal(fact.CodeAlreadyReversed, "movement")
	}
	at, untimely := undone(r, s.Occurred, c.clock)
	if untimely != nil {
		return *untimely
	}
	p := m.final(home)
	here := c.open(p.account)
	b := here
	if home != p {
		b = c.open(home.account)
	}
	switch {
	case points == 0:
		return refusal(fact.CodeZero, "points")
	case points < 0:
		return refusal(fact.CodeNegative, "points")
	case points > int64(fact.MaxPoints):
		return refusal(fact.CodeTooLarge, "points")
	case left == 0:
		return refusal(fact.CodeAlreadyReversed, "movement")
	case points > left:
		return refusal(fact.CodeMoreThanSpent, "points")
	case b.overflows(points):
		return refusal(fact.CodeBalanceOutOfBounds, "points")
	}
	a := answer{Member: p.id, Own: []int{len(c.told) + 1}}
	b.restore(s, points, at)
	if b != here && !b.mergeInto(here) {
		return refusal(fact.CodeBalanceOutOfBounds, "points")
	}
	if points == left && !s.redemption.IsZero() {
		a.Cancelled, s.redemption = s.redemption, fact.ID{}
		p.rewards[s.reward]--
		if s.reward == "mug" {
			m.taken--
		}
	}
	return a
}

// restore gives points of a spend back to the lots they came from: those that last longest get theirs, and of those the first to expire settle a debt.
func (b *booking) restore(s *booked, points int64, at time.Time) {
	slices.SortFunc(s.slices, func(x, y slice) int {
		if x.lot.before(y.lot) {
			return -1
		}
		return 1
	})
	left := points
	parts := make([]int64, len(s.slices))
	for i := range slices.Backward(s.slices) {
		parts[i] = min(left, s.slices[i].points)
		left -= parts[i]
	}
	var back []*lot
	for i, n := range parts {
		if n > 0 {
			s.slices[i].points -= n
			b.arrive(s.slices[i].lot, n)
			back = append(back, s.slices[i].lot)
		}
	}
	b.book("reverse_spend", points, at)
	b.gone(back, at, b.now)
}
