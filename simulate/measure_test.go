package simulate_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"granaio/auth"
	"granaio/engine"
	"granaio/programme"
	"granaio/simulate"
	"granaio/store"
	"granaio/store/storetest"
)

// rebuilds has metrics of all members worked out anew, some by name or all, and answers of how many they changed.
func (s *shop) rebuilds(t *testing.T, names ...string) int64 {
	t.Helper()
	members, err := s.store.Ent().Member.Query().IDs(auth.System(t.Context(), s.id))
	if err != nil {
		t.Fatal(err)
	}
	changed, err := s.Remeasure(t.Context(), s.id, members, engine.Remeasure{Origin: engine.Origin{Caller: "operator:anna"}, Metrics: names})
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

const (
	later = `recent: {name: {en: Lately, it: Di recente}, on: [purchase, order], take: sum, over: 30 days}
    dearest: {name: {en: Dearest, it: Più caro}, on: [purchase], take: most}
    places: {name: {en: Places, it: Luoghi}, on: [purchase, visit, survey], take: distinct, of: touchpoint, over: 60 days}
    rhythm: {name: {en: Rhythm, it: Ritmo}, on: [visit], take: interval}
`
	laterRules = `- {key: recent, name: {en: Lately, it: Di recente}, on: [purchase, visit, child.week, member.updated], when: member.metrics.recent > 6000, award: {points: 2}}
  - {key: dearest, name: {en: Dearest, it: Più caro}, on: [purchase], when: member.metrics.dearest == event.value, award: {points: 3}}
  - {key: places, name: {en: Places, it: Luoghi}, on: [survey, draw], when: member.metrics.places > 1, award: {points: 4}}
  - {key: quick, name: {en: Quick, it: Svelto}, on: [delivery], when: 'member.metrics.rhythm < 1000000', award: {points: 5}}
`
)

// Metrics that came later than their members, and were worked out anew one by one while life went on, with members merged and things returned before and after, are read by the
// replay's conditions as they were read then.
func TestMetricsThatWereRebuiltAreReplayed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		p := opensPeople(t, db)
		lives := func(rounds int) {
			for range rounds {
				p.meet(t, 2)
				p.tell(t)
				p.live(t, 2, 4)
			}
		}
		lives(3)
		with := []string{"# metrics", later, "# rules", laterRules}
		publish := func(change ...string) time.Time {
			p.pass(time.Minute)
			p.publish(t, text(t, "people.yaml", change...))
			p.foresees(t)
			return p.now()
		}
		first := publish(with...)
		lives(2)
		if p.rebuilds(t, "recent", "rhythm") < 10 {
			t.Error("hardly anything was worked out anew")
		}
		lives(2)
		if p.rebuilds(t) < 10 || p.rebuilds(t) != 0 {
			t.Error("it was not worked out once and for all")
		}
		lives(3)
		third := publish()
		lives(1)
		last := publish(with...)
		lives(1)
		p.rebuilds(t)
		lives(1)
		for _, rule := range []string{"recent", "dearest", "places", "quick"} {
			if p.awarded(t, rule) == 0 {
				t.Errorf("the rule %s gave nothing", rule)
			}
		}
		p.exact(t, 4, last)
		// Later, what came late was decided in another world.
		if r := p.simulate(t, &programme.Candidate{Version: 2}, first, third.AddDate(0, 0, -20)); r.Astray != 0 || r.Actual != r.Draft {
			t.Errorf("version 2 as a draft: %+v", r)
		}
	})
}

// A return takes the latest or the dearest out of a metric, which only the past tells: the replay knows it too.
func TestWhatIsReturnedIsTakenOutOfMetrics(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s := open(t, db, text(t, "people.yaml", "# metrics", later, "# rules", laterRules))
		s.does(t, s.joins("ada@example.com"), s.buys("ada@example.com", "10"))
		bought := s.does(t, s.buys("ada@example.com", "40"), s.buys("ada@example.com", "20"))
		back := func(i int, amount *engine.MoneyIn) engine.Request {
			return &engine.Reverse{Origin: s.origin(), Interaction: bought[i].Interaction, Value: amount}
		}
		s.does(t, back(0, &engine.MoneyIn{Amount: decimal.RequireFromString("25")}), s.buys("ada@example.com", "19"), back(1, nil), s.buys("ada@example.com", "19"), back(0, nil), s.buys("ada@example.com", "18"))
		p := &people{shop: s}
		if s.awarded(t, "dearest") != 9 { // the 10, the 40, and the second 19, when the 20 is gone
			t.Errorf("%d points for the dearest", s.awarded(t, "dearest"))
		}
		p.exact(t, 1, begin)
	})
}

// What would it cost to give 500 points to whoever spends much: a metric that only the draft has is worked out from all that is known, also from before the period.
func TestADraftWithAMetricOfItsOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s := opened(t, db)
		for _, who := range []string{"ada", "ben", "cid", "dan"} {
			s.does(t, s.joins(who+"@example.com"))
		}
		s.does(t, s.buys("ben@example.com", "500")) // more than 90 days before
		s.pass(85 * 24 * time.Hour)
		all := s.does(t, s.buys("ada@example.com", "150"), s.buys("cid@example.com", "190"), s.buys("cid@example.com", "30"), s.buys("dan@example.com", "250"))
		s.does(t, &engine.Reverse{Origin: s.origin(), Interaction: all[2].Interaction})
		s.pass(20 * 24 * time.Hour)
		from := s.now()
		s.does(t, s.buys("ada@example.com", "60"), s.buys("ben@example.com", "60"), s.buys("cid@example.com", "5"), s.joins("eve@example.com"), s.buys("eve@example.com", "201"))
		s.does(t, &engine.Merge{Origin: s.origin(), From: engine.Ref{Identity: email("dan@example.com")}, Into: engine.Ref{Identity: email("ben@example.com")}, Reason: "one person"}, s.buys("ben@example.com", "1"))
		metric := "  metrics:\n    spent: {name: {en: Spent}, on: [purchase], take: sum, over: 90 days}\n  events:\n"
		file := source(t, "  events:\n", metric, "rules:\n", `rules:
  - {key: big, name: {en: Big}, on: [purchase], when: member.metrics.spent > 20000, award: {points: 500}, limits: [{times: 1}]}
`)
		r := s.simulate(t, &programme.Candidate{File: file}, from, s.now().Add(time.Hour))
		want := simulate.Row{Kind: "rule", Key: "big", Draft: 1500, Members: 3} // ada, eve, and ben once he is dan too
		if got := row(r.Rules, "big"); got != want || r.Astray != 0 || r.Draft.Awarded != r.Actual.Awarded+1500 || r.Touched != 3 {
			t.Errorf("%+v: %+v", got, r)
		}
	})
}
