// Package tier ranks members by what counts towards tiers: points that were earned, whether or not they were spent since; what was spent; or how often something
// happened.
//
// What it promises:
//   - Tiers rise strictly: a higher one needs more. A member is in the highest one that something entitles it to: what counts, or a rule's grant.
//   - What counts, how long, and when a member falls is the programme's policy, in its zone (see docs/tiers.md; package loyalty decides).
//   - A member rises at once, with the interaction that reaches the threshold, and falls by itself when nothing holds its tier any longer, if the policy has it fall.
//     A member of a tier that the programme has abolished is placed anew, with its next interaction.
//   - A tier may add to points for an amount: a factor above 1, applied once, rounded down.
package tier
