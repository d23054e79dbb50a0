package simulate_test

import (
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/simulate"
	"granaio/store"
	"granaio/store/storetest"
)

// foresees has members who do nothing learn of a new version, as the server does.
func (s *shop) foresees(t *testing.T) {
	t.Helper()
	timeline, err := s.library.Latest(t.Context(), s.id)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Foresee(t.Context(), s.id, fact.ID{}, timeline.Last(), 1000); err != nil {
		t.Fatal(err)
	}
}

// has counts rows.
func (s *shop) has(t *testing.T, text string, args ...any) (n int) {
	t.Helper()
	if err := s.store.DB().QueryRowContext(t.Context(), text, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Tiers that fall, by the calendar and in a rolling window, are granted and multiply, and what time brought about: the published versions give what the books say.
func TestTiersThatFallAndWhatTimeBroughtAreWhatReallyHappened(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s := open(t, db, text(t, "club.yaml"))
		s.dated = true
		s.live(t, 30, 8)
		s.pass(time.Minute) // a version is in force from its instant on
		second := s.now()
		s.publish(t, text(t, "club.yaml", "period: calendar_month, fall: straight, grace: 5 days", "period: rolling, rolling_months: 1, fall: step, grace: 3 days",
			"silent: 4 days, of: [purchase, visit]", "silent: 3 days, of: [purchase]", "at: 130", "at: 110"))
		s.foresees(t)
		s.live(t, 30, 8)
		s.pass(time.Minute)
		third := s.now()
		s.publish(t, text(t, "club.yaml", "period: calendar_month, fall: straight, grace: 5 days", "period: rolling, rolling_months: 1, fall: straight",
			`since: attribute birth_date, every: year, at: "09:00"`, `since: attribute birth_date, every: month, at: "12:00"`, `multiply: "1.25"`, `multiply: "1.75"`))
		s.foresees(t)
		s.live(t, 35, 8)
		t.Log(s.granted, s.refused)
		for _, event := range []string{"birthday", "silent", "month", "joined", "tier.changed", "points.expiring"} {
			if s.has(t, "SELECT count(*) FROM interactions WHERE event = $1", event) < 5 {
				t.Errorf("the history has no %s", event)
			}
		}
		for _, reason := range []string{"qualified", "granted", "fell"} {
			if s.has(t, "SELECT count(*) FROM tier_changes WHERE reason = $1", reason) < 5 {
				t.Errorf("no tier %s", reason)
			}
		}
		if s.has(t, "SELECT count(*) FROM movements WHERE kind = 'earn' AND explanation ->> 'source' = 'tier'") < 10 {
			t.Error("no tier multiplied")
		}
		until := s.now().Add(time.Hour)
		all := s.simulate(t, nil, begin, until)
		if all.Astray != 0 || all.Touched != 0 || all.Members < 15 || all.Interactions < 500 {
			t.Errorf("%+v", all)
		}
		s.compareWithBooks(t, all, begin, until)
		s.compareWithBooks(t, s.simulate(t, nil, second, third), second, third)

		// A version that was in force all the time is a draft like any other.
		for number, period := range map[int][2]time.Time{1: {begin, second.AddDate(0, 0, -20)}, 3: {until.AddDate(0, 0, -20), until}} { // later, what came late was decided in another world
			r := s.simulate(t, &programme.Candidate{Version: number}, period[0], period[1])
			if r.Astray != 0 || r.Touched != 0 || len(r.Moves) != 0 || len(r.Refused) != 0 || r.Actual != r.Draft || r.Actual.Awarded == 0 {
				t.Errorf("version %d: %+v", number, r)
			}
			for _, rows := range [][]simulate.Row{r.Rules, r.Tiers, r.Touchpoints, r.Days} {
				for _, row := range rows {
					if row.Actual != row.Draft || row.Members != 0 {
						t.Errorf("version %d: %+v", number, row)
					}
				}
			}
		}
	})
}

