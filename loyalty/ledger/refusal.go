package ledger

import "granaio/loyalty/fact"

// amount refuses points that are not 1 to fact.MaxPoints.
func amount(what string, points fact.Points) *fact.Refusal {
	var code fact.Code
	switch {
	case points == 0:
		code = fact.CodeZero
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
		return fact.Refuse(fact.CodeReversalOfReversal, "", "movement %s is a reversal, which cannot be reversed", m.ID)
	}
	return fact.Refuse(fact.CodeNotReversible, "", "movement %s is of the kind %s, which cannot be reversed so", m.ID, m.Kind)
}

// foreign refuses what belongs to another account.
func (b *Book) foreign(what string, id, account fact.ID) *fact.Refusal {
	if account == b.account.ID {
		return nil
	}
	return fact.Refuse(fact.CodeAnotherAccount, "", "%s %s does not belong to account %s", what, id, b.account.ID)
}
