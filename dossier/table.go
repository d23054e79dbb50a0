package dossier

import "granaio/loyalty/fact"

// Table is a table that holds something of a member.
type Table struct {
	Name string
	// Column tells whose a row is: it holds the member's id, or the account's if Account is set, which is the member's with another kind.
	Column  string
	Account bool
	// Gone is whether erasure removes the rows. Otherwise Clears are the columns that it empties.
	Gone   bool
	Clears []string
	// Keeps are the other columns with text or JSON, and why what they hold is no personal data.
	Keeps map[string]string
	// Left says why rows stay.
	Left string
	// Hidden columns are not part of a member's file.
	Hidden []string
	// Told says what else in the file tells all that the rows would; they are then no part of it.
	Told string

	lookup lookup
}

// kind is that of the ids in the column.
func (t *Table) kind() fact.Kind {
	if t.Account {
		return fact.KindAccount
	}
	return fact.KindMember
}

const (
	word   = "a word of the product"
	key    = "a key of the programme's"
	sums   = "the ledger's sums need it"
	figure = "keys and figures"

	emptied = "the engine empties it as it closes the account"
)

// Tables are all of them, in the order of a member's file.
var Tables = []Table{
	{Name: "members", Column: "id", Clears: []string{"locale", "tier", "tier_since", "persona", "due_at"}, Keeps: map[string]string{"status": word}, Left: "it says that the member was erased"},
	{Name: "working_states", Column: "id", Keeps: map[string]string{"doc": emptied, "profile": emptied}, Left: "it fences those who remember the member"},
	{Name: "identities", Column: "member_id", Gone: true},
	{Name: "member_events", Column: "member_id", Gone: true},
	{Name: "attribute_values", Column: "member_id", Gone: true},
	{Name: "consents", Column: "member_id", Gone: true},
	{Name: "contacts", Column: "member_id", Gone: true},
	{Name: "interactions", Column: "member_id", Clears: []string{"lines", "properties"}, Keeps: map[string]string{"event": key, "touchpoint": key}, Left: "earnings name the interaction behind them"},
	{Name: "reversals", Column: "member_id", lookup: byInteraction, Clears: []string{"lines"}, Keeps: map[string]string{"undone": figure}, Left: "they say what was taken back"},
	{Name: "progresses", Column: "member_id", Gone: true},
	{Name: "tier_changes", Column: "member_id", Gone: true},
	{Name: "redemptions", Column: "member_id", Keeps: map[string]string{"state": word}, Left: "stocks are counted by them"},
	{Name: "notes", Column: "member_id", Gone: true},
	{Name: "accounts", Column: "id", Account: true, Left: sums},
	{Name: "movements", Column: "account_id", Account: true, Keeps: map[string]string{"kind": word, "explanation": figure}, Left: sums},
	{Name: "lots", Column: "account_id", Account: true, lookup: byMovement, Keeps: map[string]string{"funding": key, "ageing": figure}, Left: sums},
	{Name: "holds", Column: "account_id", Account: true, lookup: byMovement, Keeps: map[string]string{"slices": figure}, Left: sums},
	{Name: "postings", Column: "account_id", Account: true, lookup: byMovement, Keeps: map[string]string{"source": word, "target": word}, Left: sums},
	{
		Name: "commands", Column: "member_id", lookup: byCommand, Keeps: map[string]string{"operation": word, "answer": figure}, Left: "a key is used once and for all",
		Hidden: []string{"digest", "request"},
	},
	{Name: "visits", Column: "member_id", Keeps: map[string]string{"touchpoint": key}, Left: "what touchpoints brought is counted by it", Told: "they count the interactions, by day and touchpoint"},
	{Name: "erasures", Column: "member_id", Keeps: map[string]string{"cause": word}, Left: "it is what is done again after a backup is restored"},
}

// Others are the tables that hold nothing of members, and what they hold instead.
var Others = map[string]string{
	"programmes": "the programme itself", "programme_versions": "what was in force", "definitions": "the programme's definitions", "revisions": "their texts",
	"changes": "who changed a definition or a partner", "partners": "organisations", "stocks": "counts of rewards", "budgets": "counts of points",
	"leases": "work that is done from time to time", "flows": "sums of months", "liabilities": "sums", "tasks": "long work on a whole programme",
}
