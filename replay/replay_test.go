package replay_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"granaio/engine"
	"granaio/loyalty/fact"
	"granaio/replay"
)

// interleaved is a history of customers who buy in turn, some weeks apart: n lines of each.
func interleaved(customers, n int) []string {
	var lines []string
	day := time.Date(1997, time.January, 5, 0, 0, 0, 0, time.UTC)
	for range n {
		for c := range customers {
			lines = append(lines, fmt.Sprintf("c%d %s 1 %d.99", c, day.Format("20060102"), 10+c))
		}
		day = day.AddDate(0, 0, 9)
	}
	return lines
}

// fromInterleaved is what a customer of an interleaved history has come to: it buys every nine days.
func fromInterleaved(customers, n int) map[string]standing {
	all := map[string]standing{}
	for c := range customers {
		s := standing{Balance: 60, Tier: "bronze", Purchases: int64(n)}
		months := map[time.Month]int{}
		day := time.Date(1997, time.January, 5, 0, 0, 0, 0, time.UTC)
		for range n {
			s.Balance += int64(10 + c)
			if months[day.Month()]++; months[day.Month()] == 3 {
				s.Balance += 100
				s.Missions++
			}
			day = day.AddDate(0, 0, 9)
		}
		if s.Balance-10 >= 500 {
			s.Tier = "silver"
		}
		all[fmt.Sprintf("c%d", c)] = s
	}
	return all
}

func TestTheSameFileTwiceCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		file := history(t, interleaved(3, 6)...)
		want := fromInterleaved(3, 6)
		first := s.replay(t, s.options(file))
		if first.Tracked != 18 || first.Enrolled != 3 || first.Duplicates+first.Known+first.Refused != 0 || first.Points["earn"] == 0 {
			t.Errorf("the first time:\n%s", first)
		}
		compare(t, s.standings(t), want)
		again := s.replay(t, s.options(file))
		if again.Duplicates != 18 || again.Known != 3 || again.Tracked+again.Enrolled+again.Refused != 0 || len(again.Points) != 0 {
			t.Errorf("the second time:\n%s", again)
		}
		compare(t, s.standings(t), want)
	})
}

func TestALineAddedAtTheEndIsAllThatCounts(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		lines := interleaved(2, 2)
		o := s.options(history(t, lines...))
		s.replay(t, o)
		o.File = history(t, append(lines, "c1 19980101 1 7.00")...)
		if r := s.replay(t, o); r.Tracked != 1 || r.Duplicates != 4 || r.Points["earn"] != 7 {
			t.Errorf("%s", r)
		}
	})
}

func TestAnotherSourceIsAnotherHistoryOfTheSameCustomers(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		o := s.options(history(t, interleaved(2, 2)...))
		s.replay(t, o)
		o.Source = "another"
		if r := s.replay(t, o); r.Tracked != 4 || r.Known != 2 || r.Enrolled+r.Duplicates+r.Refused != 0 {
			t.Errorf("%s", r)
		}
	})
}

// gate is an engine that calls a function before each batch.
type gate struct {
	replay.Engine
	before func()
}

func (g gate) All(ctx context.Context, requests []engine.Request) []engine.Result {
	g.before()
	return g.Engine.All(ctx, requests)
}

func TestAnInterruptedReplayGoesOnWhereItStopped(t *testing.T) {
	for _, lanes := range []int{1, 3} {
		t.Run(fmt.Sprint(lanes, "-lanes"), func(t *testing.T) {
			each(t, func(t *testing.T, s *shop) {
				o := s.options(history(t, interleaved(5, 12)...))
				o.Batch, o.Lanes = 3, lanes
				ctx, interrupt := context.WithCancel(t.Context())
				deps := s.deps()
				deps.Engine = gate{s.engine, interrupt} // while the first batch is under way
				cut, err := replay.Run(ctx, deps, o)
				if !errors.Is(err, context.Canceled) || cut.Complete {
					t.Fatalf("it was not interrupted: %v\n%s", err, cut)
				}
				if cut.Tracked < 3 || cut.Tracked > int64(3*lanes) || cut.Refused != 0 {
					t.Errorf("the batches under way were not finished, or more were begun:\n%s", cut)
				}
				rest := s.replay(t, o)
				if rest.Duplicates != cut.Tracked || rest.Tracked != 60-cut.Tracked || rest.Enrolled+cut.Enrolled != 5 {
					t.Errorf("what was cut off:\n%s\nwhat was left:\n%s", cut, rest)
				}
				compare(t, s.standings(t), fromInterleaved(5, 12))
			})
		})
	}
}

