package proof

import (
	"slices"
	"strings"
	"testing"

	"granaio/engine"
	"granaio/loyalty/fact"
	"granaio/store"
)

// absent is the id of nothing.
const absent = "'00000000-0000-7000-8000-000000000000'"

// absentJSON is the same inside a document.
var absentJSON = strings.ReplaceAll(absent, "'", `"`)

// Pieces of the statements that do damage. The first two spends of the past are of one member.
const (
	spend    = `(SELECT id FROM movements WHERE kind = 'spend' ORDER BY id LIMIT 1)`
	paid     = `(SELECT id FROM postings WHERE target = 'redeemed' ORDER BY id LIMIT 1)`
	spender  = `(SELECT account_id FROM movements WHERE kind = 'spend' ORDER BY id LIMIT 1)`
	spentLot = `(SELECT id FROM lots WHERE spent > 0 AND available > 0 AND account_id = ` + spender + ` ORDER BY id LIMIT 1)`
	first    = `(SELECT id FROM movements WHERE kind = 'earn' ORDER BY id LIMIT 1)`
	last     = `(SELECT id FROM movements WHERE account_id = ` + spender + ` ORDER BY number DESC LIMIT 1)`
	captured = `(SELECT id FROM holds WHERE captured > 0)`
	open     = `(SELECT id FROM holds WHERE captured + released = 0)`
	received = `(SELECT id FROM movements WHERE kind = 'transfer' ORDER BY id DESC LIMIT 1)`
	bought   = `(SELECT id FROM interactions WHERE event = 'purchase' ORDER BY id LIMIT 1)`
	back     = `(SELECT id FROM movements WHERE kind = 'reverse_earn' ORDER BY id LIMIT 1)`
	refunded = `(SELECT id FROM movements WHERE kind = 'reverse_spend' ORDER BY id LIMIT 1)`
	part     = `(SELECT id FROM reversals WHERE NOT whole ORDER BY id LIMIT 1)`
	all      = `(SELECT id FROM reversals WHERE whole ORDER BY id LIMIT 1)`
)

