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

// refunded is a refund of a spend, with what is stored of it.
func (s *shelf) refunded(spend ledger.Movement, points fact.Points) ledger.Refund {
	r := ledger.Refund{Spend: spend, Points: points, Occurred: s.account.LastMoved}
	for _, m := range s.movements {
		if m.Kind == ledger.ReverseSpend && m.Reason.Explanation.Of == spend.ID {
			r.Before = append(r.Before, m)
		}
	}
	for _, slice := range spend.Reason.Explanation.Lots {
		if l := s.lots[slice.Lot]; !l.IsOpen() {
			r.Lots = append(r.Lots, l)
		}
	}
	return r
}

func (s *shelf) giveBack(spend ledger.Movement, points fact.Points) func(*ledger.Book) (ledger.Movement, error) {
	return func(b *ledger.Book) (ledger.Movement, error) { return b.ReverseSpend(s.refunded(spend, points)) }
}

// TestReverseSpend: of a spend of 60 points, 10 of a lot that expires on 15 March, 20 of one that expires in April, 30 of one of 50 that never does.
func TestReverseSpend(t *testing.T) {
	early, late := at("2026-03-11"), at("2026-03-20")
	for _, c := range []struct {
		name    string
		now     time.Time
		debt    fact.Points
		refunds []fact.Points
		tale    []string
		lots    [3]fact.Points // what is available of each afterwards
		after   ledger.Balances
	}{
		{
			name: "whole", now: early, refunds: []fact.Points{60},
			tale: []string{"reverse_spend redeemed>available:10 redeemed>available:20 redeemed>available:30"},
			lots: [3]fact.Points{10, 20, 50}, after: ledger.Balances{Available: 80},
		},
		{
			name: "in part: what lasts longest comes first", now: early, refunds: []fact.Points{35},
			tale: []string{"reverse_spend redeemed>available:5 redeemed>available:30"},
			lots: [3]fact.Points{0, 5, 50}, after: ledger.Balances{Available: 55},
		},
		{
			name: "in parts, up to the whole", now: early, refunds: []fact.Points{29, 2, 29},
			tale: []string{
				"reverse_spend redeemed>available:29", "reverse_spend redeemed>available:1 redeemed>available:1",
				"reverse_spend redeemed>available:10 redeemed>available:19",
			},
			lots: [3]fact.Points{10, 20, 50}, after: ledger.Balances{Available: 80},
		},
		{
			name: "what has expired meanwhile comes back and expires", now: late, refunds: []fact.Points{60},
			tale: []string{
				"reverse_spend redeemed>available:10 redeemed>available:20 redeemed>available:30", "expire available>expired:10",
			},
			lots: [3]fact.Points{0, 20, 50}, after: ledger.Balances{Available: 70},
		},
		{
			name: "of a part, what has expired comes last", now: late, refunds: []fact.Points{50},
			tale: []string{"reverse_spend redeemed>available:20 redeemed>available:30"},
			lots: [3]fact.Points{0, 20, 50}, after: ledger.Balances{Available: 70},
		},
		{
			name: "debt is repaid, by what would expire soonest", now: early, debt: 15, refunds: []fact.Points{60},
			tale: []string{
				"reverse_spend redeemed>available:10 available>debt:10 redeemed>available:20 available>debt:5 redeemed>available:30",
			},
			lots: [3]fact.Points{0, 15, 30}, after: ledger.Balances{Available: 45},
		},
		{
			name: "what has expired repays debt before it expires", now: late, debt: 4, refunds: []fact.Points{60},
			tale: []string{
				"reverse_spend redeemed>available:10 available>debt:4 redeemed>available:20 redeemed>available:30", "expire available>expired:6",
			},
			lots: [3]fact.Points{0, 20, 30}, after: ledger.Balances{Available: 50},
		},
		{
			name: "less than the debt", now: early, debt: 100, refunds: []fact.Points{60},
			tale: []string{
				"reverse_spend redeemed>available:10 available>debt:10 redeemed>available:20 available>debt:20 redeemed>available:30 available>debt:30",
			},
			after: ledger.Balances{Debt: 40},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := lotsOf(
				ledger.Lot{Available: 10, Expires: at("2026-03-15")}, ledger.Lot{Available: 20, Expires: at("2026-04-15")}, ledger.Lot{Available: 50},
			)
			lots := s.inOrder()
			spend, err := s.spend(t, at("2026-03-10"), 60)
			if err != nil {
				t.Fatal(err)
			}
			if c.debt > 0 { // an operator takes the 20 that are left, and more
				s.must(t, at("2026-03-10"), func(b *ledger.Book) (ledger.Movement, error) {
					return b.Adjust(ledger.Adjustment{Points: -20 - c.debt, DebtFloor: c.debt})
				})
			}
			from := len(s.movements)
			for _, points := range c.refunds {
				m := s.must(t, c.now, s.giveBack(spend, points))
				if e := m.Reason.Explanation; e.Source != why.SourceRefund || e.Of != spend.ID || m.Points != points {
					t.Errorf("movement %+v", m)
				}
			}
			wantTale(t, s, from, c.tale...)
			wantBalances(t, s.account.Balances, c.after)
			for i, want := range c.lots {
				if l := s.lots[lots[i].ID]; l.Available != want || !l.Expires.Equal(lots[i].Expires) {
					t.Errorf("lot %d is %+v, want %d available", i, l, want)
				}
			}
		})
	}
}

