package loyalty_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/budget"
	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/mission"
	"granaio/loyalty/rule"
	"granaio/loyalty/schedule"
)

// One point has a word of its own, if the programme has one.
func TestNameOfOnePoint(t *testing.T) {
	spec := bakery()
	if got := compiled(t, spec).PointName()["it"]; got != "Chicchi" {
		t.Errorf("without a word of its own one point is called %s", got)
	}
	spec.Programme.Points.One = fact.Text{"it": "Chicco", "en": "Grain"}
	if got := compiled(t, spec).PointName()["it"]; got != "Chicco" {
		t.Errorf("one point is called %s", got)
	}
}

func TestProgrammeTellsWhatItHolds(t *testing.T) {
	p := compiled(t, bakery())
	if p.Key() != "bakery" || p.Number() != 3 || p.ID() != id(fact.KindProgramme, 1) || p.Currency().Code != "EUR" || p.Zone().String() != "Europe/Rome" ||
		p.Name()["en"] != "The Bakery" || p.PointsName()["it"] != "Chicchi" || !slices.Equal(p.Languages(), []string{"it", "en"}) || !p.Starts().Equal(at("2026-01-01 00:00")) {
		t.Errorf("%+v", p)
	}
	if len(p.Touchpoints()) != 2 || p.Touchpoint("shop").Name["en"] != "Shop" || p.Touchpoint("x") != nil || p.Tiers()[1] != p.Tier("gold") ||
		p.Persona("critic") != p.Personas()[1] || p.Mission(p.Missions()[0].Definition) != p.MissionByKey("three-a-month") || p.Reward(p.Rewards()[0].Definition) != p.RewardByKey("mug") {
		t.Error("a definition is not found by its name")
	}
	if e := p.Event("member.enrolled"); !e.BuiltIn || e.Name["en"] == "" || p.Event("purchase").Properties["items"] != expr.Int || p.Event("x") != nil || len(p.Events()) != 9 {
		t.Errorf("events: %+v", p.Events())
	}
	if p.Attribute("children").Type != expr.Int || p.Attribute("x") != nil {
		t.Error("attributes are not found")
	}
	for source, key := range map[string]string{"rule": "per-euro", "multiplier": "per-euro", "mission": "three-a-month", "reward": "mug"} {
		if p.NameOf(source, key)["en"] == "" || p.NameOf(source, "x") != nil {
			t.Errorf("the name of %s %s is not found", source, key)
		}
	}
	for locale, want := range map[string]string{"": "it", "en": "en", "en-GB": "en", "fr-CH": "it", "it-Latn-CH": "it"} {
		if got := p.Language(locale); got != want {
			t.Errorf("%q is served in %s, not %s", locale, got, want)
		}
	}
}

func TestProgrammeWithoutIDsCanBeChecked(t *testing.T) {
	if _, problems := loyalty.Compile(bakery(), loyalty.Identity{}, nil); len(problems) > 0 {
		t.Error(problems)
	}
	if _, problems := loyalty.Compile(bakery(), loyalty.Identity{}, loyalty.Refs{}); len(problems) != 10 {
		t.Errorf("definitions without ids: %v", problems)
	}
	if p, problems := loyalty.Compile(nil, loyalty.Identity{}, nil); p != nil || len(problems) == 0 {
		t.Error("nothing compiles")
	}
}

func spring(points fact.Points) []budget.Spec {
	return []budget.Spec{{Key: "spring", Name: both("Primavera", "Spring"), Points: points}}
}

func bands(from ...string) []rule.BandSpec {
	all := make([]rule.BandSpec, len(from))
	for i, f := range from {
		all[i] = rule.BandSpec{From: f, Points: 1}
	}
	return all
}

