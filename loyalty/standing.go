package loyalty

import (
	"slices"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/tier"
)

// Standing is what holds a member's tier besides what counts.
type Standing struct {
	// Until is until when the tier was said to hold, whatever thresholds later versions have; zero if it was not.
	Until time.Time `json:"until,omitzero"`
	// Grants are the tiers that rules granted, and those that a member came down to step by step.
	Grants []TierGrant `json:"grants,omitempty"`
	// Lent is whether a tier that was granted for a time is above Own, the one that the member keeps where nobody falls.
	Lent bool   `json:"lent,omitempty"`
	Own  string `json:"own,omitempty"`
	// Untold are the changes of tier that rules are still to be told of (EventTierChanged), in the order in which they were booked; Steps is how many were ever noted.
	Untold []Untold `json:"untold,omitempty"`
	Steps  int64    `json:"steps,omitempty"`
}

// Untold is a change of tier that rules are still to be told of.
type Untold struct {
	Tier   string    `json:"tier,omitempty"` // to which; empty below the first
	At     time.Time `json:"at"`             // when it was so
	Booked time.Time `json:"booked"`         // when it became known
	Number int64     `json:"number"`         // of the member's changes that were noted
}

// maxUntold is how many changes of tier wait to be told at most: the latest.
const maxUntold = 16

// standing is what holds the member's tier, to be read.
func (s *State) standing() Standing {
	if s.Doc.Standing == nil {
		return Standing{}
	}
	return *s.Doc.Standing
}

// stand sets what holds the member's tier.
func (s *State) stand(x Standing) {
	if s.Doc.Standing = &x; x.Until.IsZero() && len(x.Grants) == 0 && !x.Lent && x.Steps == 0 {
		s.Doc.Standing = nil
	}
}

// Qualifying is how many qualifying points count at an instant: towards a tier, if points are what counts.
func (p *Programme) Qualifying(s *State, at time.Time) fact.Points {
	if p.policy.by != byPoints {
		return fact.Points(s.Doc.Qualifying.Sum)
	}
	return fact.Points(p.policy.figure(&s.Doc.Qualifying, fact.DayOf(at, p.zone)))
}

// RanksByPoints tells whether qualifying points are what counts towards tiers.
func (p *Programme) RanksByPoints() bool { return p.policy.by == byPoints }

// NextTier is the tier next above the member's, and how many qualifying points it lacks at an instant: none if something else counts. It is nil if the member
// is in the highest that can be reached.
func (p *Programme) NextTier(s *State, at time.Time) (*tier.Tier, fact.Points) {
	next := p.tiers.Above(s.Member.Tier)
	if next == nil || p.policy.by != byPoints {
		return next, 0
	}
	return next, max(next.At-p.Qualifying(s, at), 0)
}

// Admits tells whether something that is for members from a tier on is for those in another. The empty key is below all.
func (p *Programme) Admits(from, in string) bool {
	return from == "" || p.tiers.Place(in) >= p.tiers.Place(from)
}

// ends is until when the member is entitled to the tier at a place or a higher one; the zero time for ever. It is false if nothing ever entitled it.
func (p *Programme) ends(s *State, place int) (end time.Time, ok bool) {
	x := s.standing()
	if !p.policy.falls {
		ok = !x.Lent || place <= p.tiers.Place(x.Own)
	} else if i := slices.IndexFunc(p.tiers[place:], func(t *tier.Tier) bool { return !t.Granted }); i >= 0 {
		end, ok = p.policy.ends(p.policy.series(&s.Doc), int64(p.tiers[place+i].At)*p.policy.unit)
	}
	for _, g := range x.Grants {
		switch {
		case p.tiers.Place(g.Tier) < place || ok && end.IsZero():
		case g.Until.IsZero() || g.Until.After(end):
			end, ok = g.Until, true
		}
	}
	return end, ok
}

// entitled is the place of the highest tier that the member is entitled to after an instant, -1 for none.
func (p *Programme) entitled(s *State, at time.Time) int {
	for place := len(p.tiers) - 1; place >= 0; place-- {
		if end, ok := p.ends(s, place); ok && (end.IsZero() || end.After(at)) {
			return place
		}
	}
	return -1
}

