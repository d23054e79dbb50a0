package rule_test

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/rule"
	"granaio/loyalty/schedule"
	"granaio/loyalty/why"
)

var setting = fact.Setting{Zone: time.UTC, Languages: []string{"en"}}

func compile(t interface{ Fatal(...any) }, specs ...rule.Spec) []*rule.Rule {
	currency, err := fact.CurrencyOf("EUR")
	if err != nil {
		t.Fatal(err)
	}
	r := fact.NewReport()
	l := expr.NewLanguage(expr.Vocabulary{Events: map[string]map[string]expr.Type{"purchase": {"items": expr.Int}}})
	for i := range specs {
		specs[i].Name, specs[i].On = fact.Text{"en": "x"}, []string{"purchase"}
	}
	rules := rule.Compile(specs, nil, setting, l, currency, r)
	if len(r.Problems()) > 0 {
		t.Fatal(r.Problems())
	}
	return rules
}

func euros(minor int64) *fact.Money {
	return &fact.Money{Minor: minor, Currency: fact.Currency{Code: "EUR", Digits: 2}}
}

func TestPointsPerAmountAreRoundedAsStated(t *testing.T) {
	for _, c := range []struct {
		points   fact.Points
		per      string
		rounding rule.Rounding
		value    int64
		want     fact.Points
	}{
		{1, "1.00", "", 1299, 12}, {1, "1.00", rule.Down, 99, 0}, {1, "1.00", rule.Up, 1, 1}, {1, "1.00", rule.Up, 100, 1}, {1, "1.00", rule.Up, 0, 0},
		{1, "1.00", rule.HalfUp, 149, 1}, {1, "1.00", rule.HalfUp, 150, 2}, {1, "1.00", rule.HalfUp, 250, 3},
		{1, "1.00", rule.HalfEven, 50, 0}, {1, "1.00", rule.HalfEven, 150, 2}, {1, "1.00", rule.HalfEven, 250, 2}, {1, "1.00", rule.HalfEven, 251, 3},
		{3, "0.50", rule.Down, 99, 5}, {1, "10", rule.Down, 9999, 9}, {2, "0.03", rule.HalfUp, 1, 1}, {1_000_000, "0.01", rule.Down, 9007199254, 9007199254000000},
	} {
		r := compile(t, rule.Spec{Key: "x", Award: &rule.AwardSpec{Points: c.points, Per: c.per, Rounding: c.rounding}})[0]
		if got, obstacle := r.Award.Grant(nil, euros(c.value)); got.Points != c.want || (obstacle == why.Nothing) != (c.want == 0) {
			t.Errorf("%d per %s, %s, of %d: %d, not %d", c.points, c.per, c.rounding, c.value, got.Points, c.want)
		}
	}
	r := compile(t, rule.Spec{Key: "x", Award: &rule.AwardSpec{Points: 1_000_000, Per: "0.01"}})[0]
	if got, obstacle := r.Award.Grant(nil, euros(fact.MaxMinor)); obstacle != why.TooMuch {
		t.Errorf("beyond all bounds: %d", got.Points)
	}
	if got, obstacle := r.Award.Grant(nil, nil); obstacle != why.Nothing {
		t.Errorf("without a value: %d", got.Points)
	}
}

