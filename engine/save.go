package engine

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"granaio/loyalty/fact"
	"granaio/store"
)

// errLost is the error of a transaction that another one overtook: a fence had moved, a key or an identity was taken meanwhile. It is rolled
// back, and the batch is loaded and decided again.
var errLost = fmt.Errorf("engine: another transaction was first: %w", store.ErrRetry)

// part is one kind of row that a batch writes. Each of its rows must change exactly one row of the table, or the transaction is lost.
type part int

// The parts, in the order they are written: a statement runs them one after another too. What other transactions may wait for comes in the order in which
// it is locked when it is loaded (see the package's documentation). Nobody waits for what lies between, since whoever writes it has the member; it comes before the
// budgets so that those are held for as short as can be.
const (
	partWorking     part = iota
	partWorkingTold      // instead of partWorking, where something else is known of one of the batch's members
	partAccounts
	partMembers
	partLives
	partRedirects
	partStocks
	partAccountsNew
	partMembersNew
	partWorkingNew
	partInteractions
	partMovements
	partPostings
	partLotsNew
	partLots
	partProgress
	partRedemptions
	partHoldsNew
	partHolds
	partHoldsRehung
	partNotes
	partReversals
	partTierChanges
	partConsents
	partContacts
	partMemberEvents
	partAttributeValues
	partBudgets
	partCommands
	partIdentitiesTaken
	partIdentitiesRemoved
	partIdentities
	partProgrammes
	partUnmoved
	parts
)

// save writes everything that the batch decided: on PostgreSQL in one statement, on SQLite in one for each part, or for each 256 rows of it.
func (b *batch) save(ctx context.Context, db queries) error {
	all, err := b.collect()
	if err != nil {
		return err
	}
	for {
		var w writing
		if !w.fill(b.engine.sql.grammar, &all) {
			return nil
		}
		if err := w.run(ctx, db, &b.engine.sql); err != nil {
			return err
		}
	}
}

// collect makes the rows, each table's in one order everywhere.
func (b *batch) collect() (all [parts]rows, err error) {
	s := &b.saved
	slices.SortFunc(s.commands, func(x, y commandRow) int { return bytes.Compare(x.job.digest[:], y.job.digest[:]) })
	for _, c := range s.commands {
		all[partCommands].add(c.job.command, c.job.origin.Programme, c.job.digest, c.job.request, string(c.job.op),
			c.member, c.answer, b.now)
	}
	slices.SortFunc(s.identities, func(x, y identityRow) int { return strings.Compare(string(x.Kind)+x.Value, string(y.Kind)+y.Value) })
	for _, i := range s.identities {
		all[partIdentities].add(i.id, i.programme, i.member, string(i.Kind), i.Value, b.now)
	}
	all[partInteractions], all[partMovements], all[partPostings], all[partRedemptions] = s.interactions, s.movements, s.postings, s.redemptions
	all[partNotes], all[partReversals], all[partTierChanges] = s.notes, s.reversals, s.tiers
	all[partConsents], all[partContacts] = s.consents, s.contacts
	all[partMemberEvents], all[partIdentitiesTaken], all[partIdentitiesRemoved], all[partRedirects] = s.events, s.taken, s.removed, s.redirects
	all[partAttributeValues] = s.values
	if b.recalled {
		for _, programme := range sortedIDs(b.numbers) {
			all[partProgrammes].add(programme, int64(b.numbers[programme]))
		}
	}
	told := false
	for _, p := range b.persons {
		told = told || p.changed && !p.isNew && p.told()
	}
	for _, id := range sortedIDs(b.persons) {
		switch p := b.persons[id]; {
		case p.changed:
			if err := b.collectPerson(id, p, told, &all); err != nil {
				return all, err
			}
		case b.recalled:
			all[partUnmoved].add(id, p.version)
		}
	}
	for _, reward := range sortedIDs(b.taken) {
		if was, ok := b.stockWas[reward]; ok && b.taken[reward] != was {
			all[partStocks].add(reward.As(fact.KindStock), b.taken[reward], was)
		}
	}
	for _, budget := range sortedIDs(b.drawn) {
		if points := b.drawn[budget]; points != 0 {
			all[partBudgets].add(budget, int64(points), int64(b.most[budget]))
		}
	}
	return all, nil
}

