package ledger_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"
	_ "time/tzdata" // the zones of these tests, wherever they run

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// at reads a time as the tests write it.
func at(s string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	panic("not a time: " + s)
}

// shelf is an account as it is stored: what the engine keeps, in memory.
type shelf struct {
	account   ledger.Account
	lots      map[fact.ID]ledger.Lot
	holds     map[fact.ID]ledger.Holding
	movements []ledger.Movement
}

func newShelf() *shelf {
	return &shelf{
		account: ledger.Account{ID: fact.NewID(fact.KindAccount)}, lots: map[fact.ID]ledger.Lot{}, holds: map[fact.ID]ledger.Holding{},
	}
}

// needed are the lots that a command has to be handed, and no more: all open ones, or none for an earning while nothing is due.
func (s *shelf) needed(earning bool, now time.Time) []ledger.Lot {
	if earning && !s.account.IsDue(now) {
		return nil
	}
	return s.openLots()
}

func (s *shelf) openLots() []ledger.Lot {
	var open []ledger.Lot
	for _, l := range s.lots {
		if l.IsOpen() {
			open = append(open, l)
		}
	}
	return open // in the order of a map, which is none
}

func (s *shelf) openHolds() []ledger.Holding {
	var open []ledger.Holding
	for _, h := range s.holds {
		if h.IsOpen() {
			open = append(open, h)
		}
	}
	return open
}

func (s *shelf) save(c ledger.Changes) {
	s.account = c.Account
	for _, h := range c.Holds {
		s.holds[h.ID] = h
	}
	for _, l := range c.Lots {
		s.lots[l.ID] = l
	}
	s.movements = append(s.movements, c.Movements...)
}

// do opens a book with what the command needs, runs the command and saves what came of it.
func (s *shelf) do(t testing.TB, earning bool, now time.Time, command func(*ledger.Book) error) error {
	t.Helper()
	book, err := ledger.Open(s.account, s.needed(earning, now), fact.NewID(fact.KindCommand), now, s.openHolds()...)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	err = command(book)
	s.save(book.Changes())
	return err
}

// move runs a command that books a movement.
func (s *shelf) move(t testing.TB, now time.Time, command func(*ledger.Book) (ledger.Movement, error)) (ledger.Movement, error) {
	t.Helper()
	var m ledger.Movement
	err := s.do(t, false, now, func(b *ledger.Book) (err error) { m, err = command(b); return err })
	return m, err
}

// must is a movement that is granted.
func (s *shelf) must(t testing.TB, now time.Time, command func(*ledger.Book) (ledger.Movement, error)) ledger.Movement {
	t.Helper()
	m, err := s.move(t, now, command)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// hold sets points aside until an instant.
func (s *shelf) hold(t testing.TB, now time.Time, points fact.Points, expires time.Time) ledger.Holding {
	t.Helper()
	m := s.must(t, now, func(b *ledger.Book) (ledger.Movement, error) { return b.Hold(points, expires, now, ledger.Reason{}) })
	return s.holds[m.ID.As(fact.KindHold)]
}

func (s *shelf) earn(t testing.TB, now time.Time, e ledger.Earning) ledger.Movement {
	t.Helper()
	var m ledger.Movement
	if err := s.do(t, true, now, func(b *ledger.Book) (err error) { m, err = b.Earn(e); return err }); err != nil {
		t.Fatalf("earn: %v", err)
	}
	return m
}

func (s *shelf) spend(t testing.TB, now time.Time, points fact.Points) (ledger.Movement, error) {
	t.Helper()
	var m ledger.Movement
	err := s.do(t, false, now, func(b *ledger.Book) (err error) { m, err = b.Spend(points, now, ledger.Reason{}); return err })
	return m, err
}

// owe gives the account a debt, as points that are taken back after they were spent leave one.
func (s *shelf) owe(now time.Time, points fact.Points) {
	command := fact.NewID(fact.KindCommand)
	s.account.Sequence++
	s.account.LastMoved = fact.Instant(now)
	s.account.Debt += points
	m := ledger.Movement{
		ID: command.At(1).As(fact.KindMovement), Account: s.account.ID, Number: s.account.Sequence, Kind: ledger.ReverseEarn, Points: points,
		Occurred: s.account.LastMoved, Booked: s.account.LastMoved, After: s.account.Balances,
		Postings: []ledger.Posting{{ID: command.At(1).As(fact.KindPosting), Source: ledger.Debt, Target: ledger.Reversed, Points: points}},
	}
	m.Postings[0].Movement = m.ID
	s.movements = append(s.movements, m)
}

// tale is the movements from a number on, in short.
func (s *shelf) tale(from int) []string {
	var lines []string
	for _, m := range s.movements[from:] {
		line := string(m.Kind)
		for _, p := range m.Postings {
			line += " " + string(p.Source) + ">" + string(p.Target) + ":" + strconv.FormatInt(int64(p.Points), 10)
		}
		lines = append(lines, line)
	}
	return lines
}

func wantTale(t *testing.T, s *shelf, from int, want ...string) {
	t.Helper()
	if got := s.tale(from); !slices.Equal(got, want) {
		t.Errorf("movements\n got %q\nwant %q", got, want)
	}
}

func wantBalances(t *testing.T, got, want ledger.Balances) {
	t.Helper()
	if got != want {
		t.Errorf("balances %+v, want %+v", got, want)
	}
}

func wantRefusal(t *testing.T, err error, code fact.Code, message string) {
	t.Helper()
	var r *fact.Refusal
	if !errors.As(err, &r) || r.Code != code || message != "" && r.Message != message {
		t.Errorf("got %v, want a refusal %s %q", err, code, message)
	}
}
