package engine_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"granaio/auth"
	"granaio/engine"
	"granaio/ent/budget"
	"granaio/ent/definition"
	"granaio/loyalty/fact"
	"granaio/programme"
)

// spent is how many points of a budget are spent, and how many there are.
func (s *shop) spent(t *testing.T, key string) (spent, amount int64) {
	t.Helper()
	ctx := auth.System(t.Context(), s.id)
	id := s.store.Ent().Definition.Query().Where(definition.KindEQ(definition.KindBudget), definition.Key(key)).OnlyX(ctx).ID
	row := s.store.Ent().Budget.Query().Where(budget.ID(id)).OnlyX(ctx)
	return row.Spent, row.Amount
}

func (s *shop) draws(key, address string, cut bool) engine.Track {
	return engine.Track{
		Origin: s.origin(key), Member: engine.Ref{Identity: email(address)}, Event: "draw", Touchpoint: "web", Properties: map[string]any{"cut": cut},
	}
}

// Several engines, each with several workers, draw on the same budgets far beyond what there is, one request at a time and in batches: to the last point all is
// given that a rule would give, and not one more.
func TestABudgetIsNeverExceeded(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		const members = 12
		engines := []*engine.Engine{s.Engine, s.another(2), s.another(2)}
		for _, e := range engines[1:] {
			defer e.Close()
		}
		for m := range members {
			granted(t)(s.Enrol(t.Context(), s.enrolment(fmt.Sprintf("m%d@example.com", m))))
		}
		var all sync.WaitGroup
		var mu sync.Mutex
		got := map[bool]fact.Points{}
		take := func(cut bool, o *engine.Outcome, err error) {
			if err != nil || o.Refusal != nil {
				t.Errorf("%v %+v", err, o)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			for _, m := range o.Movements {
				got[cut] += m.Points
			}
		}
		for n, e := range engines {
			for m := range members {
				address := fmt.Sprintf("m%d@example.com", m)
				all.Go(func() {
					for i := range 8 {
						cut := (n+m+i)%2 == 0
						if m%2 == 0 {
							o, err := e.Track(t.Context(), s.draws(fmt.Sprint(n, m, i), address, cut))
							take(cut, o, err)
						} else if i == 0 {
							var batch []engine.Track
							for k := range 8 {
								batch = append(batch, s.draws(fmt.Sprint(n, m, k), address, cut))
							}
							for _, r := range e.TrackBatch(t.Context(), batch) {
								take(cut, r.Outcome, r.Err)
							}
						}
					}
				})
			}
		}
		all.Wait()
		for key, want := range map[string]fact.Points{"cut": 1005, "skip": 1000} {
			spent, amount := s.spent(t, key)
			if spent != int64(want) || amount != 1005 || got[key == "cut"] != want {
				t.Errorf("%s: %d of %d are spent, %d were given, not %d", key, spent, amount, got[key == "cut"], want)
			}
		}
		s.sound(t)
	})
}

// What is answered again draws nothing again; what is refused draws nothing.
func TestABudgetIsDrawnOnOnce(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.given(t, "a@example.com")
		for range 3 {
			granted(t)(s.Track(t.Context(), s.draws("one", "a@example.com", true)))
		}
		refused(t, fact.CodeUnknownMember)(s.Track(t.Context(), s.draws("two", "nobody@example.com", true)))
		if spent, _ := s.spent(t, "cut"); spent != 10 {
			t.Errorf("%d are spent", spent)
		}
	})
}

// What a return takes back is in the budget again, once.
func TestAReturnGivesBackToTheBudget(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.given(t, "a@example.com")
		o := granted(t)(s.Track(t.Context(), s.draws("one", "a@example.com", true)))
		granted(t)(s.Track(t.Context(), s.draws("two", "a@example.com", true)))
		for range 2 {
			granted(t)(s.Reverse(t.Context(), engine.Reverse{Origin: s.origin("back"), Interaction: o.Interaction}))
		}
		refused(t, fact.CodeAlreadyReversed)(s.Reverse(t.Context(), engine.Reverse{Origin: s.origin("again"), Interaction: o.Interaction}))
		if spent, _ := s.spent(t, "cut"); spent != 10 {
			t.Errorf("%d are spent", spent)
		}
		s.sound(t)
	})
}

