package graph

import (
	"context"
	"time"

	"granaio/engine"
	"granaio/graph/model"
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
func (s *session) reverse(key string, interaction fact.ID, value *model.MoneyInput, lines []*model.ReturnedLineInput) (engine.Reverse, *fact.Refusal) {
	r := engine.Reverse{Origin: s.origin(key), Interaction: interaction}
	if lines != nil {
		r.Lines = make([]loyalty.ReturnedLine, len(lines))
		for i, l := range lines {
			r.Lines[i] = loyalty.ReturnedLine{Reference: l.Reference, Quantity: l.Quantity}
		}
	}
	var refusal *fact.Refusal
	r.Value, refusal = moneyIn(value)
	return r, refusal
}

func (r *Resolver) interactionReverse(ctx context.Context, in model.InteractionReverseInput) (*model.InteractionReversePayload, error) {
	s := sessionOf(ctx)
	asked, refusal := s.reverse(in.IdempotencyKey, in.Interaction, in.Value, in.Lines)
	if refusal != nil {
		return &model.InteractionReversePayload{UserErrors: model.NewUserErrors(refusal)}, nil
	}
	asked.Note, asked.Occurred = text(in.Note), instant(in.OccurredAt)
	o, err := r.engine.Reverse(ctx, asked)
	if err != nil {
		return nil, err
	}
	return model.NewInteractionReversePayload(model.NewAnswers(s.Reader, speechOf, o), o), nil
}

func (r *Resolver) pointsRefund(ctx context.Context, in model.PointsRefundInput) (*model.PointsPayload, error) {
	s := sessionOf(ctx)
	o, err := r.engine.Refund(ctx, engine.Refund{
		Origin: s.origin(in.IdempotencyKey), Movement: in.Movement, Points: in.Points, Occurred: instant(in.OccurredAt), Note: text(in.Note),
	})
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
func instant(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
