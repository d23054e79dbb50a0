// Package loyalty is the domain: what a programme promises its members, as pure functions. It knows no database, no clock and no network.
//
// The flow, in one breath:
//
//	touchpoint ─▶ interaction ─▶ Decide ─▶ effects ─▶ one transaction ─▶ live
//
// Everything that happens to a member is an interaction (fact.Interaction). Decide is handed the programme that was in force when it occurred,
// the member's State and the interaction, and answers with Effects: the movements of points, the mission progress, the tier, the personas, and
// the State as it then is. Enrol, Redeem, Reverse, GiveBack and Operate are commands beside it, answered the same way: Reverse undoes an interaction or a part of it,
// GiveBack a spend; Operate does what is asked of points by themselves (adjust, hold, capture, release, transfer), also over the accounts of two members. A request that the programme does not grant is
// answered with a *fact.Refusal and changes nothing.
//
// Register makes a member a registered one, and Merge makes one member of several.
//
// Try decides as Decide does and tells what became of every rule; Hindsight tells it of what was decided before, from what was stored and, where that is not enough, from
// what is known now.
//
// Time brings things about as well: Settle books what has fallen due, as every command does first, and AsOf tells how a member stands whose tier has ended; Warn decides
// the interaction that points come near their expiry, and Happen that of an occasion which the programme's triggers bring (Next). Due is when the next comes.
//
// What the package promises:
//   - The same programme, state, interaction and instant give the same effects, in every process and on every database. What an effect writes is
//     named after the interaction's id (fact.ID's At and As), so that even the ids are the same.
//   - The state that is handed in is never changed. Effects hold a new one.
//   - An interaction that is heard of late is decided by the version of the programme that was in force when it occurred, and by the member as known
//     now. It counts in the windows and periods of its own day. Tiers and personas that only the present version knows are left alone by an older one.
//   - What is undone is read from what was stored, never worked out anew by the present rules. However an interaction is returned, in whatever parts and order,
//     it comes to what is left of it, and nothing else shifts: a second purchase does not become the first.
//   - No expression reads a clock. The instant is an argument.
//   - Points are created by the ledger's movements alone (package ledger), each with its explanation (package why).
//   - A Programme is compiled once (Compile), is immutable, and may be used by any number of goroutines.
//
// Each noun has a package (rule, mission, tier, persona, reward); nouns never import one another. This package is the only place they meet.
package loyalty
