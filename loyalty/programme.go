package loyalty

import (
	"maps"
	"slices"
	"time"
	_ "time/tzdata" // a programme's zone must be the same on every machine

	"granaio/loyalty/budget"
	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/mission"
	"granaio/loyalty/persona"
	"granaio/loyalty/reward"
	"granaio/loyalty/rule"
	"granaio/loyalty/tier"
	"granaio/loyalty/touchpoint"
	"granaio/loyalty/why"
)

// Programme is one published version of a programme, compiled. It never changes. What its methods return is not to be changed either.
type Programme struct {
	id         Identity
	key        string
	name       fact.Text
	pointsName fact.Text
	pointName  fact.Text
	currency   fact.Currency
	zone       *time.Location
	languages  []string
	starts     time.Time
	policy     tierPolicy
	groups     map[string]string // of rules, by name: firstOf or bestOf
	recourse   ledger.Recourse
	ageing     ageing      // of points, unless a rule or mission says otherwise
	idles      bool        // whether some points expire by inactivity, so that activity is to be kept
	backdating ledger.Term // how long after it occurred something is taken; zero for ever so long
	members    memberPolicy
	attributes map[string]*DeclaredAttribute
	aside      bool // attributes that are not declared are kept aside
	dependents map[string]*DependentKind
	events     map[string]*Event
	triggers   []*trigger // by name
	purposes   consent.Purposes
	guarded    map[string][]string // attributes that need consent, by name: one of these purposes
	contact    *consent.Contact
	erasable   bool // a member may erase itself
	metrics    *Metrics

	touchpoints []*touchpoint.Touchpoint
	personas    []*persona.Persona
	tiers       tier.Ladder
	budgets     []*budget.Budget
	rules       []*rule.Rule
	missions    []*mission.Mission
	rewards     []*reward.Reward
	paused      map[fact.Kind][]string // keys

	grants map[string]*grant // of tiers, by rule key
	plans  map[string]*plan  // by event name: what an interaction of it sets going
}

// Identity says which programme it is, and which version of it.
type Identity struct {
	Programme fact.ID
	Number    int       // the version's number: 1, 2, 3 …
	From      time.Time // interactions that occurred from here on are decided by it
	Secret    string    // the programme's, for digests of what must not be told (fact.Digest)
}

// Ref names a definition and one revision of it.
type Ref = fact.Ref

// Refs are the names of a programme's definitions, by kind (fact.KindRule and so on) and key.
type Refs map[fact.Kind]map[string]Ref

// Problem is one thing that is wrong with a Spec.
type Problem = fact.Problem

// ID is the programme's.
func (p *Programme) ID() fact.ID { return p.id.Programme }

// Number is the version's.
func (p *Programme) Number() int { return p.id.Number }

// From is when the version came into force.
func (p *Programme) From() time.Time { return p.id.From }

// Starts is when the programme began: what occurred before is refused.
func (p *Programme) Starts() time.Time { return p.starts }

// Key names the programme in files and tokens.
func (p *Programme) Key() string { return p.key }

// Name is the programme's.
func (p *Programme) Name() fact.Text { return p.name }

// PointsName is what its points are called.
func (p *Programme) PointsName() fact.Text { return p.pointsName }

// PointName is what one point is called: as several are, if the programme has no word of its own for one.
func (p *Programme) PointName() fact.Text {
	if len(p.pointName) == 0 {
		return p.pointsName
	}
	return p.pointName
}

// Currency is the one that all its money is in.
func (p *Programme) Currency() fact.Currency { return p.currency }

// Zone is where its days begin and end.
func (p *Programme) Zone() *time.Location { return p.zone }

// Languages are those of its texts, BCP 47. The first is the default.
func (p *Programme) Languages() []string { return p.languages }

// Touchpoints in the programme's order.
func (p *Programme) Touchpoints() []*touchpoint.Touchpoint { return p.touchpoints }

// Touchpoint is the one with the key, nil if there is none.
func (p *Programme) Touchpoint(key string) *touchpoint.Touchpoint {
	return find(p.touchpoints, func(t *touchpoint.Touchpoint) bool { return t.Key == key })
}

