package ledger_test

import (
	"errors"
	"testing"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

// returned is a return of an earning, with what is stored of it.
func (s *shelf) returned(earning ledger.Movement, target fact.Points, recourse ledger.Recourse) ledger.Return {
	r := ledger.Return{Earning: earning, Lot: s.lots[earning.ID.As(fact.KindLot)], Target: target, Recourse: recourse, Occurred: s.account.LastMoved}
	for _, m := range s.movements {
		if m.Kind == ledger.ReverseEarn && m.Reason.Explanation.Of == earning.ID {
			r.Before = append(r.Before, m)
		}
	}
	return r
}

func (s *shelf) takeBack(earning ledger.Movement, target fact.Points, recourse ledger.Recourse) func(*ledger.Book) (ledger.Movement, error) {
	return func(b *ledger.Book) (ledger.Movement, error) {
		return b.ReverseEarn(s.returned(earning, target, recourse))
	}
}

func TestReverseEarn(t *testing.T) {
	now, later := at("2026-03-10"), at("2026-03-20")
	type shelves func(*testing.T, *shelf) ledger.Movement // what comes before, and the earning of 100 points
	plain := func(t *testing.T, s *shelf) ledger.Movement {
		return s.earn(t, now, ledger.Earning{Points: 100, Expires: at("2027-01-01")})
	}
	pending := func(t *testing.T, s *shelf) ledger.Movement {
		return s.earn(t, now, ledger.Earning{Points: 100, Activates: at("2026-03-15")})
	}
	spent := func(points fact.Points) shelves {
		return func(t *testing.T, s *shelf) ledger.Movement {
			m := plain(t, s)
			if _, err := s.spend(t, now, points); err != nil {
				t.Fatal(err)
			}
			return m
		}
	}
	beside := func(before shelves, points fact.Points) shelves { // with another lot, that is spent last
		return func(t *testing.T, s *shelf) ledger.Movement {
			m := before(t, s)
			s.earn(t, now, ledger.Earning{Points: points})
			return m
		}
	}
	held := func(t *testing.T, s *shelf) ledger.Movement {
		m := plain(t, s)
		s.hold(t, now, 70, at("2026-04-01"))
		return m
	}
	expired := func(t *testing.T, s *shelf) ledger.Movement {
		m := s.earn(t, now, ledger.Earning{Points: 100, Expires: at("2026-03-15")})
		if _, err := s.spend(t, now, 60); err != nil {
			t.Fatal(err)
		}
		return m
	}
	owing := func(t *testing.T, s *shelf) ledger.Movement {
		s.owe(at("2026-01-01"), 30)
		return plain(t, s)
	}
	given := func(t *testing.T, s *shelf) ledger.Movement {
		m := plain(t, s)
		s.give(t, newShelf(), now, 80)
		return m
	}
	nowhere, others, debt := ledger.Recourse{}, ledger.Recourse{OtherLots: true}, ledger.Recourse{DebtFloor: 50}
	for _, c := range []struct {
		name                    string
		before                  shelves
		targets                 []fact.Points
		recourse                ledger.Recourse
		now                     time.Time
		tale                    []string // of the returns, and what is due before them
		after                   ledger.Balances
		owed, expired, forgiven fact.Points // of the last return
	}{
		{name: "whole", before: plain, targets: []fact.Points{100}, tale: []string{"reverse_earn available>reversed:100"}},
		{
			name: "before it matures", before: pending, targets: []fact.Points{100}, now: now, tale: []string{"reverse_earn pending>reversed:100"},
		},
		{
			name: "in part, after it matured", before: pending, targets: []fact.Points{30},
			tale:  []string{"mature pending>available:100", "reverse_earn available>reversed:30"},
			after: ledger.Balances{Available: 70},
		},
		{
			name: "in parts: each is what is missing from the target", before: plain, targets: []fact.Points{30, 31, 100},
			tale: []string{"reverse_earn available>reversed:30", "reverse_earn available>reversed:1", "reverse_earn available>reversed:69"},
		},
		{
			name: "its own lot first, though others would be spent before", before: func(t *testing.T, s *shelf) ledger.Movement {
				s.earn(t, now, ledger.Earning{Points: 10, Expires: at("2026-04-01")})
				return plain(t, s)
			}, targets: []fact.Points{100}, recourse: debt,
			tale: []string{"reverse_earn available>reversed:100"}, after: ledger.Balances{Available: 10},
		},
		{
			name: "spent, and nothing else is touched", before: beside(spent(60), 500), targets: []fact.Points{100}, recourse: nowhere,
			tale: []string{"reverse_earn available>reversed:40"}, after: ledger.Balances{Available: 500}, forgiven: 60,
		},
		{
			name: "spent, from other lots", before: beside(spent(60), 500), targets: []fact.Points{100}, recourse: others,
			tale: []string{"reverse_earn available>reversed:40 available>reversed:60"}, after: ledger.Balances{Available: 440},
		},
		{
			name: "spent, and other lots have too little", before: beside(spent(60), 50), targets: []fact.Points{100}, recourse: others,
			tale: []string{"reverse_earn available>reversed:40 available>reversed:50"}, forgiven: 10,
		},
		{
			name: "a debt comes after other lots", before: beside(spent(60), 50), targets: []fact.Points{100}, recourse: debt,
			tale:  []string{"reverse_earn available>reversed:40 available>reversed:50 debt>reversed:10"},
			after: ledger.Balances{Debt: 10}, owed: 10,
		},
		{
			name: "a debt, up to the floor", before: spent(100), targets: []fact.Points{100}, recourse: debt,
			tale: []string{"reverse_earn debt>reversed:50"}, after: ledger.Balances{Debt: 50}, owed: 50, forgiven: 50,
		},
		{
			name: "in parts, with a debt", before: spent(70), targets: []fact.Points{20, 60, 100}, recourse: debt,
			tale:  []string{"reverse_earn available>reversed:20", "reverse_earn available>reversed:10 debt>reversed:30", "reverse_earn debt>reversed:20"},
			after: ledger.Balances{Debt: 50}, owed: 20, forgiven: 20,
		},
		{
			name: "what was forgiven stays so", before: spent(100), targets: []fact.Points{80, 100}, recourse: debt,
			tale: []string{"reverse_earn debt>reversed:50", "reverse_earn"}, after: ledger.Balances{Debt: 50}, forgiven: 20,
		},
		{
			name: "all forgiven", before: spent(100), targets: []fact.Points{100}, recourse: nowhere, tale: []string{"reverse_earn"}, forgiven: 100,
		},
		{
			name: "what is held is not touched", before: held, targets: []fact.Points{100}, recourse: nowhere,
			tale: []string{"reverse_earn available>reversed:30"}, after: ledger.Balances{Held: 70}, forgiven: 70,
		},
		{
			name: "what is held is as if spent", before: held, targets: []fact.Points{100}, recourse: debt,
			tale: []string{"reverse_earn available>reversed:30 debt>reversed:50"}, after: ledger.Balances{Held: 70, Debt: 50}, owed: 50, forgiven: 20,
		},
		{
			name: "what has expired is not taken twice", before: beside(expired, 500), targets: []fact.Points{100}, recourse: debt,
			tale:  []string{"expire available>expired:40", "reverse_earn available>reversed:60"},
			after: ledger.Balances{Available: 440}, expired: 40,
		},
		{
			name: "in parts, what has expired comes before other lots, once", before: beside(expired, 500), targets: []fact.Points{30, 50}, recourse: debt,
			tale:  []string{"expire available>expired:40", "reverse_earn", "reverse_earn available>reversed:10"},
			after: ledger.Balances{Available: 490}, expired: 10,
		},
		{
			name: "what repaid a debt is as if spent", before: owing, targets: []fact.Points{100}, recourse: debt,
			tale: []string{"reverse_earn available>reversed:70 debt>reversed:30"}, after: ledger.Balances{Debt: 30}, owed: 30,
		},
		{
			name: "what was given away is as if spent", before: given, targets: []fact.Points{100}, recourse: debt,
			tale: []string{"reverse_earn available>reversed:20 debt>reversed:50"}, after: ledger.Balances{Debt: 50}, owed: 50, forgiven: 30,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShelf()
			earning := c.before(t, s)
			if c.now.IsZero() {
				c.now = later
			}
			from := len(s.movements)
			var last ledger.Movement
			for _, target := range c.targets {
				last = s.must(t, c.now, s.takeBack(earning, target, c.recourse))
			}
			wantTale(t, s, from, c.tale...)
			wantBalances(t, s.account.Balances, c.after)
			e := last.Reason.Explanation
			if e.Source != why.SourceReturn || e.Of != earning.ID || e.Owed != c.owed || e.Expired != c.expired || e.Forgiven != c.forgiven {
				t.Errorf("explanation %+v", e)
			}
			_, err := s.move(t, c.now, s.takeBack(earning, c.targets[len(c.targets)-1], c.recourse))
			wantRefusal(t, err, fact.CodeAlreadyReversed, "")
		})
	}
}

