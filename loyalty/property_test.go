package loyalty_test

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/mission"
	"granaio/loyalty/rule"
)

// plainRule is a rule as the naive model has it: what it needs of a purchase, and what it gives.
type plainRule struct {
	key       string
	cents     int64 // the purchase is of at least so much
	fixed     int64
	rate, per int64
	rounding  rule.Rounding
	factor    *big.Rat
	of        []string
	day       int // in force on the days from it on, of May 2026
}

func somePlainRules(t *rapid.T) []plainRule {
	var all []plainRule
	var keys []string
	for i := range rapid.IntRange(1, 6).Draw(t, "awards") {
		r := plainRule{key: fmt.Sprintf("award-%d", i), cents: rapid.Int64Range(0, 3000).Draw(t, "cents"), day: rapid.IntRange(1, 20).Draw(t, "day")}
		if rapid.Bool().Draw(t, "fixed") {
			r.fixed = rapid.Int64Range(1, 1000).Draw(t, "points")
		} else {
			r.rate, r.per = rapid.Int64Range(1, 50).Draw(t, "rate"), rapid.Int64Range(1, 1000).Draw(t, "per")
			r.rounding = rapid.SampledFrom(rule.Roundings).Draw(t, "rounding")
		}
		all, keys = append(all, r), append(keys, r.key)
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "multipliers") {
		r := plainRule{key: fmt.Sprintf("multiply-%d", i), cents: rapid.Int64Range(0, 3000).Draw(t, "cents"), day: 1}
		r.factor = big.NewRat(rapid.Int64Range(101, 1000).Draw(t, "factor"), 100)
		if rapid.Bool().Draw(t, "of some") {
			r.of = rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 1, len(keys), rapid.ID).Draw(t, "of")
		}
		all = append(all, r)
	}
	return all
}

func (r plainRule) spec() rule.Spec {
	s := rule.Spec{Key: r.key, Name: both("x", "x"), On: []string{"purchase"}, From: fmt.Sprintf("2026-05-%02d", r.day), When: fmt.Sprintf("event.value >= %d", r.cents)}
	switch {
	case r.factor != nil:
		s.Multiply, s.Of = r.factor.FloatString(2), r.of
	case r.fixed > 0:
		s.Award = &rule.AwardSpec{Points: fact.Points(r.fixed)}
	default:
		s.Award = &rule.AwardSpec{Points: fact.Points(r.rate), Per: big.NewRat(r.per, 100).FloatString(2), Rounding: r.rounding}
	}
	return s
}

// model is what a purchase gives, computed from rationals by someone who never saw the engine.
func model(rules []plainRule, day int, cents int64) map[string]fact.Points {
	gives := map[string]fact.Points{}
	inForce := func(r plainRule) bool { return day >= r.day && cents >= r.cents }
	for _, r := range rules {
		if r.factor != nil || !inForce(r) {
			continue
		}
		if gives[r.key] = fact.Points(r.fixed); r.per > 0 {
			gives[r.key] = rounded(big.NewRat(r.rate*cents, r.per), r.rounding)
		}
	}
	more := map[string]fact.Points{}
	for _, r := range rules {
		if r.factor == nil || !inForce(r) {
			continue
		}
		var base int64
		for _, a := range rules {
			if a.factor == nil && (slices.Contains(r.of, a.key) || len(r.of) == 0 && a.per > 0) {
				base += int64(gives[a.key])
			}
		}
		extra := new(big.Rat).Sub(r.factor, big.NewRat(1, 1))
		more[r.key] = rounded(extra.Mul(extra, big.NewRat(base, 1)), rule.Down)
	}
	for key, p := range more {
		gives[key] = p
	}
	for key, p := range gives {
		if p == 0 {
			delete(gives, key)
		}
	}
	return gives
}

func rounded(r *big.Rat, how rule.Rounding) fact.Points {
	whole := new(big.Int).Div(r.Num(), r.Denom())
	rest := new(big.Rat).Sub(r, new(big.Rat).SetInt(whole))
	against := rest.Cmp(big.NewRat(1, 2))
	if how == rule.Up && rest.Sign() > 0 || how == rule.HalfUp && against >= 0 || how == rule.HalfEven && (against > 0 || against == 0 && whole.Bit(0) == 1) {
		whole.Add(whole, big.NewInt(1))
	}
	return fact.Points(whole.Int64())
}

