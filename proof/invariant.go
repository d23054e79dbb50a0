package proof

import (
	"fmt"
	"strings"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// invariant is something that holds in every database that Granaio wrote.
type invariant struct {
	name  string
	query func(grammar) string // rows of id and what; none while it holds
}

// invariants in the order of their numbers.
var invariants = []invariant{
	{"balances are what was posted, and what the lots hold", balances},
	{"every lot adds up", lots},
	{"held points are what holds set aside and nothing released", holds},
	{"movements follow one another without a gap", chain},
	{"a key has one command, a movement its place in one", commands},
	{"nothing is below zero or taken back twice", bounds},
	{"points are neither made nor lost", whole},
	{"a transfer nets to zero", transfers},
	{"every interaction has its movements, every earning its reason", reasons},
	{"whatever is referred to is there", references},
}

var own = []ledger.Bucket{ledger.Pending, ledger.Available, ledger.Held, ledger.Debt}

// differ is a condition: some column of one row is not that of another, which may be missing.
func differ(here, there string, columns ...string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = fmt.Sprintf("%[1]s.%[3]s <> coalesce(%[2]s.%[3]s, 0)", here, there, c)
	}
	return "(" + strings.Join(list, " OR ") + ")"
}

// balances: an account's buckets are the fold of its postings and, debt aside, the sum of its lots.
func balances(grammar) string {
	return union(`posted AS (SELECT account_id, `+folds(own...)+` FROM postings GROUP BY account_id),
 kept AS (SELECT account_id, sum(pending) AS pending, sum(available) AS available, sum(held) AS held FROM lots GROUP BY account_id)`,
		complaint("a.id", "its balances are not what its postings come to",
			"FROM accounts a LEFT JOIN posted p ON p.account_id = a.id WHERE "+differ("a", "p", "pending", "available", "held", "debt")),
		complaint("a.id", "its balances are not what its lots hold",
			"FROM accounts a LEFT JOIN kept k ON k.account_id = a.id WHERE "+differ("a", "k", "pending", "available", "held")))
}

// lots: a lot's amount is the sum of its parts, none of them is below zero, and each is what its postings come to.
func lots(grammar) string {
	return union(`posted AS (SELECT lot_id, `+folds(ledger.Pending, ledger.Available, ledger.Held)+`, `+fold(ledger.Redeemed)+` AS spent, `+
		fold(ledger.Expired)+` AS expired, `+fold(ledger.Reversed)+` - `+fold(ledger.Debt)+` AS reversed
 FROM postings WHERE lot_id IS NOT NULL GROUP BY lot_id)`,
		complaint("l.id", "its parts do not add up to its amount",
			"FROM lots l WHERE l.amount <> l.pending + l.available + l.held + l.spent + l.expired + l.reversed + l.moved"),
		complaint("l.id", "a part of it is below zero", "FROM lots l"+
			" WHERE l.amount < 0 OR l.pending < 0 OR l.available < 0 OR l.held < 0 OR l.spent < 0 OR l.expired < 0 OR l.reversed < 0 OR l.moved < 0"),
		complaint("l.id", "its parts are not what its postings come to", "FROM lots l LEFT JOIN posted p ON p.lot_id = l.id WHERE "+
			differ("l", "p", "pending", "available", "held", "spent", "expired", "reversed")))
}

// holds: an account's held points are those of its open holds. A hold has no row of its own: it is its movements. So the points of all holds, less
// those captured and released, are what is held, and no other movement touches them. (That no more is captured and released than was held
// follows with bounds.)
func holds(grammar) string {
	return union(`holding AS (SELECT account_id, sum(CASE kind WHEN 'hold' THEN points ELSE -points END) AS held
 FROM movements WHERE kind IN ('hold', 'capture', 'release') GROUP BY account_id)`,
		complaint("a.id", "its held points are not those of its holds",
			"FROM accounts a LEFT JOIN holding h ON h.account_id = a.id WHERE "+differ("a", "h", "held")),
		complaint("p.id", "it touches held points, and its movement is no hold, capture or release", `FROM postings p JOIN movements m ON m.id = p.movement_id
 WHERE (p.target = 'held' AND m.kind <> 'hold') OR (p.source = 'held' AND m.kind NOT IN ('capture', 'release'))`))
}

