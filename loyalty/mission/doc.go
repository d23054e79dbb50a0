// Package mission counts what members do towards a target, once or anew in every period, and gives points when it is reached.
//
// What it promises:
//   - An interaction counts once, in the period in which it occurred, also when it is heard of late; it counts no more when its period ended over 400
//     days before the latest day that counted. Periods are calendar days, ISO weeks, months or years in the programme's zone.
//   - A mission whose rhythm is changed (from monthly to weekly, say) begins anew in the new one.
//   - A mission is completed once in a period: by the interaction with which the count reaches the target.
//   - The count that is shown never passes the target. What counts beyond it is known all the same, so that a fourth purchase keeps a mission of three
//     completed when the first is returned.
package mission
