package loyalty_test

import (
	"reflect"
	"testing"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/mission"
	"granaio/loyalty/rule"
	"granaio/loyalty/why"
)

func TestAWholeReturnUndoesEverything(t *testing.T) {
	spec := bakery()
	spec.Rules = append(spec.Rules, rule.Spec{Key: "first", Name: both("Primo", "First"), On: []string{"purchase"}, When: `member.count("purchase") == 1`, Award: &rule.AwardSpec{Points: 30}})
	spec.Rewards[0].When = `member.sum("purchase", "30d") + member.sum("purchase", "2026-05-05") >= 0` // days and a mark are kept
	c := serve(t, spec)
	first := c.pays("2026-05-04 10:00", 5000)
	second := c.pays("2026-05-05 10:00", 7000)
	before := c.state
	if before.Member.Tier != "silver" || before.Account.Available != 150 {
		t.Fatalf("%+v", before)
	}
	e := c.returns(first, "2026-05-06 10:00", 0)
	if got := took(e); !reflect.DeepEqual(got, []string{"reverse_earn first 30", "reverse_earn per-euro 50"}) && !reflect.DeepEqual(got, []string{"reverse_earn per-euro 50", "reverse_earn first 30"}) {
		t.Errorf("taken are %v", got)
	}
	if v := e.Reversal; v.Value != 5000 || !v.Whole || v.Interaction != first || !reflect.DeepEqual(v.Undone.Missions, []string{"three-a-month"}) {
		t.Errorf("%+v", v)
	}
	if e.Tier == nil || *e.Tier != (loyalty.TierChange{From: "silver"}) || e.State.Member.Tier != "" || c.state.Account.Available != 70 {
		t.Errorf("%+v, %+v", e.Tier, e.State.Member)
	}
	if len(e.Progress) != 1 || e.Progress[0].Count != 1 || e.Progress[0].Period != "2026-05" {
		t.Errorf("%+v", e.Progress)
	}
	s := e.State.Doc.Events["purchase"]
	if s.Count != 1 || s.Sum != 7000 || !s.First.Equal(at("2026-05-05 10:00")) || !s.Last.Equal(s.First) || len(s.Days) != 1 || len(s.Marks) != 1 || s.Marks[0].Sum != 0 || s.Marks[0].Count != 0 {
		t.Errorf("%+v", s)
	}
	if q := e.State.Doc.Qualifying; q.Sum != 70 || q.Count != 1 {
		t.Errorf("%+v", q)
	}
	x := e.Movements[0].Reason
	if x.Interaction != first || x.Explanation.Source != why.SourceReturn || x.Explanation.Event != "purchase" || x.Explanation.Value != 5000 || x.Explanation.Of.IsZero() {
		t.Errorf("%+v", x)
	}
	if _, refusal := c.asks(first, loyalty.Return{}, "2026-05-07 10:00"); refusal == nil || refusal.Code != fact.CodeAlreadyReversed || refusal.Field != "interaction" {
		t.Errorf("again: %v", refusal)
	}
	if before.Account.Available != 150 || before.Doc.Events["purchase"].Count != 2 || before.Doc.Qualifying.Sum != 150 {
		t.Errorf("what was handed in has changed: %+v", before)
	}
	// The second purchase does not become the first; when it is gone too, the next is the first again.
	c.returns(second, "2026-05-07 10:00", 0)
	if s := c.state.Doc.Events["purchase"]; s.Count != 0 || s.Sum != 0 || !s.First.IsZero() || !s.Last.IsZero() || c.state.Account.Available != 0 {
		t.Errorf("%+v, %+v", s, c.state.Account)
	}
	if e := c.buys("2026-05-08 10:00", 100); points(e)["first"] != 30 {
		t.Errorf("%v", points(e))
	}
}

