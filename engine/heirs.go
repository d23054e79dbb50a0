package engine

import (
	"context"
	"fmt"
	"slices"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

// What a member earned and spent that was absorbed lies in its own account, where it was booked; the points have moved on, lot by lot. So what it earned is taken back of the
// lots that its lots became, and what it spent is given back where it was taken from, and moves on.

// lineage is what became of the lot of an earning that was booked in another account.
type lineage struct {
	former, heirs []fact.ID // those that it was, and those that it is in the member's account
}

func passagesSQL(g grammar) string {
	return `SELECT m.id, m.account_id, m.explanation FROM ` + g.ids(1, "r") + ` JOIN movements m ON m.account_id = r.id AND m.kind = 'merge' ORDER BY m.account_id, m.number`
}

// loadLineages follows the lots of earnings that were booked in the accounts of absorbed members.
func (b *batch) loadLineages(ctx context.Context, db queries) error {
	type place struct{ account, lot fact.ID }
	roots := map[place][]fact.ID{} // the earnings whose points are there
	ends := map[fact.ID]fact.ID{}  // the account where an earning's points end
	b.undoing.lineages = map[fact.ID]*lineage{}
	for _, p := range b.undoing.pasts {
		for _, e := range slices.Concat(p.Earnings, p.Awards) {
			if own := p.person.state.Account.ID; e.Account != own {
				lot := e.ID.As(fact.KindLot)
				roots[place{e.Account, lot}] = []fact.ID{e.ID}
				ends[e.ID] = own
				b.undoing.lineages[e.ID] = &lineage{former: []fact.ID{lot}}
			}
		}
	}
	for len(roots) > 0 {
		var accounts []fact.ID
		for at := range roots {
			if !slices.Contains(accounts, at.account) {
				accounts = append(accounts, at.account)
			}
		}
		passages, err := b.readPassages(ctx, db, accounts)
		if err != nil {
			return err
		}
		next := map[place][]fact.ID{}
		for _, x := range passages {
			for was, is := range x.lots {
				for _, root := range roots[place{x.from, was}] {
					if l := b.undoing.lineages[root]; x.to == ends[root] {
						l.heirs = append(l.heirs, is)
					} else {
						l.former = append(l.former, is)
						next[place{x.to, is}] = append(next[place{x.to, is}], root)
					}
				}
			}
		}
		roots = next
	}
	for _, l := range b.undoing.lineages {
		slices.SortFunc(l.heirs, compareIDs)
	}
	return nil
}

// passage is what became of lots when an account was merged into another.
type passage struct {
	from, to fact.ID
	lots     map[fact.ID]fact.ID
}

func (b *batch) readPassages(ctx context.Context, db queries, accounts []fact.ID) (all []passage, err error) {
	var given []ledger.Movement
	received := map[fact.ID]ledger.Movement{}
	read := func(take func(ledger.Movement)) func(scanner) error {
		return func(row scanner) error {
			var m ledger.Movement
			var explanation []byte
			if err := row.Scan(&m.ID, &m.Account, &explanation); err != nil {
				return err
			}
			if err := decode(explanation, &m.Reason.Explanation); err != nil {
				return fmt.Errorf("%s: %w", m.ID, err)
			}
			take(m)
			return nil
		}
	}
	var wanted []fact.ID
	err = each(ctx, db, b.engine.sql.passages, accounts, read(func(m ledger.Movement) {
		if m.Reason.Explanation.Source == why.SourceMergedAway {
			given = append(given, m)
			wanted = append(wanted, m.ID.At(m.ID.Place()+1)) // the other's is the next of the command
		}
	}))
	if err != nil {
		return nil, err
	}
	if err := each(ctx, db, b.engine.sql.explained, wanted, read(func(m ledger.Movement) { received[m.ID] = m })); err != nil {
		return nil, err
	}
	for i, m := range given {
		r, ok := received[wanted[i]]
		if !ok {
			return nil, fmt.Errorf("engine: movement %s has no counterpart", m.ID)
		}
		all = append(all, passage{m.Account, r.Account, ledger.Passage(m, r)})
	}
	return all, nil
}

func explainedSQL(g grammar) string {
	return `SELECT m.id, m.account_id, m.explanation FROM ` + g.ids(1, "r") + ` JOIN movements m ON m.id = r.id`
}

// inherited gives an earning the lots that its own became.
func (l *lineage) inherited(e *loyalty.Earned, lots map[fact.ID]ledger.Lot) {
	for _, id := range l.former {
		e.Former = append(e.Former, lots[id])
	}
	for i, id := range l.heirs {
		if i == 0 {
			e.Lot = lots[id]
		} else {
			e.Others = append(e.Others, lots[id])
		}
	}
}

// loadHomes reads the absorbed members whose spends are given back, as they are: whoever has the member that they were merged into has them too.
func (b *batch) loadHomes(ctx context.Context, db queries) error {
	var refs []refRow
	for _, s := range b.undoing.spents {
		if s.Account != s.person.state.Account.ID && !s.Account.IsZero() {
			refs = append(refs, refRow{P: uuid(s.person.programme), M: uuid(s.Account.As(fact.KindMember))})
		}
	}
	if len(refs) == 0 {
		return nil
	}
	if err := b.loadRefs(ctx, db, refs, false); err != nil {
		return err
	}
	for _, s := range b.undoing.spents {
		if s.Account == s.person.state.Account.ID {
			continue
		}
		id := s.Account.As(fact.KindMember)
		home := b.persons[id]
		if home == nil || home.state.Member.Into != s.person.state.Member.ID {
			return errLost
		}
		home.allLots, s.home = true, home
		b.byRef[refKey{home.programme, Ref{ID: id}}] = s.person
	}
	return nil
}
