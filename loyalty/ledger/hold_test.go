package ledger_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

func capture(h ledger.Holding, points fact.Points, occurred time.Time) func(*ledger.Book) (ledger.Movement, error) {
	return func(b *ledger.Book) (ledger.Movement, error) { return b.Capture(h, points, occurred, ledger.Reason{}) }
}

func release(h ledger.Holding, occurred time.Time) func(*ledger.Book) (ledger.Movement, error) {
	return func(b *ledger.Book) (ledger.Movement, error) { return b.Release(h, occurred, ledger.Reason{}) }
}

func TestHoldPinsTheLotsThatASpendWouldTake(t *testing.T) {
	now, expires := at("2026-03-10"), at("2026-03-10T00:15:00Z")
	s := lotsOf(ledger.Lot{Available: 10}, ledger.Lot{Available: 20, Expires: at("2026-05-01")}, ledger.Lot{Available: 30, Expires: at("2026-04-01")})
	lots := s.inOrder()
	m := s.must(t, now, func(b *ledger.Book) (ledger.Movement, error) {
		return b.Hold(35, expires, now, ledger.Reason{Explanation: why.Explanation{Source: why.SourceReward, Key: "mug"}})
	})
	wantTale(t, s, 0, "hold available>held:30 available>held:5")
	wantBalances(t, s.account.Balances, ledger.Balances{Available: 25, Held: 35})
	slices := []why.Slice{{Lot: lots[2].ID, Points: 30}, {Lot: lots[1].ID, Points: 5}}
	want := ledger.Holding{ID: m.ID.As(fact.KindHold), Account: s.account.ID, Expires: expires, Points: 35, Slices: slices}
	if got := s.holds[want.ID]; !got.IsOpen() || !sameHolding(got, want) {
		t.Errorf("hold\n got %+v\nwant %+v", got, want)
	}
	if e := m.Reason.Explanation; e.Source != why.SourceReward || e.Key != "mug" || !sameSlices(e.Lots, slices) {
		t.Errorf("explanation %+v", e)
	}
	if !s.account.NextDue.Equal(expires) {
		t.Errorf("next due %s, want when the hold lapses", s.account.NextDue)
	}
}

func sameSlices(a, b []why.Slice) bool { return slices.Equal(a, b) }

func sameHolding(a, b ledger.Holding) bool {
	same := sameSlices(a.Slices, b.Slices)
	a.Slices, b.Slices = nil, nil
	return same && a.ID == b.ID && a.Account == b.Account && a.Expires.Equal(b.Expires) && a.Points == b.Points &&
		a.Captured == b.Captured && a.Released == b.Released
}