func TestAnAwardTellsHowMuchIsShortOfAPoint(t *testing.T) {
	for _, c := range []struct {
		award  rule.AwardSpec
		shorts map[int64]int64
	}{
		{rule.AwardSpec{Points: 1, Per: "10.00"}, map[int64]int64{0: 1000, 999: 1, 1000: 0}},
		{rule.AwardSpec{Points: 3, Per: "10.00"}, map[int64]int64{0: 334}},
		{rule.AwardSpec{Points: 1, Per: "10.00", Rounding: rule.Up}, map[int64]int64{0: 1}},
		{rule.AwardSpec{Points: 1, Per: "10.00", Rounding: rule.HalfUp}, map[int64]int64{0: 500, 499: 1}},
		{rule.AwardSpec{Points: 1, Per: "10.00", Rounding: rule.HalfEven}, map[int64]int64{0: 501}},
		{rule.AwardSpec{Bands: []rule.BandSpec{{From: "5.00", Points: 1, Per: "100.00"}, {From: "20.00", Points: 7}}}, map[int64]int64{0: 2000, 1990: 10}},
		{rule.AwardSpec{Bands: []rule.BandSpec{{From: "5.00", Points: 1, Per: "10.00"}, {From: "20.00", Points: 7}}}, map[int64]int64{0: 1000}},
		{rule.AwardSpec{Points: 5}, map[int64]int64{0: 0}},
	} {
		a := compile(t, rule.Spec{Key: "x", Award: &c.award})[0].Award
		for value, want := range c.shorts {
			got := a.Short(euros(value))
			if got != want {
				t.Errorf("%+v: of %d it is %d short, not %d", c.award, value, got, want)
			}
			if _, obstacle := a.Grant(nil, euros(value+got)); obstacle != "" {
				t.Errorf("%+v: %d more than %d gives nothing", c.award, got, value)
			}
		}
		if a.Short(nil) != 0 {
			t.Error("something is short of what has no value")
		}
	}
}

func TestBandGivesWhatItSaysForTheWholeAmount(t *testing.T) {
	r := compile(t, rule.Spec{Key: "x", Award: &rule.AwardSpec{Bands: []rule.BandSpec{
		{From: "5", Points: 5}, {From: "20.00", Points: 1, Per: "1.00"}, {From: "50.00", Points: 2, Per: "1.00", Rounding: rule.Up},
	}}})[0]
	for value, want := range map[int64]rule.Grant{
		0: {}, 499: {}, 500: {Points: 5, Band: rule.Band{500, rule.Yield{Fixed: 5}}}, 1999: {Points: 5, Band: rule.Band{500, rule.Yield{Fixed: 5}}},
		2000: {Points: 20, Band: rule.Band{2000, rule.Yield{Rate: 1, Per: 100, Rounding: rule.Down}}}, 4999: {Points: 49, Band: rule.Band{2000, rule.Yield{Rate: 1, Per: 100, Rounding: rule.Down}}},
		5001: {Points: 101, Band: rule.Band{5000, rule.Yield{Rate: 2, Per: 100, Rounding: rule.Up}}},
	} {
		if got, obstacle := r.Award.Grant(nil, euros(value)); got != want || (obstacle == "") != (want.Points > 0) {
			t.Errorf("%d gives %+v, not %+v", value, got, want)
		}
	}
	if got, _ := r.Award.Grant(nil, nil); got.Points != 0 || !r.Award.ByAmount() {
		t.Errorf("without a value: %+v", got)
	}
}

func TestPointsPerAmountAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points, per := rapid.Int64Range(1, 1_000_000).Draw(t, "points"), rapid.Int64Range(1, 1_000_000).Draw(t, "per")
		value := rapid.Int64Range(0, fact.MaxMinor).Draw(t, "value")
		rounding := rapid.SampledFrom(rule.Roundings).Draw(t, "rounding")
		r := compile(t, rule.Spec{Key: "x", Award: &rule.AwardSpec{Points: fact.Points(points), Per: big.NewRat(per, 100).FloatString(2), Rounding: rounding}})[0]
		whole, rest := new(big.Int).QuoRem(new(big.Int).Mul(big.NewInt(points), big.NewInt(value)), big.NewInt(per), new(big.Int))
		against := new(big.Int).Lsh(rest, 1).Cmp(big.NewInt(per))
		if rounding == rule.Up && rest.Sign() > 0 || rounding == rule.HalfUp && against >= 0 || rounding == rule.HalfEven && (against > 0 || against == 0 && whole.Bit(0) == 1) {
			whole.Add(whole, big.NewInt(1))
		}
		within := whole.Cmp(big.NewInt(int64(fact.MaxPoints))) <= 0
		if got, obstacle := r.Award.Grant(nil, euros(value)); (obstacle != why.TooMuch) != within || within && int64(got.Points) != whole.Int64() {
			t.Fatalf("%d per %d of %d, %s: %d %s, not %s", points, per, value, rounding, got.Points, obstacle, whole)
		}
	})
}

