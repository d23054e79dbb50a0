// Bench measures the program side by side with rivals, in one run on one machine, and prints how they compare. The ratios are what counts; the
// figures themselves say more about the machine.
//
//	make bench                                            all figures
//	make bench ONLY=interaction_single_16,home_handwritten  some
//
// What it promises:
//   - The database is durable: fsync and synchronous_commit are on, or nothing is measured.
//   - Both sides do the same. Before a home screen is timed, the two answers are compared; after interactions were timed, every one that either side
//     says it took must be found in each of its tables.
//   - Both sides are measured in turns, after a warm-up, and each turn begins with a checkpoint behind it. A figure is the median of its runs.
//   - The rival is given its best form (and where a figure says so, the usual one, of seven statements): pgbench runs one prepared statement per transaction, computes ids instead of looking them up, and uses the
//     number of clients that suits it most; the hand-written handler runs one prepared statement and knows the catalogue by heart.
//   - Load, server, rivals and database share the machine. The load is as lean as pgbench's: one connection per client, requests built by hand.
//   - Everything listens on loopback or a Unix socket, ends with the run, also with Ctrl-C, and leaves only bench/latest.jsonl.
//
// What growth costs is told against the same server on a database that has not grown, in the same run: how many rules are active, how many movements there
// are. A thousand rules are of other events, or of the same event with conditions that do not hold. Hot accounts are told against all accounts.
//
// The interactions are purchases that one rule gives points for: one command, interaction, movement, posting and lot are inserted, one account and
// one working state updated.
package main
