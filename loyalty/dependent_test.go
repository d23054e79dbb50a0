package loyalty_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/rule"
)

// byMonth is the nursery where each month of a child is told.
func byMonth() *loyalty.Spec {
	s := nursery()
	s.Programme.Triggers = map[string]loyalty.TriggerSpec{"child.month": {
		Name: both("mese", "month"), Since: "dependent child.birth_date", Every: "month", Most: 24, At: "09:00", Within: "60 days",
	}}
	s.Rules = append(s.Rules,
		rule.Spec{Key: "month", Name: both("Mese", "Month"), On: []string{"child.month"}, When: `event.dependent.kind == "child" && event.dependent.birth_date.months == event.properties.number`,
			Award: &rule.AwardSpec{Points: 1}},
		rule.Spec{Key: "girl", Name: both("Bimba", "Girl"), On: []string{"child.month"}, When: `event.dependent.sex == "f"`, Award: &rule.AwardSpec{Points: 2}},
	)
	return s
}

// passes has all that is due by an instant happen to the member, and tells of it.
func (s *someone) passes(until string) (all []string) {
	s.t.Helper()
	happened := map[string]bool{}
	for {
		o, ok := s.p.Next(s.state, at(until))
		if !ok || o.At.After(at(until)) {
			return all
		}
		if happened[o.Key()] { // the engine asks the database whether it did
			s.state = loyalty.Pass(s.state, o)
			continue
		}
		happened[o.Key()] = true
		s.n++
		_, e, err := loyalty.Happen(s.p, s.state, o, id(fact.KindCommand, s.n), o.At)
		if err != nil {
			s.t.Fatal(err)
		}
		s.state = e.State
		var gave []string
		for key, n := range points(e) {
			gave = append(gave, fmt.Sprintf("%s +%d", key, n))
		}
		slices.Sort(gave)
		all = append(all, fmt.Sprintf("%s %d: %s", o.At.In(s.p.Zone()).Format("2006-01-02"), o.Number, strings.Join(gave, ", ")))
	}
}

