package fact_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"granaio/loyalty/fact"
)

func TestKeysAndNames(t *testing.T) {
	for text, want := range map[string][3]bool{ // key, event, field
		"a": {true, true, true}, "per-euro": {true, true, false}, "2-for-1": {true, true, false}, "idea.voted": {false, true, false}, "a_b": {false, true, true},
		"": {}, "-a": {}, ".a": {}, "_a": {}, "A": {}, "a b": {}, "è": {}, strings.Repeat("a", 64): {true, true, true}, strings.Repeat("a", 65): {}, "1a": {true, true, false},
	} {
		if got := [3]bool{fact.IsKey(text), fact.IsEventName(text), fact.IsFieldName(text)}; got != want {
			t.Errorf("%q: %v, not %v", text, got, want)
		}
	}
}

func TestNearestName(t *testing.T) {
	known := []string{"purchase", "review", "idea.voted", "int"}
	for name, want := range map[string]string{
		"purchse": ": did you mean “purchase”?", "pruchase": ": did you mean “purchase”?", "reviews": ": did you mean “review”?", "visit": "", "": "",
		"itn": ": did you mean “int”?", strings.Repeat("x", 5000): "",
	} {
		if got := fact.Nearest(name, known); got != want {
			t.Errorf("%.20q: %q, not %q", name, got, want)
		}
	}
}

func TestNearestFindsANameWithOneMistake(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z]{3,20}`).Draw(t, "name")
		i := rapid.IntRange(0, len(name)-1).Draw(t, "place")
		wrong := rapid.SampledFrom([]string{name[:i] + name[i+1:], name[:i] + "Z" + name[i:], name[:i] + "Z" + name[i+1:]}).Draw(t, "wrong")
		if got := fact.Nearest(wrong, []string{"ZZZZZZZZZZZZZZZZZZZZZZZZZZZ", name}); got != ": did you mean “"+name+"”?" {
			t.Fatalf("%q suggests %q", wrong, got)
		}
	})
}

func TestKeysAreTakenOnce(t *testing.T) {
	r, k := fact.NewReport(), fact.Keys{}
	for i, key := range []string{"a", "b", "a", "", "A"} {
		if good := k.Take(key, i, r.In("rules").At(i).In("key")); good != (i < 2) {
			t.Errorf("%q at place %d is taken: %t", key, i, good)
		}
	}
	p := r.Problems()
	if len(p) != 3 || p[0].String() != "rules[2].key: the key “a” is taken already, by the one at place 0" || p[1].Path != "rules[3].key" {
		t.Errorf("%v", p)
	}
}

func TestPathsOfProblems(t *testing.T) {
	r := fact.NewReport()
	r.In("programme").In("events").In("idea.voted").In("name").In("de-CH").Say("x")
	r.In("rules").At(3).In("when").Place(1, 7, "y")
	r.In("a").In("").Say("z")
	if p := r.Problems(); p[0].Path != `programme.events["idea.voted"].name.de-CH` || p[1].String() != "rules[3].when (1:7): y" || p[2].Path != `a[""]` {
		t.Errorf("%v", p)
	}
}

func TestSpans(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	r := fact.NewReport()
	s := fact.ParseSpan("2026-05-01", "2026-05-31", rome, r)
	if !s.From.Equal(time.Date(2026, 4, 30, 22, 0, 0, 0, time.UTC)) || !s.Until.Equal(time.Date(2026, 5, 31, 22, 0, 0, 0, time.UTC)) || s.From.Location() != time.UTC {
		t.Errorf("%v", s)
	}
	if !s.Holds(s.From) || s.Holds(s.From.Add(-1)) || s.Holds(s.Until) || !s.Holds(s.Until.Add(-1)) {
		t.Error("the ends are not where they should be")
	}
	if s := fact.ParseSpan("2026-05-01T09:00:00.5+02:00", "", rome, r); !s.From.Equal(time.Date(2026, 5, 1, 7, 0, 0, 5e8, time.UTC)) || !s.Holds(time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%v", s)
	}
	if (fact.Span{}) != fact.ParseSpan("", "", rome, r) || !(fact.Span{}).Holds(time.Now()) {
		t.Error("no ends are not open")
	}
	if len(r.Problems()) > 0 {
		t.Error(r.Problems())
	}
	for from, until := range map[string]string{"2026-05-01": "2026-04-30", "1 May": "", "2026-13-01": "", "2026-05-01T09:00:00": "", "2026-05-01T09:00:00Z": "2026-05-01T09:00:00Z"} {
		r := fact.NewReport()
		if fact.ParseSpan(from, until, rome, r); len(r.Problems()) != 1 {
			t.Errorf("%s to %s: %v", from, until, r.Problems())
		}
	}
}

func TestDecimals(t *testing.T) {
	for text, ok := range map[string]bool{"1": true, "1.50": true, "0.000001": true, "": false, "1.": false, ".5": false, "-1": false, "+1": false, "1e3": false, "1,5": false, "0.0000001": false, "1234567890123456": false} {
		if _, got := fact.ParseDecimal(text); got != ok {
			t.Errorf("%q is read: %t", text, got)
		}
	}
	half, _ := fact.ParseDecimal("1.5")
	if p, ok := fact.Points(7).Times(half); p != 10 || !ok {
		t.Errorf("7 × 1.5 is %d", p)
	}
	if _, ok := fact.MaxPoints.Times(half); ok {
		t.Error("there are points beyond the greatest number of them")
	}
}

func TestTextsHaveAllLanguages(t *testing.T) {
	s := fact.Setting{Zone: time.UTC, Languages: []string{"it", "en"}}
	for _, c := range []struct {
		text     fact.Text
		optional bool
		problems int
	}{
		{fact.Text{"it": "a", "en": "b"}, false, 0}, {nil, true, 0}, {nil, false, 1}, {fact.Text{"it": "a"}, true, 1}, {fact.Text{"it": "a", "en": "b", "fr": "c"}, false, 1},
		{fact.Text{"it": "èèèèè", "en": "xxxxxx"}, false, 1}, {fact.Text{"it": "\xff", "en": "x"}, false, 1},
	} {
		r := fact.NewReport()
		if s.Text(c.text, c.optional, 5, r); len(r.Problems()) != c.problems {
			t.Errorf("%v: %v", c.text, r.Problems())
		}
	}
}

func TestAmountOfAbsurdExponentIsRefusedAtOnce(t *testing.T) {
	euro, _ := fact.CurrencyOf("EUR")
	for _, exponent := range []int32{1 << 30, -(1 << 30)} {
		if m, err := fact.MoneyOf(fact.DecimalOf(1).Shift(exponent), euro); err == nil {
			t.Errorf("%v", m)
		}
	}
}
