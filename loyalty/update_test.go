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

// nursery is the bakery with parents: children and pets, and attributes with bounds.
func nursery() *loyalty.Spec {
	s, no := bakery(), false
	s.Programme.Attributes["birth_date"] = loyalty.AttributeSpec{Type: "date", Max: "today", Min: "1900-01-01"}
	s.Programme.Attributes["score"] = loyalty.AttributeSpec{Type: "int", Min: "0", Max: "100", Show: &no}
	s.Programme.Attributes["post_code"] = loyalty.AttributeSpec{Type: "string", Pattern: "[0-9]{5}", Write: []string{"member"}}
	s.Programme.Attributes["motto"] = loyalty.AttributeSpec{Type: "string", Length: 5, Precedence: []string{"newest"}}
	s.Programme.Attributes["favourite"] = loyalty.AttributeSpec{Type: "string"}
	s.Programme.Attributes["income"] = loyalty.AttributeSpec{Type: "int", Precedence: []string{"third", "zero"}}
	s.Programme.Dependents = map[string]loyalty.DependentSpec{
		"child": {Name: both("figlio", "child"), Most: 3, Attributes: map[string]loyalty.AttributeSpec{
			"name": {Type: "string", Length: 60}, "birth_date": {Type: "date", Max: "today"}, "due_date": {Type: "date"}, "sex": {Type: "string", Values: []string{"f", "m"}},
		}},
		"pet": {Name: both("animale", "pet"), Attributes: map[string]loyalty.AttributeSpec{"name": {Type: "string"}, "birth_date": {Type: "date"}}},
	}
	s.Programme.Events["survey"] = loyalty.EventSpec{
		Name: both("sondaggio", "survey"), Properties: map[string]string{"product": "string", "diet": "string"}, Party: "zero",
		Attributes: map[string]string{"favourite": "product", "diet": "diet"},
	}
	s.Programme.Events["viewed"] = loyalty.EventSpec{Name: both("vista", "view"), Properties: map[string]string{"product": "string"}, Attributes: map[string]string{"favourite": "product"}}
	s.Programme.Events["quiz"] = loyalty.EventSpec{Name: both("quiz", "quiz"), Properties: map[string]string{"dependent": "string", "month": "int"}}
	return s
}

// says has something said of the member, and takes what follows for known.
func (s *someone) says(when string, u loyalty.Update) (*loyalty.Effects, *fact.Refusal) {
	s.t.Helper()
	s.n++
	u.Interaction, u.Occurred, u.Received = id(fact.KindInteraction, s.n), at(when), at(when)
	if u.Touchpoint == "" {
		u.Touchpoint = "app"
	}
	_, e, refusal, err := loyalty.ApplyUpdate(s.p, s.state, u, at(when))
	if err != nil {
		s.t.Fatal(err)
	}
	if e != nil {
		s.state = e.State
	}
	return e, refusal
}

// adds adds a dependent.
func (s *someone) adds(when, kind string, attributes map[string]any) fact.ID {
	s.t.Helper()
	id := id(fact.KindDependent, 1000+s.n)
	if _, r := s.says(when, loyalty.Update{Attributes: attributes, Dependent: &loyalty.DependentUpdate{Event: loyalty.EventDependentAdded, ID: id, Kind: kind}}); r != nil {
		s.t.Fatal(r)
	}
	return id
}

// does has an event without a value happen.
func (s *someone) does(when, event string, properties map[string]any) *loyalty.Effects {
	s.t.Helper()
	i := s.interaction(event, when)
	i.Properties = properties
	return s.takes(i)
}

func (s *someone) told(name string) string {
	a := s.state.Doc.Profile.Known().Attributes[name]
	return fmt.Sprintf("%v %s", a.Value, a.Party)
}