func TestARefundTellsWhenItExpires(t *testing.T) {
	s := lotsOf(ledger.Lot{Available: 10, Expires: at("2026-03-15")})
	spend, err := s.spend(t, at("2026-03-10"), 10)
	if err != nil {
		t.Fatal(err)
	}
	s.must(t, at("2026-03-20"), func(b *ledger.Book) (ledger.Movement, error) {
		r := s.refunded(spend, 10)
		r.Occurred = at("2026-03-18")
		return b.ReverseSpend(r)
	})
	if m := s.movements[len(s.movements)-1]; m.Kind != ledger.Expire || !m.Occurred.Equal(at("2026-03-18")) || !m.Booked.Equal(at("2026-03-20")) {
		t.Errorf("it expires as it comes: %+v", m)
	}
}

func TestACaptureCanBeRefunded(t *testing.T) {
	now := at("2026-03-10")
	s := lotsOf(ledger.Lot{Available: 10, Expires: at("2026-03-15")}, ledger.Lot{Available: 20})
	h := s.hold(t, now, 25, at("2026-03-11"))
	captured := s.must(t, now, capture(h, 18, now))
	m := s.must(t, now, s.giveBack(captured, 12))
	wantTale(t, s, 3, "reverse_spend redeemed>available:4 redeemed>available:8")
	lots := s.inOrder()
	if want := []why.Slice{{Lot: lots[0].ID, Points: 4}, {Lot: lots[1].ID, Points: 8}}; !slices.Equal(m.Reason.Explanation.Lots, want) {
		t.Errorf("lots %v, want %v", m.Reason.Explanation.Lots, want)
	}
	wantBalances(t, s.account.Balances, ledger.Balances{Available: 24})
}

