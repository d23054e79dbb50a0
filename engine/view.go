package engine

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/store"
)

// ViewHorizon is how far ahead a view's lots reach: those that expire within it are at hand.
const ViewHorizon = 31 * 24 * time.Hour

// View is a member as it is now, read without a lock.
type View struct {
	Programme *loyalty.Programme // as it is in force now
	// State has the lots that are due, held or expire within ViewHorizon, all open holds, and Taken of every reward.
	State *loyalty.State
	// Falls are those of the member's tier that are due and not booked yet. The state has them counted in.
	Falls []loyalty.TierStep
	Now   time.Time
}

// Balances are the account's as of now, what is due counted in.
func (v *View) Balances() ledger.Balances {
	return ledger.AsOf(v.State.Account, v.State.Lots, v.Now, v.State.Holds...)
}

// lotPairs is a lot as a JSON object.
const lotPairs = `'id', l.id, 'account_id', l.account_id, 'contributor_id', l.contributor_id, 'funding', l.funding, 'earned_at', l.earned_at,
 'activates_at', l.activates_at, 'expires_at', l.expires_at, 'ageing', CAST(l.ageing AS text), 'amount', l.amount, 'pending', l.pending, 'available', l.available, 'held', l.held,
 'spent', l.spent, 'expired', l.expired, 'reversed', l.reversed, 'moved', l.moved`

// viewSQL reads members with all that their screens show, each in one row.
func viewSQL(g grammar) string {
	// Four ranges of the index on open lots: the second only where something is pending, the third only where something is held, the fourth only where
	// something falls due by then (that is never said too late): activity may decide when.
	open := ` FROM lots l WHERE l.account_id = a.id AND l.pending + l.available + l.held > 0`
	return `SELECT p.current, ` + stateColumns + `,
 (SELECT ` + g.array(lotPairs) + ` FROM (SELECT l.*` + open + ` AND l.expires_at <= ` + g.param(3) + `
   UNION ALL SELECT l.*` + open + ` AND a.pending > 0 AND l.pending > 0 AND l.activates_at <= ` + g.param(3) + `
    AND (l.expires_at > ` + g.param(3) + ` OR l.expires_at IS NULL)
   UNION ALL SELECT l.*` + open + ` AND a.held > 0 AND l.held > 0 AND l.pending = 0
    AND (l.expires_at > ` + g.param(3) + ` OR l.expires_at IS NULL)
   UNION ALL SELECT l.*` + open + ` AND a.next_due_at <= ` + g.param(3) + ` AND l.held = 0 AND l.pending = 0
    AND l.expires_at IS NULL AND l.ageing IS NOT NULL) l),
 CASE WHEN a.held > 0 THEN (SELECT ` + g.array(holdPairs) + ` FROM holds h
  WHERE h.account_id = a.id AND h.points > h.captured + h.released) END,
 (SELECT ` + g.array(`'id', st.id, 'taken', st.taken`) + ` FROM stocks st WHERE st.programme_id = p.id AND st.taken > 0)
FROM ` + g.ids(2, "r") + `
JOIN members m ON m.id = r.id AND m.programme_id = ` + g.param(1) + `
JOIN programmes p ON p.id = m.programme_id
JOIN working_states s ON s.id = m.id
JOIN accounts a ON a.id = m.account_id`
}

// Views reads members of one programme in one statement, and in one more those into which some of them were merged: whoever asks for an old id gets the member that it
// stands for. Those that do not exist are not in the answer.
func (e *Engine) Views(ctx context.Context, programme fact.ID, members []fact.ID) (map[fact.ID]*View, error) {
	views := make(map[fact.ID]*View, len(members))
	if len(members) == 0 {
		return views, nil
	}
	parameter := idList(members)
	now := fact.Instant(e.options.Now())
	rows, err := e.store.DB().QueryContext(ctx, e.sql.view, programme, parameter, now.Add(ViewHorizon))
	if err != nil {
		return nil, fmt.Errorf("engine: view: %w", unavailable(err))
	}
	defer rows.Close()
	current := 0
	for rows.Next() {
		var x stateScan
		var lots, holds, stocks []byte
		if err := rows.Scan(append(append([]any{&current}, x.targets()...), &lots, &holds, &stocks)...); err != nil {
			return nil, fmt.Errorf("engine: view: %w", err)
		}
		v := &View{Now: now}
		if v.State, err = x.state(); err != nil {
			return nil, err
		}
		if v.State.Lots, err = decodeLots(lots); err != nil {
			return nil, err
		}
		if v.State.Holds, err = decodeHolds(holds); err != nil {
			return nil, err
		}
		if v.State.Taken, err = decodeStocks(stocks); err != nil {
			return nil, err
		}
		views[x.id] = v
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("engine: view: %w", unavailable(err))
	}
	if len(views) == 0 {
		return views, nil
	}
	merged := map[fact.ID]*View{}
	for id, v := range views {
		if !v.State.Member.Into.IsZero() {
			merged[id] = v
			delete(views, id)
		}
	}
	if len(merged) > 0 {
		if err := e.follow(ctx, programme, views, merged); err != nil {
			return nil, err
		}
	}
	if len(views) == 0 {
		return views, nil
	}
	timeline, err := e.programs.Timeline(ctx, programme, current)
	if err != nil {
		return nil, err
	}
	p, err := timeline.Current(ctx, now)
	if err != nil {
		return nil, err
	}
	for _, v := range views {
		if v.Programme != nil { // it was followed
			continue
		}
		v.Programme = p
		v.State.Account = p.Account(v.State)
		v.State, v.Falls = p.AsOf(v.State, now)
	}
	return views, nil
}