func TestAPartialReturnLeavesWhatIsEarnedByTheRest(t *testing.T) {
	perUnit := func(points fact.Points, per string, rounding rule.Rounding) *rule.AwardSpec {
		return &rule.AwardSpec{Points: points, Per: per, Rounding: rounding}
	}
	for _, x := range []struct {
		name  string
		rule  rule.Spec
		cents int64
		gives fact.Points
		back  []int64       // returned, one after another
		stay  []fact.Points // afterwards
	}{
		{"by amount, rounded down", rule.Spec{Award: perUnit(1, "1.00", rule.Down)}, 1250, 12, []int64{50, 1, 199, 1000}, []fact.Points{12, 11, 10, 0}},
		{"by amount, rounded up", rule.Spec{Award: perUnit(1, "1.00", rule.Up)}, 1250, 13, []int64{50, 1150, 49, 1}, []fact.Points{12, 1, 1, 0}},
		{"by amount, above a value", rule.Spec{When: "event.value >= 1000", Award: perUnit(1, "1.00", rule.Down)}, 1250, 12, []int64{250, 1}, []fact.Points{10, 0}},
		{"by amount, to some members above a value", rule.Spec{When: `event.value >= 1000 && member.count("purchase") > 0`, Award: perUnit(1, "1.00", rule.Down)}, 1250, 12, []int64{350, 900}, []fact.Points{9, 0}},
		{"a fixed number", rule.Spec{Award: &rule.AwardSpec{Points: 40}}, 1250, 40, []int64{1249, 1}, []fact.Points{40, 0}},
		{"a fixed number, above a value", rule.Spec{When: "event.value > 1000", Award: &rule.AwardSpec{Points: 40}}, 1250, 40, []int64{249, 1}, []fact.Points{40, 0}},
		{"a fixed number, for a member", rule.Spec{When: `member.count("purchase") == 1`, Award: &rule.AwardSpec{Points: 40}}, 1250, 40, []int64{1200}, []fact.Points{40}},
		{"an expression over the purchase", rule.Spec{Award: &rule.AwardSpec{Expression: "event.value > 1000 ? 100 : event.value / 100"}}, 1250, 100, []int64{250, 100, 900}, []fact.Points{10, 9, 0}},
		{"an expression that would give more", rule.Spec{Award: &rule.AwardSpec{Expression: "5000 - event.value"}}, 1250, 3750, []int64{250, 1000}, []fact.Points{3750, 0}},
		{"an expression over the member", rule.Spec{Award: &rule.AwardSpec{Expression: `10 * member.count("purchase")`}}, 1250, 10, []int64{1, 624, 624, 1}, []fact.Points{9, 5, 0, 0}},
		{"by bands", rule.Spec{Award: &rule.AwardSpec{Bands: []rule.BandSpec{{From: "5", Points: 20}, {From: "10", Points: 1, Per: "0.10"}}}}, 1250, 125, []int64{200, 100, 500}, []fact.Points{105, 20, 0}},
		{"kept", rule.Spec{OnReturn: fact.Keep, Award: perUnit(1, "1.00", rule.Down)}, 1250, 12, []int64{1200, 50}, []fact.Points{12, 12}},
		{"revoked", rule.Spec{OnReturn: fact.Revoke, Award: perUnit(1, "1.00", rule.Down)}, 1250, 12, []int64{1250}, []fact.Points{0}},
	} {
		t.Run(x.name, func(t *testing.T) {
			spec := bakery()
			x.rule.Key, x.rule.Name, x.rule.On = "x", both("x", "x"), []string{"purchase"}
			spec.Rules, spec.Missions = []rule.Spec{x.rule}, nil
			c := serve(t, spec)
			id := c.pays("2026-05-04 10:00", x.cents)
			if got := c.state.Account.Available; got != x.gives {
				t.Fatalf("it gives %d", got)
			}
			for i, cents := range x.back {
				c.returns(id, "2026-05-05 10:00", cents)
				if got := c.state.Account.Available; got != x.stay[i] || c.state.Doc.Qualifying.Sum != int64(got) {
					t.Errorf("after %v are returned, %d stay (%d qualify), not %d", x.back[:i+1], got, c.state.Doc.Qualifying.Sum, x.stay[i])
				}
			}
		})
	}
}

func TestAMultiplierFollowsWhatItMultiplied(t *testing.T) {
	spec := bakery()
	spec.Missions = nil
	spec.Rules = []rule.Spec{
		{Key: "a", Name: both("a", "a"), On: []string{"purchase"}, Award: &rule.AwardSpec{Points: 1, Per: "1.00"}},
		{Key: "b", Name: both("b", "b"), On: []string{"purchase"}, Award: &rule.AwardSpec{Points: 1, Per: "2.00"}, OnReturn: fact.Keep},
		{Key: "half-more", Name: both("m", "m"), On: []string{"purchase"}, Multiply: "1.5"},
		{Key: "large", Name: both("l", "l"), On: []string{"purchase"}, Multiply: "3", Of: []string{"a"}, When: "event.value >= 800"},
	}
	c := serve(t, spec)
	id := c.pays("2026-05-04 10:00", 1000) // a 10, b 5, half-more 7, large 20
	if got := c.state.Account.Available; got != 42 {
		t.Fatalf("it gives %d", got)
	}
	for _, x := range []struct {
		cents int64
		stay  fact.Points
	}{{150, 8 + 5 + 6 + 16}, {150, 7 + 5 + 6}, {700, 5}} {
		if c.returns(id, "2026-05-05 10:00", x.cents); c.state.Account.Available != x.stay {
			t.Errorf("%d stay, not %d", c.state.Account.Available, x.stay)
		}
	}
}

