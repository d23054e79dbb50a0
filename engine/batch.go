package engine

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"granaio/ent"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// queries is a connection, or a transaction on one.
type queries interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// batch is many requests in one transaction: what was loaded for them, and what is to be saved.
type batch struct {
	engine *Engine
	jobs   []*job
	now    time.Time
	// locking tells whether the rows are locked as they are read, in a transaction around all; otherwise the statement that saves is the transaction.
	locking bool

	numbers   map[fact.ID]int // programmes' current numbers
	secrets   map[fact.ID]string
	digesters map[fact.ID]*fact.Digester // by the programmes' secrets
	timelines map[fact.ID]Timeline
	persons   map[fact.ID]*person
	byRef     map[refKey]*person
	taken     map[fact.ID]int64 // pieces gone, by reward
	stockWas  map[fact.ID]int64
	undoing   undoing
	moved     []redirected              // references to members that go by another id now
	rehung    map[fact.ID]fact.ID       // holds that were set aside anew, by the ids that they are named by
	owned     map[fact.ID][]identityRow // the identities of members, where who is who may change
	left      map[fact.ID]fact.Points   // points left, by budget
	most      map[fact.ID]fact.Points   // points that the version in force says there are, by budget
	drawn     map[fact.ID]fact.Points   // points that the batch draws, by budget
	known     map[fact.ID]known         // by digest
	looked    bool                      // known holds every request of the batch that was answered before
	faults    []fault

	replies []reply
	saved   saved
	erased  []erased // whose members are to be cleared
	more    joining  // nil if none may join
	// recalling tells that persons and programmes may be from memory, and recalled that some are.
	recalling, recalled bool
}

func newBatch(e *Engine, jobs []*job, locking bool) *batch {
	return &batch{
		engine: e, jobs: jobs, locking: locking, replies: make([]reply, len(jobs)),
		numbers: map[fact.ID]int{}, secrets: map[fact.ID]string{}, digesters: map[fact.ID]*fact.Digester{}, timelines: map[fact.ID]Timeline{}, persons: map[fact.ID]*person{}, byRef: map[refKey]*person{},
		taken: map[fact.ID]int64{}, stockWas: map[fact.ID]int64{}, left: map[fact.ID]fact.Points{}, most: map[fact.ID]fact.Points{}, drawn: map[fact.ID]fact.Points{}, known: map[fact.ID]known{},
	}
}

// run does the whole batch. With look, requests that were answered before are looked for first; without it, saving finds
// out whether any was.
func (b *batch) run(ctx context.Context, db queries, look bool) error {
	if cuts := b.aside(); len(cuts) > 0 {
		return &errApart{at: cuts}
	}
	if b.recalling {
		b.engine.recollection.recall(b)
	}
	if err := b.loadPersons(ctx, db); err != nil {
		return err
	}
	if b.more != nil && !b.jobs[0].reshapes() { // to lock the members may have taken long: whatever else waits for them by now can come with them
		b.jobs = b.more(b.jobs, b.fits)
		b.replies = make([]reply, len(b.jobs))
	}
	b.now = fact.Instant(b.engine.options.Now())
	if err := b.load(ctx, db); err != nil {
		return err
	}
	if b.jobs[0].reshapes() && !b.jobs[0].long() && b.lots() > many {
		return &errApart{long: true}
	}
	for _, j := range b.jobs {
		j.name(b.digester(j.origin.Programme))
	}
	if look {
		if err := b.loadKnown(ctx, db); err != nil {
			return err
		}
	}
	for i, j := range b.jobs {
		if b.apart(j) {
			return &errApart{at: b.cuts()}
		}
		outcome, err := b.decide(ctx, db, j)
		switch {
		case i > 0 && (errors.Is(err, ledger.ErrLotsMissing) || errors.Is(err, ledger.ErrHoldsMissing)):
			return &errApart{at: []int{i}} // a request before it has made something due
		case err != nil:
			return err
		}
		b.replies[i] = reply{outcome: outcome}
	}
	if err := b.fallDue(ctx); err != nil {
		return err
	}
	if err := b.save(ctx, db); err != nil {
		return err
	}
	return b.clear(ctx, db)
}

