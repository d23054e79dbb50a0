package simulate_test

import (
	"errors"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/simulate"
	"granaio/store"
	"granaio/store/storetest"
)

func (s *shop) does(t *testing.T, requests ...engine.Request) (all []*engine.Outcome) {
	t.Helper()
	for _, r := range requests {
		s.pass(time.Hour)
		result := s.All(t.Context(), []engine.Request{r})[0]
		if result.Err != nil || result.Outcome.Refusal != nil {
			t.Fatal(result.Err, result.Outcome)
		}
		all = append(all, result.Outcome)
	}
	return all
}

func (s *shop) joins(who string) engine.Request {
	return &engine.Enrol{Origin: s.origin(), Identities: []engine.Identity{email(who)}, Touchpoint: "web"}
}

func (s *shop) buys(who, euros string) engine.Request {
	return &engine.Track{
		Origin: s.origin(), Member: engine.Ref{Identity: email(who)}, Event: "purchase", Touchpoint: "till", Value: &engine.MoneyIn{Amount: decimal.RequireFromString(euros)},
	}
}

// A draft gives half of what was given for spending: whoever spent what they would not have had is told, and so is the cost.
func TestADraftThatGivesLess(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s := opened(t, db)
		s.does(t, s.joins("ada@example.com"), s.joins("ben@example.com"), s.buys("ada@example.com", "100"))
		s.pass(24 * time.Hour)
		from := s.now()
		ada, ben := engine.Ref{Identity: email("ada@example.com")}, engine.Ref{Identity: email("ben@example.com")}
		all := s.does(t, s.buys("ada@example.com", "40"), s.buys("ben@example.com", "20"),
			&engine.Redeem{Origin: s.origin(), Member: ada, Reward: s.reward(t, "trip")},
			&engine.Operate{Origin: s.origin(), Members: []engine.Ref{ada}, Operation: loyalty.Hold{Points: 85, ExpiresIn: time.Hour * 5}})
		hold := all[3].Own[0].As(fact.KindHold)
		s.does(t, &engine.Operate{Origin: s.origin(), Members: []engine.Ref{{Hold: hold}}, Operation: loyalty.Capture{Hold: hold}},
			&engine.Refund{Origin: s.origin(), Movement: all[2].MovementIDs[len(all[2].MovementIDs)-1]},
			&engine.Operate{Origin: s.origin(), Members: []engine.Ref{ben, ada}, Operation: loyalty.Transfer{Points: 5}})
		file := source(t, `award: {per: "1.00", points: 1, rounding: down}`, `award: {per: "2.00", points: 1, rounding: down}`)
		o := simulate.Options{Programme: s.id, From: from, Until: s.now().Add(time.Hour), PointValue: new(decimal.RequireFromString("0.05"))}
		var problems []programme.Problem
		var err error
		if o.Draft, problems, err = programme.Trial(t.Context(), s.store, s.id, programme.Candidate{File: file}, from); err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
		r, err := s.run(t, o)
		if err != nil {
			t.Fatal(err)
		}
		// Ada has 50 + 100 + 20 when the period begins. In it she is given 40, by the draft 20; Ben 20 and 20, by the draft 10 and 20.
		if r.Astray != 0 || r.Interactions != 2 || r.Members != 2 || r.Touched != 2 || r.Actual.Awarded != 80 || r.Draft.Awarded != 50 {
			t.Errorf("%+v", r)
		}
		if r.Actual.Cost.String() != "4" || r.Draft.Cost.String() != "2.5" || r.Start != simulate.StartReplay {
			t.Errorf("it costs %s and %s, from a %s", r.Actual.Cost, r.Draft.Cost, r.Start)
		}
		if r.Actual.Spent != 85 || r.Draft.Spent != 0 {
			t.Errorf("%d were spent, and %d would be", r.Actual.Spent, r.Draft.Spent)
		}
		for _, row := range r.Rules {
			if row.Key == "spend" && (row.Actual != 60 || row.Draft != 30 || row.Members != 2) || row.Key == "first" && (row.Actual != 20 || row.Draft != 20 || row.Members != 0) {
				t.Errorf("%+v", row)
			}
		}
		want := []simulate.Refused{
			{Operation: "pointsCapture", Code: fact.CodeUnknownHold, Count: 1, Points: 85},
			{Operation: "pointsHold", Code: fact.CodeInsufficientPoints, Count: 1, Points: 85},
		}
		if len(r.Refused) != 2 || r.Refused[0] != want[0] || r.Refused[1] != want[1] {
			t.Errorf("the draft refuses %+v", r.Refused)
		}
		if len(r.Moves) != 1 || r.Moves[0] != (simulate.Move{Actual: "silver", Draft: "", Rises: false, Members: 1}) {
			t.Errorf("the tiers are %+v", r.Moves)
		}
	})
}

