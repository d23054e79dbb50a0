package graph

import (
	"context"

	"granaio/graph/model"
	"granaio/loyalty/fact"
)

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
