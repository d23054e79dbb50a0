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

// idle is an earning of points that are lost after 12 months without activity, of which is warned a month before.
func idle(t *testing.T, now string, points fact.Points, s *shelf) ledger.Movement {
	t.Helper()
	e := ledger.Earning{Points: points, Occurred: at(now)}
	e.Age(ledger.Ageing{Expires: validity(t, "12 months without activity"), Warns: ledger.Term{Months: 1}}, s.account.Zone)
	return s.earn(t, at(now), e)
}

func (s *shelf) touch(t *testing.T, now, active string) {
	t.Helper()
	_ = s.do(t, true, at(now), func(b *ledger.Book) error { b.Touch(at(active)); return nil })
}

func inRome(t *testing.T) *shelf {
	s := newShelf()
	s.account.Zone = zone(t, "Europe/Rome")
	return s
}

func (s *shelf) availableAt(now string) fact.Points {
	return ledger.AsOf(s.account, s.openLots(), at(now), s.openHolds()...).Available
}

func TestPointsAreLostByInactivity(t *testing.T) {
	s := inRome(t)
	idle(t, "2026-03-28T12:00:00Z", 100, s) // the day before summer time begins
	if got := s.availableAt("2027-03-28T21:59:59Z"); got != 100 {
		t.Errorf("within the last day there are %d", got)
	}
	if got := s.availableAt("2027-03-28T22:00:00Z"); got != 0 {
		t.Errorf("after the last day there are %d", got)
	}
	s.touch(t, "2026-10-25T12:00:00Z", "2026-10-25T12:00:00Z") // the day on which it ends
	if got := s.availableAt("2027-10-25T21:59:59Z"); got != 100 {
		t.Errorf("a year after the last activity there are %d", got)
	}
	s.touch(t, "2027-11-01T12:00:00Z", "2027-10-20T12:00:00Z") // heard of late: what is lost stays lost
	wantTale(t, s, 1, "expire available>expired:100")
	m := s.movements[1]
	if m.Reason.Explanation.Source != why.SourceInactivity || !m.Occurred.Equal(at("2027-10-25T22:00:00Z")) || !m.Booked.Equal(at("2027-11-01T12:00:00Z")) {
		t.Errorf("it was lost by %+v", m)
	}
	if !s.account.Active.Equal(at("2027-10-20T12:00:00Z")) {
		t.Errorf("last active %s", s.account.Active)
	}
}

func TestActivityIsKeptToTheDayAndNeverGoesBack(t *testing.T) {
	s := inRome(t)
	for _, c := range []struct{ active, kept string }{
		{"2026-05-10T06:00:00Z", "2026-05-10T06:00:00Z"},
		{"2026-05-10T21:59:59Z", "2026-05-10T06:00:00Z"}, // the same local day
		{"2026-05-10T22:00:00Z", "2026-05-10T22:00:00Z"}, // the next, here and not in UTC
		{"2026-05-01T12:00:00Z", "2026-05-10T22:00:00Z"},
	} {
		s.touch(t, "2026-06-01", c.active)
		if !s.account.Active.Equal(at(c.kept)) {
			t.Errorf("after activity at %s: %s, want %s", c.active, s.account.Active, c.kept)
		}
	}
	if len(s.movements) != 0 {
		t.Errorf("activity is %d movements", len(s.movements))
	}
}

func TestActivityNeedsNoLots(t *testing.T) {
	s := inRome(t)
	idle(t, "2026-01-10", 100, s)
	due := s.account.NextDue
	book, err := ledger.Open(s.account, nil, fact.NewID(fact.KindCommand), at("2026-06-01"))
	if err != nil {
		t.Fatal(err)
	}
	book.Touch(at("2026-06-01"))
	s.save(book.Changes())
	if !s.account.NextDue.Equal(due) || s.account.NextDue.IsZero() {
		t.Errorf("next due %s, was %s", s.account.NextDue, due)
	}
	if err := s.do(t, false, due, func(*ledger.Book) error { return nil }); err != nil { // too early by now, and so put right
		t.Fatal(err)
	}
	if want := at("2027-05-01").Add(-2 * time.Hour); len(s.movements) != 1 || !s.account.NextDue.Equal(want) {
		t.Errorf("next due %s, want %s", s.account.NextDue, want)
	}
}

func TestWhatIsLostSoonestAsThingsAreIsSpentFirst(t *testing.T) {
	s := inRome(t)
	idle(t, "2026-01-10", 10, s)
	s.earn(t, at("2026-01-10"), ledger.Earning{Points: 10, Occurred: at("2026-01-10"), Expires: at("2027-03-01")})
	lot := func(m ledger.Movement) fact.ID { return m.Reason.Explanation.Lots[0].Lot }
	m, err := s.spend(t, at("2026-06-01"), 1)
	if err != nil || lot(m) != s.movements[0].ID.As(fact.KindLot) {
		t.Errorf("spent from %s: %v", lot(m), err)
	}
	s.touch(t, "2026-06-01", "2026-06-01")
	m, err = s.spend(t, at("2026-06-01"), 1)
	if err != nil || lot(m) != s.movements[1].ID.As(fact.KindLot) {
		t.Errorf("after activity spent from %s: %v", lot(m), err)
	}
	got := ledger.Expiring(s.account, s.openLots(), at("2026-06-01"), at("2027-12-31"))
	if want := []ledger.Expiry{{At: at("2027-03-01"), Points: 9}, {At: at("2027-06-01T22:00:00Z"), Points: 9, Inactivity: true}}; !slices.Equal(got, want) {
		t.Errorf("expiring: %v, want %v", got, want)
	}
}

