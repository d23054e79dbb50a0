package engine

import (
	"context"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// person is a member in a batch: as it was loaded, and as it is after each request.
type person struct {
	programme fact.ID
	state     *loyalty.State
	isNew     bool
	version   int64 // of the working state, as loaded
	sequence  int64 // of the account, as loaded
	nextDue   time.Time
	active    time.Time
	due       time.Time      // when time next brings something about for the member, as loaded or as it is to be saved
	wasDue    time.Time      // as loaded
	was       loyalty.Member // the row, as loaded
	wasTier   string
	wasSince  time.Time
	wasSelf   string // persona, as loaded
	wasKnown  *loyalty.Profile
	named     bool // a request of the batch is about it
	allLots   bool // every open lot and hold is at hand: something is due, or points are to be spent
	lots      collection[ledger.Lot]
	holds     collection[ledger.Holding]
	progress  map[progressKey]loyalty.Progress
	changed   bool                // the state is to be saved
	bytes     int                 // of the document, as it is stored
	rehung    map[fact.ID]fact.ID // holds that were set aside anew for another member, by what they were
	sent      []consent.Sent      // messages to the member that count towards caps; only once one is to be sent
	names     []refKey            // that stand for the member, besides its id, as far as is known
}

// collection is rows of an account, as they are after each request, and which of them are to be saved.
type collection[T any] struct {
	all     map[fact.ID]T
	changed map[fact.ID]bool // to save
	isNew   map[fact.ID]bool // of those, the ones that are not in the database yet
}

func newCollection[T any]() collection[T] {
	return collection[T]{all: map[fact.ID]T{}, changed: map[fact.ID]bool{}, isNew: map[fact.ID]bool{}}
}

// put takes a row as a request left it.
func (c collection[T]) put(id fact.ID, row T) {
	if _, ok := c.all[id]; !ok {
		c.isNew[id] = true
	}
	c.all[id], c.changed[id] = row, true
}

type progressKey struct {
	mission fact.ID
	period  string
}

func newPerson(programme fact.ID, s *loyalty.State) *person {
	return &person{
		programme: programme, state: s, wasTier: s.Member.Tier, wasSince: s.Member.TierSince, wasSelf: s.Member.Persona, wasKnown: s.Doc.Profile,
		lots: newCollection[ledger.Lot](), holds: newCollection[ledger.Holding](), progress: map[progressKey]loyalty.Progress{},
	}
}

// input is the state as Decide takes it: with all open lots and holds of the account, or with none where none are needed.
func (p *person) input(b *batch) *loyalty.State {
	p.state.Taken, p.state.Budgets, p.state.Lots, p.state.Holds = b.taken, b.left, nil, nil
	if p.allLots {
		for _, id := range sortedIDs(p.lots.all) {
			if l := p.lots.all[id]; l.IsOpen() {
				p.state.Lots = append(p.state.Lots, l)
			}
		}
		for _, id := range sortedIDs(p.holds.all) {
			p.state.Holds = append(p.state.Holds, p.holds.all[id])
		}
	}
	return p.state
}

// present is the member as an interaction is decided on it: its tier by the policy of the version in force now, and with the metrics of that version, also where an older one decides.
func (b *batch) present(ctx context.Context, timeline Timeline, p *person) (*loyalty.State, []loyalty.TierStep, error) {
	current, err := timeline.Current(ctx, b.now)
	if err != nil {
		return nil, nil, err
	}
	state, fallen := current.AsOf(p.input(b), b.now)
	state.Kept = current.Kept()
	return state, fallen, nil
}

// told tells whether something else is known of the member than was when it was loaded.
func (p *person) told() bool { return p.state.Doc.Profile != p.wasKnown }

// take makes what followed for one member that of the batch.
func (s share) take() {
	p, effects := s.person, s.effects
	p.state, p.changed = effects.State, true
	for _, l := range effects.Lots {
		p.lots.put(l.ID, l)
	}
	for _, h := range effects.Holds {
		p.holds.put(h.ID, h)
	}
	if !p.state.Member.Into.IsZero() {
		p.due = time.Time{} // nothing happens to it any more
	}
	for _, g := range effects.Progress {
		p.progress[progressKey{g.Mission, g.Period}] = g
	}
}
