// Package consent tells what a member has agreed to, what may therefore be done with what is known of it, and when it may be written to.
//
// What it promises:
//   - A purpose is unknown until the member has decided about it. Unknown is neither yes nor no, and nothing is done for a purpose without a yes.
//   - A decision is remembered with when it was made, where, and to which version of the purpose's text. One that is heard of late changes nothing that was decided
//     after it.
//   - Where a programme declares no purpose of a kind, that kind of processing needs no consent. Where it declares several, any one that is given allows it.
//   - Nobody is written to without consent, by a channel that it did not choose, more often than the programme's caps, or in its quiet hours (Contact.May).
package consent
