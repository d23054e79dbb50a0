package simulate

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"hash/maphash"
	"maps"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// simulation is one run.
type simulation struct {
	Options
	measures *measures
	drawn    map[fact.ID]map[string]fact.Points // by command: what erased members drew on budgets
	worlds   [2]*world
	people   map[fact.ID]*person
	zone     *time.Location
	history  *history
	ordered  map[string]bool // events whose interactions share something with other members; all, if any warning does
	all      bool            // every item is decided in turn
	turns    *turns
	given    int64 // the last turn
	tallies  []*tally
}

// Run simulates.
func Run(ctx context.Context, o Options) (*Report, error) {
	if err := o.check(ctx); err != nil {
		return nil, err
	}
	s, err := newSimulation(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	if err := s.run(ctx); err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	r, err := s.report(ctx)
	if err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	return r, nil
}

func newSimulation(ctx context.Context, o Options) (*simulation, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	last, err := o.Published.Version(ctx, o.Published.Last())
	if err != nil {
		return nil, err
	}
	s := &simulation{Options: o, zone: last.Zone(), ordered: map[string]bool{}, history: &history{tx: o.Snapshot, programme: o.Programme, currency: last.Currency(), last: none}}
	lines := [2]Timeline{o.Published, o.Published}
	if o.Draft != nil {
		lines[tried] = &drafted{o.Published, o.Draft, o.From}
	}
	if s.measures, err = s.measured(ctx); err != nil {
		return nil, err
	}
	amounts := map[fact.ID]fact.Points{}
	err = s.history.each(ctx, "SELECT b.id, b.amount FROM budgets b WHERE b.programme_id = $1", func(row *sql.Rows) error {
		var id fact.ID
		var amount fact.Points
		err := row.Scan(&id, &amount)
		amounts[id] = amount
		return err
	}, o.Programme)
	if err != nil {
		return nil, err
	}
	for is := range s.worlds {
		s.worlds[is] = &world{Timeline: lines[is], measures: s.measures, tried: is == tried, draft: is == tried && o.Draft != nil, from: o.From, spent: map[fact.ID]fact.Points{}, amount: amounts, taken: map[fact.ID]int64{}}
	}
	if err := s.order(ctx, len(amounts) > 0); err != nil {
		return nil, err
	}
	if s.people, err = people(ctx, s.history); err != nil {
		return nil, err
	}
	together, err := s.together(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range s.people {
		p.undone.recall(together)
	}
	if len(amounts) > 0 {
		if s.drawn, err = drawn(ctx, s.history); err != nil {
			return nil, err
		}
	}
	seed := maphash.MakeSeed()
	for _, p := range s.people {
		id := p.id
		if !p.into.IsZero() { // those that become one are one worker's
			id = p.into
		}
		p.worker = int(maphash.Bytes(seed, id[:]) % uint64(o.Workers))
	}
	for range o.Workers {
		s.tallies = append(s.tallies, newTally(&s.Options, s.zone))
	}
	return s, nil
}

// order finds out which events' interactions are to be decided in turn.
func (s *simulation) order(ctx context.Context, budgets bool) error {
	var versions []*loyalty.Programme
	if s.Draft != nil {
		versions = append(versions, s.Draft)
	}
	if budgets {
		for number := 1; number <= s.Published.Last(); number++ {
			p, err := s.Published.Version(ctx, number)
			if err != nil {
				return err
			}
			versions = append(versions, p)
		}
	}
	for _, p := range versions {
		for _, e := range p.Events() {
			if len(p.Drawn(e.Key)) > 0 {
				s.ordered[e.Key] = true
			}
		}
	}
	s.all = s.ordered[loyalty.EventExpiring] // such an interaction may come before any request
	if s.Draft != nil {
		for _, e := range s.Draft.Events() { // as may those that time brings about
			s.all = s.all || e.BuiltIn && e.Key != loyalty.EventEnrolled && e.Key != loyalty.EventMet && s.ordered[e.Key]
		}
	}
	return nil
}

// turn is the item's; 0 if it shares nothing with other members.
func (s *simulation) turn(i *item) int64 {
	shares := s.all
	switch i.operation {
	case opRedeem, opRefund, opReverse:
		shares = true
	default:
		shares = shares || len(i.drawn) > 0 || i.interaction != nil && s.ordered[i.interaction.Event]
	}
	if !shares {
		return 0
	}
	s.given++
	return s.given
}

func (s *simulation) run(ctx context.Context) error {
	total := int64(0)
	err := s.history.each(ctx, "SELECT count(*) FROM commands c WHERE c.programme_id = $1", func(row *sql.Rows) error { return row.Scan(&total) }, s.Programme)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	var stop func() bool
	s.turns, stop = newTurns(ctx)
	defer stop()
	queues := make([]chan []*item, s.Workers)
	for w := range queues {
		queues[w] = make(chan []*item, 2)
		group.Go(func() error { return s.work(ctx, w, queues[w]) })
	}
	group.Go(func() error {
		defer func() {
			for _, q := range queues {
				close(q)
			}
		}()
		for done := int64(0); ; {
			items, err := s.history.next(ctx)
			if err != nil {
				return err
			}
			if items == nil {
				return nil
			}
			// A page is handed out whole before the next one: whatever a worker waits for is in the hands of another.
			for w, share := range s.divide(items) {
				select {
				case queues[w] <- share:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			if done += int64(len(items)); s.Progress != nil {
				s.Progress(min(done, total), total)
			}
		}
	})
	return group.Wait()
}

// divide gives each worker the items of its members.
func (s *simulation) divide(items []*item) [][]*item {
	shares := make([][]*item, s.Workers)
	for _, i := range items {
		i.person = s.people[i.member]
		if i.person == nil {
			continue
		}
		i.drawn = s.drawn[i.command]
		i.turn = s.turn(i)
		for _, id := range i.absorbed {
			if p := s.people[id]; p != nil {
				i.others = append(i.others, p)
			}
		}
		if i.operation == opTransfer && len(i.movements) == 2 {
			if i.other = s.people[i.movements[1].account.As(fact.KindMember)]; i.other != nil && i.other.worker != i.person.worker {
				i.meet = newMeeting()
				shares[i.other.worker] = append(shares[i.other.worker], i)
			}
		}
		shares[i.person.worker] = append(shares[i.person.worker], i)
	}
	return shares
}

// work decides one worker's items.
func (s *simulation) work(ctx context.Context, me int, queue <-chan []*item) error {
	for items := range queue {
		for _, i := range items {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if i.meet != nil && i.person.worker != me {
				i.meet.attend(ctx)
				continue
			}
			if i.meet != nil && !i.meet.host(ctx) || !s.turns.await(i.turn) {
				return context.Cause(ctx)
			}
			if err := s.both(ctx, s.tallies[me], i); err != nil {
				return fmt.Errorf("%s %s: %w", i.operation, i.command, err)
			}
			s.turns.pass(i.turn)
			if i.meet != nil {
				close(i.meet.done)
			}
		}
	}
	return nil
}

// both decides an item in both worlds.
func (s *simulation) both(ctx context.Context, t *tally, i *item) error {
	if err := i.unpack(); err != nil {
		return err
	}
	for _, p := range append([]*person{i.person, i.other}, i.others...) {
		if p == nil {
			continue
		}
		if s.Draft != nil && (p.draft == p.actual || p.erased) && !i.now.Before(s.From) { // the erased are in both worlds as they really were
			s.part(p)
		}
		if !i.happened().Before(s.Until) {
			if err := s.end(ctx, t, p, s.Until); err != nil {
				return err
			}
		}
		if err := s.come(ctx, t, p, i.now); err != nil {
			return err
		}
	}
	if err := s.words(ctx, i); err != nil {
		return err
	}
	if t.replayed++; i.interaction != nil && !i.person.erased && t.within(i.interaction.Occurred) {
		t.interactions++
	}
	l, other := i.lanes(real)
	tier, err := s.worlds[real].tier(ctx, l, i.now)
	if err != nil {
		return err
	}
	o, err := s.worlds[real].play(ctx, i, l, other)
	if err != nil {
		return err
	}
	if err := s.worlds[real].share(ctx, i, o); err != nil {
		return err
	}
	awarded := t.counts(i, real, tier, o)
	if i.person.draft == l || i.person.erased && i.other == nil { // the worlds are still one
		t.counts(i, tried, tier, o)
		return s.worlds[tried].share(ctx, i, o)
	}
	return s.try(ctx, t, i, awarded)
}

// come has that happen to a member by an instant which time brings about in the draft's world alone.
func (s *simulation) come(ctx context.Context, t *tally, p *person, now time.Time) error {
	if p.draft == p.actual || p.erased {
		return nil
	}
	w := s.worlds[tried]
	tell := func(i *item, e *loyalty.Effects) error {
		if err := w.share(ctx, i, of(e)); err != nil {
			return err
		}
		if awarded := t.count(i, tried, i.tier, e); awarded != 0 {
			t.days[fact.DayOf(i.interaction.Occurred, s.zone)].differs++
		}
		return nil
	}
	if err := w.timed(ctx, s.Published, p, now, tell); err != nil {
		return err
	}
	if now.After(p.draft.reached) {
		p.draft.reached = now
	}
	return w.warned(ctx, p, now, tell)
}

// end closes a member's period at an instant: in which tiers it ends.
func (s *simulation) end(ctx context.Context, t *tally, p *person, at time.Time) (err error) {
	if p.over {
		return nil
	}
	if err := s.come(ctx, t, p, at); err != nil {
		return err
	}
	p.over = true
	for is, w := range s.worlds {
		if p.tiers[is], err = w.tier(ctx, p.lane(is), at); err != nil {
			return err
		}
	}
	return nil
}

// try decides an item in the draft's world, when it has been decided in the real one.
func (s *simulation) try(ctx context.Context, t *tally, i *item, awarded fact.Points) error {
	w := s.worlds[tried]
	l, other := i.lanes(tried)
	tier, err := w.tier(ctx, l, i.now)
	if err != nil {
		return err
	}
	o, err := w.play(ctx, i, l, other)
	switch {
	case err != nil:
		return err
	case o.refusal != nil && t.within(i.happened()):
		t.refuse(i, o.refusal)
	}
	if err := w.share(ctx, i, o); err != nil {
		return err
	}
	if t.counts(i, tried, tier, o) != awarded && i.interaction != nil {
		if r := t.days[fact.DayOf(i.interaction.Occurred, s.zone)]; r != nil {
			r.differs++
		}
	}
	return nil
}

// lanes are the item's members in a world.
func (i *item) lanes(world int) (l, other *lane) {
	if i.other != nil {
		other = i.other.lane(world)
	}
	return i.person.lane(world), other
}

// words finds out what cannot be read from the books: after what term points that were given were to expire, if not after the programme's.
func (s *simulation) words(ctx context.Context, i *item) error {
	if i.operation != opAdjust || !i.credit || i.person.actual.state == nil {
		return nil
	}
	w, l := s.worlds[real], i.person.actual
	p, err := w.Current(ctx, i.now)
	if err != nil {
		return err
	}
	op := w.operation(i, p)
	all, refusal, err := loyalty.Operate(p, op, i.command, i.now, l.input(l.state.Account.IsDue(i.now), w, nil))
	if err != nil || refusal != nil {
		return err
	}
	at := slices.IndexFunc(all[0].Lots, func(o ledger.Lot) bool { return o.ID == all[0].Movement.As(fact.KindLot) })
	if at < 0 || all[0].Lots[at].Expires.Equal(i.expires) {
		return nil
	}
	for _, unit := range []ledger.Term{{Months: 1}, {Days: 1}} {
		for n := 1; n <= 40_000 && unit.Months*n <= 1200; n++ {
			if term := (ledger.Term{Months: unit.Months * n, Days: unit.Days * n}); term.After(i.now, p.Zone()).Equal(i.expires) {
				i.term = term.String()
				return nil
			}
		}
	}
	return nil
}

// finish has happen to a member what is due at the end, and books it.
func (s *simulation) finish(ctx context.Context, t *tally, p *person, asOf time.Time) error {
	if s.Draft != nil && s.Draft.Occasional() && p.draft == p.actual && p.actual.state != nil && !asOf.Before(s.From) {
		s.part(p) // nothing was asked of it in the period
	}
	if err := s.end(ctx, t, p, asOf); err != nil {
		return err
	}
	for is, w := range s.worlds {
		if l := p.lane(is); l.state != nil && l.state.Account.IsDue(asOf) && (is == real || p.draft != p.actual) {
			tier := p.tiers[is]
			e, err := w.finish(ctx, l, asOf)
			if err != nil {
				return err
			}
			t.count(&item{person: p, now: asOf}, is, tier, e)
			if p.draft == p.actual {
				t.count(&item{person: p, now: asOf}, tried, tier, e)
			}
		}
	}
	p.actual, p.draft = nil, nil
	return nil
}

// report settles what fell due by the period's end, and tells what was found.
func (s *simulation) report(ctx context.Context) (*Report, error) {
	r := &Report{
		From: s.From, Until: s.Until, Start: StartReplay, Currency: s.history.currency.Code, PointValue: s.PointValue, Unasked: s.history.unasked,
	}
	var err error
	if r.Astray, err = astray(ctx, s.history, s.people); err != nil {
		return nil, err
	}
	for _, p := range s.people {
		if p.erased {
			r.Erased++
		} else {
			r.Members++
		}
	}
	asOf, t := s.Until, s.tallies[0]
	if s.history.latest.Before(asOf) {
		asOf = s.history.latest
	}
	for _, id := range slices.SortedFunc(maps.Keys(s.people), func(a, b fact.ID) int { return bytes.Compare(a[:], b[:]) }) {
		if err := s.finish(ctx, t, s.people[id], asOf); err != nil {
			return nil, err
		}
	}
	ladder := s.Draft
	if ladder == nil {
		if ladder, err = s.Published.Current(ctx, s.Until); err != nil {
			return nil, err
		}
	}
	collect(r, s.tallies, s.people, ladder)
	r.price()
	return r, nil
}
