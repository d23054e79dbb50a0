package loyalty_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/rule"
)

// timed is the bakery with triggers.
func timed(triggers map[string]loyalty.TriggerSpec) *loyalty.Spec {
	spec := bakery()
	spec.Programme.Attributes["birth_date"] = loyalty.AttributeSpec{Type: "string"}
	spec.Programme.Attributes["children_born"] = loyalty.AttributeSpec{Type: "strings"}
	for name, t := range triggers {
		t.Name = both("x", "x")
		triggers[name] = t
	}
	spec.Programme.Triggers = triggers
	return spec
}

// occasions are those that a member has from an instant on, the first few, as Rome's clocks show them.
func (s *someone) occasions(from string, n int) (all []string) {
	s.t.Helper()
	now := at(from)
	state := *s.state
	state.Doc.Moment = &loyalty.Moment{At: now.Add(-time.Microsecond)}
	for range n {
		o, ok := s.p.Next(&state, now)
		if !ok {
			break
		}
		all = append(all, fmt.Sprintf("%s %s %d", o.At.In(s.p.Zone()).Format("2006-01-02 15:04 -07"), o.Event, o.Number))
		state, now = *loyalty.Pass(&state, o), o.At
	}
	return all
}

func (s *someone) knows(name string, value any, since string) {
	state := *s.state
	state.Doc.Profile = loyalty.NewProfile(loyalty.Known{Attributes: map[string]loyalty.Attribute{name: {Value: value, At: at(since)}}})
	s.state = &state
}

