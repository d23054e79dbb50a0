package graph

import (
	"context"

	"granaio/auth"
	"granaio/engine"
	"granaio/graph/model"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// about shows what became of a request about who a member is.
func (r *Resolver) about(ctx context.Context, o *engine.Outcome, refusal *fact.Refusal, err error) (*model.MemberPayload, error) {
	s := sessionOf(ctx)
	switch {
	case err != nil:
		return nil, err
	case refusal != nil:
		return &model.MemberPayload{UserErrors: model.NewUserErrors(refusal)}, nil
	}
	s.look() // it may be known by other ids now
	return model.NewMemberPayload(model.NewAnswers(s.Reader, speechOf, o), o), nil
}

func (r *Resolver) register(ctx context.Context, in model.MemberRegisterInput) (*model.MemberPayload, error) {
	s := sessionOf(ctx)
	asked := engine.Register{Origin: s.origin(in.IdempotencyKey), Touchpoint: in.Touchpoint, Locale: text(in.Locale)}
	if in.OccurredAt != nil {
		asked.Occurred = *in.OccurredAt
	}
	var refusal *fact.Refusal
	if asked.Member, refusal = ref(*in.Member, "member"); refusal != nil {
		return r.about(ctx, nil, refusal, nil)
	}
	o, err := r.engine.Register(ctx, asked)
	return r.about(ctx, o, nil, err)
}

func (r *Resolver) identify(ctx context.Context, in model.MemberIdentifyInput) (*model.MemberPayload, error) {
	s := sessionOf(ctx)
	asked := engine.Identify{Origin: s.origin(in.IdempotencyKey), Claimed: s.viewer.Role == auth.RoleMember}
	for _, i := range in.Identities[:min(len(in.Identities), engine.MaxIdentities+1)] {
		asked.Identities = append(asked.Identities, engine.Identity{Kind: i.Kind, Value: i.Value})
	}
	var refusal *fact.Refusal
	var err error
	if asked.Member, refusal, err = s.who(ctx, in.Member); refusal != nil || err != nil {
		return r.about(ctx, nil, refusal, err)
	}
	o, err := r.engine.Identify(ctx, asked)
	return r.about(ctx, o, nil, err)
}

func (r *Resolver) removeIdentity(ctx context.Context, in model.MemberIdentityRemoveInput) (*model.MemberPayload, error) {
	s := sessionOf(ctx)
	member, refusal, err := s.who(ctx, in.Member)
	if refusal != nil || err != nil {
		return r.about(ctx, nil, refusal, err)
	}
	o, err := r.engine.RemoveIdentity(ctx, engine.IdentityRemove{
		Origin: s.origin(in.IdempotencyKey), Member: member, Identity: engine.Identity{Kind: in.Identity.Kind, Value: in.Identity.Value},
	})
	return r.about(ctx, o, nil, err)
}

// bar suspends or reinstates a member.
func (r *Resolver) bar(ctx context.Context, key string, in *model.MemberRef, op loyalty.Operation) (*model.MemberPayload, error) {
	member, refusal := ref(*in, "member")
	if refusal != nil {
		return r.about(ctx, nil, refusal, nil)
	}
	o, err := r.engine.Operate(ctx, engine.Operate{Origin: sessionOf(ctx).origin(key), Members: []engine.Ref{member}, Operation: op})
	return r.about(ctx, o, nil, err)
}

func (r *Resolver) merge(ctx context.Context, in model.MemberMergeInput) (*model.MemberPayload, error) {
	asked, refusal := merging(in.From, in.Into)
	if refusal != nil {
		return r.about(ctx, nil, refusal, nil)
	}
	asked.Origin, asked.Reason = sessionOf(ctx).origin(in.IdempotencyKey), in.Reason
	o, err := r.engine.Merge(ctx, asked)
	return r.about(ctx, o, nil, err)
}

func merging(from, into *model.MemberRef) (m engine.Merge, refusal *fact.Refusal) {
	if m.From, refusal = ref(*from, "from"); refusal == nil {
		m.Into, refusal = ref(*into, "into")
	}
	return m, refusal
}

func (r *Resolver) previewMerge(ctx context.Context, from, into *model.MemberRef) (*model.MemberMergePreviewPayload, error) {
	s := sessionOf(ctx)
	asked, refusal := merging(from, into)
	if refusal != nil {
		return &model.MemberMergePreviewPayload{UserErrors: model.NewUserErrors(refusal)}, nil
	}
	asked.Origin = s.origin("")
	x, err := r.engine.PreviewMerge(ctx, asked)
	if err != nil {
		return nil, err
	}
	if x.Refusal != nil {
		return &model.MemberMergePreviewPayload{UserErrors: model.NewUserErrors(x.Refusal)}, nil
	}
	return &model.MemberMergePreviewPayload{Preview: model.NewMemberMergePreview(x, s.Reader, speechOf(ctx)), UserErrors: model.NewUserErrors(nil)}, nil
}
