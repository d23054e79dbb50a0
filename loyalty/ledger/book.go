package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"granaio/loyalty/fact"
)

// The faults of a call.
var (
	// ErrLotsMissing is the error of a book that was not handed the open lots it needs: load all of them and open it again.
	ErrLotsMissing = errors.New("ledger: open lots are missing")
	// ErrTooManyPostings is the error of a command that would move more lots than its postings can be numbered: fact.MaxPlace.
	ErrTooManyPostings = errors.New("ledger: a command of too many postings")
)

// Book is one account under one command. It is made by Open and used by one goroutine.
type Book struct {
	account   Account
	lots      []*Lot
	complete  bool // lots holds every open one
	changed   map[fact.ID]*Lot
	movements []Movement
	command   fact.ID
	clock     time.Time
	now       time.Time
	places    *places
}

// places are those that the command has used, by all of its books.
type places struct{ movements, postings int }

// Open opens the account for the command, and books what has fallen due by now. The lots are all the open ones of the account, or, while nothing is
// due (Account.IsDue) and the command only earns, none. Closed lots may be among them.
func Open(account Account, lots []Lot, command fact.ID, now time.Time) (*Book, error) {
	return open(account, lots, command, now, &places{})
}

// Beside opens a further account for the same command and the same clock. The movements of both are numbered together.
func (b *Book) Beside(account Account, lots []Lot) (*Book, error) {
	return open(account, lots, b.command, b.clock, b.places)
}

func open(account Account, lots []Lot, command fact.ID, now time.Time, places *places) (*Book, error) {
	b := &Book{account: account, command: command, clock: now, now: account.present(now), places: places}
	loaded := slices.Clone(lots)
	for i := range loaded {
		l := &loaded[i]
		if l.Account != account.ID {
			return nil, fmt.Errorf("ledger: lot %s belongs to %s, not to %s", l.ID, l.Account, account.ID)
		}
		b.lots = append(b.lots, l)
	}
	b.complete = b.loaded() == account.Balances
	due := account.IsDue(now) || len(steps(b.lots, b.now)) > 0
	switch {
	case due && !b.complete:
		return nil, b.lotsMissing()
	case due:
		if err := b.bookDue(b.lots); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// loaded are the balances that the lots at hand amount to; debt is no lot's.
func (b *Book) loaded() Balances {
	sum := Balances{Debt: b.account.Debt}
	for _, l := range b.lots {
		sum.Pending, sum.Available, sum.Held = sum.Pending+l.Pending, sum.Available+l.Available, sum.Held+l.Held
	}
	return sum
}

func (b *Book) lotsMissing() error {
	a, l := b.account, b.loaded()
	return fmt.Errorf("%w: account %s has %d pending, %d available, %d held; the %d lots at hand have %d, %d, %d",
		ErrLotsMissing, a.ID, a.Pending, a.Available, a.Held, len(b.lots), l.Pending, l.Available, l.Held)
}

// Now is the book's instant: the later of the clock's and that of the account's last movement before.
func (b *Book) Now() time.Time { return b.now }

// Account is the account as it now is.
func (b *Book) Account() Account {
	a := b.account
	if b.complete {
		a.NextDue = time.Time{}
	}
	for _, l := range b.lots {
		if due := l.nextDue(); !due.IsZero() && (a.NextDue.IsZero() || due.Before(a.NextDue)) {
			a.NextDue = due
		}
	}
	return a
}

// Changes are all that the book did since it was opened. What they hold is not to be changed.
func (b *Book) Changes() Changes {
	c := Changes{Account: b.Account(), Movements: slices.Clone(b.movements)}
	for _, id := range slices.SortedFunc(maps.Keys(b.changed), compare) {
		c.Lots = append(c.Lots, *b.changed[id])
	}
	return c
}

// record books a movement: it numbers it, names its postings and applies them. On an error nothing has happened.
func (b *Book) record(kind Kind, points fact.Points, occurred time.Time, reason Reason, flows []flow) (Movement, error) {
	if !b.room(len(flows)) {
		return Movement{}, errNoRoom
	}
	m := Movement{
		ID: b.nextMovement(), Account: b.account.ID, Number: b.account.Sequence + 1, Kind: kind, Points: points,
		Occurred: fact.Instant(occurred), Booked: b.now, Postings: make([]Posting, 0, len(flows)), Reason: reason,
	}
	b.places.movements++
	if b.changed == nil {
		b.changed = map[fact.ID]*Lot{}
	}
	for _, f := range flows {
		b.places.postings++
		p := Posting{ID: b.command.At(b.places.postings).As(fact.KindPosting), Movement: m.ID, Source: f.source, Target: f.target, Points: f.points}
		if f.lot != nil {
			p.Lot, b.changed[f.lot.ID] = f.lot.ID, f.lot
		}
		if f.target == Debt {
			m.Reason.Explanation.Repaid += f.points
		}
		m.Postings = append(m.Postings, p)
		f.apply(&b.account.Balances)
	}
	m.After = b.account.Balances
	b.account.Sequence, b.account.LastMoved = m.Number, b.now
	b.movements = append(b.movements, m)
	return m, nil
}

// room tells whether the command can number that many postings more.
func (b *Book) room(postings int) bool { return b.places.postings+postings <= fact.MaxPlace }

var errNoRoom = fmt.Errorf("%w: at most %d", ErrTooManyPostings, fact.MaxPlace)

// nextMovement is the id that the next movement will have.
func (b *Book) nextMovement() fact.ID {
	return b.command.At(b.places.movements + 1).As(fact.KindMovement)
}

// compare orders ids as the databases do.
func compare(a, b fact.ID) int { return bytes.Compare(a[:], b[:]) }
