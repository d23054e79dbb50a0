package loyalty_test

import (
	"reflect"
	"testing"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// operated does an operation on the member, whose state it then has.
func (s *someone) operated(t *testing.T, n int, when string, op loyalty.Operation) *loyalty.Effects {
	t.Helper()
	all, refusal, err := loyalty.Operate(s.p, op, id(fact.KindCommand, n), at(when), s.state)
	if refusal != nil || err != nil {
		t.Fatal(refusal, err)
	}
	s.state = all[0].State
	return all[0]
}

func TestAnAdjustmentAgesAsTheProgrammeSaysAndCountsTowardsNoTier(t *testing.T) {
	spec := bakery()
	spec.Programme.Points.Expire = "1 month"
	s := meet(t, spec)
	tier, qualifying := s.state.Member.Tier, s.state.Doc.Qualifying.Sum
	e := s.operated(t, 900, "2026-05-05 10:00", loyalty.Adjust{Points: 1000, Reason: "x"})
	if l := e.Lots[0]; l.Amount != 1000 || !l.Expires.Equal(at("2026-06-06 00:00")) || l.Contributor != s.state.Member.ID {
		t.Errorf("%+v", l)
	}
	if m := s.state.Member; m.Tier != tier || s.state.Doc.Qualifying.Sum != qualifying {
		t.Errorf("the tier is now %q, with %d", m.Tier, s.state.Doc.Qualifying.Sum)
	}
	e = s.operated(t, 901, "2026-05-05 10:00", loyalty.Adjust{Points: 1, Reason: "x", ExpireAfter: "2 days"})
	if l := e.Lots[0]; !l.Expires.Equal(at("2026-05-08 00:00")) {
		t.Errorf("%+v", l)
	}
}

func TestAnOperationLeavesTheStateAloneAndNamesItsOwnMovement(t *testing.T) {
	s := meet(t, bakery())
	s.operated(t, 900, "2026-05-05 10:00", loyalty.Adjust{Points: 100, Reason: "x"})
	s.operated(t, 901, "2026-05-05 10:00", loyalty.Hold{Points: 40, ExpiresIn: time.Minute})
	before := *s.state
	was := s.state
	e := s.operated(t, 902, "2026-05-05 10:01", loyalty.Hold{Points: 70, ExpiresIn: time.Minute}) // needs what has lapsed
	if !reflect.DeepEqual(*was, before) {
		t.Error("the state that was handed in has changed")
	}
	if len(e.Movements) != 2 || e.Movements[0].Kind != ledger.Release || e.Movement != e.Movements[1].ID || e.Movements[1].Kind != ledger.Hold {
		t.Errorf("%+v", e.Movements)
	}
	if h := s.state.Holds; len(h) != 1 || h[0].ID != e.Movement.As(fact.KindHold) || h[0].Points != 70 {
		t.Errorf("the open holds are %+v", h)
	}
	again, _, err := loyalty.Operate(s.p, loyalty.Hold{Points: 70, ExpiresIn: time.Minute}, id(fact.KindCommand, 902), at("2026-05-05 10:01"), was)
	if err != nil || !reflect.DeepEqual(again[0], e) {
		t.Errorf("decided again it is another: %v", err)
	}
}

func TestWhoIsSuspendedHoldsNothingAndIsStillPutRight(t *testing.T) {
	s := meet(t, bakery())
	s.operated(t, 900, "2026-05-05 10:00", loyalty.Adjust{Points: 100, Reason: "x"})
	hold := s.operated(t, 901, "2026-05-05 10:00", loyalty.Hold{Points: 40, ExpiresIn: time.Hour}).Holds[0].ID
	all := []loyalty.Operation{
		loyalty.Hold{Points: 1, ExpiresIn: time.Minute}, loyalty.Adjust{Points: -1, Reason: "x"}, loyalty.Release{Hold: hold}, loyalty.Capture{Hold: hold},
	}
	for status, codes := range map[loyalty.Status][]fact.Code{
		loyalty.Registered: {"", "", "", ""}, loyalty.Suspended: {fact.CodeMemberSuspended, "", "", ""},
		loyalty.Erased: {fact.CodeMemberErased, fact.CodeMemberErased, fact.CodeMemberErased, fact.CodeMemberErased},
	} {
		s.state.Member.Status = status
		for i, op := range all {
			_, refusal, err := loyalty.Operate(s.p, op, id(fact.KindCommand, 910+i), at("2026-05-05 10:00"), s.state)
			if err != nil || (refusal == nil) != (codes[i] == "") || refusal != nil && refusal.Code != codes[i] {
				t.Errorf("%s by one who is %s: %v %v", op.Name(), status, refusal, err)
			}
		}
	}
}

func TestARefusalSaysWhichFieldIsWrong(t *testing.T) {
	s := meet(t, bakery())
	for _, c := range []struct {
		op    loyalty.Operation
		code  fact.Code
		field string
	}{
		{loyalty.Hold{Points: fact.MaxPoints + 1, ExpiresIn: time.Hour}, fact.CodeTooLarge, "points"},
		{loyalty.Hold{Points: -1, ExpiresIn: time.Hour}, fact.CodeNegative, "points"},
		{loyalty.Hold{Points: 1, ExpiresIn: -time.Hour}, fact.CodeInvalid, "expiresIn"},
		{loyalty.Release{Hold: id(fact.KindHold, 77)}, fact.CodeUnknownHold, "hold"},
		{loyalty.Hold{Points: 1, ExpiresIn: loyalty.MaxHold + time.Second}, fact.CodeInvalid, "expiresIn"},
		{loyalty.Adjust{Points: -10000, Reason: "x"}, fact.CodeInsufficientPoints, "points"},
		{loyalty.Adjust{Points: -s.state.Account.Available - 1, Reason: "x"}, fact.CodeInsufficientPoints, "points"},
	} {
		effects, refusal, err := loyalty.Operate(s.p, c.op, id(fact.KindCommand, 900), at("2026-05-05 10:00"), s.state)
		if effects != nil || err != nil || refusal == nil || refusal.Code != c.code || refusal.Field != c.field {
			t.Errorf("%+v: %+v %v", c.op, refusal, err)
		}
	}
}
