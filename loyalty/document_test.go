package loyalty_test

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

func someDoc(t *rapid.T) loyalty.Doc {
	instant := rapid.Custom(func(t *rapid.T) time.Time { return time.UnixMicro(rapid.Int64Range(1, 4e15).Draw(t, "micros")).UTC() })
	whole := rapid.Int64Range(-(1<<53 - 1), 1<<53-1)
	series := rapid.Custom(func(t *rapid.T) *loyalty.Series {
		s := &loyalty.Series{Count: rapid.Int64Range(1, 1e9).Draw(t, "count"), Sum: whole.Draw(t, "sum"), First: instant.Draw(t, "first"), Last: instant.Draw(t, "last")}
		for i := range rapid.IntRange(0, 9).Draw(t, "days") {
			s.Days = append(s.Days, loyalty.Tally{Day: fact.Day(20000 + 3*i), Count: 1, Sum: whole.Draw(t, "sum of day")})
		}
		for i := range rapid.IntRange(0, 2).Draw(t, "marks") {
			s.Marks = append(s.Marks, loyalty.Tally{Day: fact.Day(20000 + i), Count: 1})
		}
		s.Keep, s.Since = rapid.IntRange(0, 900).Draw(t, "keep"), fact.Day(rapid.IntRange(0, 30000).Draw(t, "since"))
		return s
	})
	d := loyalty.Doc{Qualifying: *series.Draw(t, "qualifying")}
	key := rapid.StringMatching(`[a-z]{1,5}`)
	if rapid.Bool().Draw(t, "full") {
		d.Events = rapid.MapOfN(key, series, 1, 4).Draw(t, "events")
		d.Given = map[string]*loyalty.Given{"r": {Series: *series.Draw(t, "given"), Recent: []int64{1, 2}, Excess: 7}}
		d.Redeemed = rapid.MapOfN(key, rapid.Int64Range(1, 9), 1, 4).Draw(t, "redeemed")
		d.Affinities = map[string]loyalty.Affinity{"a": {Percent: 50, Traits: []string{"x"}, Revision: 2}, "b": {}}
		d.Missions = map[string]loyalty.MissionState{"m month": {
			MissionPeriod: loyalty.MissionPeriod{Period: "2026-05", Count: 2}, Earlier: []loyalty.MissionPeriod{{Period: "2026-04", Count: 3, Completed: instant.Draw(t, "completed")}}, Latest: 20500,
		}}
	}
	return d
}

func TestDocumentComesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := someDoc(t)
		text, err := d.Encode()
		if err != nil {
			t.Fatal(err)
		}
		back, err := loyalty.DecodeDoc(text)
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if !reflect.DeepEqual(d, back) {
			t.Fatalf("%+v\nis not\n%+v\nin %s", back, d, text)
		}
		again, _ := back.Encode()
		if string(again) != string(text) {
			t.Fatalf("%s\nis not\n%s", again, text)
		}
	})
}

func TestDocumentIsCompact(t *testing.T) {
	s := meet(t, bakery())
	for _, day := range []string{"2026-05-04 10:00", "2026-05-04 11:00", "2026-05-09 10:00"} {
		s.buys(day, 5000)
	}
	text, _ := s.state.Doc.Encode()
	want := `{"version":3,"events":{"purchase":{"count":3,"sum":15000,"first":"2026-05-04T08:00:00Z","last":"2026-05-09T08:00:00Z"}},` +
		`"qualifying":{"count":4,"sum":180,"first":"2026-05-04T08:00:00Z","last":"2026-05-09T08:00:00Z"},` +
		`"missions":{"three-a-month month":{"period":"2026-05","count":3,"completed":"2026-05-09T08:00:00Z","award":"mov_0000000001r6e0000000000244","latest":20582}},` +
		`"affinities":{"critic":{"percent":0,"revision":1},"regular":{"percent":66,"traits":["often"],"revision":1}}}`
	if string(text) != want {
		t.Errorf("%s\nis not\n%s", text, want)
	}
}

func TestDaysAreKeptWhereAWindowLooksAtThem(t *testing.T) {
	spec := bakery()
	spec.Rewards[0].When = `member.sum("purchase", "30d") > 0`
	s := meet(t, spec)
	s.buys("2026-05-04 10:00", 5000)
	s.buys("2026-05-04 11:00", 100)
	want := loyalty.Days{{Day: 20577, Count: 2, Sum: 5100}}
	if got := s.state.Doc.Events["purchase"]; !reflect.DeepEqual(got.Days, want) || got.Keep != 429 {
		t.Errorf("%+v", got)
	}
	s.buys("2027-09-04 11:00", 100)
	if got := s.state.Doc.Events["purchase"]; len(got.Days) != 1 || got.Since == 0 || got.Count != 3 {
		t.Errorf("after more than 429 days: %+v", got)
	}
}

func TestEmptyAndBrokenDocuments(t *testing.T) {
	if d, err := loyalty.DecodeDoc([]byte(`{}`)); err != nil || !reflect.DeepEqual(d, loyalty.Doc{}) {
		t.Errorf("%+v %v", d, err)
	}
	for _, text := range []string{``, `[]`, `{"qualifying":{"days":[1,2]}}`} {
		if d, err := loyalty.DecodeDoc([]byte(text)); err == nil {
			t.Errorf("%s is read as %+v", text, d)
		}
	}
}
