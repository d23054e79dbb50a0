package model

import (
	"context"

	"granaio/engine"
	"granaio/graph/read"
	"granaio/loyalty/fact"
)

// PointsPayload is the answer to an operation on one member's points.
type PointsPayload struct {
	answer
	Duplicate  bool
	UserErrors []*UserError
	hold       *read.Group[fact.ID, *read.Hold] // of one
	holdID     fact.ID
}

// NewPointsPayload is the answer of an outcome: about the hold, or if there is none about the one that it may have made.
func NewPointsPayload(a *Answers, r *read.Reader, o *engine.Outcome, hold fact.ID) *PointsPayload {
	if o.Refusal != nil {
		return &PointsPayload{Duplicate: o.Duplicate, UserErrors: NewUserErrors(o.Refusal)}
	}
	if hold.IsZero() {
		hold = o.Own[0].As(fact.KindHold)
	}
	return &PointsPayload{answer{a, o}, o.Duplicate, NewUserErrors(nil), r.Holds([]fact.ID{hold}), hold}
}

// Movement is the one that was asked for.
func (p *PointsPayload) Movement(ctx context.Context) (*read.Movement, error) { return p.own(ctx, 0) }

// Redemption is the one that was cancelled, nil if none was.
func (p *PointsPayload) Redemption(ctx context.Context) (*read.Redemption, error) {
	if p.Outcome == nil || p.Outcome.RedemptionID.IsZero() {
		return nil, nil
	}
	return p.With.redemptions.Get(ctx, p.Outcome.RedemptionID)
}

// Hold is the one that was made or ended.
func (p *PointsPayload) Hold(ctx context.Context) (*read.Hold, error) {
	if p.Outcome == nil {
		return nil, nil
	}
	return p.hold.Get(ctx, p.holdID)
}

// PointsTransferPayload is the answer to a transfer.
type PointsTransferPayload struct {
	answer
	Duplicate  bool
	UserErrors []*UserError
	reader     *read.Reader
}

// NewPointsTransferPayload is the answer of an outcome.
func NewPointsTransferPayload(a *Answers, r *read.Reader, o *engine.Outcome) *PointsTransferPayload {
	if o.Refusal != nil {
		return &PointsTransferPayload{Duplicate: o.Duplicate, UserErrors: NewUserErrors(o.Refusal)}
	}
	return &PointsTransferPayload{answer{a, o}, o.Duplicate, NewUserErrors(nil), r}
}

// Given is the giver's movement.
func (p *PointsTransferPayload) Given(ctx context.Context) (*read.Movement, error) {
	return p.own(ctx, 0)
}

// Received is the receiver's movement.
func (p *PointsTransferPayload) Received(ctx context.Context) (*read.Movement, error) {
	return p.own(ctx, 1)
}

// From is the giver.
func (p *PointsTransferPayload) From(ctx context.Context) (*read.Member, error) { return p.Member(ctx) }

// To is the receiver.
func (p *PointsTransferPayload) To(ctx context.Context) (*read.Member, error) {
	m, err := p.Received(ctx)
	if err != nil || m == nil {
		return nil, err
	}
	return p.reader.Members(m.MemberID).Member(ctx, m.MemberID)
}

// own is one of the movements that were asked for.
func (a answer) own(ctx context.Context, at int) (*read.Movement, error) {
	if a.Outcome == nil {
		return nil, nil
	}
	return a.With.movement(ctx, a.Outcome.Own[at])
}
