package loyalty

import (
	"errors"
	"maps"
	"slices"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

// Decide tells what follows from an interaction of a member. The programme is the version that was in force when it occurred.
//
// In order: what is due in the account is booked, and so are falls of the tier; the interaction is written down, so that figures include it, and is activity of the member; what it tells of
// the member is known from now on; points that
// waited for it mature; the event's rules give their points, then
// the multipliers theirs; missions count; rules grant tiers, and what counts may raise the tier; the personas that the interaction touches are looked at again.
// Conditions see the member as it is known now, with the tier it had before.
//
// An interaction that the programme does not take is answered with a refusal. An error is a fault of the call: lots that are missing.
func Decide(p *Programme, s *State, i fact.Interaction, now time.Time) (*Effects, *fact.Refusal, error) {
	i.Occurred, now = fact.Instant(i.Occurred), fact.Instant(now)
	i.Price(p.currency)
	if r := p.admit(s, &i, now); r != nil {
		return nil, r, nil
	}
	return decide(p, s.clone(), i, nil, nil, now)
}

// decide decides an interaction that was admitted, or is the warning, and may change the state.
func decide(p *Programme, s *State, i fact.Interaction, w *ledger.Warning, watch watcher, now time.Time) (*Effects, *fact.Refusal, error) {
	book, err := p.open(s, i.ID.As(fact.KindCommand), now)
	if err != nil {
		return refused(err)
	}
	d := &decision{p: p, plan: p.plans[i.Event], state: s, book: book, interaction: i, now: now, day: fact.DayOf(i.Occurred, p.zone), watch: watch}
	d.effects.State = s
	if p.id.Number >= s.Doc.Version {
		p.lapse(&d.effects, now)
	}
	d.record()
	if !d.plan.event.Passive {
		p.touch(s, book, i.Occurred)
	}
	if w != nil {
		book.Warned(w.At)
	}
	d.learn()
	d.member = p.known(s)
	d.measure()
	d.scope.Set(&d.member, &d.interaction, i.Occurred, p.zone)
	for _, step := range []func() error{d.register, d.mature, d.award, d.multiply, d.advance, d.raise} {
		if err := step(); err != nil {
			return refused(err)
		}
	}
	late := p.id.Number < s.Doc.Version
	p.place(&d.effects, late, i.Occurred, d.day, now)
	if late {
		d.unsettle()
	} else {
		d.resemble()
	}
	s.Doc.Version = max(s.Doc.Version, p.id.Number)
	d.close()
	return &d.effects, nil, nil
}

// refused tells a refusal from a fault.
func refused(err error) (*Effects, *fact.Refusal, error) {
	if r, ok := errors.AsType[*fact.Refusal](err); ok {
		return nil, r, nil
	}
	return nil, nil, err
}

// decision is one interaction being decided.
type decision struct {
	p           *Programme
	plan        *plan
	state       *State // the new one
	book        *ledger.Book
	interaction fact.Interaction
	now         time.Time
	day         fact.Day // of the interaction, in the programme's zone
	member      expr.Member
	scope       expr.Scope
	given       []given
	chosen      map[string]string // the rule that gives, by group
	watch       watcher
	effects     Effects
}

// watcher is told what became of each rule of the event, as each is decided; nil for nobody.
type watcher func(*decision, *ruled, trial)

// watched tells the watcher of a rule, and of the figures of what it gave.
func (d *decision) watched(r *ruled, t trial, figures why.Explanation) {
	if d.watch == nil {
		return
	}
	if t.points > 0 {
		kept := figures // so that nothing is allocated while nobody watches
		t.figures = &kept
	}
	d.watch(d, r, t)
}

// record writes the interaction down.
func (d *decision) record() {
	doc, name := &d.state.Doc, d.interaction.Event
	series, value := doc.Events[name].clone(), int64(0)
	if v := d.interaction.Value; v != nil {
		value = v.Minor
	}
	series.add(d.interaction.Occurred, d.day, value, d.plan.keep, d.p.zone)
	doc.Events = with(doc.Events, name, series)
}

// close takes over what the book did.
func (d *decision) close() {
	d.effects.take(d.book.Changes())
}

// take makes a book's changes those of the effects.
func (e *Effects) take(c ledger.Changes) {
	e.Movements, e.Lots, e.Holds = c.Movements, c.Lots, c.Holds
	e.State.Account = c.Account
	e.State.Doc.Warned = c.Account.Warned
	e.State.Lots = merged(e.State.Lots, c.Lots, func(l ledger.Lot) fact.ID { return l.ID }, ledger.Lot.IsOpen)
	e.State.Holds = merged(e.State.Holds, c.Holds, func(h ledger.Holding) fact.ID { return h.ID }, ledger.Holding.IsOpen)
}

// merged is a copy of what there was with what changed, without what is closed.
func merged[T any](were, changed []T, id func(T) fact.ID, open func(T) bool) []T {
	all := slices.Clone(were)
	find := func(c T) int { return slices.IndexFunc(all, func(o T) bool { return id(o) == id(c) }) }
	if len(changed) > 8 { // a whole account was spent or merged
		places := make(map[fact.ID]int, len(were))
		for i, o := range were {
			places[id(o)] = i + 1
		}
		find = func(c T) int { return places[id(c)] - 1 }
	}
	for _, c := range changed {
		if i := find(c); i >= 0 {
			all[i] = c
		} else {
			all = append(all, c)
		}
	}
	return slices.DeleteFunc(all, func(o T) bool { return !open(o) })
}

// Account is the member's account as the ledger takes it, with what the programme and the working document say of it.
func (p *Programme) Account(s *State) ledger.Account {
	a := s.Account
	a.Zone, a.Warned = p.zone, s.Doc.Warned
	return a
}

// open opens the member's account for a command.
func (p *Programme) open(s *State, command fact.ID, now time.Time) (*ledger.Book, error) {
	return ledger.Open(p.Account(s), s.Lots, command, now, s.Holds...)
}

// touch takes note that the member was active, if it matters to any points, or did.
func (p *Programme) touch(s *State, b *ledger.Book, at time.Time) {
	if p.idles || !s.Account.Active.IsZero() {
		b.Touch(at)
	}
}

// clone is a copy whose fields can be set. What its maps and slices hold is shared with the original and is replaced, never changed.
func (s *State) clone() *State {
	c := *s
	c.Doc.Qualifying = *s.Doc.Qualifying.clone()
	return &c
}

// with is a copy of a map with one entry set.
func with[V any](m map[string]V, key string, value V) map[string]V {
	c := make(map[string]V, len(m)+1)
	maps.Copy(c, m)
	c[key] = value
	return c
}
