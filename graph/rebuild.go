package graph

import (
	"context"

	enttask "granaio/ent/task"
	"granaio/graph/model"
	"granaio/graph/read"
	"granaio/loyalty/fact"
	"granaio/rebuild"
)

// Rebuilder judges which metrics are to be worked out anew. Package rebuild has one.
type Rebuilder interface {
	Judge(ctx context.Context, programme fact.ID, p rebuild.Plan) (*fact.Refusal, error)
}

// rebuild takes in that metrics are to be worked out anew.
func (r *Resolver) rebuild(ctx context.Context, in model.MetricRebuildInput) (*model.MetricRebuildPayload, error) {
	s := sessionOf(ctx)
	p := rebuild.Plan{Metrics: in.Metrics, Caller: s.viewer.Caller()}
	refusal, err := r.rebuilder.Judge(ctx, s.ID, p)
	if err != nil || refusal != nil {
		return &model.MetricRebuildPayload{UserErrors: model.NewUserErrors(refusal)}, err
	}
	row, err := r.desk.Start(ctx, s.ID, enttask.KindMetricRebuild, s.viewer.Caller(), p)
	if err != nil {
		return nil, err
	}
	return &model.MetricRebuildPayload{Task: read.NewTask(row), UserErrors: []*model.UserError{}}, nil
}

// figures are what a touchpoint brings by period.
func (s *session) figures(ctx context.Context, t *model.Touchpoint, from, to fact.Day, per model.FigurePeriod) ([]*model.TouchpointFigures, error) {
	all, rhythm, err := model.Periods(from, to, per)
	if err != nil {
		return nil, err
	}
	p, err := s.Programme(ctx)
	if err != nil {
		return nil, err
	}
	traffic, err := s.Engine.Traffic(ctx, s.ID, p.Zone(), t.Key, from, to, rhythm)
	if err != nil {
		return nil, err
	}
	for _, f := range all {
		f.Traffic = traffic[rhythm.Period(f.From)]
	}
	return all, nil
}