// fits tells whether a request can join the batch, all of whose members are loaded.
func (b *batch) fits(j *job) bool {
	for _, r := range j.refs {
		if b.byRef[refKey{j.origin.Programme, r}] == nil {
			return false
		}
	}
	return j.op != opEnrol && !j.looksBack() && !j.reshapes()
}

// digester makes digests by a programme's secret.
func (b *batch) digester(programme fact.ID) *fact.Digester {
	d := b.digesters[programme]
	if d == nil {
		d = fact.NewDigester(b.secrets[programme])
		b.digesters[programme] = d
	}
	return d
}

func (b *batch) timeline(ctx context.Context, programme fact.ID) (Timeline, error) {
	if t := b.timelines[programme]; t != nil {
		return t, nil
	}
	number, ok := b.numbers[programme]
	if !ok || number == 0 {
		return nil, fmt.Errorf("engine: programme %s is not published", programme)
	}
	t, err := b.engine.programs.Timeline(ctx, programme, number)
	if err != nil {
		return nil, fmt.Errorf("engine: programme %s: %w", programme, err)
	}
	b.timelines[programme] = t
	return t, nil
}

// earlier is the first answer to a request, nil if it is not known to have one.
func (b *batch) earlier(j *job) *Outcome {
	k, ok := b.known[j.digest]
	switch {
	case !ok:
		return nil
	case k.request != j.request:
		return refused(fact.Refuse(fact.CodeKeyReused, "idempotencyKey", "the idempotency key was used for another request"))
	}
	return k.outcome()
}

// decide answers one request, on the state that the requests before it left.
func (b *batch) decide(ctx context.Context, db queries, j *job) (*Outcome, error) {
	if o := b.earlier(j); o != nil {
		return o, nil
	}
	if j.op == opSettle {
		return b.settle(ctx, db, j)
	}
	if j.op == opRemeasure {
		return b.remeasured(ctx, j)
	}
	timeline, err := b.timeline(ctx, j.origin.Programme)
	if err != nil {
		return nil, err
	}
	var d decision
	switch j.op {
	case opEnrol:
		d, err = b.decideEnrol(ctx, timeline, j)
	case opTrack:
		d, err = b.decideTrack(ctx, timeline, j)
	case opConsent:
		d, err = b.decideConsent(ctx, timeline, j)
	case opPrefer:
		d, err = b.decidePrefer(ctx, timeline, j)
	case opContact:
		d, err = b.decideContact(ctx, db, timeline, j)
	case opErase:
		d, err = b.decideErase(ctx, timeline, j)
	case opRedeem:
		d, err = b.decideRedeem(ctx, timeline, j)
	case opUpdate, opDependentAdd, opDependentUpdate, opDependentRemove:
		d, err = b.decideUpdate(ctx, timeline, j)
	case opReverse:
		d, err = b.decideReverse(ctx, timeline, j)
	case opRefund:
		d, err = b.decideRefund(ctx, timeline, j)
	case opRegister:
		d, err = b.decideRegister(ctx, timeline, j)
	case opIdentify:
		d, err = b.decideIdentify(ctx, timeline, j)
	case opIdentityRemove:
		d, err = b.decideIdentityRemove(j)
	case opMerge:
		d, err = b.decideMerge(ctx, timeline, j)
	default:
		d, err = b.decideOperate(ctx, timeline, j)
	}
	if d.refusal != nil && !b.looked { // it may have been granted before the world changed
		if err := b.loadKnown(ctx, db); err != nil {
			return nil, err
		}
		if o := b.earlier(j); o != nil {
			return o, nil
		}
	}
	switch {
	case err != nil:
		return nil, err
	case d.refusal != nil && (d.person == nil || !d.refusal.Code.Kept()):
		return refused(d.refusal), nil
	case d.refusal != nil:
		return refused(d.refusal), b.keep(j, d.person.state.Member.ID, answer{Refusal: d.refusal})
	}
	return b.take(j, d)
}

