package graph

import (
	"context"
	"errors"

	"granaio/ent"
	enttask "granaio/ent/task"
	"granaio/graph/model"
	"granaio/graph/read"
	"granaio/graph/scalar"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/simulate"
)

// Simulator judges what is to be simulated. Package simulate has one.
type Simulator interface {
	// Freeze has drafts tried as they are now.
	Freeze(ctx context.Context, programme fact.ID, p simulate.Plan) (simulate.Plan, error)
	Judge(ctx context.Context, programme fact.ID, p simulate.Plan) ([]programme.Problem, error)
}

// Desk takes tasks in, and has them cancelled. Package task has one.
type Desk interface {
	// Start is refused while too many wait.
	Start(ctx context.Context, programme fact.ID, kind enttask.Kind, caller string, input any) (*ent.Task, *fact.Refusal, error)
	Cancel(ctx context.Context, programme, id fact.ID) (*ent.Task, *fact.Refusal, error)
}

// simulate takes a simulation in.
func (r *Resolver) simulate(ctx context.Context, in model.ProgrammeSimulateInput) (*model.ProgrammeSimulatePayload, error) {
	s := sessionOf(ctx)
	p, field, refusal := plan(in)
	if refusal != nil {
		return model.NewSimulateRefusal(refusal), nil
	}
	if p.Until.IsZero() {
		p.Until = s.Engine.Now()
	}
	p, err := r.simulator.Freeze(ctx, s.ID, p)
	if err != nil {
		return nil, err
	}
	problems, err := r.simulator.Judge(ctx, s.ID, p)
	switch {
	case errors.Is(err, simulate.ErrEmptyPeriod):
		return model.NewSimulateRefusal(fact.Refuse(fact.CodeEmptyPeriod, "until", "%s", err)), nil
	case errors.Is(err, simulate.ErrBeforeProgramme):
		return model.NewSimulateRefusal(fact.Refuse(fact.CodeBeforeProgramme, "from", "%s", err)), nil
	case errors.Is(err, simulate.ErrUnknownVersion):
		return model.NewSimulateRefusal(fact.Refuse(fact.CodeUnknownVersion, "version", "%s", err)), nil
	case err != nil:
		return nil, err
	case len(problems) > 0:
		return model.NewSimulateProblems(problems, field), nil
	}
	row, refusal, err := r.desk.Start(ctx, s.ID, enttask.KindSimulation, s.viewer.Caller(), p)
	if err != nil || refusal != nil {
		return model.NewSimulateRefusal(refusal), err
	}
	payload := model.NewSimulateRefusal(nil)
	payload.Task = read.NewTask(row)
	return payload, nil
}

// plan reads what is to be simulated, and which field holds what is tried.
func plan(in model.ProgrammeSimulateInput) (p simulate.Plan, field string, refusal *fact.Refusal) {
	given := 0
	if in.Version != nil {
		if *in.Version < 1 {
			return p, field, fact.Refuse(fact.CodeUnknownVersion, "version", "versions are numbered from 1")
		}
		p.Version, field, given = *in.Version, "version", given+1
	}
	if in.Yaml != nil {
		if *in.Yaml == "" {
			return p, field, fact.Refuse(fact.CodeRequired, "yaml", "the file is empty")
		}
		p.YAML, field, given = *in.Yaml, "yaml", given+1
	}
	if in.Published != nil && *in.Published {
		p.Published, field, given = true, "published", given+1
	}
	switch {
	case given > 1:
		return p, field, fact.Refuse(fact.CodeInvalid, field, "only one of version, yaml and published is taken")
	case in.From.Refusal != nil:
		return p, field, under("from", in.From.Refusal)
	case in.Until != nil && in.Until.Refusal != nil:
		return p, field, under("until", in.Until.Refusal)
	case in.PointValue != nil && in.PointValue.Refusal != nil:
		return p, field, under("pointValue", in.PointValue.Refusal)
	case in.PointValue != nil && in.PointValue.Value.IsNegative():
		return p, field, fact.Refuse(fact.CodeNegative, "pointValue", "a point does not cost less than nothing")
	}
	p.From = in.From.Value
	if in.Until != nil {
		p.Until = in.Until.Value
	}
	if in.PointValue != nil {
		p.PointValue = &in.PointValue.Value
	}
	return p, field, nil
}

// cancelTask has a task end.
func (r *Resolver) cancelTask(ctx context.Context, id scalar.GivenID) (*model.TaskCancelPayload, error) {
	if id.Refusal != nil {
		return &model.TaskCancelPayload{UserErrors: model.NewUserErrors(under("id", id.Refusal))}, nil
	}
	row, refusal, err := r.desk.Cancel(ctx, sessionOf(ctx).ID, id.Value)
	if err != nil || refusal != nil {
		return &model.TaskCancelPayload{UserErrors: model.NewUserErrors(refusal)}, err
	}
	return &model.TaskCancelPayload{Task: read.NewTask(row), UserErrors: []*model.UserError{}}, nil
}