func TestAMissionIsHeldToItsObjective(t *testing.T) {
	c := serve(t, bakery())
	var bought []fact.ID
	for _, day := range []string{"04", "05", "06", "07"} {
		bought = append(bought, c.pays("2026-05-"+day+" 10:00", 0))
	}
	if got := c.state.Account.Available; got != 30 {
		t.Fatalf("available are %d", got)
	}
	if e := c.returns(bought[0], "2026-05-08 10:00", 0); len(e.Movements) != 0 || len(e.Progress) != 0 || e.State.Account.Available != 30 {
		t.Errorf("three are left: %v, %+v", took(e), e.Progress)
	}
	e := c.returns(bought[1], "2026-05-08 11:00", 0)
	if got := took(e); !reflect.DeepEqual(got, []string{"reverse_earn three-a-month 30"}) || c.state.Account.Available != 0 || c.state.Doc.Qualifying.Sum != 0 {
		t.Errorf("two are left: %v, %+v", got, c.state.Account)
	}
	if x := e.Movements[0].Reason; x.Explanation.Source != why.SourceRevocation || x.Explanation.Count != 2 || x.Explanation.Target != 3 || x.Explanation.Period != "2026-05" || x.Interaction != bought[1] {
		t.Errorf("%+v", x)
	}
	if len(e.Progress) != 1 || e.Progress[0].Count != 2 || !e.Progress[0].Completed.IsZero() {
		t.Errorf("%+v", e.Progress)
	}
	if c.pays("2026-05-09 10:00", 0); c.state.Account.Available != 30 {
		t.Errorf("completed again, %d are available", c.state.Account.Available)
	}
	if c.returns(bought[2], "2026-05-10 10:00", 0); c.state.Account.Available != 0 {
		t.Errorf("no longer completed again, %d are available", c.state.Account.Available)
	}
	// Nothing of it is left, and a late one begins anew.
	c.returns(bought[3], "2026-05-10 11:00", 0)
	c.pays("2026-04-30 10:00", 0, "2026-05-11 10:00")
	if got := c.p.ProgressOf(c.state, c.p.MissionByKey("three-a-month"), at("2026-04-30 10:00")); got.Count != 1 {
		t.Errorf("in April: %+v", got)
	}
	if got := c.p.ProgressOf(c.state, c.p.MissionByKey("three-a-month"), at("2026-05-30 10:00")); got.Count != 1 {
		t.Errorf("in May: %+v", got)
	}
}

func TestAMissionMayBeKept(t *testing.T) {
	spec := bakery()
	spec.Missions[0].OnReturn = fact.Keep
	c := serve(t, spec)
	var last fact.ID
	for range 3 {
		last = c.pays("2026-05-04 10:00", 0)
	}
	if e := c.returns(last, "2026-05-05 10:00", 0); len(e.Movements) != 0 || c.state.Account.Available != 30 {
		t.Errorf("%v", took(e))
	}
	if c.pays("2026-05-06 10:00", 0); c.state.Account.Available != 30 {
		t.Errorf("it is given twice: %d", c.state.Account.Available)
	}
}

func TestAPartThatNoLongerCountsIsNotCounted(t *testing.T) {
	spec := bakery()
	spec.Missions[0].When, spec.Missions[0].Target, spec.Missions[0].Every = "event.value >= 1000", 1, mission.Once
	c := serve(t, spec)
	id := c.pays("2026-05-04 10:00", 1500)
	if c.returns(id, "2026-05-05 10:00", 500); c.state.Account.Available != 40 {
		t.Errorf("10.00 are left: %d points", c.state.Account.Available)
	}
	if e := c.returns(id, "2026-05-05 10:00", 100); c.state.Account.Available != 9 || len(e.Progress) != 1 || e.Progress[0].Count != 0 {
		t.Errorf("9.00 are left: %d points, %+v", c.state.Account.Available, e.Progress)
	}
	if e := c.returns(id, "2026-05-05 10:00", 0); c.state.Account.Available != 0 || len(e.Progress) != 0 || c.state.Doc.Missions["three-a-month"].Count != 0 {
		t.Errorf("nothing is left: %d points, %+v", c.state.Account.Available, e.Progress)
	}
}

