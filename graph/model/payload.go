package model

import (
	"context"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"granaio/engine"
	"granaio/graph/read"
)

// InteractionTrackPayload is the answer to an interaction.
type InteractionTrackPayload struct {
	answer
	Duplicate  bool
	UserErrors []*UserError
}

// NewInteractionTrackPayload is the answer of an outcome, whose input lies below the path.
func NewInteractionTrackPayload(a *Answers, o *engine.Outcome, path ...string) *InteractionTrackPayload {
	if o.Refusal != nil {
		return &InteractionTrackPayload{Duplicate: o.Duplicate, UserErrors: NewUserErrors(o.Refusal, path...)}
	}
	return &InteractionTrackPayload{answer{a, o}, o.Duplicate, NewUserErrors(nil)}
}

// Interaction is the one that was taken.
func (p *InteractionTrackPayload) Interaction(ctx context.Context) (*read.Interaction, error) {
	return p.interaction(ctx)
}

// Outcome is what followed from it.
func (p *InteractionTrackPayload) Outcome() *Outcome { return p.outcome() }

// MemberEnrolPayload is the answer to an enrolment.
type MemberEnrolPayload struct {
	answer
	Duplicate  bool
	UserErrors []*UserError
}

// NewMemberEnrolPayload is the answer of an outcome.
func NewMemberEnrolPayload(a *Answers, o *engine.Outcome) *MemberEnrolPayload {
	if o.Refusal != nil {
		return &MemberEnrolPayload{Duplicate: o.Duplicate, UserErrors: NewUserErrors(o.Refusal)}
	}
	return &MemberEnrolPayload{answer{a, o}, o.Duplicate, NewUserErrors(nil)}
}

// Outcome is what followed from it.
func (p *MemberEnrolPayload) Outcome() *Outcome { return p.outcome() }

// RewardRedeemPayload is the answer to a redemption.
type RewardRedeemPayload struct {
	answer
	Duplicate  bool
	UserErrors []*UserError
}

// NewRewardRedeemPayload is the answer of an outcome.
func NewRewardRedeemPayload(a *Answers, o *engine.Outcome) *RewardRedeemPayload {
	if o.Refusal != nil {
		return &RewardRedeemPayload{Duplicate: o.Duplicate, UserErrors: NewUserErrors(o.Refusal)}
	}
	return &RewardRedeemPayload{answer{a, o}, o.Duplicate, NewUserErrors(nil)}
}

// Redemption is the reward that was taken.
func (p *RewardRedeemPayload) Redemption(ctx context.Context) (*read.Redemption, error) {
	if p.Outcome == nil {
		return nil, nil
	}
	return p.With.redemptions.Get(ctx, p.Outcome.RedemptionID)
}

// Movement is the spend that paid for it.
func (p *RewardRedeemPayload) Movement(ctx context.Context) (*read.Movement, error) {
	r, err := p.Redemption(ctx)
	if err != nil || r == nil || !slices.Contains(p.Outcome.MovementIDs, r.MovementID) {
		return nil, err
	}
	return p.With.movement(ctx, r.MovementID)
}

// InteractionTrackBatchPayload is the answers to a batch.
type InteractionTrackBatchPayload struct {
	UserErrors []*UserError
	results    []*InteractionTrackPayload
	faults     []error
}

// NewInteractionTrackBatchPayload is the answers of results, in their order.
func NewInteractionTrackBatchPayload(r *read.Reader, speech func(context.Context) Speech, results []engine.Result) *InteractionTrackBatchPayload {
	outcomes := make([]*engine.Outcome, len(results))
	for i, result := range results {
		outcomes[i] = result.Outcome
	}
	p := &InteractionTrackBatchPayload{UserErrors: NewUserErrors(nil)}
	a := NewAnswers(r, speech, outcomes...)
	for i, result := range results {
		var one *InteractionTrackPayload
		if result.Outcome != nil {
			one = NewInteractionTrackPayload(a, result.Outcome, "interactions", strconv.Itoa(i))
		}
		p.results, p.faults = append(p.results, one), append(p.faults, result.Err)
	}
	return p
}

// Results are the answers. One that a fault kept from an answer is nil, and an error stands at its place.
func (p *InteractionTrackBatchPayload) Results(ctx context.Context) []*InteractionTrackPayload {
	for i, err := range p.faults {
		if err != nil {
			graphql.AddError(ctx, gqlerror.WrapPath(append(graphql.GetPath(ctx), ast.PathIndex(i)), err))
		}
	}
	return p.results
}
