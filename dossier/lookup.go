package dossier

import (
	"context"
	"database/sql"
	"strings"

	"entgo.io/ent/dialect"

	"granaio/loyalty/fact"
)

// lookup is how the rows of a member are found in a table: 0 by its column, which has an index; else from rows that have one. So a file costs what the member has done, however
// much everybody else has.
type lookup int

const (
	// byInteraction finds what names an interaction of the member.
	byInteraction lookup = iota + 1
	// byMovement finds what was written by a command that moved points of the account: the ids of a command's rows differ in their last six digits only.
	byMovement
	// byCommand finds commands by all that they wrote of the member.
	byCommand
)

// wrote are the tables with an index on the member that tell by which command a row was written: by its id.
var wrote = []string{"interactions", "member_events", "identities", "consents", "notes"}

// stem is what the ids of a command's rows have in common.
func stem(column string) string { return "substr(CAST(" + column + " AS text), 1, 30)" }

// from is what follows FROM in a query of a table's rows t. List is the ids of the members, or of their accounts.
func (t *Table) from(name string, list func(fact.Kind) string) string {
	id := func(text string) string { return text }
	if name == dialect.Postgres {
		id = func(text string) string { return "CAST(" + text + " AS uuid)" }
	}
	where := " WHERE t." + t.Column + " IN " + list(t.kind())
	switch t.lookup {
	case byInteraction:
		return "interactions AS i JOIN " + t.Name + " AS t ON t.interaction_id = i.id" + where + " AND i.member_id IN " + list(fact.KindMember) + " ORDER BY t.id"
	case byMovement:
		return "(SELECT DISTINCT " + stem("command_id") + " AS stem FROM movements WHERE account_id IN " + list(fact.KindAccount) + ") AS k JOIN " + t.Name + " AS t ON t.id >= " + id("k.stem || '000000'") + " AND t.id <= " + id("k.stem || 'ffffff'") + where + " ORDER BY t.id"
	case byCommand:
		all := []string{"SELECT " + stem("command_id") + " AS stem FROM movements WHERE account_id IN " + list(fact.KindAccount)}
		for _, of := range wrote {
			all = append(all, "SELECT "+stem("id")+" FROM "+of+" WHERE member_id IN "+list(fact.KindMember))
		}
		return "(" + strings.Join(all, " UNION ") + ") AS k JOIN " + t.Name + " AS t ON t.id = " + id("k.stem || '000030'") + where + " ORDER BY t.id"
	}
	return t.Name + " AS t" + where + t.order()
}

// Query is the query of a member's file for the table, with its parameters: of some members who are one.
func (t *Table) Query(name string, members ...fact.ID) (string, []any) {
	columns := t.columns()
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	m := mark(name)
	var ids []any
	lists := map[fact.Kind]string{} // PostgreSQL takes no parameter that is not used
	list := func(kind fact.Kind) string {
		if lists[kind] == "" {
			var marks []string
			for _, id := range members {
				ids = append(ids, id.As(kind))
				marks = append(marks, m(len(ids)))
			}
			lists[kind] = "(" + strings.Join(marks, ", ") + ")"
		}
		return lists[kind]
	}
	return "SELECT t." + strings.Join(names, ", t.") + " FROM " + t.from(name, list), ids
}

// onlyLookups has a transaction on PostgreSQL consider no plan that reads a whole table.
func onlyLookups(ctx context.Context, tx *sql.Tx, name string) error {
	if name != dialect.Postgres {
		return nil
	}
	_, err := tx.ExecContext(ctx, "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
	return err
}
