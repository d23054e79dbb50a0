// Package simulate tells what would have been: it replays what really happened to a programme's members under another version of the programme, and compares
// it with what did happen.
//
//	history ─▶ one item at a time ─▶ Decide as it was ─────┐
//	                             └─▶ Decide as it would be ─┴▶ Report
//
// Every member lives in two worlds: in one the versions that were published decide, in the other the draft does, from the beginning of the period on. Both are
// decided by package loyalty, as the engine does it, so what is told is what would be paid.
//
// What it promises:
//   - It writes nothing. What it reads is one snapshot.
//   - The state at the period's start comes from a replay of all that happened before. There are no checkpoints.
//   - Things are taken in the order in which they were decided: that of their commands' ids. What draws on a budget or a stock, which members share, is
//     decided one at a time in that order; all else of different members on all cores at once.
//   - A draft is in force from the period's start on. An interaction belongs to the period in which it occurred, any other request to that in which it was made. What
//     occurred before the period and came late is decided by the version of then.
//   - Interactions, what was said of members and their dependents, returns, refunds, adjustments, holds and their ends, transfers and rewards are asked for again as they were asked for. What the draft refuses is
//     told, by operation and code, and does nothing to the member: its points stay where they are, and whatever builds on it (a capture of a hold that was not
//     had, the refund of a reward that was not) is refused as well.
//   - A request that was refused then is not asked again: its words were not kept. The report says how many those are.
//   - The clock that warns members before points expire comes when it came; where the draft's points are warned of at other times, at the member's next request, or at the period's end.
//   - So do occasions, of triggers and of changes of tier. In the draft's world those happen that it has as well, when they really did; and those that it alone has as soon as they are
//     due, to members who are neither suspended nor erased by now.
//   - What a metric comes to from each member's beginning is known where it was worked out anew one day, and of what the draft alone has: so a rebuild does what it did, and a draft's metric begins with the whole past.
//   - Who was erased is in no figure: what it did is gone. The report says how many those are. What they drew on budgets is taken from the books.
//   - Tiers are those as of an instant, whether or not anybody booked their falls.
//   - The published versions give what really happened. The report proves it each time: it compares each member's balances and tier with the books, and says
//     how many differ (Astray). One that differs was decided beside another process that drew on the same budget, or had to do with somebody who was erased.
//   - Memory is bounded by the number of members, not of interactions. Lots of one age are kept as one. Besides, as long as they are needed: what is returned or
//     refunded later, and when the event of a returned interaction happened to its member.
package simulate
