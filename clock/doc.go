// Package clock is the door for time: it does, without anybody asking, what is to be done when time has passed. It has booked what falls due (points that
// mature or expire, tiers that end), has happen to members what time brings about (warnings of what will expire, the programme's triggers), works out what programmes owe in points, and has the ledger proved.
//
// What it promises:
//   - Nobody's balance depends on when it runs: every command books what is due first, and every read counts it in. It only makes the books say so.
//   - Any number of processes may run it at once. What is booked is booked once, since an account is settled at its sequence; what is worked out or proved is
//     done by one process at a time (Duty), and all processes show what came of it.
//   - What happens to a member since time has come happens once, at the instant at which it came, however late it is taken (docs/time.md). A version that brings
//     other triggers reaches members who do nothing too (Moments).
//   - It works in small batches, as every other door does, and rests when nothing is due. What reads much reads from a snapshot, beside whoever writes.
package clock
