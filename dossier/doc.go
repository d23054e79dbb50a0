// Package dossier knows where a member is stored: every table that holds something of one. From that one list it writes a member's whole file, clears a member who is erased,
// and sweeps up after it.
//
// What it promises:
//   - The list is complete: a table that is not in it, or a column with text of which it does not say what becomes, fails a test. So whatever is stored of a member is in its
//     file, and what is personal of it goes when it is erased.
//   - A file is one snapshot of the database, written as it is read: it takes the same memory for ten interactions as for a million.
//   - Clear runs in the transaction in which the engine closes the member's account. What it leaves (movements, lots, the interactions' events, times and amounts) hangs on an
//     opaque id that leads to nobody.
//   - What was erased is listed (Erasures), and the list holds nothing but ids and times. It can be kept beside the backups, and done again after one is restored.
//   - Sweep has the database let go of the bytes, as far as it can: see docs/privacy.md for what that is on each.
package dossier
