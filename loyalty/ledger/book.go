package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"granaio/loyalty/fact"
)

// The faults of a call.
var (
	// ErrLotsMissing is the error of a book that was not handed the open lots it needs: load all of them and open it again.
	ErrLotsMissing = errors.New("ledger: open lots are missing")
	// ErrHoldsMissing is the error of a book that was not handed the open holds it needs: load all of them and open it again.
	ErrHoldsMissing = errors.New("ledger: open holds are missing")
	// ErrTooManyPostings is the error of a command that would move more lots than its postings can be numbered: fact.MaxPlace.
	ErrTooManyPostings = errors.New("ledger: a command of too many postings")
)

// Book is one account under one command. It is made by Open and used by one goroutine.
type Book struct {
	account   Account
	lots      []*Lot
	complete  bool   // lots holds every open one
	changed   []*Lot // each as often as it was
	holds     []*Holding
	settled   bool       // holds holds every open one
	stirred   []*Holding // as changed
	movements []Movement
	command   fact.ID
	clock     time.Time
	now       time.Time
	places    *places
}

// places are those that the command has used, by all of its books. Movements and postings take theirs from the first on; lots that come from another
// account from the last down, since their movement's place is one and they may be many.
type places struct{ movements, postings, received int }

// Open opens the account for the command, and books what has fallen due by now. The lots are all the open ones of the account, or, while nothing is
// due (Account.IsDue) and the command only earns or receives, none. The holds are all the open ones, or, while nothing is due, those that the command
// captures or releases. Closed lots and ended holds may be among them.
func Open(account Account, lots []Lot, command fact.ID, now time.Time, holds ...Holding) (*Book, error) {
	return open(account, lots, holds, command, now, &places{})
}

// Beside opens a further account for the same command and the same clock. The movements of both are numbered together.
func (b *Book) Beside(account Account, lots []Lot, holds ...Holding) (*Book, error) {
	return open(account, lots, holds, b.command, b.clock, b.places)
}

func open(account Account, lots []Lot, holds []Holding, command fact.ID, now time.Time, places *places) (*Book, error) {
	b := &Book{account: account, command: command, clock: now, now: account.present(now), places: places}
	loaded := slices.Clone(lots)
	for i := range loaded {
		l := &loaded[i]
		if l.Account != account.ID {
			return nil, fmt.Errorf("ledger: lot %s belongs to %s, not to %s", l.ID, l.Account, account.ID)
		}
		b.lots = append(b.lots, l)
	}
	if err := b.takeHolds(holds); err != nil {
		return nil, err
	}
	b.complete = b.loaded() == account.Balances
	if err := b.checkPins(); err != nil {
		return nil, err
	}
	due := account.IsDue(now) || len(b.account.steps(b.lots, b.holds, b.now)) > 0
	switch {
	case due && !b.complete:
		return nil, b.lotsMissing()
	case due && !b.settled:
		return nil, b.holdsMissing()
	case due:
		if err := b.bookDue(b.lots, b.holds); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// lot is the book's own of a lot that a command is handed, as it is stored. A closed one that the book was not opened with is taken in.
func (b *Book) lot(handed Lot) (*Lot, error) {
	if r := b.foreign("lot", handed.ID, handed.Account); r != nil {
		return nil, r
	}
	for _, l := range b.lots {
		if l.ID == handed.ID {
			return l, nil
		}
	}
	if handed.IsOpen() {
		return nil, fmt.Errorf("%w: lot %s is not one of those that the book was opened with", ErrLotsMissing, handed.ID)
	}
	b.lots = append(b.lots, &handed)
	return &handed, nil
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
	if b.complete && b.settled {
		a.NextDue = time.Time{}
	}
	for _, l := range b.lots {
		a.NextDue = earlier(a.NextDue, a.nextDue(l))
	}
	for _, h := range b.holds {
		a.NextDue = earlier(a.NextDue, h.nextDue())
	}
	return a
}

// NextChange is when the balances next change by time alone; zero for never. Warnings change none. The book has all open lots and holds.
func (b *Book) NextChange() time.Time {
	var next time.Time
	for _, l := range b.lots {
		switch {
		case l.matures():
			next = earlier(next, l.Activates)
		case l.Pending+l.Available > 0:
			next = earlier(next, b.account.ends(l))
		}
	}
	for _, h := range b.holds {
		next = earlier(next, h.nextDue())
	}
	return next
}

// earlier is the earlier of two instants; zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Changes are all that the book did since it was opened. What they hold is not to be changed.
func (b *Book) Changes() Changes {
	return Changes{
		Account: b.Account(), Movements: slices.Clone(b.movements),
		Lots:  inOrder(b.changed, func(l *Lot) fact.ID { return l.ID }),
		Holds: inOrder(b.stirred, func(h *Holding) fact.ID { return h.ID }),
	}
}

// inOrder is what the pointers point to, each once, in the order of the ids.
func inOrder[T any](all []*T, id func(*T) fact.ID) []T {
	if len(all) == 0 {
		return nil
	}
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b *T) int { return compare(id(a), id(b)) })
	sorted = slices.Compact(sorted)
	values := make([]T, len(sorted))
	for i, p := range sorted {
		values[i] = *p
	}
	return values
}

// record books a movement: it numbers it, names its postings and applies them. On an error nothing has happened.
func (b *Book) record(kind Kind, points fact.Points, occurred time.Time, reason *Reason, flows []flow) (Movement, error) {
	if !b.room(len(flows)) {
		return Movement{}, errNoRoom
	}
	b.movements = append(b.movements, Movement{
		ID: b.nextMovement(), Account: b.account.ID, Number: b.account.Sequence + 1, Kind: kind, Points: points,
		Occurred: fact.Instant(occurred), Booked: b.now, Postings: make([]Posting, 0, len(flows)), Reason: *reason,
	})
	m := &b.movements[len(b.movements)-1]
	b.places.movements++
	for _, f := range flows {
		b.places.postings++
		p := Posting{ID: b.command.At(b.places.postings).As(fact.KindPosting), Movement: m.ID, Source: f.source, Target: f.target, Points: f.points}
		if f.lot != nil {
			p.Lot, b.changed = f.lot.ID, append(b.changed, f.lot)
		}
		if f.target == Debt {
			m.Reason.Explanation.Repaid += f.points
		} else if f.source == Debt {
			m.Reason.Explanation.Owed += f.points
		}
		m.Postings = append(m.Postings, p)
		f.apply(&b.account.Balances)
	}
	m.After = b.account.Balances
	b.account.Sequence, b.account.LastMoved = m.Number, b.now
	return *m, nil
}

// room tells whether the command can number that many postings more, in no more movements, and as many lots from another account.
func (b *Book) room(postings int) bool {
	return b.places.postings+postings <= fact.MaxPlace && b.places.movements+b.places.received+max(postings, 1) <= fact.MaxPlace
}

var errNoRoom = fmt.Errorf("%w: at most %d", ErrTooManyPostings, fact.MaxPlace)

// nextMovement is the id that the next movement will have.
func (b *Book) nextMovement() fact.ID {
	return b.command.At(b.places.movements + 1).As(fact.KindMovement)
}

// compare orders ids as the databases do.
func compare(a, b fact.ID) int { return bytes.Compare(a[:], b[:]) }