func TestATransferKeepsWhatActivityDecidesAbout(t *testing.T) {
	giver, receiver := inRome(t), inRome(t)
	idle(t, "2026-01-10", 100, giver)
	giver.touch(t, "2026-12-01", "2026-12-01")
	now := at("2027-01-20")
	from, err := ledger.Open(giver.account, giver.openLots(), fact.NewID(fact.KindCommand), now)
	if err != nil {
		t.Fatal(err)
	}
	to, err := from.Beside(receiver.account, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := from.Transfer(to, 40, now, ledger.Reason{}); err != nil {
		t.Fatal(err)
	}
	receiver.save(to.Changes())
	if got := receiver.availableAt("2027-12-01T22:59:59Z"); got != 40 {
		t.Errorf("as long as the giver would have had them there are %d", got)
	}
	if got := receiver.availableAt("2027-12-01T23:00:00Z"); got != 0 {
		t.Errorf("then there are %d", got)
	}
	receiver.touch(t, "2027-06-01", "2027-06-01")
	if got := receiver.availableAt("2028-05-31"); got != 40 {
		t.Errorf("after activity of the receiver there are %d", got)
	}
}

// waiting is an earning of points that wait 60 days for what the key names.
func waiting(t *testing.T, s *shelf, now string, key fact.ID, expire string) ledger.Movement {
	t.Helper()
	e := ledger.Earning{Points: 100, Occurred: at(now)}
	e.Wait(key, ledger.Ageing{Matures: ledger.Maturity{Within: ledger.Term{Days: 60}}, Expires: validity(t, expire)}, s.account.Zone)
	return s.earn(t, at(now), e)
}

func (s *shelf) arrive(t *testing.T, now, occurred string, key fact.ID) []ledger.Movement {
	t.Helper()
	var come []ledger.Movement
	err := s.do(t, false, at(now), func(b *ledger.Book) (err error) {
		come, err = b.Mature(key, at(occurred), ledger.Reason{Explanation: why.Explanation{Event: "order.delivered"}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return come
}

func TestPointsWaitForAnEvent(t *testing.T) {
	s := inRome(t)
	order, other := fact.NewID(0), fact.NewID(0)
	m := waiting(t, s, "2026-03-01T12:00:00Z", order, "1 month")
	wantBalances(t, s.account.Balances, ledger.Balances{Pending: 100})
	if !s.account.NextDue.Equal(at("2026-04-30T22:00:00Z")) {
		t.Errorf("they wait until %s", s.account.NextDue)
	}
	if come := s.arrive(t, "2026-03-05T12:00:00Z", "2026-03-05T12:00:00Z", other); come != nil {
		t.Errorf("another order made them mature: %+v", come)
	}
	come := s.arrive(t, "2026-03-10T12:00:00Z", "2026-03-08T12:00:00Z", order)
	wantTale(t, s, 1, "mature pending>available:100")
	l := s.lots[m.ID.As(fact.KindLot)]
	if len(come) != 1 || !come[0].Occurred.Equal(at("2026-03-08T12:00:00Z")) || come[0].Reason.Explanation.Source != why.SourceArrival {
		t.Errorf("they matured by %+v", come)
	}
	if !l.Activates.Equal(at("2026-03-08T12:00:00Z")) || !l.Expires.Equal(at("2026-04-08T22:00:00Z")) || !s.account.NextDue.Equal(l.Expires) {
		t.Errorf("the clock of expiry starts then: %+v, due %s", l, s.account.NextDue)
	}
	if come := s.arrive(t, "2026-03-11T12:00:00Z", "2026-03-11T12:00:00Z", order); come != nil {
		t.Errorf("they matured twice: %+v", come)
	}
}

func TestPointsThatWaitInVainAreLost(t *testing.T) {
	s := inRome(t)
	order := fact.NewID(0)
	waiting(t, s, "2026-03-01T12:00:00Z", order, "1 month")
	if come := s.arrive(t, "2026-05-02T12:00:00Z", "2026-04-20T12:00:00Z", order); come != nil {
		t.Errorf("it came in time and was heard of late: %+v", come)
	}
	wantTale(t, s, 1, "expire pending>expired:100")
	if e := s.movements[1].Reason.Explanation; e.Source != why.SourceUnmatured {
		t.Errorf("they were lost by %s", e.Source)
	}
}

func TestWhatMaturesLateMayBeLostAtOnce(t *testing.T) {
	s := inRome(t)
	order := fact.NewID(0)
	waiting(t, s, "2026-03-01T12:00:00Z", order, "3 days")
	s.account.Debt, s.movements = 0, s.movements[:1]
	s.arrive(t, "2026-03-20T12:00:00Z", "2026-03-10T12:00:00Z", order)
	wantTale(t, s, 1, "mature pending>available:100", "expire available>expired:100")
}

func TestMaturingNeedsTheLots(t *testing.T) {
	s := inRome(t)
	waiting(t, s, "2026-03-01T12:00:00Z", fact.NewID(0), "never")
	book, err := ledger.Open(s.account, nil, fact.NewID(fact.KindCommand), at("2026-03-02"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := book.Mature(fact.NewID(0), at("2026-03-02"), ledger.Reason{}); !errors.Is(err, ledger.ErrLotsMissing) {
		t.Errorf("got %v", err)
	}
}

// warn takes all warnings that are due.
func (s *shelf) warn(t *testing.T, now string) (due []ledger.Warning) {
	t.Helper()
	err := s.do(t, false, at(now), func(b *ledger.Book) (err error) {
		due, err = b.Warnings()
		for _, w := range due {
			b.Warned(w.At)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return due
}

func TestWhatWillBeLostIsWarnedOfOnceForEachDay(t *testing.T) {
	s := inRome(t)
	earn := func(now, expire string, points fact.Points) {
		e := ledger.Earning{Points: points, Occurred: at(now)}
		e.Age(ledger.Ageing{Expires: validity(t, expire), Warns: ledger.Term{Days: 30}}, s.account.Zone)
		s.earn(t, at(now), e)
	}
	earn("2026-03-10T12:00:00Z", "31 December", 100)
	earn("2026-04-10T12:00:00Z", "31 December", 20)
	earn("2026-04-10T12:00:00Z", "never", 5)
	s.earn(t, at("2026-05-01"), ledger.Earning{Points: 3, Expires: at("2026-12-31T23:00:00Z")}) // without a warning of its own
	first := at("2026-11-30T23:00:00Z")
	if !s.account.NextDue.Equal(first) {
		t.Errorf("next due %s, want %s", s.account.NextDue, first)
	}
	if due := s.warn(t, "2026-11-30T22:59:59Z"); due != nil {
		t.Errorf("too early: %+v", due)
	}
	end := ledger.Expiry{At: at("2026-12-31T23:00:00Z"), Points: 123}
	if due := s.warn(t, "2026-12-05"); !slices.Equal(due, []ledger.Warning{{Expiry: end, Due: first}}) {
		t.Errorf("to be warned of: %+v", due)
	}
	if !s.account.NextDue.Equal(end.At) || len(s.account.Warned) != 1 {
		t.Errorf("then due %s, warned of %v", s.account.NextDue, s.account.Warned)
	}
	earn("2026-12-10T12:00:00Z", "31 December", 7) // more that is lost on the same day
	earn("2026-12-10T12:00:00Z", "1 month", 9)     // and some on another: it is within its time of warning from the beginning
	want := []ledger.Warning{{Expiry: ledger.Expiry{At: at("2027-01-10T23:00:00Z"), Points: 9}, Due: at("2026-12-10T23:00:00Z")}}
	if due := s.warn(t, "2026-12-20"); !slices.Equal(due, want) {
		t.Errorf("to be warned of: %+v, want %+v", due, want)
	}
	if due := s.warn(t, "2027-01-02"); due != nil {
		t.Errorf("once they are lost: %+v", due)
	}
	earn("2027-01-02T12:00:00Z", "2 months", 9)
	s.warn(t, "2027-02-10")
	if !slices.EqualFunc(s.account.Warned, []time.Time{at("2027-03-02T23:00:00Z")}, time.Time.Equal) {
		t.Errorf("what is over is no longer remembered: %v", s.account.Warned)
	}
}

func TestActivityAfterAWarningBringsAnother(t *testing.T) {
	s := inRome(t)
	idle(t, "2026-01-10T12:00:00Z", 100, s)
	want := ledger.Warning{Expiry: ledger.Expiry{At: at("2027-01-10T23:00:00Z"), Points: 100, Inactivity: true}, Due: at("2026-12-09T23:00:00Z")}
	if due := s.warn(t, "2026-12-10"); !slices.Equal(due, []ledger.Warning{want}) {
		t.Fatalf("to be warned of: %+v", due)
	}
	s.touch(t, "2026-12-20", "2026-12-20")
	if due := s.warn(t, "2026-12-21"); due != nil {
		t.Errorf("after activity: %+v", due)
	}
	want = ledger.Warning{Expiry: ledger.Expiry{At: at("2027-12-20T23:00:00Z"), Points: 100, Inactivity: true}, Due: at("2027-11-19T23:00:00Z")}
	if due := s.warn(t, "2027-11-20"); !slices.Equal(due, []ledger.Warning{want}) {
		t.Errorf("a year later: %+v", due)
	}
}
