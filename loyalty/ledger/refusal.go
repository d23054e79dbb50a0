package ledger

import "granaio/loyalty/fact"

// The codes of the ledger's own refusals.
const (
	CodeZero               fact.Code = "ZERO"                 // zero where at least one is needed
	CodeInPast             fact.Code = "IN_PAST"              // a time that has passed where one to come is needed
	CodeHoldEnded          fact.Code = "HOLD_ENDED"           // the hold was captured, released or has lapsed
	CodeHoldOpen           fact.Code = "HOLD_OPEN"            // a hold must end first
	CodeMoreThanHeld       fact.Code = "MORE_THAN_HELD"       // more is captured than the hold set aside
	CodeMoreThanEarned     fact.Code = "MORE_THAN_EARNED"     // more is taken back than the earning gave
	CodeMoreThanSpent      fact.Code = "MORE_THAN_SPENT"      // more is given back than was spent and not given back before
	CodeAlreadyReversed    fact.Code = "ALREADY_REVERSED"     // nothing is left to be taken or given back
	CodeReversalOfReversal fact.Code = "REVERSAL_OF_REVERSAL" // what is to be reversed is a reversal
	CodeNotReversible      fact.Code = "NOT_REVERSIBLE"       // what is to be reversed is of a kind that cannot be
	CodeAnotherAccount     fact.Code = "ANOTHER_ACCOUNT"      // the hold, earning or spend is another account's
	CodeSameAccount        fact.Code = "SAME_ACCOUNT"         // both accounts are one
)

// amount refuses points that are not 1 to fact.MaxPoints.
func amount(what string, points fact.Points) *fact.Refusal {
	var code fact.Code
	switch {
	case points == 0:
		code = CodeZero
	case points < 0:
		code = fact.CodeNegative
	case points > fact.MaxPoints:
		code = fact.CodeTooLarge
	default:
		return nil
	}
	return fact.Refuse(code, "", "%s is of 1 to %d points, not of %d", what, fact.MaxPoints, points)
}

// overflow refuses points with which the account would have too many.
func (b *Book) overflow(more fact.Points) *fact.Refusal {
	if _, ok := b.account.total().Plus(more); ok {
		return nil
	}
	return fact.Refuse(fact.CodeBalanceOutOfBounds, "", "with %d points more the account would have over %d", more, fact.MaxPoints)
}

// reversible refuses what can be reversed only as another kind, or not at all.
func reversible(m Movement, kinds ...Kind) *fact.Refusal {
	for _, k := range kinds {
		if m.Kind == k {
			return nil
		}
	}
	switch m.Kind {
	case ReverseEarn, ReverseSpend:
		return fact.Refuse(CodeReversalOfReversal, "", "movement %s is a reversal, which cannot be reversed", m.ID)
	}
	return fact.Refuse(CodeNotReversible, "", "movement %s is of the kind %s, which cannot be reversed so", m.ID, m.Kind)
}

// foreign refuses what belongs to another account.
func (b *Book) foreign(what string, id, account fact.ID) *fact.Refusal {
	if account == b.account.ID {
		return nil
	}
	return fact.Refuse(CodeAnotherAccount, "", "%s %s does not belong to account %s", what, id, b.account.ID)
}
