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
	{"what is rolled up is what was posted", rolled},
	{"nothing falls due unnoticed, and nothing is warned of twice", due},
	{"what a budget spent is what was drawn from it, and no more than there is", budgets},
	{"whoever was merged has nothing left, and stands for one who was not", mergers},
	{"what touchpoints are said to have brought is what came by them", visited},
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
		complaint("a.id", "FROM accounts a LEFT JOIN posted p ON p.account_id = a.id LEFT JOIN kept k ON k.account_id = a.id",
			wrong{differ("a", "p", "pending", "available", "held", "debt"), "its balances are not what its postings come to"},
			wrong{differ("a", "k", "pending", "available", "held"), "its balances are not what its lots hold"}))
}

// lots: a lot's amount is the sum of its parts, none of them is below zero, and each is what its postings come to, of which there are some.
func lots(grammar) string {
	return union(`posted AS (SELECT lot_id, `+folds(ledger.Pending, ledger.Available, ledger.Held)+`, `+fold(ledger.Redeemed)+` AS spent, `+
		fold(ledger.Expired)+` AS expired, `+fold(ledger.Reversed)+` - `+fold(ledger.Debt)+` AS reversed,
 sum(CASE WHEN source IN ('issued', 'moved') THEN points ELSE 0 END) AS amount, sum(CASE WHEN target = 'moved' THEN points ELSE 0 END) AS moved
 FROM postings WHERE lot_id IS NOT NULL GROUP BY lot_id)`,
		complaint("l.id", "FROM lots l LEFT JOIN posted p ON p.lot_id = l.id",
			wrong{"l.amount <> l.pending + l.available + l.held + l.spent + l.expired + l.reversed + l.moved", "its parts do not add up to its amount"},
			wrong{"l.amount < 0 OR l.pending < 0 OR l.available < 0 OR l.held < 0 OR l.spent < 0 OR l.expired < 0 OR l.reversed < 0 OR l.moved < 0",
				"a part of it is below zero"},
			wrong{differ("l", "p", "amount", "pending", "available", "held", "spent", "expired", "reversed", "moved"), "its parts are not what its postings come to"},
			wrong{"p.lot_id IS NULL", "nothing was ever posted to it"}))
}

// holds: an account's held points are those of its open holds, and so are each lot's. A hold is open, with nothing captured or released, or it has ended,
// and all of it was captured or released; it sets aside what its movement did; what an account's holds say they captured and released is what its
// movements captured and released; and no other movement touches held points.
func holds(g grammar) string {
	return union(`opened AS (SELECT account_id, sum(points) AS held FROM holds WHERE captured + released = 0 GROUP BY account_id),
 pinned AS (SELECT `+g.uuid("s.value ->> 'lot'")+` AS lot_id, sum(CAST(s.value ->> 'points' AS bigint)) AS held
  FROM holds h, `+g.elements("h.slices")+` AS s WHERE h.captured + h.released = 0 GROUP BY 1),
 ended AS (SELECT account_id, sum(captured) AS captured, sum(released) AS released FROM holds GROUP BY account_id),
 told AS (SELECT account_id, sum(CASE kind WHEN 'capture' THEN points ELSE 0 END) AS captured,
  sum(CASE kind WHEN 'release' THEN points ELSE 0 END) AS released FROM movements WHERE kind IN ('capture', 'release') GROUP BY account_id)`,
		complaint("a.id", "FROM accounts a LEFT JOIN opened o ON o.account_id = a.id LEFT JOIN ended e ON e.account_id = a.id LEFT JOIN told t ON t.account_id = a.id",
			wrong{differ("a", "o", "held"), "its held points are not those of its open holds"},
			wrong{"coalesce(e.captured, 0) <> coalesce(t.captured, 0) OR coalesce(e.released, 0) <> coalesce(t.released, 0)",
				"its movements did not capture and release what its holds say"}),
		complaint("l.id", "FROM lots l LEFT JOIN pinned p ON p.lot_id = l.id",
			wrong{differ("l", "p", "held"), "its held points are not those that open holds pin"}),
		complaint("h.id", fmt.Sprintf("FROM holds h LEFT JOIN movements m ON m.id = %s AND m.account_id = h.account_id AND m.kind = 'hold'",
			g.as("h.id", fact.KindMovement)),
			wrong{"h.captured < 0 OR h.released < 0 OR h.captured + h.released NOT IN (0, h.points)", "it has neither ended as a whole nor is it open"},
			wrong{"m.id IS NULL OR m.points <> h.points", "it is not what its movement set aside"}),
		complaint("m.id", fmt.Sprintf("FROM movements m LEFT JOIN holds h ON h.id = %s AND h.account_id = m.account_id", g.as("m.id", fact.KindHold)),
			wrong{"m.kind = 'hold' AND h.id IS NULL", "it set points aside, and there is no such hold"}),
		complaint("p.id", "FROM postings p JOIN movements m ON m.id = p.movement_id",
			wrong{"(p.target = 'held' AND m.kind <> 'hold') OR (p.source = 'held' AND m.kind NOT IN ('capture', 'release'))",
				"it touches held points, and its movement is no hold, capture or release"}))
}

