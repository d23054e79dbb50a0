package loyalty_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/rule"
	"granaio/loyalty/why"
)

// shipping is the bakery with orders: points of purchases wait until the order is delivered.
func shipping() *loyalty.Spec {
	spec := bakery()
	spec.Programme.Events["purchase"].Properties["order"] = "string"
	spec.Programme.Events["order.delivered"] = loyalty.EventSpec{Name: both("consegna", "delivery"), Properties: map[string]string{"order": "string", "boxes": "double"}}
	spec.Rules[0].Mature = fact.MatureSpec{On: "order.delivered", Same: "order", Within: "60 days"}
	return spec
}

func TestMistakesAboutAgeingAreToldAtTheirPlace(t *testing.T) {
	mature := func(m fact.MatureSpec) func(*loyalty.Spec) { return func(s *loyalty.Spec) { s.Rules[0].Mature = m } }
	no := false
	for _, m := range []struct {
		alter      func(*loyalty.Spec)
		path, says string
	}{
		{func(s *loyalty.Spec) { s.Programme.Points.Expire = "31 Dezember" }, "programme.points.expire", "did you mean “December”?"},
		{func(s *loyalty.Spec) { s.Programme.Points.Expire = "2025-12-31" }, "programme.points.expire", "before the programme begins"},
		{func(s *loyalty.Spec) { s.Programme.Points.Warn = "soon" }, "programme.points.warn", "length of time"},
		{func(s *loyalty.Spec) { s.Programme.Points.Expire, s.Programme.Points.Warn = "never", "30 days" }, "programme.points.warn", "nothing to warn of"},
		{func(s *loyalty.Spec) { s.Programme.Points.Warn = "12 months" }, "programme.points.warn", "from the beginning: they last 12 months"},
		{func(s *loyalty.Spec) { s.Rules[1].Expire, s.Rules[1].Warn = "7 days without activity", "1 week" }, "rules[1].warn", "from the beginning"},
		{func(s *loyalty.Spec) { s.Programme.Backdating = "a month" }, "programme.backdating", "length of time"},
		{func(s *loyalty.Spec) { s.Rules[1].Mature.Text, s.Rules[1].Expire = "2027-01-01", "2026-12-31" }, "rules[1].expire", "before they may be spent"},
		{func(s *loyalty.Spec) { s.Programme.Points.Expire, s.Rules[1].Mature.Text = "2026-12-31", "2027-01-01" }, "rules[1].mature", "before they may be spent"},
		{mature(fact.MatureSpec{Same: "order", Within: "60 days"}), "rules[0].mature", "on is missing"},
		{mature(fact.MatureSpec{On: "order.deliverd", Same: "order", Within: "60 days"}), "rules[0].mature.on", "did you mean “order.delivered”?"},
		{mature(fact.MatureSpec{On: "member.enrolled", Same: "order", Within: "60 days"}), "rules[0].mature.on", "declares no event"},
		{mature(fact.MatureSpec{On: "order.delivered", Within: "60 days"}), "rules[0].mature", "same is missing"},
		{mature(fact.MatureSpec{On: "order.delivered", Same: "ordr", Within: "60 days"}), "rules[0].mature.same", "did you mean “order”?"},
		{mature(fact.MatureSpec{On: "order.delivered", Same: "boxes", Within: "60 days"}), "rules[0].mature.same", "of type double"},
		{mature(fact.MatureSpec{On: "order.delivered", Same: "order"}), "rules[0].mature", "within is missing"},
		{mature(fact.MatureSpec{On: "order.delivered", Same: "order", Within: "60"}), "rules[0].mature.within", "length of time"},
		{func(s *loyalty.Spec) { s.Missions[0].On, s.Missions[0].Mature = []string{"review"}, s.Rules[0].Mature }, "missions[0].mature.same", "“review” has no property “order”"},
		{func(s *loyalty.Spec) {
			s.Programme.Points.Mature, s.Missions[0].Mature.Text = s.Rules[0].Mature, "at once"
		}, "rules[1].on[0]", "“member.enrolled” has no property “order”"},
		{func(s *loyalty.Spec) {
			s.Programme.Events["points.expiring"] = loyalty.EventSpec{Name: both("x", "x"), Activity: &no}
		}, `programme.events["points.expiring"]`, "built-in"},
		{func(s *loyalty.Spec) {
			s.Rules[1].When = "event.properties.point > 1"
			s.Rules[1].On = []string{"points.expiring"}
		}, "rules[1].when", "did you mean “points”?"},
	} {
		s := shipping()
		m.alter(s)
		_, problems := loyalty.Compile(s, loyalty.Identity{}, nil)
		if len(problems) != 1 || problems[0].Path != m.path || !strings.Contains(problems[0].Message, m.says) {
			t.Errorf("%s, %q: told %v", m.path, m.says, problems)
		}
	}
}