// TestAHoldEnds: in every way, on a hold of 30 points, 20 of a lot that expires in between and 10 of one that never does.
func TestAHoldEnds(t *testing.T) {
	held, early, late := at("2026-03-10"), at("2026-03-11"), at("2026-03-14")
	lost, lapses := at("2026-03-12"), at("2026-03-15")
	for _, c := range []struct {
		name               string
		now                time.Time
		capture            fact.Points // 0: released; less: nothing is done
		tale               []string
		after              ledger.Balances
		captured, released fact.Points
	}{
		{
			name: "captured as a whole", now: early, capture: 30,
			tale:  []string{"capture held>redeemed:20 held>redeemed:10"},
			after: ledger.Balances{Available: 5}, captured: 30,
		},
		{
			name: "captured in part, what expires soonest first", now: early, capture: 22,
			tale:  []string{"capture held>redeemed:20 held>redeemed:2", "release held>available:8"},
			after: ledger.Balances{Available: 13}, captured: 22, released: 8,
		},
		{
			name: "captured though a lot has expired", now: late, capture: 20,
			tale:  []string{"capture held>redeemed:20", "release held>available:10"},
			after: ledger.Balances{Available: 15}, captured: 20, released: 10,
		},
		{
			name: "captured in part, and the rest of a lot has expired", now: late, capture: 3,
			tale:  []string{"capture held>redeemed:3", "release held>available:17 held>available:10", "expire available>expired:17"},
			after: ledger.Balances{Available: 15}, captured: 3, released: 27,
		},
		{
			name: "released", now: early,
			tale:  []string{"release held>available:20 held>available:10"},
			after: ledger.Balances{Available: 35}, released: 30,
		},
		{
			name: "released after a lot has expired", now: late,
			tale:  []string{"release held>available:20 held>available:10", "expire available>expired:20"},
			after: ledger.Balances{Available: 15}, released: 30,
		},
		{
			name: "it lasts as long as its time", now: lapses.Add(-time.Microsecond), capture: -1, after: ledger.Balances{Available: 5, Held: 30},
		},
		{
			name: "it lapses, and a lot has expired", now: lapses, capture: -1,
			tale:  []string{"release held>available:20 held>available:10", "expire available>expired:20"},
			after: ledger.Balances{Available: 15}, released: 30,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := lotsOf(ledger.Lot{Available: 20, Expires: lost}, ledger.Lot{Available: 15})
			h := s.hold(t, held, 30, lapses)
			if c.capture < 0 {
				wantBalances(t, ledger.AsOf(s.account, s.inOrder(), c.now, s.openHolds()...), c.after)
			}
			err := s.do(t, false, c.now, func(b *ledger.Book) (err error) {
				switch {
				case c.capture > 0:
					_, err = b.Capture(h, c.capture, c.now, ledger.Reason{})
				case c.capture == 0:
					_, err = b.Release(h, c.now, ledger.Reason{})
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			wantTale(t, s, 1, c.tale...)
			wantBalances(t, s.account.Balances, c.after)
			if h := s.holds[h.ID]; h.Captured != c.captured || h.Released != c.released || h.IsOpen() != (c.tale == nil) {
				t.Errorf("hold %+v", h)
			}
			for _, m := range s.movements[1:] {
				if e := m.Reason.Explanation; m.Kind != ledger.Expire && e.Of != h.ID.As(fact.KindMovement) {
					t.Errorf("movement %+v does not name the hold's", m)
				}
			}
		})
	}
}

func TestWhatALapseReleasesExpiresWhenItIsDue(t *testing.T) {
	s := lotsOf(ledger.Lot{Available: 1, Expires: at("2026-03-12")}, ledger.Lot{Available: 2, Expires: at("2026-03-18")}, ledger.Lot{Available: 4})
	h := s.hold(t, at("2026-03-10"), 7, at("2026-03-15"))
	now := at("2026-03-20")
	wantBalances(t, ledger.AsOf(s.account, s.inOrder(), now, s.openHolds()...), ledger.Balances{Available: 4})
	if got := ledger.Expiring(s.account, s.inOrder(), at("2026-03-16"), at("2026-04-01"), h); len(got) != 1 || got[0].Points != 2 {
		t.Errorf("expiring: %v", got)
	}
	if err := s.do(t, false, now, func(*ledger.Book) error { return nil }); err != nil {
		t.Fatal(err)
	}
	wantTale(t, s, 1, "release held>available:1 held>available:2 held>available:4", "expire available>expired:1", "expire available>expired:2")
	var when []string
	for _, m := range s.movements[1:] {
		when = append(when, m.Occurred.Format(time.DateOnly)+" "+m.Reason.Explanation.Source)
	}
	if want := []string{"2026-03-15 lapse", "2026-03-15 expiry", "2026-03-18 expiry"}; !slices.Equal(when, want) {
		t.Errorf("got %q, want %q", when, want)
	}
	if !s.account.NextDue.IsZero() {
		t.Errorf("next due %s", s.account.NextDue)
	}
}

func TestWhatIsReleasedRepaysDebtFirst(t *testing.T) {
	now := at("2026-03-10")
	s := newShelf()
	earning := s.earn(t, now, ledger.Earning{Points: 30, Expires: at("2026-04-01")})
	h := s.hold(t, now, 30, at("2026-03-15"))
	s.must(t, now, s.takeBack(earning, 12, ledger.Recourse{DebtFloor: 100}))
	wantBalances(t, s.account.Balances, ledger.Balances{Held: 30, Debt: 12})
	m := s.must(t, now, release(h, now))
	wantTale(t, s, 3, "release held>available:30 available>debt:12")
	wantBalances(t, s.account.Balances, ledger.Balances{Available: 18})
	if m.Reason.Explanation.Repaid != 12 || m.Points != 30 {
		t.Errorf("movement %+v", m)
	}
}

func TestALapseRepaysDebtToo(t *testing.T) {
	now, lapses := at("2026-03-10"), at("2026-03-15")
	s := newShelf()
	earning := s.earn(t, now, ledger.Earning{Points: 30, Expires: at("2026-03-14")})
	s.hold(t, now, 30, lapses)
	s.must(t, now, s.takeBack(earning, 12, ledger.Recourse{DebtFloor: 100}))
	wantBalances(t, ledger.AsOf(s.account, s.openLots(), lapses, s.openHolds()...), ledger.Balances{})
	if err := s.do(t, false, lapses, func(*ledger.Book) error { return nil }); err != nil {
		t.Fatal(err)
	}
	wantTale(t, s, 3, "release held>available:30 available>debt:12", "expire available>expired:18")
	wantBalances(t, s.account.Balances, ledger.Balances{})
}

func TestHoldsRefuse(t *testing.T) {
	now, lapses := at("2026-03-10"), at("2026-03-15")
	hold := func(points fact.Points, expires time.Time) func(*ledger.Book, ledger.Holding) (ledger.Movement, error) {
		return func(b *ledger.Book, _ ledger.Holding) (ledger.Movement, error) {
			return b.Hold(points, expires, now, ledger.Reason{})
		}
	}
	captured := func(points fact.Points) func(*ledger.Book, ledger.Holding) (ledger.Movement, error) {
		return func(b *ledger.Book, h ledger.Holding) (ledger.Movement, error) {
			return b.Capture(h, points, now, ledger.Reason{})
		}
	}
	released := func(b *ledger.Book, h ledger.Holding) (ledger.Movement, error) {
		return b.Release(h, now, ledger.Reason{})
	}
	foreign := func(b *ledger.Book, h ledger.Holding) (ledger.Movement, error) {
		h.Account = fact.NewID(fact.KindAccount)
		return b.Capture(h, 1, now, ledger.Reason{})
	}
	for _, c := range []struct {
		name    string
		first   func(ledger.Holding) func(*ledger.Book) (ledger.Movement, error)
		now     time.Time
		try     func(*ledger.Book, ledger.Holding) (ledger.Movement, error)
		code    fact.Code
		message string
	}{
		{name: "a hold of nothing", try: hold(0, lapses), code: fact.CodeZero, message: "a hold is of 1 to 9007199254740991 points, not of 0"},
		{name: "a hold of less than nothing", try: hold(-1, lapses), code: fact.CodeNegative},
		{name: "a hold of too many", try: hold(fact.MaxPoints+1, lapses), code: fact.CodeTooLarge},
		{name: "a hold of more than there is", try: hold(6, lapses), code: fact.CodeInsufficientPoints, message: "1 point more is needed: 5 of 6 are available"},
		{name: "a hold that lapses at once", try: hold(1, now), code: fact.CodeInPast, message: "a hold expires after now, which is 2026-03-10T00:00:00Z, not at 2026-03-10T00:00:00Z"},
		{name: "a hold for ever", try: hold(1, time.Time{}), code: fact.CodeInPast},
		{name: "a capture of nothing", try: captured(0), code: fact.CodeZero, message: "a capture is of 1 to 9007199254740991 points, not of 0"},
		{name: "a capture of less than nothing", try: captured(-1), code: fact.CodeNegative},
		{name: "a capture of too many", try: captured(fact.MaxPoints + 1), code: fact.CodeTooLarge},
		{name: "a capture of more than is held", try: captured(31), code: fact.CodeMoreThanHeld},
		{name: "another account's hold", try: foreign, code: fact.CodeAnotherAccount},
		{
			name: "a second capture", code: fact.CodeHoldEnded, try: captured(1),
			first: func(h ledger.Holding) func(*ledger.Book) (ledger.Movement, error) { return capture(h, 10, now) },
		},
		{
			name: "a capture of what was released", code: fact.CodeHoldEnded, try: captured(1),
			first: func(h ledger.Holding) func(*ledger.Book) (ledger.Movement, error) { return release(h, now) },
		},
		{
			name: "a second release", code: fact.CodeHoldEnded, try: released,
			first: func(h ledger.Holding) func(*ledger.Book) (ledger.Movement, error) { return release(h, now) },
		},
		{name: "a capture of what has lapsed by now", now: lapses, try: captured(1), code: fact.CodeHoldEnded},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := lotsOf(ledger.Lot{Available: 35})
			h := s.hold(t, now, 30, lapses)
			if c.first != nil {
				s.must(t, now, c.first(h))
			}
			if c.now.IsZero() {
				c.now = now
			}
			if err := s.do(t, false, c.now, func(*ledger.Book) error { return nil }); err != nil {
				t.Fatal(err)
			}
			before, account := len(s.movements), s.account
			for _, handed := range []ledger.Holding{h, s.holds[h.ID]} { // as it was when the caller read it, and as it is
				_, err := s.move(t, c.now, func(b *ledger.Book) (ledger.Movement, error) { return c.try(b, handed) })
				if handed.IsOpen() == s.holds[h.ID].IsOpen() {
					wantRefusal(t, err, c.code, c.message)
				} else if err == nil {
					t.Error("it was granted to a stale hold")
				}
			}
			if len(s.movements) != before || !reflect.DeepEqual(s.account, account) {
				t.Errorf("a refusal changed %q", s.tale(before))
			}
		})
	}
}

