package model

import (
	"cmp"
	"slices"
	"time"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// NewMemberTier shows where a member stands among the tiers.
func NewMemberTier(v *engine.View, s Speech) *MemberTier {
	s = s.In(v.Programme)
	shown := &MemberTier{
		Current: NewTier(v.Programme.Tier(v.State.Member.Tier), s), Since: instant(v.State.Member.TierSince), Until: instant(v.Programme.Until(v.State)),
		Qualifying: v.Programme.Qualifying(v.State, v.Now),
	}
	if next, missing := v.Programme.NextTier(v.State, v.Now); next != nil {
		if shown.Next = NewTier(next, s); v.Programme.RanksByPoints() {
			shown.Missing = &missing
		}
	}
	return shown
}

// NewAffinities shows how much a member resembles each of the programme's personas, most first.
func NewAffinities(v *engine.View, s Speech) []*Affinity {
	s = s.In(v.Programme)
	shown := make([]*Affinity, 0, len(v.Programme.Personas()))
	for _, p := range v.Programme.Personas() {
		known := v.State.Doc.Affinities[p.Key]
		a := &Affinity{Persona: NewPersona(p, s), Percent: known.Percent, Traits: []*Trait{}}
		for _, key := range known.Traits {
			if t := p.Trait(key); t != nil {
				a.Traits = append(a.Traits, NewTrait(t, s))
			}
		}
		shown = append(shown, a)
	}
	slices.SortStableFunc(shown, func(a, b *Affinity) int { return cmp.Compare(b.Percent, a.Percent) })
	return shown
}

// NewMissions shows the missions that are open to a member, or that it has completed.
func NewMissions(v *engine.View, s Speech) []*MissionProgress {
	s = s.In(v.Programme)
	shown := []*MissionProgress{}
	for _, m := range v.Programme.Missions() {
		open := m.Span.Holds(v.Now) && v.Programme.Admits(m.Tier, v.State.Member.Tier) && !v.Programme.Paused(fact.KindMission, m.Key)
		if open || hasCompleted(v.State.Doc.Missions[m.Key]) {
			shown = append(shown, NewProgress(v.Programme.ProgressOf(v.State, m, v.Now), NewMission(m, s)))
		}
	}
	return shown
}

func hasCompleted(m loyalty.MissionState) bool {
	return slices.ContainsFunc(append(slices.Clip(m.Earlier), m.MissionPeriod), func(p loyalty.MissionPeriod) bool { return p.Completed != time.Time{} })
}

// NewOffers shows the programme's rewards, each with whether the member can have it now.
func NewOffers(v *engine.View, s Speech) []*RewardOffer {
	s = s.In(v.Programme)
	shown := make([]*RewardOffer, 0, len(v.Programme.Rewards()))
	for _, r := range v.Programme.Rewards() {
		a := v.Programme.Availability(v.State, r, v.Now)
		o := &RewardOffer{Reward: NewReward(r, s), Available: a.Available, MissingPoints: a.MissingPoints}
		if a.Reason != nil {
			o.Reason = &RewardReason{Code: a.Reason.Code, Message: a.Reason.Message}
		}
		if r.Limited() {
			left := int(max(0, r.Stock()-v.State.Taken[r.Definition]))
			o.Left = &left
		}
		shown = append(shown, o)
	}
	return shown
}
