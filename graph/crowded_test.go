package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect"

	"granaio/ent/migrate"
	"granaio/loyalty/fact"
)

// growing are the tables that grow with the members, and what a row of each must have of its own so that there can be many.
var growing = map[string][]string{
	"members": {"id"}, "identities": {"id", "value"}, "interactions": {"id", "member_id"}, "movements": {"id", "member_id", "account_id"}, "consents": {"id", "member_id"},
	"attribute_values": {"id", "member_id"}, "tier_changes": {"id", "member_id"}, "member_events": {"id", "member_id"}, "contacts": {"id", "member_id"},
}

// thronged has so many more rows of each table that grows, made of one that is there, and has the database learn how many there are.
func (h *house) thronged(t *testing.T, n int) {
	t.Helper()
	fresh, series := "gen_random_uuid()", fmt.Sprintf("generate_series(1, %d)", n)
	if h.store.Dialect() == dialect.SQLite {
		hex := func(bytes int) string { return fmt.Sprintf("lower(hex(randomblob(%d)))", bytes) }
		fresh = strings.Join([]string{hex(4), hex(2), hex(2), hex(2), hex(6)}, " || '-' || ")
		series = fmt.Sprintf("(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %d) SELECT n FROM s)", n)
	}
	for _, table := range migrate.Tables {
		own := growing[table.Name]
		if own == nil {
			continue
		}
		var into, from []string
		for _, c := range table.Columns {
			into = append(into, c.Name)
			if slices.Contains(own, c.Name) {
				from = append(from, fresh)
			} else {
				from = append(from, "r."+c.Name)
			}
		}
		result, err := h.store.DB().ExecContext(t.Context(), fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM (SELECT * FROM %s LIMIT 1) AS r CROSS JOIN %s AS s",
			table.Name, strings.Join(into, ", "), strings.Join(from, ", "), table.Name, series))
		if err != nil {
			t.Fatal(table.Name, err)
		}
		if rows, err := result.RowsAffected(); err != nil || rows != int64(n) {
			t.Fatalf("%d rows of %s, %v", rows, table.Name, err)
		}
	}
	if _, err := h.store.DB().ExecContext(t.Context(), "ANALYZE"); err != nil {
		t.Fatal(err)
	}
}

// A page of members, a person's whole page and its histories are looked up, however many others there are.
func TestAPersonIsLookedUpAmongMany(t *testing.T) {
	const shown = `id status identities { value } attributes { name value interaction { event } history(first: 5) { totalCount edges { node { value } } } } dependents { attributes { history(first: 5) { totalCount } } }
	  consents { state history(first: 5) { state } } contact { allowed } events { kind } tierHistory(first: 5) { totalCount edges { node { since } } }
	  interactions(first: 5, filter: {events: ["purchase"], touchpoints: ["till"]}) { totalCount edges { node { event } } }
	  timeline(first: 20) { totalCount edges { node { kind at movement { points why { sentence } } } } }`
	const narrowed = `id timeline(last: 3, filter: {touchpoints: ["till"], events: ["purchase"], from: "2026-01-01T00:00:00Z"}) { totalCount edges { node { at } } }`
	each(t, func(t *testing.T, h *house) {
		h.asks(t)
		lives := func(address string) fact.ID {
			id := h.enrolled(t, address)
			h.buys(t, id, 60, 3)
			h.member(t, id).ask(t, updateIt, said("diet", "attributes", variables{"diet": "any"})).sound(t).is(t, "memberUpdate.userErrors", "[]")
			h.member(t, id).ask(t, addIt, said("child", "kind", "child", "attributes", variables{"birth_date": "2024-02-29"})).sound(t).is(t, "dependentAdd.userErrors", "[]")
			h.operator(t).ask(t, `mutation($input: ConsentRecordInput!) { consentRecord(input: $input) { userErrors { code } } }`, decisionsOf(id, "c"+address, decision("news", "GIVEN"))).sound(t)
			h.operator(t).ask(t, barIt, input(variables{"idempotencyKey": "bar " + address, "reason": "a while", "member": byID(id)})).sound(t)
			h.operator(t).ask(t, `mutation($input: MemberReinstateInput!) { memberReinstate(input: $input) { userErrors { code } } }`, input(variables{"idempotencyKey": "in " + address, "reason": "over", "member": byID(id)})).sound(t)
			if _, err := h.store.DB().ExecContext(t.Context(), fmt.Sprintf("INSERT INTO contacts (id, programme_id, member_id, channel, sent_at) VALUES ('%s', '%s', '%s', 'sms', %s)",
				fact.NewID(fact.KindContact).UUID(), h.id.UUID(), id.UUID(), map[bool]string{true: "'2026-01-01 00:00:00+00:00'", false: "now()"}[h.store.Dialect() == dialect.SQLite])); err != nil {
				t.Fatal(err)
			}
			return id
		}
		decoy, alone, from, into := lives("decoy@example.com"), lives("nonna@example.com"), lives("nonno@example.com"), lives("zia@example.com")
		_ = decoy
		h.absorbs(t, from, into)
		h.thronged(t, 10000)
		anna := h.operator(t)
		rec := &recorder{Driver: h.driver()}
		anna.url = h.serves(t, rec)
		for _, id := range []fact.ID{alone, into} {
			for _, fields := range []string{shown, narrowed} {
				a := anna.ask(t, `query($id: ID!) { viewer { operator { member(ref: {id: $id}) { `+fields+` } } } }`, variables{"id": id}).sound(t)
				a.is(t, "viewer.operator.member.id", fmt.Sprintf("%q", id))
			}
		}
		for _, list := range []string{
			`first: 3`, `last: 3`, `first: 3, orderBy: {direction: ASC, field: ENROLLED_AT}`, `first: 3, filter: {tiers: ["gold"]}`, `first: 3, filter: {personas: ["green"]}`,
			`first: 3, filter: {enrolledFrom: "2020-01-01T00:00:00Z", enrolledBefore: "2020-02-01T00:00:00Z"}`, `first: 3, filter: {statuses: [SUSPENDED]}`, `first: 3, filter: {minAvailable: 100000}`,
		} {
			anna.ask(t, `{ viewer { operator { members(`+list+`) { pageInfo { hasNextPage } } } } }`, nil).sound(t)
		}
		for table := range growing {
			plans := rec.plans(t, h.store, table)
			if len(plans) == 0 {
				t.Errorf("nobody reads %s", table)
			}
			for _, plan := range plans {
				for line := range strings.Lines(plan) {
					for table := range growing {
						if line = strings.TrimSpace(line); strings.Contains(line, "Seq Scan on "+table) || strings.HasPrefix(line, "SCAN "+table) && !strings.Contains(line, "USING INDEX") {
							t.Errorf("the whole of %s is read:\n%s", table, plan)
						}
					}
				}
			}
		}
	})
}