// What the person said beats what was observed, that beats what was bought; of equals the newer; and an attribute may have an order of its own.
func TestWhoIsBelieved(t *testing.T) {
	s := meet(t, nursery())
	give := func(when, name string, v any, p fact.Party, want string, state loyalty.AttributeState) {
		t.Helper()
		e, r := s.says(when, loyalty.Update{Party: p, Attributes: map[string]any{name: v}})
		if r != nil || s.told(name) != want || state != "" && (e == nil || e.Attributes[0].State != state) || state == "" && e != nil {
			t.Errorf("%s %v by %s: it is %q, want %q, %v, %v", name, v, p, s.told(name), want, e, r)
		}
	}
	give("2026-05-01 10:00", "favourite", "bread", fact.ThirdParty, "bread third", loyalty.Taken)
	give("2026-05-02 10:00", "favourite", "cake", fact.FirstParty, "cake first", loyalty.Taken)
	give("2026-05-03 10:00", "favourite", "bread", fact.Inferred, "cake first", loyalty.Outranked)
	give("2026-05-04 10:00", "favourite", "rolls", fact.ZeroParty, "rolls zero", loyalty.Taken)
	give("2026-05-05 10:00", "favourite", "cake", fact.FirstParty, "rolls zero", loyalty.Outranked)
	give("2026-05-05 10:00", "favourite", "rolls", fact.FirstParty, "rolls zero", "") // it is known already
	give("2026-05-03 10:00", "favourite", "toast", fact.ZeroParty, "rolls zero", loyalty.Outranked)
	give("2026-05-06 10:00", "favourite", nil, fact.ZeroParty, "<nil> zero", loyalty.Removed)
	give("2026-05-05 12:00", "favourite", "late", fact.FirstParty, "<nil> zero", loyalty.Outranked) // it was removed since
	give("2026-05-07 10:00", "favourite", "buns", fact.FirstParty, "buns first", loyalty.Taken)
	give("2026-05-05 13:00", "favourite", "old", fact.ZeroParty, "buns first", loyalty.Outranked) // also once something else is known
	give("2026-05-01 10:00", "motto", "one", fact.ZeroParty, "one zero", loyalty.Taken)
	give("2026-05-02 10:00", "motto", "two", fact.ThirdParty, "two third", loyalty.Taken)
	give("2026-05-01 10:00", "income", 10.0, fact.ZeroParty, "10 zero", loyalty.Taken)
	give("2026-04-01 10:00", "income", 20.0, fact.ThirdParty, "20 third", loyalty.Taken)
	if _, r := s.says("2026-05-08 10:00", loyalty.Update{Party: fact.FirstParty, Attributes: map[string]any{"income": 1.0}}); r == nil || r.Code != fact.CodeNotWritable {
		t.Errorf("a party that is not taken: %v", r)
	}
}

