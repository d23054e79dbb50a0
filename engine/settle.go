package engine

import (
	"context"
	"fmt"
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

// Settle books what has fallen due in up to so many accounts, those that have waited longest first, and answers how many it looked at. Where it is due to be
// warned that points expire, that becomes an interaction, one at a time in an account. Any number of processes may do it at once: an account is settled
// as it stands, once. Nobody's balance depends on when it runs, since every command books what is due first and
// every read counts it in.
func (e *Engine) Settle(ctx context.Context, most int) (int, error) {
	now := fact.Instant(e.options.Now())
	rows, err := e.store.DB().QueryContext(ctx, e.sql.due, now, most)
	if err != nil {
		return 0, fmt.Errorf("engine: what is due: %w", err)
	}
	defer rows.Close()
	var jobs []*job
	for rows.Next() {
		var d due
		if err := rows.Scan(&d.member, &d.programme, &d.sequence, &d.version); err != nil {
			return 0, fmt.Errorf("engine: what is due: %w", err)
		}
		jobs = append(jobs, settleJob(d, now))
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("engine: what is due: %w", err)
	}
	if err := e.queue.put(ctx, jobs...); err != nil {
		return 0, err
	}
	for i, j := range jobs {
		if _, err := e.await(ctx, j); err != nil {
			return i, err
		}
	}
	return len(jobs), nil
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
	if !p.allLots { // nothing was due by the time that it was loaded
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
	if len(effects.Movements) == 0 {
		p.state, p.changed = effects.State, true // the instant at which something falls due may have become known better
		return &Outcome{Member: p.state.Member.ID}, nil
	}
	return b.take(j, decision{person: p, effects: effects})
}

// warn has a warning happen to the member, by the version of the programme that was in force when it fell due.
func (b *batch) warn(ctx context.Context, db queries, t Timeline, j *job, p *person, w ledger.Warning) (*Outcome, error) {
	programme, err := t.At(ctx, w.Due)
	if err != nil {
		return nil, err
	}
	if programme == nil { // it fell due before the programme began, by points that were earned before
		if programme, err = t.Current(ctx, b.now); err != nil {
			return nil, err
		}
	}
	wanted, err := b.draws(ctx, t, programme.Drawn(loyalty.EventExpiring), nil)
	if err == nil {
		err = b.readBudgets(ctx, db, wanted)
	}
	if err != nil {
		return nil, err
	}
	i, effects, err := loyalty.Warn(programme, p.input(b), w, j.command, b.now)
	if err != nil {
		return nil, err
	}
	return b.take(j, decision{person: p, programme: programme, interaction: &i, effects: effects})
}
