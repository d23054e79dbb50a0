package engine

import (
	"context"
	"errors"
	"slices"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

func (b *batch) decideTrack(ctx context.Context, timeline Timeline, j *job) (decision, error) {
	d, err := b.readTrack(ctx, timeline, j)
	if err != nil || d.refusal != nil {
		return d, err
	}
	state, fallen, err := b.present(ctx, timeline, d.person)
	if err != nil {
		return decision{}, err
	}
	d.effects, d.refusal, err = loyalty.Decide(d.programme, state, *d.interaction, b.now)
	d.effects.Before(fallen)
	if d.person.isNew && b.persons[d.person.state.Member.ID] == nil {
		b.meet(j, &d, err)
	}
	return d, err
}

// readTrack is an interaction as it is to be decided: whom it happened to, and by which version of the programme.
func (b *batch) readTrack(ctx context.Context, timeline Timeline, j *job) (decision, error) {
	t := j.track
	p := b.byRef[refKey{j.origin.Programme, j.refs[0]}]
	if p == nil {
		var err error
		if p, err = b.stranger(ctx, timeline, j); p == nil || err != nil {
			return decision{refusal: fact.Refuse(fact.CodeUnknownMember, "member", "there is no such member")}, err
		}
	}
	i := &fact.Interaction{
		ID: j.command.As(fact.KindInteraction), Event: t.Event, Touchpoint: t.Touchpoint, Occurred: b.occurred(j, t.Occurred), Received: j.received,
		Properties: t.Properties,
	}
	programme, refusal, err := b.at(ctx, timeline, i.Occurred, i.Received)
	if err != nil || refusal != nil {
		return decision{refusal: refusal}, err
	}
	if e := programme.Event(t.Event); e != nil && !e.BuiltIn && t.Sender != "" && !slices.Contains(e.From, t.Sender) {
		return decision{refusal: fact.Refuse(fact.CodeNotAllowed, "event", "a %s does not send this event", t.Sender)}, nil
	}
	if t.Value != nil {
		if i.Value, refusal = money(t.Value, programme.Currency()); refusal != nil {
			return decision{refusal: refusal}, nil
		}
	}
	if refusal := lines(t.Lines, i, programme.Currency()); refusal != nil {
		return decision{refusal: refusal}, nil
	}
	return decision{person: p, programme: programme, interaction: i}, nil
}

// lines reads the lines that something was paid for; if its value was not said, it is what they come to.
func lines(in []LineIn, i *fact.Interaction, programme fact.Currency) *fact.Refusal {
	for n, l := range in {
		m, refusal := amount(l.Amount, programme, listField("lines", n)+".amount")
		if refusal != nil {
			return refusal
		}
		i.Lines = append(i.Lines, fact.Line{Reference: l.Reference, Quantity: l.Quantity, Amount: m.Minor})
	}
	i.Price(programme)
	return nil
}

// money reads money as a caller gives it.
func money(in *MoneyIn, programme fact.Currency) (*fact.Money, *fact.Refusal) {
	if in.Currency != "" && in.Currency != programme.Code {
		return nil, fact.Refuse(fact.CodeCurrencyMismatch, "value.currency", "the programme's currency is %s", programme.Code)
	}
	return amount(in.Amount, programme, "value.amount")
}

// amount reads an amount of the currency, which is the input's field.
func amount(of fact.Decimal, c fact.Currency, field string) (*fact.Money, *fact.Refusal) {
	m, err := fact.MoneyOf(of, c)
	switch {
	case errors.Is(err, fact.ErrFraction):
		return nil, fact.Refuse(fact.CodeFractional, field, "%s", err)
	case errors.Is(err, fact.ErrTooLarge):
		return nil, fact.Refuse(fact.CodeTooLarge, field, "%s", err)
	case err != nil:
		return nil, fact.Refuse(fact.CodeInvalid, field, "%s", err)
	}
	return &m, nil
}