func TestACustomersLinesStayInOrderInSmallBatches(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		o := s.options(history(t, interleaved(7, 10)...))
		o.Batch, o.Lanes = 1, 8
		s.replay(t, o)
		compare(t, s.standings(t), fromInterleaved(7, 10))
	})
}

func TestACustomerIsEnrolledByItsFirstLine(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.replay(t, s.options(history(t, "ada 19970704 1 5.00", "ada 19970801 1 5.00")))
		var enrolled, welcomed time.Time
		err := s.store.DB().QueryRowContext(t.Context(), `SELECT m.enrolled_at, v.occurred_at FROM members m
 JOIN movements v ON v.member_id = m.id AND v.number = 1`).Scan(&enrolled, &welcomed)
		midday := time.Date(1997, time.July, 4, 16, 0, 0, 0, time.UTC) // in New York
		if err != nil || !enrolled.Equal(midday) || !welcomed.Equal(midday) {
			t.Errorf("enrolled at %s and welcomed at %s, not at %s: %v", enrolled, welcomed, midday, err)
		}
	})
}

func TestOnlyMembersCountWhenAskedFor(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.replay(t, s.options(history(t, "ada 19970704 1 5.00")))
		o := s.options(history(t, "ada 19970705 1 5.00", "ben 19970705 1 5.00"))
		o.Source, o.KnownOnly = "july", true
		r := s.replay(t, o)
		if r.Tracked != 1 || r.Refused != 1 || r.Enrolled+r.Known != 0 || r.Refusals[0] != (replay.Refusal{Line: 2, Reason: "there is no such member"}) {
			t.Errorf("%s", r)
		}
	})
}

func TestALineThatIsWrongIsToldAndTheOthersCount(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		r := s.replay(t, s.options(history(t,
			"ada 19961231 1 5.00",    // 1
			"ada 19970101 1 5.00",    // 2
			"ada 19970230 1 5.00",    // 3
			"",                       // 4
			"ada 19970102 1",         // 5
			"ada 19970102 1 -5.00",   // 6
			"ada 19970102 1 5.001",   // 7
			"ada 19970102 1 5e2",     // 8
			"ada 19970102 one 5.00",  // 9
			"ada 20990101 1 5.00",    // 10
			"ada\x00 19970103 1 5.0", // 11
			"\xff 19970103 1 5.00",   // 12
			"ada 19970104 1 5.00",    // 13
		)))
		want := map[int]string{
			1: "“19961231” is before the programme began", 3: "“19970230” is not a date of the form YYYYMMDD",
			5: "there is no column 4 (amount): it has 3", 6: "a value is never negative", 7: "USD has at most 2",
			8: "“5e2” is not an amount, such as 12.40", 9: "items “one”: not a whole number", 10: "midday of “20990101” is yet to come",
			11: "an identity holds no control or format characters", 12: "it is not UTF-8",
		}
		if r.Tracked != 2 || r.Refused != int64(len(want)) || r.Lines != 12 || r.Enrolled != 1 {
			t.Errorf("%s", r)
		}
		for _, x := range r.Refusals {
			if !strings.Contains(x.Reason, want[x.Line]) || want[x.Line] == "" {
				t.Errorf("line %d: %s", x.Line, x.Reason)
			}
		}
		if got := s.standings(t)["ada"]; got != (standing{Balance: 70, Purchases: 2, Tier: "bronze"}) {
			t.Errorf("the others came to %+v", got)
		}
	})
}

func TestAChangedLineIsRefused(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		o := s.options(history(t, "ada 19970704 1 5.00", "ben 19970704 1 5.00"))
		s.replay(t, o)
		before := s.standings(t)
		o.File = history(t, "ada 19970704 1 6.00", "ben 19970705 1 5.00")
		r := s.replay(t, o)
		if r.Refused != 2 || r.Known != 2 || r.Tracked+r.Duplicates != 0 || !strings.Contains(r.Refusals[0].Reason, "idempotency key") {
			t.Errorf("%s", r)
		}
		if !maps.Equal(s.standings(t), before) {
			t.Error("it changed something")
		}
	})
}

