package loyalty_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

func TestInteractionThatIsNotTakenSaysWhyAndWhere(t *testing.T) {
	s := meet(t, bakery())
	euro := s.p.Currency()
	for _, c := range []struct {
		name  string
		alter func(i *fact.Interaction, m *loyalty.Member)
		code  fact.Code
		field string
		says  string
	}{
		{"no event", func(i *fact.Interaction, _ *loyalty.Member) { i.Event = "" }, fact.CodeRequired, "event", ""},
		{"unknown event", func(i *fact.Interaction, _ *loyalty.Member) { i.Event = "purchse" }, fact.CodeUnknownEvent, "event", "did you mean “purchase”?"},
		{"built-in event", func(i *fact.Interaction, _ *loyalty.Member) { i.Event = "member.enrolled" }, fact.CodeInvalid, "event", "cannot be sent"},
		{"unknown touchpoint", func(i *fact.Interaction, _ *loyalty.Member) { i.Touchpoint = "radio" }, fact.CodeUnknownTouchpoint, "touchpoint", ""},
		{"the future", func(i *fact.Interaction, _ *loyalty.Member) { i.Occurred = at("2026-05-04 10:01") }, fact.CodeInFuture, "occurredAt", ""},
		{"before the programme", func(i *fact.Interaction, _ *loyalty.Member) { i.Occurred = at("2025-12-31 23:59") }, fact.CodeBeforeProgramme, "occurredAt", ""},
		{"no value", func(i *fact.Interaction, _ *loyalty.Member) { i.Value = nil }, fact.CodeRequired, "value", ""},
		{"value on what has none", func(i *fact.Interaction, _ *loyalty.Member) { i.Event = "review" }, fact.CodeInvalid, "value", ""},
		{"negative", func(i *fact.Interaction, _ *loyalty.Member) { i.Value = &fact.Money{Minor: -1, Currency: euro} }, fact.CodeNegative, "value.amount", ""},
		{"too large", func(i *fact.Interaction, _ *loyalty.Member) { i.Value = &fact.Money{Minor: 1 << 53, Currency: euro} }, fact.CodeTooLarge, "value.amount", ""},
		{"dollars", func(i *fact.Interaction, _ *loyalty.Member) {
			i.Value = &fact.Money{Minor: 1, Currency: fact.Currency{Code: "USD", Digits: 2}}
		}, fact.CodeCurrencyMismatch, "value.currency", "EUR"},
		{"wrong type", func(i *fact.Interaction, _ *loyalty.Member) {
			i.Properties = map[string]any{"items": "three", "channel": 1.0}
		}, fact.CodeInvalid, "properties.channel", "string"},
		{"fraction", func(i *fact.Interaction, _ *loyalty.Member) { i.Properties = map[string]any{"items": 1.5} }, fact.CodeInvalid, "properties.items", "whole number"},
		{"mixed list", func(i *fact.Interaction, _ *loyalty.Member) { i.Properties = map[string]any{"tags": []any{"a", 1.0}} }, fact.CodeInvalid, "properties.tags", ""},
		{"lines of what has no value", func(i *fact.Interaction, _ *loyalty.Member) {
			i.Event, i.Value, i.Lines = "review", nil, []fact.Line{{Reference: "a", Quantity: 1}}
		}, fact.CodeInvalid, "lines", ""},
		{"a line without a reference", lined(fact.Line{Quantity: 1}), fact.CodeRequired, "lines.1.reference", ""},
		{"a long reference", lined(fact.Line{Reference: strings.Repeat("x", 65), Quantity: 1}), fact.CodeTooLong, "lines.1.reference", ""},
		{"a binary reference", lined(fact.Line{Reference: "a\x00", Quantity: 1}), fact.CodeInvalid, "lines.1.reference", ""},
		{"a reference that is there already", lined(fact.Line{Reference: "bread", Quantity: 1}), fact.CodeInvalid, "lines.1.reference", ""},
		{"a line of nothing", lined(fact.Line{Reference: "a"}), fact.CodeZero, "lines.1.quantity", ""},
		{"a line of less than nothing", lined(fact.Line{Reference: "a", Quantity: -1}), fact.CodeNegative, "lines.1.quantity", ""},
		{"a line of too much", lined(fact.Line{Reference: "a", Quantity: 1_000_001}), fact.CodeTooLarge, "lines.1.quantity", ""},
		{"a negative line", lined(fact.Line{Reference: "a", Quantity: 1, Amount: -1}), fact.CodeNegative, "lines.1.amount", ""},
		{"lines beyond the value", lined(fact.Line{Reference: "a", Quantity: 1, Amount: 91}), fact.CodeTooLarge, "lines", "101"},
		{"too many lines", lined(make([]fact.Line, 100)...), fact.CodeTooMany, "lines", ""},
		{"suspended", func(_ *fact.Interaction, m *loyalty.Member) { m.Status = loyalty.Suspended }, fact.CodeMemberSuspended, "member", ""},
		{"erased", func(_ *fact.Interaction, m *loyalty.Member) { m.Status = loyalty.Erased }, fact.CodeMemberErased, "member", ""},
	} {
		i, state := purchase(s, "2026-05-04 10:00", 100), *s.state
		c.alter(&i, &state.Member)
		e, refusal, err := loyalty.Decide(s.p, &state, i, at("2026-05-04 10:00"))
		if e != nil || err != nil || refusal == nil || refusal.Code != c.code || refusal.Field != c.field || !strings.Contains(refusal.Message, c.says) {
			t.Errorf("%s: %+v %v, not %s at %s", c.name, refusal, err, c.code, c.field)
		}
	}
}