func TestLinesAreReturnedToTheCent(t *testing.T) {
	c := serve(t, bakery())
	i := c.interaction("purchase", "2026-05-04 10:00")
	i.Value = &fact.Money{Minor: 3500, Currency: c.p.Currency()}
	i.Lines = []fact.Line{{Reference: "bread", Quantity: 3, Amount: 1000}, {Reference: "cake", Quantity: 1, Amount: 2000}, {Reference: "bag", Quantity: 2, Amount: 0}}
	id := c.does(i)
	give := func(lines ...loyalty.ReturnedLine) (*loyalty.Effects, *fact.Refusal) {
		e, refusal := c.asks(id, loyalty.Return{Lines: append([]loyalty.ReturnedLine{}, lines...)}, "2026-05-05 10:00")
		if refusal == nil {
			c.reversals[id] = append(c.reversals[id], *e.Reversal)
			c.stores(e)
		}
		return e, refusal
	}
	for _, x := range []struct {
		lines []loyalty.ReturnedLine
		code  fact.Code
		field string
		value int64
		left  fact.Points
	}{
		{[]loyalty.ReturnedLine{{"bread", 1}}, "", "", 333, 31},
		{[]loyalty.ReturnedLine{{"bread", 3}}, fact.CodeMoreThanLeft, "lines.0.quantity", 0, 31},
		{[]loyalty.ReturnedLine{{"bread", 1}, {"bag", 2}}, "", "", 333, 28},
		{[]loyalty.ReturnedLine{{"bread", 1}, {"cake", 1}}, "", "", 2334, 5},
		{[]loyalty.ReturnedLine{{"bread", 1}}, fact.CodeMoreThanLeft, "lines.0.quantity", 0, 5},
		{[]loyalty.ReturnedLine{}, fact.CodeRequired, "lines", 0, 5},
		{[]loyalty.ReturnedLine{{"tea", 1}}, fact.CodeUnknownLine, "lines.0.reference", 0, 5},
		{[]loyalty.ReturnedLine{{"bag", 0}}, fact.CodeZero, "lines.0.quantity", 0, 5},
		{[]loyalty.ReturnedLine{{"bag", -1}}, fact.CodeNegative, "lines.0.quantity", 0, 5},
		{[]loyalty.ReturnedLine{{"bag", 1 << 40}}, fact.CodeTooLarge, "lines.0.quantity", 0, 5},
	} {
		e, refusal := give(x.lines...)
		switch {
		case x.code != "" && (refusal == nil || refusal.Code != x.code || refusal.Field != x.field):
			t.Errorf("%v: %+v", x.lines, refusal)
		case x.code == "" && (refusal != nil || e.Reversal.Value != x.value || e.Reversal.Whole || len(e.Reversal.Lines) != len(x.lines)):
			t.Errorf("%v: %+v", x.lines, refusal)
		}
		if c.state.Account.Available != x.left {
			t.Errorf("%v: %d are left", x.lines, c.state.Account.Available)
		}
	}
	if e := c.returns(id, "2026-05-06 10:00", 500); !e.Reversal.Whole || c.state.Account.Available != 0 || c.state.Doc.Events["purchase"].Count != 0 {
		t.Errorf("the rest: %+v", e.Reversal)
	}
}