func TestManyWrongLinesAreCountedAndTheFirstShown(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		lines := interleaved(40, 2)
		for i := range 60 {
			lines[i] = strings.Replace(lines[i], ".99", ".999", 1) // refused by the engine, in several lanes
		}
		o := s.options(history(t, lines...))
		o.Batch = 7
		r := s.replay(t, o)
		if r.Refused != 60 || r.Tracked != 20 || len(r.Refusals) != replay.MaxShown {
			t.Fatalf("%s", r)
		}
		for i, x := range r.Refusals {
			if x.Line != i+1 {
				t.Errorf("the refusal %d is that of line %d", i+1, x.Line)
			}
		}
		if text := r.String(); !strings.Contains(text, "\n  "+o.File+":20: ") || !strings.HasSuffix(text, "\n  and 40 more") {
			t.Errorf("it is told as\n%s", text)
		}
	})
}

func TestLinesThatGoBackInTimeAreTold(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		r := s.replay(t, s.options(history(t, "ada 19970801 1 5.00", "ada 19970704 1 5.00", "ben 19970601 1 5.00")))
		if r.Backward != 1 || r.Tracked != 3 || !strings.Contains(r.String(), "\n  1 line dated before the customer's line above") {
			t.Errorf("%s", r)
		}
	})
}

func TestAnEngineThatIsGoneEndsTheReplay(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		o := s.options(history(t, interleaved(10, 10)...))
		o.Batch, o.Lanes = 5, 1
		batches := 0
		deps := s.deps()
		deps.Engine = gate{s.engine, func() {
			if batches++; batches == 3 {
				s.engine.Close()
			}
		}}
		r, err := replay.Run(t.Context(), deps, o)
		if !errors.Is(err, engine.ErrClosed) || !strings.Contains(err.Error(), "line 11") || r.Complete || r.Tracked != 10 || batches != 3 {
			t.Errorf("%d batches, %v\n%s", batches, err, r)
		}
	})
}

// fragile is an engine in which one customer's requests fail.
type fragile struct{ recorder }

func (f *fragile) All(ctx context.Context, requests []engine.Request) []engine.Result {
	results := f.recorder.All(ctx, requests)
	for i, r := range requests {
		if t, ok := r.(*engine.Track); ok && t.Member.Identity.Value == "ben" {
			results[i] = engine.Result{Err: errors.New("a disk is full")}
		}
	}
	return results
}

func TestAFaultOfOneLineIsThatLinesOwn(t *testing.T) {
	s := one(t)
	r, err := replay.Run(t.Context(), replay.Deps{Engine: &fragile{}, Library: s.library},
		s.options(history(t, "ada 19970704 1 5.00", "ben 19970704 1 5.00", "cyd 19970704 1 5.00")))
	if err != nil || r.Tracked != 2 || r.Refused != 1 || r.Refusals[0] != (replay.Refusal{Line: 2, Reason: "it failed: a disk is full"}) {
		t.Errorf("%v\n%s", err, r)
	}
}

// picky is an engine that enrols nobody on the first of July.
type picky struct{ recorder }

func (p *picky) All(ctx context.Context, requests []engine.Request) []engine.Result {
	results := p.recorder.All(ctx, requests)
	for i, r := range requests {
		if n, ok := r.(*engine.Enrol); ok && n.Occurred.Day() == 1 {
			results[i].Outcome = &engine.Outcome{Refusal: fact.Refuse(fact.CodeInvalid, "", "not today")}
			results[i+1].Outcome = &engine.Outcome{Refusal: fact.Refuse(fact.CodeUnknownMember, "", "there is no such member")}
		}
	}
	return results
}

func TestACustomerWhoCannotBeEnrolledIsTriedAgainAtItsNextLine(t *testing.T) {
	s := one(t)
	o := s.options(history(t, "ada 19970701 1 5.00", "ada 19970702 1 5.00"))
	o.Batch, o.Lanes = 1, 1
	r, err := replay.Run(t.Context(), replay.Deps{Engine: &picky{}, Library: s.library}, o)
	if err != nil || r.Enrolled != 1 || r.Tracked != 1 || r.Refused != 1 || r.Refusals[0].Reason != "the customer cannot be enrolled: not today" {
		t.Errorf("%v\n%s", err, r)
	}
}
