// Package tier ranks members by the points that qualify: the points that were earned, whether or not they were spent since.
//
// What it promises:
//   - Tiers rise strictly: a higher one needs more points. A member is in the highest one whose threshold its qualifying points reach.
//   - Which points count is the programme's period: those of all time, of a calendar year, or of the last months; always in the programme's zone.
//   - A member rises at once, with the interaction that reaches the threshold. It never falls: when points cease to count, the tier it has reached stays.
//     Only a member of a tier that the programme has abolished is placed anew, with its next interaction.
package tier