// Until is when the member falls from its tier if nothing more comes; zero for never. From a tier that was granted for a time members fall whatever the
// policy.
func (p *Programme) Until(s *State) time.Time {
	place := p.tiers.Place(s.Member.Tier)
	if place < 0 || !p.policy.falls && !s.standing().Lent {
		return time.Time{}
	}
	end, ok := p.ends(s, place)
	if ok && end.IsZero() {
		return end
	}
	return latest(end, s.standing().Until, p.policy.from, s.Member.TierSince)
}

func latest(times ...time.Time) (last time.Time) {
	for _, t := range times {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// AsOf is the member as it is at an instant, with the falls of its tier by then that nobody has booked yet. The state is unchanged; it is the answer if there
// are none.
func (p *Programme) AsOf(s *State, now time.Time) (*State, []TierStep) {
	if until := p.Until(s); until.IsZero() || until.After(now) {
		return s, nil
	}
	e := Effects{State: s.clone()}
	p.lapse(&e, fact.Instant(now))
	return e.State, e.Tiers
}

// lapse lets the member fall from tiers whose time is over, and takes note of each fall.
func (p *Programme) lapse(e *Effects, now time.Time) {
	s := e.State
	for range len(p.tiers) {
		at := p.Until(s)
		if at.IsZero() || at.After(now) {
			break
		}
		has := p.tiers.Place(s.Member.Tier)
		to := min(p.entitled(s, at), has-1) // what is promised is no longer held by anything
		if below := p.tiers.Below(has); p.policy.steps && to < below {
			to = below
			p.hold(s, TierGrant{Tier: p.tiers[to].Key, Until: p.policy.review(fact.DayOf(at, p.zone))})
		}
		p.move(e, to, at, now, Fell)
	}
	s.release(func(g TierGrant) bool { return !g.holds(now) })
	if x := s.standing(); x.Lent && len(x.Grants) == 0 {
		x.Lent, x.Own = false, ""
		s.stand(x)
	}
}

// review is when a member is looked at again who came down a step on a day: at the end of the period that holds the day, or a whole rolling one later.
func (t *tierPolicy) review(day fact.Day) time.Time {
	_, last := t.around(day)
	if t.period == rolling {
		last = months(day, t.months) - 1
	}
	return t.grace.Following(last, t.zone)
}

// move brings the member to the tier at a place.
func (p *Programme) move(e *Effects, place int, since, now time.Time, reason TierReason) {
	s := e.State
	_, to := p.tiers.At(place)
	e.step(TierStep{TierChange{From: s.Member.Tier, To: to}, since, reason})
	s.Member.Tier, s.Member.TierSince = to, since
	p.note(s, now)
	p.promise(s, false)
}

// note has rules told of the member's tier, if any listen. An older version of the programme does not know whether they do now.
func (p *Programme) note(s *State, now time.Time) {
	x := s.standing()
	if p.tellsTiers() || p.id.Number < s.Doc.Version {
		x.Steps++
		x.Untold = append(slices.Clip(x.Untold), Untold{Tier: s.Member.Tier, At: s.Member.TierSince, Booked: now, Number: x.Steps})
		x.Untold = x.Untold[max(0, len(x.Untold)-maxUntold):]
	} else {
		x.Untold = nil
	}
	s.stand(x)
}

// promise writes down until when the member's tier holds: what was said before is held to, unless the tier is another.
func (p *Programme) promise(s *State, same bool) {
	if !p.policy.falls {
		return
	}
	x, end := s.standing(), time.Time{}
	if place := p.tiers.Place(s.Member.Tier); place >= 0 {
		end, _ = p.ends(s, place)
	}
	if same {
		end = latest(end, x.Until)
	}
	if !end.Equal(x.Until) {
		x.Until = end
		s.stand(x)
	}
}

// place gives the member the highest tier that it is entitled to, or, if nobody falls, that what counts reaches on a day, or, for what came late, has reached
// since, if that is above the one it is in. A member of a tier that the programme no longer has is placed anew; not so by an older version of the programme, which
// decides about something late and does not know the tiers there are now.
func (p *Programme) place(e *Effects, late bool, occurred time.Time, day fact.Day, now time.Time) {
	s := e.State
	has := p.tiers.Place(s.Member.Tier)
	abolished := s.Member.Tier != "" && has < 0
	if abolished && late {
		return
	}
	counted, to := p.reached(p.most(p.policy.series(&s.Doc), day)), -1
	if p.policy.falls {
		to = p.entitled(s, now)
		occurred = latest(occurred, s.Member.TierSince)
	} else {
		to = max(counted, p.lend(s, counted, now))
	}
	reason := Qualified
	switch {
	case !abolished && to <= has:
		p.promise(s, true)
		return
	case abolished:
		reason = Replaced
	case to > counted:
		reason = Bestowed
	}
	p.move(e, to, occurred, now, reason)
}

// lend is the place of the highest tier that rules granted and that holds after an instant, -1 for none. Where nobody falls it is written down which tier the member
// keeps when that is over: its own, or what counts reaches meanwhile.
func (p *Programme) lend(s *State, counted int, now time.Time) int {
	x, highest, timed := s.standing(), -1, false
	for _, g := range x.Grants {
		if place := p.tiers.Place(g.Tier); g.holds(now) && place > highest {
			highest, timed = place, !g.Until.IsZero()
		}
	}
	own := p.tiers.Place(x.Own)
	if !x.Lent {
		own = p.tiers.Place(s.Member.Tier)
	}
	if own = max(own, counted); timed && highest > own || x.Lent {
		x.Lent = true
		_, x.Own = p.tiers.At(own)
		s.stand(x)
	}
	return highest
}

// reached is the place of the highest tier that a figure reaches; -1 for none.
func (p *Programme) reached(figure int64) int {
	if t := p.tiers.Reached(fact.Points(figure / p.policy.unit)); t != nil {
		return p.tiers.Place(t.Key)
	}
	return -1
}

// fall lowers the member, after a return, from a tier that it is entitled to no more, if before the return it was. Where nobody falls by time, that is if what
// counted held it on any day since it was reached, and now did on none. A tier that nothing held anyway, or no longer as far as is known, is left as it is.
func (p *Programme) fall(e *Effects, before *State, now time.Time) {
	s := e.State
	has := p.tiers.Place(s.Member.Tier)
	if has < 0 {
		return
	}
	if p.policy.falls || before.standing().Lent {
		if to := p.entitled(s, now); to < has && p.entitled(before, now) >= has {
			p.move(e, to, now, now, Withdrawn)
		} else {
			p.promise(s, to < has)
		}
		return
	}
	since, today := fact.DayOf(s.Member.TierSince, p.zone), fact.DayOf(now, p.zone)
	held, was := p.held(s, since, today), p.held(before, since, today)
	if held < has && was >= has {
		p.move(e, held, now, now, Withdrawn)
	}
}

// held is the place of the highest tier that what counts reached on any day from one to another, or that was granted.
func (p *Programme) held(s *State, from, to fact.Day) int {
	q, t := p.policy.series(&s.Doc), &p.policy
	most := max(t.figure(q, from), t.figure(q, to))
	if q != nil {
		for _, tally := range q.Days[q.Days.from(from):] {
			most = max(most, t.figure(q, tally.Day))
		}
	}
	place := p.reached(most)
	for _, g := range s.standing().Grants {
		place = max(place, p.tiers.Place(g.Tier))
	}
	return place
}

// most is how much counts on a day or, of a rolling period, on a later day, whichever is more.
func (p *Programme) most(q *Series, day fact.Day) int64 {
	figure := p.policy.figure(q, day)
	if p.policy.period == rolling && q != nil {
		for _, later := range q.Days[q.Days.from(day):] {
			figure = max(figure, p.policy.figure(q, later.Day))
		}
	}
	return figure
}
