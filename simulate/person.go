package simulate

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// person is a member in both worlds. One worker alone has to do with it.
type person struct {
	id     fact.ID
	into   fact.ID // the member that it was merged into in the end; zero for most
	erased bool    // what it did and said is gone: it is in no figure, and of what it drew on budgets the books tell
	worker int
	undone *undone // nil for most

	actual *lane
	draft  *lane // the actual one, until the period begins

	over  bool      // the period is, for this member
	tiers [2]string // at its end
	sums  []sum
}

// undone is what of a member is undone later.
type undone struct {
	returned map[fact.ID]bool // interactions
	refunded map[fact.ID]bool // movements
	events   map[string]bool  // of the interactions
	recalls  map[string]bool  // of the interactions that are needed then
}

// recall finds out which interactions are needed besides those that are returned. Members that become one share it.
func (u *undone) recall(together map[string][]string) {
	if u == nil || u.recalls != nil {
		return
	}
	u.recalls = maps.Clone(u.events)
	for event := range u.events {
		for _, other := range together[event] {
			u.recalls[other] = true
		}
	}
}

// sum is what a member was awarded under one of a row's keys.
type sum struct {
	row    *row
	points [2]fact.Points
}

// people are all members, as far as enrolment needs to know them, and what of them is undone.
func people(ctx context.Context, h *history) (map[fact.ID]*person, error) {
	all := map[fact.ID]*person{}
	err := h.each(ctx, `SELECT m.id, m.status, m.merged_into FROM members m WHERE m.programme_id = $1`, func(row *sql.Rows) error {
		p := &person{actual: &lane{}}
		p.draft = p.actual
		var status loyalty.Status
		if err := row.Scan(&p.id, &status, &p.into); err != nil {
			return err
		}
		p.erased = status == loyalty.Erased
		all[p.id] = p
		return nil
	}, h.programme)
	if err != nil {
		return nil, err
	}
	of := func(member fact.ID) *undone {
		p := all[member]
		if p == nil {
			return new(undone)
		}
		if !p.into.IsZero() { // those that become one share what is undone of them
			p = all[p.into]
		}
		if p.undone == nil {
			p.undone = &undone{returned: map[fact.ID]bool{}, refunded: map[fact.ID]bool{}, events: map[string]bool{}}
		}
		return p.undone
	}
	err = h.each(ctx, `SELECT v.member_id, v.interaction_id, i.event FROM reversals v JOIN interactions i ON i.id = v.interaction_id WHERE v.programme_id = $1`, func(row *sql.Rows) error {
		var member, interaction fact.ID
		var event string
		if err := row.Scan(&member, &interaction, &event); err != nil {
			return err
		}
		if u := of(member); u.returned != nil {
			u.returned[interaction], u.events[event] = true, true
		}
		return nil
	}, h.programme)
	if err != nil {
		return nil, err
	}
	err = h.each(ctx, `SELECT m.member_id, m.reverses_id FROM movements m WHERE m.programme_id = $1 AND m.reverses_id IS NOT NULL AND m.kind = 'reverse_spend'`, func(row *sql.Rows) error {
		var member, spend fact.ID
		if err := row.Scan(&member, &spend); err != nil {
			return err
		}
		if u := of(member); u.refunded != nil {
			u.refunded[spend] = true
		}
		return nil
	}, h.programme)
	for _, p := range all {
		if !p.into.IsZero() {
			p.undone = all[p.into].undone
		}
	}
	return all, err
}

// drawn is what erased members drew on budgets, or gave back, by command and the budget's key.
func drawn(ctx context.Context, h *history) (map[fact.ID]map[string]fact.Points, error) {
	all := map[fact.ID]map[string]fact.Points{}
	return all, h.each(ctx, `SELECT m.id, m.kind, m.points, m.explanation FROM movements m JOIN members e ON e.id = m.member_id
WHERE e.programme_id = $1 AND e.status = 'erased' AND m.kind IN ('earn', 'reverse_earn')`, func(row *sql.Rows) error {
		var id fact.ID
		var kind ledger.Kind
		var points fact.Points
		var text sql.RawBytes
		if err := row.Scan(&id, &kind, &points, &text); err != nil {
			return err
		}
		var x struct {
			Budget string `json:"budget"`
		}
		if err := json.Unmarshal(text, &x); err != nil {
			return fmt.Errorf("the explanation of %s: %w", id, err)
		}
		if x.Budget == "" {
			return nil
		}
		if kind == ledger.ReverseEarn {
			points = -points
		}
		command := id.At(0).As(fact.KindCommand)
		if all[command] == nil {
			all[command] = map[string]fact.Points{}
		}
		all[command][x.Budget] += points
		return nil
	}, h.programme)
}

// astray tells which members a replay leaves other than the books do.
func astray(ctx context.Context, h *history, all map[fact.ID]*person) (count int64, err error) {
	return count, h.each(ctx, `SELECT m.id, m.tier, a.pending, a.available, a.held, a.debt FROM members m JOIN accounts a ON a.id = m.account_id
WHERE m.programme_id = $1`, func(row *sql.Rows) error {
		var id fact.ID
		var tier sql.NullString
		var b ledger.Balances
		if err := row.Scan(&id, &tier, &b.Pending, &b.Available, &b.Held, &b.Debt); err != nil {
			return err
		}
		if p := all[id]; p != nil && p.erased {
			return nil
		} else if p == nil || p.actual.state == nil || p.actual.state.Account.Balances != b || p.actual.state.Member.Tier != tier.String {
			count++
		}
		return nil
	}, h.programme)
}

// add counts points under a row's key.
func (p *person) add(r *row, world int, points fact.Points) {
	r.points[world] += points
	at := slices.IndexFunc(p.sums, func(s sum) bool { return s.row == r })
	if at < 0 {
		p.sums, at = append(p.sums, sum{row: r}), len(p.sums)
	}
	p.sums[at].points[world] += points
}

// lane is the member in a world.
func (p *person) lane(world int) *lane {
	if world == real {
		return p.actual
	}
	return p.draft
}
