package machine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"granaio/loyalty/fact"
)

// model is what the database should amount to.
type model struct {
	members  []*member // in the order they enrolled
	taken    int64     // mugs
	drawn    int64     // from the pot
	answered map[asked]kept
	editions []edition
}

// asked names a request for ever.
type asked struct {
	op          operation
	caller, key string
}

// kept is a first answer.
type kept struct {
	content
	answer
	ids
}

func newModel() *model {
	return &model{answered: map[asked]kept{}, editions: []edition{later(edition{}, starts)}}
}

func (m *model) clone() *model {
	c := &model{taken: m.taken, drawn: m.drawn, answered: maps.Clone(m.answered), editions: m.editions}
	same := copies{}
	for _, p := range m.members {
		copied := *p
		copied.names, copied.deeds, copied.given = slices.Clone(p.names), slices.Clone(p.deeds), slices.Clone(p.given)
		copied.awards, copied.began, copied.rewards, copied.account = maps.Clone(p.awards), maps.Clone(p.began), maps.Clone(p.rewards), p.account.clone(same)
		copied.excess = maps.Clone(p.excess)
		c.members = append(c.members, &copied)
	}
	return c
}

// find is whom a reference names; nil for nobody.
func (m *model) find(r ref) *member {
	for _, p := range m.members {
		if r.Name == "" && p.id == r.ID || slices.Contains(p.names, strings.ToLower(r.Name)) && r.Name != "" {
			return m.final(p)
		}
	}
	return nil
}

// final is the member that one stands for.
func (m *model) final(p *member) *member {
	for _, o := range m.members {
		if o.id == p.into {
			return o
		}
	}
	return p
}

// holder is whose a hold is.
func (m *model) holder(id fact.ID) (*member, *hold) {
	for _, p := range m.members {
		for _, h := range p.account.holds {
			switch {
			case h.id == id && !h.rehung.IsZero():
				return m.holder(h.rehung)
			case h.id == id:
				return m.final(p), h
			}
		}
	}
	return nil, nil
}

// inForce is the version that was in force at an instant; nil before the programme.
func (m *model) inForce(at time.Time) *edition {
	for _, e := range slices.Backward(m.editions) {
		if !e.from.After(at) {
			return &e
		}
	}
	return nil
}

// ask is what the engine must answer to a request at an instant of its clock, after all that was asked before, if it names things as it did. A model that granted
// something is another one then; one that refused is not.
func (m *model) ask(r *request, now time.Time, names ids) (answer, *model) {
	if r.undone.Kind() == fact.KindReversal { // which is seen before anything is looked up
		return refusal(fact.CodeReversalOfReversal, "interaction"), m
	}
	name := asked{r.op, r.caller, r.key}
	if k, ok := m.answered[name]; ok {
		if k.content != r.content.same() {
			return refusal(fact.CodeKeyReused, "idempotencyKey"), m
		}
		a := k.answer
		a.Duplicate, a.Movements, a.Reward, a.Returned, a.Hold = true, nil, "", "", fact.ID{} // they are named, and read again: see ids
		if !k.ids.equal(names) {
			a.Member = fact.ID{} // it must be the very same
		}
		return a, m
	}
	next := m.clone()
	c := &command{id: names.command, clock: now}
	a := next.grant(r, c)
	if a.Refused == "" {
		a.Movements = c.told
		next.answered[name] = kept{r.content.same(), a, names}
		return a, next
	}
	if code, _, _ := strings.Cut(a.Refused, " "); fact.Code(code).Kept() {
		next = m.clone()
		next.answered[name] = kept{r.content.same(), a, ids{}}
		return a, next
	}
	return a, m
}

// settle books what is due for a member, as the clock does. It is nil if nothing is.
func (m *model) settle(member int, now time.Time) *model {
	next := m.clone()
	c := &command{clock: now}
	c.open(next.final(next.members[member]).account)
	if len(c.told) == 0 {
		return nil
	}
	return next
}

