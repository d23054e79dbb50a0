package engine

import (
	"context"
	"errors"
	"strconv"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// due is an account in which something may have fallen due.
type due struct {
	member, programme fact.ID
	sequence, version int64 // of the account, of the working state
}

func dueSQL(g grammar) string {
	return `SELECT m.id, m.programme_id, a.sequence, s.version FROM accounts a JOIN members m ON m.account_id = a.id JOIN working_states s ON s.id = m.id
WHERE a.next_due_at <= ` + g.param(1) + ` ORDER BY a.next_due_at, a.id LIMIT ` + g.param(2)
}

// Settle books what has fallen due in up to so many accounts, and for as many members, those that have waited longest first, and answers how many it has looked at without a fault. Where it is due to be
// warned that points expire, that becomes an interaction, one at a time in an account. Any number of processes may do it at once: an account is settled
// as it stands, once. Nobody's balance depends on when it runs, since every command books what is due first and
// every read counts it in.
func (e *Engine) Settle(ctx context.Context, most int) (int, error) {
	now := fact.Instant(e.options.Now())
	all, err := e.dues(ctx, now, most)
	if err != nil {
		return 0, err
	}
	jobs := make([]*job, len(all))
	for i, d := range all {
		jobs[i] = settleJob(d, now)
	}
	if err := e.queue.put(ctx, jobs...); err != nil {
		return 0, err
	}
	var faults []error
	for _, j := range jobs {
		if _, err := e.await(ctx, j); err != nil {
			faults = append(faults, err)
		}
	}
	return len(jobs) - len(faults), errors.Join(faults[:min(len(faults), 3)]...) // a few tell enough
}

func settleJob(d due, now time.Time) *job {
	return &job{
		op: opSettle, refs: []Ref{{ID: d.member}}, received: now, done: make(chan reply, 1),
		origin: Origin{Programme: d.programme, Caller: "system:clock", Key: d.member.UUID() + " " + strconv.FormatInt(d.sequence, 10) + " " + strconv.FormatInt(d.version, 10)},
	}
}

// settle books what is due, and has the first warning happen that is. Where another command has done so meanwhile there is nothing left to keep.
func (b *batch) settle(ctx context.Context, db queries, j *job) (*Outcome, error) {
	p := b.byRef[refKey{j.origin.Programme, j.refs[0]}]
	if p == nil {
		return &Outcome{}, nil
	}
	if !p.allLots && (p.due.IsZero() || p.due.After(b.now)) { // nothing was due by the time that it was loaded
		return &Outcome{Member: p.state.Member.ID}, nil
	}
	timeline, err := b.timeline(ctx, j.origin.Programme)
	if err != nil {
		return nil, err
	}
	programme, err := timeline.Current(ctx, b.now)
	if err != nil {
		return nil, err
	}
	state := p.input(b)
	if !p.allLots { // by its account nothing is due
		return b.occasion(ctx, db, timeline, j, p)
	}
	w, due, err := loyalty.Warning(programme, state, b.now)
	if err != nil {
		return nil, err
	}
	if due && state.Member.Status != loyalty.Erased {
		return b.warn(ctx, db, timeline, j, p, w)
	}
	effects, err := loyalty.Settle(programme, state, j.command, b.now)
	if err != nil {
		return nil, err
	}
	if len(effects.Movements) == 0 && len(effects.Tiers) == 0 {
		p.state, p.changed = effects.State, true // the instant at which something falls due may have become known better
		return b.occasion(ctx, db, timeline, j, p)
	}
	return b.take(j, decision{person: p, effects: effects})
}

// occasion has the first occasion happen to the member that is due and that the version in force then had too, as the one in force now has. Those before it are over. If
// there is none, falls of the tier are booked.
func (b *batch) occasion(ctx context.Context, db queries, t Timeline, j *job, p *person) (*Outcome, error) {
	current, err := t.Current(ctx, b.now)
	if err != nil {
		return nil, err
	}
	state, fallen := current.AsOf(p.input(b), b.now)
	for {
		o, ok := current.Next(state, b.now)
		if !ok || o.At.After(b.now) {
			effects := &loyalty.Effects{State: state}
			effects.Before(fallen)
			return b.settled(j, p, effects)
		}
		then, err := t.At(ctx, o.At)
		if err != nil {
			return nil, err
		}
		if then != nil && state.Member.Status != loyalty.Suspended && then.Has(state, o) {
			outcome, err := b.happen(ctx, db, t, j, p, then, state, fallen, o)
			if outcome != nil || err != nil {
				return outcome, err
			}
		}
		state = loyalty.Pass(state, o)
	}
}

// happen has an occasion happen, unless it did before. What it is known by is unique for ever, whatever became of the member's document.
func (b *batch) happen(ctx context.Context, db queries, t Timeline, j *job, p *person, then *loyalty.Programme, state *loyalty.State, fallen []loyalty.TierStep, o loyalty.Occasion) (*Outcome, error) {
	digest := b.digester(j.origin.Programme).Digest(j.origin.Programme.UUID(), j.origin.Caller, "occasion", state.Member.ID.UUID()+" "+o.Key())
	if known, err := b.knows(ctx, db, digest); known || err != nil {
		return nil, err
	}
	wanted, err := b.draws(ctx, t, then.Drawn(o.Event), nil)
	if err == nil {
		err = b.readBudgets(ctx, db, wanted, false) // a lock would come out of order
	}
	if err != nil {
		return nil, err
	}
	current, err := t.Current(ctx, b.now)
	if err != nil {
		return nil, err
	}
	state.Budgets, state.Kept = b.left, current.Kept()
	i, effects, err := loyalty.Happen(then, state, o, j.command, b.now)
	if err != nil {
		return nil, err
	}
	effects.Before(fallen)
	j.digest = digest
	return b.take(j, decision{person: p, programme: then, interaction: &i, effects: effects})
}

// settled keeps what time brought about.
func (b *batch) settled(j *job, p *person, effects *loyalty.Effects) (*Outcome, error) {
	if len(effects.Movements) == 0 && len(effects.Tiers) == 0 {
		p.state, p.changed = effects.State, true // the instant at which something falls due may have become known better
		return &Outcome{Member: p.state.Member.ID}, nil
	}
	return b.take(j, decision{person: p, effects: effects})
}

// warn has a warning happen to the member, by the version of the programme that was in force when it fell due.
func (b *batch) warn(ctx context.Context, db queries, t Timeline, j *job, p *person, w ledger.Warning) (*Outcome, error) {
	current, err := t.Current(ctx, b.now)
	if err != nil {
		return nil, err
	}
	programme, err := t.At(ctx, w.Due)
	if err != nil {
		return nil, err
	}
	if programme == nil { // it fell due before the programme began, by points that were earned before
		programme = current
	}
	wanted, err := b.draws(ctx, t, programme.Drawn(loyalty.EventExpiring), nil)
	if err == nil {
		err = b.readBudgets(ctx, db, wanted, false) // a lock would come out of order
	}
	if err != nil {
		return nil, err
	}
	state := p.input(b)
	state.Kept = current.Kept()
	i, effects, err := loyalty.Warn(programme, state, w, j.command, b.now)
	if err != nil {
		return nil, err
	}
	return b.take(j, decision{person: p, programme: programme, interaction: &i, effects: effects})
}
