package loyalty

import (
	"math/bits"
	"slices"
	"strconv"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// MaxReversals is how many times an interaction can be returned in part. What is left of it can always be returned as a whole.
const MaxReversals = 100

// Return is what is asked for: that an interaction is undone, as a whole or, by one of Value and Lines, in part.
type Return struct {
	Occurred time.Time
	Value    *fact.Money    // the money that is given back
	Lines    []ReturnedLine // nil for none
	Note     string         // whatever its writer had to say: up to MaxReason bytes. It may be personal data, so it is never part of what follows
}

// ReturnedLine is so many pieces of one of an interaction's lines.
type ReturnedLine struct {
	Reference string
	Quantity  int64
}

// Reversal is a return that was taken.
type Reversal struct {
	ID          fact.ID
	Interaction fact.ID
	Value       int64       // the money that was given back, in minor units
	Lines       []fact.Line // the lines that were named, each with what was given back of it
	Whole       bool        // nothing is left of the interaction
	Occurred    time.Time
	Undone      Undone
}

// Undone is what a return undid besides points, so that no later return undoes it again.
type Undone struct {
	Missions []string `json:"missions,omitempty"` // the keys of those in which the interaction counts no more
}

// Past is what is stored of an interaction that is to be returned: what followed from it, wherever it is.
type Past struct {
	Interaction fact.Interaction
	Missions    []string   // the keys of the missions in which it counted
	Earnings    []Earned   // what it earned, in order
	Awards      []Earned   // those of Programme.Awards
	Reversals   []Reversal // the earlier ones
	// History is what is left of the member's other interactions of the events that Programme.Recalls names.
	History []fact.Interaction
	// Others are when the event otherwise happened to the member first and last; zero if it never did. They count where this was the first or the last.
	Others struct{ First, Last time.Time }
}

// Earned is an earning and what became of it.
type Earned struct {
	ledger.Movement
	Before []ledger.Movement // the movements by which it was taken back before
	Lot    ledger.Lot        // after a merge, the one that it became in the member's account, or none
	Former []ledger.Lot      // after merges, those that it was before
	Others []ledger.Lot      // after merges, the further ones that it became
}

// extent is how much a return gives back.
type extent struct {
	value int64
	lines []fact.Line
	left  int64 // of the interaction's value, afterwards
	whole bool
}

// extent works out how much is given back, or refuses what cannot be.
func (r *Return) extent(past *Past) (extent, *fact.Refusal) {
	value, returned := int64(0), int64(0)
	if v := past.Interaction.Value; v != nil {
		value = v.Minor
	}
	for _, b := range past.Reversals {
		if b.Whole {
			return extent{}, fact.Refuse(fact.CodeAlreadyReversed, "interaction", "the interaction was returned already")
		}
		returned += b.Value
	}
	x := extent{left: value - returned}
	switch {
	case r.Value == nil && r.Lines == nil:
		x.value, x.left, x.whole = x.left, 0, true
		return x, nil
	case r.Value != nil && r.Lines != nil:
		return x, fact.Refuse(fact.CodeInvalid, "lines", "either a value or lines are returned, not both")
	case len(past.Reversals) >= MaxReversals:
		return x, fact.Refuse(fact.CodeTooMany, "interaction", "an interaction is returned in at most %d parts: what is left, only as a whole", MaxReversals)
	}
	field, refusal := "value.amount", (*fact.Refusal)(nil)
	if r.Lines != nil {
		field = "lines"
		x.lines, refusal = r.lines(past)
		x.value = fact.Total(x.lines)
	} else {
		x.value, refusal = r.Value.Minor, r.amount(past)
	}
	switch {
	case refusal != nil:
		return x, refusal
	case x.value > x.left:
		return x, fact.Refuse(fact.CodeMoreThanLeft, field, "%d in minor units are left of the interaction's value: %d cannot be returned", x.left, x.value)
	}
	x.left -= x.value
	x.whole = x.left == 0 && x.value > 0
	return x, nil
}

// amount refuses a value that cannot be returned of any interaction, or of none without a value.
func (r *Return) amount(past *Past) *fact.Refusal {
	switch v := past.Interaction.Value; {
	case v == nil:
		return fact.Refuse(fact.CodeInvalid, "value", "the interaction carries no value: it is returned as a whole")
	case r.Value.Currency.Code != v.Currency.Code:
		return fact.Refuse(fact.CodeCurrencyMismatch, "value.currency", "the programme's currency is %s", v.Currency.Code)
	case r.Value.Minor == 0:
		return fact.Refuse(fact.CodeZero, "value.amount", "a value that is returned is more than 0")
	case r.Value.Minor < 0:
		return fact.Refuse(fact.CodeNegative, "value.amount", "a value that is returned is more than 0")
	}
	return nil
}

// lines are those that are returned, each with what is given back of it: what its pieces come to by now, less what was given back before, so that
// however many returns there are, nothing is lost to rounding.
func (r *Return) lines(past *Past) ([]fact.Line, *fact.Refusal) {
	if len(r.Lines) == 0 {
		return nil, fact.Refuse(fact.CodeRequired, "lines", "at least one line is needed")
	}
	lines := make([]fact.Line, 0, min(len(r.Lines), MaxLines))
	for i, l := range r.Lines {
		field := "lines." + strconv.Itoa(i)
		is := func(o fact.Line) bool { return o.Reference == l.Reference }
		at := slices.IndexFunc(past.Interaction.Lines, is)
		switch {
		case at < 0:
			return nil, fact.Refuse(fact.CodeUnknownLine, field+".reference", "the interaction has no such line")
		case slices.ContainsFunc(lines, is):
			return nil, fact.Refuse(fact.CodeInvalid, field+".reference", "the line is named twice")
		}
		if r := admitQuantity(l.Quantity, field+".quantity"); r != nil {
			return nil, r
		}
		line, before := past.Interaction.Lines[at], int64(0)
		for _, b := range past.Reversals {
			if at := slices.IndexFunc(b.Lines, is); at >= 0 {
				before += b.Lines[at].Quantity
			}
		}
		if left := line.Quantity - before; l.Quantity > left {
			return nil, fact.Refuse(fact.CodeMoreThanLeft, field+".quantity", "%d pieces of the line are left: %d cannot be returned", left, l.Quantity)
		}
		lines = append(lines, fact.Line{Reference: l.Reference, Quantity: l.Quantity, Amount: paid(line, before+l.Quantity) - paid(line, before)})
	}
	return lines, nil
}

// paid is what was paid for so many pieces of a line, rounded down.
func paid(l fact.Line, pieces int64) int64 {
	hi, lo := bits.Mul64(uint64(l.Amount), uint64(pieces))
	amount, _ := bits.Div64(hi, lo, uint64(l.Quantity)) // at most the line's, so it fits
	return int64(amount)
}

// checkNote refuses what cannot be a note.
func checkNote(note string) *fact.Refusal {
	switch {
	case len(note) > MaxReason:
		return fact.Refuse(fact.CodeTooLong, "note", "a note has at most %d bytes", MaxReason)
	case !fact.IsText(note):
		return fact.Refuse(fact.CodeInvalid, "note", "a note is text")
	}
	return nil
}

// checkWhen refuses an instant at which something that occurred at another cannot have been undone. What was taken by a clock that is ahead of this one can be undone at
// once: when it occurred is never in the future.
func checkWhen(occurred, original, now time.Time) *fact.Refusal {
	switch {
	case occurred.After(now) && occurred.After(original):
		return fact.Refuse(fact.CodeInFuture, "occurredAt", "it is said to have occurred later than now, %s", now.UTC().Format(time.RFC3339))
	case occurred.Before(original):
		return fact.Refuse(fact.CodeInvalid, "occurredAt", "it is said to have occurred before what it undoes, %s", original.UTC().Format(time.RFC3339))
	}
	return nil
}

// compileReturns reads where points come from that are taken back after they were spent.
func compileReturns(s ReturnsSpec, r fact.Report) ledger.Recourse {
	policy := ledger.Recourse{OtherLots: s.OtherLots == nil || *s.OtherLots, DebtFloor: s.Debt}
	switch {
	case s.Debt < 0 || s.Debt > fact.MaxPoints:
		r.In("debt").Say("a member may owe 0 to %d points", fact.MaxPoints)
	case s.Debt > 0 && !policy.OtherLots:
		r.In("debt").Say("nobody owes points while having some: with a debt, other_lots cannot be false")
	}
	return policy
}