func (m *model) grant(r *request, c *command) answer {
	switch r.op {
	case enrol:
		return m.enrol(r, c)
	case track:
		return m.track(r, c)
	case capture, release:
		return m.end(r, c)
	case takeBack:
		return m.takeBack(r, c)
	case giveBack:
		return m.giveBack(r, c)
	case register:
		return m.register(r, c)
	case identify:
		return m.identify(r, c)
	case disown:
		return m.disown(r)
	case merge:
		return m.merge(r, c)
	}
	p := m.find(r.who)
	switch {
	case p == nil && r.op == transfer:
		return refusal(fact.CodeUnknownMember, "from")
	case p == nil:
		return refusal(fact.CodeUnknownMember, "member")
	case r.op == redeem:
		return m.redeem(r, p, c)
	case r.op == transfer:
		return m.transfer(r, p, c)
	case r.op == adjust:
		return m.adjust(r, p, c)
	case r.op == suspend, r.op == reinstate:
		return p.bar(r.op == suspend, c)
	}
	if r.lasts < time.Second || r.lasts > 24*time.Hour {
		return refusal(fact.CodeInvalid, "expiresIn")
	}
	if code := p.mayNotSpend(); code != "" {
		return refusal(code, "member")
	}
	b := c.open(p.account)
	if code := b.lacks(r.points); code != "" {
		return refusal(code, "points")
	}
	own := len(c.told) + 1
	b.setAside(r.points, b.now.Add(r.lasts))
	return answer{Member: p.id, Own: []int{own}}
}

// lacks is why so many points cannot be taken; empty if they can.
func (b *booking) lacks(points int64) fact.Code {
	switch {
	case points == 0:
		return fact.CodeZero
	case points < 0:
		return fact.CodeNegative
	case points > int64(fact.MaxPoints):
		return fact.CodeTooLarge
	case points > b.balances().Available:
		return fact.CodeInsufficientPoints
	}
	return ""
}

// occurred is when a request says that it happened: when it came, if it does not say so or its clock is a little ahead.
func occurred(r *request, now time.Time) time.Time {
	if r.occurred.IsZero() || r.occurred.After(now) && r.occurred.Before(now.Add(10*time.Second)) {
		return now
	}
	return r.occurred
}

// decide books what follows from a deed.
func (m *model) decide(p *member, d deed, c *command) answer {
	a := answer{Member: p.id}
	d.id, d.edition, d.left = c.id.As(fact.KindInteraction), *m.inForce(d.at), d.cents
	p.deeds = append(p.deeds, d)
	r := reckoning{of: m, member: p, booking: c.open(p.account), deed: &p.deeds[len(p.deeds)-1], answer: &a}
	if r.reckon(); r.broke {
		return refusal(fact.CodeBalanceOutOfBounds, "")
	}
	return a
}

// untimely refuses a place and a time.
func (m *model) untimely(r *request, at, now time.Time) *answer {
	var a answer
	switch {
	case r.touchpoint != "web":
		a = refusal(fact.CodeUnknownTouchpoint, "touchpoint")
	case at.After(now):
		a = refusal(fact.CodeInFuture, "occurredAt")
	default:
		return nil
	}
	return &a
}

func (m *model) enrol(r *request, c *command) answer {
	names := []string{strings.ToLower(r.who.Name)}
	if r.second != "" {
		names = append(names, strings.ToLower(r.second))
	}
	for i, n := range names {
		if m.find(ref{Name: n}) != nil {
			return refusal(fact.CodeIdentityTaken, fmt.Sprint("identities.", i))
		}
	}
	at := occurred(r, c.clock)
	if m.inForce(at) == nil {
		return refusal(fact.CodeBeforeProgramme, "occurredAt")
	}
	if a := m.untimely(r, at, c.clock); a != nil {
		return *a
	}
	event := "member.enrolled"
	if r.status != registered {
		event = "member.met"
	}
	return m.decide(m.meet(c, r.status, names...), deed{event: event, at: at}, c)
}

