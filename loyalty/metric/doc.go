// Package metric computes what a programme wants to know of a member out of its interactions: how often, how much, when first and last, how many different, how
// far apart.
//
// What it promises:
//   - What is kept of a metric (State) depends on the interactions alone, and not on the order in which they were heard of: adding one, in whatever order, gives what Fold
//     gives of all of them. Two that occurred at one instant are told apart by their ids.
//   - What is taken out (With nothing left, or less) leaves what Fold gives of the others. Where what is kept cannot tell (the latest is taken out, and nobody remembers the
//     one before), Replace says so, and whoever asks hands in the interactions.
//   - All is in whole numbers: money in minor units, instants in microseconds, an average as a span and a number. It is rounded when it is read.
//   - What is kept is never changed in place, and bounded: by day only as far as the window looks, and 92 days more for what comes late; of different values at most
//     MaxDistinct.
//   - A metric is known by its Form, which is a digest of all that decides its value. Two forms never share what is kept.
package metric
