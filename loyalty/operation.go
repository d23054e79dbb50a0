package loyalty

import (
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// Operation is a change of points that is asked for by itself, neither an interaction nor a reward: Adjust, Hold, Capture, Release and
// Transfer; or one of whether the member may have any: Suspend and Reinstate.
type Operation interface {
	// Name is what the API calls it. It is stored: it never changes.
	Name() string
	// Takes tells whether it touches points that the first account has, so that all its open lots and holds are needed.
	Takes() bool
	// Note is what whoever asks wrote about it, empty for nothing. It may be personal data, so it is never part of what follows.
	Note() string
	// check refuses what is malformed, whoever it is about, and what the first member may not do.
	check(p *Programme, m *Member) *fact.Refusal
	// book does it in the accounts.
	book(o *operating) error
}

// operating is an operation under way.
type operating struct {
	p     *Programme
	now   time.Time
	parts []operated // one for each account
}

// operated is one account in it.
type operated struct {
	state *State
	book  *ledger.Book
	moved ledger.Movement // the operation's own; zero of one that moves none
	life  []Step
}

// first is the only account of most operations.
func (o *operating) first() *operated { return &o.parts[0] }

// hold is the first account's hold of the id, as it is stored.
func (o *operating) hold(id fact.ID) (ledger.Holding, error) {
	for _, h := range o.first().state.Holds {
		if h.ID == id {
			return h, nil
		}
	}
	return ledger.Holding{}, fact.Refuse(fact.CodeUnknownHold, "hold", "there is no such hold")
}

// Operate does an operation on members' accounts, as one command: of one member, or of the two of a transfer, the giver first. Falls of their tiers that are
// due are booked first. The effects are in the same order. The first state's lots and holds are all the open ones if the operation takes points, the others' as State says. An error is a fault of
// the call, as Decide's.
func Operate(p *Programme, op Operation, command fact.ID, now time.Time, states ...*State) ([]*Effects, *fact.Refusal, error) {
	for _, s := range states {
		if s.Member.Status == Erased {
			return nil, p.admitMember(&s.Member), nil
		}
	}
	if r := op.check(p, &states[0].Member); r != nil {
		return nil, r, nil
	}
	o := &operating{p: p, now: fact.Instant(now)}
	all := make([]*Effects, len(states))
	for i, s := range states {
		all[i] = &Effects{State: s.clone()}
		p.lapse(all[i], o.now)
		part, err := operated{state: all[i].State}, error(nil)
		if i == 0 {
			part.book, err = p.open(s, command, o.now)
		} else {
			part.book, err = o.first().book.Beside(p.Account(s), s.Lots, s.Holds...)
		}
		if err != nil {
			return nil, nil, err
		}
		o.parts = append(o.parts, part)
	}
	if err := op.book(o); err != nil {
		_, r, err := refused(err)
		return nil, placed(r), err
	}
	for i, part := range o.parts {
		all[i].Movement, all[i].Life = part.moved.ID, part.life
		all[i].take(part.book.Changes())
	}
	return all, nil, nil
}

// placed is a refusal of the ledger, which knows no fields, with the input's field that it is about.
func placed(r *fact.Refusal) *fact.Refusal {
	if r == nil || r.Field != "" {
		return r
	}
	at := *r
	switch r.Code {
	case fact.CodeZero, fact.CodeNegative, fact.CodeTooLarge, fact.CodeInsufficientPoints, fact.CodeMoreThanHeld, fact.CodeBalanceOutOfBounds:
		at.Field = "points"
	case fact.CodeHoldEnded:
		at.Field = "hold"
	case fact.CodeSameAccount:
		at.Field = "to"
	}
	return &at
}
