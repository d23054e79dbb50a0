package simulate

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/metric"
)

// lane is one member in one world.
type lane struct {
	state *loyalty.State // nil as long as it is not a member
	lots  []ledger.Lot   // by id: the open ones, and those that are kept
	holds []ledger.Holding
	named map[fact.ID]fact.ID // holds that have another id in this world, by their real ones; never changed in place
	undo  *undo               // nil for a member of whom nothing is undone
	homes map[fact.ID]*lane   // of those whom it absorbed, by their accounts

	measured map[string]*metric.State // by form: what the metrics of measures come to, kept from the beginning; never changed in place
	reached  time.Time                // up to when time has brought about what only this world has
}

// undo is what is kept of a member's past, since it is undone later.
type undo struct {
	pasts    map[fact.ID]*past           // interactions that are returned
	earnings map[fact.ID]*loyalty.Earned // what they earned, and the awards of missions
	spends   map[fact.ID]*loyalty.Spent  // that are refunded, by the movement that really spent
	kept     map[fact.ID]bool            // lots that are needed when they are closed
	when     map[string][]when           // the interactions of events that are returned
	passages []passage                   // what became of lots in merges
}

// past is an interaction that is returned later.
type past struct {
	loyalty.Past
	then   *loyalty.Programme
	earned []fact.ID
}

// when is that an event happened.
type when struct {
	*fact.Interaction      // as far as it was not returned
	gone              bool // it was returned as a whole
}

func newUndo() *undo {
	return &undo{
		pasts: map[fact.ID]*past{}, earnings: map[fact.ID]*loyalty.Earned{}, spends: map[fact.ID]*loyalty.Spent{}, kept: map[fact.ID]bool{}, when: map[string][]when{},
	}
}

// fork is the same member in another world, as it is now.
func (l *lane) fork() *lane {
	c := &lane{lots: slices.Clone(l.lots), holds: slices.Clone(l.holds), measured: l.measured, named: l.named}
	if l.state != nil {
		state := *l.state // what it holds is replaced, never changed
		c.state = &state
	}
	for id, home := range l.homes {
		if c.homes == nil {
			c.homes = map[fact.ID]*lane{}
		}
		c.homes[id] = home.fork()
	}
	if l.undo == nil {
		return c
	}
	c.undo = newUndo()
	c.undo.passages = slices.Clone(l.undo.passages)
	for id, p := range l.undo.pasts {
		copied := *p
		copied.Reversals = slices.Clone(p.Reversals)
		c.undo.pasts[id] = &copied
	}
	for id, e := range l.undo.earnings {
		copied := *e
		copied.Before = slices.Clone(e.Before)
		c.undo.earnings[id] = &copied
	}
	for id, s := range l.undo.spends {
		copied := *s
		copied.Before = slices.Clone(s.Before)
		c.undo.spends[id] = &copied
	}
	for id := range l.undo.kept {
		c.undo.kept[id] = true
	}
	for event, all := range l.undo.when {
		c.undo.when[event] = slices.Clone(all)
	}
	return c
}

// name takes note of what a hold is in this world, by its real id.
func (l *lane) name(really, here fact.ID) {
	if really == here {
		return
	}
	named := maps.Clone(l.named)
	if named == nil {
		named = map[fact.ID]fact.ID{}
	}
	named[really] = here
	l.named = named
}

// hold is what a hold is in this world.
func (l *lane) hold(really fact.ID) fact.ID {
	if here, ok := l.named[really]; ok {
		return here
	}
	return really
}

// input is the state as something is decided on it: with all open lots and holds, or none.
func (l *lane) input(all bool, w *world, budgets map[fact.ID]fact.Points) *loyalty.State {
	s := *l.state
	s.Lots, s.Holds, s.Taken, s.Budgets = nil, nil, w.taken, budgets
	if all {
		s.Lots = make([]ledger.Lot, 0, len(l.lots))
		for _, lot := range l.lots {
			if lot.IsOpen() {
				s.Lots = append(s.Lots, lot)
			}
		}
		s.Holds = l.holds
	}
	return &s
}

