package read

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"granaio/ent"
	"granaio/ent/task"
	"granaio/graph/scalar"
	"granaio/loyalty/fact"
	"granaio/rebuild"
	"granaio/simulate"
)

// Task is long work that somebody asked for.
type Task struct {
	ID  fact.ID
	row *ent.Task
}

// IsNode makes it one of GraphQL's nodes.
func (*Task) IsNode() {}

// NewTask shows a task's row.
func NewTask(row *ent.Task) *Task { return &Task{row.ID, row} }

// Kind is what it does.
func (t *Task) Kind() task.Kind { return t.row.Kind }

// State is where it is.
func (t *Task) State() task.State { return t.row.State }

// Done is how much is done.
func (t *Task) Done() int64 { return t.row.Done }

// Total is of how much.
func (t *Task) Total() int64 { return t.row.Total }

// Cancelled tells whether somebody asked for its end.
func (t *Task) Cancelled() bool { return t.row.Cancel }

// Fault is why it failed, nil unless it did.
func (t *Task) Fault() *string { return optionalText(t.row.Fault) }

// StartedBy is who asked for it.
func (t *Task) StartedBy() string { return t.row.StartedBy }

// StartedAt is when.
func (t *Task) StartedAt() time.Time { return t.row.CreatedAt }

// EndedAt is when it ended, nil while it has not.
func (t *Task) EndedAt() *time.Time { return t.row.EndedAt }

// Simulation is what a simulation found, nil until it is done.
func (t *Task) Simulation() (*Simulation, error) {
	if t.row.Kind != task.KindSimulation || t.row.State != task.StateDone {
		return nil, nil
	}
	var r simulate.Report
	if err := json.Unmarshal(t.row.Result, &r); err != nil {
		return nil, fmt.Errorf("graph: the result of %s: %w", t.ID, err)
	}
	return newSimulation(&r), nil
}

// Rebuild is what working metrics out anew came to, nil until it is done.
func (t *Task) Rebuild() (*Rebuild, error) {
	if t.row.Kind != task.KindMetricRebuild || t.row.State != task.StateDone {
		return nil, nil
	}
	var r Rebuild
	if err := json.Unmarshal(t.row.Result, &r); err != nil {
		return nil, fmt.Errorf("graph: the result of %s: %w", t.ID, err)
	}
	return &r, nil
}

// Rebuild is what working metrics out anew came to.
type Rebuild = rebuild.Report

// Tasks are the tasks of the ids, read in one statement when the first is asked for.
func (r *Reader) Tasks(ids []fact.ID) *Group[fact.ID, *Task] {
	return NewGroup(ids, func(ctx context.Context, ids []fact.ID) (map[fact.ID]*Task, error) {
		rows, err := r.Ent.Task.Query().Where(task.IDIn(ids...)).All(ctx)
		all := make(map[fact.ID]*Task, len(rows))
		for _, row := range rows {
			all[row.ID] = NewTask(row)
		}
		return all, err
	})
}

// TaskConnection is a part of a connection of tasks.
type TaskConnection = Connection[*Task]

// TaskEdge is one in it.
type TaskEdge = Edge[*Task]

// Queue is a page of the programme's tasks, by when they were asked for: those in any of the states, all if it is nil.
func (r *Reader) Queue(ctx context.Context, w Window, states []task.State) (*TaskConnection, error) {
	q := r.Ent.Task.Query()
	if states != nil {
		q.Where(task.StateIn(states...))
	}
	all := q.Clone()
	q.Modify(w.narrow(order{task.FieldCreatedAt, true}, 1, ""))
	rows, err := q.All(ctx)
	if err != nil {
		return nil, err
	}
	tasks := make([]*Task, len(rows))
	for i, row := range rows {
		tasks[i] = NewTask(row)
	}
	c := connect(w, tasks, func(t *Task) scalar.Cursor { return scalar.Cursor{Value: t.row.CreatedAt.UnixMicro(), ID: t.ID} })
	c.total = all.Count
	return c, nil
}

// SimulationStart is where the state at a period's beginning comes from.
type SimulationStart string

// StartReplay is a replay of all that happened before.
const StartReplay SimulationStart = simulate.StartReplay

// Simulation is what a simulation found.
type Simulation struct {
	*simulate.Report
	Start                           SimulationStart
	Actual, Draft                   *simulate.Figures
	Rules, Tiers, Touchpoints, Days []*SimulationRow
	Moves                           []*simulate.Move
	Refused                         []*simulate.Refused
}

// SimulationRow is the points under one key.
type SimulationRow struct {
	*simulate.Row
	Kind    *string
	Touched int64
}

func newSimulation(r *simulate.Report) *Simulation {
	rows := func(all []simulate.Row) []*SimulationRow {
		shown := make([]*SimulationRow, len(all))
		for i := range all {
			shown[i] = &SimulationRow{&all[i], optionalText(all[i].Kind), all[i].Members}
		}
		return shown
	}
	return &Simulation{
		Report: r, Start: SimulationStart(r.Start), Actual: &r.Actual, Draft: &r.Draft,
		Rules: rows(r.Rules), Tiers: rows(r.Tiers), Touchpoints: rows(r.Touchpoints), Days: rows(r.Days), Moves: pointers(r.Moves), Refused: pointers(r.Refused),
	}
}

// pointers are those to the items of a list.
func pointers[T any](all []T) []*T {
	some := make([]*T, len(all))
	for i := range all {
		some[i] = &all[i]
	}
	return some
}

// optionalText is nil for an empty text.
func optionalText(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