func TestDecideGivesWhatTheModelGives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := somePlainRules(t)
		spec := bakery()
		spec.Rules, spec.Missions = nil, []mission.Spec{{Key: "two-a-week", Name: both("x", "x"), On: []string{"purchase"}, Target: 2, Every: mission.Week, Award: mission.AwardSpec{Points: 1000}}}
		order := rapid.Permutation(rules).Draw(t, "order")
		for _, r := range order {
			spec.Rules = append(spec.Rules, r.spec())
		}
		p := compiled(t, spec)
		s := &loyalty.State{Member: loyalty.Member{ID: id(fact.KindMember, 1), Status: loyalty.Registered}, Account: ledger.Account{ID: id(fact.KindAccount, 1)}}
		weeks, balance := map[string]int{}, fact.Points(0)
		for n := range rapid.IntRange(1, 6).Draw(t, "purchases") {
			day, cents := rapid.IntRange(1, 28).Draw(t, "day"), rapid.Int64Range(0, 100_000).Draw(t, "cents")
			i := fact.Interaction{ID: id(fact.KindInteraction, n), Event: "purchase", Touchpoint: "app", Occurred: at(fmt.Sprintf("2026-05-%02d 12:00", day)), Value: &fact.Money{Minor: cents, Currency: p.Currency()}}
			e, refusal, err := loyalty.Decide(p, s, i, at("2026-06-01 00:00"))
			if refusal != nil || err != nil {
				t.Fatal(refusal, err)
			}
			want := model(rules, day, cents)
			_, week := i.Occurred.ISOWeek()
			if weeks[fmt.Sprint(week)]++; weeks[fmt.Sprint(week)] == 2 {
				want["two-a-week"] = 1000
			}
			if got := points(e); !reflect.DeepEqual(got, want) {
				t.Fatalf("on day %d for %d: %v, the model gives %v", day, cents, got, want)
			}
			for _, p := range want {
				balance += p
			}
			if e.State.Account.Available != balance || e.State.Doc.Qualifying.Sum != int64(balance) || e.State.Doc.Events["purchase"].Count != int64(n+1) {
				t.Fatalf("a balance of %d, not %d", e.State.Account.Available, balance)
			}
			s = e.State
		}
	})
}

// bought is a purchase of the history that the figures are checked against.
type bought struct {
	day   int // from 1 January 2026
	cents int64
}

func TestFiguresAgreeWithTheWholeHistory(t *testing.T) {
	windows := []string{"day", "week", "month", "year", "1d", "7d", "30d", "400d", "2026-03-05", "2025-12-01", "2026-09-30", "2027-06-01"}
	spec := bakery()
	spec.Programme.Starts = "2020-01-01"
	spec.Rules = nil
	for _, w := range windows {
		spec.Rules = append(spec.Rules,
			rule.Spec{Key: "count-" + w, Name: both("x", "x"), On: []string{"purchase"}, Award: &rule.AwardSpec{Expression: fmt.Sprintf("member.count(%q, %q)", "purchase", w)}},
			rule.Spec{Key: "sum-" + w, Name: both("x", "x"), On: []string{"purchase"}, Award: &rule.AwardSpec{Expression: fmt.Sprintf("member.sum(%q, %q)", "purchase", w)}})
	}
	spec.Missions = nil
	p := compiled(t, spec)
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	inside := func(w string, day, other time.Time) bool {
		switch w {
		case "day":
			return day.Equal(other)
		case "week":
			y, n := day.ISOWeek()
			oy, on := other.ISOWeek()
			return y == oy && n == on
		case "month":
			return day.Year() == other.Year() && day.Month() == other.Month()
		case "year":
			return day.Year() == other.Year()
		}
		if since, err := time.Parse(time.DateOnly, w); err == nil {
			return !day.Before(since) && !other.Before(since)
		}
		var n int
		fmt.Sscanf(w, "%dd", &n)
		back := int(day.Sub(other).Hours() / 24)
		return back >= 0 && back < n
	}
	rapid.Check(t, func(t *rapid.T) {
		s := &loyalty.State{Member: loyalty.Member{ID: id(fact.KindMember, 1), Status: loyalty.Registered}, Account: ledger.Account{ID: id(fact.KindAccount, 1)}}
		var history []bought
		for n := range rapid.IntRange(1, 12).Draw(t, "purchases") {
			b := bought{rapid.IntRange(0, 400).Draw(t, "day"), rapid.Int64Range(0, 9999).Draw(t, "cents")}
			history = append(history, b)
			day := first.AddDate(0, 0, b.day)
			i := fact.Interaction{ID: id(fact.KindInteraction, n), Event: "purchase", Touchpoint: "app", Occurred: day.Add(11 * time.Hour), Value: &fact.Money{Minor: b.cents, Currency: p.Currency()}}
			e, refusal, err := loyalty.Decide(p, s, i, at("2028-01-01 00:00"))
			if refusal != nil || err != nil {
				t.Fatal(refusal, err)
			}
			want := map[string]fact.Points{}
			for _, w := range windows {
				for _, h := range history {
					if inside(w, day, first.AddDate(0, 0, h.day)) {
						want["count-"+w]++
						want["sum-"+w] += fact.Points(h.cents)
					}
				}
				if want["sum-"+w] == 0 {
					delete(want, "sum-"+w)
				}
			}
			if got := points(e); !reflect.DeepEqual(got, want) {
				t.Fatalf("on %s of %v: %v, not %v", day, history, got, want)
			}
			s = e.State
		}
	})
}

