// Package engine takes what happens to members and makes it last: load → Decide → save → announce, many requests in one transaction.
//
// What it promises:
//   - A request is answered only once what followed from it is durable. A caller that gives up does not undo the batch it is in.
//   - A request is unique by (programme, caller, operation, key) for ever. The same request gets the first answer again; another request under the
//     same key is refused with KEY_REUSED. A refusal for a reason of the business (points that are lacking, a reward that ran out) is an answer
//     and is kept too; a malformed request, or one that names a member or touchpoint nobody knows, is not, and may be corrected and sent again.
//   - Requests that name a member in the same way are taken in the order they came, in one process. Requests of several processes, or under several
//     identities, at once are kept right by fences: an account's sequence and a working state's version move by compare-and-swap, and the loser reloads
//     and decides again.
//   - What is undone (an interaction, a spend) is read once its member was read, so that of two that undo the same thing one comes second and sees it. A
//     return can be previewed, and an interaction tried: the same decision, of which nothing is stored.
//   - What became of every rule is told when it is asked for (Judge), and costs nothing before.
//   - A request that fails fails alone: the batch is split and the others go on.
//   - An idle system answers at once, a busy one batches: beside a batch another begins once a few requests wait, or if the first takes long. See docs/adr/0020.
//   - On PostgreSQL members are remembered from one batch to the next. Nothing is answered on memory that has been overtaken: see recollection and docs/adr/0021.
//
// The order in which rows are locked is the same everywhere, so that no two transactions ever wait for each other: by member its working state, its account
// and its row, then stocks by id, then budgets by id, then commands by digest, then identities. A statement that saves without locks writes them in the same
// order. See docs/adr/0003 and 0013.
package engine