// A hold that only a draft books something before is still the one that is captured or released, also after its member was merged.
func TestADraftsHoldsAreTheSame(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s := opened(t, db)
		who := func(name string) engine.Ref { return engine.Ref{Identity: email(name + "@example.com")} }
		holds := func(name string) engine.Request {
			return &engine.Operate{Origin: s.origin(), Members: []engine.Ref{who(name)}, Operation: loyalty.Hold{Points: 5, ExpiresIn: 9 * time.Hour}}
		}
		from := s.now()
		for _, name := range []string{"ada", "ben"} {
			s.does(t, s.joins(name+"@example.com"), s.buys(name+"@example.com", "100"))
		}
		s.pass(23 * 24 * time.Hour) // the first purchase's bonus is over, and in the draft the points for spending
		var ids []fact.ID
		for _, o := range s.does(t, holds("ada"), holds("ben")) {
			ids = append(ids, o.Own[0].As(fact.KindHold))
		}
		s.does(t, &engine.Merge{Origin: s.origin(), From: who("ben"), Into: who("ada"), Reason: "one person"},
			&engine.Operate{Origin: s.origin(), Members: []engine.Ref{{Hold: ids[0]}}, Operation: loyalty.Capture{Hold: ids[0]}},
			&engine.Operate{Origin: s.origin(), Members: []engine.Ref{{Hold: ids[1]}}, Operation: loyalty.Capture{Hold: ids[1]}})
		file := source(t, `points: 1, rounding: down}}`, `points: 1, rounding: down}, expire: 10 days}`)
		r := s.simulate(t, &programme.Candidate{File: file}, from, s.now().Add(time.Hour))
		if r.Astray != 0 || len(r.Refused) != 0 || r.Actual.Spent != 10 || r.Draft.Spent != 10 || r.Draft.Expired <= r.Actual.Expired {
			t.Errorf("%+v", r)
		}
	})
}

// A simulation tries the drafts that there were when it was asked for, whatever is written, published or discarded before its turn comes.
func TestDraftsAreTriedAsTheyWere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		s := opened(t, db)
		from := s.now()
		s.does(t, s.joins("ada@example.com"), s.buys("ada@example.com", "10"))
		editor, by := programme.NewEditor(db, s.now), programme.Author{Programme: s.id, Caller: "operator:anna"}
		welcome := func(points string) {
			t.Helper()
			text := programme.Text{YAML: "key: welcome\nname: {en: Welcome}\non: [member.enrolled]\naward: {points: " + points + "}\nqualifying: false\n"}
			e, err := editor.Draft(t.Context(), by, programme.Draft{Kind: "rule", Text: text, Expected: programme.AnyRevision})
			if err != nil || e.Refusal != nil || len(e.Problems) > 0 {
				t.Fatalf("%v %+v", err, e)
			}
		}
		simulator := simulate.Simulator{Store: db, Library: s.library}
		tried := func(p simulate.Plan) int64 {
			t.Helper()
			r, problems, err := simulator.Run(t.Context(), s.id, p, nil)
			if err != nil || len(problems) > 0 {
				t.Fatal(problems, err)
			}
			return int64(r.Draft.Awarded)
		}
		plan := simulate.Plan{From: from, Until: s.now().Add(time.Hour)}
		welcome("60")
		frozen, err := simulator.Freeze(t.Context(), s.id, plan)
		if err != nil {
			t.Fatal(err)
		}
		first := tried(frozen)
		welcome("80")
		if now := tried(plan); now != first+20 {
			t.Errorf("the drafts of now give %d, those of then %d", now, first)
		}
		s.publish(t, source(t, "award: {points: 50}", "award: {points: 95}"))
		if again := tried(frozen); again != first {
			t.Errorf("those of then give %d, not %d any more", again, first)
		}
	})
}

func TestAPeriodThatCannotBeSimulated(t *testing.T) {
	s := opened(t, storetest.New(t))
	for want, o := range map[error]simulate.Options{
		simulate.ErrEmptyPeriod:     {From: begin, Until: begin},
		simulate.ErrBeforeProgramme: {From: time.Date(2025, time.December, 31, 0, 0, 0, 0, time.UTC), Until: begin},
	} {
		o.Programme = s.id
		if _, err := s.run(t, o); !errors.Is(err, want) {
			t.Errorf("%v, not %v", err, want)
		}
	}
	_, problems, err := programme.Trial(t.Context(), s.store, s.id, programme.Candidate{File: source(t, "currency: EUR", "currency: CHF")}, begin)
	if err != nil || len(problems) != 1 || problems[0].Path != "programme.currency" || problems[0].Line == 0 {
		t.Errorf("another currency: %v %v", problems, err)
	}
}