// What was not marked when it happened is known all the same where totals or days tell it.
func TestFigureSinceADateThatIsNewlyAskedFor(t *testing.T) {
	for _, c := range []struct {
		kept  bool // by day
		since string
		want  fact.Points // count × 1000 + sum, on 11 May
	}{
		{false, "2026-05-01", 3033}, {false, "2026-05-04", 3033}, {false, "2026-05-05", 0}, {false, "2026-05-06", 0}, {false, "2026-05-07", 1011}, {false, "2026-05-12", 0},
		{true, "2026-05-05", 2022}, {true, "2026-05-06", 2022},
	} {
		spec := bakery()
		if c.kept {
			spec.Rewards[0].When = `member.count("purchase", "week") > 0`
		}
		before := meet(t, spec)
		before.buys("2026-05-04 10:00", 11)
		before.buys("2026-05-06 10:00", 11)
		spec.Rules = []rule.Spec{{Key: "since", Name: both("x", "x"), On: []string{"purchase"}, Award: &rule.AwardSpec{
			Expression: fmt.Sprintf(`1000 * member.count("purchase", %q) + member.sum("purchase", %q)`, c.since, c.since),
		}}}
		after := meet(t, spec)
		after.state = before.state
		if got := points(after.buys("2026-05-11 10:00", 11)); got["since"] != c.want {
			t.Errorf("since %s, kept by day %t: %d, not %d", c.since, c.kept, got["since"], c.want)
		}
	}
}

func TestWindowOverDaysThatAreNotKnownHoldsNothing(t *testing.T) {
	before := meet(t, bakery()) // no window in it: days are not kept
	before.buys("2026-05-04 10:00", 0)
	before.buys("2026-05-06 10:00", 0)
	spec := bakery()
	spec.Rules = []rule.Spec{
		{Key: "week", Name: both("x", "x"), On: []string{"purchase"}, When: `member.count("purchase", "week") <= 2`, Award: &rule.AwardSpec{Points: 1}},
		{Key: "not-week", Name: both("x", "x"), On: []string{"purchase"}, When: `!(member.count("purchase", "week") <= 2)`, Award: &rule.AwardSpec{Points: 1}},
	}
	after := meet(t, spec)
	after.state = before.state
	if got := points(after.buys("2026-05-07 10:00", 0)); got["week"] != 0 || got["not-week"] != 0 {
		t.Errorf("of the same week not all is known: %v", got)
	}
	if got := points(after.buys("2026-05-11 10:00", 0)); got["week"] != 1 {
		t.Errorf("of the next week all is known: %v", got)
	}
	if got := points(after.buys("2026-05-05 10:00", 0, "2026-05-12 00:00")); got["week"] != 0 {
		t.Errorf("late, of the week before: %v", got)
	}
}