func refused(r *fact.Refusal) *Outcome { return &Outcome{Refusal: r} }

// decision is what a request leads to, and for whom.
type decision struct {
	person      *person
	programme   *loyalty.Programme
	interaction *fact.Interaction
	effects     *loyalty.Effects
	others      []share       // of the others whose accounts it changed
	added       []Identity    // that the member has from then on
	taken       []identityRow // that were other members'
	removed     []identityRow
	remade      []string // the forms of the metrics that were worked out anew
	refusal     *fact.Refusal
}

// share is what a request leads to for one member.
type share struct {
	person  *person
	effects *loyalty.Effects
}

// at is the programme's version in force when something occurred. It is refused if the present version takes nothing that late.
func (b *batch) at(ctx context.Context, t Timeline, occurred, received time.Time) (*loyalty.Programme, *fact.Refusal, error) {
	p, err := t.At(ctx, occurred)
	switch {
	case err != nil:
		return nil, nil, err
	case p == nil:
		return nil, fact.Refuse(fact.CodeBeforeProgramme, "occurredAt", "the programme had not begun then"), nil
	}
	current, err := t.Current(ctx, b.now)
	if err != nil {
		return nil, nil, err
	}
	return p, current.AdmitLate(occurred, received), nil
}

// leeway is how far a caller's clock may be ahead: what is said to happen within it happened when it was received.
const leeway = 10 * time.Second

// occurred is when something happened that a caller says happened then: when it was received, if the caller does not say or its clock is ahead a little.
func (b *batch) occurred(j *job, said time.Time) time.Time {
	if said.IsZero() || said.After(b.now) && said.Before(b.now.Add(leeway)) {
		return j.received
	}
	return said
}

// undone is when something is undone that occurred at an instant: as occurred, and where it is not said, no sooner than that. The process that took it may have a
// clock that is ahead of this one's.
func (b *batch) undone(j *job, said, original time.Time) time.Time {
	at := b.occurred(j, said)
	if at.Equal(j.received) && at.Before(original) {
		return original
	}
	return at
}

func (b *batch) decideEnrol(ctx context.Context, timeline Timeline, j *job) (decision, error) {
	for i, ref := range j.refs {
		if b.byRef[refKey{j.origin.Programme, ref}] != nil {
			return decision{refusal: fact.Refuse(fact.CodeIdentityTaken, listField("identities", i), "the identity belongs to a member already: memberIdentify gives it others, memberRegister enrols a visitor or a prospect")}, nil
		}
	}
	n := j.enrol
	member := j.command.As(fact.KindMember)
	enrolment := loyalty.Enrolment{
		Member: member, Account: member.As(fact.KindAccount), Locale: n.Locale, Attributes: n.Attributes, Dependents: n.Dependents, Sender: n.Sender, Party: n.Party, Touchpoint: n.Touchpoint,
		Interaction: j.command.As(fact.KindInteraction), Occurred: b.occurred(j, n.Occurred), Received: j.received, Choices: n.Consents, Status: n.Status,
	}
	programme, refusal, err := b.at(ctx, timeline, enrolment.Occurred, enrolment.Received)
	if err != nil || refusal != nil {
		return decision{refusal: refusal}, err
	}
	current, err := timeline.Current(ctx, b.now)
	if err != nil {
		return decision{}, err
	}
	enrolment.Budgets, enrolment.Kept = b.left, current.Kept()
	effects, refusal, err := loyalty.Enrol(programme, enrolment, b.now)
	if err != nil || refusal != nil {
		return decision{refusal: refusal}, err
	}
	p := newPerson(j.origin.Programme, effects.State)
	p.isNew, p.allLots = true, true
	i := enrolment.Event()
	i.Properties = enrolment.Properties(effects.Choices)
	d := decision{person: p, programme: programme, effects: effects, interaction: &i}
	b.meet(j, &d, nil)
	return d, nil
}

