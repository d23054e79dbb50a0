package engine

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

type refKey struct {
	programme fact.ID
	ref       Ref
}

// refColumns are a reference's: the programme, the member's id if it is named by it, else the identity's kind and value.
var refColumns = columns("p uuid, m uuid, k text, v text")

type refRow struct {
	P uuid   `json:"p"`
	M uuid   `json:"m"`
	K string `json:"k,omitempty"`
	V string `json:"v,omitempty"`
}

// refs is the references that are the first parameters, as a table named as.
func (g grammar) refs(as string) string {
	if !g.postgres() {
		return g.rows(1, as, refColumns)
	}
	table, _ := unnested(refColumns, 1)
	return table + " AS " + as + "(p, m, k, v)"
}

// bindRefs gives references the form in which they travel.
func (g grammar) bindRefs(refs []refRow) ([]any, error) {
	if !g.postgres() {
		parameter, err := encode(refs)
		return []any{parameter}, err
	}
	values := make([]any, 0, len(refs)*len(refColumns))
	for _, r := range refs {
		values = append(values, fact.ID(r.P), uuidValue(fact.ID(r.M)), textValue(r.K), textValue(r.V))
	}
	return arrays(values, refColumns), nil
}

// stateColumns is what a person is made of; members m, working_states s, accounts a.
const stateColumns = `m.id, m.account_id, m.status, m.locale, m.tier, m.tier_since, m.persona, m.enrolled_at, m.due_at, m.merged_into,
 s.version, s.doc, s.profile, a.sequence, a.pending, a.available, a.held, a.debt, a.last_moved_at, a.next_due_at, a.active_at`

// loadSQL reads the programmes' numbers and the persons that a batch is about, each once for every way it is named, and locks them if it is told to. A programme without
// persons has one row with nulls, so that its number is known.
func loadSQL(g grammar, locking bool) string {
	lock := ""
	if locking {
		lock = g.lock("s, a, m") // all three: after a wait PostgreSQL reads again only what it locks
	}
	refs := g.refs("r")
	return `WITH found AS MATERIALIZED (
 SELECT r.p, r.k, r.v, ` + stateColumns + `
 FROM ` + refs + `
 LEFT JOIN identities i ON r.m IS NULL AND i.programme_id = r.p AND i.kind = r.k AND i.value = r.v
 JOIN members m ON m.id = coalesce(r.m, i.member_id) AND m.programme_id = r.p
 JOIN working_states s ON s.id = m.id
 JOIN accounts a ON a.id = m.account_id
 ORDER BY m.id` + lock + `)
SELECT p.id AS programme, p.current, p.secret, f.k, f.v, f.id, f.account_id, f.status, f.locale, f.tier, f.tier_since, f.persona, f.enrolled_at, f.due_at, f.merged_into,
 f.version, f.doc, f.profile, f.sequence, f.pending, f.available, f.held, f.debt, f.last_moved_at, f.next_due_at, f.active_at
FROM programmes p LEFT JOIN found f ON f.p = p.id
WHERE p.id IN (SELECT DISTINCT r.p FROM ` + refs + `)`
}

// scanner is what *sql.Row and *sql.Rows have in common.
type scanner interface{ Scan(...any) error }

// stateScan collects one row of stateColumns; its targets stay empty where the row holds nulls.
type stateScan struct {
	id, account, into                       fact.ID
	status, locale, tier, persona           sql.NullString
	tierSince, enrolled, lastMoved, nextDue time.Time
	active, due                             time.Time
	version, sequence                       sql.NullInt64
	pending, available, held, debt          sql.NullInt64
	doc, profile                            sql.RawBytes // until the next row
}

func (x *stateScan) targets() []any {
	return []any{
		&x.id, &x.account, &x.status, &x.locale, &x.tier, nullTime{&x.tierSince}, &x.persona, nullTime{&x.enrolled}, nullTime{&x.due}, &x.into,
		&x.version, &x.doc, &x.profile, &x.sequence, &x.pending, &x.available, &x.held, &x.debt, nullTime{&x.lastMoved}, nullTime{&x.nextDue}, nullTime{&x.active},
	}
}

