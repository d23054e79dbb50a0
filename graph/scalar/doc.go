// Package scalar reads and writes the API's own scalars. What it refuses, it refuses with a *fault.Fault that tells the caller what is taken instead.
//
// What it promises:
//   - Nothing is taken in a second form: an instant has an offset, a decimal is a string without an exponent.
//   - However hostile a value, reading it costs no more than its length.
package scalar