// lined is a purchase of bread, and of some more.
func lined(more ...fact.Line) func(*fact.Interaction, *loyalty.Member) {
	return func(i *fact.Interaction, _ *loyalty.Member) {
		i.Lines = append([]fact.Line{{Reference: "bread", Quantity: 2, Amount: 10}}, more...)
	}
}

func TestAValueThatIsNotSaidIsThatOfTheLines(t *testing.T) {
	s := meet(t, bakery())
	i := s.interaction("purchase", "2026-05-04 10:00")
	i.Lines = []fact.Line{{Reference: "bread", Quantity: 2, Amount: 700}, {Reference: "cake", Quantity: 1, Amount: 500}}
	if e := s.takes(i); points(e)["per-euro"] != 12 || e.State.Doc.Events["purchase"].Sum != 1200 {
		t.Errorf("%v, %+v", points(e), e.State.Doc.Events["purchase"])
	}
}

func TestPropertiesAreTakenInEveryFormThatJSONHas(t *testing.T) {
	s := meet(t, bakery())
	i := purchase(s, "2026-05-04 10:00", 100)
	i.Properties = map[string]any{"items": 3.0, "rating": int64(4), "tags": []any{}, "gift": true, "other": map[string]any{"deep": []any{nil, 1.5, int64(7), "x"}}}
	if _, refusal, err := loyalty.Decide(s.p, s.state, i, at("2026-05-04 10:00")); refusal != nil || err != nil {
		t.Error(refusal, err)
	}
}

func TestPropertiesAreBounded(t *testing.T) {
	many, deep := map[string]any{}, any("x")
	for i := range 101 {
		many[strings.Repeat("k", i+1)] = nil
	}
	for range 12 {
		deep = []any{deep}
	}
	for _, c := range []struct {
		properties map[string]any
		code       fact.Code
	}{
		{nil, ""}, {map[string]any{"a": strings.Repeat("x", 16000)}, ""}, {many, fact.CodeTooMany},
		{map[string]any{"a": strings.Repeat("x", 16<<10)}, fact.CodeTooLarge},
		{map[string]any{"a": []any{strings.Repeat("x", 9000), strings.Repeat("x", 9000)}}, fact.CodeTooLarge},
		{map[string]any{"a": map[string]any{"b": strings.Repeat("x", 17000)}}, fact.CodeTooLarge},
		{map[string]any{"a": deep}, fact.CodeInvalid}, {map[string]any{"a": math.NaN()}, fact.CodeInvalid}, {map[string]any{"a": "\xff"}, fact.CodeInvalid},
		{map[string]any{"a": struct{}{}}, fact.CodeInvalid}, {map[string]any{"a": []any{math.Inf(1)}}, fact.CodeInvalid}, {map[string]any{"\xff": 1.0}, fact.CodeInvalid},
	} {
		r := loyalty.CheckProperties(c.properties, "properties")
		if c.code == "" && r != nil || c.code != "" && (r == nil || r.Code != c.code || r.Field != "properties") {
			t.Errorf("%.40v: %+v, not %q", c.properties, r, c.code)
		}
	}
}

