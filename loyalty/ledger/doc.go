// Package ledger keeps points: every way in which they come, wait, are spent, given back, taken back and lost. It is pure: it is handed an account, its
// lots and its holds, and answers with what they have become. It knows no database, no clock and no rule.
//
// A Book is one account under one command. Open books what has fallen due, the command's own movements follow, and Changes tells all that there is
// to save. A command over several accounts has a book for each (Book.Beside).
//
// What the package promises:
//   - A movement is immutable. Movements are numbered 1, 2, 3 … within their account, without gaps, and each holds the balances after it.
//   - Every point is moved by a posting, from one bucket to another, so that a movement balances by construction.
//   - One earning is one lot. Booking it needs no other lot, unless something is due.
//   - Points are spent by soonest expiry as it is known then (never comes last), then the oldest (when they were earned, then by id).
//   - Time is part of every command and of every reading. Open first books what is due: pending points mature, holds lapse, what has reached its expiry
//     is lost, one movement for each, in the order of the instants at which they fell due, then of the lots' and holds' ids. AsOf tells the same
//     balances without booking. So expired points can never be spent, however late a sweep comes.
//   - A lot ages as it was told when it was earned (Lot.Activates, Expires, Validity, Warns), whatever the programme says later. The clock of its expiry
//     starts when it activates.
//   - Points may wait for something to happen (Book.Mature), and are lost if it does not in time. Whatever comes too late brings nothing back.
//   - Where activity decides (Validity.Idle), what is left is lost when the account has had none for the term. Activity is one instant of the account
//     (Account.Active): it touches no lot, never goes back, and never brings back what was lost by then. Points that were held or spent before live by
//     activity as it is when they come back.
//   - That points will be lost is to be said once for each instant at which some are (Book.Warnings), whatever happens to the account until then.
//   - Time does not run backwards in an account: a book's now is the later of the clock's and that of the account's last movement.
//   - Points that are held outlive their lot's expiry. Whatever comes back to a lot that has expired meanwhile (released, refunded) expires as it
//     comes, by a movement of its own.
//   - A hold ends once, as a whole: what is not captured is released.
//   - Reversals work from what is stored, the movement that is reversed and those that reversed of it before, and never from a recomputed past. No more
//     of an earning is taken back, and of a spend given back, than there was, however many reversals there are.
//   - Debt is repaid before anything else, by whatever becomes available: an earning, points that mature, are released, refunded or received. An
//     account never has both.
//   - A transfer is never an earning: what one account gains is what the other loses, and each lot keeps its ageing, funding and contributor.
//   - A refusal (*fact.Refusal) changes nothing. Nor does any other error, which is a fault of whoever called.
//   - Nothing that is handed in is changed.
//
// # Buckets and postings
//
// An account has four buckets: pending, available, held and debt. The system's side has five: issued, redeemed, expired, reversed, moved; they have no
// rows, each is a sum of postings. A posting's points leave its source and enter its target:
//
//	earn           issued → available, or issued → pending if it activates later
//	mature         pending → available, by time or by what the points waited for
//	repaying       available → debt, within the movement that made the points available, with the lot that pays
//	spend          available → redeemed, a posting for each lot
//	hold           available → held, a posting for each lot
//	capture        held → redeemed
//	release        held → available; also of a hold that lapses
//	expire         available → expired, and pending → expired for a lot that expires before it activates, or waited in vain
//	reverse_earn   pending → reversed, available → reversed, debt → reversed for what becomes a debt
//	reverse_spend  redeemed → available
//	adjust         as earn; or available → reversed, debt → reversed
//	transfer       available → moved; there moved → available
//	merge          as transfer, and pending → moved, moved → pending; a debt is moved → available → debt, and there available → moved, debt → moved
//
// Debt is the one bucket of an account that is owed and not owned, so it has the opposite sign: points that enter it lessen it, and it grows by the
// points that leave it. A posting has no lot where only debt moves, or the points that pay it. The fold of any postings is
//
//	sum(bucket) = Σ points where target = bucket − Σ points where source = bucket
//	pending, available, held, redeemed, expired, reversed, moved =  sum
//	debt, issued                                                 = −sum
//
// Over all the postings of an account this gives its balances; over all the postings of a command moved is 0; over all the postings of a lot it gives
// the lot:
//
//	amount = Σ points where source = issued or moved   moved = Σ points where target = moved
//	pending, available, held = sum   spent = sum(redeemed)   expired = sum(expired)   reversed = sum(reversed) + sum(debt)
//
// Points with which a lot repays debt count as reversed in it: they make good what was taken back elsewhere. So redeemed = Σ spent of all lots, and
// reversed = Σ reversed of all lots + debt, but for debts that were merged. A movement's points are those of its postings, but for the ones that repay.
//
// # Which lots and holds to load
//
// All the open ones, or none. An open lot has points pending, available or held; an open hold has not ended. None are needed to earn, to be credited
// and to receive a transfer while nothing is due: see Account.IsDue. Whatever else is done needs all open lots, and a book that would need them answers
// ErrLotsMissing: it tells by the account's balances, of which the open lots are the sum. All open holds are needed only if something is due, else
// those that are to end; without them, ErrHoldsMissing. A reversal needs closed lots too, which it is handed. To read, AsOf is content with what is due.
//
// Account.NextDue is never later than the instant at which something falls due or is to be warned of. It may be earlier (nothing is due then after all,
// since there was activity, say); the next book to be opened at that time puts it right. What is due to be warned of stays due until it was
// (Book.Warned): a book that does nothing about it needs all open lots and holds all the same.
//
// # Names
//
// A command's n-th movement has the command's id at place n; the lot of what is issued, and a hold, have the same place. Lots that come from another
// account have places counted down from the last. Postings are numbered on their own, over the whole command. So the same command makes the same ids
// wherever it is decided.
package ledger
