package engine

import (
	"fmt"
	"strings"
)

// writer is a part's statement on both databases: r is its rows.
type writer struct {
	columns string // of r
	list    []column
	text    func(g grammar, r string) string
	reads   bool // it changes nothing, and finds rows that are as they were
}

// insert writes all columns of the list.
func insert(table, list, conflict string) writer {
	return writer{columns: list, list: columns(list), text: func(_ grammar, r string) string {
		return "INSERT INTO " + table + " (" + names(list, "") + ") SELECT " + names(list, "r.") + " FROM " + r + " AS r WHERE r.id IS NOT NULL" + conflict
	}}
}

// update sets the columns of the rows for which a fence still holds. The list begins with the id; a last column called was is the fence's.
func update(table, list, fence string) writer {
	where := " WHERE " + table + ".id = r.id"
	if fence != "" {
		where += " AND " + table + "." + fence + " = r.was"
	}
	var set []string
	for _, c := range columns(list) {
		if c.name != "id" && c.name != "was" {
			set = append(set, c.name+" = r."+c.name)
		}
	}
	return writer{columns: list, list: columns(list), text: func(_ grammar, r string) string {
		return "UPDATE " + table + " SET " + strings.Join(set, ", ") + " FROM " + r + " AS r" + where
	}}
}

// remove deletes the rows for which a fence still holds.
func remove(table, fence string) writer {
	const list = "id uuid, was uuid"
	return writer{columns: list, list: columns(list), text: func(_ grammar, r string) string {
		return "DELETE FROM " + table + " WHERE (id, " + fence + ") IN (SELECT r.id, r.was FROM " + r + " AS r)"
	}}
}

// unmoved changes nothing, and finds the rows for which a fence still holds.
func unmoved(table, fence string) writer {
	const list = "id uuid, was int8"
	return writer{columns: list, list: columns(list), reads: true, text: func(_ grammar, r string) string {
		return "SELECT 1 FROM " + r + " AS r JOIN " + table + " ON " + table + ".id = r.id AND " + table + "." + fence + " = r.was"
	}}
}

// counted is the statement with a row for each that it changes, or finds as it was.
func (w writer) counted(g grammar, r string) string {
	if w.reads {
		return w.text(g, r)
	}
	return w.text(g, r) + " RETURNING 1"
}

const toldColumns = "id uuid, version int8, doc json, profile json, told bool, was int8"

// told writes working states of which some have another profile. All of a batch are written by it then: two parts could lock the same table's rows in two orders.
var told = writer{columns: toldColumns, list: columns(toldColumns), text: func(_ grammar, r string) string {
	return "UPDATE working_states SET version = r.version, doc = r.doc, profile = CASE WHEN r.told THEN r.profile ELSE working_states.profile END FROM " + r +
		" AS r WHERE working_states.id = r.id AND working_states.version = r.was"
}}