func TestEnrolmentThatIsNotTakenSaysWhyAndWhere(t *testing.T) {
	p := compiled(t, bakery())
	for _, c := range []struct {
		name  string
		alter func(e *loyalty.Enrolment)
		code  fact.Code
		field string
	}{
		{"unknown attribute", func(e *loyalty.Enrolment) { e.Attributes = map[string]any{"diett": "vegan"} }, fact.CodeUnknownAttribute, "attributes.diett"},
		{"undeclared value", func(e *loyalty.Enrolment) { e.Attributes = map[string]any{"diet": "carnivore"} }, fact.CodeOutOfBounds, "attributes.diet"},
		{"wrong type", func(e *loyalty.Enrolment) { e.Attributes = map[string]any{"children": "two"} }, fact.CodeWrongType, "attributes.children"},
		{"nothing", func(e *loyalty.Enrolment) { e.Attributes = map[string]any{"children": nil} }, fact.CodeWrongType, "attributes.children"},
		{"too long", func(e *loyalty.Enrolment) { e.Attributes = map[string]any{"likes": []any{strings.Repeat("x", 1001)}} }, fact.CodeTooLong, "attributes.likes.0"},
		{"touchpoint", func(e *loyalty.Enrolment) { e.Touchpoint = "" }, fact.CodeUnknownTouchpoint, "touchpoint"},
		{"future", func(e *loyalty.Enrolment) { e.Occurred = at("2027-01-01 00:00") }, fact.CodeInFuture, "occurredAt"},
		{"locale", func(e *loyalty.Enrolment) { e.Locale = "italiano" }, fact.CodeInvalid, "locale"},
		{"status", func(e *loyalty.Enrolment) { e.Status = loyalty.Erased }, fact.CodeInvalid, "status"},
	} {
		enrolment := loyalty.Enrolment{Member: id(fact.KindMember, 1), Account: id(fact.KindAccount, 1), Interaction: id(fact.KindInteraction, 1), Touchpoint: "app", Occurred: at("2026-03-01 09:00")}
		c.alter(&enrolment)
		e, refusal, err := loyalty.Enrol(p, enrolment, at("2026-03-01 09:00"))
		if e != nil || err != nil || refusal == nil || refusal.Code != c.code || refusal.Field != c.field {
			t.Errorf("%s: %+v %v, not %s at %s", c.name, refusal, err, c.code, c.field)
		}
	}
}

func TestDecidingLeavesWhatWasHandedInAlone(t *testing.T) {
	s := meet(t, bakery())
	s.buys("2026-05-04 10:00", 5000)
	before, err := s.state.Doc.Encode()
	if err != nil {
		t.Fatal(err)
	}
	account, lots := s.state.Account, len(s.state.Lots)
	first, _, _ := loyalty.Decide(s.p, s.state, purchase(s, "2026-05-05 10:00", 7000), at("2026-05-05 10:00"))
	s.n--
	second, _, _ := loyalty.Decide(s.p, s.state, purchase(s, "2026-05-05 10:00", 7000), at("2026-05-05 10:00"))
	after, _ := s.state.Doc.Encode()
	if string(before) != string(after) || !reflect.DeepEqual(s.state.Account, account) || len(s.state.Lots) != lots || s.state.Member.Tier != "" {
		t.Errorf("the state was changed:\n%s\n%s", before, after)
	}
	if !reflect.DeepEqual(first, second) {
		t.Errorf("the same decision twice differs:\n%+v\n%+v", first, second)
	}
}
