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
	row, refusal, err := r.desk.Start(ctx, s.ID, enttask.KindMetricRebuild, s.viewer.Caller(), p)
	if err != nil || refusal != nil {
		return &model.MetricRebuildPayload{UserErrors: model.NewUserErrors(refusal)}, err
	}
	return &model.MetricRebuildPayload{Task: read.NewTask(row), UserErrors: []*model.UserError{}}, nil
}
