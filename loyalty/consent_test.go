package loyalty_test

import (
	"slices"
	"strings"
	"testing"

	"granaio/loyalty"
	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/persona"
	"granaio/loyalty/rule"
	"granaio/loyalty/why"
)

// asking is the bakery, which asks for consent.
func asking() *loyalty.Spec {
	spec := bakery()
	purpose := func(key string, allows consent.Use, versions ...string) consent.Spec {
		p := consent.Spec{Key: key, Allows: allows, Name: both(key, key)}
		for _, v := range versions {
			p.Texts = append(p.Texts, consent.TextSpec{Version: v, Text: both("Va bene?", "Is it fine?")})
		}
		return p
	}
	spec.Programme.Consents = []consent.Spec{
		purpose("profile", consent.Profiling, "1", "2"), purpose("news", consent.Marketing, "1"), purpose("partners", consent.ThirdParty, "1"), purpose("family", consent.Other, "1"),
	}
	spec.Programme.Attributes["diet"] = loyalty.AttributeSpec{Type: "string", Kind: "psychographic"}
	spec.Programme.Attributes["children"] = loyalty.AttributeSpec{Type: "int", Kind: "demographic", Purpose: "family"}
	spec.Rules = append(spec.Rules,
		rule.Spec{Key: "green", Name: both("Verde", "Green"), On: []string{"purchase"}, When: `member.attributes.diet == "vegan"`, Award: &rule.AwardSpec{Points: 7}},
		rule.Spec{Key: "others", Name: both("Altri", "Others"), On: []string{"purchase"}, When: `!(member.attributes.diet == "vegan")`, Award: &rule.AwardSpec{Points: 3}},
		rule.Spec{Key: "kids", Name: both("Bambini", "Children"), On: []string{"purchase"}, When: `has(member.attributes.children)`, Award: &rule.AwardSpec{Points: 2}},
		rule.Spec{Key: "thanks", Name: both("Grazie", "Thanks"), On: []string{"consent.changed"}, When: `"news" in event.properties.given`, Award: &rule.AwardSpec{Points: 5}},
	)
	return spec
}

// decides has the member decide about purposes.
func (s *someone) decides(when string, choices ...loyalty.Choice) (*loyalty.Effects, *fact.Refusal) {
	s.t.Helper()
	i := s.interaction("consent.changed", when)
	_, e, refusal, err := loyalty.Consent(s.p, s.state, loyalty.Consenting{
		Interaction: i.ID, Touchpoint: "app", Occurred: i.Occurred, Received: i.Received, Choices: choices,
	}, at("2026-06-01 00:00"))
	if err != nil {
		s.t.Fatal(err)
	}
	if e != nil {
		s.state = e.State
	}
	return e, refusal
}

func given(purpose string) loyalty.Choice {
	return loyalty.Choice{Purpose: purpose, State: consent.Given}
}

func withdrawn(purpose string) loyalty.Choice {
	return loyalty.Choice{Purpose: purpose, State: consent.Withdrawn}
}

// knows is a profile with attributes: a name, a value, and so on.
func knows(all ...any) *loyalty.Profile {
	known := loyalty.Known{Attributes: map[string]loyalty.Attribute{}}
	for i := 0; i < len(all); i += 2 {
		known.Attributes[all[i].(string)] = loyalty.Attribute{Value: all[i+1]}
	}
	return loyalty.NewProfile(known)
}

