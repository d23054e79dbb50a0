package graph

import (
	"context"

	"granaio/auth"
	"granaio/dossier"
	"granaio/engine"
	"granaio/graph/model"
	"granaio/loyalty"
	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
)

// Keeper counts what is stored of members. Package dossier has one.
type Keeper interface {
	Shares(ctx context.Context, member fact.ID) ([]dossier.Share, error)
}

// choicesOf reads decisions.
func choicesOf(in []*model.ConsentDecisionInput) []loyalty.Choice {
	var all []loyalty.Choice
	for _, d := range in[:min(len(in), loyalty.MaxChoices+1)] {
		all = append(all, loyalty.Choice{Purpose: d.Purpose, State: d.State, Version: text(d.TextVersion)})
	}
	return all
}

func (r *Resolver) consentRecord(ctx context.Context, in model.ConsentRecordInput) (*model.ConsentRecordPayload, error) {
	s := sessionOf(ctx)
	c := engine.Consent{Origin: s.origin(in.IdempotencyKey), Touchpoint: in.Touchpoint, Choices: choicesOf(in.Decisions)}
	if in.OccurredAt != nil {
		c.Occurred = *in.OccurredAt
	}
	var err error
	var refusal *fact.Refusal
	c.Member, refusal, err = s.who(ctx, in.Member)
	if err != nil || refusal != nil {
		return &model.ConsentRecordPayload{UserErrors: model.NewUserErrors(refusal)}, err
	}
	o, err := r.engine.Consent(ctx, c)
	if err != nil {
		return nil, err
	}
	return model.NewConsentRecordPayload(model.NewAnswers(s.Reader, speechOf, o), o, c.Choices), nil
}

func (r *Resolver) contactPrefer(ctx context.Context, in model.ContactPreferInput) (*model.ContactPreferPayload, error) {
	s := sessionOf(ctx)
	who, refusal, err := s.who(ctx, in.Member)
	if err != nil || refusal != nil {
		return &model.ContactPreferPayload{UserErrors: model.NewUserErrors(refusal)}, err
	}
	o, err := r.engine.Prefer(ctx, engine.Prefer{
		Origin: s.origin(in.IdempotencyKey), Member: who, Preferences: consent.Preferences{Channels: in.Channels, TimeZone: text(in.TimeZone)},
	})
	if err != nil {
		return nil, err
	}
	return model.NewContactPreferPayload(model.NewAnswers(s.Reader, speechOf, o), o), nil
}

func (r *Resolver) contactRecord(ctx context.Context, in model.ContactRecordInput) (*model.ContactRecordPayload, error) {
	s := sessionOf(ctx)
	who, refusal, err := s.who(ctx, in.Member)
	if err != nil || refusal != nil {
		return &model.ContactRecordPayload{UserErrors: model.NewUserErrors(refusal)}, err
	}
	if s.Partner { // a third party is shown nobody who has not agreed to that, and asks for no such member
		m, err := s.shown(ctx, who)
		if err != nil {
			return nil, err
		}
		if m == nil {
			return &model.ContactRecordPayload{UserErrors: model.NewUserErrors(fact.Refuse(fact.CodeUnknownMember, "member", "there is no such member"))}, nil
		}
	}
	c := engine.Contact{Origin: s.origin(in.IdempotencyKey), Member: who, Channel: in.Channel}
	if in.SentAt != nil {
		c.Sent = *in.SentAt
	}
	o, err := r.engine.Contact(ctx, c)
	if err != nil {
		return nil, err
	}
	payload := &model.ContactRecordPayload{Duplicate: o.Duplicate, UserErrors: model.NewUserErrors(o.Refusal)}
	payload.Contact, err = s.contact(ctx, who, in.Channel)
	return payload, err
}

// contact tells whether a member may be written to by a channel now; nil if there is no such member or channel.
func (s *session) contact(ctx context.Context, who engine.Ref, channel string) (*model.ContactAnswer, error) {
	m, err := s.shown(ctx, who)
	if err != nil || m == nil {
		return nil, err
	}
	answers, err := m.Answers(ctx)
	for i, a := range answers {
		if a.Channel == channel {
			return model.NewContactAnswers(answers[i : i+1])[0], err
		}
	}
	return nil, err
}

// erasing is whom a caller may have erased, or why it may not.
func (s *session) erasing(ctx context.Context, in *model.MemberRef) (engine.Ref, *fact.Refusal, error) {
	who, refusal, err := s.who(ctx, in)
	if err != nil || refusal != nil || s.viewer.Role != auth.RoleMember {
		return who, refusal, err
	}
	p, err := s.Programme(ctx)
	if err == nil && !p.SelfErasable() {
		refusal = fact.Refuse(fact.CodeNotAllowed, "member", "the programme erases members at an operator's hand: ask it")
	}
	return who, refusal, err
}

func (r *Resolver) memberErase(ctx context.Context, in model.MemberEraseInput) (*model.MemberErasePayload, error) {
	s := sessionOf(ctx)
	who, refusal, err := s.erasing(ctx, in.Member)
	if err != nil || refusal != nil {
		return &model.MemberErasePayload{UserErrors: model.NewUserErrors(refusal)}, err
	}
	cause := dossier.ByOperator
	if s.viewer.Role == auth.RoleMember {
		cause = dossier.ByMember
	}
	o, err := r.engine.Erase(ctx, engine.Erase{Origin: s.origin(in.IdempotencyKey), Member: who, Cause: cause})
	if err != nil {
		return nil, err
	}
	return model.NewMemberErasePayload(model.NewAnswers(s.Reader, speechOf, o), o), nil
}

func (r *Resolver) erasurePreview(ctx context.Context, in *model.MemberRef) (*model.MemberErasurePreviewPayload, error) {
	s := sessionOf(ctx)
	refuse := func(refusal *fact.Refusal, err error) (*model.MemberErasurePreviewPayload, error) {
		return &model.MemberErasurePreviewPayload{UserErrors: model.NewUserErrors(refusal)}, err
	}
	who, refusal, err := s.who(ctx, in)
	if err != nil || refusal != nil {
		return refuse(refusal, err)
	}
	id := who.ID
	if id.IsZero() {
		if id, refusal, err = s.resolve(ctx, who, "member"); err != nil || refusal != nil {
			return refuse(refusal, err)
		}
	}
	view, err := s.Members(id).View(ctx, id)
	if err != nil {
		return nil, err
	}
	if view == nil {
		return refuse(fact.Refuse(fact.CodeUnknownMember, "member", "there is no such member"), nil)
	}
	shares, err := r.keeper.Shares(ctx, id)
	if err != nil {
		return nil, err
	}
	balances := view.Balances()
	shown := &model.MemberErasurePreview{Erased: view.State.Member.Status == loyalty.Erased, Balances: &balances}
	for _, x := range shares {
		share := &model.ErasureShare{Table: x.Table, Rows: x.Rows, Removed: x.Removed, Emptied: append([]string{}, x.Emptied...)}
		if x.Reason != "" {
			share.Reason = &x.Reason
		}
		shown.Shares = append(shown.Shares, share)
	}
	return &model.MemberErasurePreviewPayload{Preview: shown, UserErrors: model.NewUserErrors(nil)}, nil
}
