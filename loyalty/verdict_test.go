package loyalty_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"granaio/loyalty"
	"granaio/loyalty/budget"
	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/mission"
	"granaio/loyalty/rule"
	"granaio/loyalty/why"
)

// obstructed is the bakery with rules that something stands in the way of, for all kinds of reasons.
func obstructed() *loyalty.Spec {
	spec, five := bakery(), &rule.AwardSpec{Points: 5}
	spec.Programme.Groups = map[string]string{"g": "best"}
	spec.Budgets = []budget.Spec{{Key: "small", Name: both("Poco", "Little"), Points: 12}}
	spec.Paused.Rules = []string{"resting"}
	add := func(key string, r rule.Spec) {
		r.Key, r.Name = key, both(key, key)
		if r.On == nil {
			r.On = []string{"purchase"}
		}
		if r.Award == nil && r.Multiply == "" && r.Grant == nil {
			r.Award = five
		}
		spec.Rules = append(spec.Rules, r)
	}
	add("large", rule.Spec{When: "event.value >= 5000"})
	add("third", rule.Spec{When: `member.count("purchase", "month") == 3`})
	add("either", rule.Spec{When: `(member.tier == "silver" && event.value > 100) || event.properties.gift`})
	add("items", rule.Spec{When: `event.value / event.properties.items < 1000`})
	add("share", rule.Spec{Award: &rule.AwardSpec{Expression: `100 / event.properties.items`}})
	add("monthly", rule.Spec{Limits: []rule.LimitSpec{{Times: 1, Per: "month"}}})
	add("few", rule.Spec{Limits: []rule.LimitSpec{{Points: 12, Per: "30d"}}})
	add("cool", rule.Spec{Cooldown: "5 days"})
	add("budgeted", rule.Spec{Budget: "small"})
	add("best", rule.Spec{Group: "g", Award: &rule.AwardSpec{Points: 1, Per: "3.00"}})
	add("other", rule.Spec{Group: "g", Award: &rule.AwardSpec{Points: 4}})
	add("may", rule.Spec{From: "2026-05-10", Until: "2026-05-20"})
	add("resting", rule.Spec{})
	add("double", rule.Spec{Multiply: "2", When: `event.properties.channel == "online"`})
	add("gift", rule.Spec{When: `event.properties.gift && member.tier != "gold"`, Grant: &rule.GrantSpec{Tier: "silver", For: "10 days"}})
	add("stars", rule.Spec{On: []string{"review"}})
	spec.Missions = append(spec.Missions, mission.Spec{Key: "even", Name: both("Pari", "Even"), On: []string{"purchase"}, When: "event.value % event.properties.items == 0", Target: 2, Award: mission.AwardSpec{Points: 2}})
	return spec
}

func drawPurchase(t *rapid.T, p *loyalty.Programme, n int) fact.Interaction {
	i := fact.Interaction{
		ID: id(fact.KindInteraction, 1000+n), Event: "purchase", Touchpoint: "app", Occurred: at("2026-05-01 00:00").Add(time.Duration(rapid.IntRange(0, 40*24).Draw(t, "hour")) * time.Hour),
		Value: &fact.Money{Minor: rapid.Int64Range(0, 9000).Draw(t, "cents"), Currency: p.Currency()}, Properties: map[string]any{},
	}
	for name, v := range map[string]any{"items": int64(rapid.IntRange(0, 3).Draw(t, "items")), "gift": rapid.Bool().Draw(t, "gift"), "channel": "online"} {
		if rapid.IntRange(0, 4).Draw(t, name) > 0 {
			i.Properties[name] = v
		}
	}
	return i
}

