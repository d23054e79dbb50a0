// Package rule gives points for interactions.
//
// What it promises:
//   - A rule has either an award or a multiplier.
//   - A rule gives for what occurs in its span, while its schedule is open, if its condition holds.
//   - An award is a fixed number of points, so many points for each amount spent, what the band gives in which the amount lies, or what an expression of
//     type int says. Points for an amount are
//     points × value ÷ per, exactly, and the fraction is rounded as the rule says: down (the default), up, half_up (a half goes up) or half_even (a half goes
//     to the even number).
//   - A multiplier adds base × (factor − 1), rounded down, where the base is the points that other rules gave for the same interaction: those it
//     names, or else those that gave points for an amount or by bands of it. Several multipliers each take that same base: they add up and never compound. Twice and
//     three times 10 points are 10 + 10 + 20.
//   - Limits count what a rule gave one member by the day of the interaction, so that one that is late counts in its own period; they count from
//     when they were published on. Of so many days ("30d"), no stretch holds more than the limit. An award that goes beyond what is left is cut to it, or
//     skipped, as the rule says. Between two awards lies at least the cool-down, whichever was heard of first.
//   - Of an interaction that is returned in part, points for an amount stay for what is left of it, by the rate and rounding that were applied; a fixed award
//     stays; and nothing stays of a rule whose condition reads the interaction alone and does not hold for what is left.
//   - Rules may draw on a budget of points. What it has left is cut or skipped as by a limit.
//   - An award that comes to nothing, or that cannot be computed, gives nothing. The other rules go on.
package rule