// Event is the declared or built-in event of the name, nil if there is none.
func (p *Programme) Event(name string) *Event { return p.events[name] }

// Attribute is the declared attribute of the name, nil if there is none.
func (p *Programme) Attribute(name string) *DeclaredAttribute { return p.attributes[name] }

// Attributes are the declared ones of members, by name.
func (p *Programme) Attributes() []*DeclaredAttribute { return byName(p.attributes) }

// DependentKind is the declared kind of dependent of the name, nil if there is none.
func (p *Programme) DependentKind(kind string) *DependentKind { return p.dependents[kind] }

// DependentKinds are the declared kinds of dependents, by name.
func (p *Programme) DependentKinds() []*DependentKind { return byName(p.dependents) }

func byName[T any](all map[string]T) []T {
	list := make([]T, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, all[name])
	}
	return list
}

// Tiers from the lowest to the highest.
func (p *Programme) Tiers() []*tier.Tier { return p.tiers }

// Tier is the one with the key, nil if there is none.
func (p *Programme) Tier(key string) *tier.Tier { return p.tiers.Find(key) }

// Personas in the programme's order.
func (p *Programme) Personas() []*persona.Persona { return p.personas }

// Persona is the one with the key, nil if there is none.
func (p *Programme) Persona(key string) *persona.Persona {
	return find(p.personas, func(x *persona.Persona) bool { return x.Key == key })
}

// Budgets in the programme's order.
func (p *Programme) Budgets() []*budget.Budget { return p.budgets }

// Budget is the one with the key, nil if there is none.
func (p *Programme) Budget(key string) *budget.Budget {
	return find(p.budgets, func(b *budget.Budget) bool { return b.Key == key })
}

// Drawn are the ids of the budgets that an interaction of an event may draw on. They are to be in State.Budgets when it is decided.
func (p *Programme) Drawn(event string) []fact.ID {
	if to := p.plans[event]; to != nil {
		return to.budgets
	}
	return nil
}

// Rules in the order in which they are applied: by priority, the highest first, then by key.
func (p *Programme) Rules() []*rule.Rule { return p.rules }

// Rule is the one with the key, nil if there is none.
func (p *Programme) Rule(key string) *rule.Rule {
	return find(p.rules, func(r *rule.Rule) bool { return r.Key == key })
}

// Missions in the programme's order.
func (p *Programme) Missions() []*mission.Mission { return p.missions }

// Mission is the one with the id, nil if there is none.
func (p *Programme) Mission(id fact.ID) *mission.Mission {
	return find(p.missions, func(m *mission.Mission) bool { return m.Definition == id })
}

// MissionByKey is the one with the key, nil if there is none.
func (p *Programme) MissionByKey(key string) *mission.Mission {
	return find(p.missions, func(m *mission.Mission) bool { return m.Key == key })
}

// Rewards in the programme's order.
func (p *Programme) Rewards() []*reward.Reward { return p.rewards }

// Reward is the one with the id, nil if there is none.
func (p *Programme) Reward(id fact.ID) *reward.Reward {
	return find(p.rewards, func(r *reward.Reward) bool { return r.Definition == id })
}

// RewardByKey is the one with the key, nil if there is none.
func (p *Programme) RewardByKey(key string) *reward.Reward {
	return find(p.rewards, func(r *reward.Reward) bool { return r.Key == key })
}

// NameOf is the display name of what stands behind a movement: the source and key of its why.Explanation. It is nil if this version has no such thing.
func (p *Programme) NameOf(source, key string) fact.Text {
	switch source {
	case why.SourceRule, why.SourceMultiplier, why.SourceReturn:
		if r := p.Rule(key); r != nil {
			return r.Name
		}
	case why.SourceMission, why.SourceRevocation:
		if m := p.MissionByKey(key); m != nil {
			return m.Name
		}
	case why.SourceTier, why.SourceTierReturn:
		if t := p.Tier(key); t != nil {
			return t.Name
		}
	case why.SourceReward, why.SourceRefund:
		if r := p.RewardByKey(key); r != nil {
			return r.Name
		}
	}
	return nil
}

func find[T any](all []*T, is func(*T) bool) *T {
	for _, t := range all {
		if is(t) {
			return t
		}
	}
	return nil
}
