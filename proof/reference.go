package proof

import (
	"fmt"
	"strings"

	"granaio/loyalty/fact"
)

// reference is what a row of a table (t) refers to: a row of another table (r) in the same programme.
type reference struct {
	to    string // the table
	match string // which row of it
	what  string // what to say if it is missing
	where string // the condition under which there is to be one; empty for always
}

// missing complains of a table's rows that refer to what is not there.
func missing(table string, references ...reference) string {
	var from strings.Builder
	from.WriteString("FROM " + table + " t")
	ways := make([]wrong, len(references))
	for i, r := range references {
		as := fmt.Sprintf("r%d", i+1)
		fmt.Fprintf(&from, "\n LEFT JOIN %s %s ON %s AND %s.programme_id = t.programme_id", r.to, as, strings.ReplaceAll(r.match, "r.", as+"."), as)
		ways[i] = wrong{as + ".id IS NULL", "its " + r.what + " is not there"}
		if r.where != "" {
			ways[i].when += " AND " + r.where
		}
	}
	return complaint("t.id", from.String(), ways...)
}

// references: what a row refers to is there, in the same programme; and of a posting, its movement and lot are of the same account.
func references(g grammar) string {
	member := reference{to: "members", match: "r.id = t.member_id", what: "member"}
	account := reference{to: "accounts", match: "r.id = t.account_id", what: "account"}
	return union("",
		missing("movements", account, member,
			reference{to: "commands", match: "r.id = t.command_id", what: "command"},
			reference{to: "interactions", match: "r.id = t.interaction_id", what: "interaction", where: "t.interaction_id IS NOT NULL"},
			reference{to: "revisions", match: "r.id = t.revision_id", what: "revision", where: "t.revision_id IS NOT NULL"},
			reference{to: "movements", match: "r.id = t.reverses_id", what: "original", where: "t.reverses_id IS NOT NULL"}),
		missing("reversals", member,
			reference{to: "interactions", match: "r.id = t.interaction_id", what: "interaction"},
			reference{to: "commands", match: "r.id = " + g.as("t.id", fact.KindCommand), what: "command"}),
		missing("postings",
			reference{to: "movements", match: "r.id = t.movement_id AND r.account_id = t.account_id", what: "movement"},
			reference{to: "lots", match: "r.id = t.lot_id AND r.account_id = t.account_id", what: "lot", where: "t.lot_id IS NOT NULL"}),
		missing("lots", account,
			reference{to: "members", match: "r.id = t.contributor_id", what: "contributor"}),
		missing("holds", account),
		missing("notes", member,
			reference{to: "commands", match: "r.id = t.id", what: "command"}),
		missing("interactions", member,
			reference{to: "commands", match: "r.id = " + g.as("t.id", fact.KindCommand), what: "command"}),
		missing("commands", member),
		missing("redemptions",
			reference{to: "movements", match: "r.id = t.movement_id AND r.member_id = t.member_id", what: "movement"},
			reference{to: "revisions", match: "r.id = t.revision_id", what: "revision"}),
		missing("progresses", member),
		missing("identities", member),
		missing("member_events", member,
			reference{to: "commands", match: "r.id = " + g.uuid(fmt.Sprintf("substr(%s, 1, 30) || '0000%02x'", g.text("t.id"), byte(fact.KindCommand))), what: "command"},
			reference{to: "members", match: "r.id = t.other_id", what: "other member", where: "t.other_id IS NOT NULL"}),
		missing("members", account,
			reference{to: "members", match: "r.id = t.merged_into", what: "survivor", where: "t.merged_into IS NOT NULL"},
			reference{to: "working_states", match: "r.id = t.id", what: "working state"}))
}
