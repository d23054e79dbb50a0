package engine

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"granaio/loyalty/fact"
	"granaio/store"
)

// errLost is the error of a transaction that another one overtook: a fence had moved, a key or an identity was taken meanwhile. It is rolled
// back, and the batch is loaded and decided again.
var errLost = fmt.Errorf("engine: another transaction was first: %w", store.ErrRetry)

// part is one kind of row that a batch writes. Its text has one parameter, the rows as a JSON array; each row must change exactly one row of the
// table, or the transaction is lost.
type part int

// The parts, in the order they are written.
const (
	partCommands part = iota
	partAccountsNew
	partMembersNew
	partWorkingNew
	partIdentities
	partAccounts
	partWorking
	partMembers
	partInteractions
	partMovements
	partPostings
	partLotsNew
	partLots
	partProgress
	partRedemptions
	partStocks
	parts
)

// names of a column list, with a prefix each.
func names(list, prefix string) string {
	cs := columns(list)
	out := make([]string, len(cs))
	for i, c := range cs {
		out[i] = prefix + c.name
	}
	return strings.Join(out, ", ")
}

// insert writes all columns of the list.
func insert(g grammar, n int, table, list, conflict string) string {
	return "INSERT INTO " + table + " (" + names(list, "") + ") SELECT " + names(list, "r.") + " FROM " + g.rows(n, "r", columns(list)) +
		" WHERE true" + conflict
}

// without is a column list without its last column, the fence.
func without(list string) string { return list[:strings.LastIndex(list, ",")] }

// update sets columns of the rows that a fence still holds for.
func update(g grammar, n int, table, list, set, where string) string {
	assignments := make([]string, 0, 8)
	for _, c := range columns(set) {
		assignments = append(assignments, c.name+" = r."+c.name)
	}
	return "UPDATE " + table + " SET " + strings.Join(assignments, ", ") + " FROM " + g.rows(n, "r", columns(list)) + " WHERE " + table + ".id = r.id" + where
}

// text is the part's statement with the n-th parameter.
func (p part) text(g grammar, n int) string {
	switch p {
	case partCommands:
		return insert(g, n, "commands", commandColumns, " ON CONFLICT DO NOTHING")
	case partAccountsNew:
		return insert(g, n, "accounts", without(accountColumns), "")
	case partMembersNew:
		return insert(g, n, "members", memberColumns, "")
	case partWorkingNew:
		return insert(g, n, "working_states", without(workingColumns), "")
	case partIdentities:
		return insert(g, n, "identities", identityColumns, " ON CONFLICT DO NOTHING")
	case partAccounts:
		return update(g, n, "accounts", accountColumns, "sequence, pending, available, held, debt, last_moved_at, next_due_at", " AND accounts.sequence = r.was")
	case partWorking:
		return update(g, n, "working_states", workingColumns, "version, doc", " AND working_states.version = r.was")
	case partMembers:
		return update(g, n, "members", memberColumns, "tier, tier_since, persona", "")
	case partInteractions:
		return insert(g, n, "interactions", interactionColumns, "")
	case partMovements:
		return insert(g, n, "movements", movementColumns, "")
	case partPostings:
		return insert(g, n, "postings", postingColumns, "")
	case partLotsNew:
		return insert(g, n, "lots", lotRowColumns, "")
	case partLots:
		return update(g, n, "lots", lotRowColumns, "expires_at, pending, available, held, spent, expired, reversed, moved", "")
	case partProgress:
		return insert(g, n, "progresses", progressColumns, " ON CONFLICT (member_id, mission_id, period) DO UPDATE"+
			" SET count = excluded.count, target = excluded.target, completed_at = excluded.completed_at, updated_at = excluded.updated_at")
	case partRedemptions:
		return "INSERT INTO redemptions (" + names(redemptionColumns, "") + ", state) SELECT " + names(redemptionColumns, "r.") + ", 'confirmed' FROM " +
			g.rows(n, "r", columns(redemptionColumns))
	case partStocks:
		return update(g, n, "stocks", stockColumns, "taken", " AND stocks.taken = r.was")
	}
	panic("engine: no such part")
}

// filled is a part with its rows.
type filled struct {
	part part
	rows string // JSON
	n    int
}

func fill[T any](to []filled, p part, rows []T) ([]filled, error) {
	if len(rows) == 0 {
		return to, nil
	}
	text, err := encode(rows)
	return append(to, filled{p, text, len(rows)}), err
}