func TestReverseSpendRefuses(t *testing.T) {
	now := at("2026-03-10")
	for _, c := range []struct {
		name    string
		before  fact.Points
		change  func(*ledger.Refund)
		code    fact.Code
		message string
	}{
		{"nothing", 0, func(r *ledger.Refund) { r.Points = 0 }, fact.CodeZero, "a refund is of 1 to 9007199254740991 points, not of 0"},
		{"less than nothing", 0, func(r *ledger.Refund) { r.Points = -1 }, fact.CodeNegative, ""},
		{"too many", 0, func(r *ledger.Refund) { r.Points = fact.MaxPoints + 1 }, fact.CodeTooLarge, ""},
		{"more than was spent", 0, func(r *ledger.Refund) { r.Points = 61 }, fact.CodeMoreThanSpent, "60 points of the spend are not given back yet: 61 cannot be"},
		{"more than is left", 20, func(r *ledger.Refund) { r.Points = 41 }, fact.CodeMoreThanSpent, ""},
		{"after all of it", 60, func(*ledger.Refund) {}, fact.CodeAlreadyReversed, "all of the spend was given back already"},
		{"another account's", 0, func(r *ledger.Refund) { r.Spend.Account = fact.NewID(fact.KindAccount) }, fact.CodeAnotherAccount, ""},
		{"another account's lot", 0, func(r *ledger.Refund) { r.Lots[0].Account = fact.NewID(fact.KindAccount) }, fact.CodeAnotherAccount, ""},
		{"a refund", 20, func(r *ledger.Refund) { r.Spend = r.Before[0] }, fact.CodeReversalOfReversal, ""},
		{"a return", 0, func(r *ledger.Refund) { r.Spend.Kind = ledger.ReverseEarn }, fact.CodeReversalOfReversal, ""},
		{"an earning", 0, func(r *ledger.Refund) { r.Spend.Kind = ledger.Earn }, fact.CodeNotReversible, ""},
		{"a transfer", 0, func(r *ledger.Refund) { r.Spend.Kind = ledger.Transfer }, fact.CodeNotReversible, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := lotsOf(ledger.Lot{Available: 60})
			spend, err := s.spend(t, now, 60)
			if err != nil {
				t.Fatal(err)
			}
			if c.before > 0 {
				s.must(t, now, s.giveBack(spend, c.before))
			}
			_, err = s.move(t, now, func(b *ledger.Book) (ledger.Movement, error) {
				r := s.refunded(spend, 1)
				c.change(&r)
				return b.ReverseSpend(r)
			})
			wantRefusal(t, err, c.code, c.message)
			wantBalances(t, s.account.Balances, ledger.Balances{Available: c.before})
		})
	}
	s := lotsOf(ledger.Lot{Available: 60})
	spend, err := s.spend(t, now, 60)
	if err != nil {
		t.Fatal(err)
	}
	s.earn(t, now, ledger.Earning{Points: fact.MaxPoints - 59})
	_, err = s.move(t, now, s.giveBack(spend, 60))
	wantRefusal(t, err, fact.CodeBalanceOutOfBounds, "")
	s.must(t, now, s.giveBack(spend, 59))
}

func TestReverseSpendNeedsWhatIsStored(t *testing.T) {
	now := at("2026-03-10")
	s := lotsOf(ledger.Lot{Available: 60}, ledger.Lot{Available: 10, Earned: at("2026-03-01")})
	spend, err := s.spend(t, now, 60)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*ledger.Refund){
		"without the closed lot":             func(r *ledger.Refund) { r.Lots = nil },
		"with a lot of which less was spent": func(r *ledger.Refund) { r.Lots[0].Spent = 1 },
		"with a movement that is no refund":  func(r *ledger.Refund) { r.Before = []ledger.Movement{spend} },
		"with a refund of another spend":     func(r *ledger.Refund) { r.Before = []ledger.Movement{{Kind: ledger.ReverseSpend}} },
		"with an open lot that is not loaded": func(r *ledger.Refund) {
			r.Lots = []ledger.Lot{{ID: fact.NewID(fact.KindLot), Account: s.account.ID, Held: 1}}
		},
	} {
		_, err = s.move(t, now, func(b *ledger.Book) (ledger.Movement, error) {
			r := s.refunded(spend, 1)
			change(&r)
			return b.ReverseSpend(r)
		})
		var refusal *fact.Refusal
		if err == nil || errors.As(err, &refusal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	book, err := ledger.Open(s.account, nil, fact.NewID(fact.KindCommand), now.Add(-time.Hour))
	if err == nil {
		_, err = book.ReverseSpend(s.refunded(spend, 1))
	}
	if !errors.Is(err, ledger.ErrLotsMissing) {
		t.Errorf("without the open lots: %v", err)
	}
}