var writers = [parts]writer{
	partCommands:    insert("commands", commandColumns, " ON CONFLICT DO NOTHING"),
	partAccountsNew: insert("accounts", accountColumns, ""),
	partMembersNew:  insert("members", memberColumns, ""),
	partWorkingNew:  insert("working_states", workingColumns, ""),
	partIdentities:  insert("identities", identityColumns, " ON CONFLICT DO NOTHING"),
	partAccounts: update("accounts", "id uuid, sequence int8, pending int8, available int8, held int8, debt int8, last_moved_at timestamptz,"+
		" next_due_at timestamptz, active_at timestamptz, was int8", "sequence"),
	partWorking: update("working_states", "id uuid, version int8, doc json, was int8", "version"),
	partMembers: update("members", "id uuid, tier text, tier_since timestamptz, persona text, due_at timestamptz", ""),
	partLives: update("members", "id uuid, status text, locale text, tier text, tier_since timestamptz, persona text, enrolled_at timestamptz, due_at timestamptz,"+
		" merged_into uuid", ""),
	partRedirects:         update("members", "id uuid, merged_into uuid, was uuid", "merged_into"),
	partIdentitiesTaken:   update("identities", "id uuid, member_id uuid, was uuid", "member_id"),
	partIdentitiesRemoved: remove("identities", "member_id"),
	partMemberEvents:      insert("member_events", memberEventColumns, ""),
	partHoldsRehung:       update("holds", "id uuid, captured int8, released int8, rehung_id uuid", ""),
	partConsents:          insert("consents", consentColumns, ""),
	partContacts:          insert("contacts", contactColumns, ""),
	partTierChanges:       insert("tier_changes", tierChangeColumns, ""),
	partInteractions:      insert("interactions", interactionColumns, ""),
	partMovements:         insert("movements", movementColumns, ""),
	partPostings:          insert("postings", postingColumns, ""),
	partLotsNew:           insert("lots", lotRowColumns, ""),
	partWorkingTold:       told,
	partAttributeValues:   insert("attribute_values", attributeValueColumns, ""),
	partLots: update("lots", "id uuid, activates_at timestamptz, expires_at timestamptz, pending int8, available int8, held int8, spent int8, expired int8, reversed int8,"+
		" moved int8", ""),
	partProgress: insert("progresses", progressColumns, " ON CONFLICT (member_id, mission_id, period) DO UPDATE"+
		" SET count = excluded.count, target = excluded.target, completed_at = excluded.completed_at, updated_at = excluded.updated_at"),
	partRedemptions: insert("redemptions", redemptionColumns, " ON CONFLICT (id) DO UPDATE SET state = excluded.state"),
	partStocks:      update("stocks", stockColumns, "taken"),
	partBudgets:     draw,
	partHoldsNew:    insert("holds", holdColumns, ""),
	partHolds:       update("holds", "id uuid, captured int8, released int8", ""),
	partNotes:       insert("notes", noteColumns, ""),
	partReversals:   insert("reversals", reversalColumns, ""),
	partProgrammes:  unmoved("programmes", "current"),
	partUnmoved:     unmoved("working_states", "version"),
}

// names of a column list, with a prefix each.
func names(list, prefix string) string {
	cs := columns(list)
	out := make([]string, len(cs))
	for i, c := range cs {
		out[i] = prefix + c.name
	}
	return strings.Join(out, ", ")
}

// values is n rows of parameters, from the first on, as a table; and the number of the parameter after the last.
func (g grammar) values(cs []column, n, first int) (string, int) {
	var b strings.Builder
	b.WriteString("(VALUES ")
	for row := range n {
		for i, c := range cs {
			switch {
			case i > 0:
				b.WriteByte(',')
			case row > 0:
				b.WriteString("),(")
			default:
				b.WriteByte('(')
			}
			if !g.postgres() { // SQLite finds a parameter with a number in a time that grows with how many there are
				b.WriteByte('?')
				continue
			}
			b.WriteString(g.param(first))
			if row == 0 { // the first row tells the types of all
				b.WriteString("::" + c.kind)
			}
			first++
		}
	}
	b.WriteString("))")
	return b.String(), first
}

// unnested is rows as an array for each column, as a table; and the number of the parameter after the last.
func unnested(cs []column, first int) (string, int) {
	each := make([]string, len(cs))
	for i, c := range cs {
		each[i] = fmt.Sprintf("$%d::%s[]", first+i, c.kind)
	}
	return "(SELECT * FROM unnest(" + strings.Join(each, ", ") + "))", first + len(cs)
}

// written is the statement of a shape. On PostgreSQL its last parameters are how many rows of each part it must change: otherwise it divides by zero, and
// so undoes itself.
func written(g grammar, s shape) string {
	var with, counts []string
	parameter := 1
	for p, f := range s {
		if f == formNone {
			continue
		}
		w := writers[p]
		var table string
		if f == formColumns {
			table, parameter = unnested(w.list, parameter)
		} else {
			table, parameter = g.values(w.list, room[f], parameter)
		}
		n := len(counts) + 1
		if !g.postgres() { // one part alone
			return "WITH rows (" + names(w.columns, "") + ") AS " + table + " " + w.text(g, "rows")
		}
		with = append(with, fmt.Sprintf("r%d (%s) AS %s", n, names(w.columns, ""), table), fmt.Sprintf("c%d AS (%s)", n, w.counted(g, fmt.Sprint("r", n))))
		counts = append(counts, fmt.Sprintf("(SELECT count(*) FROM c%d)", n))
	}
	for i := range counts {
		counts[i] += fmt.Sprintf(" = $%d::int8", parameter+i)
	}
	return "WITH " + strings.Join(with, ",\n") + "\nSELECT 1 / (CASE WHEN " + strings.Join(counts, " AND ") + " THEN 1 ELSE 0 END)"
}