// Without consent nothing is concluded from what needs it, in either direction; what is promised for buying is paid. With it, all is as if it needed none; and once it is
// withdrawn, what was worked out is deleted at once.
func TestNothingIsDoneWithoutConsent(t *testing.T) {
	s := meet(t, asking())
	s.state.Doc.Profile = knows("diet", "vegan", "children", int64(2))
	e := s.buys("2026-05-04 10:00", 1000)
	if got := order(e); !slices.Equal(got, []string{"per-euro"}) || len(e.State.Doc.Affinities) != 0 || e.State.Member.Persona != "" {
		t.Errorf("unknown: %v, %v", got, e.State.Doc.Affinities)
	}
	s.decides("2026-05-04 11:00", given("family"))
	if got := order(s.buys("2026-05-04 12:00", 1000)); !slices.Equal(got, []string{"kids", "per-euro"}) {
		t.Errorf("with what the family's attribute needs: %v", got)
	}
	if e, _ := s.decides("2026-05-04 13:00", given("profile")); e.State.Member.Persona != "regular" {
		t.Errorf("as soon as it may be, the member is likened to %q: %v", e.State.Member.Persona, e.State.Doc.Affinities)
	}
	if got := order(s.buys("2026-05-05 10:00", 1000)); !slices.Contains(got, "green") || slices.Contains(got, "others") {
		t.Errorf("given: %v", got)
	}
	e, _ = s.decides("2026-05-06 10:00", withdrawn("profile"))
	if len(e.State.Doc.Affinities) != 0 || e.State.Member.Persona != "" || e.State.Doc.Events["purchase"].Count != 3 {
		t.Errorf("withdrawn: %v, %q, %+v", e.State.Doc.Affinities, e.State.Member.Persona, e.State.Doc.Events["purchase"])
	}
	stop := s.p.Stops(s.state, []loyalty.Choice{withdrawn("profile")})
	if !stop.Personas || stop.Messages || stop.Partners || !slices.Equal(stop.Attributes, []string{"diet"}) {
		t.Errorf("%+v", stop)
	}
	if got := order(s.buys("2026-05-06 11:00", 1000)); !slices.Equal(got, []string{"kids", "per-euro"}) {
		t.Errorf("after it was withdrawn: %v", got)
	}
	if known := s.state.Doc.Consents["profile"]; known.State != consent.Withdrawn || known.Version != "2" || known.Touchpoint != "app" {
		t.Errorf("%+v", known)
	}
}

// A rule hears of a decision; one that is heard of late is an event, and changes nothing that was decided since.
func TestADecisionIsAnEvent(t *testing.T) {
	s := meet(t, asking())
	if e, _ := s.decides("2026-05-04 10:00", given("news"), loyalty.Choice{Purpose: "partners", State: consent.Refused}); points(e)["thanks"] != 5 || len(e.Choices) != 2 {
		t.Errorf("%v, %v", points(e), e.Choices)
	}
	if s.p.Shares(s.state) || !s.state.Doc.Consents.Gives("news") {
		t.Errorf("%+v", s.state.Doc.Consents)
	}
	if e, _ := s.decides("2026-05-03 10:00", withdrawn("news")); !e.State.Doc.Consents.Gives("news") || e.State.Doc.Events["consent.changed"].Count != 2 {
		t.Errorf("what was decided the day before holds: %+v", e.State.Doc.Consents)
	}
}

func TestDecisionsThatCannotBe(t *testing.T) {
	s := meet(t, asking())
	for _, c := range []struct {
		when    string
		choices []loyalty.Choice
		code    fact.Code
		field   string
	}{
		{"2026-05-04 10:00", nil, fact.CodeRequired, "decisions"},
		{"2026-05-04 10:00", []loyalty.Choice{given("news"), given("nothing")}, fact.CodeUnknownPurpose, "decisions.1.purpose"},
		{"2026-05-04 10:00", []loyalty.Choice{given("news"), withdrawn("news")}, fact.CodeInvalid, "decisions.1.purpose"},
		{"2026-05-04 10:00", []loyalty.Choice{{Purpose: "news", State: consent.Given, Version: "7"}}, fact.CodeUnknownText, "decisions.0.textVersion"},
		{"2026-05-04 10:00", []loyalty.Choice{{Purpose: "news"}}, fact.CodeInvalid, "decisions.0.state"},
		{"2026-07-04 10:00", []loyalty.Choice{given("news")}, fact.CodeInFuture, "occurredAt"},
	} {
		if _, r := s.decides(c.when, c.choices...); r == nil || r.Code != c.code || r.Field != c.field {
			t.Errorf("%v: %+v", c.choices, r)
		}
	}
	if len(s.state.Doc.Consents) != 0 {
		t.Errorf("something was changed: %v", s.state.Doc.Consents)
	}
	s.state.Member.Status = loyalty.Suspended
	if _, r := s.decides("2026-05-04 10:00", withdrawn("news")); r != nil {
		t.Errorf("who is suspended may say no: %+v", r)
	}
	s.state.Member.Status = loyalty.Erased
	if _, r := s.decides("2026-05-04 10:00", withdrawn("news")); r == nil || r.Code != fact.CodeMemberErased {
		t.Errorf("%+v", r)
	}
}