func TestBadUpdates(t *testing.T) {
	s := meet(t, nursery())
	child := s.adds("2026-05-01 10:00", "child", nil)
	of := func(event string, who fact.ID, kind string) *loyalty.DependentUpdate {
		return &loyalty.DependentUpdate{Event: event, ID: who, Kind: kind}
	}
	for name, x := range map[string]struct {
		u     loyalty.Update
		code  fact.Code
		field string
	}{
		"another type":        {loyalty.Update{Attributes: map[string]any{"diet": "any", "children": "two"}}, fact.CodeWrongType, "attributes.children"},
		"no date":             {loyalty.Update{Attributes: map[string]any{"birth_date": "2023-02-29"}}, fact.CodeWrongType, "attributes.birth_date"},
		"a day to come":       {loyalty.Update{Attributes: map[string]any{"birth_date": "2026-05-05"}}, fact.CodeInFuture, "attributes.birth_date"},
		"long ago":            {loyalty.Update{Attributes: map[string]any{"birth_date": "1899-12-31"}}, fact.CodeOutOfBounds, "attributes.birth_date"},
		"none of the values":  {loyalty.Update{Attributes: map[string]any{"diet": "meat"}}, fact.CodeOutOfBounds, "attributes.diet"},
		"too much":            {loyalty.Update{Attributes: map[string]any{"score": 101.0}}, fact.CodeOutOfBounds, "attributes.score"},
		"too little":          {loyalty.Update{Attributes: map[string]any{"score": -1.0}}, fact.CodeOutOfBounds, "attributes.score"},
		"another form":        {loyalty.Update{Attributes: map[string]any{"post_code": "1234"}}, fact.CodeOutOfBounds, "attributes.post_code"},
		"too many characters": {loyalty.Update{Attributes: map[string]any{"motto": "èèèèèè"}}, fact.CodeOutOfBounds, "attributes.motto"},
		"undeclared":          {loyalty.Update{Attributes: map[string]any{"shoe": 43.0}}, fact.CodeUnknownAttribute, "attributes.shoe"},
		"not a member's":      {loyalty.Update{Sender: loyalty.SenderMember, Attributes: map[string]any{"score": 1.0}}, fact.CodeNotWritable, "attributes.score"},
		"a member's alone":    {loyalty.Update{Sender: loyalty.SenderOperator, Attributes: map[string]any{"post_code": "12345"}}, fact.CodeNotWritable, "attributes.post_code"},
		"a member observes":   {loyalty.Update{Sender: loyalty.SenderMember, Party: fact.FirstParty, Attributes: map[string]any{"diet": "any"}}, fact.CodeNotAllowed, "party"},
		"no party":            {loyalty.Update{Party: "fourth", Attributes: map[string]any{"diet": "any"}}, fact.CodeInvalid, "party"},
		"no language":         {loyalty.Update{Locale: new("Italian")}, fact.CodeInvalid, "locale"},
		"no such kind":        {loyalty.Update{Dependent: of(loyalty.EventDependentAdded, id(fact.KindDependent, 9), "chlid")}, fact.CodeUnknownDependentKind, "kind"},
		"another's":           {loyalty.Update{Dependent: of(loyalty.EventDependentUpdated, id(fact.KindDependent, 9), "")}, fact.CodeUnknownDependent, "dependent"},
		"another's, removed":  {loyalty.Update{Dependent: of(loyalty.EventDependentRemoved, id(fact.KindDependent, 9), "")}, fact.CodeUnknownDependent, "dependent"},
		"to be born":          {loyalty.Update{Dependent: of(loyalty.EventDependentUpdated, child, ""), Attributes: map[string]any{"birth_date": "2026-08-01"}}, fact.CodeInFuture, "attributes.birth_date"},
		"no child's":          {loyalty.Update{Dependent: of(loyalty.EventDependentUpdated, child, ""), Attributes: map[string]any{"diet": "any"}}, fact.CodeUnknownAttribute, "attributes.diet"},
	} {
		before := *s.state
		if e, r := s.says("2026-05-04 10:00", x.u); r == nil || r.Code != x.code || r.Field != x.field || e != nil || s.state.Doc.Profile != before.Doc.Profile {
			t.Errorf("%s: %+v", name, r)
		}
	}
	for range 2 {
		s.adds("2026-05-04 10:00", "child", map[string]any{"due_date": "2026-08-01"})
	}
	if _, r := s.says("2026-05-04 10:00", loyalty.Update{Dependent: of(loyalty.EventDependentAdded, id(fact.KindDependent, 9), "child")}); r == nil || r.Code != fact.CodeTooManyDependents {
		t.Errorf("a fourth child: %v", r)
	}
}

// A change of the profile is an event: rules reward it, personas are looked at again, and its names say what changed. What was known already is none.
func TestAnUpdateIsAnInteraction(t *testing.T) {
	spec := nursery()
	spec.Rules = append(spec.Rules, rule.Spec{
		Key: "shared", Name: both("Dati", "Data"), On: []string{loyalty.EventUpdated}, When: `"diet" in event.properties.new`, Award: &rule.AwardSpec{Points: 20},
	}, rule.Spec{
		Key: "italian", Name: both("Italiano", "Italian"), On: []string{loyalty.EventUpdated}, When: `"locale" in event.properties.changed && member.language == "it"`, Award: &rule.AwardSpec{Points: 5},
	})
	s := meet(t, spec)
	if e, _ := s.says("2026-05-04 10:00", loyalty.Update{Attributes: map[string]any{"diet": "vegan"}}); points(e)["shared"] != 20 || e.State.Member.Persona != "regular" {
		t.Errorf("%v, %q", points(e), e.State.Member.Persona)
	}
	if e, r := s.says("2026-05-04 11:00", loyalty.Update{Attributes: map[string]any{"diet": "vegan"}}); e != nil || r != nil {
		t.Errorf("what is known already: %+v, %v", e, r)
	}
	if e, _ := s.says("2026-05-04 12:00", loyalty.Update{Attributes: map[string]any{"diet": "any"}}); len(points(e)) != 0 || e.State.Member.Persona != "" {
		t.Errorf("%v, %q", points(e), e.State.Member.Persona)
	}
	if e, _ := s.says("2026-05-04 13:00", loyalty.Update{Locale: new("en")}); len(points(e)) != 0 || e.State.Member.Locale != "en" {
		t.Errorf("%v, %+v", points(e), e.State.Member)
	}
	if e, _ := s.says("2026-05-04 14:00", loyalty.Update{Locale: new("it-CH")}); points(e)["italian"] != 5 {
		t.Errorf("%v", points(e))
	}
}

