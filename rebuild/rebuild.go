package rebuild

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"granaio/auth"
	"granaio/engine"
	"granaio/ent"
	"granaio/ent/interaction"
	"granaio/ent/member"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/metric"
	"granaio/task"
)

// Engine works metrics of members out anew. Package engine has one.
type Engine interface {
	Remeasure(ctx context.Context, programme fact.ID, members []fact.ID, r engine.Remeasure) (changed int64, err error)
	Retally(ctx context.Context, programme fact.ID, zone *time.Location, dry bool) (changed int64, err error)
}

// Library gives the programmes. Package programme has one.
type Library interface {
	// Current is the version of the programme that is in force now.
	Current(ctx context.Context, programme fact.ID) (*loyalty.Programme, error)
}

// Rebuilder works metrics out anew.
type Rebuilder struct {
	Ent     *ent.Client
	Engine  Engine
	Library Library
	Page    int // how many members are read at once; 64 by default
	Weight  int // how many interactions are read at once, of several members together; 2,000 by default
}

// Plan is what is to be worked out.
type Plan struct {
	Metrics []string `json:"metrics,omitempty"` // by name; none for all, and for what touchpoints bring
	Dry     bool     `json:"dry,omitempty"`     // nothing is changed
	Most    int      `json:"most,omitempty"`    // how many members at most, spread over all; 0 for all
	Caller  string   `json:"caller"`            // who asks for it, as auth.Viewer's Caller
}

// Report is what came of it.
type Report struct {
	Members int64 `json:"members"` // that were looked at
	Changed int64 `json:"changed"` // of whom some metric is another than it was; or would be
	Figures int64 `json:"figures"` // members of whom what touchpoints bring lacked something; of a plan for all metrics
}

// Work does a task of the kind.
func (r Rebuilder) Work(ctx context.Context, programme fact.ID, input json.RawMessage, progress func(done, total int64)) (any, error) {
	var p Plan
	if err := json.Unmarshal(input, &p); err != nil {
		return nil, err
	}
	if refusal, err := r.Judge(ctx, programme, p); err != nil || refusal != nil {
		if refusal != nil {
			return nil, &task.Failure{Reason: refusal.Message}
		}
		return nil, err
	}
	return r.Run(ctx, programme, p, progress)
}

// Judge refuses metrics that the programme does not declare.
func (r Rebuilder) Judge(ctx context.Context, programme fact.ID, p Plan) (*fact.Refusal, error) {
	if len(p.Metrics) > metric.MaxMetrics {
		return fact.Refuse(fact.CodeTooMany, "metrics", "at most %d metrics are named, not %d", metric.MaxMetrics, len(p.Metrics)), nil
	}
	current, err := r.Library.Current(ctx, programme)
	if err != nil {
		return nil, err
	}
	var known []string
	for _, m := range current.Metrics() {
		known = append(known, m.Name)
	}
	for _, name := range p.Metrics {
		if !slices.Contains(known, name) {
			return fact.Refuse(fact.CodeUnknownMetric, "metrics", "the programme declares no metric “%s”%s", clip(name), fact.Nearest(name, known)), nil
		}
	}
	return nil, nil
}

func clip(name string) string { return strings.ToValidUTF8(name[:min(len(name), fact.MaxKey)], "") }

// Run does it, and tells how many members are done. What was done before it failed is done.
func (r Rebuilder) Run(ctx context.Context, programme fact.ID, p Plan, progress func(done, total int64)) (*Report, error) {
	if r.Page == 0 {
		r.Page = 64
	}
	if r.Weight == 0 {
		r.Weight = 2000
	}
	reading := auth.System(ctx, programme)
	total, err := r.Ent.Member.Query().Where(member.MergedIntoIsNil()).Count(reading)
	if err != nil {
		return nil, fmt.Errorf("rebuild: %w", err)
	}
	each := 1 // of so many members one is looked at
	if p.Most > 0 && total > p.Most {
		each = (total + p.Most - 1) / p.Most
	}
	report, last, seen := &Report{}, fact.ID{}, 0
	progress(0, int64(total))
	for {
		ids, err := r.Ent.Member.Query().Where(member.MergedIntoIsNil(), func(s *sql.Selector) {
			if !last.IsZero() {
				s.Where(sql.GT(s.C(member.FieldID), last))
			}
		}).Order(member.ByID()).Limit(r.Page).IDs(reading)
		if err != nil {
			return report, fmt.Errorf("rebuild: %w", err)
		}
		if len(ids) == 0 {
			break
		}
		last = ids[len(ids)-1]
		wanted := ids[:0:0]
		for _, id := range ids {
			if seen%each == 0 {
				wanted = append(wanted, id)
			}
			seen++
		}
		groups, err := r.divide(reading, wanted)
		if err != nil {
			return report, fmt.Errorf("rebuild: %w", err)
		}
		for _, group := range groups {
			changed, err := r.work(ctx, programme, group, p)
			if report.Members, report.Changed = report.Members+int64(len(group)), report.Changed+changed; err != nil {
				return report, fmt.Errorf("rebuild: %w", err)
			}
		}
		progress(int64(seen), int64(max(total, seen)))
	}
	if len(p.Metrics) > 0 {
		return report, nil
	}
	current, err := r.Library.Current(ctx, programme)
	if err == nil {
		report.Figures, err = r.Engine.Retally(ctx, programme, current.Zone(), p.Dry)
	}
	if err != nil {
		return report, fmt.Errorf("rebuild: %w", err)
	}
	return report, nil
}

// work does some members. Those that are only looked at are looked at again where something is found: it may have happened between two looks at the database.
func (r Rebuilder) work(ctx context.Context, programme fact.ID, group []fact.ID, p Plan) (changed int64, err error) {
	asked := engine.Remeasure{Origin: engine.Origin{Programme: programme, Caller: p.Caller}, Metrics: p.Metrics, Dry: p.Dry}
	if changed, err = r.Engine.Remeasure(ctx, programme, group, asked); !p.Dry || changed == 0 || err != nil {
		return changed, err
	}
	return r.Engine.Remeasure(ctx, programme, group, asked)
}

// divide puts members together whose pasts are read at once.
func (r Rebuilder) divide(ctx context.Context, members []fact.ID) (groups [][]fact.ID, err error) {
	var counts []struct {
		Member fact.ID `sql:"member_id"`
		Count  int     `sql:"count"`
	}
	if len(members) == 0 {
		return nil, nil
	}
	if err := r.Ent.Interaction.Query().Where(interaction.MemberIDIn(members...)).GroupBy(interaction.FieldMemberID).Aggregate(ent.Count()).Scan(ctx, &counts); err != nil {
		return nil, err
	}
	weights := make(map[fact.ID]int, len(counts))
	for _, c := range counts {
		weights[c.Member] = c.Count
	}
	weight := 0
	for _, id := range members {
		if weight += weights[id]; groups == nil || weight > r.Weight {
			groups, weight = append(groups, nil), weights[id]
		}
		at := len(groups) - 1
		groups[at] = append(groups[at], id)
	}
	return groups, nil
}
