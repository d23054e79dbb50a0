package loyalty

import (
	"slices"

	"granaio/loyalty/fact"
)

// PausedSpec names, by key, the definitions that are in force and rest: a rule gives nothing, a mission counts nothing, a reward cannot be had, a
// touchpoint takes nothing. What members have of them stays. Tiers, personas and settings cannot be paused, since members stand in them.
type PausedSpec struct {
	Touchpoints []string `yaml:"touchpoints,omitempty" json:"touchpoints,omitempty"`
	Rules       []string `yaml:"rules,omitempty" json:"rules,omitempty"`
	Missions    []string `yaml:"missions,omitempty" json:"missions,omitempty"`
	Rewards     []string `yaml:"rewards,omitempty" json:"rewards,omitempty"`
}

// Of are the keys of a kind, to be read and set; nil for a kind that cannot be paused.
func (s *PausedSpec) Of(kind fact.Kind) *[]string {
	switch kind {
	case fact.KindTouchpoint:
		return &s.Touchpoints
	case fact.KindRule:
		return &s.Rules
	case fact.KindMission:
		return &s.Missions
	case fact.KindReward:
		return &s.Rewards
	}
	return nil
}

// Paused tells whether the definition of a kind and key rests.
func (p *Programme) Paused(kind fact.Kind, key string) bool {
	return slices.Contains(p.paused[kind], key)
}

func (c *compiler) compilePaused(s *PausedSpec, r fact.Report) {
	c.p.paused = map[fact.Kind][]string{}
	for _, k := range []struct {
		kind  fact.Kind
		field string
		known []string
	}{
		{fact.KindTouchpoint, "touchpoints", keysOf(c.spec.Touchpoints, func(i int) string { return c.spec.Touchpoints[i].Key })},
		{fact.KindRule, "rules", keysOf(c.spec.Rules, func(i int) string { return c.spec.Rules[i].Key })},
		{fact.KindMission, "missions", keysOf(c.spec.Missions, func(i int) string { return c.spec.Missions[i].Key })},
		{fact.KindReward, "rewards", keysOf(c.spec.Rewards, func(i int) string { return c.spec.Rewards[i].Key })},
	} {
		keys := *s.Of(k.kind)
		for i, key := range keys {
			switch {
			case !slices.Contains(k.known, key):
				r.In(k.field).At(i).Say("there is no “%s” among the %s%s", key, k.field, fact.Nearest(key, k.known))
			case slices.Contains(keys[:i], key):
				r.In(k.field).At(i).Say("“%s” is named twice", key)
			}
		}
		c.p.paused[k.kind] = keys
	}
}

func keysOf[T any](all []T, key func(int) string) []string {
	keys := make([]string, len(all))
	for i := range all {
		keys[i] = key(i)
	}
	return keys
}
