package model

import (
	"context"

	"granaio/engine"
	"granaio/graph/read"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// NewMoney shows an amount, nil for none.
func NewMoney(m *fact.Money) *Money {
	if m == nil {
		return nil
	}
	return &Money{Amount: m.Decimal(), Currency: m.Currency.Code}
}

// InteractionLine is so many pieces of something that was bought.
type InteractionLine struct {
	Reference   string
	Quantity    int64
	Amount      *Money
	line        fact.Line
	interaction *read.Interaction
}

// NewInteractionLines shows the lines of an interaction.
func NewInteractionLines(i *read.Interaction, c fact.Currency) ([]*InteractionLine, error) {
	lines, err := i.Bought()
	all := make([]*InteractionLine, len(lines))
	for n, l := range lines {
		all[n] = &InteractionLine{l.Reference, l.Quantity, NewMoney(&fact.Money{Minor: l.Amount, Currency: c}), l, i}
	}
	return all, err
}

// Returned is how many of them were returned.
func (l *InteractionLine) Returned(ctx context.Context) (int64, error) {
	return l.interaction.Returned(ctx, l.line)
}

// NewReversalLines shows the lines that a reversal names.
func NewReversalLines(r *read.Reversal, c fact.Currency) ([]*ReversalLine, error) {
	lines, err := r.Named()
	all := make([]*ReversalLine, len(lines))
	for n, l := range lines {
		all[n] = &ReversalLine{Reference: l.Reference, Quantity: l.Quantity, Amount: NewMoney(&fact.Money{Minor: l.Amount, Currency: c})}
	}
	return all, err
}

// InteractionReversePayload is the answer to a return.
type InteractionReversePayload struct {
	answer
	Duplicate  bool
	UserErrors []*UserError
}

// NewInteractionReversePayload is the answer of an outcome.
func NewInteractionReversePayload(a *Answers, o *engine.Outcome) *InteractionReversePayload {
	if o.Refusal != nil {
		return &InteractionReversePayload{Duplicate: o.Duplicate, UserErrors: NewUserErrors(o.Refusal)}
	}
	return &InteractionReversePayload{answer{a, o}, o.Duplicate, NewUserErrors(nil)}
}

// Reversal is what was made.
func (p *InteractionReversePayload) Reversal(ctx context.Context) (*read.Reversal, error) {
	if p.answer.Outcome == nil {
		return nil, nil
	}
	if v := p.With.reversed[p.answer.Outcome.ReversalID]; v != nil {
		return v, nil
	}
	return p.With.reversals.Get(ctx, p.answer.Outcome.ReversalID)
}

// Outcome is what followed from it.
func (p *InteractionReversePayload) Outcome() *Outcome { return p.outcome() }

// InteractionReversalPreview is what would follow from a return.
type InteractionReversalPreview struct {
	Value    *Money
	Whole    bool
	Takings  []*Taking
	Before   *ledger.Balances
	After    *ledger.Balances
	Progress []*MissionProgress
	Tier     *Tier

	changesTier bool
}

// TierChanged tells whether it would change the tier.
func (p *InteractionReversalPreview) TierChanged() bool { return p.changesTier }

// Taking is points of one earning that would be taken back.
type Taking struct {
	Points, Pending, Available, Others, Owed, Expired, Forgiven fact.Points

	earning   fact.ID
	movements *read.Group[fact.ID, *read.Movement]
}

// Earning is the one that they would be taken back of.
func (t *Taking) Earning(ctx context.Context) (*read.Movement, error) {
	return t.movements.Get(ctx, t.earning)
}

// NewInteractionReversalPreview shows what would follow from a return, in the programme's words.
func NewInteractionReversalPreview(p *engine.Preview, r *read.Reader, programme *loyalty.Programme, s Speech) *InteractionReversalPreview {
	e := p.Effects
	shown := &InteractionReversalPreview{
		Whole: e.Reversal.Whole, Before: &p.Before, After: &e.State.Account.Balances, Takings: []*Taking{}, Progress: []*MissionProgress{}, changesTier: e.Tier != nil,
	}
	if p.Past.Interaction.Value != nil {
		shown.Value = NewMoney(&fact.Money{Minor: e.Reversal.Value, Currency: programme.Currency()})
	}
	var earnings []fact.ID
	for _, m := range e.Movements {
		if of := m.Reverses(); !of.IsZero() {
			earnings = append(earnings, of)
		}
	}
	movements := r.Movements(earnings)
	for _, m := range e.Movements {
		if !m.Reverses().IsZero() {
			shown.Takings = append(shown.Takings, newTaking(m, movements))
		}
	}
	for _, g := range e.Progress {
		if m := programme.Mission(g.Mission); m != nil {
			shown.Progress = append(shown.Progress, NewProgress(g, NewMission(m, s.In(programme))))
		}
	}
	if e.Tier != nil {
		shown.Tier = NewTier(programme.Tier(e.Tier.To), s.In(programme))
	}
	return shown
}

// newTaking tells where the points of a movement that takes an earning back come from.
func newTaking(m ledger.Movement, movements *read.Group[fact.ID, *read.Movement]) *Taking {
	x := m.Reason.Explanation
	t := &Taking{Owed: x.Owed, Expired: x.Expired, Forgiven: x.Forgiven, earning: m.Reverses(), movements: movements}
	for _, p := range m.Postings {
		switch {
		case p.Source == ledger.Pending:
			t.Pending += p.Points
		case p.Source == ledger.Available && p.Lot == t.earning.As(fact.KindLot):
			t.Available += p.Points
		case p.Source == ledger.Available:
			t.Others += p.Points
		}
	}
	t.Points = m.Points + t.Expired + t.Forgiven
	return t
}