// Whatever happened before: what is tried is what happens, and what is told of it afterwards is what was told before, as long as what it is told from is kept.
func TestWhatIsTriedIsWhatHappensAndWhatIsToldAfterwards(t *testing.T) {
	p := compiled(t, obstructed())
	now := at("2026-07-01 00:00")
	rapid.Check(t, func(t *rapid.T) {
		s := &loyalty.State{Member: loyalty.Member{ID: id(fact.KindMember, 1), Account: id(fact.KindAccount, 1), Status: loyalty.Registered}, Budgets: map[fact.ID]fact.Points{}}
		s.Account.ID = s.Member.Account
		for n := range rapid.IntRange(1, 6).Draw(t, "purchases") {
			i := drawPurchase(t, p, n)
			tried, verdicts, refusal, err := loyalty.Try(p, s, i, loyalty.Question{}, now)
			if refusal != nil || err != nil {
				t.Fatal(refusal, err)
			}
			e, _, _ := loyalty.Decide(p, s, i, now)
			if !reflect.DeepEqual(tried, e) {
				t.Fatalf("it is tried\n%+v, and happens\n%+v", tried, e)
			}
			gave := map[string]fact.Points{}
			for _, v := range verdicts {
				gave[v.Rule] = v.Points
				if v.Points == 0 && v.Tier == "" && v.Obstacle == "" || v.Points > 0 && v.Figures == nil || v.Basis != why.Stored {
					t.Fatalf("told %+v", v)
				}
			}
			var earnings []ledger.Movement
			for _, m := range e.Movements {
				if x := m.Reason.Explanation; x.Source == why.SourceRule || x.Source == why.SourceMultiplier {
					gave[x.Key] -= m.Points
				}
				if m.Kind == ledger.Earn {
					earnings = append(earnings, m)
				}
			}
			for key, left := range gave {
				if left != 0 {
					t.Fatalf("%s is told to give %d more than it does", key, left)
				}
			}
			past := loyalty.Decided{Interaction: i, Earnings: earnings, Withheld: e.Withheld, Granted: e.Granted, Held: e.Held()}
			for n, v := range slices.Collect(p.Hindsight(e.State, past, loyalty.Question{}, now)) {
				if was := verdicts[n]; v.Rule != was.Rule || v.Points != was.Points || v.Tier != was.Tier || !v.Until.Equal(was.Until) || v.Obstacle != was.Obstacle && v.Obstacle != why.NotKept {
					t.Fatalf("it was told\n%+v, and afterwards\n%+v", was, v)
				} else if v.Obstacle == why.NotKept {
					t.Fatalf("why %s gave nothing is known, and not told: %+v", v.Rule, was)
				} else if v.Basis == why.Present && was.Obstacle != why.Condition {
					t.Fatalf("of %s all is stored: %+v", v.Rule, v)
				}
			}
			s = e.State
			for _, d := range e.Drawn {
				left, known := s.Budgets[d.Budget]
				if !known {
					left = 12
				}
				s.Budgets[d.Budget] = left - d.Points
			}
		}
	})
}

// What is known now is told as such: a tier that was reached since, purchases that came since.
func TestHindsightSaysWhatItIsKnownFrom(t *testing.T) {
	s := meet(t, obstructed())
	i := purchase(s, "2026-05-04 10:00", 1000)
	e := s.takes(i)
	past := loyalty.Decided{Interaction: i, Withheld: e.Withheld}
	told := func(keys ...string) (all []string) {
		for v := range s.p.Hindsight(s.state, past, loyalty.Question{Rules: keys}, at("2026-06-01 00:00")) {
			all = append(all, fmt.Sprint(v.Rule, " ", v.Obstacle, " ", v.Basis))
		}
		return all
	}
	keys := []string{"third", "large", "either", "stars", "resting", "may", "nobody", "large"}
	if got, want := told(keys...), []string{
		"third condition present", "large condition stored", "either condition present", "stars other_event stored", "resting paused stored", "may not_yet stored",
	}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	s.buys("2026-05-04 11:00", 1000)
	s.buys("2026-05-04 12:00", 1000)
	if got, want := told("third", "large"), []string{"third not_kept present", "large condition stored"}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// An expression that goes wrong is no silence: the verdict says which it is, where and why, stored without anything that was read.
func TestWhatGoesWrongIsToldAndStored(t *testing.T) {
	s := meet(t, obstructed())
	i := purchase(s, "2026-05-04 10:00", 1000)
	i.Properties = map[string]any{"items": int64(0)}
	e := s.takes(i)
	stored := map[string]why.Verdict{}
	for _, v := range e.Withheld {
		stored[v.Rule] = v
	}
	for key, want := range map[string]why.Verdict{
		"items": {Obstacle: why.Fault, In: why.InCondition, Cause: string(expr.ZeroDivision), Line: 1, Column: 1},
		"share": {Obstacle: why.Fault, In: why.InAward, Cause: string(expr.ZeroDivision)},
	} {
		if v := stored[key]; v.Obstacle != want.Obstacle || v.In != want.In || v.Cause != want.Cause || v.Parts != nil || want.Line > 0 && (v.Line != want.Line || v.Column != want.Column) {
			t.Errorf("%s is stored as %+v", key, v)
		}
	}
	var kinds []string
	for _, f := range e.Faults {
		kinds = append(kinds, fmt.Sprint(f.Key, " ", f.In, " ", f.Cause))
	}
	if want := []string{"items when division_by_zero", "share award division_by_zero", "even when division_by_zero"}; !slices.Equal(kinds, want) {
		t.Errorf("%v", kinds)
	}
	for v := range s.p.Hindsight(s.state, loyalty.Decided{Interaction: i, Withheld: e.Withheld}, loyalty.Question{Rules: []string{"items", "share"}}, i.Occurred) {
		if len(v.Parts) != 1 || v.Parts[0].Fault != string(expr.ZeroDivision) || v.Parts[0].Readings == nil {
			t.Errorf("%+v", v)
		}
	}
	// Something that is unset is nothing that goes wrong, in a condition.
	if e := s.buys("2026-05-05 10:00", 1000); len(e.Faults) != 1 || e.Faults[0].Key != "share" || e.Faults[0].Cause != expr.Unset {
		t.Errorf("%+v", e.Faults)
	}
}