func TestARuleAgesItsPointsOtherwise(t *testing.T) {
	spec := bakery()
	spec.Programme.Points = loyalty.PointsSpec{Name: spec.Programme.Points.Name, Expire: "31 December", Warn: "30 days", Mature: fact.MatureSpec{Text: "14 days"}}
	spec.Rules[1].On, spec.Rules[1].Expire, spec.Rules[1].Mature.Text = []string{"purchase"}, "never", "at once"
	other := spec.Rules[1]
	other.Key, other.Expire, other.Warn = "short", "7 days", ""
	spec.Rules = append(spec.Rules, other)
	s := meet(t, spec)
	lots := map[fact.Points]ledger.Lot{}
	for i, l := range s.buys("2026-05-04 10:00", 1200).Lots {
		lots[l.Amount+fact.Points(i)] = l
	}
	for _, l := range lots {
		switch {
		case l.Amount == 12 && (!l.Activates.Equal(at("2026-05-19 00:00")) || !l.Expires.Equal(at("2027-01-01 00:00")) || l.Warns != ledger.Term{Days: 30}):
			t.Errorf("as the programme says: %+v", l)
		case l.Amount == 50 && l.Expires.IsZero() && (!l.Activates.Equal(at("2026-05-04 10:00")) || !l.Warns.IsZero()):
			t.Errorf("for ever: %+v", l)
		case l.Amount == 50 && !l.Expires.IsZero() && (!l.Expires.Equal(at("2026-05-12 00:00")) || !l.Warns.IsZero()):
			t.Errorf("for a shorter time than is warned of: %+v", l)
		}
	}
}

func (s *someone) delivered(order, when string, now ...string) *loyalty.Effects {
	s.t.Helper()
	i := s.interaction("order.delivered", when)
	i.Properties = map[string]any{"order": order}
	return s.takes(i, now...)
}

func (s *someone) orders(order, when string, now ...string) *loyalty.Effects {
	s.t.Helper()
	i := purchase(s, when, 1000)
	i.Properties = map[string]any{}
	if order != "" {
		i.Properties["order"] = order
	}
	return s.takes(i, now...)
}

func (s *someone) wants(what string, pending, available fact.Points) {
	s.t.Helper()
	if b := s.state.Account.Balances; b.Pending != pending || b.Available != available {
		s.t.Errorf("%s: %+v, not %d pending and %d available", what, b, pending, available)
	}
}

func TestPointsMatureByTheEventTheyWaitFor(t *testing.T) {
	s := meet(t, shipping())
	s.orders("A-1", "2026-05-04 10:00")
	s.orders("A-2", "2026-05-04 11:00")
	s.wants("ordered", 20, 0)
	if !s.state.Doc.Awaits("order.delivered", at("2026-05-05 10:00")) || s.state.Doc.Awaits("order.delivered", at("2026-07-04 00:00")) {
		t.Errorf("waits for %+v", s.state.Doc.Waiting)
	}
	e := s.delivered("A-2", "2026-05-06 10:00")
	s.wants("one delivered", 10, 10)
	if m := e.Movements[0]; m.Kind != ledger.Mature || m.Reason.Interaction != id(fact.KindInteraction, s.n) || m.Reason.Explanation.Source != why.SourceArrival ||
		m.Reason.Explanation.Event != "order.delivered" {
		t.Errorf("it matured by %+v", m)
	}
	if e = s.delivered("A-2", "2026-05-07 10:00"); len(e.Movements) != 0 {
		t.Errorf("delivered twice: %+v", e.Movements)
	}
	text, err := s.state.Doc.Encode()
	if err != nil || strings.Contains(string(text), "A-2") {
		t.Errorf("what is kept names the order: %s, %v", text, err)
	}
	if again, err := loyalty.DecodeDoc(text); err != nil || !reflect.DeepEqual(again, s.state.Doc) {
		t.Errorf("read again: %+v, %v", again, err)
	}
	e = s.delivered("A-1", "2026-07-04 10:00")
	s.wants("too late", 0, 10)
	if m := e.Movements[0]; m.Kind != ledger.Expire || m.Reason.Explanation.Source != why.SourceUnmatured {
		t.Errorf("it was lost by %+v", m)
	}
}