// save writes everything that the batch decided, in one statement on PostgreSQL.
func (b *batch) save(ctx context.Context, tx *sql.Tx) error {
	all, err := b.collect()
	if err != nil || len(all) == 0 {
		return err
	}
	if b.engine.sql.grammar.postgres() {
		return b.saveAtOnce(ctx, tx, all)
	}
	for _, f := range all {
		result, err := tx.ExecContext(ctx, b.engine.sql.single[f.part], f.rows)
		if err != nil {
			return fmt.Errorf("save: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n != int64(f.n) {
			return errors.Join(errLost, err)
		}
	}
	return nil
}

func (b *batch) saveAtOnce(ctx context.Context, tx *sql.Tx, all []filled) error {
	var which uint64
	arguments := make([]any, len(all))
	counts := make([]int, len(all))
	targets := make([]any, len(all))
	for i, f := range all {
		which |= 1 << f.part
		arguments[i], targets[i] = f.rows, &counts[i]
	}
	if err := tx.QueryRowContext(ctx, b.engine.sql.together(which), arguments...).Scan(targets...); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	for i, f := range all {
		if counts[i] != f.n {
			return errLost
		}
	}
	return nil
}

// together is one statement that writes the parts of a set, each from a parameter of its own in their order, and answers how many rows each changed.
func together(g grammar, which uint64) string {
	var with, counts []string
	for p := range parts {
		if which&(1<<p) == 0 {
			continue
		}
		n := len(with) + 1
		with = append(with, fmt.Sprintf("c%d AS (%s RETURNING 1)", n, p.text(g, n)))
		counts = append(counts, fmt.Sprintf("(SELECT count(*) FROM c%d)", n))
	}
	return "WITH " + strings.Join(with, ",\n") + "\nSELECT " + strings.Join(counts, ", ")
}

// collect makes the rows, each table's in one order everywhere.
func (b *batch) collect() ([]filled, error) {
	var (
		accounts, accountsNew []accountRow
		working, workingNew   []workingRow
		members, membersNew   []memberRow
		lots, lotsNew         []lotRow
		progress              []progressRow
		stocks                []stockRow
	)
	for _, id := range sortedIDs(b.persons) {
		p := b.persons[id]
		if !p.changed {
			continue
		}
		doc, err := p.state.Doc.Encode()
		if err != nil {
			return nil, fmt.Errorf("engine: the working state of %s: %w", id, err)
		}
		member, account := p.state.Member, p.state.Account
		state := workingRow{uuid(id), uuid(p.programme), p.version + 1, doc, p.version}
		switch {
		case p.isNew:
			accountsNew = append(accountsNew, accountRowOf(p.programme, account, 0, b.now))
			membersNew = append(membersNew, memberRowOf(p.programme, member, b.now))
			workingNew = append(workingNew, state)
		default:
			working = append(working, state)
			if account.Sequence != p.sequence || !account.NextDue.Equal(p.nextDue) {
				accounts = append(accounts, accountRowOf(p.programme, account, p.sequence, b.now))
			}
			if member.Tier != p.wasTier || member.Persona != p.wasSelf {
				members = append(members, memberRowOf(p.programme, member, b.now))
			}
		}
		for _, lot := range sortedIDs(p.dirtyLots) {
			row := lotRowOf(p.programme, p.lots[lot])
			if p.newLots[lot] {
				lotsNew = append(lotsNew, row)
			} else {
				lots = append(lots, row)
			}
		}
		for _, g := range p.progress {
			progress = append(progress, progressRow{
				uuid(fact.NewID(fact.KindProgress)), uuid(p.programme), uuid(id), uuid(g.Mission), g.Period, g.Count, g.Target,
				stamp(g.Completed), stamp(b.now),
			})
		}
	}
	for _, reward := range sortedIDs(b.taken) {
		if was, ok := b.stockWas[reward]; ok && b.taken[reward] != was {
			stocks = append(stocks, stockRow{uuid(reward.As(fact.KindStock)), b.taken[reward], was})
		}
	}
	slices.SortFunc(b.saved.commands, func(x, y commandRow) int { return bytes.Compare(x.Digest[:], y.Digest[:]) })
	slices.SortFunc(b.saved.identities, func(x, y identityRow) int {
		return strings.Compare(string(x.Kind)+x.Value, string(y.Kind)+y.Value)
	})

	s := &b.saved
	all := make([]filled, 0, parts)
	var errs [parts]error
	all, errs[partCommands] = fill(all, partCommands, s.commands)
	all, errs[partAccountsNew] = fill(all, partAccountsNew, accountsNew)
	all, errs[partMembersNew] = fill(all, partMembersNew, membersNew)
	all, errs[partWorkingNew] = fill(all, partWorkingNew, workingNew)
	all, errs[partIdentities] = fill(all, partIdentities, s.identities)
	all, errs[partAccounts] = fill(all, partAccounts, accounts)
	all, errs[partWorking] = fill(all, partWorking, working)
	all, errs[partMembers] = fill(all, partMembers, members)
	all, errs[partInteractions] = fill(all, partInteractions, s.interactions)
	all, errs[partMovements] = fill(all, partMovements, s.movements)
	all, errs[partPostings] = fill(all, partPostings, s.postings)
	all, errs[partLotsNew] = fill(all, partLotsNew, lotsNew)
	all, errs[partLots] = fill(all, partLots, lots)
	all, errs[partProgress] = fill(all, partProgress, progress)
	all, errs[partRedemptions] = fill(all, partRedemptions, s.redemptions)
	all, errs[partStocks] = fill(all, partStocks, stocks)
	return all, errors.Join(errs[:]...)
}

func sortedIDs[V any](m map[fact.ID]V) []fact.ID {
	ids := make([]fact.ID, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(x, y fact.ID) int { return bytes.Compare(x[:], y[:]) })
	return ids
}