func TestWhatCannotBeReturnedIsRefused(t *testing.T) {
	c := serve(t, bakery())
	id, free, vote := c.pays("2026-05-04 10:00", 1500), c.pays("2026-05-04 11:00", 0), c.does(c.interaction("idea.voted", "2026-05-04 12:00"))
	c.returns(id, "2026-05-04 13:00", 500)
	euros := func(cents int64) *fact.Money { return &fact.Money{Minor: cents, Currency: c.p.Currency()} }
	before := c.state
	for name, x := range map[string]struct {
		of    fact.ID
		r     loyalty.Return
		code  fact.Code
		field string
	}{
		"nothing":                    {id, loyalty.Return{Value: euros(0)}, fact.CodeZero, "value.amount"},
		"less than nothing":          {id, loyalty.Return{Value: euros(-1)}, fact.CodeNegative, "value.amount"},
		"more than is left":          {id, loyalty.Return{Value: euros(1001)}, fact.CodeMoreThanLeft, "value.amount"},
		"of a gift":                  {free, loyalty.Return{Value: euros(1)}, fact.CodeMoreThanLeft, "value.amount"},
		"of what has no value":       {vote, loyalty.Return{Value: euros(1)}, fact.CodeInvalid, "value"},
		"of another currency":        {id, loyalty.Return{Value: &fact.Money{Minor: 1, Currency: fact.Currency{Code: "USD", Digits: 2}}}, fact.CodeCurrencyMismatch, "value.currency"},
		"both ways":                  {id, loyalty.Return{Value: euros(1), Lines: []loyalty.ReturnedLine{{"x", 1}}}, fact.CodeInvalid, "lines"},
		"tomorrow":                   {id, loyalty.Return{Occurred: at("2026-05-06 10:00")}, fact.CodeInFuture, "occurredAt"},
		"before it was bought":       {id, loyalty.Return{Occurred: at("2026-05-04 09:59")}, fact.CodeInvalid, "occurredAt"},
		"with a note that is binary": {id, loyalty.Return{Note: "a\x00b"}, fact.CodeInvalid, "note"},
		"with a novel":               {id, loyalty.Return{Note: string(make([]byte, 501))}, fact.CodeTooLong, "note"},
	} {
		if _, refusal := c.asks(x.of, x.r, "2026-05-05 10:00"); refusal == nil || refusal.Code != x.code || refusal.Field != x.field {
			t.Errorf("%s: %+v", name, refusal)
		}
	}
	for range loyalty.MaxReversals - 1 {
		c.returns(id, "2026-05-05 10:00", 1)
	}
	if _, refusal := c.asks(id, loyalty.Return{Value: euros(1)}, "2026-05-05 10:00"); refusal == nil || refusal.Code != fact.CodeTooMany {
		t.Errorf("in over a hundred parts: %+v", refusal)
	}
	if c.returns(id, "2026-05-05 10:00", 0); c.state.Account.Available != 0 {
		t.Errorf("the rest leaves %d", c.state.Account.Available)
	}
	if before.Account.Available != 10 {
		t.Errorf("what was handed in has changed: %+v", before.Account)
	}
	s := meet(t, bakery())
	e, _, _ := loyalty.Enrol(s.p, loyalty.Enrolment{Member: id, Interaction: s.interaction("x", "2026-05-01 10:00").ID, Touchpoint: "app", Occurred: at("2026-05-01 10:00")}, at("2026-05-01 10:00"))
	past := &loyalty.Past{Interaction: fact.Interaction{Event: loyalty.EventEnrolled, Occurred: at("2026-05-01 10:00")}}
	if _, refusal, _ := loyalty.Reverse(s.p, s.p, e.State, past, loyalty.Return{Occurred: at("2026-05-02 10:00")}, id, at("2026-05-02 10:00")); refusal == nil || refusal.Code != fact.CodeNotReversible {
		t.Errorf("an enrolment: %+v", refusal)
	}
}

