package engine

import (
	"context"
	"fmt"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// accountsSQL reads accounts, each with its open lots and holds if something is due.
func accountsSQL(g grammar) string {
	return `SELECT a.id, a.programme_id, p.current, a.active_at, a.sequence, a.pending, a.available, a.held, a.debt, a.last_moved_at, a.next_due_at, m.merged_into, m.status = 'erased',
 CASE WHEN a.next_due_at <= ` + g.param(2) + ` THEN (SELECT ` + g.array(lotPairs) + ` FROM lots l
  WHERE l.account_id = a.id AND l.pending + l.available + l.held > 0) END,
 CASE WHEN a.held > 0 AND a.next_due_at <= ` + g.param(2) + ` THEN (SELECT ` + g.array(holdPairs) + ` FROM holds h
  WHERE h.account_id = a.id AND h.points > h.captured + h.released) END
FROM ` + g.ids(1, "r") + ` JOIN accounts a ON a.id = r.id JOIN members m ON m.account_id = a.id JOIN programmes p ON p.id = a.programme_id`
}

// Accounts reads accounts of any programme as they are now, what is due counted in. Those that do not exist are not in the answer.
func (e *Engine) Accounts(ctx context.Context, ids []fact.ID) (map[fact.ID]loyalty.AccountNews, error) {
	parameter := idList(ids)
	now := fact.Instant(e.options.Now())
	rows, err := e.store.DB().QueryContext(ctx, e.sql.accounts, parameter, now)
	if err != nil {
		return nil, fmt.Errorf("engine: accounts: %w", err)
	}
	defer rows.Close()
	news := make(map[fact.ID]loyalty.AccountNews, len(ids))
	for rows.Next() {
		var a ledger.Account
		var owner fact.ID
		var current int
		var fate loyalty.Fate
		var lotsText, holdsText []byte
		if err := rows.Scan(&a.ID, &owner, &current, nullTime{&a.Active}, &a.Sequence, &a.Pending, &a.Available, &a.Held, &a.Debt, nullTime{&a.LastMoved}, nullTime{&a.NextDue},
			&fate.Into, &fate.Erased, &lotsText, &holdsText); err != nil {
			return nil, fmt.Errorf("engine: accounts: %w", err)
		}
		lots, err := decodeLots(lotsText)
		if err != nil {
			return nil, err
		}
		holds, err := decodeHolds(holdsText)
		if err != nil {
			return nil, err
		}
		timeline, err := e.programs.Timeline(ctx, owner, current)
		if err != nil {
			return nil, fmt.Errorf("engine: accounts: %w", err)
		}
		programme, err := timeline.Current(ctx, now)
		if err != nil {
			return nil, fmt.Errorf("engine: accounts: %w", err)
		}
		a.Zone = programme.Zone()
		n, err := newsOf(a, lots, holds, now)
		if err != nil {
			return nil, err
		}
		n.Fate = fate
		news[a.ID] = n
	}
	return news, rows.Err()
}

// newsOf tells of an account as it is at an instant. Its version is that of its last movement, also where time has changed it since.
func newsOf(a ledger.Account, lots []ledger.Lot, holds []ledger.Holding, now time.Time) (loyalty.AccountNews, error) {
	n := loyalty.AccountNews{Account: a.ID, Version: a.Sequence, Balances: a.Balances, NextDue: a.NextDue, At: now}
	if a.IsDue(now) {
		book, err := ledger.Open(a, lots, fact.ID{}, now, holds...)
		if err != nil {
			return n, err
		}
		n.Balances, n.NextDue = book.Account().Balances, book.NextChange()
	}
	return n, nil
}
