package loyalty_test

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/mission"
	"granaio/loyalty/persona"
	"granaio/loyalty/reward"
	"granaio/loyalty/rule"
	"granaio/loyalty/tier"
	"granaio/loyalty/touchpoint"
	"granaio/loyalty/why"
)

// both is a text in the example's two languages.
func both(it, en string) fact.Text { return fact.Text{"it": it, "en": en} }

// bakery is a small programme: a point for each whole euro, a welcome, a mission, two tiers, two personas, a reward. Tests change what they are about.
func bakery() *loyalty.Spec {
	stock := int64(2)
	return &loyalty.Spec{
		Granaio: 1,
		Programme: loyalty.Settings{
			Key: "bakery", Name: both("Il Forno", "The Bakery"), Currency: "EUR", TimeZone: "Europe/Rome", Languages: []string{"it", "en"},
			Starts: "2026-01-01", Points: loyalty.PointsSpec{Name: both("Chicchi", "Grains"), Expire: "12 months"},
			Attributes: map[string]loyalty.AttributeSpec{
				"diet": {Type: "string", Values: []string{"vegan", "vegetarian", "any"}}, "children": {Type: "int"}, "likes": {Type: "strings"},
				"newsletter": {Type: "bool"},
			},
			Events: map[string]loyalty.EventSpec{
				"purchase": {Name: both("acquisto", "purchase"), Value: "required", Properties: map[string]string{
					"items": "int", "channel": "string", "rating": "double", "tags": "strings", "gift": "bool",
				}},
				"review":     {Name: both("recensione", "review"), Properties: map[string]string{"stars": "int"}},
				"idea.voted": {Name: both("voto", "vote"), Value: "optional"},
			},
		},
		Touchpoints: []touchpoint.Spec{{Key: "app", Name: both("App", "App"), Kind: touchpoint.App}, {Key: "shop", Name: both("Negozio", "Shop"), Kind: touchpoint.Store}},
		Personas: []persona.Spec{
			{Key: "regular", Name: both("Abituale", "Regular"), Traits: []persona.TraitSpec{
				{Key: "often", Dimension: persona.Transactional, Weight: 60, When: `member.count("purchase") >= 3`, Text: both("compra spesso", "buys often")},
				{Key: "green", Dimension: persona.Values, Weight: 30, When: `member.attributes.diet == "vegan"`, Text: both("vegano", "vegan")},
			}},
			{Key: "critic", Name: both("Critico", "Critic"), Traits: []persona.TraitSpec{
				{Key: "reviews", Dimension: persona.Behavioural, Weight: 1, When: `member.count("review") > 0`, Text: both("recensisce", "writes reviews")},
			}},
		},
		Tiers: []tier.Spec{{Key: "silver", Name: both("Argento", "Silver"), At: 100}, {Key: "gold", Name: both("Oro", "Gold"), At: 500}},
		Rules: []rule.Spec{
			{Key: "per-euro", Name: both("Un chicco per euro", "A grain per euro"), On: []string{"purchase"}, Award: &rule.AwardSpec{Points: 1, Per: "1.00"}},
			{Key: "welcome", Name: both("Benvenuto", "Welcome"), On: []string{"member.enrolled"}, Award: &rule.AwardSpec{Points: 50}},
		},
		Missions: []mission.Spec{
			{Key: "three-a-month", Name: both("Tre al mese", "Three a month"), On: []string{"purchase"}, Target: 3, Every: mission.Month, Award: mission.AwardSpec{Points: 30}},
		},
		Rewards: []reward.Spec{
			{Key: "mug", Name: both("Tazza", "Mug"), Kind: "product", Price: 40, Stock: &stock, PerMember: 1},
		},
	}
}

