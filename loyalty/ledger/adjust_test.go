package ledger_test

import (
	"errors"
	"slices"
	"testing"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

func TestAdjust(t *testing.T) {
	now := at("2026-03-10")
	for _, c := range []struct {
		name     string
		lots     []ledger.Lot
		debt     fact.Points
		a        ledger.Adjustment
		tale     []string
		after    ledger.Balances
		source   string
		owed     fact.Points
		code     fact.Code
		message  string
		newFunds string
	}{
		{
			name: "given", a: ledger.Adjustment{Points: 50, Expires: at("2026-05-01"), Funding: "care"},
			tale: []string{"adjust issued>available:50"}, after: ledger.Balances{Available: 50}, source: why.SourceCredit, newFunds: "care",
		},
		{
			name: "given, for later", a: ledger.Adjustment{Points: 50, Activates: at("2026-03-20")},
			tale: []string{"adjust issued>pending:50"}, after: ledger.Balances{Pending: 50}, source: why.SourceCredit,
		},
		{
			name: "given to a debtor", debt: 20, a: ledger.Adjustment{Points: 50},
			tale: []string{"adjust issued>available:50 available>debt:20"}, after: ledger.Balances{Available: 30}, source: why.SourceCredit,
		},
		{
			name: "given, and expired", a: ledger.Adjustment{Points: 50, Expires: now},
			tale: []string{"adjust issued>available:50", "expire available>expired:50"}, source: why.SourceCredit,
		},
		{
			name: "taken, as it would be spent", lots: []ledger.Lot{{Available: 10}, {Available: 20, Expires: at("2026-05-01")}}, a: ledger.Adjustment{Points: -25},
			tale: []string{"adjust available>reversed:20 available>reversed:5"}, after: ledger.Balances{Available: 5}, source: why.SourceDebit,
		},
		{
			name: "taken, and owed", lots: []ledger.Lot{{Available: 10}}, a: ledger.Adjustment{Points: -25, DebtFloor: 15},
			tale: []string{"adjust available>reversed:10 debt>reversed:15"}, after: ledger.Balances{Debt: 15}, source: why.SourceDebit, owed: 15,
		},
		{
			name: "taken from a debtor", debt: 5, a: ledger.Adjustment{Points: -10, DebtFloor: 15},
			tale: []string{"adjust debt>reversed:10"}, after: ledger.Balances{Debt: 15}, source: why.SourceDebit, owed: 10,
		},
		{
			name: "taken beyond the floor", lots: []ledger.Lot{{Available: 10}}, a: ledger.Adjustment{Points: -25, DebtFloor: 14},
			after: ledger.Balances{Available: 10}, code: fact.CodeInsufficientPoints, message: "15 points more are needed: 10 of 25 are available",
		},
		{
			name: "taken beyond the floor from a debtor", debt: 5, a: ledger.Adjustment{Points: -11, DebtFloor: 15},
			after: ledger.Balances{Debt: 5}, code: fact.CodeInsufficientPoints,
		},
		{name: "nothing", code: fact.CodeZero, message: "an adjustment is of 1 to 9007199254740991 points, not of 0"},
		{name: "too many", a: ledger.Adjustment{Points: fact.MaxPoints + 1}, code: fact.CodeTooLarge},
		{name: "too many, taken", a: ledger.Adjustment{Points: -fact.MaxPoints - 1, DebtFloor: fact.MaxPoints}, code: fact.CodeTooLarge},
		{
			name: "too many together", lots: []ledger.Lot{{Available: 10}}, a: ledger.Adjustment{Points: fact.MaxPoints - 9},
			after: ledger.Balances{Available: 10}, code: fact.CodeBalanceOutOfBounds,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := lotsOf(c.lots...)
			if c.debt > 0 {
				s.owe(now, c.debt)
			}
			from := len(s.movements)
			c.a.Reason.Explanation.Key = "goodwill"
			m, err := s.move(t, now, func(b *ledger.Book) (ledger.Movement, error) { return b.Adjust(c.a) })
			wantTale(t, s, from, c.tale...)
			wantBalances(t, s.account.Balances, c.after)
			if c.code != "" {
				wantRefusal(t, err, c.code, c.message)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if e := m.Reason.Explanation; e.Source != c.source || e.Key != "goodwill" || e.Owed != c.owed || m.Points != max(c.a.Points, -c.a.Points) {
				t.Errorf("movement %+v", m)
			}
			if l := s.lots[m.ID.As(fact.KindLot)]; l.Funding != c.newFunds {
				t.Errorf("lot %+v", l)
			}
		})
	}
	s := lotsOf(ledger.Lot{Available: 10})
	s.account.NextDue = at("2026-12-01")
	book, err := ledger.Open(s.account, nil, fact.NewID(fact.KindCommand), now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book.Adjust(ledger.Adjustment{Points: -1}); !errors.Is(err, ledger.ErrLotsMissing) {
		t.Errorf("taken without the lots: %v", err)
	}
	if _, err := book.Adjust(ledger.Adjustment{Points: 1}); err != nil {
		t.Errorf("given without the lots: %v", err)
	}
}

func TestLiability(t *testing.T) {
	rome := zone(t, "Europe/Rome")
	lots := []ledger.Lot{
		{Available: 1, Expires: at("2026-05-31T22:00:00Z"), Funding: "a"}, // the end of May in Rome
		{Pending: 2, Held: 4, Expires: at("2026-05-10"), Funding: "a"},
		{Available: 8, Expires: at("2026-05-31T22:00:00.000001Z"), Funding: "a"}, // June
		{Available: 16, Expires: at("2026-05-10"), Funding: "b"},
		{Available: 32, Funding: "a"},
		{Held: 64, Expires: at("2026-01-10"), Funding: "a"},
		{Spent: 128, Expires: at("2026-05-10"), Funding: "a"}, // closed
		{Pending: 256, Expires: at("2027-01-10"), Funding: "a"},
	}
	want := []ledger.Outstanding{
		{Month: "2026-01", Funding: "a", Held: 64}, {Month: "2026-05", Funding: "a", Pending: 2, Available: 1, Held: 4},
		{Month: "2026-05", Funding: "b", Available: 16}, {Month: "2026-06", Funding: "a", Available: 8},
		{Month: "2027-01", Funding: "a", Pending: 256}, {Funding: "a", Available: 32},
	}
	if got := ledger.Liability(lots, rome); !slices.Equal(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
}

func TestFlows(t *testing.T) {
	rome, s := zone(t, "Europe/Rome"), newShelf()
	s.earn(t, at("2026-01-31T22:00:00Z"), ledger.Earning{Points: 10, Occurred: at("2026-01-10"), Expires: at("2026-02-20")}) // January
	s.earn(t, at("2026-01-31T23:00:00Z"), ledger.Earning{Points: 5})                                                         // February in Rome
	spent, err := s.spend(t, at("2026-02-10"), 7)
	if err != nil {
		t.Fatal(err)
	}
	s.must(t, at("2026-03-01"), func(b *ledger.Book) (ledger.Movement, error) { // what has expired is booked first
		return b.Adjust(ledger.Adjustment{Points: -9, DebtFloor: 4})
	})
	s.must(t, at("2026-04-01"), func(b *ledger.Book) (ledger.Movement, error) {
		return b.ReverseSpend(ledger.Refund{Spend: spent, Points: 2, Lots: s.inOrder()})
	})
	want := []ledger.Flow{
		{Month: "2026-01", Issued: 10}, {Month: "2026-02", Issued: 5, Redeemed: 7}, {Month: "2026-03", Expired: 3, Reversed: 9, Debt: 4},
		{Month: "2026-04", Redeemed: -2, Debt: -2},
	}
	got := ledger.Flows(s.movements, rome)
	if !slices.Equal(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	var all ledger.Flow
	for _, f := range got {
		all = all.Plus(f)
	}
	if left := all.Left(); left != s.account.Pending+s.account.Available+s.account.Held {
		t.Errorf("the flows leave %d points; the account has %+v", left, s.account.Balances)
	}
}