// mistakes are changes to the example that make it wrong, and what is said of each.
var mistakes = []struct {
	alter func(s *loyalty.Spec)
	path  string
	says  string
}{
	{func(s *loyalty.Spec) { s.Granaio = 2 }, "granaio", "format 1"},
	{func(s *loyalty.Spec) { s.Programme.Key = "The Bakery" }, "programme.key", "not a key"},
	{func(s *loyalty.Spec) { s.Programme.Name = nil }, "programme.name", "it, en"},
	{func(s *loyalty.Spec) { s.Programme.Name = fact.Text{"it": "x", "en": " "} }, "programme.name", "“en” is missing"},
	{func(s *loyalty.Spec) { s.Programme.Name = fact.Text{"it": "x", "en": "x", "fr": "x"} }, "programme.name.fr", "none of the programme's languages"},
	{func(s *loyalty.Spec) { s.Programme.Name = both(strings.Repeat("x", 201), "x") }, "programme.name.it", "201 characters"},
	{func(s *loyalty.Spec) { s.Programme.Currency = "euro" }, "programme.currency", "three capital letters"},
	{func(s *loyalty.Spec) { s.Programme.TimeZone = "Rome" }, "programme.time_zone", "“Rome” is not a time zone"},
	{func(s *loyalty.Spec) { s.Programme.TimeZone = "" }, "programme.time_zone", "not a time zone"},
	{func(s *loyalty.Spec) { s.Programme.Languages = append(s.Programme.Languages, "it") }, "programme.languages[2]", "there already"},
	{func(s *loyalty.Spec) { s.Programme.Starts = "" }, "programme.starts", "missing"},
	{func(s *loyalty.Spec) { s.Programme.Starts = "1/1/2026" }, "programme.starts", "neither a day"},
	{func(s *loyalty.Spec) { s.Programme.Points.One = fact.Text{"it": "Chicco"} }, "programme.points.one", "“en” is missing"},
	{func(s *loyalty.Spec) { s.Programme.Points.Expire = "a year" }, "programme.points.expire", "12 months"},
	{func(s *loyalty.Spec) { s.Programme.Tiers.Period = "rollng" }, "programme.tiers.period", "did you mean “rolling”?"},
	{func(s *loyalty.Spec) { s.Programme.Tiers.Period = "rolling" }, "programme.tiers.rolling_months", "1 to 60"},
	{func(s *loyalty.Spec) { s.Programme.Tiers.RollingMonths = 3 }, "programme.tiers.rolling_months", "only a rolling period"},
	{func(s *loyalty.Spec) { s.Programme.Attributes["diet"] = loyalty.AttributeSpec{Type: "text"} }, "programme.attributes.diet.type", "“text” is not a type"},
	{func(s *loyalty.Spec) { s.Programme.Attributes["Diet"] = loyalty.AttributeSpec{Type: "string"} }, "programme.attributes.Diet", "lower-case letter"},
	{func(s *loyalty.Spec) {
		s.Programme.Attributes["age"] = loyalty.AttributeSpec{Type: "int", Values: []string{"1"}}
	}, "programme.attributes.age.values", "only"},
	{func(s *loyalty.Spec) {
		s.Programme.Attributes["diet"] = loyalty.AttributeSpec{Type: "string", Kind: "demografic"}
	}, "programme.attributes.diet.kind", "demographic"},
	{func(s *loyalty.Spec) {
		s.Programme.Events["idea.voted"] = loyalty.EventSpec{Name: both("x", "x"), Value: "maybe"}
	}, `programme.events["idea.voted"].value`, "required, optional or none"},
	{func(s *loyalty.Spec) { s.Programme.Events["Idea voted"] = loyalty.EventSpec{Name: both("x", "x")} }, `programme.events["Idea voted"]`, "lower-case"},
	{func(s *loyalty.Spec) {
		s.Programme.Events["review"] = loyalty.EventSpec{Name: both("x", "x"), Properties: map[string]string{"stars": "integer"}}
	}, "programme.events.review.properties.stars", "string, int, bool, double, strings"},
	{func(s *loyalty.Spec) {
		s.Programme.Events["member.enrolled"] = loyalty.EventSpec{Name: both("x", "x"), Value: "optional"}
	}, `programme.events["member.enrolled"]`, "built-in"},
	{func(s *loyalty.Spec) { s.Touchpoints[1].Key = "app" }, "touchpoints[1].key", "taken already, by the one at place 0"},
	{func(s *loyalty.Spec) { s.Touchpoints[1].Kind = "shop" }, "touchpoints[1].kind", "not a kind of touchpoint"},
	{func(s *loyalty.Spec) { s.Personas[0].Traits[1].Key = "often" }, "personas[0].traits[1].key", "taken already"},
	{func(s *loyalty.Spec) { s.Personas[0].Traits[1].Weight = 0 }, "personas[0].traits[1].weight", "1 to 100"},
	{func(s *loyalty.Spec) { s.Personas[0].Traits[1].Dimension = "value" }, "personas[0].traits[1].dimension", "did you mean “values”?"},
	{func(s *loyalty.Spec) { s.Personas[0].Traits[1].When = "event.value > 1" }, "personas[0].traits[1].when", "about the member alone"},
	{func(s *loyalty.Spec) { s.Personas[0].Traits[1].When = "" }, "personas[0].traits[1].when", "missing"},
	{func(s *loyalty.Spec) { s.Personas[0].Traits = nil }, "personas[0].traits", "at least one trait"},
	{func(s *loyalty.Spec) { s.Tiers[1].At = 100 }, "tiers[1].at", "tiers rise"},
	{func(s *loyalty.Spec) { s.Tiers[0].At = -1 }, "tiers[0].at", "0 to"},
	{func(s *loyalty.Spec) { s.Tiers[0].Benefits = []fact.Text{{"it": "x"}} }, "tiers[0].benefits[0]", "“en” is missing"},
	{func(s *loyalty.Spec) { s.Rules[0].Key = "" }, "rules[0].key", "missing"},
	{func(s *loyalty.Spec) { s.Rules[0].On = []string{"purchse"} }, "rules[0].on[0]", "unknown event “purchse”: did you mean “purchase”?"},
	{func(s *loyalty.Spec) { s.Rules[0].On = nil }, "rules[0].on", "at least one event"},
	{func(s *loyalty.Spec) { s.Rules[0].When = "event.value >" }, "rules[0].when", "ends where something should follow"},
	{func(s *loyalty.Spec) { s.Rules[0].Award = nil }, "rules[0]", "needs an award, a multiply or a grant"},
	{func(s *loyalty.Spec) { s.Rules[0].Multiply = "2" }, "rules[0]", "not both"},
	{func(s *loyalty.Spec) { s.Rules[0].Of = []string{"welcome"} }, "rules[0].of", "only a multiply"},
	{func(s *loyalty.Spec) { s.Rules[0].Award.Per = "0" }, "rules[0].award.per", "above 0"},
	{func(s *loyalty.Spec) { s.Rules[0].Award = &rule.AwardSpec{Points: 1, Bands: bands("1", "2")} }, "rules[0].award", "each band says"},
	{func(s *loyalty.Spec) { s.Rules[0].Award = &rule.AwardSpec{Bands: bands("1", "1.00")} }, "rules[0].award.bands[1].from", "bands rise"},
	{func(s *loyalty.Spec) { s.Rules[0].Award = &rule.AwardSpec{Bands: bands("1.001")} }, "rules[0].award.bands[0].from", "EUR has at most 2"},
	{func(s *loyalty.Spec) { s.Rules[0].Award = &rule.AwardSpec{Bands: []rule.BandSpec{{From: "1"}}} }, "rules[0].award.bands[0].points", "1 to 1,000,000"},
	{func(s *loyalty.Spec) { s.Rules[0].Award = &rule.AwardSpec{Bands: make([]rule.BandSpec, 51)} }, "rules[0].award.bands", "at most 50"},
	{func(s *loyalty.Spec) { s.Rules[1].Award = &rule.AwardSpec{Bands: bands("1")} }, "rules[1].on[0]", "carries no value"},
	{func(s *loyalty.Spec) { s.Rules[0].Limits = []rule.LimitSpec{{Per: "day"}} }, "rules[0].limits[0]", "either times or points"},
	{func(s *loyalty.Spec) { s.Rules[0].Limits = []rule.LimitSpec{{Times: 1, Points: 1}} }, "rules[0].limits[0]", "either times or points"},
	{func(s *loyalty.Spec) { s.Rules[0].Limits = []rule.LimitSpec{{Times: -1}} }, "rules[0].limits[0].times", "1 to 1,000,000 times"},
	{func(s *loyalty.Spec) { s.Rules[0].Limits = []rule.LimitSpec{{Points: -1}} }, "rules[0].limits[0].points", "a limit is 1 to"},
	{func(s *loyalty.Spec) { s.Rules[0].Limits = []rule.LimitSpec{{Times: 1, Per: "moth"}} }, "rules[0].limits[0].per", "did you mean “month”?"},
	{func(s *loyalty.Spec) { s.Rules[0].Limits = make([]rule.LimitSpec, 11) }, "rules[0].limits", "at most 10"},
	{func(s *loyalty.Spec) { s.Rules[0].Beyond = "clip" }, "rules[0].beyond", "neither cut nor skip"},
	{func(s *loyalty.Spec) { s.Rules[0].Cooldown = "a while" }, "rules[0].cooldown", "such as 90 minutes"},
	{func(s *loyalty.Spec) { s.Rules[0].Cooldown = "732 days" }, "rules[0].cooldown", "at most 731 days"},
	{func(s *loyalty.Spec) { s.Budgets, s.Rules[0].Budget = spring(10), "sprint" }, "rules[0].budget", "did you mean “spring”?"},
	{func(s *loyalty.Spec) { s.Budgets = spring(0) }, "budgets[0].points", "a budget is of 1 to"},
	{func(s *loyalty.Spec) { s.Budgets = append(spring(1), spring(2)...) }, "budgets[1].key", "taken already"},
	{func(s *loyalty.Spec) { s.Programme.Groups = map[string]string{"x": "worst"} }, "programme.groups.x", "neither first nor best"},
	{func(s *loyalty.Spec) { s.Programme.Groups = map[string]string{"X": "best"} }, "programme.groups.X", "not a key"},
	{func(s *loyalty.Spec) {
		s.Programme.Groups, s.Rules[0].Group = map[string]string{"offers": "best"}, "ofers"
	}, "rules[0].group", "did you mean “offers”?"},
	{func(s *loyalty.Spec) {
		s.Programme.Groups, s.Rules[0].Group = map[string]string{"g": "best"}, "g"
		s.Rules = append(s.Rules, rule.Spec{Key: "x", Name: both("x", "x"), On: []string{"purchase"}, Multiply: "2", Group: "g"})
	}, "rules[2].group", "of awards or of multipliers"},
	{func(s *loyalty.Spec) { s.Rules[0].Schedule = []schedule.Spec{{Weekdays: []string{"sabato"}}} }, "rules[0].schedule[0].weekdays[0]", "not a weekday"},
	{func(s *loyalty.Spec) {
		s.Rules[0].Schedule = []schedule.Spec{{Months: []string{"june"}, Days: []int{31}}}
	}, "rules[0].schedule[0]", "never opens"},
	{func(s *loyalty.Spec) {
		s.Rules[0].Until, s.Rules[0].Schedule = "2026-04-30", []schedule.Spec{{Months: []string{"may"}}}
		s.Rules[0].From = "2026-01-01"
	}, "rules[0].schedule[0]", "never opens from"},
	{func(s *loyalty.Spec) { s.Rules[0].Award.Per = "1e9" }, "rules[0].award.per", "not an amount"},
	{func(s *loyalty.Spec) { s.Rules[0].Award.Per = "1.005" }, "rules[0].award.per", "EUR has at most 2"},
	{func(s *loyalty.Spec) { s.Rules[0].Award.Rounding = "half" }, "rules[0].award.rounding", "not a rounding"},
	{func(s *loyalty.Spec) { s.Rules[0].On = []string{"review"} }, "rules[0].on[0]", "carries no value"},
	{func(s *loyalty.Spec) { s.Rules[1].Award.Points = 1_000_001 }, "rules[1].award.points", "1 to 1,000,000"},
	{func(s *loyalty.Spec) { s.Rules[1].Award = &rule.AwardSpec{Expression: "1.5"} }, "rules[1].award.expression", "of type double"},
	{func(s *loyalty.Spec) { s.Rules[1].Award.Expression = "1" }, "rules[1].award", "nothing else"},
	{func(s *loyalty.Spec) { s.Rules[1].Award.Rounding = "up" }, "rules[1].award.rounding", "is “per” missing?"},
	{func(s *loyalty.Spec) { s.Rules[1].Award, s.Rules[1].Multiply = nil, "1" }, "rules[1].multiply", "above 1"},
	{func(s *loyalty.Spec) { s.Rules[1].Award, s.Rules[1].Multiply = nil, "100.5" }, "rules[1].multiply", "at most 100"},
	{func(s *loyalty.Spec) {
		s.Rules[1].Award, s.Rules[1].Multiply, s.Rules[1].Of = nil, "2", []string{"per-eur"}
	}, "rules[1].of[0]", "did you mean “per-euro”?"},
	{func(s *loyalty.Spec) {
		s.Rules[1].Award, s.Rules[1].Multiply, s.Rules[1].Of = nil, "2", []string{"welcome"}
	}, "rules[1].of[0]", "a multiplier itself"},
	{func(s *loyalty.Spec) {
		s.Rules[1].Award, s.Rules[1].Multiply, s.Rules[1].Of = nil, "2", []string{"per-euro"}
	}, "rules[1].of[0]", "listens to none"},
	{func(s *loyalty.Spec) { s.Rules[1].Expire = "0 days" }, "rules[1].expire", "length of time"},
	{func(s *loyalty.Spec) { s.Rules[1].From, s.Rules[1].Until = "2026-05-02", "2026-05-01" }, "rules[1].until", "ends before it begins"},
	{func(s *loyalty.Spec) { s.Rules[1].From = "2026-02-30" }, "rules[1].from", "neither a day"},
	{func(s *loyalty.Spec) { s.Missions[0].Target = 0 }, "missions[0].target", "1 to 1,000,000"},
	{func(s *loyalty.Spec) { s.Missions[0].Every = "months" }, "missions[0].every", "did you mean “month”?"},
	{func(s *loyalty.Spec) { s.Missions[0].Award = mission.AwardSpec{} }, "missions[0].award.points", "1 to 1,000,000"},
	{func(s *loyalty.Spec) { s.Missions[0].Mature.Text = "soon" }, "missions[0].mature", "length of time"},
	{func(s *loyalty.Spec) { s.Rewards[0].Kind = "Gift card" }, "rewards[0].kind", "lower-case"},
	{func(s *loyalty.Spec) { s.Rewards[0].Price = -1 }, "rewards[0].price", "not -1"},
	{func(s *loyalty.Spec) { *s.Rewards[0].Stock = -1 }, "rewards[0].stock", "not -1"},
	{func(s *loyalty.Spec) { s.Rewards[0].PerMember = -1 }, "rewards[0].per_member", "not -1"},
	{func(s *loyalty.Spec) { s.Rewards[0].Tier = "glod" }, "rewards[0].tier", "did you mean “gold”?"},
	{func(s *loyalty.Spec) { s.Rewards[0].When = "member.tier" }, "rewards[0].when", "of type string"},
	{func(s *loyalty.Spec) { s.Partners = []loyalty.PartnerSpec{{Key: "p", Name: " "}} }, "partners[0].name", "1 to 200"},
	{func(s *loyalty.Spec) {
		s.Partners = []loyalty.PartnerSpec{{Key: "p", Name: "P", Scopes: []string{"member:read"}}}
	}, "partners[0].scopes[0]", "did you mean “members:read”?"},
}

