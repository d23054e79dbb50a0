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

// lapse is when the holds of lotsOf lapse.
var lapse = at("2026-12-01")

// lotsOf makes an account of the lots, as if all had been earned long ago. Their ids are in order. What is held of a lot has a hold of its own, with the
// lot's id.
func lotsOf(lots ...ledger.Lot) *shelf {
	s := newShelf()
	for _, l := range lots {
		l.ID, l.Account, l.Amount = fact.NewID(fact.KindLot), s.account.ID, l.Pending+l.Available+l.Held+l.Spent
		s.account.Pending += l.Pending
		s.account.Available += l.Available
		s.account.Held += l.Held
		s.lots[l.ID] = l
		if l.Held > 0 {
			h := ledger.Holding{ID: l.ID.As(fact.KindHold), Account: s.account.ID, Expires: lapse, Points: l.Held, Slices: []why.Slice{{Lot: l.ID, Points: l.Held}}}
			s.holds[h.ID] = h
		}
	}
	s.account.NextDue = at("2000-01-01") // too early does no harm
	return s
}

func (s *shelf) inOrder() []ledger.Lot {
	lots := make([]ledger.Lot, 0, len(s.lots))
	for _, l := range s.lots {
		lots = append(lots, l)
	}
	slices.SortFunc(lots, func(a, b ledger.Lot) int { return slices.Compare(a.ID[:], b.ID[:]) })
	return lots
}

func TestDue(t *testing.T) {
	now := at("2026-03-10T12:00:00Z")
	for _, c := range []struct {
		name  string
		debt  fact.Points
		lots  []ledger.Lot
		tale  []string
		after ledger.Balances
		due   time.Time
	}{
		{
			name:  "nothing yet",
			lots:  []ledger.Lot{{Pending: 5, Activates: at("2026-03-10T12:00:00.000001Z")}, {Available: 7, Expires: at("2026-03-11")}, {Available: 9}},
			after: ledger.Balances{Pending: 5, Available: 16}, due: at("2026-03-10T12:00:00.000001Z"),
		},
		{
			name:  "maturing at this very instant",
			lots:  []ledger.Lot{{Pending: 5, Activates: now, Expires: at("2027-03-11")}},
			tale:  []string{"mature pending>available:5"},
			after: ledger.Balances{Available: 5}, due: at("2027-03-11"),
		},
		{
			name: "expiring at this very instant",
			lots: []ledger.Lot{{Available: 5, Expires: now}},
			tale: []string{"expire available>expired:5"},
		},
		{
			name: "in the order of time, not of kinds or lots",
			lots: []ledger.Lot{
				{Available: 1, Expires: at("2026-03-04")}, {Pending: 2, Activates: at("2026-03-03")},
				{Available: 3, Expires: at("2026-03-02")}, {Pending: 4, Activates: at("2026-03-01"), Expires: at("2026-03-05")},
			},
			tale: []string{
				"mature pending>available:4", "expire available>expired:3", "mature pending>available:2",
				"expire available>expired:1", "expire available>expired:4",
			},
			after: ledger.Balances{Available: 2},
		},
		{
			name: "of one instant, in the order of the lots, each maturing before it expires",
			lots: []ledger.Lot{
				{Available: 1, Expires: at("2026-03-01")}, {Pending: 2, Activates: at("2026-03-01"), Expires: at("2026-03-01")},
				{Pending: 3, Activates: at("2026-03-01")},
			},
			tale: []string{
				"expire available>expired:1", "mature pending>available:2", "expire available>expired:2", "mature pending>available:3",
			},
			after: ledger.Balances{Available: 3},
		},
		{
			name: "expired before it would have matured",
			lots: []ledger.Lot{{Pending: 5, Activates: at("2026-03-05"), Expires: at("2026-03-01")}},
			tale: []string{"expire pending>expired:5"},
		},
		{
			name:  "what expires before it would mature falls due when it expires",
			lots:  []ledger.Lot{{Pending: 5, Activates: at("2026-05-01"), Expires: at("2026-04-01")}},
			after: ledger.Balances{Pending: 5}, due: at("2026-04-01"),
		},
		{
			name: "what matures repays debt, the earliest first", debt: 7,
			lots:  []ledger.Lot{{Pending: 5, Activates: at("2026-03-02"), Expires: at("2026-04-01")}, {Pending: 4, Activates: at("2026-03-01")}},
			tale:  []string{"mature pending>available:4 available>debt:4", "mature pending>available:5 available>debt:3"},
			after: ledger.Balances{Available: 2}, due: at("2026-04-01"),
		},
		{
			name: "nothing is left to expire of what repaid debt", debt: 9,
			lots:  []ledger.Lot{{Pending: 5, Activates: at("2026-03-01"), Expires: at("2026-03-05")}},
			tale:  []string{"mature pending>available:5 available>debt:5"},
			after: ledger.Balances{Debt: 4},
		},
		{
			name:  "what is held outlives its lot's expiry",
			lots:  []ledger.Lot{{Available: 2, Held: 3, Expires: at("2026-03-01")}},
			tale:  []string{"expire available>expired:2"},
			after: ledger.Balances{Held: 3}, due: lapse,
		},
		{
			name:  "what was spent is not expired",
			lots:  []ledger.Lot{{Available: 2, Spent: 3, Expires: at("2026-03-01")}},
			tale:  []string{"expire available>expired:2"},
			after: ledger.Balances{},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := lotsOf(c.lots...)
			s.account.Debt = c.debt
			wantBalances(t, ledger.AsOf(s.account, s.openLots(), now, s.openHolds()...), c.after)
			given := s.inOrder()
			slices.Reverse(given) // the order of the load is of no account
			before := slices.Clone(given)
			book, err := ledger.Open(s.account, given, fact.NewID(fact.KindCommand), now, s.openHolds()...)
			if err != nil {
				t.Fatal(err)
			}
			changes := book.Changes()
			s.save(changes)
			if !slices.IsSortedFunc(changes.Lots, func(a, b ledger.Lot) int { return slices.Compare(a.ID[:], b.ID[:]) }) {
				t.Errorf("the changed lots are not in the order of their ids")
			}
			wantTale(t, s, 0, c.tale...)
			wantBalances(t, s.account.Balances, c.after)
			if !s.account.NextDue.Equal(c.due) {
				t.Errorf("next due %s, want %s", s.account.NextDue, c.due)
			}
			if !slices.Equal(given, before) {
				t.Errorf("the lots that were handed in became %+v", given)
			}
		})
	}
}