func (s *someone) expects(until string, want ...string) {
	s.t.Helper()
	if got := s.passes(until); !slices.Equal(got, want) {
		s.t.Errorf("by %s:\n%s\nand not:\n%s", until, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Each child has its own months, twins as well; a month that a date which was corrected brings again is named as the one that was, so that it does not happen twice; and a child that is not there any
// more has none.
func TestEachChildHasItsOwnMonths(t *testing.T) {
	s := meet(t, byMonth())
	ada := s.adds("2026-02-01 10:00", "child", map[string]any{"birth_date": "2026-01-31", "sex": "f"})
	s.adds("2026-02-01 10:00", "child", map[string]any{"birth_date": "2026-01-31", "sex": "m"})
	s.adds("2026-02-01 10:00", "pet", map[string]any{"birth_date": "2026-01-01"})
	s.expects("2026-03-10 12:00", "2026-02-28 1: girl +2, month +1", "2026-02-28 1: month +1")

	// Ada was born on the twelfth: her first month is known by the name that it had.
	before, _ := s.p.Next(s.state, at("2026-03-10 12:00"))
	update := &loyalty.DependentUpdate{Event: loyalty.EventDependentUpdated, ID: ada}
	if _, r := s.says("2026-02-01 11:00", loyalty.Update{Dependent: update, Attributes: map[string]any{"birth_date": "2026-01-20"}}); r != nil {
		t.Fatal(r)
	}
	if s.p.Event("child.month").Properties["dependent"] == "" || before.Dependent.IsZero() {
		t.Error("an occasion of a dependent does not say whose it is")
	}
	if _, r := s.says("2026-03-11 11:00", loyalty.Update{Dependent: update, Attributes: map[string]any{"birth_date": "2026-02-12"}}); r != nil {
		t.Fatal(r)
	}
	again, ok := s.p.Next(s.state, at("2026-03-11 12:00"))
	if !ok || again.Number != 1 || again.Since.Text() != "2026-02-12" || again.Key() != (loyalty.Occasion{Event: "child.month", Dependent: ada, Number: 1}).Key() {
		t.Errorf("the occasion is %+v, called %s", again, again.Key())
	}
	if _, r := s.says("2026-03-11 13:00", loyalty.Update{Dependent: &loyalty.DependentUpdate{Event: loyalty.EventDependentRemoved, ID: ada}}); r != nil {
		t.Fatal(r)
	}
	s.expects("2026-04-01 12:00", "2026-03-31 2: month +1")
}

// A birth that is entered late has the months from then on; those before are not made up.
func TestABirthThatIsEnteredLater(t *testing.T) {
	s := meet(t, byMonth())
	child := s.adds("2026-02-01 10:00", "child", map[string]any{"due_date": "2026-02-15", "sex": "f"})
	s.expects("2026-05-01 12:00")
	if _, r := s.says("2026-05-02 11:00", loyalty.Update{
		Dependent: &loyalty.DependentUpdate{Event: loyalty.EventDependentUpdated, ID: child}, Attributes: map[string]any{"birth_date": "2026-02-18", "due_date": nil},
	}); r != nil {
		t.Fatal(r)
	}
	if due := s.p.Due(s.state, at("2026-05-02 12:00")); !due.Equal(at("2026-05-18 09:00")) {
		t.Errorf("it is next due at %s", due)
	}
	s.expects("2026-06-20 12:00", "2026-05-18 3: girl +2, month +1", "2026-06-18 4: girl +2, month +1")
}

// Rules, missions, personas and rewards read dependents: how old they are as of the event, or of the instant that is asked about.
func TestConditionsReadDependents(t *testing.T) {
	spec := byMonth()
	spec.Rules = append(spec.Rules, rule.Spec{
		Key: "weaning", Name: both("Svezzamento", "Weaning"), On: []string{"purchase"}, Award: &rule.AwardSpec{Points: 7},
		When: `member.dependents.exists(d, d.kind == "child" && d.birth_date.months >= 6 && d.birth_date.months <= 9)`,
	}, rule.Spec{
		Key: "answer", Name: both("Risposta", "Answer"), On: []string{"quiz"}, When: `event.dependent.birth_date.months == event.properties.month`, Award: &rule.AwardSpec{Points: 3},
	})
	spec.Rewards[0].When = `member.dependents.exists(d, d.kind == "child" && d.birth_date.months >= 6)`
	spec.Personas[1].Traits[0].When = `member.dependents.exists(d, d.birth_date.years >= 1)`
	s := meet(t, spec)
	child := s.adds("2026-02-01 10:00", "child", map[string]any{"birth_date": "2026-01-31"})
	for when, gives := range map[string]fact.Points{"2026-07-30 10:00": 0, "2026-07-31 10:00": 7} {
		if e, refusal, err := loyalty.Decide(s.p, s.state, shops(s, when), at(when)); err != nil || refusal != nil || points(e)["weaning"] != gives {
			t.Errorf("%s: %v, %v, %v", when, refusal, err, points(e))
		}
	}
	rich := *s.state
	rich.Account.Available = 100
	for when, want := range map[string]bool{"2026-07-30 10:00": false, "2026-07-31 10:00": true} {
		if a := s.p.Availability(&rich, s.p.Rewards()[0], at(when)); a.Available != want {
			t.Errorf("%s: the reward can be had: %v, %+v", when, a.Available, a.Reason)
		}
	}
	if e := s.does("2026-03-31 10:00", "quiz", map[string]any{"dependent": child.String(), "month": int64(2)}); points(e)["answer"] != 3 {
		t.Errorf("%v", points(e))
	}
	for _, who := range []any{id(fact.KindDependent, 7).String(), "nobody"} {
		i := s.interaction("quiz", "2026-03-31 11:00")
		i.Properties = map[string]any{"dependent": who}
		if _, r, err := loyalty.Decide(s.p, s.state, i, i.Occurred); err != nil || r == nil || r.Code != fact.CodeUnknownDependent || r.Field != "properties.dependent" {
			t.Errorf("of %v: %v, %v", who, r, err)
		}
	}
	if e := s.buys("2027-01-30 10:00", 100); e.State.Member.Persona != "" {
		t.Errorf("before its birthday: %q", e.State.Member.Persona)
	}
	if e := s.buys("2027-01-31 10:00", 100); e.State.Member.Persona != "critic" {
		t.Errorf("on its birthday: %q", e.State.Member.Persona)
	}
}

func shops(s *someone, when string) fact.Interaction {
	i := s.interaction("purchase", when)
	i.Value = &fact.Money{Minor: 100, Currency: s.p.Currency()}
	return i
}

// Whoever joins may bring dependents along.
func TestWhoJoinsBringsDependents(t *testing.T) {
	e, r, err := loyalty.Enrol(compiled(t, byMonth()), loyalty.Enrolment{
		Member: id(fact.KindMember, 7), Account: id(fact.KindAccount, 7), Interaction: id(fact.KindInteraction, 7), Touchpoint: "app", Occurred: at("2026-03-01 09:00"), Locale: "it",
		Dependents: []loyalty.Introduced{{"child", map[string]any{"birth_date": "2026-02-01"}}, {"pet", nil}},
	}, at("2026-03-01 09:00"))
	if r != nil || err != nil {
		t.Fatal(r, err)
	}
	if known := e.State.Doc.Profile.Known().Dependents; len(known) != 2 || known[0].Kind != "child" || known[1].ID == known[0].ID || len(e.Attributes) != 4 {
		t.Errorf("%+v, %+v", known, e.Attributes)
	}
	_, r, err = loyalty.Enrol(compiled(t, byMonth()), loyalty.Enrolment{
		Touchpoint: "app", Occurred: at("2026-03-01 09:00"), Dependents: []loyalty.Introduced{{"pet", nil}, {"child", map[string]any{"birth_date": "2026-03-02"}}},
	}, at("2026-03-01 09:00"))
	if r == nil || r.Code != fact.CodeInFuture || r.Field != "dependents.1.attributes.birth_date" || err != nil {
		t.Errorf("%v, %v", r, err)
	}
}