func (x *stateScan) state() (*loyalty.State, error) {
	doc, err := loyalty.DecodeDoc(x.doc)
	if err != nil {
		return nil, fmt.Errorf("engine: the working state of %s: %w", x.id, err)
	}
	doc.Profile = loyalty.StoredProfile(bytes.Clone(x.profile))
	return &loyalty.State{
		Member: loyalty.Member{
			ID: x.id, Account: x.account, Status: loyalty.Status(x.status.String), Locale: x.locale.String, Tier: x.tier.String,
			TierSince: x.tierSince, Persona: x.persona.String, Enrolled: x.enrolled, Into: x.into,
		},
		Account: ledger.Account{
			ID: x.account, Sequence: x.sequence.Int64, LastMoved: x.lastMoved, NextDue: x.nextDue, Active: x.active,
			Balances: ledger.Balances{
				Pending: fact.Points(x.pending.Int64), Available: fact.Points(x.available.Int64),
				Held: fact.Points(x.held.Int64), Debt: fact.Points(x.debt.Int64),
			},
		},
		Doc: doc,
	}, nil
}

// loadPersons reads the programmes and the persons that the batch is about, and locks the persons if it is to.
func (b *batch) loadPersons(ctx context.Context, db queries) error {
	owners, err := b.loadOwners(ctx, db)
	if err != nil {
		return err
	}
	refs := make([]refRow, 0, len(b.jobs))
	seen := make(map[refKey]bool, len(b.jobs))
	for _, j := range b.jobs {
		for _, r := range j.refs {
			key := refKey{j.origin.Programme, r}
			if b.byRef[key] != nil {
				continue // it was recalled
			}
			if thing := r.thing(); !thing.IsZero() {
				r.ID = owners[thing] // zero for one that there is not: then the row is for the programme alone
			}
			if id := b.engine.redirects.final(r.ID); id != r.ID {
				r.ID = id
				b.moved = append(b.moved, redirected{key, id})
			}
			if !seen[key] {
				seen[key] = true
				refs = append(refs, refRow{P: uuid(key.programme), M: uuid(r.ID), K: string(r.Identity.Kind), V: r.Identity.Value})
			}
		}
	}
	for len(refs) > 0 {
		if err := b.loadRefs(ctx, db, refs, b.locking); err != nil {
			return err
		}
		if refs = b.redirect(); len(refs) > 0 && (b.locking && b.engine.sql.postgres() || len(b.namedHolds()) > 0) { // a hold goes by another id as well
			return errRedirected
		}
		b.settleRefs()
	}
	for thing, member := range owners {
		if p := b.persons[b.engine.redirects.final(member)]; p != nil {
			b.byRef[refKey{p.programme, refTo(thing)}] = p
		}
	}
	return nil
}