// chain: an account's movements are numbered from 1 to its sequence; each has the balances of the one before, changed by its postings, and is
// not booked before it.
func chain(grammar) string {
	var changes, broken []string
	for _, b := range own {
		changes = append(changes, fmt.Sprintf("m.%[1]s_after - coalesce(lag(m.%[1]s_after) OVER w, 0) AS %[1]s", b))
		broken = append(broken, string(b))
	}
	return union(`steps AS (SELECT m.id, `+strings.Join(changes, ", ")+`, m.points, m.number - coalesce(lag(m.number) OVER w, 0) AS step,
  m.booked_at < lag(m.booked_at) OVER w AS early FROM movements m WINDOW w AS (PARTITION BY m.account_id ORDER BY m.number)),
 posted AS (SELECT movement_id, `+folds(own...)+`, sum(CASE WHEN target = 'debt' THEN 0 ELSE points END) AS points FROM postings GROUP BY movement_id),
 ends AS (SELECT account_id, max(number) AS number, max(booked_at) AS booked_at FROM movements GROUP BY account_id)`,
		complaint("m.id", "FROM steps m LEFT JOIN posted p ON p.movement_id = m.id",
			wrong{"m.step <> 1", "its number does not follow the one before"},
			wrong{differ("m", "p", broken...), "the balances after it do not follow from those before"},
			wrong{differ("m", "p", "points"), "its points are not those that its postings move"},
			wrong{"m.early", "it was booked before the one before it"}),
		complaint("a.id", "FROM accounts a LEFT JOIN ends e ON e.account_id = a.id",
			wrong{"a.sequence <> coalesce(e.number, 0)", "its sequence is not its last movement''s number"},
			wrong{"a.last_moved_at IS DISTINCT FROM e.booked_at", "it does not say when its last movement was booked"}))
}

// commands: a key has one command, with one request and one answer; a movement's id is its command's at a place of its own, which no other can have.
func commands(g grammar) string {
	movement := g.text("m.id")
	return union("",
		complaint("c.id", "FROM commands c JOIN commands d ON d.digest = c.digest", wrong{"d.id <> c.id", "another command has the same key"}),
		complaint("c.id", "FROM commands c",
			wrong{fmt.Sprintf("substr(%s, 31) <> '0000%02x'", g.text("c.id"), byte(fact.KindCommand)), "its id is not that of a command"}),
		complaint("m.id", "FROM movements m",
			wrong{fmt.Sprintf("substr(%[1]s, 1, 30) <> substr(%[2]s, 1, 30) OR substr(%[1]s, 31, 4) = '0000' OR substr(%[1]s, 35) <> '%02[3]x'",
				movement, g.text("m.command_id"), byte(fact.KindMovement)), "its id is not that of a place in its command"}))
}

// bounds: no more of a lot is taken back than it had, no more of a movement undone than it was of, no more of an interaction returned than was paid; no balance is or was ever below zero; debt and available points were never there together.
func bounds(g grammar) string {
	below := func(suffix string) string {
		return fmt.Sprintf("pending%[1]s < 0 OR available%[1]s < 0 OR held%[1]s < 0 OR debt%[1]s < 0", suffix)
	}
	return union(undone(g), append(overdone(),
		complaint("id", "FROM lots", wrong{"reversed > amount", "more of it was taken back than it had"}),
		complaint("id", "FROM accounts",
			wrong{below(""), "a balance of it is below zero"},
			wrong{"available > 0 AND debt > 0", "it has points available and owes some"}),
		complaint("id", "FROM movements",
			wrong{below("_after"), "a balance after it is below zero"},
			wrong{"available_after > 0 AND debt_after > 0", "after it, points are available and some are owed"}))...)
}

// whole: in every programme, what was issued and not taken back was redeemed, has expired, or is in an account; debt is what is lacking.
func whole(grammar) string {
	return union(`posted AS (SELECT programme_id, `+folds(ledger.Issued, ledger.Redeemed, ledger.Expired, ledger.Reversed)+` FROM postings GROUP BY programme_id),
 kept AS (SELECT programme_id, sum(pending + available + held - debt) AS points FROM accounts GROUP BY programme_id)`,
		complaint("p.id", "FROM programmes p LEFT JOIN posted s ON s.programme_id = p.id LEFT JOIN kept k ON k.programme_id = p.id",
			wrong{"coalesce(s.issued, 0) - coalesce(s.reversed, 0) <> coalesce(s.redeemed, 0) + coalesce(s.expired, 0) + coalesce(k.points, 0)",
				"what was issued is not what was redeemed, expired, taken back or is in an account"}),
		complaint("id", "FROM postings", wrong{"points <= 0 OR source = target", "it does not move points from one bucket to another"}))
}

