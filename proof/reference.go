package proof

import (
	"fmt"

	"granaio/loyalty/fact"
)

// references: what a row refers to is there, in the same programme; and of a posting and its movement and lot, in the same account.
func references(g grammar) string {
	// missing are the rows that refer to one that is not there. The rows' table is t, what they refer to is r.
	missing := func(table, what, to, match string) string {
		return complaint("t.id", what, fmt.Sprintf("FROM %s t LEFT JOIN %s r ON %s AND r.programme_id = t.programme_id WHERE r.id IS NULL", table, to, match))
	}
	optional := func(table, what, to, column string) string {
		return missing(table, what, to, "r.id = t."+column) + " AND t." + column + " IS NOT NULL"
	}
	return union("",
		missing("movements", "its account is not there", "accounts", "r.id = t.account_id"),
		missing("movements", "its member is not there", "members", "r.id = t.member_id"),
		missing("movements", "its command is not there", "commands", "r.id = t.command_id"),
		optional("movements", "its interaction is not there", "interactions", "interaction_id"),
		optional("movements", "its revision is not there", "revisions", "revision_id"),
		missing("postings", "its movement is not there", "movements", "r.id = t.movement_id AND r.account_id = t.account_id"),
		optional("postings", "its lot is not there", "lots", "lot_id"),
		complaint("t.id", "its lot is another account's", "FROM postings t JOIN lots r ON r.id = t.lot_id AND r.account_id <> t.account_id"),
		missing("lots", "its account is not there", "accounts", "r.id = t.account_id"),
		missing("lots", "its contributor is not there", "members", "r.id = t.contributor_id"),
		missing("lots", "its earning is not there", "movements", "r.id = "+g.as("t.id", fact.KindMovement)+" AND r.account_id = t.account_id"),
		missing("interactions", "its command is not there", "commands", "r.id = "+g.as("t.id", fact.KindCommand)),
		missing("interactions", "its member is not there", "members", "r.id = t.member_id"),
		missing("commands", "its member is not there", "members", "r.id = t.member_id"),
		missing("redemptions", "its movement is not there", "movements", "r.id = t.movement_id AND r.member_id = t.member_id"),
		missing("redemptions", "its revision is not there", "revisions", "r.id = t.revision_id"),
		missing("progresses", "its member is not there", "members", "r.id = t.member_id"),
		missing("members", "its working state is not there", "working_states", "r.id = t.id"),
		missing("members", "its account is not there", "accounts", "r.id = t.account_id"))
}
