package read

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"granaio/engine"
	"granaio/ent"
	entlot "granaio/ent/lot"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

type lot = ledger.Lot

// Expiry is points that will be lost together, unless they are spent before.
type Expiry struct {
	ledger.Expiry
	LastDay fact.Day // the last on which they can be spent, in the programme's zone
}

// Expiring is which of the points that the member can spend now are lost until an instant, soonest first.
func (m *Member) Expiring(ctx context.Context, horizon time.Duration) ([]*Expiry, error) {
	v, err := m.View(ctx)
	if err != nil {
		return nil, err
	}
	lots, until := v.State.Lots, v.Now.Add(horizon)
	if horizon > engine.ViewHorizon {
		if lots, err = m.With.lotsUntil(ctx, v.State.Account.ID, until); err != nil {
			return nil, err
		}
	}
	expiring := ledger.Expiring(v.State.Account, lots, v.Now, until, v.State.Holds...)
	shown := make([]*Expiry, len(expiring))
	for i, e := range expiring {
		shown[i] = &Expiry{e, ledger.LastDay(e.At, v.Programme.Zone())}
	}
	return shown, nil
}

// lotsUntil are an account's open lots that mature or expire until an instant, which is later than now. Those of all accounts in the company are read.
func (m *Members) lotsUntil(ctx context.Context, account fact.ID, until time.Time) ([]lot, error) {
	return m.lots.of(until, func() *Group[fact.ID, []lot] {
		return NewGroup(m.accounts(), m.loadLots(until))
	}).Get(ctx, account)
}

// accounts are those of the members. Their views have been read.
func (m *Members) accounts() []fact.ID {
	ids := make([]fact.ID, 0, len(m.ids))
	for _, v := range m.views.values {
		ids = append(ids, v.State.Account.ID)
	}
	return ids
}

func (m *Members) loadLots(until time.Time) func(context.Context, []fact.ID) (map[fact.ID][]lot, error) {
	return func(ctx context.Context, accounts []fact.ID) (map[fact.ID][]lot, error) {
		rows, err := m.Ent.Lot.Query().Where(entlot.AccountIDIn(accounts...), isOpen,
			entlot.Or(entlot.ExpiresAtLTE(until), entlot.And(entlot.PendingGT(0), entlot.ActivatesAtLTE(until)), // where activity decides, when is not stored
				entlot.And(entlot.ExpiresAtIsNil(), entlot.AgeingNotNil()))).All(ctx)
		if err != nil {
			return nil, err
		}
		all := make(map[fact.ID][]lot, len(accounts))
		for _, row := range rows {
			l, err := lotOf(row)
			if err != nil {
				return nil, err
			}
			all[row.AccountID] = append(all[row.AccountID], l)
		}
		return all, nil
	}
}

// isOpen is the condition of the index on open lots, word by word.
func isOpen(s *sql.Selector) { s.Where(sql.ExprP("pending + available + held > 0")) }

func lotOf(row *ent.Lot) (lot, error) {
	l := lot{
		ID: row.ID, Account: row.AccountID, Contributor: row.ContributorID, Funding: row.Funding, Earned: row.EarnedAt,
		Amount: row.Amount, Pending: row.Pending, Available: row.Available, Held: row.Held, Spent: row.Spent, Expired: row.Expired,
		Reversed: row.Reversed, Moved: row.Moved,
	}
	if row.ActivatesAt != nil {
		l.Activates = *row.ActivatesAt
	}
	if row.ExpiresAt != nil {
		l.Expires = *row.ExpiresAt
	}
	return l, engine.DecodeAgeing(row.Ageing, &l)
}