// decide has something decided, with all open lots if they are wanted, or turn out to be.
func (l *lane) decide(all bool, now time.Time, w *world, budgets map[fact.ID]fact.Points, do func(*loyalty.State) (*loyalty.Effects, *fact.Refusal, error)) (*loyalty.Effects, *fact.Refusal, error) {
	all = all || l.state.Account.IsDue(now)
	effects, refusal, err := do(l.input(all, w, budgets))
	if !all && (errors.Is(err, ledger.ErrLotsMissing) || errors.Is(err, ledger.ErrHoldsMissing)) {
		return do(l.input(true, w, budgets))
	}
	return effects, refusal, err
}

// take makes what followed the member's.
func (l *lane) take(e *loyalty.Effects) {
	l.state = e.State
	l.state.Lots, l.state.Holds, l.state.Taken, l.state.Budgets, l.state.Kept = nil, nil, nil, nil, nil
	for _, lot := range e.Lots {
		l.put(lot)
	}
	for _, h := range e.Holds {
		at := slices.IndexFunc(l.holds, func(o ledger.Holding) bool { return o.ID == h.ID })
		switch {
		case at < 0 && h.IsOpen():
			l.holds = append(l.holds, h)
		case at >= 0 && !h.IsOpen():
			l.holds = slices.Delete(slices.Clone(l.holds), at, at+1)
		}
	}
	if l.undo == nil {
		return
	}
	for _, m := range e.Movements {
		of := m.Reverses()
		if earned := l.undo.earnings[of]; earned != nil {
			earned.Before = append(earned.Before, m)
		}
		for _, s := range l.undo.spends {
			if s.ID == of {
				s.Before = append(s.Before, m)
			}
		}
	}
}

// put takes a lot as it is now.
func (l *lane) put(lot ledger.Lot) {
	at, known := slices.BinarySearchFunc(l.lots, lot.ID, func(o ledger.Lot, id fact.ID) int { return bytes.Compare(o.ID[:], id[:]) })
	switch {
	case known && (lot.IsOpen() || l.keeps(lot.ID)):
		l.lots[at] = lot
	case known:
		l.lots = slices.Delete(l.lots, at, at+1)
	case !lot.IsOpen() && !l.keeps(lot.ID):
	default:
		if l.undo != nil || !l.merge(lot) {
			l.lots = slices.Insert(l.lots, at, lot)
		}
	}
}

// keeps tells whether a lot is needed when it is closed.
func (l *lane) keeps(id fact.ID) bool { return l.undo != nil && l.undo.kept[id] }

// far is among how many of the latest lots one of the same age is looked for.
const far = 64

// merge adds a lot to one that ages alike, so that a member has as many lots as there are days on which its points expire, and not as many as it had
// earnings. It makes no difference to any balance: of lots that expire together it does not matter which is spent first.
func (l *lane) merge(lot ledger.Lot) bool {
	for i := len(l.lots) - 1; i >= 0 && i >= len(l.lots)-far; i-- {
		o := &l.lots[i]
		if !alike(o, &lot) {
			continue
		}
		o.Amount, o.Pending, o.Available, o.Held = o.Amount+lot.Amount, o.Pending+lot.Pending, o.Available+lot.Available, o.Held+lot.Held
		o.Spent, o.Expired, o.Reversed, o.Moved = o.Spent+lot.Spent, o.Expired+lot.Expired, o.Reversed+lot.Reversed, o.Moved+lot.Moved
		return true
	}
	return false
}

// alike tells whether two lots will do the same at the same instants.
func alike(a, b *ledger.Lot) bool {
	return a.IsOpen() && a.Waits.IsZero() && b.Waits.IsZero() && a.Expires.Equal(b.Expires) && a.Validity == b.Validity && a.Warns == b.Warns &&
		a.Contributor == b.Contributor && a.Funding == b.Funding &&
		(a.Activates.Equal(b.Activates) || a.Pending == 0 && b.Pending == 0 && a.Validity == ledger.Validity{})
}

// lot is a lot that is at hand; the zero lot if it is not.
func (l *lane) lot(id fact.ID) ledger.Lot {
	at, known := slices.BinarySearchFunc(l.lots, id, func(o ledger.Lot, id fact.ID) int { return bytes.Compare(o.ID[:], id[:]) })
	if !known {
		return ledger.Lot{}
	}
	return l.lots[at]
}