func TestMistakeIsToldAtItsPlace(t *testing.T) {
	for _, m := range mistakes {
		s := bakery()
		m.alter(s)
		p, problems := loyalty.Compile(s, loyalty.Identity{}, nil)
		if p != nil || len(problems) != 1 || problems[0].Path != m.path || !strings.Contains(problems[0].Message, m.says) {
			t.Errorf("%s, %q: told %v", m.path, m.says, problems)
		}
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	s := bakery()
	s.Programme.Currency, s.Tiers[1].At, s.Rules[0].On, s.Missions[0].Target = "euro", 1, []string{"x"}, 0
	s.Rewards[0].When = "member.count(\"purchase\") > 1 &&\n  member.teir == \"gold\""
	_, problems := loyalty.Compile(s, loyalty.Identity{}, nil)
	if len(problems) != 5 {
		t.Fatalf("%d problems: %v", len(problems), problems)
	}
	if last := problems[4]; last.Path != "rewards[0].when" || last.Line != 2 || last.Column != 9 || last.String() != "rewards[0].when (2:9): member has no “teir”: did you mean “tier”?" {
		t.Errorf("%s", last)
	}
}

func TestSpanOfDaysIsReadInTheProgrammesZone(t *testing.T) {
	s := bakery()
	s.Rules[0].From, s.Rules[0].Until = "2026-03-29", "2026-03-29" // clocks are put forward
	span := compiled(t, s).Rule("per-euro").Span
	if span.Until.Sub(span.From) != 23*time.Hour || !span.From.Equal(at("2026-03-29 00:00")) {
		t.Errorf("%+v", span)
	}
}
