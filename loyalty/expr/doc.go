// Package expr is the language of conditions and awards: CEL (cel.dev), with what a loyalty programme needs and nothing else. Nothing in it reads a clock.
//
// An expression is compiled once, against what the programme declares, so that a mistake is found when the programme is saved: an undeclared property,
// a mistyped event, a text compared with a number, each with its line and column and, if one is near, the name that was probably meant.
//
// # What an expression can read
//
// The event, where there is one (a persona's traits and a reward's condition are about the member alone):
//
//	event.name          string
//	event.touchpoint    string, the key
//	event.value         int, minor units (1240 is 12.40 €); 0 without a value, and has(event.value) is false
//	event.occurred_at   timestamp
//	event.properties.x  as the expression's events declare it; unset if the event came without it
//	event.dependent     of events that are about one: the dependent; unset if the member has it no longer
//
// The member:
//
//	member.status       string: anonymous, prospect, registered
//	member.tier         string, the key; empty below the first
//	member.language     string, such as "it"
//	member.enrolled_at  timestamp
//	member.attributes.x as the programme declares it; unset until it is known
//	member.metrics.x    as the programme declares it: int, string, bool or timestamp; unset while there is nothing to take it of, or it is being rebuilt
//	member.dependents   a list, at most MaxDependents long: member.dependents.exists(d, d.kind == "child" && d.birth_date.months < 6)
//
// A dependent has an id, a kind (both string) and the attributes that the kinds declare: those that its own does not declare are unset.
//
// A date (of an attribute, a property or a dependent) has fields:
//
//	years months weeks days  int: how many are over, as of the day that the expression is asked about; negative before the date. A month ends on the
//	                         day of the same number, or on the last of a month that has none
//	year month day           int
//	starts                   timestamp: when the day began in the programme's zone
//	text                     string: "2024-02-29"
//
// And figures of what the member did. The event's name and the window are literals:
//
//	member.count("purchase")           int: how often, of all time
//	member.count("purchase", "month")  int: how often in a window
//	member.sum("purchase")             int: of the values, in minor units
//	member.sum("purchase", "30d")      int
//	member.first("purchase")           timestamp of the earliest; unset if there is none
//	member.last("purchase")            timestamp of the latest; unset if there is none
//
// Figures include the present event: at the first purchase, member.count("purchase") == 1. A window is of calendar days in the programme's zone:
// "day", "week" (ISO 8601, from Monday), "month" and "year" are those that hold the day of the event, "30d" is that day and the 29 before it
// (1d to 731d), and a date, "2026-05-01", is that day and all since, up to what is known when it is asked; before that day the figure is 0. Where there is no event, it is the day of the instant that the expression is asked about.
//
// The parts of a timestamp are those of UTC, unless a zone is given: event.occurred_at.getDayOfWeek("Europe/Rome") == 0 is Sunday in Rome.
//
// # What it promises
//
//   - What is unset makes the condition not hold, and its negation neither, unless the rest decides it anyway: has(x) is false, and
//     "x == 1 || true" holds. A window that reaches back to days of which not all is known is unset too: days over 400 before the
//     member's latest event, and days from before a published expression first looked at a window of the event.
//   - So does whatever goes wrong when it is evaluated: an overflow, a division by zero, a cost beyond the bound. An award then gives nothing. What went wrong
//     is told (Test, Of), as one of a few causes that say nothing of what was read.
//   - An expression explains itself (Explain): it is taken apart where it is written, and each part says what it read and how far it was from holding. Nothing of that is
//     made before it is asked for.
//   - Nothing tells what day it is today: how long ago a date is, is told as of the event, or of the instant that a condition on the member alone is asked about.
//   - An award is of type int. There is no way to give a fraction.
//   - Expressions are bounded: in length, in the number of their parts, in the cost that they are estimated to have when compiled, and in the cost that
//     they have when evaluated.
//   - A compiled expression may be used by any number of goroutines.
package expr