// damages are ways to break a sound database, statement by statement, and the invariants that must tell.
var damages = []struct {
	name   string
	sql    string
	broken []int
}{
	{"a balance was raised", `UPDATE accounts SET available = available + 1 WHERE id = ` + spender, []int{1, 7}},
	{"a balance lies in the wrong bucket", `UPDATE accounts SET available = available - 1, pending = pending + 1 WHERE id = ` + spender, []int{1}},
	{"a lot holds more than its account", `UPDATE lots SET available = available + 1, amount = amount + 1 WHERE id = ` + spentLot, []int{1, 2}},
	{"a lot was deleted", `DELETE FROM lots WHERE id = ` + spentLot, []int{1, 10}},

	{"a lot lost points", `UPDATE lots SET spent = spent - 1 WHERE id = ` + spentLot, []int{2}},
	{"a lot adds up, with a part below zero", `UPDATE lots SET expired = expired - 1, moved = moved + 1 WHERE id = ` + spentLot, []int{2}},
	{"a lot adds up, and is not what was posted", `UPDATE lots SET expired = expired + 1, spent = spent - 1 WHERE id = ` + spentLot, []int{2}},

	{"points are held without a hold", `UPDATE accounts SET available = available - 1, held = held + 1 WHERE id = ` + spender, []int{1, 3}},
	{"a hold that holds nothing", `UPDATE movements SET kind = 'hold' WHERE id = ` + spend, []int{3}},
	{"a spend took held points", `UPDATE postings SET source = 'held' WHERE id = ` + paid, []int{1, 2, 3, 4}},

	{"an open hold was deleted", `DELETE FROM holds WHERE id = ` + open, []int{3}},
	{"a hold was ended without a movement", `UPDATE holds SET released = points WHERE id = ` + open, []int{3}},
	{"more was captured and released than was held", `UPDATE holds SET released = released + 1 WHERE id = ` + captured, []int{3}},
	{"a hold sets more aside than its movement did", `UPDATE holds SET points = points + 1 WHERE id = ` + open, []int{3}},
	{"a capture was swapped with a release", `UPDATE holds SET captured = released, released = captured WHERE id = ` + captured, []int{3}},
	{"a hold pins another lot", `UPDATE holds SET slices = '[{"lot":` + absentJSON + `,"points":15}]' WHERE id = ` + open, []int{3}},
	{"a hold of another account", `UPDATE holds SET account_id = ` + spender + ` WHERE id = ` + open, []int{3, 12}},
	{"a hold of no account", `UPDATE holds SET account_id = ` + absent + ` WHERE id = ` + captured, []int{3, 10}},

	{"a number was left out", `UPDATE movements SET number = number + 1 WHERE id = ` + last, []int{4}},
	{"an account is ahead of its movements", `UPDATE accounts SET sequence = sequence + 1 WHERE id = ` + spender, []int{4}},
	{"the balances after a movement were changed", `UPDATE movements SET available_after = available_after + 1 WHERE id = ` + last, []int{4}},
	{"a movement's points were changed", `UPDATE movements SET points = points + 1 WHERE id = ` + spend, []int{4}},
	{"a movement was dated back", `UPDATE movements SET booked_at = '2026-01-05 12:00:00+00:00' WHERE id = ` + spend, []int{4}},
	{"an account forgot when it last moved", `UPDATE accounts SET last_moved_at = NULL WHERE id = ` + spender, []int{4}},
	{"a movement was deleted", `DELETE FROM movements WHERE id = ` + spend, []int{4, 9, 10}},

	{"two commands have one key", `DROP INDEX commands_digest_key;
		UPDATE commands SET digest = (SELECT digest FROM commands ORDER BY id LIMIT 1) WHERE id = (SELECT id FROM commands ORDER BY id DESC LIMIT 1)`, []int{5}},
	{"a movement was given to another command", `UPDATE movements SET command_id = (SELECT command_id FROM movements WHERE id = ` + first + `) WHERE id = ` + spend, []int{5, 9}},

	{"points are available and owed at once", `UPDATE accounts SET available = available + 5, debt = debt + 5 WHERE id = ` + spender, []int{1, 6}},
	{"more of a lot was taken back than it had", `UPDATE lots SET reversed = amount + 1, moved = moved - amount - 1 WHERE id = ` + spentLot, []int{2, 6}},
	{"a balance was below zero once", `UPDATE movements SET pending_after = -1 WHERE id = ` + last, []int{4, 6}},
	{"points were available and owed once", `UPDATE movements SET debt_after = 1 WHERE id = ` + last, []int{4, 6}},

	{"an earning was taken back twice", `UPDATE movements SET explanation = '{"source":"return","forgiven":1000}' WHERE id = ` + back, []int{6}},
	{"more of a purchase was returned than was paid", `UPDATE reversals SET value = value + 10000 WHERE id = ` + part, []int{6}},
	{"a purchase was returned twice as a whole", `UPDATE reversals SET whole = true WHERE id = ` + part, []int{6}},
	{"the whole was not all that was left", `UPDATE reversals SET value = value - 1 WHERE id = ` + all, []int{6}},

	{"points were made of nothing", `UPDATE postings SET points = points + 1 WHERE movement_id = ` + first, []int{1, 2, 4, 7}},
	{"a posting that moves nothing from a bucket to itself", `INSERT INTO postings (id, programme_id, account_id, movement_id, source, target, points)
		SELECT ` + absent + `, programme_id, account_id, id, 'available', 'available', 0 FROM movements WHERE id = ` + spend, []int{7}},

	{"more of a transfer arrived than was sent", `UPDATE postings SET points = points + 1 WHERE movement_id = ` + received, []int{1, 2, 4, 8}},
	{"the balance after a transfer was changed", `UPDATE movements SET available_after = available_after + 1 WHERE id = ` + received, []int{4, 8}},
	{"what was sent did not arrive", `UPDATE postings SET source = 'issued' WHERE movement_id = ` + received, []int{7, 8}},
	{"a transfer that nobody received", `UPDATE movements SET kind = 'transfer' WHERE id = ` + spend, []int{8}},

	{"an earning without an interaction", `UPDATE movements SET interaction_id = NULL WHERE id = ` + first, []int{9}},
	{"an earning without a rule", `UPDATE movements SET revision_id = NULL WHERE id = ` + first, []int{9}},
	{"an answer that promised another movement", `UPDATE commands SET answer = '{"tracked":true,"movements":7}' WHERE id = (SELECT command_id FROM movements WHERE id = ` + first + `)`, []int{9}},
	{"a return that says nothing of what it takes back", `UPDATE movements SET reverses_id = NULL WHERE id = ` + back, []int{9}},
	{"a refund of an earning", `UPDATE movements SET reverses_id = ` + first + ` WHERE id = ` + refunded, []int{6, 9}},
	{"an earning that takes back another", `UPDATE movements SET reverses_id = ` + back + ` WHERE id = ` + first, []int{9}},
	{"a redemption was cancelled and is paid for", `UPDATE redemptions SET state = 'cancelled' WHERE movement_id = ` + spend, []int{9}},
	{"a redemption was paid back and not cancelled", `UPDATE redemptions SET state = 'confirmed' WHERE state = 'cancelled'`, []int{9}},
	{"a reversal was deleted", `DELETE FROM reversals WHERE id = ` + part, []int{6, 9}},
	{"a redemption was deleted", `DELETE FROM redemptions WHERE movement_id = ` + spend, []int{9}},
	{"an interaction was deleted", `DELETE FROM interactions WHERE id = ` + bought, []int{9, 10}},

	{"a movement of an unknown member", `UPDATE movements SET member_id = ` + absent + ` WHERE id = ` + first, []int{10}},
	{"a movement by an unknown rule", `UPDATE movements SET revision_id = ` + absent + ` WHERE id = ` + first, []int{10}},
	{"a movement of another programme", `UPDATE movements SET programme_id = ` + absent + ` WHERE id = ` + first, []int{10}},
	{"a posting of no movement", `UPDATE postings SET movement_id = ` + absent + ` WHERE id = ` + paid, []int{4, 10}},
	{"a posting of no lot", `UPDATE postings SET lot_id = ` + absent + ` WHERE id = ` + paid, []int{2, 10}},
	{"a lot that nobody earned", `UPDATE lots SET contributor_id = ` + absent + ` WHERE id = ` + spentLot, []int{10}},
	{"a lot without an earning", `INSERT INTO lots (id, programme_id, account_id, contributor_id, earned_at, activates_at)
		SELECT ` + absent + `, programme_id, account_id, contributor_id, earned_at, activates_at FROM lots WHERE id = ` + spentLot, []int{2}},
	{"a lot that came from nowhere", `UPDATE postings SET lot_id = NULL WHERE movement_id = ` + received, []int{2}},
	{"a note of no command", `UPDATE notes SET id = ` + absent + ` WHERE text = 'a mistake'`, []int{10}},
	{"an interaction of an unknown member", `UPDATE interactions SET member_id = ` + absent + ` WHERE id = ` + bought, []int{10}},
	{"a reversal of no interaction", `UPDATE reversals SET interaction_id = ` + absent + ` WHERE id = ` + part, []int{6, 10}},
	{"a reversal of an unknown member", `UPDATE reversals SET member_id = ` + absent + ` WHERE id = ` + part, []int{10}},
	{"a movement that takes back nothing", `UPDATE movements SET reverses_id = ` + absent + ` WHERE id = ` + back, []int{10}},
	{"a command was deleted", `DELETE FROM commands WHERE id = (SELECT command_id FROM movements WHERE id = ` + spend + `)`, []int{10}},
	{"what a lot waits for was forgotten", `UPDATE lots SET ageing = NULL WHERE activates_at IS NULL`, []int{12}},
	{"a lot that still waits was spent", `UPDATE lots SET activates_at = NULL WHERE ageing IS NOT NULL AND available > 0`, []int{12}},
	{"a lot matures before its account knows", `UPDATE accounts SET next_due_at = '2026-05-07 09:00:00+00:00' WHERE pending = 1`, []int{12}},
	{"a hold lapses before its account knows", `UPDATE accounts SET next_due_at = NULL WHERE held > 0`, []int{12}},
	{"inactivity takes points before the account knows", `UPDATE accounts SET next_due_at = NULL WHERE id = (SELECT account_id FROM lots WHERE ageing IS NOT NULL AND available > 0)`, []int{12}},
	{"a warning came twice", `INSERT INTO interactions (id, programme_id, member_id, event, touchpoint, occurred_at, received_at, properties, version)
		SELECT ` + absent + `, programme_id, member_id, event, touchpoint, occurred_at, received_at, properties, version FROM interactions WHERE event = 'points.expiring'`, []int{10, 12}},
	{"a member without a working state", `DELETE FROM working_states WHERE id = (SELECT member_id FROM movements WHERE id = ` + spend + `)`, []int{10}},
	{"sums of postings were lost", `INSERT INTO leases (id, turn, until, outcome)
		VALUES ('liability', 1, '2026-05-01 12:00:00+00:00', '{"watermark":"ffffffff-ffff-ffff-ffff-ffffffffffff"}')`, []int{11}},
	{"a budget forgot what was drawn", `UPDATE budgets SET spent = spent - 1`, []int{13}},
	{"a budget was deleted", `DELETE FROM budgets`, []int{13}},
	{"an earning drew on another budget", `UPDATE movements SET explanation = '{"source":"rule","key":"bonus","budget":"other"}' WHERE id = (SELECT id FROM movements
		WHERE explanation ->> 'budget' = 'bonuses' ORDER BY id LIMIT 1)`, []int{13}},

	{"a member was merged and kept its points", `UPDATE members SET merged_into = (SELECT m.id FROM members m WHERE m.account_id <> ` + spender + ` ORDER BY m.id LIMIT 1)
		WHERE account_id = ` + spender, []int{14}},
	{"a member was merged into itself", `UPDATE members SET merged_into = id WHERE account_id = ` + spender, []int{14}},
	{"an identity of nobody", `UPDATE identities SET programme_id = ` + absent + ` WHERE id = (SELECT id FROM identities ORDER BY id LIMIT 1)`, []int{10}},

	{"interactions came after they were counted", `INSERT INTO leases (id, turn, until, outcome)
		VALUES ('visits', 1, '2026-05-01 12:00:00+00:00', '{"until":"ffffffff-ffff-7fff-bfff-ffffffffffff"}')`, []int{15}},
	{"a visit that never was", `INSERT INTO visits (id, programme_id, touchpoint, day, member_id, interactions, points)
		SELECT id, programme_id, touchpoint, 20574, member_id, 1, 0 FROM interactions WHERE id = ` + bought, []int{15}},

	{"a redemption that nothing paid for", `UPDATE redemptions SET movement_id = ` + absent + ` WHERE movement_id = ` + spend, []int{10}},
}