// transfers: what the accounts of one transfer (or merge) gain and lose is nothing in all, and as many points come out of between them as went in.
func transfers(grammar) string {
	return union(`gains AS (SELECT command_id, kind, pending_after + available_after + held_after - debt_after
   - coalesce(lag(pending_after + available_after + held_after - debt_after) OVER w, 0) AS gained
  FROM movements WHERE account_id IN (SELECT account_id FROM movements WHERE kind IN ('transfer', 'merge'))
  WINDOW w AS (PARTITION BY account_id ORDER BY number)),
 moved AS (SELECT command_id, sum(gained) AS gained FROM gains WHERE kind IN ('transfer', 'merge') GROUP BY command_id),
 sent AS (SELECT movement_id, `+fold(ledger.Moved)+` AS moved FROM postings WHERE 'moved' IN (source, target) GROUP BY movement_id),
 passage AS (SELECT m.command_id, sum(s.moved) AS points FROM sent s JOIN movements m ON m.id = s.movement_id GROUP BY m.command_id)`,
		complaint("command_id", "FROM moved", wrong{"gained <> 0", "its transfer gives another number of points than it takes"}),
		complaint("command_id", "FROM passage", wrong{"points <> 0", "it leaves points between two accounts"}))
}

// reasons: a command has the movements, the interaction and the redemption that it answered with; an earning names its interaction and the revision
// of the rule or mission behind it; a reversal names what it undoes, and a redemption is cancelled as soon as nothing is paid for it any more.
func reasons(g grammar) string {
	return union(undone(g)+`,
 counted AS (SELECT command_id, count(*) AS movements FROM movements GROUP BY command_id)`, append(ungrounded(g),
		complaint("c.id", fmt.Sprintf(`FROM commands c LEFT JOIN counted n ON n.command_id = c.id
 LEFT JOIN interactions i ON i.id = %s LEFT JOIN redemptions r ON r.id = %s`, g.as("c.id", fact.KindInteraction), g.as("c.id", fact.KindRedemption)),
			wrong{"coalesce(n.movements, 0) <> " + g.number("c.answer", "movements"), "it has another number of movements than it answered"},
			wrong{"i.id IS NULL AND " + g.flag("c.answer", "tracked"), "it answered with an interaction that is not there"},
			wrong{"r.id IS NULL AND " + g.flag("c.answer", "redeemed"), "it answered with a redemption that is not there"}),
		complaint("id", "FROM movements",
			wrong{"kind = 'earn' AND interaction_id IS NULL", "an earning that names no interaction"},
			wrong{"kind = 'earn' AND revision_id IS NULL", "an earning that names no rule or mission"}))...)
}

// rolled: a programme's flows are the fold of its postings before the watermark up to which they are rolled up.
func rolled(g grammar) string {
	sums := []string{"issued", "redeemed", "expired", "reversed", "debt"}
	for i, s := range sums {
		sums[i] = "sum(" + s + ") AS " + s
	}
	return union(`mark AS (SELECT `+g.uuid("outcome ->> 'watermark'")+` AS id FROM leases WHERE id = 'liability'),
 posted AS (SELECT programme_id, `+folds(ledger.Issued, ledger.Redeemed, ledger.Expired, ledger.Reversed, ledger.Debt)+` FROM postings
  WHERE id < (SELECT id FROM mark) GROUP BY programme_id),
 rolled AS (SELECT programme_id, `+strings.Join(sums, ", ")+` FROM flows GROUP BY programme_id)`,
		complaint("p.id", "FROM programmes p LEFT JOIN posted s ON s.programme_id = p.id LEFT JOIN rolled r ON r.programme_id = p.id",
			wrong{"coalesce(s.issued, 0) <> coalesce(r.issued, 0) OR coalesce(s.redeemed, 0) <> coalesce(r.redeemed, 0) OR" +
				" coalesce(s.expired, 0) <> coalesce(r.expired, 0) OR coalesce(s.reversed, 0) <> coalesce(r.reversed, 0) OR" +
				" coalesce(s.debt, 0) <> coalesce(r.debt, 0)", "its flows are not what its postings come to; `granaio liability --rebuild` sums them anew"}))
}

// budgets: a budget's spent points are those of the earnings that drew on it, less what was taken back of them, and no more than it has; and nothing was drawn
// from a budget that is not there.
func budgets(g grammar) string {
	return union(`drawn AS (SELECT programme_id, explanation ->> 'budget' AS key, sum(CASE kind WHEN 'earn' THEN points ELSE -points END) AS spent
  FROM movements WHERE kind IN ('earn', 'reverse_earn') AND explanation ->> 'budget' IS NOT NULL GROUP BY 1, 2)`,
		complaint("b.id", `FROM budgets b JOIN definitions f ON f.id = b.id AND f.kind = 'budget'
 LEFT JOIN drawn d ON d.programme_id = b.programme_id AND d.key = f.key`,
			wrong{differ("b", "d", "spent"), "its spent points are not those that were drawn from it"},
			wrong{"b.spent > b.amount", "more of it is spent than there is"}),
		complaint("d.programme_id", `FROM drawn d LEFT JOIN definitions f ON f.programme_id = d.programme_id AND f.kind = 'budget' AND f.key = d.key
 LEFT JOIN budgets b ON b.id = f.id`,
			wrong{"b.id IS NULL", "points were drawn from a budget that is not there"}))
}