func TestWhenTriggersCome(t *testing.T) {
	for _, x := range []struct {
		name    string
		trigger loyalty.TriggerSpec
		value   any // of the attribute
		from    string
		want    []string
	}{
		{"a birthday", loyalty.TriggerSpec{Since: "attribute birth_date", Every: "year", At: "09:00"}, "1990-05-17", "2026-03-01 00:00",
			[]string{"2026-05-17 09:00 +02 t 36", "2027-05-17 09:00 +02 t 37"}},
		{"29 February", loyalty.TriggerSpec{Since: "attribute birth_date", Every: "year"}, "2024-02-29", "2026-02-01 00:00",
			[]string{"2026-02-28 00:00 +01 t 2", "2027-02-28 00:00 +01 t 3", "2028-02-29 00:00 +01 t 4"}},
		{"29 February, kept on 1 March", loyalty.TriggerSpec{Since: "attribute birth_date", Every: "year", LeapDay: "03-01"}, "2024-02-29", "2026-02-01 00:00",
			[]string{"2026-03-01 00:00 +01 t 2", "2027-03-01 00:00 +01 t 3", "2028-02-29 00:00 +01 t 4"}},
		{"an hour that there is not", loyalty.TriggerSpec{Since: "attribute birth_date", Every: "year", At: "02:30"}, "1990-03-29", "2026-03-28 00:00",
			[]string{"2026-03-29 03:00 +02 t 36"}},
		{"an hour that there is twice", loyalty.TriggerSpec{Since: "attribute birth_date", Every: "year", At: "02:30"}, "1990-10-25", "2026-10-01 00:00",
			[]string{"2026-10-25 02:30 +02 t 36"}},
		{"no date", loyalty.TriggerSpec{Since: "attribute birth_date", Every: "year"}, "in May", "2026-02-01 00:00", nil},
		{"children's months", loyalty.TriggerSpec{Since: "attribute children_born", Every: "month", Most: 2}, []string{"2026-01-31", "2026-02-10", "2026-02-10"}, "2026-02-01 00:00",
			[]string{"2026-02-28 00:00 +01 t 1", "2026-03-10 00:00 +01 t 1", "2026-03-31 00:00 +02 t 2", "2026-04-10 00:00 +02 t 2"}},
		{"a child to be born", loyalty.TriggerSpec{Since: "attribute children_born", Every: "month", Most: 1}, []any{"2026-08-15"}, "2026-02-01 00:00", []string{"2026-09-15 00:00 +02 t 1"}},
		{"an anniversary", loyalty.TriggerSpec{Since: "enrolment", Every: "year"}, nil, "2026-02-01 00:00", []string{"2027-01-02 00:00 +01 t 1"}},
		{"the first of the month", loyalty.TriggerSpec{Every: "month", At: "08:00"}, nil, "2026-03-01 08:01", []string{"2026-04-01 08:00 +02 t 0", "2026-05-01 08:00 +02 t 0"}},
		{"the last of the month", loyalty.TriggerSpec{Every: "month", On: "31"}, nil, "2026-02-01 00:00", []string{"2026-02-28 00:00 +01 t 0", "2026-03-31 00:00 +02 t 0"}},
		{"Fridays", loyalty.TriggerSpec{Every: "week", On: "friday", At: "18:30"}, nil, "2026-03-25 00:00", []string{"2026-03-27 18:30 +01 t 0", "2026-04-03 18:30 +02 t 0"}},
		{"every night across summer time", loyalty.TriggerSpec{Every: "day", At: "02:30"}, nil, "2026-03-28 00:00",
			[]string{"2026-03-28 02:30 +01 t 0", "2026-03-29 03:00 +02 t 0", "2026-03-30 02:30 +02 t 0"}},
		{"every night across winter time", loyalty.TriggerSpec{Every: "day", At: "02:30"}, nil, "2026-10-24 12:00",
			[]string{"2026-10-25 02:30 +02 t 0", "2026-10-26 02:30 +01 t 0"}},
		{"a day of the year", loyalty.TriggerSpec{Every: "year", On: "12-24"}, nil, "2026-02-01 00:00", []string{"2026-12-24 00:00 +01 t 0", "2027-12-24 00:00 +01 t 0"}},
		{"once", loyalty.TriggerSpec{Once: "2026-12-24T18:00:00+01:00"}, nil, "2026-02-01 00:00", []string{"2026-12-24 18:00 +01 t 0"}},
		{"silence", loyalty.TriggerSpec{Silent: "30 days", At: "10:00"}, nil, "2026-01-10 00:00", []string{"2026-02-02 10:00 +01 t 0"}},
	} {
		s := meet(t, timed(map[string]loyalty.TriggerSpec{"t": x.trigger}))
		if x.value != nil {
			name := strings.TrimPrefix(x.trigger.Since, "attribute ")
			s.knows(name, x.value, "2026-01-03 00:00")
		}
		if got := s.occasions(x.from, max(len(x.want), 1)); len(got) < len(x.want) || !slices.Equal(got[:len(x.want)], x.want) || x.want == nil && got != nil {
			t.Errorf("%s: %q, not %q", x.name, got, x.want)
		}
	}
}

func TestWhatIsOverIsNotMadeUp(t *testing.T) {
	s := meet(t, timed(map[string]loyalty.TriggerSpec{"t": {Since: "attribute birth_date", Every: "year", Within: "3 days"}}))
	s.knows("birth_date", "1990-05-17", "2026-01-03 00:00")
	for when, year := range map[string]int{"2026-05-17 00:00": 2026, "2026-05-19 23:59": 2026, "2026-05-20 00:01": 2027} {
		if o, ok := s.p.Next(s.state, at(when)); !ok || o.At.In(s.p.Zone()).Year() != year {
			t.Errorf("at %s comes %v", when, o)
		}
	}
	s.knows("birth_date", "1990-05-17", "2026-05-18 10:00") // said the day after
	if o, _ := s.p.Next(s.state, at("2026-05-18 10:00")); o.At.Year() != 2027 {
		t.Errorf("a date that was not known comes at %s", o.At)
	}
	s.state.Member.Enrolled = at("2027-05-17 12:00")
	if o, _ := s.p.Next(s.state, at("2027-05-17 12:00")); o.At.In(s.p.Zone()).Year() != 2028 {
		t.Errorf("before the enrolment it comes at %s", o.At)
	}
}