// days lets days pass on each of which the clock comes as often as there is something to do.
func (s *shop) days(t *testing.T, days int) {
	t.Helper()
	for range days {
		s.pass(24 * time.Hour)
		for range 5 {
			if _, err := s.Settle(t.Context(), 1000); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// row is one of a report's rows.
func row(rows []simulate.Row, key string) simulate.Row {
	for _, r := range rows {
		if r.Key == key {
			return r
		}
	}
	return simulate.Row{Key: key}
}

// A trigger that only the draft has comes in the draft's world when it would have come, also to members of whom nothing is heard, and to the day.
func TestADraftThatHasTimeBringSomething(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s := opened(t, db)
		s.does(t, s.joins("ada@example.com"), s.joins("ben@example.com"))
		s.pass(24 * time.Hour)
		from := s.now() // a Monday
		s.days(t, 10)
		s.does(t, s.buys("ada@example.com", "10"))
		s.days(t, 18)
		s.does(t, s.buys("ada@example.com", "10")) // 2 March
		file := source(t, "    draw: {name: {en: prize draw}}\n", "    draw: {name: {en: prize draw}}\n  triggers:\n    friday: {name: {en: Friday}, every: week, on: friday, at: \"07:00\"}\n",
			"  - {key: hurry,", "  - {key: friday, name: {en: Friday}, on: [friday], award: {points: 7}, budget: campaign}\n  - {key: hurry,")
		r := s.simulate(t, &programme.Candidate{File: file}, from, s.now().Add(time.Hour))
		if got := row(r.Rules, "friday"); r.Astray != 0 || got != (simulate.Row{Kind: "rule", Key: "friday", Draft: 56, Members: 2}) || r.Draft.Awarded != r.Actual.Awarded+56 || r.Touched != 2 {
			t.Errorf("%+v: %+v", got, r)
		}
		for _, day := range []string{"2026-02-06", "2026-02-13", "2026-02-20", "2026-02-27"} {
			if got := row(r.Days, day); got.Draft-got.Actual != 14 || got.Members != 2 {
				t.Errorf("%+v", got)
			}
		}
	})
}

// What time really brought does not happen in the world of a draft without the trigger, and a rise that only the draft has is told in its world alone.
func TestADraftInWhichTimeBringsOtherThings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s := open(t, db, text(t, "club.yaml"))
		ada := s.joins("ada@example.com").(*engine.Enrol)
		ada.Attributes = map[string]any{"birth_date": "1990-02-20"}
		s.does(t, ada, s.joins("ben@example.com"))
		s.days(t, 1)
		from := s.now()
		s.does(t, s.buys("ben@example.com", "50"))
		s.days(t, 28)
		until := s.now()
		file := text(t, "club.yaml", "    birthday: {name: {en: birthday}, since: attribute birth_date, every: year, at: \"09:00\"}\n", "",
			"  - {key: birthday, name: {en: Many happy returns}, on: [birthday], award: {points: 40}}\n", "", "at: 60,", "at: 40,", "at: 130,", "at: 45,")
		r := s.simulate(t, &programme.Candidate{File: file}, from, until)
		for _, want := range []simulate.Row{
			{Kind: "rule", Key: "birthday", Actual: 40, Members: 1}, {Kind: "rule", Key: "rise", Draft: 5, Members: 1}, {Kind: "rule", Key: "month", Actual: 2, Draft: 2},
			{Kind: "rule", Key: "back", Actual: 6, Draft: 6}, {Kind: "mission", Key: "week", Actual: 20, Draft: 20},
		} {
			if got := row(r.Rules, want.Key); got != want {
				t.Errorf("%+v, not %+v", got, want)
			}
		}
		if r.Astray != 0 || r.Touched != 2 || len(r.Refused) != 0 || len(r.Moves) != 1 || r.Moves[0] != (simulate.Move{Actual: "silver", Draft: "gold", Rises: true, Members: 1}) {
			t.Errorf("%+v", r)
		}
	})
}
