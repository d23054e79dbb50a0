package model

import (
	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// TierMeasure is what counts towards tiers.
type TierMeasure string

// The measures, as the domain names them.
const (
	MeasurePoints TierMeasure = "points"
	MeasureSpend  TierMeasure = "spend"
	MeasureCount  TierMeasure = "count"
)

// NewTierProgress shows how far a member is among the tiers.
func NewTierProgress(v *engine.View, s Speech) *TierProgress {
	s = s.In(v.Programme)
	g := v.Programme.TierProgress(v.State, v.Now)
	number := measured(v.Programme, g.By)
	goal := func(g *loyalty.TierGoal) *TierGoal {
		if g == nil {
			return nil
		}
		return &TierGoal{
			Tier: NewTier(g.Tier, s), Target: number(g.Target), Value: number(g.Value), Remaining: number(g.Remaining), By: instant(g.By), FallsAt: instant(g.Falls),
		}
	}
	return &TierProgress{
		Measure: TierMeasure(g.By), Event: optional(g.Event), Value: number(g.Value), PeriodStartsAt: instant(g.Starts), PeriodEndsAt: instant(g.Ends),
		Next: goal(g.Next), Keep: goal(g.Keep),
	}
}

// NewTierDistance shows how far it is to a tier, nil if the programme has it no longer.
func NewTierDistance(n loyalty.TierNews, p *loyalty.Programme, s Speech) *TierGoal {
	t := p.Tier(n.Next.Tier)
	if t == nil {
		return nil
	}
	number := measured(p, n.By)
	return &TierGoal{
		Tier: NewTier(t, s.In(p)), Target: number(n.Next.Target), Value: number(n.Next.Value), Remaining: number(max(n.Next.Target-n.Next.Value, 0)), By: instant(n.Next.By),
	}
}

// measured makes numbers of what counts.
func measured(p *loyalty.Programme, by string) func(int64) fact.Decimal {
	if TierMeasure(by) == MeasureSpend {
		return func(n int64) fact.Decimal { return p.Money(n).Decimal() }
	}
	return fact.DecimalOf
}
