// Package soak breaks the whole program under load, again and again, and proves that nothing of what it acknowledged was lost, counted twice or changed.
//
// Clients enrol members, send purchases, one by one and in batches, take rewards, and return and refund all of that, in parts and as a whole, most of it for
// the same few members: on PostgreSQL three servers contend for them. What breaks meanwhile:
//
//   - process: one server is killed (SIGKILL); sometimes a second time, while it starts;
//   - database: PostgreSQL is killed, all of its processes at once, and started again on the same data; the servers are left alone;
//   - power: PostgreSQL and all servers are killed at once;
//   - limit: no file of the server may grow past a small size, as if the disk were full (SQLite only; needs Linux, and no rights);
//   - disk: the file system of the database is full (SQLite only; needs the right to mount a tmpfs, and is left out without it).
//
// What it promises:
//   - Every acknowledged answer is written to the journal, outside of what is broken, before anything is done with it. A request is sent again, in the
//     same words and under the same key, until it is answered, as a real client does; many are sent again after that, and some twice at once.
//   - All answers to one request must be the same facts, and only one of them may claim to be the first.
//   - After each fault, and at the end, everything is answered and then compared with the database, row by row and in both directions: what was
//     acknowledged must be there, once, and nothing else may be. Balances and stock are added up from the answers alone, by plain sums that know nothing
//     of batches, lots or fences; of no purchase more may be returned than was paid, of no reward more given back. Then the ledger's own invariants are checked (package proof).
//   - The databases are durable: fsync and synchronous_commit on PostgreSQL, synchronous=FULL on SQLite; otherwise nothing is run.
//   - Everything listens on loopback or a Unix socket, takes a bounded time, and is cleaned up, also after Ctrl-C. What the clients do follows from the
//     seed; when they do it does not.
package soak