func TestMultiplierAddsWhatItsFactorIsAboveOne(t *testing.T) {
	for _, c := range []struct {
		factor string
		base   fact.Points
		want   fact.Points
	}{{"2", 15, 15}, {"1.5", 15, 7}, {"1.1", 10, 1}, {"1.1", 9, 0}, {"100", 3, 297}, {"1.000001", 999_999, 0}, {"1.000001", 1_000_000, 1}} {
		r := compile(t, rule.Spec{Key: "x", Multiply: c.factor})[0]
		if got, obstacle := r.Multiplier.Grant(c.base); got != c.want || (obstacle == why.Nothing) != (c.want == 0) {
			t.Errorf("×%s on %d adds %d, not %d", c.factor, c.base, got, c.want)
		}
	}
	if got, obstacle := compile(t, rule.Spec{Key: "x", Multiply: "100"})[0].Multiplier.Grant(fact.MaxPoints); obstacle != why.TooMuch {
		t.Errorf("beyond all bounds: %d", got)
	}
}

func TestMultiplierTakesTheNamedRulesOrThoseWithAnAmount(t *testing.T) {
	rules := compile(t, rule.Spec{Key: "a", Award: &rule.AwardSpec{Points: 1, Per: "1"}}, rule.Spec{Key: "b", Award: &rule.AwardSpec{Points: 1}},
		rule.Spec{Key: "c", Multiply: "2"}, rule.Spec{Key: "d", Multiply: "2", Of: []string{"b"}}, rule.Spec{Key: "e", Award: &rule.AwardSpec{Bands: []rule.BandSpec{{From: "0", Points: 1}}}})
	a, b, c, d := rules[0], rules[1], rules[2].Multiplier, rules[3].Multiplier
	if !c.Takes(a) || !c.Takes(rules[4]) || c.Takes(b) || d.Takes(a) || !d.Takes(b) {
		t.Error("the base is another")
	}
}

func TestRuleOpensInItsSpanByItsSchedule(t *testing.T) {
	r := compile(t, rule.Spec{Key: "x", Award: &rule.AwardSpec{Points: 1}, From: "2026-05-10", Until: "2026-05-31", Schedule: []schedule.Spec{{Weekdays: []string{"saturday"}}}})[0]
	for _, c := range []struct {
		at, opens string // days
	}{{"2026-05-01", "2026-05-16"}, {"2026-05-09", "2026-05-16"}, {"2026-05-16", "2026-05-16"}, {"2026-05-17", "2026-05-23"}, {"2026-05-31", ""}} {
		at, _ := time.Parse(time.DateOnly, c.at)
		opens, ok := r.Opens(at)
		if ok != (c.opens != "") || ok && opens.Format(time.DateOnly) != c.opens || r.Open(at) != (c.at == c.opens) {
			t.Errorf("on %s it is open: %t, and opens on %s, %t", c.at, r.Open(at), opens, ok)
		}
	}
}

func TestRulesComeByPriorityThenByKey(t *testing.T) {
	award := &rule.AwardSpec{Points: 1}
	var keys []string
	for _, r := range compile(t, rule.Spec{Key: "b", Award: award}, rule.Spec{Key: "z", Award: award, Priority: 5}, rule.Spec{Key: "a", Award: award}, rule.Spec{Key: "last", Award: award, Priority: -1}) {
		keys = append(keys, r.Key)
	}
	if !slices.Equal(keys, []string{"z", "a", "b", "last"}) {
		t.Errorf("%v", keys)
	}
}
