package replay

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// MaxShown is how many refused lines a report shows.
const MaxShown = 20

// Report is what a replay did.
type Report struct {
	File       string // as it was named; the source's name for the standard input
	Lines      int64  // how many were read, empty ones and the header aside: Tracked + Duplicates + Refused, and those that an interrupted run left
	Customers  int64  // how many different ones
	Enrolled   int64  // customers who became members
	Known      int64  // customers who were members already
	Tracked    int64  // lines that counted
	Duplicates int64  // lines that had been counted by an earlier run
	Refused    int64  // lines that could not be read, that the engine refused, or at which it failed
	Backward   int64  // lines that are dated before the line of the same customer that comes before them
	// Refusals are the first of the refused lines, at most MaxShown.
	Refusals []Refusal
	// Points are those that this run moved, by kind of movement.
	Points  map[ledger.Kind]fact.Points
	Elapsed time.Duration
	// Complete is false if the run ended before the file did.
	Complete bool
}

// Refusal is why a line did not count.
type Refusal struct {
	Line   int
	Reason string
}

// Rate is how many lines were handled per second.
func (r *Report) Rate() int64 { return rate(r.Tracked+r.Duplicates+r.Refused, r.Elapsed) }

func rate(n int64, in time.Duration) int64 {
	return n * int64(time.Second) / max(int64(in), int64(time.Millisecond))
}

// refuse counts a refused line, and keeps it if it is one of the first.
func (r *Report) refuse(line int, reason string) {
	r.Refused++
	place, _ := slices.BinarySearchFunc(r.Refusals, line, func(x Refusal, line int) int { return cmp.Compare(x.Line, line) })
	if place < MaxShown {
		r.Refusals = slices.Insert(r.Refusals, place, Refusal{line, reason})
		r.Refusals = r.Refusals[:min(len(r.Refusals), MaxShown)]
	}
}

// String is the report in a few lines for a terminal.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s of %s in %s (%s lines a second)", r.File, counted(r.Lines, "line"), counted(r.Customers, "customer"),
		r.Elapsed.Round(10*time.Millisecond), grouped(r.Rate()))
	if !r.Complete {
		b.WriteString("\n  the file was not read to its end; run it again to go on")
	}
	fmt.Fprintf(&b, "\n  customers  %s enrolled, %s known before", grouped(r.Enrolled), grouped(r.Known))
	fmt.Fprintf(&b, "\n  lines      %s counted, %s counted before, %s refused", grouped(r.Tracked), grouped(r.Duplicates), grouped(r.Refused))
	b.WriteString("\n  points     ")
	kinds := slices.Sorted(maps.Keys(r.Points))
	for i, k := range kinds {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %s", k, grouped(int64(r.Points[k])))
	}
	if len(kinds) == 0 {
		b.WriteString("none moved")
	}
	if r.Backward > 0 {
		fmt.Fprintf(&b, "\n  %s dated before the customer's line above: what depends on the order (a first purchase) follows the file's", counted(r.Backward, "line"))
	}
	for _, x := range r.Refusals {
		fmt.Fprintf(&b, "\n  %s:%d: %s", r.File, x.Line, x.Reason)
	}
	if more := r.Refused - int64(len(r.Refusals)); more > 0 {
		fmt.Fprintf(&b, "\n  and %s more", grouped(more))
	}
	return b.String()
}

func counted(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return grouped(n) + " " + what
}

// grouped writes a number as 1,234,567.
func grouped(n int64) string {
	digits, sign := strconv.FormatInt(n, 10), ""
	if n < 0 {
		digits, sign = digits[1:], "-"
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}
