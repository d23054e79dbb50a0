package loyalty

import (
	"slices"
	"strconv"

	"granaio/loyalty/fact"
)

// The bounds of an interaction's lines.
const (
	MaxLines     = 100
	maxReference = 64
	maxQuantity  = 1_000_000
)

// admitLines refuses lines that an interaction of a value cannot have. An interaction that came without a value has that of its lines.
func admitLines(lines []fact.Line, value *fact.Money) *fact.Refusal {
	switch {
	case len(lines) == 0:
		return nil
	case len(lines) > MaxLines:
		return fact.Refuse(fact.CodeTooMany, "lines", "at most %d lines are taken, not %d", MaxLines, len(lines))
	}
	for i, l := range lines {
		field := "lines." + strconv.Itoa(i)
		switch {
		case l.Reference == "":
			return fact.Refuse(fact.CodeRequired, field+".reference", "a line has a reference")
		case len(l.Reference) > maxReference:
			return fact.Refuse(fact.CodeTooLong, field+".reference", "a reference has at most %d bytes", maxReference)
		case !fact.IsText(l.Reference):
			return fact.Refuse(fact.CodeInvalid, field+".reference", "a reference is text")
		case slices.ContainsFunc(lines[:i], func(o fact.Line) bool { return o.Reference == l.Reference }):
			return fact.Refuse(fact.CodeInvalid, field+".reference", "another line has the same reference")
		case l.Amount < 0:
			return fact.Refuse(fact.CodeNegative, field+".amount", "an amount is not negative")
		}
		if r := admitQuantity(l.Quantity, field+".quantity"); r != nil {
			return r
		}
	}
	if total := fact.Total(lines); total > value.Minor {
		return fact.Refuse(fact.CodeTooLarge, "lines", "the lines come to %d in minor units, and the value is %d", total, value.Minor)
	}
	return nil
}

func admitQuantity(n int64, field string) *fact.Refusal {
	switch {
	case n == 0:
		return fact.Refuse(fact.CodeZero, field, "a quantity is 1 or more")
	case n < 0:
		return fact.Refuse(fact.CodeNegative, field, "a quantity is 1 or more")
	case n > maxQuantity:
		return fact.Refuse(fact.CodeTooLarge, field, "a quantity is at most %d", maxQuantity)
	}
	return nil
}
