package graph

import (
	"context"
	"strconv"
	"time"

	"granaio/engine"
	"granaio/graph/model"
	"granaio/graph/scalar"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// moneyIn is money as the engine takes it, nil for none.
func moneyIn(in *model.MoneyInput) (*engine.MoneyIn, *fact.Refusal) {
	if in == nil {
		return nil, nil
	}
	if in.Amount.Refusal != nil {
		return nil, under("value.amount", in.Amount.Refusal)
	}
	return &engine.MoneyIn{Amount: in.Amount.Value, Currency: text(in.Currency)}, nil
}

// reverse is the engine's request for a return.
func (s *session) reverse(in model.InteractionReverseInput) (engine.Reverse, *fact.Refusal) {
	r := engine.Reverse{Origin: s.origin(in.IdempotencyKey), Interaction: in.Interaction.Value, Note: text(in.Note)}
	if in.Interaction.Refusal != nil {
		return r, under("interaction", in.Interaction.Refusal)
	}
	if in.Lines != nil {
		r.Lines = make([]loyalty.ReturnedLine, len(in.Lines))
		for i, l := range in.Lines {
			if l.Quantity.Refusal != nil {
				return r, under("lines."+strconv.Itoa(i)+".quantity", l.Quantity.Refusal)
			}
			r.Lines[i] = loyalty.ReturnedLine{Reference: l.Reference, Quantity: l.Quantity.Value}
		}
	}
	var refusal *fact.Refusal
	if r.Value, refusal = moneyIn(in.Value); refusal == nil {
		r.Occurred, refusal = instant(in.OccurredAt)
	}
	return r, refusal
}

func (r *Resolver) interactionReverse(ctx context.Context, in model.InteractionReverseInput) (*model.InteractionReversePayload, error) {
	s := sessionOf(ctx)
	asked, refusal := s.reverse(in)
	if refusal != nil {
		return &model.InteractionReversePayload{UserErrors: model.NewUserErrors(refusal)}, nil
	}
	o, err := r.engine.Reverse(ctx, asked)
	if err != nil {
		return nil, err
	}
	return model.NewInteractionReversePayload(model.NewAnswers(s.Reader, speechOf, o), o), nil
}

func (r *Resolver) pointsRefund(ctx context.Context, in model.PointsRefundInput) (*model.PointsPayload, error) {
	s := sessionOf(ctx)
	asked := engine.Refund{Origin: s.origin(in.IdempotencyKey), Movement: in.Movement.Value, Note: text(in.Note)}
	occurred, refusal := instant(in.OccurredAt)
	switch asked.Occurred = occurred; {
	case in.Movement.Refusal != nil:
		refusal = under("movement", in.Movement.Refusal)
	case in.Points != nil && in.Points.Refusal != nil:
		refusal = under("points", in.Points.Refusal)
	case in.Points != nil:
		asked.Points = &in.Points.Value
	}
	if refusal != nil {
		return &model.PointsPayload{UserErrors: model.NewUserErrors(refusal)}, nil
	}
	o, err := r.engine.Refund(ctx, asked)
	if err != nil {
		return nil, err
	}
	return model.NewPointsPayload(model.NewAnswers(s.Reader, speechOf, o), s.Reader, o, fact.ID{}), nil
}

func (r *Resolver) previewReverse(ctx context.Context, asked engine.Reverse) (*model.InteractionReversalPreviewPayload, error) {
	s := sessionOf(ctx)
	p, err := r.engine.PreviewReverse(ctx, asked)
	if err != nil {
		return nil, err
	}
	if p.Refusal != nil {
		return &model.InteractionReversalPreviewPayload{UserErrors: model.NewUserErrors(p.Refusal)}, nil
	}
	programme, err := s.Programme(ctx)
	if err != nil {
		return nil, err
	}
	return &model.InteractionReversalPreviewPayload{
		Preview: model.NewInteractionReversalPreview(p, s.Reader, programme, speechOf(ctx)), UserErrors: model.NewUserErrors(nil),
	}, nil
}

// instant is a time that may be left out, zero if it is.
func instant(t *scalar.GivenTime) (time.Time, *fact.Refusal) {
	switch {
	case t == nil:
		return time.Time{}, nil
	case t.Refusal != nil:
		return time.Time{}, under("occurredAt", t.Refusal)
	}
	return t.Value, nil
}