// collectPerson makes the rows of one member: what it was before decides whether they are new. Told tells that something else is known of some member of the batch.
func (b *batch) collectPerson(id fact.ID, p *person, told bool, all *[parts]rows) error {
	doc, err := p.state.Doc.Encode()
	if err != nil {
		return fmt.Errorf("engine: the working state of %s: %w", id, err)
	}
	known, err := p.state.Doc.Profile.Encode()
	if err != nil {
		return fmt.Errorf("engine: what is known of %s: %w", id, err)
	}
	p.bytes = len(doc) + len(known)
	programme, member, account := p.programme, p.state.Member, p.state.Account
	if p.isNew {
		all[partAccountsNew].add(account.ID, programme, account.Sequence, int64(account.Pending), int64(account.Available), int64(account.Held),
			int64(account.Debt), timeValue(account.LastMoved), timeValue(account.NextDue), timeValue(account.Active), b.now)
		all[partMembersNew].add(id, programme, member.Account, string(member.Status), textValue(member.Locale), textValue(member.Tier),
			timeValue(member.TierSince), textValue(member.Persona), member.Enrolled, timeValue(p.due), b.now)
		all[partWorkingNew].add(id, programme, p.version+1, string(doc), textValue(string(known)))
	} else {
		if told {
			all[partWorkingTold].add(id, p.version+1, string(doc), textValue(string(known)), p.told(), p.version)
		} else {
			all[partWorking].add(id, p.version+1, string(doc), p.version)
		}
		if account.Sequence != p.sequence || !account.NextDue.Equal(p.nextDue) || !account.Active.Equal(p.active) {
			all[partAccounts].add(account.ID, account.Sequence, int64(account.Pending), int64(account.Available), int64(account.Held),
				int64(account.Debt), timeValue(account.LastMoved), timeValue(account.NextDue), timeValue(account.Active), p.sequence)
		}
		switch was := &p.was; {
		case member.Status != was.Status || member.Locale != was.Locale || member.Into != was.Into || !member.Enrolled.Equal(was.Enrolled):
			all[partLives].add(id, string(member.Status), textValue(member.Locale), textValue(member.Tier), timeValue(member.TierSince), textValue(member.Persona),
				member.Enrolled, timeValue(p.due), uuidValue(member.Into))
		case member.Tier != p.wasTier || !member.TierSince.Equal(p.wasSince) || member.Persona != p.wasSelf || !p.due.Equal(p.wasDue):
			all[partMembers].add(id, textValue(member.Tier), timeValue(member.TierSince), textValue(member.Persona), timeValue(p.due))
		}
	}
	if err := p.collectHolds(all); err != nil {
		return err
	}
	for _, lot := range sortedIDs(p.lots.changed) {
		l := p.lots.all[lot]
		if p.lots.isNew[lot] {
			all[partLotsNew].add(l.ID, programme, l.Account, l.Contributor, l.Funding, l.Earned, timeValue(l.Activates), timeValue(l.Expires), encodeAgeing(l),
				int64(l.Amount), int64(l.Pending), int64(l.Available), int64(l.Held), int64(l.Spent), int64(l.Expired), int64(l.Reversed), int64(l.Moved))
		} else {
			all[partLots].add(l.ID, timeValue(l.Activates), timeValue(l.Expires), int64(l.Pending), int64(l.Available), int64(l.Held), int64(l.Spent), int64(l.Expired),
				int64(l.Reversed), int64(l.Moved))
		}
	}
	for _, g := range p.progress {
		all[partProgress].add(fact.NewID(fact.KindProgress), programme, id, g.Mission, g.Period, g.Count, g.Target,
			timeValue(g.Completed), b.now)
	}
	return nil
}

func sortedIDs[V any](m map[fact.ID]V) []fact.ID {
	ids := make([]fact.ID, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, compareIDs)
	return ids
}

func compareIDs(x, y fact.ID) int { return bytes.Compare(x[:], y[:]) }