func TestWhatPointsWaitForMayBeHeardOfFirst(t *testing.T) {
	s := meet(t, shipping())
	s.delivered("A-1", "2026-05-06 10:00")
	e := s.orders("A-1", "2026-05-04 10:00", "2026-05-07 10:00")
	s.wants("ordered and delivered", 0, 10)
	if l := e.Lots[0]; !l.Activates.Equal(at("2026-05-06 10:00")) || !l.Expires.Equal(at("2027-05-07 00:00")) {
		t.Errorf("it ages from %+v", l)
	}
	s.delivered("B-1", "2026-05-08 10:00")
	s.orders("A-9", "2026-07-10 10:00") // B-1 is forgotten by now
	s.orders("B-1", "2026-05-04 10:00", "2026-07-11 10:00")
	s.wants("heard of after the term", 10, 10)

	s = meet(t, shipping()) // nothing has made it forget the delivery
	s.delivered("B-1", "2026-05-08 10:00")
	s.orders("B-1", "2026-05-04 10:00", "2026-07-11 10:00")
	s.wants("heard of after the term, though nothing came between", 0, 0)
}

func TestPointsWithoutThePropertyWaitInVain(t *testing.T) {
	s := meet(t, shipping())
	s.orders("", "2026-05-04 10:00")
	i := s.interaction("order.delivered", "2026-05-05 10:00")
	s.takes(i)
	s.delivered("", "2026-05-05 11:00")
	s.wants("delivered without a number, and with an empty one", 10, 0)
}

func TestPointsWaitForWhatTheyWereToldToWaitFor(t *testing.T) {
	s := meet(t, shipping())
	s.orders("A-1", "2026-05-04 10:00")
	spec := shipping()
	spec.Rules[0].Mature = fact.MatureSpec{}
	s.p = compiled(t, spec) // a new version, in which nothing waits
	s.orders("A-2", "2026-05-05 10:00")
	s.wants("ordered under both", 10, 10)
	s.delivered("A-1", "2026-05-06 10:00")
	s.wants("delivered", 0, 20)
}

func TestMatureAsDataIsATextOrAnEvent(t *testing.T) {
	for _, m := range []fact.MatureSpec{{Text: "14 days"}, {On: "order.delivered", Same: "order", Within: "60 days"}} {
		text, err := json.Marshal(m)
		var back fact.MatureSpec
		if err != nil || json.Unmarshal(text, &back) != nil || back != m {
			t.Errorf("%+v is %s, read as %+v: %v", m, text, back, err)
		}
	}
}

// dozing is the bakery with points that are lost by inactivity, and votes received, which are none.
func dozing() *loyalty.Spec {
	spec := bakery()
	no := false
	spec.Programme.Points.Expire, spec.Programme.Points.Warn = "6 months without activity", "30 days"
	spec.Programme.Events["vote.received"] = loyalty.EventSpec{Name: both("voto ricevuto", "vote received"), Activity: &no}
	return spec
}

func TestWhatIsActivity(t *testing.T) {
	s := meet(t, dozing())
	s.buys("2026-05-04 10:00", 50000)
	active := func(what, want string) {
		t.Helper()
		if got := s.state.Account.Active; !got.Equal(at(want)) {
			t.Errorf("after %s active at %s, want %s", what, got, at(want))
		}
	}
	active("a purchase", "2026-05-04 10:00")
	s.takes(s.interaction("vote.received", "2026-05-05 10:00"))
	s.operated(t, 900, "2026-05-06 10:00", loyalty.Adjust{Points: 5, Reason: "x"})
	s.operated(t, 901, "2026-05-06 10:00", loyalty.Adjust{Points: -5, Reason: "x"})
	settled, err := loyalty.Settle(s.p, s.state, id(fact.KindCommand, 902), at("2026-05-07 10:00"))
	if err != nil {
		t.Fatal(err)
	}
	s.state = settled.State
	active("what is none", "2026-05-04 10:00")
	hold := s.operated(t, 903, "2026-05-08 10:00", loyalty.Hold{Points: 5, ExpiresIn: 24 * time.Hour}).Holds[0]
	active("a hold", "2026-05-08 10:00")
	s.operated(t, 904, "2026-05-09 09:00", loyalty.Capture{Hold: hold.ID})
	active("a capture", "2026-05-09 09:00")
	e, refusal, err := loyalty.Redeem(s.p, s.state, s.p.RewardByKey("mug").Definition, id(fact.KindCommand, 905), at("2026-05-10 10:00"))
	if err != nil || refusal != nil {
		t.Fatal(refusal, err)
	}
	s.state = e.State
	active("a redemption", "2026-05-10 10:00")
	s.buys("2026-05-06 10:00", 100, "2026-05-11 10:00")
	active("a purchase of before", "2026-05-10 10:00")

	other := meet(t, bakery())
	other.buys("2026-05-04 10:00", 50000)
	if a := other.state.Account.Active; !a.IsZero() {
		t.Errorf("where it does not matter it is kept: %s", a)
	}
}