// chain: an account's movements are numbered from 1 to its sequence; each has the balances of the one before, changed by its postings, and is
// not booked before it.
func chain(grammar) string {
	columns := []string{"pending", "available", "held", "debt"}
	var after, was, broken []string
	for _, c := range columns {
		after = append(after, c+"_after")
		was = append(was, fmt.Sprintf("coalesce(lag(%[1]s_after) OVER w, 0) AS %[1]s_before", c))
		broken = append(broken, fmt.Sprintf("c.%[1]s_after <> c.%[1]s_before + coalesce(p.%[1]s, 0)", c))
	}
	return union(`chained AS MATERIALIZED (SELECT id, number, booked_at, points, `+strings.Join(after, ", ")+`, `+strings.Join(was, ", ")+`,
  coalesce(lag(number) OVER w, 0) AS number_before, lag(booked_at) OVER w AS booked_before
  FROM movements WINDOW w AS (PARTITION BY account_id ORDER BY number)),
 posted AS MATERIALIZED (SELECT movement_id, `+folds(own...)+`, sum(CASE WHEN target = 'debt' THEN 0 ELSE points END) AS points
  FROM postings GROUP BY movement_id),
 ends AS (SELECT account_id, max(number) AS number, max(booked_at) AS booked_at FROM movements GROUP BY account_id)`,
		complaint("c.id", "its number does not follow the one before", "FROM chained c WHERE c.number <> c.number_before + 1"),
		complaint("c.id", "the balances after it do not follow from those before",
			"FROM chained c LEFT JOIN posted p ON p.movement_id = c.id WHERE "+strings.Join(broken, " OR ")),
		complaint("c.id", "its points are not those that its postings move",
			"FROM chained c LEFT JOIN posted p ON p.movement_id = c.id WHERE "+differ("c", "p", "points")),
		complaint("c.id", "it was booked before the one before it", "FROM chained c WHERE c.booked_at < c.booked_before"),
		complaint("a.id", "its sequence is not its last movement's number",
			"FROM accounts a LEFT JOIN ends e ON e.account_id = a.id WHERE a.sequence <> coalesce(e.number, 0)"),
		complaint("a.id", "it does not say when its last movement was booked",
			"FROM accounts a LEFT JOIN ends e ON e.account_id = a.id WHERE a.last_moved_at IS DISTINCT FROM e.booked_at"))
}

// commands: a key has one command, with one request and one answer; a movement's id is its command's at a place of its own, which no other can have.
func commands(g grammar) string {
	movement := g.text("m.id")
	return union("",
		complaint("c.id", "another command has the same key", "FROM commands c JOIN commands d ON d.digest = c.digest AND d.id <> c.id"),
		complaint("c.id", "its id is not that of a command",
			fmt.Sprintf("FROM commands c WHERE substr(%s, 31) <> '0000%02x'", g.text("c.id"), byte(fact.KindCommand))),
		complaint("m.id", "its id is not that of a place in its command",
			fmt.Sprintf("FROM movements m WHERE substr(%[1]s, 1, 30) <> substr(%[2]s, 1, 30) OR substr(%[1]s, 31, 4) = '0000' OR substr(%[1]s, 35) <> '%02[3]x'",
				movement, g.text("m.command_id"), byte(fact.KindMovement))))
}

