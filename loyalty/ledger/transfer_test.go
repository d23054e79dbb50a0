package ledger_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

// both opens two accounts under one command, and saves what came of it.
func both(t *testing.T, from, to *shelf, now time.Time, command func(here, there *ledger.Book) error) error {
	t.Helper()
	here, err := ledger.Open(from.account, from.openLots(), fact.NewID(fact.KindCommand), now, from.openHolds()...)
	if err != nil {
		t.Fatal(err)
	}
	there, err := here.Beside(to.account, to.openLots(), to.openHolds()...)
	if err != nil {
		t.Fatal(err)
	}
	err = command(here, there)
	from.save(here.Changes())
	to.save(there.Changes())
	return err
}

func (s *shelf) give(t *testing.T, to *shelf, now time.Time, points fact.Points) (given, received ledger.Movement) {
	t.Helper()
	err := both(t, s, to, now, func(here, there *ledger.Book) (err error) {
		given, received, err = here.Transfer(there, points, now, ledger.Reason{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return given, received
}

func (s *shelf) merge(t *testing.T, into *shelf, now time.Time) error {
	t.Helper()
	return both(t, s, into, now, func(here, there *ledger.Book) error { return here.Merge(there, now, ledger.Reason{}) })
}

func TestTransferKeepsWhatALotIs(t *testing.T) {
	now := at("2026-03-10")
	contributor := fact.NewID(fact.KindMember)
	from, to := lotsOf(
		ledger.Lot{Available: 10, Earned: at("2026-01-01"), Activates: at("2026-01-02"), Funding: "partner", Contributor: contributor},
		ledger.Lot{Available: 20, Earned: at("2026-02-01"), Activates: at("2026-02-02"), Expires: at("2026-04-01"), Funding: ledger.Programme},
	), newShelf()
	lots := from.inOrder()
	given, received := from.give(t, to, now, 25)
	wantTale(t, from, 0, "transfer available>moved:20 available>moved:5")
	wantTale(t, to, 0, "transfer moved>available:20 moved>available:5")
	wantBalances(t, from.account.Balances, ledger.Balances{Available: 5})
	wantBalances(t, to.account.Balances, ledger.Balances{Available: 25})
	if l := from.lots[lots[1].ID]; l.Moved != 20 || l.IsOpen() {
		t.Errorf("the giver's lot is %+v", l)
	}
	e := received.Reason.Explanation
	if e.Source != why.SourceReceived || e.Account != from.account.ID || received.Points != 25 {
		t.Errorf("received %+v", received)
	}
	if e := given.Reason.Explanation; e.Source != why.SourceGiven || e.Account != to.account.ID || given.Points != 25 {
		t.Errorf("given %+v", given)
	}
	for i, was := range []ledger.Lot{lots[1], lots[0]} {
		l := to.lots[e.Lots[i].Lot]
		want := was
		want.ID, want.Account, want.Amount, want.Available = l.ID, to.account.ID, e.Lots[i].Points, e.Lots[i].Points
		if l != want || l.ID.Kind() != fact.KindLot || l.ID.At(0) != received.ID.As(fact.KindLot).At(0) {
			t.Errorf("lot\n got %+v\nwant %+v", l, want)
		}
	}
	if !to.account.NextDue.Equal(at("2026-04-01")) {
		t.Errorf("next due %s", to.account.NextDue)
	}
}

func TestWhatIsReceivedRepaysDebtAndCanBeGivenOn(t *testing.T) {
	now := at("2026-03-10")
	first, second, third := lotsOf(ledger.Lot{Available: 10, Expires: at("2026-04-01")}, ledger.Lot{Available: 20}), newShelf(), newShelf()
	second.owe(now, 12)
	_, received := first.give(t, second, now, 30)
	wantTale(t, second, 1, "transfer moved>available:10 available>debt:10 moved>available:20 available>debt:2")
	if received.Reason.Explanation.Repaid != 12 || received.Points != 30 {
		t.Errorf("received %+v", received)
	}
	second.give(t, third, now, 18)
	lot := second.lots[received.Reason.Explanation.Lots[1].Lot]
	if lot.Amount != 20 || lot.Reversed != 2 || lot.Moved != 18 || lot.IsOpen() {
		t.Errorf("lot %+v", lot)
	}
	wantBalances(t, third.account.Balances, ledger.Balances{Available: 18})
}

func TestAReceiverWhoseTimeIsLater(t *testing.T) {
	now := at("2026-03-10")
	from, to := lotsOf(
		ledger.Lot{Available: 5, Expires: at("2026-03-11")}, ledger.Lot{Pending: 7, Activates: at("2026-03-11")}, ledger.Lot{Available: 9},
	), newShelf()
	to.owe(at("2026-03-12"), 1) // by another clock
	if err := from.merge(t, to, now); err != nil {
		t.Fatal(err)
	}
	wantTale(t, to, 1,
		"merge moved>pending:7 moved>available:5 available>debt:1 moved>available:9", "expire available>expired:4", "mature pending>available:7")
	wantBalances(t, to.account.Balances, ledger.Balances{Available: 16})
}

func TestTransferRefuses(t *testing.T) {
	now := at("2026-03-10")
	for _, c := range []struct {
		name    string
		points  fact.Points
		has     fact.Points // the receiver
		code    fact.Code
		message string
	}{
		{"nothing", 0, 0, fact.CodeZero, "a transfer is of 1 to 9007199254740991 points, not of 0"},
		{"less than nothing", -1, 0, fact.CodeNegative, ""},
		{"too many", fact.MaxPoints + 1, 0, fact.CodeTooLarge, ""},
		{"more than there is", 31, 0, fact.CodeInsufficientPoints, "1 point more is needed: 30 of 31 are available"},
		{"more than the receiver may have", 30, fact.MaxPoints - 29, fact.CodeBalanceOutOfBounds, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			from, to := lotsOf(ledger.Lot{Available: 30}), newShelf()
			if c.has > 0 {
				to = lotsOf(ledger.Lot{Available: c.has})
			}
			err := both(t, from, to, now, func(here, there *ledger.Book) error {
				_, _, err := here.Transfer(there, c.points, now, ledger.Reason{})
				return err
			})
			wantRefusal(t, err, c.code, c.message)
			if len(from.movements)+len(to.movements) > 0 || len(to.lots) > 1 {
				t.Errorf("a refusal changed %q, %q", from.tale(0), to.tale(0))
			}
		})
	}
	s, other := lotsOf(ledger.Lot{Available: 30}), lotsOf(ledger.Lot{Available: 30})
	_, err := s.move(t, now, func(b *ledger.Book) (ledger.Movement, error) {
		_, _, err := b.Transfer(b, 10, now, ledger.Reason{})
		return ledger.Movement{}, err
	})
	wantRefusal(t, err, fact.CodeSameAccount, "")
	_, err = s.move(t, now, func(b *ledger.Book) (ledger.Movement, error) {
		return ledger.Movement{}, b.Merge(b, now, ledger.Reason{})
	})
	wantRefusal(t, err, fact.CodeSameAccount, "")
	apart, err := ledger.Open(other.account, other.openLots(), fact.NewID(fact.KindCommand), now)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.move(t, now, func(b *ledger.Book) (ledger.Movement, error) {
		_, _, err := b.Transfer(apart, 10, now, ledger.Reason{})
		return ledger.Movement{}, err
	})
	if err == nil {
		t.Error("a book of another command was taken")
	}
}

func TestMerge(t *testing.T) {
	now := at("2026-03-10")
	lot := ledger.Lot{Available: 10, Expires: at("2026-04-01")}
	later := ledger.Lot{Pending: 20, Activates: at("2026-03-20")}
	for _, c := range []struct {
		name              string
		from, to          []ledger.Lot
		owes, owed        fact.Points // the account that is merged, and the other
		fromTale, toTale  []string
		fromAfter, toLast ledger.Balances
	}{
		{
			name: "points", from: []ledger.Lot{lot, later}, to: []ledger.Lot{{Available: 5}},
			fromTale: []string{"merge pending>moved:20 available>moved:10"}, toTale: []string{"merge moved>pending:20 moved>available:10"},
			toLast: ledger.Balances{Pending: 20, Available: 15},
		},
		{
			name: "points to a debtor", from: []ledger.Lot{lot, later}, owed: 15,
			fromTale: []string{"merge pending>moved:20 available>moved:10"}, toTale: []string{"merge moved>pending:20 moved>available:10 available>debt:10"},
			toLast: ledger.Balances{Pending: 20, Debt: 5},
		},
		{
			name: "a debt that can be paid", to: []ledger.Lot{lot, {Available: 5}}, owes: 12,
			fromTale: []string{"merge moved>available:12 available>debt:12"}, toTale: []string{"merge available>moved:10 available>moved:2"},
			toLast: ledger.Balances{Available: 3},
		},
		{
			name: "a debt that can be paid in part", from: []ledger.Lot{later}, to: []ledger.Lot{lot}, owes: 12,
			fromTale: []string{"merge pending>moved:20", "merge moved>available:12 available>debt:12"},
			toTale:   []string{"merge moved>pending:20", "merge available>moved:10 debt>moved:2"},
			toLast:   ledger.Balances{Pending: 20, Debt: 2},
		},
		{
			name: "two debts", owes: 12, owed: 30,
			fromTale: []string{"merge moved>available:12 available>debt:12"}, toTale: []string{"merge debt>moved:12"},
			toLast: ledger.Balances{Debt: 42},
		},
		{name: "nothing", to: []ledger.Lot{lot}, toLast: ledger.Balances{Available: 10}},
	} {
		t.Run(c.name, func(t *testing.T) {
			from, to := lotsOf(c.from...), lotsOf(c.to...)
			if c.owes > 0 {
				from.owe(now, c.owes)
			}
			if c.owed > 0 {
				to.owe(now, c.owed)
			}
			fromFirst, toFirst := len(from.movements), len(to.movements)
			if err := from.merge(t, to, now); err != nil {
				t.Fatal(err)
			}
			wantTale(t, from, fromFirst, c.fromTale...)
			wantTale(t, to, toFirst, c.toTale...)
			wantBalances(t, from.account.Balances, c.fromAfter)
			wantBalances(t, to.account.Balances, c.toLast)
			if !from.account.NextDue.IsZero() {
				t.Errorf("next due %s, though nothing is left", from.account.NextDue)
			}
		})
	}
}

func TestMergeRefuses(t *testing.T) {
	now := at("2026-03-10")
	from, to := lotsOf(ledger.Lot{Available: 10, Held: 1}), newShelf()
	wantRefusal(t, from.merge(t, to, now), fact.CodeHoldOpen, "points held: 1; the account can be merged once no hold is open")
	from, to = lotsOf(ledger.Lot{Available: 10}), lotsOf(ledger.Lot{Available: fact.MaxPoints - 9})
	wantRefusal(t, from.merge(t, to, now), fact.CodeBalanceOutOfBounds, "")
	from, to = newShelf(), newShelf()
	from.owe(now, fact.MaxPoints)
	to.owe(now, 1)
	wantRefusal(t, from.merge(t, to, now), fact.CodeBalanceOutOfBounds, "")
	from, to = lotsOf(ledger.Lot{Available: 10}), lotsOf(ledger.Lot{Available: 5})
	from.account.NextDue, to.account.NextDue = time.Time{}, time.Time{}
	for _, lots := range [][2][]ledger.Lot{{nil, to.openLots()}, {from.openLots(), nil}} {
		here, err := ledger.Open(from.account, lots[0], fact.NewID(fact.KindCommand), now)
		if err != nil {
			t.Fatal(err)
		}
		there, err := here.Beside(to.account, lots[1])
		if err != nil {
			t.Fatal(err)
		}
		if err := here.Merge(there, now, ledger.Reason{}); !errors.Is(err, ledger.ErrLotsMissing) {
			t.Errorf("without lots: %v", err)
		}
	}
}

// TestAReturnFollowsAMerge: an earning is taken back where its points now are, and what had expired of it before is not taken twice.
func TestAReturnFollowsAMerge(t *testing.T) {
	now := at("2026-03-10")
	from, to := newShelf(), newShelf()
	earning := from.earn(t, now, ledger.Earning{Points: 100, Expires: at("2026-03-20")})
	h := from.hold(t, now, 40, at("2026-03-30"))
	spend := from.must(t, now, capture(h, 40, now))
	if err := from.merge(t, to, now); err != nil {
		t.Fatal(err)
	}
	from.must(t, at("2026-03-25"), from.giveBack(spend, 30)) // they expire as they come
	became := to.movements[0].Reason.Explanation.Lots[0].Lot
	r := ledger.Return{
		Earning: earning, Lot: to.lots[became], Former: []ledger.Lot{from.lots[earning.ID.As(fact.KindLot)]}, Target: 100,
		Recourse: ledger.Recourse{DebtFloor: 1000},
	}
	m := to.must(t, now, func(b *ledger.Book) (ledger.Movement, error) { return b.ReverseEarn(r) })
	wantTale(t, to, 1, "reverse_earn available>reversed:60 debt>reversed:10")
	if e := m.Reason.Explanation; e.Expired != 30 || e.Owed != 10 {
		t.Errorf("explanation %+v", e)
	}
	r.Before, r.Lot = []ledger.Movement{m}, ledger.Lot{}
	_, err := to.move(t, now, func(b *ledger.Book) (ledger.Movement, error) { return b.ReverseEarn(r) })
	wantRefusal(t, err, fact.CodeAlreadyReversed, "")
}

func TestNamesOfLotsThatAreReceived(t *testing.T) {
	now := at("2026-03-10")
	from, to := lotsOf(ledger.Lot{Available: 1}, ledger.Lot{Available: 2}, ledger.Lot{Available: 3}), newShelf()
	seen := map[fact.ID]bool{}
	err := both(t, from, to, now, func(here, there *ledger.Book) error {
		for _, points := range []fact.Points{3, 2, 1} {
			if _, _, err := here.Transfer(there, points, now, ledger.Reason{}); err != nil {
				return err
			}
			if _, err := there.Earn(ledger.Earning{Points: 1}); err != nil {
				return err
			}
		}
		var places []int
		for _, m := range slices.Concat(here.Changes().Movements, there.Changes().Movements) {
			places = append(places, m.ID.Place())
		}
		slices.Sort(places)
		if !slices.Equal(places, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}) {
			t.Errorf("the movements' places are %v", places)
		}
		for _, l := range there.Changes().Lots {
			seen[l.ID] = true
		}
		return nil
	})
	if err != nil || len(seen) != 7 {
		t.Errorf("%d lots, %v", len(seen), err)
	}
}