func TestPointsAreLostByInactivityAndNotRevived(t *testing.T) {
	s := meet(t, dozing())
	s.buys("2026-05-04 10:00", 1000)
	e := s.buys("2026-10-01 10:00", 500, "2026-11-05 00:00") // heard of once the first are lost
	if e.Movements[0].Kind != ledger.Expire || e.Movements[0].Reason.Explanation.Source != why.SourceInactivity {
		t.Errorf("%+v", e.Movements)
	}
	s.wants("late", 0, 5)
	s.p = compiled(t, bakery()) // by then points expire otherwise; these do as they were told
	s.buys("2026-12-01 10:00", 700)
	s.buys("2027-06-01 23:00", 100)
	s.wants("within six months of activity", 0, 13)
	settled, err := loyalty.Settle(s.p, s.state, id(fact.KindCommand, 900), at("2027-12-03 10:00"))
	if err != nil {
		t.Fatal(err)
	}
	s.state = settled.State
	s.wants("a year after: what was told otherwise is there", 0, 1)
}

func TestALotThatIsBornExpiredSaysSo(t *testing.T) {
	s := meet(t, bakery())
	e := s.buys("2026-05-04 10:00", 1000, "2027-06-01 10:00")
	if len(e.Movements) != 2 || e.Movements[0].Reason.Explanation.LostOn != "2027-05-04" || e.Movements[1].Kind != ledger.Expire {
		t.Errorf("%+v", e.Movements)
	}
	s.wants("late", 0, 0)
}

func TestWhatIsTooLateIsRefused(t *testing.T) {
	spec := bakery()
	spec.Programme.Backdating = "30 days"
	p := compiled(t, spec)
	occurred := at("2026-03-01 18:00")
	if r := p.AdmitLate(occurred, at("2026-03-31 23:59")); r != nil {
		t.Errorf("on the last day: %v", r)
	}
	if r := p.AdmitLate(occurred, at("2026-04-01 00:00")); r == nil || r.Code != fact.CodeTooLate || r.Field != "occurredAt" {
		t.Errorf("a minute later: %v", r)
	}
	if r := compiled(t, bakery()).AdmitLate(occurred, at("2126-03-31 23:59")); r != nil {
		t.Errorf("without a bound: %v", r)
	}
}

// warned takes the first warning that is due.
func (s *someone) warned(n int, now string) (fact.Interaction, *loyalty.Effects, bool) {
	s.t.Helper()
	w, due, err := loyalty.Warning(s.p, s.state, at(now))
	if err != nil {
		s.t.Fatal(err)
	}
	if !due {
		return fact.Interaction{}, nil, false
	}
	i, e, err := loyalty.Warn(s.p, s.state, w, id(fact.KindCommand, n), at(now))
	if err != nil {
		s.t.Fatal(err)
	}
	s.state = e.State
	return i, e, true
}

func TestAWarningIsAnInteractionToWhichRulesListen(t *testing.T) {
	spec := dozing()
	spec.Rules[1] = rule.Spec{
		Key: "stay", Name: both("Resta", "Stay"), On: []string{"points.expiring"}, When: "event.properties.points >= 10 && event.properties.inactivity",
		Award: &rule.AwardSpec{Points: 3}, Expire: "never",
	}
	s := meet(t, spec)
	s.buys("2026-05-04 10:00", 1000)
	if _, _, due := s.warned(900, "2026-10-04 23:59"); due {
		t.Error("it is warned of before its time")
	}
	i, e, due := s.warned(900, "2026-10-07 10:00")
	want := map[string]any{"points": int64(10), "expires_at": "2026-11-04T23:00:00Z", "last_day": "2026-11-04", "inactivity": true}
	if !due || i.Event != loyalty.EventExpiring || !i.Occurred.Equal(at("2026-10-05 00:00")) || !i.Received.Equal(at("2026-10-07 10:00")) || !reflect.DeepEqual(i.Properties, want) {
		t.Errorf("%+v, %t", i, due)
	}
	if p := points(e); p["stay"] != 3 || !s.state.Account.Active.Equal(at("2026-05-04 10:00")) || s.state.Doc.Events["points.expiring"].Count != 1 {
		t.Errorf("it gives %v, active %s, %+v", p, s.state.Account.Active, s.state.Doc.Events)
	}
	if _, _, due := s.warned(901, "2026-11-04 10:00"); due {
		t.Error("it is warned of twice")
	}
	s.takes(s.interaction("review", "2026-11-04 12:00"))
	text, err := s.state.Doc.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if s.state.Doc, err = loyalty.DecodeDoc(text); err != nil {
		t.Fatal(err)
	}
	if i, _, due := s.warned(902, "2027-04-20 10:00"); !due || i.Properties["last_day"] != "2027-05-04" {
		t.Errorf("after activity: %+v, %t", i, due)
	}
	i = s.interaction("points.expiring", "2027-04-21 10:00")
	if _, refusal, _ := loyalty.Decide(s.p, s.state, i, i.Occurred); refusal == nil || refusal.Code != fact.CodeInvalid {
		t.Errorf("somebody sent it: %v", refusal)
	}
}
