package loyalty_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/rule"
	"granaio/loyalty/schedule"
	"granaio/loyalty/why"
)

func TestPurchaseEarnsPerEuroAndSaysWhy(t *testing.T) {
	s := meet(t, bakery())
	e := s.buys("2026-05-04 10:00", 1290)
	if len(e.Movements) != 1 {
		t.Fatalf("%d movements, not one: %v", len(e.Movements), points(e))
	}
	m := e.Movements[0]
	want := why.Explanation{Source: why.SourceRule, Key: "per-euro", Revision: 1, Event: "purchase", Value: 1290, Currency: "EUR", Per: 100, Rate: 1, Rounding: "down"}
	if m.Points != 12 || m.Kind != ledger.Earn || !reflect.DeepEqual(m.Reason.Explanation, want) {
		t.Errorf("%d points by %+v", m.Points, m.Reason.Explanation)
	}
	if m.Reason.Interaction != id(fact.KindInteraction, s.n) || m.Reason.Revision != s.p.Rule("per-euro").Revision {
		t.Errorf("the movement does not name its interaction and rule: %+v", m.Reason)
	}
	if got := e.Lots[0].Expires; !got.Equal(at("2027-05-05 00:00")) {
		t.Errorf("points of 4 May expire at %s, not as 5 May begins a year later", got)
	}
	if e.State.Account.Available != 12 || e.State.Doc.Qualifying.Sum != 12 {
		t.Errorf("%+v, %d qualifying", e.State.Account.Balances, e.State.Doc.Qualifying.Sum)
	}
	if e := s.buys("2026-05-04 11:00", 99); len(e.Movements) != 0 {
		t.Errorf("99 cents earn %v", points(e))
	}
}

func TestRulesAreInForceFromTheirFirstDayThroughTheirLast(t *testing.T) {
	spec := bakery()
	spec.Rules[0].From, spec.Rules[0].Until = "2026-05-01", "2026-05-31"
	s := meet(t, spec)
	for when, want := range map[string]int{"2026-04-30 23:59": 0, "2026-05-01 00:00": 1, "2026-05-31 23:59": 1, "2026-06-01 00:00": 0} {
		e, _, _ := loyalty.Decide(s.p, s.state, purchase(s, when, 500), at("2026-07-01 00:00"))
		if len(e.Movements) != want {
			t.Errorf("at %s: %d movements, not %d", when, len(e.Movements), want)
		}
	}
}

// At 2 on 25 October 2026 the clocks go back to an hour that is open twice; on 29 March they leave it out.
func TestRuleIsOpenByTheClocksOfTheProgrammesZone(t *testing.T) {
	spec := bakery()
	spec.Rules[0].Schedule = []schedule.Spec{{Hours: []string{"02:00-03:00"}}, {Months: []string{"may"}, Weekdays: []string{"saturday", "sunday"}}}
	s := meet(t, spec)
	for when, want := range map[string]int{
		"2026-10-24T23:59:00Z": 0, "2026-10-25T00:30:00Z": 1, "2026-10-25T01:30:00Z": 1, "2026-10-25T02:00:00Z": 0,
		"2026-03-29T00:59:00Z": 0, "2026-03-29T01:00:00Z": 0, "2026-05-01T21:59:00Z": 0, "2026-05-01T22:00:00Z": 1, "2026-05-03T21:59:00Z": 1,
	} {
		i := purchase(s, "2026-05-04 10:00", 500)
		i.Occurred, _ = time.Parse(time.RFC3339, when)
		e, refusal, err := loyalty.Decide(s.p, s.state, i, at("2026-12-01 00:00"))
		if refusal != nil || err != nil || len(e.Movements) != want {
			t.Errorf("at %s: %d movements, not %d (%v, %v)", when, len(e.Movements), want, refusal, err)
		}
	}
}

