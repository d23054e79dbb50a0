package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/store"
	"granaio/task"
)

// Plan is a simulation as it is asked for: what to try, and when. It is stored with the task that runs it.
type Plan struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// What is tried: a version that there was, a file's programme in YAML, or the published versions as they were; none of them, all drafts: as they are saved when it is run, or as they were (Frozen).
	Version   int    `json:"version,omitempty"`
	YAML      string `json:"yaml,omitempty"`
	Published bool   `json:"published,omitempty"`
	// Frozen is those drafts, if they are tried as they were when it was asked for.
	Frozen *programme.Frozen `json:"frozen,omitempty"`
	// PointValue is what a point costs in the programme's currency.
	PointValue *decimal.Decimal `json:"pointValue,omitempty"`
}

// Simulator runs plans on a database.
type Simulator struct {
	Store   *store.Store
	Library *programme.Library
	Workers int // as Options says
}

// Freeze is a plan that tries the drafts as they are now, whenever it is run; any other is answered as it is.
func (s Simulator) Freeze(ctx context.Context, id fact.ID, p Plan) (_ Plan, err error) {
	if p.Version == 0 && p.YAML == "" && !p.Published && p.Frozen == nil {
		p.Frozen, err = programme.Freeze(ctx, s.Store, id)
	}
	return p, err
}

// Judge tells what is wrong with a plan, without running it: the problems of what is to be tried, or one of the errors above.
func (s Simulator) Judge(ctx context.Context, id fact.ID, p Plan) ([]programme.Problem, error) {
	_, problems, err := s.options(ctx, id, p)
	return problems, err
}

func (s Simulator) options(ctx context.Context, id fact.ID, p Plan) (*Options, []programme.Problem, error) {
	timeline, err := s.Library.Latest(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	o := &Options{Programme: id, Published: timeline, From: p.From, Until: p.Until, PointValue: p.PointValue, Workers: s.Workers}
	if err := o.check(ctx); err != nil || p.Published {
		return o, nil, err
	}
	if p.Version > timeline.Last() {
		return nil, nil, fmt.Errorf("%w: the last is %d", ErrUnknownVersion, timeline.Last())
	}
	c := programme.Candidate{Version: p.Version, Frozen: p.Frozen}
	if p.YAML != "" {
		var problems []programme.Problem
		if c.File, problems = programme.Parse("", []byte(p.YAML)); len(problems) > 0 {
			return nil, problems, nil
		}
	}
	var problems []programme.Problem
	o.Draft, problems, err = programme.Trial(ctx, s.Store, id, c, o.From)
	return o, problems, err
}

// Work does a simulation as a task. The input is a Plan, the result a Report.
func (s Simulator) Work(ctx context.Context, id fact.ID, input json.RawMessage, progress func(done, total int64)) (any, error) {
	var p Plan
	if err := json.Unmarshal(input, &p); err != nil {
		return nil, err
	}
	r, problems, err := s.Run(ctx, id, p, progress)
	switch {
	case errors.Is(err, ErrEmptyPeriod), errors.Is(err, ErrBeforeProgramme), errors.Is(err, ErrUnknownVersion):
		return nil, &task.Failure{Reason: err.Error()}
	case err != nil:
		return nil, err
	case len(problems) > 0: // other versions were published meanwhile
		return nil, &task.Failure{Reason: problems[0].String()}
	}
	return r, nil
}

// Run runs a plan on one snapshot of the database. The report is nil if there are problems, as Judge tells them.
func (s Simulator) Run(ctx context.Context, id fact.ID, p Plan, progress func(done, total int64)) (*Report, []programme.Problem, error) {
	o, problems, err := s.options(ctx, id, p)
	if err != nil || len(problems) > 0 {
		return nil, problems, err
	}
	o.Progress = progress
	if o.Snapshot, err = s.Store.Snapshot(ctx); err != nil {
		return nil, nil, fmt.Errorf("simulate: %w", err)
	}
	defer func() { _ = o.Snapshot.Rollback() }()
	r, err := Run(ctx, *o)
	return r, nil, err
}
