package simulate

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"granaio/loyalty"
	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/metric"
)

// measures are the metrics of which a replay knows at any time what they would be had they been kept from each member's beginning: those that were worked out anew one day, and
// those that the draft alone has. So what a past comes to is known without reading it again.
type measures struct {
	of    map[string]*metric.Metric   // by form
	on    map[string][]*metric.Metric // by event
	fresh []string                    // the forms that the draft has and the version before it has not
}

// measured finds out which those are.
func (s *simulation) measured(ctx context.Context) (*measures, error) {
	all := &measures{of: map[string]*metric.Metric{}, on: map[string][]*metric.Metric{}}
	wanted := map[string]bool{}
	err := s.history.each(ctx, "SELECT c.answer FROM commands c WHERE c.programme_id = $1 AND c.operation = '"+opRemeasure+"'", func(row *sql.Rows) error {
		var text sql.RawBytes
		if err := row.Scan(&text); err != nil {
			return err
		}
		var answer struct {
			Remade []string `json:"remade"`
		}
		if err := json.Unmarshal(text, &answer); err != nil {
			return fmt.Errorf("the answer of a rebuild: %w", err)
		}
		for _, form := range answer.Remade {
			wanted[form] = true
		}
		return nil
	}, s.Programme)
	if err != nil {
		return nil, err
	}
	for number := 1; number <= s.Published.Last() && len(wanted) > 0; number++ {
		p, err := s.Published.Version(ctx, number)
		if err != nil {
			return nil, err
		}
		all.add(p, func(form string) bool { return wanted[form] })
	}
	if s.Draft == nil {
		return all, nil
	}
	before, err := s.Published.Current(ctx, s.From)
	if err != nil {
		return nil, err
	}
	all.add(s.Draft, func(form string) bool {
		if !slices.ContainsFunc(before.Metrics(), func(m *metric.Metric) bool { return m.Form == form }) {
			all.fresh = append(all.fresh, form)
			return true
		}
		return wanted[form]
	})
	return all, nil
}

// add takes in those metrics of a version whose forms are wanted.
func (a *measures) add(p *loyalty.Programme, wanted func(form string) bool) {
	for _, m := range p.Metrics() {
		if !wanted(m.Form) || a.of[m.Form] != nil {
			continue
		}
		a.of[m.Form] = m
		for _, event := range m.On {
			a.on[event] = append(a.on[event], m)
		}
	}
}

// change is what is known of a member once those metrics are changed that an event touches.
func (a *measures) change(l *lane, event string, do func(*metric.Metric, *metric.State) *metric.State) {
	touched := a.on[event]
	if len(touched) == 0 {
		return
	}
	next := maps.Clone(l.measured) // the worlds share it
	if next == nil {
		next = make(map[string]*metric.State, len(a.of))
	}
	for _, m := range touched {
		if s := do(m, next[m.Form]); s != nil {
			next[m.Form] = s
		}
	}
	l.measured = next
}

// take takes an interaction in.
func (a *measures) take(l *lane, i *fact.Interaction) {
	scope := expr.Scope{}
	a.change(l, i.Event, func(m *metric.Metric, s *metric.State) *metric.State { return m.With(s, i, &scope) })
}

// undo takes out what a return left nothing of, or less. The past is as it was before.
func (a *measures) undo(l *lane, was *loyalty.Past, r *loyalty.Reversal) {
	scope := expr.Scope{}
	left := less(was.Before(), r)
	a.change(l, was.Interaction.Event, func(m *metric.Metric, s *metric.State) *metric.State {
		if s == nil {
			return nil
		}
		return was.Without(m, s, left, &scope)
	})
}

// join gives a member what is known of one that it absorbs.
func (a *measures) join(l, other *lane) {
	if len(other.measured) == 0 {
		return
	}
	next := maps.Clone(other.measured)
	for form, s := range l.measured {
		if there := next[form]; there != nil {
			s = a.of[form].Join(s, there)
		}
		next[form] = s
	}
	l.measured, other.measured = next, nil
}

// less is an interaction once something of it is returned; nil for nothing.
func less(i *fact.Interaction, r *loyalty.Reversal) *fact.Interaction {
	if r.Whole {
		return nil
	}
	left := *i
	if i.Value != nil {
		left.Value = &fact.Money{Minor: i.Value.Minor - r.Value, Currency: i.Value.Currency}
	}
	return &left
}

// remeasure does what working a member's metrics out anew came to.
func (w *world) remeasure(ctx context.Context, i *item, l *lane) error {
	p, err := w.Current(ctx, i.now)
	if err == nil {
		l.state = p.Recast(l.state, l.measured, i.remade)
	}
	return err
}

// part makes the draft's world of a member another than the real one, when the draft comes into force: with the metrics that it alone has worked out from the member's whole past.
func (s *simulation) part(p *person) {
	p.draft = p.actual.fork()
	if fresh := s.measures.fresh; len(fresh) > 0 && p.draft.state != nil {
		p.draft.state = s.Draft.Recast(p.draft.state, p.draft.measured, fresh)
	}
}

// together are the events, by event, that some metric of any version counts with it: their interactions are needed to work it out when one is returned.
func (s *simulation) together(ctx context.Context) (map[string][]string, error) {
	all := map[string][]string{}
	take := func(p *loyalty.Programme) {
		for _, m := range p.Metrics() {
			for _, event := range m.On {
				all[event] = append(all[event], m.On...)
			}
		}
	}
	for number := 1; number <= s.Published.Last(); number++ {
		p, err := s.Published.Version(ctx, number)
		if err != nil {
			return nil, err
		}
		take(p)
	}
	if s.Draft != nil {
		take(s.Draft)
	}
	for event, others := range all {
		slices.Sort(others)
		all[event] = slices.Compact(others)
	}
	return all, nil
}