func TestPointsThatWereSpentAreTakenByPolicy(t *testing.T) {
	no := false
	for _, x := range []struct {
		name                      string
		policy                    loyalty.ReturnsSpec
		available, debt, forgiven fact.Points
	}{
		{"from others, then let go", loyalty.ReturnsSpec{}, 0, 0, 30},
		{"let go", loyalty.ReturnsSpec{OtherLots: &no}, 10, 0, 40},
		{"from others, then owed up to a bound", loyalty.ReturnsSpec{Debt: 25}, 0, 25, 5},
	} {
		t.Run(x.name, func(t *testing.T) {
			spec := bakery()
			spec.Programme.Points.Returns = x.policy
			c := serve(t, spec)
			id := c.pays("2026-05-04 10:00", 4000)
			w := c.p.RewardByKey("mug")
			spent, refusal, err := loyalty.Redeem(c.p, c.state, w.Definition, c.interaction("x", "2026-05-04 11:00").ID.As(fact.KindCommand), at("2026-05-04 11:00"))
			if refusal != nil || err != nil {
				t.Fatal(refusal, err)
			}
			c.stores(spent)
			c.pays("2026-05-05 10:00", 1000)
			e := c.returns(id, "2026-05-06 10:00", 0)
			if a := e.State.Account; a.Available != x.available || a.Debt != x.debt || e.Movements[0].Reason.Explanation.Forgiven != x.forgiven {
				t.Errorf("%+v, %+v", a, e.Movements[0].Reason.Explanation)
			}
			if e.State.Doc.Qualifying.Sum != 10 {
				t.Errorf("%d points qualify", e.State.Doc.Qualifying.Sum)
			}
			if c.pays("2026-05-07 10:00", 3000); c.state.Account.Available != x.available+30-x.debt || c.state.Account.Debt != 0 {
				t.Errorf("then 30 are earned: %+v", c.state.Account)
			}
		})
	}
	spec := bakery()
	spec.Programme.Points.Returns = loyalty.ReturnsSpec{OtherLots: &no, Debt: 10}
	if _, problems := loyalty.Compile(spec, loyalty.Identity{}, nil); len(problems) != 1 || problems[0].Path != "programme.points.returns.debt" {
		t.Errorf("a debt beside points: %v", problems)
	}
	spec.Programme.Points.Returns = loyalty.ReturnsSpec{Debt: -1}
	spec.Rules[0].OnReturn, spec.Missions[0].OnReturn = "revok", "x"
	if _, problems := loyalty.Compile(spec, loyalty.Identity{}, nil); len(problems) != 3 {
		t.Errorf("%v", problems)
	}
}

func TestATierFallsOnlyIfWhatIsReturnedHeldIt(t *testing.T) {
	for _, x := range []struct {
		name   string
		policy loyalty.TierPolicy
		buys   []string // 60 euros each
		back   int      // the one that is returned
		now    string
		tier   string
	}{
		{"what is left holds it", loyalty.TierPolicy{}, []string{"2026-02-01", "2026-03-01", "2026-04-01"}, 0, "2026-05-01", "silver"},
		{"what is left does not", loyalty.TierPolicy{}, []string{"2026-02-01", "2026-03-01"}, 1, "2026-05-01", ""},
		{"a year that is over held it", loyalty.TierPolicy{Period: "calendar_year"}, []string{"2026-02-01", "2026-03-01", "2027-01-03"}, 2, "2027-02-01", "silver"},
		{"in the year that held it", loyalty.TierPolicy{Period: "calendar_year"}, []string{"2026-02-01", "2026-03-01", "2027-01-03"}, 0, "2027-02-01", ""},
		{"a later year holds it too", loyalty.TierPolicy{Period: "calendar_year"}, []string{"2026-02-01", "2026-03-01", "2027-01-03", "2027-01-04"}, 0, "2027-02-01", "silver"},
		{"rolling, in the window that held it", loyalty.TierPolicy{Period: "rolling", RollingMonths: 3}, []string{"2026-02-01", "2026-03-01", "2026-12-03"}, 1, "2026-12-04", ""},
		{"rolling, after it", loyalty.TierPolicy{Period: "rolling", RollingMonths: 3}, []string{"2026-02-01", "2026-03-01", "2026-12-03"}, 2, "2026-12-04", "silver"},
		{"rolling, long forgotten", loyalty.TierPolicy{Period: "rolling", RollingMonths: 1}, []string{"2026-02-01", "2026-02-02", "2029-01-03"}, 2, "2029-01-04", "silver"},
	} {
		spec := bakery()
		spec.Programme.Tiers, spec.Missions = x.policy, nil
		c := serve(t, spec)
		var ids []fact.ID
		for _, day := range x.buys {
			ids = append(ids, c.pays(day+" 10:00", 6000))
		}
		if c.state.Member.Tier != "silver" {
			t.Fatalf("%s: %q", x.name, c.state.Member.Tier)
		}
		if e := c.returns(ids[x.back], x.now+" 10:00", 0); e.State.Member.Tier != x.tier || (e.Tier != nil) != (x.tier == "") {
			t.Errorf("%s: %q, %+v", x.name, e.State.Member.Tier, e.Tier)
		}
	}
}