// Whoever asks why a rule gave nothing is told which consent is lacking, in its language.
func TestAVerdictNamesTheConsentThatIsLacking(t *testing.T) {
	s := meet(t, asking())
	s.state.Doc.Profile = knows("diet", "vegan")
	_, verdicts, refusal, err := loyalty.Try(s.p, s.state, purchase(s, "2026-05-04 10:00", 500), loyalty.Question{Rules: []string{"green", "others"}}, at("2026-05-04 10:00"))
	if refusal != nil || err != nil {
		t.Fatal(refusal, err)
	}
	for _, v := range verdicts {
		if len(v.Parts) != 1 || v.Parts[0].Fault != "unconsented" || !slices.Equal(v.Parts[0].Lacking[0], []string{"profile"}) {
			t.Errorf("%s: %+v", v.Rule, v.Parts)
		}
	}
	words := why.Words{Purposes: map[string]fact.Text{"profile": both("profile", "profile")}}
	if got := verdicts[0].Sentence(words, "en"); !strings.HasSuffix(got, `is unknown for lack of consent to “profile”.`) {
		t.Error(got)
	}
	if got := verdicts[0].Sentence(words, "it"); !strings.HasSuffix(got, `non si sa: manca il consenso a «profile».`) {
		t.Error(got)
	}
}

// A trigger does not count from a date that may not be read.
func TestNoOccasionComesOfWhatMayNotBeRead(t *testing.T) {
	spec := asking()
	spec.Programme.Attributes["born"] = loyalty.AttributeSpec{Type: "string", Purpose: "family"}
	spec.Programme.Triggers = map[string]loyalty.TriggerSpec{"birthday": {Name: both("compleanno", "birthday"), Every: "year", Since: "attribute born"}}
	s := meet(t, spec)
	s.state.Doc.Profile = knows("born", "1990-07-01")
	if o, ok := s.p.Next(s.state, at("2026-05-01 00:00")); ok {
		t.Errorf("%+v", o)
	}
	s.decides("2026-05-04 10:00", given("family"))
	if _, ok := s.p.Next(s.state, at("2026-05-04 11:00")); !ok {
		t.Error("with consent there is none either")
	}
}

// A programme that asks for nothing likens members to personas, and reads what is known of them, as ever.
func TestAProgrammeWithoutPurposesNeedsNone(t *testing.T) {
	spec := bakery()
	spec.Personas[0].Traits = append(spec.Personas[0].Traits, persona.TraitSpec{
		Key: "kids", Dimension: persona.Values, Weight: 1, When: "has(member.attributes.children)", Text: both("figli", "children"),
	})
	s := meet(t, spec)
	if e := s.buys("2026-05-04 10:00", 1000); len(e.State.Doc.Affinities) != 2 || !s.p.Shares(s.state) || !s.p.Profiles(s.state) {
		t.Errorf("%v", e.State.Doc.Affinities)
	}
}

// An erasure leaves no points and no debt, and of the document nothing.
func TestErasureClosesTheAccount(t *testing.T) {
	c := serve(t, asking())
	c.state.Doc.Profile = knows("diet", "vegan")
	c.pays("2026-05-04 10:00", 4000)
	c.state.Lots = nil
	for _, l := range c.lots {
		c.state.Lots = append(c.state.Lots, l)
	}
	held := c.operated(t, 900, "2026-05-04 11:00", loyalty.Hold{Points: 15, ExpiresIn: 3600e9})
	c.state = held.State
	c.state.Lots, c.state.Holds = held.Lots, held.Holds
	e, err := loyalty.Erase(c.p, c.state, id(fact.KindCommand, 901), at("2026-05-04 11:30"))
	if err != nil {
		t.Fatal(err)
	}
	var kinds []ledger.Kind
	for _, m := range e.Movements {
		kinds = append(kinds, m.Kind)
	}
	if !slices.Equal(kinds, []ledger.Kind{ledger.Release, ledger.Expire}) || e.State.Account.Balances != (ledger.Balances{}) || len(e.State.Lots) != 0 || len(e.State.Holds) != 0 {
		t.Errorf("%v, %+v", kinds, e.State.Account)
	}
	doc, _ := e.State.Doc.Encode()
	if m := e.State.Member; m.Status != loyalty.Erased || m.Tier != "" || strings.Contains(string(doc), "vegan") || !e.State.Account.NextDue.IsZero() {
		t.Errorf("%+v, %s", m, doc)
	}
	if again, err := loyalty.Erase(c.p, e.State, id(fact.KindCommand, 902), at("2026-05-05 11:30")); again != nil || err != nil {
		t.Errorf("erased again: %+v, %v", again, err)
	}
}