// loadRefs reads the persons of references.
func (b *batch) loadRefs(ctx context.Context, db queries, refs []refRow, locking bool) error {
	parameters, err := b.engine.sql.bindRefs(refs)
	if err != nil {
		return err
	}
	rows, err := db.QueryContext(ctx, b.engine.sql.load[locking], parameters...)
	if err != nil {
		return fmt.Errorf("load members: %w", err)
	}
	defer rows.Close()
	var (
		x           stateScan
		programme   fact.ID
		current     int
		secret      string
		kind, value sql.NullString
	)
	targets := append([]any{&programme, &current, &secret, &kind, &value}, x.targets()...)
	for rows.Next() {
		x = stateScan{}
		if err := rows.Scan(targets...); err != nil {
			return fmt.Errorf("load members: %w", err)
		}
		b.numbers[programme], b.secrets[programme] = current, secret
		if x.id.IsZero() {
			continue
		}
		p := b.persons[x.id]
		if p == nil {
			state, err := x.state()
			if err != nil {
				return err
			}
			p = newPerson(programme, state)
			p.version, p.sequence, p.nextDue, p.active = x.version.Int64, x.sequence.Int64, x.nextDue, x.active
			p.due, p.wasDue, p.bytes = x.due, x.due, len(x.doc)+len(x.profile)
			p.was = state.Member
			b.persons[x.id] = p
		}
		b.byRef[refKey{programme, Ref{ID: x.id}}] = p
		if kind.String != "" {
			b.byRef[refKey{programme, Ref{Identity: Identity{fact.IdentityKind(kind.String), value.String}}}] = p
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("load members: %w", err)
	}
	return nil
}

// load reads what the batch needs besides: the lots and holds of persons, what is to be undone, and the stocks, as far as some request may touch them.
func (b *batch) load(ctx context.Context, db queries) error {
	if err := b.loadOwned(ctx, db); err != nil {
		return err
	}
	if err := b.loadLots(ctx, db); err != nil {
		return err
	}
	if err := b.loadHolds(ctx, db); err != nil {
		return err
	}
	if err := b.loadUndoing(ctx, db); err != nil {
		return err
	}
	if err := b.loadHistories(ctx, db); err != nil {
		return err
	}
	if err := b.loadStocks(ctx, db); err != nil {
		return err
	}
	return b.loadBudgets(ctx, db)
}

const lotColumns = `l.id, l.account_id, l.contributor_id, l.funding, l.earned_at, l.activates_at, l.expires_at, l.ageing,
 l.amount, l.pending, l.available, l.held, l.spent, l.expired, l.reversed, l.moved`

func scanLot(row scanner) (ledger.Lot, error) {
	var l ledger.Lot
	var ageing []byte
	err := row.Scan(&l.ID, &l.Account, &l.Contributor, &l.Funding, nullTime{&l.Earned}, nullTime{&l.Activates}, nullTime{&l.Expires}, &ageing,
		&l.Amount, &l.Pending, &l.Available, &l.Held, &l.Spent, &l.Expired, &l.Reversed, &l.Moved)
	if err == nil {
		err = DecodeAgeing(ageing, &l)
	}
	return l, err
}

func lotsSQL(g grammar) string {
	return `SELECT ` + lotColumns + ` FROM ` + g.ids(1, "r") + `
JOIN lots l ON l.account_id = r.id AND l.pending + l.available + l.held > 0`
}

// loadLots reads the open lots of those accounts that need them: where something is due, where points are to be spent, and where some may wait for the
// interaction.
func (b *batch) loadLots(ctx context.Context, db queries) error {
	for _, j := range b.jobs {
		p := b.byRef[refKey{j.origin.Programme, j.refs[0]}]
		if p == nil {
			continue
		}
		waited, err := b.waited(ctx, j, p)
		if err != nil {
			return err
		}
		p.allLots = p.allLots || j.takes() || waited
		for _, r := range j.refs {
			if other := b.byRef[refKey{j.origin.Programme, r}]; other != nil && j.reshapes() {
				other.allLots = true
			}
		}
		p.named = true
	}
	var wanted []fact.ID
	byAccount := map[fact.ID]*person{}
	for _, p := range b.persons {
		p.allLots = p.allLots || p.state.Account.IsDue(b.now)
		if p.allLots {
			wanted = append(wanted, p.state.Account.ID)
			byAccount[p.state.Account.ID] = p
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	parameter := idList(wanted)
	rows, err := db.QueryContext(ctx, b.engine.sql.lots, parameter)
	if err != nil {
		return fmt.Errorf("load lots: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		lot, err := scanLot(rows)
		if err != nil {
			return fmt.Errorf("load lots: %w", err)
		}
		byAccount[lot.Account].lots.all[lot.ID] = lot
	}
	return rows.Err()
}

// waited tells whether points of the member may wait for the request's interaction: some that there are, or that a request before it in the batch may earn.
func (b *batch) waited(ctx context.Context, j *job, p *person) (bool, error) {
	event, _ := j.happens()
	switch {
	case event == "" || j.op == opEnrol:
		return false, nil
	case p.state.Account.Pending > 0 && p.state.Doc.Awaits(event, b.now):
		return true, nil
	case !p.named:
		return false, nil
	}
	timeline, err := b.timeline(ctx, j.origin.Programme)
	if err != nil {
		return false, err
	}
	programme, err := timeline.Current(ctx, b.now)
	if err != nil {
		return false, err
	}
	return programme.Matures(event), nil
}

func stocksSQL(g grammar, locking bool) string {
	text := `SELECT st.id, st.taken FROM ` + g.ids(1, "r") + ` JOIN stocks st ON st.id = r.id ORDER BY st.id`
	if locking {
		text += g.lock("st")
	}
	return text
}

// loadStocks reads how many pieces are gone of those rewards that are asked for and that can run out. Publishing a reward made its row.
func (b *batch) loadStocks(ctx context.Context, db queries) error {
	wanted := b.cancels()
	for i := range wanted {
		wanted[i] = wanted[i].As(fact.KindStock)
	}
	for _, j := range b.jobs {
		if j.op != opRedeem {
			continue
		}
		timeline, err := b.timeline(ctx, j.origin.Programme)
		if err != nil {
			return err
		}
		p, err := timeline.Current(ctx, b.now)
		if err != nil {
			return err
		}
		if r := p.Reward(j.redeem.Reward); r != nil && r.Limited() {
			wanted = append(wanted, r.Definition.As(fact.KindStock))
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	parameter := idList(wanted)
	rows, err := db.QueryContext(ctx, b.engine.sql.stocks[b.locking], parameter)
	if err != nil {
		return fmt.Errorf("load stocks: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id fact.ID
		var taken int64
		if err := rows.Scan(&id, &taken); err != nil {
			return fmt.Errorf("load stocks: %w", err)
		}
		b.taken[id.As(fact.KindReward)] = taken
		b.stockWas[id.As(fact.KindReward)] = taken
	}
	return rows.Err()
}

func knownSQL(g grammar) string {
	return `SELECT c.digest, c.request, c.id, c.member_id, c.answer FROM ` + g.ids(1, "r") + ` JOIN commands c ON c.digest = r.id`
}

// known is a command that was answered before.
type known struct {
	request, id, member fact.ID
	answer              answer
}

// loadKnown reads which of the batch's requests were answered before.
func (b *batch) loadKnown(ctx context.Context, db queries) error {
	digests := make([]fact.ID, len(b.jobs))
	for i, j := range b.jobs {
		digests[i] = j.digest
	}
	b.looked = true
	return b.readKnown(ctx, db, digests)
}

// knows tells whether something of a digest was done before.
func (b *batch) knows(ctx context.Context, db queries, digest fact.ID) (bool, error) {
	if _, known := b.known[digest]; !known {
		if err := b.readKnown(ctx, db, []fact.ID{digest}); err != nil {
			return false, err
		}
	}
	_, known := b.known[digest]
	return known, nil
}

func (b *batch) readKnown(ctx context.Context, db queries, digests []fact.ID) error {
	parameter := idList(digests)
	rows, err := db.QueryContext(ctx, b.engine.sql.known, parameter)
	if err != nil {
		return fmt.Errorf("load answers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var digest fact.ID
		var k known
		var text []byte
		if err := rows.Scan(&digest, &k.request, &k.id, &k.member, &text); err != nil {
			return fmt.Errorf("load answers: %w", err)
		}
		if err := json.Unmarshal(text, &k.answer); err != nil {
			return fmt.Errorf("load answers: %s: %w", k.id, err)
		}
		b.known[digest] = k
	}
	return rows.Err()
}