// named gives every definition of a spec an id.
func named(s *loyalty.Spec) loyalty.Refs {
	refs, n := loyalty.Refs{}, 0
	add := func(kind fact.Kind, key string) {
		if refs[kind] == nil {
			refs[kind] = map[string]loyalty.Ref{}
		}
		n++
		refs[kind][key] = loyalty.Ref{Definition: id(fact.KindReward, n).As(kind), Revision: id(fact.KindRevision, n), Number: 1}
	}
	for _, x := range s.Touchpoints {
		add(fact.KindTouchpoint, x.Key)
	}
	for _, x := range s.Personas {
		add(fact.KindPersona, x.Key)
	}
	for _, x := range s.Tiers {
		add(fact.KindTier, x.Key)
	}
	for _, x := range s.Budgets {
		add(fact.KindBudget, x.Key)
	}
	for _, x := range s.Rules {
		add(fact.KindRule, x.Key)
	}
	for _, x := range s.Missions {
		add(fact.KindMission, x.Key)
	}
	for _, x := range s.Rewards {
		add(fact.KindReward, x.Key)
	}
	return refs
}

// id is the n-th id of a kind, the same in every run.
func id(kind fact.Kind, n int) fact.ID {
	var i fact.ID
	binary.BigEndian.PutUint64(i[:8], uint64(n))
	i[6] |= 0x70
	return i.As(kind)
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func compiled(t fataler, s *loyalty.Spec) *loyalty.Programme {
	t.Helper()
	p, problems := loyalty.Compile(s, loyalty.Identity{Programme: id(fact.KindProgramme, 1), Number: 3}, named(s))
	if len(problems) > 0 {
		t.Fatalf("the programme does not compile: %v", problems)
	}
	return p
}

// at is an instant as Rome's clocks show it.
func at(text string) time.Time {
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic(err)
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// someone is a story: a member to whom one thing happens after another.
type someone struct {
	t     *testing.T
	p     *loyalty.Programme
	state *loyalty.State
	n     int
}

func meet(t *testing.T, spec *loyalty.Spec) *someone {
	return &someone{t: t, p: compiled(t, spec), n: 100, state: &loyalty.State{Member: loyalty.Member{
		ID: id(fact.KindMember, 1), Account: id(fact.KindAccount, 1), Status: loyalty.Registered, Enrolled: at("2026-01-02 10:00"),
	}}}
}

func (s *someone) interaction(event, when string) fact.Interaction {
	s.n++
	return fact.Interaction{ID: id(fact.KindInteraction, s.n), Event: event, Touchpoint: "app", Occurred: at(when), Received: at(when)}
}

// takes decides an interaction that must be taken, as soon as it occurs; late ones as of the given instant.
func (s *someone) takes(i fact.Interaction, now ...string) *loyalty.Effects {
	s.t.Helper()
	instant := i.Occurred
	if len(now) > 0 {
		instant = at(now[0])
	}
	e, refusal, err := loyalty.Decide(s.p, s.state, i, instant)
	if refusal != nil || err != nil {
		s.t.Fatalf("%s is not taken: %v %v", i.Event, refusal, err)
	}
	s.state = e.State
	return e
}

func (s *someone) buys(when string, cents int64, now ...string) *loyalty.Effects {
	s.t.Helper()
	i := s.interaction("purchase", when)
	i.Value = &fact.Money{Minor: cents, Currency: s.p.Currency()}
	return s.takes(i, now...)
}

// earned is what each source gave, in order: "per-euro 12".
func earned(e *loyalty.Effects) []why.Explanation {
	var all []why.Explanation
	for _, m := range e.Movements {
		all = append(all, m.Reason.Explanation)
	}
	return all
}

// points are what each rule and mission gave, in order.
func points(e *loyalty.Effects) map[string]fact.Points {
	all := map[string]fact.Points{}
	for _, m := range e.Movements {
		if key := m.Reason.Explanation.Key; key != "" {
			all[key] += m.Points
		}
	}
	return all
}

func order(e *loyalty.Effects) []string {
	var keys []string
	for _, x := range earned(e) {
		keys = append(keys, x.Key)
	}
	return slices.Clip(keys)
}