func TestBandOfAnAmountIsExplained(t *testing.T) {
	spec := bakery()
	spec.Rules[0].Award = &rule.AwardSpec{Bands: bands("10", "20")}
	e := meet(t, spec).buys("2026-05-04 10:00", 2500)
	if x := earned(e); len(x) != 1 || e.Movements[0].Points != 1 || x[0].Band != 2000 || x[0].Value != 2500 {
		t.Errorf("%+v", x)
	}
}

func purchase(s *someone, when string, cents int64) fact.Interaction {
	i := s.interaction("purchase", when)
	i.Value = &fact.Money{Minor: cents, Currency: s.p.Currency()}
	return i
}

func TestConditionsSeeTheEventTheMemberAndItsFigures(t *testing.T) {
	spec := bakery()
	add := func(key, when string) {
		spec.Rules = append(spec.Rules, rule.Spec{Key: key, Name: both("x", "x"), On: []string{"purchase"}, When: when, Award: &rule.AwardSpec{Points: 5}})
	}
	add("first", `member.count("purchase") == 1`)
	add("second-today", `member.count("purchase", "day") == 2`)
	add("big-week", `member.sum("purchase", "week") > 2000`)
	add("silver", `member.tier == "silver"`)
	add("online", `event.properties.channel == "online"`)
	add("italian", `member.language == "it"`)
	s := meet(t, spec)
	for _, step := range []struct {
		when  string
		cents int64
		want  []string
	}{
		{"2026-05-03 10:00", 1500, []string{"first", "italian", "per-euro"}}, // a Sunday
		{"2026-05-04 10:00", 1500, []string{"italian", "per-euro"}},          // a new week
		{"2026-05-04 11:00", 6900, []string{"big-week", "italian", "per-euro", "second-today", "three-a-month"}},
		{"2026-05-05 11:00", 100, []string{"big-week", "italian", "per-euro", "silver"}}, // silver was reached by the one before
	} {
		if got := order(s.buys(step.when, step.cents)); !slices.Equal(got, step.want) {
			t.Errorf("at %s: %v, not %v", step.when, got, step.want)
		}
	}
	i := purchase(s, "2026-06-01 10:00", 100)
	i.Properties = map[string]any{"channel": "online", "unheard-of": []any{1.5, nil}}
	if got := order(s.takes(i)); !slices.Contains(got, "online") {
		t.Errorf("the property is not seen: %v", got)
	}
}

func TestMultipliersAddUpAndNeverCompound(t *testing.T) {
	spec := bakery()
	spec.Rules = append(spec.Rules,
		rule.Spec{Key: "bonus", Name: both("x", "x"), On: []string{"purchase"}, Award: &rule.AwardSpec{Points: 7}},
		rule.Spec{Key: "double", Name: both("x", "x"), On: []string{"purchase"}, Multiply: "2"},
		rule.Spec{Key: "half-more", Name: both("x", "x"), On: []string{"purchase"}, Multiply: "1.5"},
		rule.Spec{Key: "triple-bonus", Name: both("x", "x"), On: []string{"purchase"}, Multiply: "3", Of: []string{"bonus"}, Priority: 9},
		rule.Spec{Key: "never", Name: both("x", "x"), On: []string{"purchase"}, Multiply: "2", When: "event.value > 1000000"},
	)
	e := meet(t, spec).buys("2026-05-04 10:00", 1599)
	want := map[string]fact.Points{"per-euro": 15, "bonus": 7, "double": 15, "half-more": 7, "triple-bonus": 14}
	if got := points(e); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	if got := order(e); !slices.Equal(got, []string{"bonus", "per-euro", "triple-bonus", "double", "half-more"}) {
		t.Errorf("the order is %v", got)
	}
	x := earned(e)[3]
	if x.Source != why.SourceMultiplier || x.Factor != "2" || x.Base != 15 {
		t.Errorf("the multiplier explains itself by %+v", x)
	}
}

