// Package proof checks a database against what the ledger promises, and tells one account's story.
//
// What it promises:
//   - Each invariant is one query that returns no row while the invariant holds; what it does return names what is wrong and how.
//   - All of them look at one snapshot, in a read-only transaction that waits for nobody and that nobody waits for: it may run on a live database.
//   - They trust no code of the ledger: the queries are written from what is promised (package ledger's documentation), over the rows as they are stored.
//   - The tables that every interaction writes have no foreign keys (package schema); one of the invariants proves what they would have.
package proof
