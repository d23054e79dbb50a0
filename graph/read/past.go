package read

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"granaio/engine"

	"granaio/ent/movement"
	"granaio/ent/predicate"
	"granaio/graph/fault"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// leeway is how far a caller's clock may be ahead: a moment within it is now.
const leeway = 10 * time.Second

// BalanceAt is the account's balances at a past moment, as it would have shown them then.
func (a *Account) BalanceAt(ctx context.Context, at time.Time) (*ledger.Balances, error) {
	v, err := a.Member.View(ctx)
	if err != nil {
		return nil, err
	}
	p, err := a.past(ctx, v, at)
	if err != nil {
		return nil, err
	}
	if p.at.Before(p.Opened) {
		return nil, fault.Malformed("the account was opened later, at %s", p.Opened.Format(time.RFC3339))
	}
	return &p.balances, nil
}

// past is an account at a past moment.
type past struct {
	engine.Mark
	at       time.Time
	balances ledger.Balances
	last     bool // no movement was booked after it: what fell due by then may not be booked yet
}

// past tells how the account stood at a moment. All accounts of the company are looked up together.
func (a *Account) past(ctx context.Context, v *engine.View, at time.Time) (past, error) {
	if at.After(v.Now) {
		if !at.Before(v.Now.Add(leeway)) {
			return past{}, fault.Malformed("it is %s: nothing is known yet of %s", v.Now.Format(time.RFC3339), at.Format(time.RFC3339))
		}
		at = v.Now
	}
	m, err := a.Member.With.mark(ctx, a.ID, at)
	if err != nil {
		return past{}, err
	}
	p := past{Mark: m, at: at, balances: m.After, last: m.Number == v.State.Account.Sequence}
	if p.last {
		p.balances = ledger.AsOf(v.State.Account, v.State.Lots, at, v.State.Holds...)
	}
	return p, nil
}

// mark is an account's last movement that had taken effect at a moment. The members' views have been read.
func (m *Members) mark(ctx context.Context, account fact.ID, at time.Time) (engine.Mark, error) {
	return m.marks.of(at, func() *Group[fact.ID, engine.Mark] {
		return NewGroup(m.accounts(), func(ctx context.Context, _ []fact.ID) (map[fact.ID]engine.Mark, error) {
			moments := make([]engine.Moment, 0, len(m.ids))
			for _, v := range m.views.values {
				moments = append(moments, engine.Moment{Account: v.State.Account.ID, At: at, Sequence: v.State.Account.Sequence})
			}
			return m.Engine.Marks(ctx, m.ID, moments)
		})
	}).Get(ctx, account)
}

// Statement is how an account came from its balances at one moment to those at another.
type Statement struct {
	From, Until      time.Time
	Opening, Closing *ledger.Balances
	Lines            []*StatementLine
	period           period
	account          *Account
}

// StatementLine is the movements of one kind.
type StatementLine struct {
	Kind   movement.Kind
	Count  int64
	Points fact.Points
	Change *ledger.Balances
}

// period is what lies after one moment, and by another.
type period struct{ from, until time.Time }

// Statement tells what happened after one moment and by another, which is now if it is nil.
func (a *Account) Statement(ctx context.Context, from time.Time, until *time.Time) (*Statement, error) {
	v, err := a.Member.View(ctx)
	if err != nil {
		return nil, err
	}
	end := v.Now
	if until != nil {
		end = *until
	}
	closing, err := a.past(ctx, v, end)
	switch {
	case err != nil:
		return nil, err
	case !from.Before(closing.at):
		return nil, fault.Malformed("a statement ends after it begins")
	case closing.at.Before(closing.Opened):
		return nil, fault.Malformed("the account was opened later, at %s", closing.Opened.Format(time.RFC3339))
	}
	opening, err := a.past(ctx, v, from)
	if err != nil {
		return nil, err
	}
	s := &Statement{From: from, Until: closing.at, Opening: &opening.balances, Closing: &closing.balances, period: period{from, closing.at}, account: a}
	lines, err := a.Member.With.linesOf(ctx, a.ID, s.period)
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		s.add(l)
	}
	if closing.last {
		for _, f := range ledger.Fallen(v.State.Account, v.State.Lots, closing.at, v.State.Holds...) {
			if !opening.last || f.At.After(from) {
				s.add(engine.Line{Kind: f.Kind, Count: 1, Points: f.Points, Change: f.Change})
			}
		}
	}
	return s, nil
}

// add adds movements of a kind to its line.
func (s *Statement) add(l engine.Line) {
	for _, have := range s.Lines {
		if have.Kind == movement.Kind(l.Kind) {
			change := have.Change.Plus(l.Change)
			have.Count, have.Points, have.Change = have.Count+l.Count, have.Points+l.Points, &change
			return
		}
	}
	s.Lines = append(s.Lines, &StatementLine{movement.Kind(l.Kind), l.Count, l.Points, &l.Change})
}

// stretches are the movements of a period, of each of the members' accounts, by number. The accounts' marks are read if need be.
func (m *Members) stretches(ctx context.Context, p period) ([]engine.Stretch, error) {
	var all []engine.Stretch
	for _, account := range m.accounts() {
		after, err := m.mark(ctx, account, p.from)
		if err != nil {
			return nil, err
		}
		until, err := m.mark(ctx, account, p.until)
		if err != nil {
			return nil, err
		}
		if after.Number < until.Number {
			all = append(all, engine.Stretch{Account: account, After: after.Number, Until: until.Number})
		}
	}
	return all, nil
}

// linesOf are the sums of a period's movements by kind. Those of all the members' accounts are read together.
func (m *Members) linesOf(ctx context.Context, account fact.ID, p period) ([]engine.Line, error) {
	return m.lines.of(p, func() *Group[fact.ID, []engine.Line] {
		return NewGroup(m.accounts(), func(ctx context.Context, _ []fact.ID) (map[fact.ID][]engine.Line, error) {
			stretches, err := m.stretches(ctx, p)
			if err != nil || len(stretches) == 0 {
				return nil, err
			}
			return m.Engine.Lines(ctx, stretches)
		})
	}).Get(ctx, account)
}

// Movements is a page of the period's movements that are booked, by number.
func (s *Statement) Movements(ctx context.Context, w Window) (*MovementConnection, error) {
	with := s.account.Member.With
	stretches, err := with.stretches(ctx, s.period)
	if err != nil {
		return nil, err
	}
	within := make([]predicate.Movement, len(stretches))
	for i, x := range stretches {
		within[i] = movement.And(movement.AccountID(x.Account), movement.NumberGT(x.After), movement.NumberLTE(x.Until))
	}
	name := "of a statement " + s.From.String() + " " + s.Until.String()
	none := func(q *sql.Selector) { q.Where(sql.False()) }
	return with.ofAccounts(name, []predicate.Movement{movement.Or(append(within, none)...)}).of(ctx, s.account.ID, w)
}