func TestEveryDamageIsFoundByItsInvariants(t *testing.T) {
	each(t, func(t *testing.T, db *store.Store, _ map[engine.Identity]fact.ID) {
		for _, d := range damages {
			t.Run(strings.ReplaceAll(d.name, " ", "-"), func(t *testing.T) {
				tx, err := db.DB().BeginTx(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = tx.Rollback() }()
				for statement := range strings.SplitSeq(d.sql, ";") {
					result, err := tx.ExecContext(t.Context(), statement)
					if err != nil {
						t.Fatal(err)
					}
					if n, _ := result.RowsAffected(); n != 1 && !strings.HasPrefix(statement, "DROP") {
						t.Fatalf("%d rows were changed, not one, by %s", n, statement)
					}
				}
				findings, err := check(t.Context(), tx, grammar{db.Dialect()})
				if err != nil {
					t.Fatal(err)
				}
				if got := broken(findings); !slices.Equal(got, d.broken) {
					t.Errorf("told by the invariants %v, not by %v: %v", got, d.broken, findings)
				}
			})
		}
	})
}

func TestEveryInvariantHasADamageThatItTells(t *testing.T) {
	told := map[int]bool{}
	for _, d := range damages {
		for _, n := range d.broken {
			told[n] = true
		}
	}
	for i, v := range invariants {
		if !told[i+1] {
			t.Errorf("nothing shows that invariant %d (%s) is ever found broken", i+1, v.name)
		}
	}
}