// follow gives members that were merged into others the views of those.
func (e *Engine) follow(ctx context.Context, programme fact.ID, views, merged map[fact.ID]*View) error {
	var wanted []fact.ID
	for _, v := range merged {
		if into := v.State.Member.Into; !slices.Contains(wanted, into) {
			wanted = append(wanted, into)
		}
	}
	found, err := e.Views(ctx, programme, wanted)
	for id, v := range merged {
		if to := found[v.State.Member.Into]; to != nil {
			views[id] = to
		}
	}
	return err
}

// lotRow is a lot as lotPairs has it.
type lotRow struct {
	ID          uuid        `json:"id"`
	Account     uuid        `json:"account_id"`
	Contributor uuid        `json:"contributor_id"`
	Funding     string      `json:"funding"`
	Earned      stamp       `json:"earned_at"`
	Activates   stamp       `json:"activates_at"`
	Expires     stamp       `json:"expires_at"`
	Ageing      string      `json:"ageing"`
	Amount      fact.Points `json:"amount"`
	Pending     fact.Points `json:"pending"`
	Available   fact.Points `json:"available"`
	Held        fact.Points `json:"held"`
	Spent       fact.Points `json:"spent"`
	Expired     fact.Points `json:"expired"`
	Reversed    fact.Points `json:"reversed"`
	Moved       fact.Points `json:"moved"`
}

func decodeLots(text []byte) ([]ledger.Lot, error) {
	if len(text) == 0 {
		return nil, nil
	}
	var rows []lotRow
	if err := json.Unmarshal(text, &rows); err != nil {
		return nil, fmt.Errorf("engine: lots: %w", err)
	}
	lots := make([]ledger.Lot, len(rows))
	for i, r := range rows {
		lots[i] = ledger.Lot{
			ID: fact.ID(r.ID), Account: fact.ID(r.Account), Contributor: fact.ID(r.Contributor), Funding: r.Funding, Earned: time.Time(r.Earned),
			Activates: time.Time(r.Activates), Expires: time.Time(r.Expires), Amount: r.Amount, Pending: r.Pending, Available: r.Available,
			Held: r.Held, Spent: r.Spent, Expired: r.Expired, Reversed: r.Reversed, Moved: r.Moved,
		}
		if err := DecodeAgeing([]byte(r.Ageing), &lots[i]); err != nil {
			return nil, err
		}
	}
	return lots, nil
}

type stockRow struct {
	ID    uuid  `json:"id"`
	Taken int64 `json:"taken"`
}

func decodeStocks(text []byte) (map[fact.ID]int64, error) {
	if len(text) == 0 {
		return nil, nil
	}
	var rows []stockRow
	if err := json.Unmarshal(text, &rows); err != nil {
		return nil, fmt.Errorf("engine: stocks: %w", err)
	}
	taken := make(map[fact.ID]int64, len(rows))
	for _, r := range rows {
		taken[fact.ID(r.ID).As(fact.KindReward)] = r.Taken
	}
	return taken, nil
}

// Resolve is the member that a reference names, in a programme; the zero id if there is none.
func (e *Engine) Resolve(ctx context.Context, programme fact.ID, ref Ref) (fact.ID, error) {
	return Resolve(ctx, e.store, programme, ref)
}

// Resolve is the member that a reference names, in a programme; the zero id if there is none. A reference of a wrong form is a *fact.Refusal.
func Resolve(ctx context.Context, s *store.Store, programme fact.ID, ref Ref) (fact.ID, error) {
	ref, refusal := normaliseRef(ref, "ref")
	if refusal != nil {
		return fact.ID{}, refusal
	}
	g := grammar{s.Dialect()}
	query := `SELECT coalesce(m.merged_into, m.id) FROM members m WHERE m.programme_id = ` + g.param(1) + ` AND m.id = ` + g.param(2)
	arguments := []any{programme, ref.ID}
	if ref.ID.IsZero() {
		query = `SELECT i.member_id FROM identities i WHERE i.programme_id = ` + g.param(1) + ` AND i.kind = ` + g.param(2) + ` AND i.value = ` + g.param(3)
		arguments = []any{programme, string(ref.Identity.Kind), ref.Identity.Value}
	}
	var id fact.ID
	err := s.DB().QueryRowContext(ctx, query, arguments...).Scan(&id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return id, fmt.Errorf("engine: resolve: %w", err)
	}
	return id, nil
}
