// Package replay sends a history of purchases, or of any other event, through the engine: one line of a file is one interaction.
//
// What it promises:
//   - The same file again counts nothing twice. A line's idempotency key is made of the source's name and the line's number, an enrolment's of the
//     source's name and the customer. So a run can be interrupted and run again: it goes on where it stopped. Lines may be added at the file's end; a line
//     that was changed after it was counted is refused.
//   - A customer's lines are taken in the order of the file, whatever is under way at the same time. Points that depend on what came before (a first
//     purchase, a count within a month) are right if each customer's dates ascend; the report tells how many lines went back in time.
//   - A customer who is not a member yet is enrolled by its first line, at that line's time, just before it.
//   - A day without an hour is midday in the programme's time zone.
//   - Amounts are exact decimals, never rounded: one with more digits than the currency has is refused.
//   - A line that cannot be read or that the engine refuses is counted and told with its number and the reason, and the rest goes on.
//   - Memory is bounded by the number of customers, not of lines.
//
// A record is one line: a field in quotation marks may hold the delimiter, but no line break. Line breaks are LF or CR LF, the text is UTF-8.
package replay
