package machine

import (
	"bytes"
	"maps"
	"slices"
	"strings"

	"granaio/loyalty/fact"
)

// absorb makes one member of several.
func (m *model) absorb(c *command, p *member, others ...*member) answer {
	here := c.open(p.account)
	var theirs []*booking
	for _, o := range others {
		theirs = append(theirs, c.open(o.account))
	}
	a := answer{Member: p.id}
	var told []string // missions and periods, as they are told
	for i, o := range others {
		if !theirs[i].join(here) {
			return refusal(fact.CodeBalanceOutOfBounds, "")
		}
		excess := p.beyond(o)
		p.inherit(o)
		for _, key := range o.periods() {
			if !slices.Contains(told, key) {
				told = append(told, key)
			}
		}
		if m.inForce(c.clock).takesBack {
			for _, x := range excess {
				if points := min(x.points, here.balances().Available); points > 0 {
					here.take(points)
					here.book("adjust", points, here.clock)
					p.excess[x.by] += points
				}
			}
		}
		for _, q := range m.members {
			if q == o || q.into == o.id {
				q.into = p.id
			}
		}
		a.Absorbed = append(a.Absorbed, o.id)
	}
	for _, key := range told {
		name, period, _ := strings.Cut(key, " ")
		_, completed := p.awards[key]
		a.Progress = append(a.Progress, progress(name, period, p.counted(name, period), targets[name], completed))
	}
	if p.status == registered {
		here.registers(c.clock)
	}
	a.Tier = p.stand()
	p.resemble()
	return a
}

// targets are how many each mission takes.
var targets = map[string]int64{"three": 3, "critic": 2}

// periods are a member's, of each mission in its order.
func (m *member) periods() []string {
	return slices.SortedFunc(maps.Keys(m.began), func(x, y string) int {
		if x[0] != y[0] {
			return strings.Compare(y[:1], x[:1])
		}
		return strings.Compare(x, y)
	})
}

// join empties an account into another: holds are ended, and set aside anew there as far as the points are there. It is false if there would be too many points.
func (b *booking) join(to *booking) bool {
	slices.SortFunc(b.holds, func(x, y *hold) int { return bytes.Compare(x.id[:], y.id[:]) })
	var open []*hold
	for _, h := range b.holds {
		if !h.ended {
			b.release(h, 0, b.clock, b.now)
			open = append(open, h)
		}
	}
	if !b.mergeInto(to) {
		return false
	}
	for _, h := range open {
		if h.points <= to.balances().Available && h.expires.After(to.now) {
			h.rehung = to.setAside(h.points, h.expires).id
		}
	}
	return true
}

// mergeInto moves all points to another account, lot by lot, and then what is owed.
func (b *booking) mergeInto(to *booking) bool {
	has := b.balances()
	points := has.Pending + has.Available
	if to.overflows(points) {
		return false
	}
	var pending []*lot
	for _, l := range b.lots {
		if l.pending > 0 {
			pending = append(pending, l)
		}
	}
	slices.SortFunc(pending, byID)
	taken := make([]slice, len(pending))
	for i, l := range pending {
		taken[i] = slice{l, l.pending}
		l.pending = 0
	}
	taken = append(taken, b.take(has.Available)...)
	if points > 0 {
		b.book("merge", points, b.clock)
	}
	for i, s := range taken {
		l := b.move(to, s.lot)
		if s.lot.heirs = append(s.lot.heirs, l); i < len(pending) {
			l.pending = s.points
		} else {
			to.arrive(l, s.points)
		}
	}
	if points > 0 {
		to.book("merge", points, b.clock)
		to.settle()
	}
	if owed := has.Debt; owed > 0 {
		b.debt = 0
		b.book("merge", owed, b.clock)
		paid := min(owed, to.balances().Available)
		to.take(paid)
		to.debt += owed - paid
		to.book("merge", owed, b.clock)
	}
	return true
}

// inherit makes what another did and has this member's.
func (m *member) inherit(o *member) {
	if o.known() > m.known() {
		m.status = o.status
	}
	before := len(m.account.earned)
	m.account.earned = append(m.account.earned, o.account.earned...)
	for _, d := range o.deeds {
		d.earned = slices.Clone(d.earned)
		for i := range d.earned {
			d.earned[i] += before
		}
		m.deeds = append(m.deeds, d)
	}
	for _, g := range o.given {
		g.earning += before
		m.given = append(m.given, g)
	}
	for key, theirs := range o.awards {
		if own, both := m.awards[key]; !both || theirs.at.Before(own.at) {
			m.awards[key] = award{theirs.earning + before, theirs.at}
		}
	}
	for by, n := range o.excess {
		m.excess[by] += n
	}
	for reward, n := range o.rewards {
		m.rewards[reward] += n
	}
	maps.Copy(m.began, o.began)
	m.qualifying, m.version, m.names = m.qualifying+o.qualifying, max(m.version, o.version), append(m.names, o.names...)
	o.deeds, o.given, o.names, o.account.earned = nil, nil, nil, nil
}

// beyond is what two were given by each rule that gives one member only so much in all, beyond that. What one alone was given is nobody's excess.
func (m *member) beyond(o *member) (all []given) {
	of := func(p *member, by string) (times, points int64) {
		for _, g := range p.given {
			if g.by == by && g.points > 0 {
				times, points = times+1, points+g.points
			}
		}
		return times, points
	}
	if _, points := of(o, "welcome"); points > 0 {
		if times, _ := of(m, "welcome"); times > 0 {
			all = append(all, given{by: "welcome", points: points})
		}
	}
	_, own := of(m, "words")
	_, theirs := of(o, "words")
	return append(all, given{by: "words", points: own + theirs - max(mostWords, own, theirs)})
}

// draw takes a point of a lot, or of one that it became, if any is left in the account: one that waits before one that does not.
func (l *lot) draw(in *account) bool {
	left := l.left(in)
	slices.SortFunc(left, byID)
	for _, o := range left {
		switch {
		case o.pending > 0:
			o.pending--
			return true
		case o.available > 0:
			o.available--
			return true
		}
	}
	return false
}

// left are the lots in an account that the lot is, or became.
func (l *lot) left(in *account) (all []*lot) {
	if slices.Contains(in.lots, l) {
		all = append(all, l)
	}
	for _, h := range l.heirs {
		all = append(all, h.left(in)...)
	}
	return all
}

// allLost is how many points expired of the lot, and of those that it became.
func (l *lot) allLost() int64 {
	n := l.lost
	for _, h := range l.heirs {
		n += h.allLost()
	}
	return n
}