// Answers to a survey become attributes as the event says, and what is seen of the member besides; an answer that the attribute does not take leaves it as it is.
func TestInteractionsTellOfTheMember(t *testing.T) {
	s := meet(t, nursery())
	for _, x := range []struct {
		when, event string
		properties  map[string]any
		favourite   string
		diet        string
	}{
		{"2026-05-04 10:00", "viewed", map[string]any{"product": "cake"}, "cake first", "<nil> "},
		{"2026-05-04 11:00", "survey", map[string]any{"product": "bread", "diet": "meat"}, "bread zero", "<nil> "},
		{"2026-05-04 12:00", "viewed", map[string]any{"product": "cake"}, "bread zero", "<nil> "},
		{"2026-05-04 13:00", "survey", map[string]any{"diet": "vegan"}, "bread zero", "vegan zero"},
		{"2026-05-04 10:30", "survey", map[string]any{"product": "rolls"}, "bread zero", "vegan zero"}, // late
	} {
		e := s.does(x.when, x.event, x.properties)
		if got := s.told("favourite") + ", " + s.told("diet"); got != x.favourite+", "+x.diet {
			t.Errorf("%s %s %v: %s", x.when, x.event, x.properties, got)
		}
		for _, c := range e.Attributes {
			if c.Interaction.IsZero() || c.Touchpoint != "app" || !c.At.Equal(at(x.when)) {
				t.Errorf("%+v", c)
			}
		}
	}
	if s.state.Member.Persona != "regular" {
		t.Errorf("the persona is %q", s.state.Member.Persona)
	}
}

// What the programme does not declare is kept aside where it says so: nothing reads it, and there is a bound.
func TestUndeclaredAttributesAreKeptAside(t *testing.T) {
	spec := nursery()
	spec.Programme.UndeclaredAttributes = "aside"
	s := meet(t, spec)
	e, r := s.says("2026-05-04 10:00", loyalty.Update{Attributes: map[string]any{"shoe": 43.5, "diet": "any"}})
	if r != nil || s.state.Doc.Profile.Known().Aside["shoe"].Value != 43.5 || s.told("shoe") != "<nil> " {
		t.Fatalf("%v, %+v", r, s.state.Doc.Profile.Known())
	}
	if i := slices.IndexFunc(e.Attributes, func(c loyalty.AttributeChange) bool { return c.Name == "shoe" && c.State == loyalty.Aside }); i < 0 {
		t.Errorf("%+v", e.Attributes)
	}
	many := map[string]any{}
	for n := range 100 {
		many[fmt.Sprintf("x%d", n)] = "y"
	}
	if _, r := s.says("2026-05-04 11:00", loyalty.Update{Attributes: many}); r == nil || r.Code != fact.CodeTooMany {
		t.Errorf("%v", r)
	}
	if _, r := s.says("2026-05-04 12:00", loyalty.Update{Attributes: map[string]any{"shoe": nil, "Not A Name": 1.0}}); r == nil || r.Code != fact.CodeUnknownAttribute {
		t.Errorf("%v", r)
	}
	if _, r := s.says("2026-05-04 12:00", loyalty.Update{Attributes: map[string]any{"shoe": nil}}); r != nil || len(s.state.Doc.Profile.Known().Aside) != 0 {
		t.Errorf("%v, %+v", r, s.state.Doc.Profile.Known())
	}
}

// A member of whom very much is said has a bound as well.
func TestAProfileIsBounded(t *testing.T) {
	spec := nursery()
	for n := range 10 {
		spec.Programme.Attributes[fmt.Sprintf("list%d", n)] = loyalty.AttributeSpec{Type: "strings"}
	}
	s := meet(t, spec)
	full := slices.Repeat([]any{strings.Repeat("x", 900)}, 15)
	refused := false
	for n := range 10 {
		_, r := s.says("2026-05-04 10:00", loyalty.Update{Attributes: map[string]any{fmt.Sprintf("list%d", n): full}})
		refused = refused || r != nil && r.Code == fact.CodeTooLarge
	}
	if text, _ := s.state.Doc.Profile.Encode(); !refused || len(text) > 64<<10 {
		t.Errorf("it has %d bytes", len(text))
	}
}
