// Package mission counts what members do towards a target, once or anew in every period, and gives points when it is reached.
//
// What it promises:
//   - An interaction counts once, in the period in which it occurred, however late it is heard of. Periods are calendar days, ISO weeks, months or years
//     in the programme's zone.
//   - A mission is completed once in a period: by the interaction with which the count reaches the target.
//   - The count never passes the target.
package mission
