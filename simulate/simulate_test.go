package simulate_test

import (
	"reflect"
	"testing"
	"time"

	"granaio/programme"
	"granaio/simulate"
	"granaio/store"
	"granaio/store/storetest"
)

// The versions that were published give what the books say: every member's balances and tier, and the points by rule, touchpoint and day.
func TestThePublishedVersionsGiveWhatReallyHappened(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s := opened(t, db)
		s.live(t, 25, 10)
		second := s.now()
		s.publish(t, source(t, "when: 'member.count(\"purchase\") == 1', award: {points: 20}", "when: 'member.count(\"purchase\") == 1', award: {points: 25}",
			"target: 3, every: month, award: {points: 30}", "target: 2, every: month, award: {points: 15}", "points: 700", "points: 900"))
		s.live(t, 25, 10)
		s.publish(t, source(t, "at: 150", "at: 100", "expire: 50 days", "expire: 35 days"))
		s.live(t, 35, 10)
		t.Log(s.granted, s.refused)
		for _, kind := range []string{"*engine.Track", "*engine.Enrol", "*engine.Redeem", "*engine.Reverse", "*engine.Refund", "pointsAdjust", "pointsHold", "pointsCapture", "pointsRelease", "pointsTransfer"} {
			if s.granted[kind] == 0 {
				t.Errorf("the history has no %s", kind)
			}
		}
		until := s.now().Add(time.Hour)
		all := s.simulate(t, nil, begin, until)
		if all.Astray != 0 || all.Touched != 0 || all.Members < 15 || all.Interactions < 500 {
			t.Errorf("%+v", all)
		}
		s.compareWithBooks(t, all, begin, until)
		s.compareWithBooks(t, s.simulate(t, nil, second, until), second, until)
		s.compareWithBooks(t, s.simulate(t, nil, begin, second), begin, second)

		// A version that was in force all the time is a draft like any other.
		for number, period := range map[int][2]time.Time{1: {begin, second}, 3: {until.AddDate(0, 0, -20), until}} {
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

// compareWithBooks compares what a report says happened with what is stored.
func (s *shop) compareWithBooks(t *testing.T, r *simulate.Report, from, until time.Time) {
	t.Helper()
	sums := func(list []simulate.Row) map[string]int64 {
		all := map[string]int64{}
		for _, row := range list {
			all[row.Key] += int64(row.Actual)
		}
		return all
	}
	zone, _ := time.LoadLocation("Europe/Rome")
	rules, places, days, awarded := map[string]int64{}, map[string]int64{}, map[string]int64{}, int64(0)
	rows, err := s.store.DB().QueryContext(t.Context(), `SELECT m.explanation ->> 'key', i.touchpoint, m.occurred_at, m.points FROM movements m
JOIN interactions i ON i.id = m.interaction_id JOIN members o ON o.id = m.member_id WHERE m.kind = 'earn' AND o.status <> 'erased' AND m.occurred_at >= $1 AND m.occurred_at < $2`, from, until)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var rule, place string
		var at time.Time
		var points int64
		if err := rows.Scan(&rule, &place, &at, &points); err != nil {
			t.Fatal(err)
		}
		awarded += points
		rules[rule] += points
		places[place] += points
		days[at.In(zone).Format(time.DateOnly)] += points
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if int64(r.Actual.Awarded) != awarded || awarded == 0 {
		t.Errorf("%d points were awarded, not %d", awarded, r.Actual.Awarded)
	}
	for what, pair := range map[string][2]map[string]int64{"rule": {rules, sums(r.Rules)}, "touchpoint": {places, sums(r.Touchpoints)}, "day": {days, sums(r.Days)}} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("by %s the books say %v, the report %v", what, pair[0], pair[1])
		}
	}
}
