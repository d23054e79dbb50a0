package loyalty_test

import (
	"testing"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

func TestRedeemTakesThePriceAndAPiece(t *testing.T) {
	s := meet(t, bakery())
	s.buys("2026-05-04 10:00", 10000)
	mug := s.p.RewardByKey("mug")
	e, refusal, err := loyalty.Redeem(s.p, s.state, mug.Definition, id(fact.KindCommand, 900), at("2026-05-05 10:00"))
	if refusal != nil || err != nil {
		t.Fatal(refusal, err)
	}
	m, r := e.Movements[0], e.Redemption
	if m.Kind != ledger.Spend || m.Points != 40 || e.State.Account.Available != 60 || m.Reason.Explanation.Source != why.SourceReward || m.Reason.Explanation.Price != 40 {
		t.Errorf("%+v, then %+v", m, e.State.Account)
	}
	if r.ID != id(fact.KindRedemption, 900) || r.Reward != mug.Definition || r.Revision != mug.Revision || r.Movement != m.ID || r.Points != 40 {
		t.Errorf("%+v", r)
	}
	if e.State.Taken[mug.Definition] != 1 || e.State.Doc.Redeemed["mug"] != 1 || len(s.state.Doc.Redeemed) != 0 || len(s.state.Taken) != 0 {
		t.Errorf("taken %v, redeemed %v", e.State.Taken, e.State.Doc.Redeemed)
	}
	if e.State.Doc.Qualifying.Sum != 100 {
		t.Errorf("spending changes the qualifying points to %d", e.State.Doc.Qualifying.Sum)
	}
}

func TestRewardThatCannotBeHadSaysWhy(t *testing.T) {
	for _, c := range []struct {
		name    string
		alter   func(spec *loyalty.Spec, s *loyalty.State)
		code    fact.Code
		missing fact.Points
	}{
		{"available", func(*loyalty.Spec, *loyalty.State) {}, "", 0},
		{"points", func(spec *loyalty.Spec, _ *loyalty.State) { spec.Rewards[0].Price = 130 }, fact.CodeInsufficientPoints, 30},
		{"not yet", func(spec *loyalty.Spec, _ *loyalty.State) { spec.Rewards[0].From = "2026-05-06" }, fact.CodeNotYetAvailable, 0},
		{"no longer", func(spec *loyalty.Spec, _ *loyalty.State) { spec.Rewards[0].Until = "2026-05-04" }, fact.CodeNoLongerAvailable, 0},
		{"tier", func(spec *loyalty.Spec, _ *loyalty.State) { spec.Rewards[0].Tier = "gold" }, fact.CodeTierTooLow, 0},
		{"tier it has", func(spec *loyalty.Spec, _ *loyalty.State) { spec.Rewards[0].Tier = "silver" }, "", 0},
		{"condition", func(spec *loyalty.Spec, _ *loyalty.State) { spec.Rewards[0].When = `member.attributes.diet == "vegan"` }, fact.CodeNotEligible, 0},
		{"window", func(spec *loyalty.Spec, _ *loyalty.State) {
			spec.Rewards[0].When = `member.count("purchase", "2d") == 1`
		}, "", 0},
		{"window before", func(spec *loyalty.Spec, _ *loyalty.State) {
			spec.Rewards[0].When = `member.count("purchase", "day") == 1`
		}, fact.CodeNotEligible, 0},
		{"limit", func(_ *loyalty.Spec, s *loyalty.State) { s.Doc.Redeemed = map[string]int64{"mug": 1} }, fact.CodeLimitReached, 0},
		{"suspended", func(_ *loyalty.Spec, s *loyalty.State) { s.Member.Status = loyalty.Suspended }, fact.CodeMemberSuspended, 0},
		{"dearer in another tier", func(spec *loyalty.Spec, _ *loyalty.State) { spec.Rewards[0].Tier, spec.Rewards[0].Price = "gold", 101 }, fact.CodeTierTooLow, 1},
	} {
		spec, scratch := bakery(), &loyalty.State{}
		c.alter(spec, scratch)
		s := meet(t, spec)
		s.buys("2026-05-04 10:00", 10000)
		c.alter(spec, s.state)
		mug := s.p.RewardByKey("mug")
		now := at("2026-05-05 10:00")
		a := s.p.Availability(s.state, mug, now)
		if a.Available != (c.code == "") || a.MissingPoints != c.missing || a.Reason != nil && a.Reason.Code != c.code {
			t.Errorf("%s: %+v (%v), not %q", c.name, a, a.Reason, c.code)
		}
		_, refusal, err := loyalty.Redeem(s.p, s.state, mug.Definition, id(fact.KindCommand, 900), now)
		if err != nil || (refusal == nil) != a.Available || refusal != nil && *refusal != *a.Reason {
			t.Errorf("%s: redeeming answers %v %v, the catalogue %v", c.name, refusal, err, a.Reason)
		}
	}
}

func TestStockEndsWithItsLastPiece(t *testing.T) {
	s := meet(t, bakery())
	s.buys("2026-05-04 10:00", 10000)
	mug := s.p.RewardByKey("mug")
	for taken, available := range map[int64]bool{0: true, 1: true, 2: false, 3: false} {
		s.state.Taken = map[fact.ID]int64{mug.Definition: taken}
		if a := s.p.Availability(s.state, mug, at("2026-05-05 10:00")); a.Available != available || !available && a.Reason.Code != fact.CodeOutOfStock {
			t.Errorf("%d taken of 2: %+v", taken, a.Reason)
		}
	}
}

func TestExpiredPointsBuyNothing(t *testing.T) {
	s := meet(t, bakery())
	s.buys("2026-05-04 10:00", 10000)
	mug, now := s.p.RewardByKey("mug"), at("2027-05-05 00:00")
	if a := s.p.Availability(s.state, mug, now); a.Available || a.MissingPoints != 40 {
		t.Errorf("%+v", a)
	}
	if _, refusal, _ := loyalty.Redeem(s.p, s.state, mug.Definition, id(fact.KindCommand, 900), now); refusal == nil || refusal.Code != fact.CodeInsufficientPoints {
		t.Errorf("%+v", refusal)
	}
}

func TestUnknownRewardIsRefused(t *testing.T) {
	s := meet(t, bakery())
	for _, reward := range []fact.ID{{}, id(fact.KindReward, 999)} {
		if _, refusal, _ := loyalty.Redeem(s.p, s.state, reward, id(fact.KindCommand, 900), at("2026-05-05 10:00")); refusal == nil || refusal.Code != fact.CodeUnknownReward {
			t.Errorf("%s: %+v", reward, refusal)
		}
	}
}

func TestMissingLotsAreAFaultAndNoRefusal(t *testing.T) {
	s := meet(t, bakery())
	s.buys("2026-05-04 10:00", 10000)
	s.state.Lots = nil
	if e, refusal, err := loyalty.Redeem(s.p, s.state, s.p.RewardByKey("mug").Definition, id(fact.KindCommand, 900), at("2026-05-05 10:00")); e != nil || refusal != nil || err == nil {
		t.Errorf("%v %v %v", e, refusal, err)
	}
	if _, refusal, err := loyalty.Decide(s.p, s.state, purchase(s, "2026-05-05 10:00", 100), at("2026-05-05 10:00")); refusal != nil || err != nil {
		t.Errorf("earning needs no lots while nothing is due: %v %v", refusal, err)
	}
}