func TestSilenceEndsWithActivity(t *testing.T) {
	spec := timed(map[string]loyalty.TriggerSpec{"t": {Silent: "30 days"}})
	spec.Rules = append(spec.Rules, rule.Spec{Key: "back", Name: both("x", "x"), On: []string{"t"}, Award: &rule.AwardSpec{Points: 7}})
	s := meet(t, spec)
	s.buys("2026-03-01 10:00", 100)
	o, ok := s.p.Next(s.state, at("2026-03-01 11:00"))
	if !ok || !o.At.Equal(at("2026-04-01 00:00")) || !s.p.Due(s.state, at("2026-03-01 11:00")).Equal(o.At) || !s.p.Has(s.state, o) {
		t.Fatalf("%v at %s", ok, o.At)
	}
	i, e, err := loyalty.Happen(s.p, s.state, o, id(fact.KindCommand, 900), at("2026-04-01 05:00"))
	if err != nil || !i.Occurred.Equal(o.At) || i.Properties["since"] != "2026-03-01" || points(e)["back"] != 7 {
		t.Fatalf("%+v, %v", i, err)
	}
	s.state = e.State
	if o, ok := s.p.Next(s.state, at("2026-04-01 05:00")); ok {
		t.Errorf("it is silent still, and told again at %s", o.At)
	}
	s.buys("2026-04-10 10:00", 100)
	if o, ok := s.p.Next(s.state, at("2026-04-10 11:00")); !ok || !o.At.Equal(at("2026-05-11 00:00")) {
		t.Errorf("%v at %s", ok, o.At)
	}
}

func TestAChangeOfTierIsToldToThoseWhoListen(t *testing.T) {
	spec := bakery()
	spec.Missions = nil
	s := meet(t, spec)
	s.buys("2026-03-01 10:00", 10000)
	if _, ok := s.p.Next(s.state, at("2026-03-01 11:00")); ok || s.p.Timed() {
		t.Error("nobody listens, and it is told")
	}
	spec.Rules = append(spec.Rules, rule.Spec{Key: "cheers", Name: both("x", "x"), On: []string{"tier.changed"}, When: `event.properties.tier == "silver"`, Award: &rule.AwardSpec{Points: 9}})
	s = meet(t, spec)
	s.buys("2026-03-01 10:00", 10000)
	o, ok := s.p.Next(s.state, at("2026-03-01 11:00"))
	if !ok || !o.At.Equal(at("2026-03-01 10:00")) {
		t.Fatalf("%v at %s", ok, o.At)
	}
	_, e, err := loyalty.Happen(s.p, s.state, o, id(fact.KindCommand, 900), at("2026-03-01 11:00"))
	if err != nil || points(e)["cheers"] != 9 {
		t.Fatal(points(e), err)
	}
	if _, ok := s.p.Next(e.State, at("2026-03-01 11:00")); ok {
		t.Error("it is told twice")
	}
}

