// Package fact is the leaf that everything shares: ids, points, money, times and interactions. It knows no rule of the business.
//
// What it promises:
//   - Points and money are whole numbers; nothing here is a float. Money is a whole number of its currency's minor units.
//   - Every instant is UTC, cut to the microsecond, which both databases keep.
//   - An ID tells what it names without a look-up.
package fact
