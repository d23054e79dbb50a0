// Package rebuild works members' metrics out anew from all that is stored of them: after a version of the programme that has new or other metrics, and to prove that those
// that are kept are right.
//
// What it promises:
//   - Each member goes through the engine, as any request does: beside live traffic, fenced, with nothing lost. A few members at a time, and fewer of those with a long
//     past, so that nobody else waits long.
//   - Doing it twice changes nothing, and neither does doing it where all is right.
//   - It may be stopped at any time, and begun anew: what is done is done.
package rebuild