// Changes that follow each other at once, at the same instant or long before they are heard of are each told, in order.
func TestEachChangeOfTierIsTold(t *testing.T) {
	spec := bakery()
	spec.Missions = nil
	for tier, points := range map[string]fact.Points{"silver": 9, "gold": 11} {
		spec.Rules = append(spec.Rules, rule.Spec{Key: "cheers-" + tier, Name: both("x", "x"), On: []string{"tier.changed"}, When: `event.properties.tier == "` + tier + `"`, Award: &rule.AwardSpec{Points: points}})
	}
	for _, x := range []struct{ name, silver, gold, booked string }{
		{"before the sweep", "2026-03-01 10:00", "2026-03-01 10:01", "2026-03-01 10:01"},
		{"at the same instant", "2026-03-01 10:00", "2026-03-01 10:00", "2026-03-01 10:00"},
		{"heard of late", "2026-03-01 10:00", "2026-03-01 10:01", "2026-04-20 10:00"},
	} {
		s := meet(t, spec)
		s.buys(x.silver, 10000, x.booked)
		s.buys(x.gold, 50000, x.booked)
		var told []fact.Points
		var keys []string
		for n := range 5 {
			o, ok := s.p.Next(s.state, at(x.booked))
			if !ok {
				break
			}
			if keys = append(keys, o.Key()); !s.p.Has(s.state, o) || s.p.Due(s.state, at(x.booked)).After(at(x.booked)) {
				t.Errorf("%s: %s is not due", x.name, o.Key())
			}
			_, e, err := loyalty.Happen(s.p, s.state, o, id(fact.KindCommand, 900+n), at(x.booked))
			if err != nil {
				t.Fatal(err)
			}
			told, s.state = append(told, points(e)["cheers-silver"]+points(e)["cheers-gold"]), e.State
		}
		if !slices.Equal(told, []fact.Points{9, 11}) || keys[0] == keys[1] {
			t.Errorf("%s: told are %v as %v", x.name, told, keys)
		}
	}
}

func TestTriggersThatMeanNothing(t *testing.T) {
	for _, x := range []struct {
		trigger loyalty.TriggerSpec
		path    string
		message string
	}{
		{loyalty.TriggerSpec{}, "", "one of every, silent and once"},
		{loyalty.TriggerSpec{Every: "year", Silent: "3 days"}, "", "one of every, silent and once"},
		{loyalty.TriggerSpec{Every: "yaer"}, ".every", "did you mean “year”?"},
		{loyalty.TriggerSpec{Every: "week", On: "mondey"}, ".on", "did you mean “monday”?"},
		{loyalty.TriggerSpec{Every: "month", On: "32"}, ".on", "1 to 31"},
		{loyalty.TriggerSpec{Every: "year", On: "13-01"}, ".on", "12-24"},
		{loyalty.TriggerSpec{Every: "year", Since: "attribute birht_date"}, ".since", "did you mean “birth_date”?"},
		{loyalty.TriggerSpec{Every: "year", Since: "attribute children"}, ".since", "of type int"},
		{loyalty.TriggerSpec{Every: "year", Since: "first purchas"}, ".since", "did you mean “purchase”?"},
		{loyalty.TriggerSpec{Every: "year", Since: "birth"}, ".since", "not a date of a member"},
		{loyalty.TriggerSpec{Silent: "thirty"}, ".silent", "not a length of time"},
		{loyalty.TriggerSpec{Silent: "3 days", Of: []string{"purchas"}}, ".of[0]", "did you mean “purchase”?"},
		{loyalty.TriggerSpec{Once: "2026-12-24"}, ".once", "with an offset"},
		{loyalty.TriggerSpec{Every: "day", At: "25:00"}, ".at", "09:00"},
		{loyalty.TriggerSpec{Every: "day", LeapDay: "03-02"}, ".leap_day", "neither"},
		{loyalty.TriggerSpec{Every: "day", Within: "61 days"}, ".within", "1 to 60 days"},
		{loyalty.TriggerSpec{Every: "day", Most: 3}, ".most", "of since"},
	} {
		spec := timed(map[string]loyalty.TriggerSpec{"t": x.trigger})
		_, problems := loyalty.Compile(spec, loyalty.Identity{}, named(spec))
		if !slices.ContainsFunc(problems, func(p loyalty.Problem) bool {
			return p.Path == "programme.triggers.t"+x.path && strings.Contains(p.Message, x.message)
		}) {
			t.Errorf("%+v: %v", x.trigger, problems)
		}
	}
	spec := timed(map[string]loyalty.TriggerSpec{"purchase": {Every: "day"}})
	if _, problems := loyalty.Compile(spec, loyalty.Identity{}, named(spec)); len(problems) != 1 || !strings.Contains(problems[0].Message, "is an event already") {
		t.Errorf("%v", problems)
	}
}