func TestHoldsMissing(t *testing.T) {
	now, lapses := at("2026-03-10"), at("2026-03-15")
	s := lotsOf(ledger.Lot{Available: 35})
	first, second := s.hold(t, now, 10, lapses), s.hold(t, now, 20, at("2026-03-20"))
	open := func(now time.Time, holds ...ledger.Holding) (*ledger.Book, error) {
		return ledger.Open(s.account, s.openLots(), fact.NewID(fact.KindCommand), now, holds...)
	}
	for _, holds := range [][]ledger.Holding{nil, {first}, {second}} {
		if _, err := open(lapses, holds...); !errors.Is(err, ledger.ErrHoldsMissing) {
			t.Errorf("one may have lapsed, and not all are at hand: %v", err)
		}
	}
	book, err := open(now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book.Capture(first, 1, now, ledger.Reason{}); !errors.Is(err, ledger.ErrHoldsMissing) {
		t.Errorf("a hold that is not at hand was captured: %v", err)
	}
	if book, err = open(now, second); err != nil {
		t.Fatal(err)
	}
	if _, err := book.Capture(second, 1, now, ledger.Reason{}); err != nil {
		t.Errorf("nothing is due, and the hold is at hand: %v", err)
	}
	if got := book.Changes().Account.NextDue; !got.Equal(lapses) {
		t.Errorf("the other hold is forgotten: next due %s", got)
	}
	for name, wrong := range map[string]ledger.Holding{
		"another account's":         {ID: first.ID, Account: fact.NewID(fact.KindAccount), Points: 10, Slices: first.Slices},
		"more than its slices":      {ID: first.ID, Account: first.Account, Points: 11, Slices: first.Slices},
		"captured and open":         {ID: first.ID, Account: first.Account, Points: 10, Captured: 1, Slices: first.Slices},
		"of more than the lot held": {ID: first.ID, Account: first.Account, Points: 40, Slices: []why.Slice{{Lot: first.Slices[0].Lot, Points: 40}}},
		"of a lot that is closed":   {ID: first.ID, Account: first.Account, Points: 10, Slices: []why.Slice{{Lot: fact.NewID(fact.KindLot), Points: 10}}},
	} {
		if _, err := open(now, wrong); err == nil || errors.Is(err, ledger.ErrHoldsMissing) {
			t.Errorf("a hold that is %s: %v", name, err)
		}
	}
}
