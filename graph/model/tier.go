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
	number := fact.DecimalOf
	if TierMeasure(g.By) == MeasureSpend {
		number = func(n int64) fact.Decimal { return v.Programme.Money(n).Decimal() }
	}
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
