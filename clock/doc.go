// Package clock is the door for time: it has booked what falls due (points that mature or expire) without anybody asking.
//
// What it promises:
//   - Nobody's balance depends on when it runs: every command books what is due first, and every read counts it in. It only makes the books say so.
//   - Any number of processes may run it at once.
//   - It works in small batches through the engine, as every other door does, and rests when nothing is due.
package clock