func (b *batch) decideRedeem(ctx context.Context, timeline Timeline, j *job) (decision, error) {
	p := b.byRef[refKey{j.origin.Programme, j.refs[0]}]
	if p == nil {
		return decision{refusal: fact.Refuse(fact.CodeUnknownMember, "member", "there is no such member")}, nil
	}
	programme, err := timeline.Current(ctx, b.now)
	if err != nil {
		return decision{}, err
	}
	effects, refusal, err := loyalty.Redeem(programme, p.input(b), j.redeem.Reward, j.command, b.now)
	return decision{person: p, programme: programme, effects: effects, refusal: refusal}, err
}

// take makes the effects of a request those of the batch, and its answer.
func (b *batch) take(j *job, d decision) (*Outcome, error) {
	p, effects := d.person, d.effects
	shares := append([]share{{p, effects}}, d.others...)
	o := &Outcome{Member: effects.State.Member.ID, Progress: effects.Progress, Tier: effects.Tier}
	if named := j.refs[0].Hold; !named.IsZero() && b.hold(named) != named {
		o.Hold = b.hold(named)
	}
	for _, f := range effects.Faults {
		b.faults = append(b.faults, fault{faultKey{p.programme, f}, j.command.As(fact.KindInteraction)})
	}
	if d.interaction != nil {
		o.Interaction = d.interaction.ID
		var err error
		if o.Stored, err = b.storeInteraction(j, d); err != nil {
			return nil, err
		}
		if err := b.storeAttributes(j, o.Member, effects.Attributes); err != nil {
			return nil, err
		}
	}
	b.storeIdentities(j, p.state.Member.ID, &d)
	b.storeNote(j, o.Member, len(effects.Life) > 0)
	b.storeConsents(j, d)
	steps, events := 0, 0 // of tiers and of lives, that the shares before have
	for _, s := range shares {
		b.storeTiers(j, s.person.state.Member.ID, steps, s.effects.Tiers)
		b.storeLife(j, s.person.state.Member.ID, events, s.effects.Life)
		steps, events = steps+len(s.effects.Tiers), events+len(s.effects.Life)
		s.take()
		if into := s.person.state.Member.Into; !into.IsZero() && s.person.was.Into.IsZero() {
			o.Absorbed = append(o.Absorbed, s.person.state.Member.ID)
			s.person.rehung = effects.Rehung
			b.absorb(s.person, p)
		}
		for _, m := range s.effects.Movements {
			stored, err := b.storeMovement(j, s.person.state.Member.ID, m)
			if err != nil {
				return nil, err
			}
			o.Movements = append(o.Movements, stored)
		}
		if own := s.effects.Movement; !own.IsZero() {
			o.Own = append(o.Own, own)
		}
	}
	if len(shares) > 1 { // their movements are numbered together
		slices.SortFunc(o.Movements, func(x, y *ent.Movement) int { return bytes.Compare(x.ID[:], y.ID[:]) })
	}
	for _, m := range o.Movements {
		o.MovementIDs = append(o.MovementIDs, m.ID)
	}
	for _, d := range effects.Drawn {
		if _, loaded := b.left[d.Budget]; loaded {
			b.left[d.Budget] -= d.Points
		}
		b.drawn[d.Budget] += d.Points
	}
	if r := effects.Redemption; r != nil {
		if reward := d.programme.Reward(r.Reward); reward.Limited() {
			b.taken[r.Reward]++
		}
		o.Redemption = b.storeRedemption(j, p.state.Member.ID, r)
		o.RedemptionID = r.ID
	}
	if effects.Cancelled != nil {
		b.storeCancelled(j, p.state.Member.ID, effects)
		o.RedemptionID = effects.Cancelled.ID
	}
	if v := effects.Reversal; v != nil {
		var err error
		if o.Reversal, err = b.storeReversal(j, p.state.Member.ID, v); err != nil {
			return nil, err
		}
		o.ReversalID = v.ID
	}
	return o, b.keep(j, p.state.Member.ID, answerOf(d, o))
}
