package loyalty

import (
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/tier"
)

// TierProgress is how far a member is among the tiers.
type TierProgress struct {
	By     string // what counts: points, spend or count
	Event  string // of spend and count
	Value  int64  // what counts now: points, minor units or times
	Starts time.Time
	Ends   time.Time // when the present period ends; zero if nothing ever ceases to count; of a rolling period, Starts moves on with time, and Ends is zero
	Next   *TierGoal // nil if there is no tier above that can be reached
	Keep   *TierGoal // nil if the present tier is for ever, or there is none
}

// TierGoal is what it takes to reach a tier, or to keep it.
type TierGoal struct {
	Tier      *tier.Tier
	Target    int64
	Value     int64 // what of it there is: to keep a tier, what will still count when that is decided
	Remaining int64
	By        time.Time // by when it takes that; zero for no end
	Falls     time.Time // to keep a tier: when the member falls from it otherwise, the grace included
}

// Money is an amount that counts, in the programme's currency.
func (p *Programme) Money(minor int64) fact.Money {
	return fact.Money{Minor: minor, Currency: p.currency}
}

// TierProgress tells how far the member is at an instant. The state is as of then (AsOf).
func (p *Programme) TierProgress(s *State, now time.Time) TierProgress {
	t, today := &p.policy, fact.DayOf(now, p.zone)
	q := t.series(&s.Doc)
	g := TierProgress{By: t.by, Event: t.event, Value: t.figure(q, today)}
	if t.period != lifetime {
		first, last := t.around(today)
		g.Starts = first.Start(p.zone)
		if t.period != rolling {
			g.Ends = (last + 1).Start(p.zone)
		}
	}
	if next := p.tiers.Above(s.Member.Tier); next != nil {
		g.Next = p.goal(next, g.Value)
		g.Next.By = g.Ends
	}
	present := p.tiers.Find(s.Member.Tier)
	falls := p.Until(s)
	if falls.IsZero() || present == nil || present.Granted {
		return g
	}
	g.Keep = p.goal(present, g.Value)
	if g.Keep.By, g.Keep.Falls = g.Ends, falls; falls.Before(g.Ends) { // in the grace for the period before
		g.Keep.By = falls
	}
	if t.period == rolling {
		g.Keep = p.goal(present, t.figure(q, fact.DayOf(falls, p.zone)))
		g.Keep.By, g.Keep.Falls = falls, falls
	}
	return g
}

func (p *Programme) goal(t *tier.Tier, value int64) *TierGoal {
	target := int64(t.At) * p.policy.unit
	return &TierGoal{Tier: t, Target: target, Value: value, Remaining: max(target-value, 0)}
}