func TestAwardThatCannotBeComputedGivesNothingAndTheOthersGoOn(t *testing.T) {
	spec := bakery()
	for key, x := range map[string]string{
		"by-zero": "100 / (event.value - event.value)", "overflow": "9223372036854775807 + event.value", "unset": "event.properties.items * 2",
		"negative": "0 - 5", "too-many": "1000001",
	} {
		spec.Rules = append(spec.Rules, rule.Spec{Key: key, Name: both("x", "x"), On: []string{"purchase"}, Award: &rule.AwardSpec{Expression: x}})
	}
	spec.Rules = append(spec.Rules, rule.Spec{Key: "items", Name: both("x", "x"), On: []string{"purchase"}, Award: &rule.AwardSpec{Expression: "event.value / 100 * 2"}})
	if got := points(meet(t, spec).buys("2026-05-04 10:00", 300)); !reflect.DeepEqual(got, map[string]fact.Points{"per-euro": 3, "items": 6}) {
		t.Errorf("%v", got)
	}
}

func TestPointsMatureBeforeTheyCanBeSpent(t *testing.T) {
	spec := bakery()
	spec.Programme.Points.Mature.Text = "14 days"
	spec.Rules[1].Mature.Text = "1 day"
	s := meet(t, spec)
	e := s.buys("2026-05-04 10:00", 1000)
	if b := e.State.Account.Balances; b.Pending != 10 || b.Available != 0 {
		t.Errorf("at once: %+v", b)
	}
	if l := e.Lots[0]; !l.Activates.Equal(at("2026-05-19 00:00")) || !l.Expires.Equal(at("2027-05-20 00:00")) {
		t.Errorf("activates %s, expires %s", l.Activates, l.Expires)
	}
	e = s.buys("2026-05-20 10:00", 0)
	if b := e.State.Account.Balances; b.Pending != 0 || b.Available != 10 || e.Movements[0].Kind != ledger.Mature {
		t.Errorf("after 14 days: %+v", b)
	}
}

func TestEnrolmentEarnsTheWelcome(t *testing.T) {
	p := compiled(t, bakery())
	e, refusal, err := loyalty.Enrol(p, loyalty.Enrolment{
		Member: id(fact.KindMember, 7), Account: id(fact.KindAccount, 7), Interaction: id(fact.KindInteraction, 7), Touchpoint: "app", Locale: "en-GB",
		Occurred: at("2026-03-01 09:00"), Attributes: map[string]any{"diet": "vegan", "children": 2.0, "likes": []any{"bread"}},
	}, at("2026-03-01 09:01"))
	if refusal != nil || err != nil {
		t.Fatal(refusal, err)
	}
	s := e.State
	if points(e)["welcome"] != 50 || s.Member.Status != loyalty.Registered || s.Member.ID != id(fact.KindMember, 7) || s.Account.Available != 50 {
		t.Errorf("%v, %+v", points(e), s.Member)
	}
	if known := s.Doc.Profile.Known().Attributes; known["children"].Value != int64(2) || !reflect.DeepEqual(known["likes"].Value, []string{"bread"}) {
		t.Errorf("attributes: %+v", known)
	}
	if s.Member.Persona != "regular" || s.Doc.Affinities["regular"].Percent != 33 || !slices.Equal(s.Doc.Affinities["regular"].Traits, []string{"green"}) {
		t.Errorf("persona %q, %+v", s.Member.Persona, s.Doc.Affinities)
	}
}

func TestPersonaFollowsWhatTheMemberDoes(t *testing.T) {
	s := meet(t, bakery())
	if e := s.buys("2026-05-04 10:00", 100); e.State.Member.Persona != "" {
		t.Errorf("one purchase speaks for %q", e.State.Member.Persona)
	}
	s.buys("2026-05-04 11:00", 100)
	if e := s.buys("2026-05-04 12:00", 100); e.State.Member.Persona != "regular" || e.State.Doc.Affinities["regular"].Percent != 66 {
		t.Errorf("three purchases: %+v", e.State.Doc.Affinities)
	}
	e := s.takes(s.interaction("review", "2026-05-05 10:00"))
	if e.State.Member.Persona != "critic" || e.State.Doc.Affinities["critic"].Percent != 100 {
		t.Errorf("a review: %q of %+v", e.State.Member.Persona, e.State.Doc.Affinities)
	}
}
