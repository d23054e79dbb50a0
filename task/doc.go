// Package task does long work that somebody asked for, as rows that any process may take up.
//
// What it promises:
//   - A task is done by one process at a time: the one that has its lease, which it renews. A process that dies loses it within half a minute; another then begins the
//     task anew. What the first still writes is refused.
//   - A task ends once: done with its result, failed with a reason, or cancelled. A process that stops in order gives its task back.
//   - A task that is to be cancelled ends within seconds, wherever it runs; one that nobody has taken up ends at once.
//   - A task whose processes keep dying fails after a few turns, so that it takes no more down.
//   - No more than MaxWaiting tasks of a programme wait, and a few more if several are asked for at one instant.
//   - What is to be done is not known here: each kind's work is handed in.
package task
