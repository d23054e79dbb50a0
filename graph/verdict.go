package graph

import (
	"context"

	"granaio/auth"
	"granaio/graph/fault"
	"granaio/graph/model"
	"granaio/graph/read"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// howMany is how many rules are told of.
func howMany(first *int) (int, error) {
	if first == nil || *first < 1 || *first > read.MaxPage {
		return 0, fault.Malformed("first is 1 to %d", read.MaxPage)
	}
	return *first, nil
}

// verdicts tells what became of rules for an interaction; nil for a partner that did not send it.
func (s *session) verdicts(ctx context.Context, i *read.Interaction, rules []string, first *int) ([]*model.Verdict, error) {
	n, err := howMany(first)
	if err != nil {
		return nil, err
	}
	if len(rules) > read.MaxPage {
		return nil, fault.Beyond("rules", "at most %d rules can be named", read.MaxPage)
	}
	outsider := s.viewer.Role == auth.RolePartner
	if outsider && (i.PartnerID == nil || *i.PartnerID != s.viewer.Partner) {
		return nil, nil
	}
	j, err := i.Judgement(ctx, s.question(rules, n))
	if err != nil || j == nil {
		return nil, err
	}
	return model.NewVerdicts(j, i.Event, speechOf(ctx), n, s.viewer.Role), nil
}

// question is which rules the caller asks about, of at most so many: who does not run the programme is not told of those that rest or have not begun.
func (s *session) question(rules []string, first int) loyalty.Question {
	return loyalty.Question{Rules: rules, First: first, Outside: s.viewer.Role != auth.RoleOperator}
}

// try tells what would follow from an interaction.
func (r *Resolver) try(ctx context.Context, in model.InteractionTryInput) (*model.InteractionTryPayload, error) {
	s := sessionOf(ctx)
	t, refusal, err := s.track(ctx, model.InteractionTrackInput{
		Member: in.Member, Event: in.Event, Touchpoint: in.Touchpoint, OccurredAt: in.OccurredAt, Value: in.Value, Lines: in.Lines, Properties: in.Properties,
	})
	if len(in.Rules) > read.MaxPage {
		refusal = fact.Refuse(fact.CodeTooMany, "rules", "at most %d rules can be named", read.MaxPage)
	}
	if err != nil || refusal != nil {
		return &model.InteractionTryPayload{UserErrors: model.NewUserErrors(refusal)}, err
	}
	trial, err := r.engine.Try(ctx, t, s.question(in.Rules, 0))
	if err != nil {
		return nil, err
	}
	if trial.Refusal != nil {
		return &model.InteractionTryPayload{UserErrors: model.NewUserErrors(trial.Refusal)}, nil
	}
	return &model.InteractionTryPayload{Trial: model.NewInteractionTrial(trial, in.Event, speechOf(ctx), s.viewer.Role), UserErrors: model.NewUserErrors(nil)}, nil
}
