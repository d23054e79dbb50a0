package ledger_test

import (
	"errors"
	"slices"
	"testing"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

func TestSpendTakesTheSoonestToExpireThenTheOldest(t *testing.T) {
	now := at("2026-03-10")
	s := lotsOf(
		ledger.Lot{Available: 1, Earned: at("2025-01-01")},                                                         // never expires: last but one
		ledger.Lot{Available: 2, Earned: at("2025-01-02")},                                                         // never expires: last
		ledger.Lot{Available: 4, Earned: at("2026-01-03"), Expires: at("2026-05-01")},                              // the same instant, the youngest
		ledger.Lot{Available: 8, Earned: at("2026-01-02"), Expires: at("2026-05-01")},                              // the same instant, older
		ledger.Lot{Available: 16, Earned: at("2026-01-02"), Expires: at("2026-05-01")},                             // the same in all but its id
		ledger.Lot{Available: 32, Earned: at("2026-02-01"), Expires: at("2026-04-01")},                             // the first
		ledger.Lot{Available: 64, Earned: at("2020-01-01"), Expires: at("2026-03-10")},                             // expires now: never
		ledger.Lot{Pending: 128, Earned: at("2020-01-01"), Activates: at("2026-03-11"), Expires: at("2026-03-12")}, // not to be spent yet
		ledger.Lot{Held: 256, Earned: at("2020-01-01"), Activates: at("2020-01-01"), Expires: at("2026-03-12")},    // held
		ledger.Lot{Pending: 512, Earned: at("2026-03-01"), Activates: at("2026-03-09"), Expires: at("2026-03-11")}, // matures now: the very first
	)
	lots := s.inOrder()
	m, err := s.spend(t, now, 512+32+8+16+4+1+1)
	if err != nil {
		t.Fatal(err)
	}
	var want []why.Slice
	for _, w := range []struct {
		lot    int
		points fact.Points
	}{{9, 512}, {5, 32}, {3, 8}, {4, 16}, {2, 4}, {0, 1}, {1, 1}} {
		want = append(want, why.Slice{Lot: lots[w.lot].ID, Points: w.points})
	}
	if got := m.Reason.Explanation.Lots; !slices.Equal(got, want) {
		t.Errorf("lots\n got %v\nwant %v", got, want)
	}
	for i, p := range m.Postings {
		if p.Lot != want[i].Lot || p.Points != want[i].Points || p.Source != ledger.Available || p.Target != ledger.Redeemed {
			t.Errorf("posting %d is %+v", i, p)
		}
	}
	wantBalances(t, s.account.Balances, ledger.Balances{Pending: 128, Available: 1, Held: 256})
	if l := s.lots[lots[1].ID]; l.Available != 1 || l.Spent != 1 {
		t.Errorf("the last lot is %+v", l)
	}
	if !s.account.NextDue.Equal(at("2026-03-11")) {
		t.Errorf("next due %s", s.account.NextDue)
	}
}

func TestSpendRefuses(t *testing.T) {
	now := at("2026-03-10")
	for _, c := range []struct {
		has, points fact.Points
		code        fact.Code
		message     string
	}{
		{380, 500, fact.CodeInsufficientPoints, "120 points more are needed: 380 of 500 are available"},
		{499, 500, fact.CodeInsufficientPoints, "1 point more is needed: 499 of 500 are available"},
		{1, 3, fact.CodeInsufficientPoints, "2 points more are needed: 1 of 3 is available"},
		{380, 0, fact.CodeZero, "a spend is of 1 to 9007199254740991 points, not of 0"},
		{380, -1, fact.CodeNegative, ""},
		{380, fact.MaxPoints + 1, fact.CodeTooLarge, ""},
	} {
		s := lotsOf(ledger.Lot{Available: c.has}, ledger.Lot{Pending: 1000, Activates: at("2026-03-11")}, ledger.Lot{Available: 1000, Expires: now})
		_, err := s.spend(t, now, c.points)
		wantRefusal(t, err, c.code, c.message)
		// What had fallen due is booked all the same.
		wantTale(t, s, 0, "expire available>expired:1000")
		wantBalances(t, s.account.Balances, ledger.Balances{Pending: 1000, Available: c.has})
	}
}

func TestTheReasonThatWasHandedInIsNotChanged(t *testing.T) {
	s := lotsOf(ledger.Lot{Available: 10})
	given := []why.Slice{{Points: 1}, {Points: 2}}
	reason := ledger.Reason{Explanation: why.Explanation{Source: why.SourceReward, Lots: given[:1]}}
	err := s.do(t, false, at("2026-03-10"), func(b *ledger.Book) error { _, err := b.Spend(4, at("2026-03-09"), reason); return err })
	if err != nil || given[0].Points != 1 || given[1].Points != 2 {
		t.Errorf("%v, %v", given, err)
	}
}

func TestNames(t *testing.T) {
	first := lotsOf(ledger.Lot{Available: 10, Expires: at("2026-03-01")}, ledger.Lot{Available: 10}, ledger.Lot{Available: 10})
	second := lotsOf(ledger.Lot{Pending: 10, Activates: at("2026-03-01")})
	command, now := fact.NewID(fact.KindCommand), at("2026-03-10")
	book, err := ledger.Open(first.account, first.openLots(), command, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book.Spend(15, now, ledger.Reason{}); err != nil {
		t.Fatal(err)
	}
	beside, err := book.Beside(second.account, second.openLots())
	if err != nil {
		t.Fatal(err)
	}
	earned, err := beside.Earn(ledger.Earning{Points: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book.Spend(5, now, ledger.Reason{}); err != nil {
		t.Fatal(err)
	}
	movement, posting := func(n int) fact.ID { return command.At(n).As(fact.KindMovement) }, func(n int) fact.ID { return command.At(n).As(fact.KindPosting) }
	type named struct {
		movement fact.ID
		number   int64
		postings []fact.ID
	}
	var got []named
	for _, m := range append(book.Changes().Movements, beside.Changes().Movements...) {
		n := named{m.ID, m.Number, nil}
		for _, p := range m.Postings {
			if p.Movement != m.ID {
				t.Errorf("posting %s belongs to %s, not to %s", p.ID, p.Movement, m.ID)
			}
			n.postings = append(n.postings, p.ID)
		}
		got = append(got, n)
	}
	want := []named{
		{movement(1), 1, []fact.ID{posting(1)}}, {movement(2), 2, []fact.ID{posting(2), posting(3)}}, {movement(5), 3, []fact.ID{posting(6)}},
		{movement(3), 1, []fact.ID{posting(4)}}, {movement(4), 2, []fact.ID{posting(5)}},
	}
	if !slices.EqualFunc(got, want, func(a, b named) bool {
		return a.movement == b.movement && a.number == b.number && slices.Equal(a.postings, b.postings)
	}) {
		t.Errorf("names\n got %v\nwant %v", got, want)
	}
	lots := beside.Changes().Lots
	if last := lots[len(lots)-1]; earned.ID != movement(4) || last.ID != command.At(4).As(fact.KindLot) {
		t.Errorf("earning %s, lots %v", earned.ID, lots)
	}
}

func TestACommandHasOnlySoManyPostings(t *testing.T) {
	lots := make([]ledger.Lot, fact.MaxPlace+1)
	for i := range lots {
		lots[i].Available = 1
	}
	s := lotsOf(lots...)
	book, err := ledger.Open(s.account, s.openLots(), fact.NewID(fact.KindCommand), at("2026-03-10"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book.Spend(fact.MaxPlace+1, at("2026-03-10"), ledger.Reason{}); !errors.Is(err, ledger.ErrTooManyPostings) {
		t.Errorf("got %v", err)
	}
	if _, err := book.Spend(fact.MaxPlace-1, at("2026-03-10"), ledger.Reason{}); err != nil {
		t.Error(err)
	}
	// There is room for the earning, not for its expiry.
	if _, err := book.Earn(ledger.Earning{Points: 1, Expires: at("2026-03-01")}); !errors.Is(err, ledger.ErrTooManyPostings) {
		t.Errorf("got %v", err)
	}
	if c := book.Changes(); len(c.Movements) != 1 || c.Account.Available != 2 {
		t.Errorf("%d movements, account %+v", len(c.Movements), c.Account)
	}
}