func TestWhatFellDueTellsWhenAndWhichLot(t *testing.T) {
	s := lotsOf(ledger.Lot{Pending: 5, Activates: at("2026-03-01"), Expires: at("2026-03-05")})
	lot := s.openLots()[0].ID
	now := at("2026-03-10")
	if err := s.do(t, true, now, func(*ledger.Book) error { return nil }); err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		source   string
		occurred time.Time
	}{{why.SourceMaturity, at("2026-03-01")}, {why.SourceExpiry, at("2026-03-05")}} {
		m := s.movements[i]
		e := m.Reason.Explanation
		if e.Source != want.source || !slices.Equal(e.Lots, []why.Slice{{Lot: lot, Points: 5}}) {
			t.Errorf("explanation %+v", e)
		}
		if !m.Occurred.Equal(want.occurred) || !m.Booked.Equal(now) || m.Points != 5 || m.Number != int64(i+1) {
			t.Errorf("movement %+v", m)
		}
	}
}

func TestLotsMissing(t *testing.T) {
	now := at("2026-03-10")
	due := ledger.Lot{Available: 5, Expires: at("2026-03-01")}
	later := ledger.Lot{Available: 7, Expires: at("2026-04-01")}
	open := func(s *shelf, lots ...ledger.Lot) (*ledger.Book, error) {
		return ledger.Open(s.account, lots, fact.NewID(fact.KindCommand), now)
	}
	t.Run("something is due and no lot is at hand", func(t *testing.T) {
		if _, err := open(lotsOf(due, later)); !errors.Is(err, ledger.ErrLotsMissing) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("something is due and not all lots are at hand", func(t *testing.T) {
		s := lotsOf(due, later)
		for _, l := range s.inOrder() {
			if _, err := open(s, l); !errors.Is(err, ledger.ErrLotsMissing) {
				t.Errorf("got %v", err)
			}
		}
	})
	t.Run("a lot is due of which the account does not know", func(t *testing.T) {
		s := lotsOf(due, later)
		s.account.NextDue = time.Time{}
		if _, err := open(s, s.inOrder()[0]); !errors.Is(err, ledger.ErrLotsMissing) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a spend without the lots", func(t *testing.T) {
		s := lotsOf(later)
		s.account.NextDue = at("2026-04-01")
		book, err := open(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := book.Earn(ledger.Earning{Points: 10}); err != nil {
			t.Fatal(err)
		}
		if _, err := book.Spend(10, now, ledger.Reason{}); !errors.Is(err, ledger.ErrLotsMissing) {
			t.Errorf("got %v", err)
		}
		if c := book.Changes(); len(c.Movements) != 1 || c.Account.Available != 17 || !c.Account.NextDue.Equal(at("2026-04-01")) {
			t.Errorf("changes %+v", c)
		}
	})
	t.Run("an earlier due instant without the lots", func(t *testing.T) {
		s := lotsOf(later)
		s.account.NextDue = at("2026-04-01")
		book, err := open(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := book.Earn(ledger.Earning{Points: 10, Expires: at("2026-03-20")}); err != nil {
			t.Fatal(err)
		}
		if got := book.Changes().Account.NextDue; !got.Equal(at("2026-03-20")) {
			t.Errorf("next due %s", got)
		}
	})
	t.Run("another account's lot", func(t *testing.T) {
		if _, err := open(newShelf(), lotsOf(later).openLots()...); err == nil {
			t.Error("it was taken")
		}
	})
}

func TestADueInstantThatWasTooEarlyIsPutRight(t *testing.T) {
	s := lotsOf(ledger.Lot{Available: 7, Expires: at("2026-04-01")})
	if err := s.do(t, true, at("2026-03-10"), func(*ledger.Book) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if len(s.movements) != 0 || !s.account.NextDue.Equal(at("2026-04-01")) || !s.account.LastMoved.IsZero() {
		t.Errorf("%d movements, account %+v", len(s.movements), s.account)
	}
}

func TestTimeDoesNotRunBackwards(t *testing.T) {
	s := newShelf()
	late, early := at("2026-03-10T12:00:00Z"), at("2026-03-10T11:59:00Z")
	s.earn(t, late, ledger.Earning{Points: 10, Expires: at("2026-03-10T11:59:30Z").AddDate(0, 0, 1)})
	m := s.earn(t, early, ledger.Earning{Points: 5, Activates: at("2026-03-10T11:59:30Z")})
	if !m.Booked.Equal(late) || m.After.Available != 15 {
		t.Errorf("booked %s with %+v after, want at %s with all available", m.Booked, m.After, late)
	}
	// A minute before, by a clock that lags, what expired by the last movement is still expired.
	s = newShelf()
	s.earn(t, at("2026-03-01"), ledger.Earning{Points: 10, Expires: at("2026-03-10T11:59:30Z")})
	s.account.LastMoved = late
	if !s.account.IsDue(early) {
		t.Error("it is not due")
	}
	wantBalances(t, ledger.AsOf(s.account, s.openLots(), early), ledger.Balances{})
	_, err := s.spend(t, early, 1)
	wantRefusal(t, err, fact.CodeInsufficientPoints, "1 point more is needed: 0 of 1 are available")
}

func TestInstantsAreWhatIsStored(t *testing.T) {
	s := newShelf()
	now := at("2026-03-10T12:00:00.1234567+02:00")
	m := s.earn(t, now, ledger.Earning{Points: 1, Occurred: now, Activates: now, Expires: now.AddDate(1, 0, 0)})
	want := at("2026-03-10T10:00:00.123456Z")
	l := s.lots[m.ID.As(fact.KindLot)]
	for _, got := range []time.Time{m.Booked, m.Occurred, l.Earned, l.Activates, l.Expires.AddDate(-1, 0, 0), s.account.LastMoved} {
		if got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}
