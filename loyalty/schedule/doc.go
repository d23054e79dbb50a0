// Package schedule tells when something is open that recurs: at weekends in May, every day from 7 to 9, on the last day of each month.
//
// What it promises:
//   - It goes by the clock on the wall of the programme's zone. What is open from 2 to 3 is open twice as long on the night on which that hour comes
//     twice, and not at all on the night on which it is left out; an opening whose beginning is left out begins when the clock has jumped.
//   - A schedule is open while one of its openings is. What an opening does not name does not narrow it. No schedule is always open.
//   - Hours that end before they begin (22:00-02:00) go on into the next day; the day, month and weekday are those on which they begin.
//   - A schedule that never opens within what it is for is reported when it is compiled.
package schedule
