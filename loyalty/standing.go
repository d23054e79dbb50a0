package loyalty

import (
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/tier"
)

// tierPolicy is how long qualifying points count.
type tierPolicy struct {
	period string
	months int // of a rolling period
}

// The periods.
const (
	lifetime     = "lifetime"
	calendarYear = "calendar_year"
	rolling      = "rolling"
)

func compilePolicy(s TierPolicy, r fact.Report) tierPolicy {
	t := tierPolicy{s.Period, s.RollingMonths}
	switch s.Period {
	case "":
		t.period = lifetime
	case lifetime, calendarYear:
	case rolling:
		if s.RollingMonths < 1 || s.RollingMonths > 60 {
			r.In("rolling_months").Say("a rolling period has 1 to 60 months, not %d", s.RollingMonths)
		}
	default:
		r.In("period").Say("“%s” is not a period: those are lifetime, calendar_year and rolling%s", s.Period,
			fact.Nearest(s.Period, []string{lifetime, calendarYear, rolling}))
	}
	if t.period != rolling && s.RollingMonths != 0 {
		r.In("rolling_months").Say("only a rolling period has it")
	}
	return t
}

// keep is how many days of qualifying points must be kept.
func (t tierPolicy) keep() int {
	switch t.period {
	case calendarYear:
		return lateDays + 366
	case rolling:
		return lateDays + 31*t.months
	}
	return 0
}

// points are those that count on a day.
func (t tierPolicy) points(q *Series, day fact.Day) fact.Points {
	var first, last fact.Day
	switch y, m, d := day.Date(); t.period {
	case lifetime:
		return fact.Points(q.Sum)
	case calendarYear:
		first, last = dayOf(y, time.January, 1), dayOf(y, time.December, 31)
	default:
		// The day after the one that lies so many months before; months clamp, so that the year to 28 February is as long as any.
		start := time.Date(y, m-time.Month(t.months), 1, 0, 0, 0, 0, time.UTC)
		first, last = dayOf(start.Year(), start.Month(), min(d, start.AddDate(0, 1, -1).Day()))+1, day
	}
	var sum int64
	for _, tally := range q.Days[q.Days.from(first):] {
		if tally.Day > last {
			break
		}
		sum = plus(sum, tally.Sum)
	}
	return fact.Points(sum)
}

func dayOf(y int, m time.Month, d int) fact.Day {
	return fact.DayOf(time.Date(y, m, d, 0, 0, 0, 0, time.UTC), time.UTC)
}

// Qualifying is how many points count towards a tier at an instant.
func (p *Programme) Qualifying(s *State, at time.Time) fact.Points {
	return p.policy.points(&s.Doc.Qualifying, fact.DayOf(at, p.zone))
}

// NextTier is the tier next above the member's, and how many qualifying points it lacks at an instant. It is nil if the member is in the highest.
func (p *Programme) NextTier(s *State, at time.Time) (*tier.Tier, fact.Points) {
	next := p.tiers.Above(s.Member.Tier)
	if next == nil {
		return nil, 0
	}
	return next, max(next.At-p.Qualifying(s, at), 0)
}

// place gives the member the highest tier that its qualifying points reach on a day, or, for points that came late, have reached since, if that is
// above the one it is in. A member of a tier that the programme no longer has is placed anew; not so by an older version of the programme, which
// decides about something late and does not know the tiers there are now.
func (p *Programme) place(s *State, late bool, occurred time.Time, day fact.Day) *TierChange {
	has := p.tiers.Place(s.Member.Tier)
	abolished := s.Member.Tier != "" && has < 0
	if abolished && late {
		return nil
	}
	to, reached := "", p.tiers.Reached(p.most(&s.Doc.Qualifying, day))
	if reached != nil {
		to = reached.Key
	}
	if !abolished && p.tiers.Place(to) <= has {
		return nil
	}
	change := &TierChange{From: s.Member.Tier, To: to}
	s.Member.Tier, s.Member.TierSince = to, occurred
	return change
}

// fall lowers the member to the tier that its qualifying points held since it reached its own, if before the change they held that one and now they do
// not: if only what was taken back held it. A tier that points did not hold anyway, or no longer as far as is known, is left as it is.
func (p *Programme) fall(s *State, before *Series, now time.Time) *TierChange {
	has := p.tiers.Place(s.Member.Tier)
	if has < 0 {
		return nil
	}
	since, today := fact.DayOf(s.Member.TierSince, p.zone), fact.DayOf(now, p.zone)
	at := p.tiers[has].At
	held := p.policy.held(&s.Doc.Qualifying, since, today)
	if held >= at || p.policy.held(before, since, today) < at {
		return nil
	}
	change := &TierChange{From: s.Member.Tier}
	if reached := p.tiers.Reached(held); reached != nil {
		change.To = reached.Key
	}
	s.Member.Tier, s.Member.TierSince = change.To, now
	return change
}

// held is the most points that counted on any day from one to another.
func (t tierPolicy) held(q *Series, from, to fact.Day) fact.Points {
	most := max(t.points(q, from), t.points(q, to))
	for _, tally := range q.Days[q.Days.from(from):] {
		most = max(most, t.points(q, tally.Day))
	}
	return most
}

// most is how many points count on a day or, of a rolling period, on a later day, whichever is more.
func (p *Programme) most(q *Series, day fact.Day) fact.Points {
	points := p.policy.points(q, day)
	if p.policy.period == rolling {
		for _, later := range q.Days[q.Days.from(day):] {
			points = max(points, p.policy.points(q, later.Day))
		}
	}
	return points
}