// bounds: no more of a lot is taken back than it had; no balance is or was ever below zero; debt and available points were never there together.
func bounds(grammar) string {
	below := func(row, suffix string) string {
		return fmt.Sprintf("%[1]s.pending%[2]s < 0 OR %[1]s.available%[2]s < 0 OR %[1]s.held%[2]s < 0 OR %[1]s.debt%[2]s < 0", row, suffix)
	}
	return union("",
		complaint("l.id", "more of it was taken back than it had", "FROM lots l WHERE l.reversed > l.amount"),
		complaint("a.id", "a balance of it is below zero", "FROM accounts a WHERE "+below("a", "")),
		complaint("a.id", "it has points available and owes some", "FROM accounts a WHERE a.available > 0 AND a.debt > 0"),
		complaint("m.id", "a balance after it is below zero", "FROM movements m WHERE "+below("m", "_after")),
		complaint("m.id", "after it, points are available and some are owed", "FROM movements m WHERE m.available_after > 0 AND m.debt_after > 0"))
}

// whole: in every programme, what was issued and not taken back was redeemed, has expired, or is in an account; debt is what is lacking.
func whole(grammar) string {
	return union(`posted AS (SELECT programme_id, `+folds(ledger.Issued, ledger.Redeemed, ledger.Expired, ledger.Reversed)+` FROM postings GROUP BY programme_id),
 kept AS (SELECT programme_id, sum(pending + available + held - debt) AS points FROM accounts GROUP BY programme_id)`,
		complaint("p.id", "what was issued is not what was redeemed, expired, taken back or is in an account", `FROM programmes p
 LEFT JOIN posted s ON s.programme_id = p.id LEFT JOIN kept k ON k.programme_id = p.id
 WHERE coalesce(s.issued, 0) - coalesce(s.reversed, 0) <> coalesce(s.redeemed, 0) + coalesce(s.expired, 0) + coalesce(k.points, 0)`),
		complaint("s.id", "it does not move points from one bucket to another", "FROM postings s WHERE s.points <= 0 OR s.source = s.target"))
}

// transfers: what the accounts of one transfer (or merge) gain and lose is nothing in all.
func transfers(grammar) string {
	return union(`gains AS MATERIALIZED (SELECT command_id, kind, pending_after + available_after + held_after - debt_after
   - coalesce(lag(pending_after + available_after + held_after - debt_after) OVER w, 0) AS gained
  FROM movements WHERE account_id IN (SELECT account_id FROM movements WHERE kind IN ('transfer', 'merge'))
  WINDOW w AS (PARTITION BY account_id ORDER BY number))`,
		complaint("command_id", "its transfer gives another number of points than it takes",
			"FROM gains WHERE kind IN ('transfer', 'merge') GROUP BY command_id HAVING sum(gained) <> 0"))
}

// reasons: a command has the movements, the interaction and the redemption that it answered with; an earning names its interaction and the revision
// of the rule or mission behind it.
func reasons(g grammar) string {
	answered := func(flag, table string, kind fact.Kind) string {
		return fmt.Sprintf("FROM commands c LEFT JOIN %s x ON x.id = %s WHERE %s AND x.id IS NULL", table, g.as("c.id", kind), g.flag("c.answer", flag))
	}
	return union(`counted AS (SELECT command_id, count(*) AS movements FROM movements GROUP BY command_id)`,
		complaint("c.id", "it has another number of movements than it answered",
			"FROM commands c LEFT JOIN counted n ON n.command_id = c.id WHERE coalesce(n.movements, 0) <> "+g.number("c.answer", "movements")),
		complaint("c.id", "it answered with an interaction that is not there", answered("tracked", "interactions", fact.KindInteraction)),
		complaint("c.id", "it answered with a redemption that is not there", answered("redeemed", "redemptions", fact.KindRedemption)),
		complaint("m.id", "an earning that names no interaction", "FROM movements m WHERE m.kind = 'earn' AND m.interaction_id IS NULL"),
		complaint("m.id", "an earning that names no rule or mission", "FROM movements m WHERE m.kind = 'earn' AND m.revision_id IS NULL"))
}