func (m *model) track(r *request, c *command) answer {
	p := m.find(r.who)
	if p == nil && !isDevice(r.who.Name) {
		return refusal(fact.CodeUnknownMember, "member")
	}
	at := occurred(r, c.clock)
	switch {
	case m.inForce(at) == nil:
		return refusal(fact.CodeBeforeProgramme, "occurredAt")
	case p != nil && p.status == suspended:
		return refusal(fact.CodeMemberSuspended, "member")
	}
	switch r.event {
	case "purchase", "review", "visit":
	default:
		return refusal(fact.CodeUnknownEvent, "event")
	}
	if a := m.untimely(r, at, c.clock); a != nil {
		return *a
	}
	switch {
	case r.event == "purchase" && r.cents < 0:
		return refusal(fact.CodeRequired, "value")
	case r.event == "visit" && r.cents >= 0:
		return refusal(fact.CodeInvalid, "value")
	}
	if p == nil {
		p = m.meet(c, anonymous, r.who.Name)
	}
	return m.decide(p, deed{event: r.event, at: at, cents: max(0, r.cents), unpriced: r.cents < 0, lines: r.lines}, c)
}

func (m *model) redeem(r *request, p *member, c *command) answer {
	switch code := p.obstacle(r.reward, m.taken, c.clock); {
	case code == "":
	case code == p.mayNotSpend():
		return refusal(code, "member")
	default:
		return refusal(code, "reward")
	}
	b := c.open(p.account)
	if b.lacks(prices[r.reward]) != "" {
		return refusal(fact.CodeInsufficientPoints, "reward")
	}
	paid := b.spend(prices[r.reward])
	paid.redemption, paid.reward = c.id.As(fact.KindRedemption), r.reward
	p.rewards[r.reward]++
	if r.reward == "mug" {
		m.taken++
	}
	return answer{Member: p.id, Reward: fmt.Sprint(r.reward, " ", prices[r.reward])}
}

func (m *model) adjust(r *request, p *member, c *command) answer {
	if r.days > 0 && r.points < 0 {
		return refusal(fact.CodeInvalid, "expireAfter")
	}
	b := c.open(p.account)
	own := len(c.told) + 1
	switch {
	case r.points == 0:
		return refusal(fact.CodeZero, "points")
	case r.points < 0:
		if code := b.lacks(-r.points); code != "" {
			return refusal(code, "points")
		}
		b.take(-r.points)
		b.book("adjust", -r.points, b.clock)
		return answer{Member: p.id, Own: []int{own}}
	case r.points > int64(fact.MaxPoints):
		return refusal(fact.CodeTooLarge, "points")
	}
	l := lot{earned: b.clock, activates: b.clock, days: r.days}
	l.age()
	if !b.credit("adjust", r.points, l) {
		return refusal(fact.CodeBalanceOutOfBounds, "points")
	}
	return answer{Member: p.id, Own: []int{own}}
}

func (m *model) end(r *request, c *command) answer {
	p, _ := m.holder(r.hold)
	if p == nil {
		return refusal(fact.CodeUnknownHold, "hold")
	}
	b := c.open(p.account)
	_, h := m.holder(r.hold)
	points := h.points
	if r.op == capture && r.points != 0 {
		points = r.points
	}
	switch {
	case r.op == capture && points < 0:
		return refusal(fact.CodeNegative, "points")
	case r.op == capture && points > int64(fact.MaxPoints):
		return refusal(fact.CodeTooLarge, "points")
	case h.ended:
		return refusal(fact.CodeHoldEnded, "hold")
	case r.op == capture && points > h.points:
		return refusal(fact.CodeMoreThanHeld, "points")
	}
	a := answer{Member: p.id, Own: []int{len(c.told) + 1}}
	if h.id != r.hold {
		a.Hold = h.id
	}
	if r.op == capture {
		b.capture(h, points)
	} else {
		b.release(h, 0, b.clock, b.now)
	}
	return a
}

func (m *model) transfer(r *request, from *member, c *command) answer {
	to := m.find(r.to)
	switch {
	case to == nil:
		return refusal(fact.CodeUnknownMember, "to")
	case from.status != suspended && from.mayNotSpend() != "":
		return refusal(from.mayNotSpend(), "from")
	case to == from:
		return refusal(fact.CodeSameAccount, "to")
	}
	here := c.open(from.account)
	there := c.open(to.account)
	if code := here.lacks(r.points); code != "" {
		return refusal(code, "points")
	}
	if there.overflows(r.points) {
		return refusal(fact.CodeBalanceOutOfBounds, "points")
	}
	own := len(c.told) + 1
	here.give(there, r.points)
	return answer{Member: from.id, Own: []int{own, own + 1}}
}
