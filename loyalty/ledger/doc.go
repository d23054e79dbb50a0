// Package ledger keeps points: earnings, what falls due, spends. It is pure: it is handed an account and its lots, and answers with what they have
// become. It knows no database, no clock and no rule.
//
// A Book is one account under one command. Open books what has fallen due, the command's own movements follow, and Changes tells all that there is
// to save.
//
// What the package promises:
//   - A movement is immutable. Movements are numbered 1, 2, 3 … within their account, without gaps, and each holds the balances after it.
//   - Every point is moved by a posting, from one bucket to another, so that a movement balances by construction.
//   - One earning is one lot. Booking it needs no other lot, unless something is due.
//   - Points are spent by soonest expiry (never comes last), then the oldest (when they were earned, then by id).
//   - Time is part of every command and of every reading. Open first books what is due: pending points mature, then what has reached its expiry is
//     lost, one movement for each, in the order of the instants at which they fell due, then of the lots' ids. AsOf tells the same balances without
//     booking. So expired points can never be spent, however late a sweep comes.
//   - Time does not run backwards in an account: a book's now is the later of the clock's and that of the account's last movement.
//   - Debt is repaid before anything else, by whatever becomes available: an earning or points that mature. An account never has both.
//   - A refusal (*fact.Refusal) changes nothing. Nor does any other error, which is a fault of whoever called.
//   - Nothing that is handed in is changed.
//
// # Buckets and postings
//
// An account has four buckets: pending, available, held and debt. The system's side has four: issued, redeemed, expired, reversed; they have no rows,
// each is a sum of postings. A posting's points leave its source and enter its target:
//
//	earn      issued → available, or issued → pending if it activates later
//	mature    pending → available
//	repaying  available → debt, within the movement that made the points available, with the lot that pays
//	spend     available → redeemed, a posting for each lot
//	expire    available → expired, and pending → expired for a lot that expires before it activates
//
// Debt is the one bucket of an account that is owed and not owned, so it has the opposite sign: points that enter it lessen it, and it grows by the
// points that leave it (debt → reversed, when points are taken back that are spent already). The fold of any postings is
//
//	sum(bucket) = Σ points where target = bucket − Σ points where source = bucket
//	pending, available, held, redeemed, expired, reversed =  sum
//	debt, issued                                          = −sum
//
// Over all the postings of an account this gives its balances; over all the postings of a lot it gives the lot:
//
//	amount = −sum(issued)   pending, available, held = sum   spent = sum(redeemed)   expired = sum(expired)   reversed = sum(reversed) + sum(debt)
//
// Points with which a lot repays debt count as reversed in it: they make good what was taken back elsewhere. So redeemed = Σ spent of all lots, and
// reversed = Σ reversed of all lots + debt.
//
// # Which lots to load
//
// All the open ones, or none. An open lot has points pending, available or held. None are needed to earn while nothing is due: see Account.IsDue.
// Whatever else is done needs them all, and a book that would need them answers ErrLotsMissing: it tells by the account's balances, of which the
// open lots are the sum. To read, AsOf is content with the lots that are due.
//
// Account.NextDue is never later than the instant at which something falls due. It may be earlier (nothing is due then after all); the next book to
// be opened at that time puts it right.
//
// # Names
//
// A command's n-th movement has the command's id at place n; an earning's lot has the same place. Postings are numbered on their own, over the
// whole command. So the same command makes the same ids wherever it is decided.
package ledger