func TestReturnsBeforeAndAfterItMatures(t *testing.T) {
	s := newShelf()
	earning := s.earn(t, at("2026-03-10"), ledger.Earning{Points: 100, Activates: at("2026-03-15")})
	s.must(t, at("2026-03-12"), s.takeBack(earning, 30, ledger.Recourse{}))
	s.must(t, at("2026-03-20"), s.takeBack(earning, 50, ledger.Recourse{}))
	wantTale(t, s, 1, "reverse_earn pending>reversed:30", "mature pending>available:70", "reverse_earn available>reversed:20")
	wantBalances(t, s.account.Balances, ledger.Balances{Available: 50})
}

// TestReturnsInPartsComeToTheSame: whatever the parts, what is taken back is what one return takes.
func TestReturnsInPartsComeToTheSame(t *testing.T) {
	now := at("2026-03-10")
	for first := fact.Points(1); first <= 9; first++ {
		var after [2]ledger.Balances
		for i, targets := range [][]fact.Points{{10}, {first, 10}} {
			s := newShelf()
			s.earn(t, now, ledger.Earning{Points: 2, Expires: at("2026-04-01")})
			earning := s.earn(t, now, ledger.Earning{Points: 10, Expires: at("2026-03-15")})
			if _, err := s.spend(t, now, 7); err != nil {
				t.Fatal(err)
			}
			for _, target := range targets {
				s.must(t, at("2026-03-16"), s.takeBack(earning, target, ledger.Recourse{DebtFloor: 4}))
			}
			after[i] = s.account.Balances
		}
		if after[0] != after[1] || after[0].Debt != 4 {
			t.Errorf("with %d first: %+v, at once: %+v", first, after[1], after[0])
		}
	}
}