func TestPersonasAreLookedAtAgain(t *testing.T) {
	c := serve(t, bakery())
	var ids []fact.ID
	for range 3 {
		ids = append(ids, c.pays("2026-05-04 10:00", 100))
	}
	if c.state.Member.Persona != "regular" {
		t.Fatalf("%+v", c.state.Member)
	}
	if e := c.returns(ids[0], "2026-05-05 10:00", 0); e.State.Member.Persona != "" || e.State.Doc.Affinities["regular"].Percent != 0 {
		t.Errorf("%+v, %+v", e.State.Member, e.State.Doc.Affinities)
	}
}

func TestASpendIsGivenBack(t *testing.T) {
	c := serve(t, bakery())
	c.pays("2026-05-04 10:00", 10000)
	mug := c.p.RewardByKey("mug")
	redeemed := c.stores(must(t)(loyalty.Redeem(c.p, c.state, mug.Definition, c.interaction("x", "2026-05-04 11:00").ID.As(fact.KindCommand), at("2026-05-04 11:00"))))
	back := func(points fact.Points, note string) (*loyalty.Effects, *fact.Refusal) {
		s := &loyalty.Spent{Movement: redeemed.Movements[0], Redemption: redeemed.Redemption, Limited: true}
		for _, m := range c.movements {
			if m.Reverses() == s.ID {
				s.Before = append(s.Before, m)
			}
		}
		r := loyalty.Refund{Occurred: at("2026-05-05 10:00"), Note: note}
		if points != 0 {
			r.Points = &points
		}
		c.state.Taken = map[fact.ID]int64{mug.Definition: 1}
		all, refusal, err := loyalty.GiveBack(c.p, c.state, s, r, c.interaction("x", "2026-05-05 10:00").ID.As(fact.KindCommand), at("2026-05-05 10:00"))
		if err != nil {
			t.Fatal(err)
		}
		if refusal != nil {
			return nil, refusal
		}
		c.stores(all[0])
		return all[0], nil
	}
	e, refusal := back(15, "")
	if refusal != nil || e.Cancelled != nil || e.State.Account.Available != 75 || e.State.Doc.Redeemed["mug"] != 1 || e.Movement != e.Movements[0].ID {
		t.Errorf("a part: %+v %v", e, refusal)
	}
	if x := e.Movements[0].Reason; e.Movements[0].Kind != ledger.ReverseSpend || x.Explanation.Key != "mug" || x.Revision != mug.Revision || e.Movements[0].Reverses() != redeemed.Movements[0].ID {
		t.Errorf("%+v", e.Movements[0])
	}
	for _, x := range []struct {
		points fact.Points
		note   string
		code   fact.Code
		field  string
	}{{26, "", fact.CodeMoreThanSpent, "points"}, {-1, "", fact.CodeNegative, "points"}, {1, "a\x00b", fact.CodeInvalid, "note"}} {
		if _, refusal := back(x.points, x.note); refusal == nil || refusal.Code != x.code || refusal.Field != x.field {
			t.Errorf("%+v: %+v", x, refusal)
		}
	}
	if e, refusal = back(0, "broken"); refusal != nil || e.Cancelled == nil || e.State.Account.Available != 100 || e.State.Doc.Redeemed["mug"] != 0 || e.State.Taken[mug.Definition] != 0 {
		t.Errorf("the rest: %+v %v", e, refusal)
	}
	if _, refusal = back(0, ""); refusal == nil || refusal.Code != fact.CodeAlreadyReversed || refusal.Field != "movement" {
		t.Errorf("again: %+v", refusal)
	}
	for code, kind := range map[fact.Code]ledger.Kind{fact.CodeReversalOfReversal: ledger.ReverseSpend, fact.CodeNotReversible: ledger.Earn} {
		for _, m := range c.movements {
			if m.Kind != kind {
				continue
			}
			_, refusal, _ := loyalty.GiveBack(c.p, c.state, &loyalty.Spent{Movement: m}, loyalty.Refund{Occurred: at("2026-05-05 10:00")}, m.ID, at("2026-05-05 10:00"))
			if refusal == nil || refusal.Code != code || refusal.Field != "movement" {
				t.Errorf("%s: %+v", kind, refusal)
			}
			break
		}
	}
}

func must(t *testing.T) func(*loyalty.Effects, *fact.Refusal, error) *loyalty.Effects {
	return func(e *loyalty.Effects, refusal *fact.Refusal, err error) *loyalty.Effects {
		t.Helper()
		if refusal != nil || err != nil {
			t.Fatal(refusal, err)
		}
		return e
	}
}