// A budget can be lowered to what is spent and no further, and what is left is then left for late interactions too.
func TestABudgetIsNotLoweredBelowWhatIsSpent(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.given(t, "a@example.com")
		granted(t)(s.Track(t.Context(), s.draws("one", "a@example.com", true)))
		src, err := os.ReadFile("testdata/shop.yaml")
		if err != nil {
			t.Fatal(err)
		}
		lower := func(points int) []programme.Problem {
			text := strings.Replace(string(src), "{key: cut, name: {en: Cut}, points: 1005}", fmt.Sprintf("{key: cut, name: {en: Cut}, points: %d}", points), 1)
			file, problems := programme.Parse("shop.yaml", []byte(text))
			if file == nil {
				t.Fatal(problems)
			}
			_, problems, err := programme.Import(t.Context(), s.store, file, "test", time.Now())
			if err != nil {
				t.Fatal(err)
			}
			return problems
		}
		if p := lower(9); len(p) != 1 || p[0].Path != "budgets[0].points" || p[0].Line == 0 || !strings.Contains(p[0].Message, "10 points are spent already") {
			t.Errorf("told %v", p)
		}
		if spent, amount := s.spent(t, "cut"); spent != 10 || amount != 1005 {
			t.Errorf("a refused import left %d of %d", spent, amount)
		}
		late := s.draws("two", "a@example.com", true)
		late.Occurred = time.Now()
		if p := lower(13); len(p) > 0 {
			t.Errorf("told %v", p)
		}
		if o := granted(t)(s.Track(t.Context(), late)); len(o.Movements) != 1 || o.Movements[0].Points != 3 {
			t.Errorf("late, it gives %+v", o.Movements)
		}
		if spent, amount := s.spent(t, "cut"); spent != 13 || amount != 13 {
			t.Errorf("%d of %d are spent", spent, amount)
		}
		s.sound(t)
	})
}

// What is scheduled holds from its instant on: a lower budget is not lower before, nor a higher one higher.
func TestAScheduledBudgetHoldsFromItsInstantOn(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		now := time.Now()
		s.set(now)
		s.given(t, "a@example.com")
		src, err := os.ReadFile("testdata/shop.yaml")
		if err != nil {
			t.Fatal(err)
		}
		schedule := func(at time.Time, cut, skip int) {
			t.Helper()
			text := strings.NewReplacer("{key: cut, name: {en: Cut}, points: 1005}", fmt.Sprintf("{key: cut, name: {en: Cut}, points: %d}", cut),
				"{key: skip, name: {en: Skip}, points: 1005}", fmt.Sprintf("{key: skip, name: {en: Skip}, points: %d}", skip)).Replace(string(src))
			file, problems := programme.Parse("shop.yaml", []byte(text))
			if file == nil {
				t.Fatal(problems)
			}
			report, edit, err := programme.NewEditor(s.store, s.now).Import(t.Context(), file, programme.Taking{Caller: "test", At: at})
			if err != nil || report == nil {
				t.Fatal(edit, err)
			}
		}
		schedule(time.Time{}, 25, 15)
		schedule(now.Add(time.Hour), 12, 35)
		draws := 0
		draw := func(cut bool, want ...fact.Points) {
			t.Helper()
			for _, w := range want {
				draws++
				o := granted(t)(s.Track(t.Context(), s.draws(fmt.Sprint("d", draws), "a@example.com", cut)))
				if got := fact.Points(0); len(o.Movements) > 0 && o.Movements[0].Points != w || len(o.Movements) == 0 && w != got {
					t.Errorf("draw %d gives %+v, not %d", draws, o.Movements, w)
				}
			}
		}
		draw(true, 10)
		draw(false, 10, 0) // 5 are left, and skipped
		s.set(now.Add(2 * time.Hour))
		draw(true, 2, 0)
		draw(false, 10, 10, 0)
		s.sound(t)
	})
}