func TestAnEarningAfterADebtRepaysIt(t *testing.T) {
	now := at("2026-03-10")
	s := newShelf()
	earning := s.earn(t, now, ledger.Earning{Points: 10})
	if _, err := s.spend(t, now, 10); err != nil {
		t.Fatal(err)
	}
	s.must(t, now, s.takeBack(earning, 10, ledger.Recourse{DebtFloor: fact.MaxPoints}))
	s.earn(t, now, ledger.Earning{Points: 25})
	wantTale(t, s, 2, "reverse_earn debt>reversed:10", "earn issued>available:25 available>debt:10")
	wantBalances(t, s.account.Balances, ledger.Balances{Available: 15})
}

func TestReverseEarnRefuses(t *testing.T) {
	now := at("2026-03-10")
	for _, c := range []struct {
		name    string
		change  func(*ledger.Return)
		code    fact.Code
		message string
	}{
		{"nothing", func(r *ledger.Return) { r.Target = 0 }, fact.CodeZero, "a return is of 1 to 9007199254740991 points, not of 0"},
		{"less than nothing", func(r *ledger.Return) { r.Target = -1 }, fact.CodeNegative, ""},
		{"too many", func(r *ledger.Return) { r.Target = fact.MaxPoints + 1 }, fact.CodeTooLarge, ""},
		{"more than was earned", func(r *ledger.Return) { r.Target = 101 }, fact.CodeMoreThanEarned, "the earning gave 100 points: 101 cannot be taken back"},
		{"less than was taken back", func(r *ledger.Return) { r.Target = 29 }, fact.CodeAlreadyReversed, "30 of the earning's points are taken back already: nothing is left to come to 29"},
		{"another account's lot", func(r *ledger.Return) { r.Lot.Account = fact.NewID(fact.KindAccount) }, fact.CodeAnotherAccount, ""},
		{"a return", func(r *ledger.Return) { r.Earning = r.Before[0] }, fact.CodeReversalOfReversal, ""},
		{"a refund", func(r *ledger.Return) { r.Earning.Kind = ledger.ReverseSpend }, fact.CodeReversalOfReversal, ""},
		{"a spend", func(r *ledger.Return) { r.Earning.Kind = ledger.Spend }, fact.CodeNotReversible, ""},
		{"an adjustment", func(r *ledger.Return) { r.Earning.Kind = ledger.Adjust }, fact.CodeNotReversible, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShelf()
			earning := s.earn(t, now, ledger.Earning{Points: 100})
			s.must(t, now, s.takeBack(earning, 30, ledger.Recourse{}))
			_, err := s.move(t, now, func(b *ledger.Book) (ledger.Movement, error) {
				r := s.returned(earning, 100, ledger.Recourse{})
				c.change(&r)
				return b.ReverseEarn(r)
			})
			wantRefusal(t, err, c.code, c.message)
			wantBalances(t, s.account.Balances, ledger.Balances{Available: 70})
		})
	}
}

func TestReverseEarnNeedsWhatIsStored(t *testing.T) {
	now := at("2026-03-10")
	s := newShelf()
	earning := s.earn(t, now, ledger.Earning{Points: 100})
	book, err := ledger.Open(s.account, nil, fact.NewID(fact.KindCommand), now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book.ReverseEarn(s.returned(earning, 100, ledger.Recourse{})); !errors.Is(err, ledger.ErrLotsMissing) {
		t.Errorf("without the lots: %v", err)
	}
	r := s.returned(earning, 100, ledger.Recourse{})
	r.Before = []ledger.Movement{earning}
	_, err = s.move(t, now, func(b *ledger.Book) (ledger.Movement, error) { return b.ReverseEarn(r) })
	var refusal *fact.Refusal
	if err == nil || errors.As(err, &refusal) {
		t.Errorf("with a movement before that is no return of it: %v", err)
	}
}
