package loyalty

import (
	"maps"
	"slices"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/metric"
)

// Metrics are the metrics that a version of a programme keeps of its members.
type Metrics struct {
	number int // the version's
	all    []*metric.Metric
	on     map[string][]*metric.Metric // by event
}

// Measured is what is kept of a member's metrics.
type Measured struct {
	// Version is the one of the programme by which they were last kept. Whatever another version has no more is dropped by it, since it would not be kept up to date.
	Version int `json:"version"`
	// Of holds what is kept by the metric's form, so that a metric that is changed is another.
	Of map[string]*metric.State `json:"of,omitempty"`
}

// joinedMetrics are the metrics of two members that are made one. What is still to be worked out for either is so for both.
func (p *Programme) joinedMetrics(into, other *Doc) *Measured {
	if into.Metrics == nil && other.Metrics == nil {
		return nil
	}
	a, b, next := into.measured(p.metrics), other.measured(p.metrics), &Measured{Version: p.metrics.number, Of: map[string]*metric.State{}}
	for _, m := range p.metrics.all {
		here, there := a.Of[m.Form], b.Of[m.Form]
		switch {
		case here != nil && there != nil:
			next.Of[m.Form] = m.Join(here, there)
		case here != nil && !other.begun(m, "", 0):
			next.Of[m.Form] = here
		case there != nil && !into.begun(m, "", 0):
			next.Of[m.Form] = there
		}
	}
	return next
}

// Kept are the metrics that this version keeps.
func (p *Programme) Kept() *Metrics { return p.metrics }

// Metrics in the order of their names.
func (p *Programme) Metrics() []*metric.Metric { return p.metrics.all }

// Metric is the one of the name, nil if there is none.
func (p *Programme) Metric(name string) *metric.Metric {
	return find(p.metrics.all, func(m *metric.Metric) bool { return m.Name == name })
}

func (c *compiler) compileMetrics(specs map[string]metric.Spec, language *expr.Language, words map[string]expr.Metric, r fact.Report) {
	events := make(map[string]metric.Event, len(c.p.events))
	for name, e := range c.p.events {
		events[name] = metric.Event{Valued: e.Value != ValueNone, Properties: e.Properties}
	}
	kept := &Metrics{number: c.p.id.Number, all: metric.Compile(specs, events, c.setting, language, words, r), on: map[string][]*metric.Metric{}}
	for _, m := range kept.all {
		for _, event := range m.On {
			kept.on[event] = append(kept.on[event], m)
		}
	}
	c.p.metrics = kept
}

// has tells whether what is kept under a form is one of these.
func (k *Metrics) has(form string) bool {
	return slices.ContainsFunc(k.all, func(m *metric.Metric) bool { return m.Form == form })
}

// kept is which metrics are kept of the member: those of the version that is in force now, which may not be the one that decides.
func (s *State) kept(p *Programme) *Metrics {
	if s.Kept != nil {
		return s.Kept
	}
	return p.metrics
}

// measured is a copy of what is kept, to be changed: without what the version does not keep.
func (d *Doc) measured(k *Metrics) *Measured {
	next := &Measured{Version: k.number}
	if d.Metrics == nil {
		next.Of = make(map[string]*metric.State, len(k.all))
		return next
	}
	if next.Of = maps.Clone(d.Metrics.Of); next.Of == nil {
		next.Of = make(map[string]*metric.State, len(k.all))
	}
	if d.Metrics.Version != k.number {
		maps.DeleteFunc(next.Of, func(form string, _ *metric.State) bool { return !k.has(form) })
	}
	return next
}

// begun tells whether a metric's events have happened to the member, but for some of the present one.
func (d *Doc) begun(m *metric.Metric, event string, present int64) bool {
	for _, name := range m.On {
		s := d.Events[name]
		if s == nil {
			continue
		}
		if name == event && s.Count > present || name != event && s.Count > 0 {
			return true
		}
	}
	return false
}

// measure takes the interaction into the metrics that it touches. One of which nothing is kept is begun if there is no past that it would lack.
func (d *decision) measure() {
	k, doc, event := d.state.kept(d.p), &d.state.Doc, d.interaction.Event
	touched := k.on[event]
	if len(touched) == 0 && (doc.Metrics == nil || doc.Metrics.Version == k.number) {
		return
	}
	next := doc.measured(k)
	for _, m := range touched {
		if s := next.Of[m.Form]; s != nil || !doc.begun(m, event, 1) {
			next.Of[m.Form] = m.With(s, &d.interaction, &d.scope)
		}
	}
	doc.Metrics = next
}

// unmeasure takes what was returned out of the metrics.
func (v *reversing) unmeasure() {
	k, doc := v.p.metrics, &v.state.Doc
	if doc.Metrics == nil || len(k.on[v.interaction.Event]) == 0 && doc.Metrics.Version == k.number {
		return
	}
	var left *fact.Interaction
	if !v.whole {
		left = &v.interaction
	}
	next, scope := doc.measured(k), expr.Scope{}
	for _, m := range k.on[v.interaction.Event] {
		if s := next.Of[m.Form]; s != nil {
			next.Of[m.Form] = v.past.Without(m, s, left, &scope)
		}
	}
	doc.Metrics = next
}

// Without is what is kept of a metric once a return has left so much of the interaction; nil for nothing. The past is as it was before the return.
func (past *Past) Without(m *metric.Metric, s *metric.State, left *fact.Interaction, scope *expr.Scope) *metric.State {
	after, told := m.Replace(s, past.Before(), left, scope)
	if told {
		return after
	}
	others := slices.Clone(past.History)
	if left != nil {
		others = append(others, *left)
	}
	return m.Fold(others)
}

// Before is the interaction as far as it was not returned before.
func (past *Past) Before() *fact.Interaction {
	i := past.Interaction
	if i.Value != nil {
		left := *i.Value
		for _, b := range past.Reversals {
			left.Minor -= b.Value
		}
		i.Value = &left
	}
	return &i
}

// Recalls are the events whose other interactions are to be in Past.History when an interaction is returned, since what is kept of the member's metrics may not tell what
// they are without it. None for most.
func (p *Programme) Recalls(s *State, past *Past) (events []string) {
	if s.Doc.Metrics == nil {
		return nil
	}
	was, scope := past.Before(), expr.Scope{}
	for _, m := range p.metrics.on[past.Interaction.Event] {
		kept := s.Doc.Metrics.Of[m.Form]
		if kept == nil {
			continue
		}
		if _, told := m.Replace(kept, was, nil, &scope); told {
			continue
		}
		for _, event := range m.On {
			if !slices.Contains(events, event) {
				events = append(events, event)
			}
		}
	}
	return events
}

// Remeasure is the member with metrics worked out anew from all that happened to it, as far as it was not returned; those of some names, or all. The forms are of those that
// are other than they were. It is the same state if there are none.
func (p *Programme) Remeasure(s *State, history []fact.Interaction, names ...string) (_ *State, forms []string) {
	next := s.Doc.measured(p.metrics)
	for _, m := range p.metrics.all {
		if len(names) > 0 && !slices.Contains(names, m.Name) || !s.Doc.begun(m, "", 0) && next.Of[m.Form] == nil {
			continue
		}
		was := next.Of[m.Form]
		if anew := m.Fold(history); was == nil || !was.Equal(anew) {
			next.Of[m.Form], forms = anew, append(forms, m.Form)
		}
	}
	if forms == nil {
		return s, nil
	}
	s = s.clone()
	s.Doc.Metrics = next
	return s, forms
}

// Recast is the member with metrics of some forms as somebody else has kept them, for whoever replays what Remeasure did and knows what it came to. Forms that this version does not keep, or of which there is
// nothing, are passed over.
func (p *Programme) Recast(s *State, as map[string]*metric.State, forms []string) *State {
	next := s.Doc.measured(p.metrics)
	for _, form := range forms {
		if kept := as[form]; kept != nil && p.metrics.has(form) {
			next.Of[form] = kept
		}
	}
	s = s.clone()
	s.Doc.Metrics = next
	return s
}

// Remembers are the events whose interactions tell the metrics of the names, or all; none if nothing of them has happened to the member.
func (p *Programme) Remembers(s *State, names ...string) (events []string) {
	for _, m := range p.metrics.all {
		if len(names) > 0 && !slices.Contains(names, m.Name) || !s.Doc.begun(m, "", 0) {
			continue
		}
		for _, event := range m.On {
			if !slices.Contains(events, event) {
				events = append(events, event)
			}
		}
	}
	return events
}

// Measure is what a metric says of the member at an instant. It is false while the metric is still to be worked out from the member's past (Remeasure).
func (p *Programme) Measure(s *State, m *metric.Metric, now time.Time) (metric.Value, bool) {
	return s.Doc.measure(m, fact.DayOf(now, p.zone))
}

func (d *Doc) measure(m *metric.Metric, day fact.Day) (metric.Value, bool) {
	if d.Metrics != nil {
		if s := d.Metrics.Of[m.Form]; s != nil {
			return m.Value(s, day), true
		}
	}
	if d.begun(m, "", 0) {
		return metric.Value{}, false
	}
	return m.Value(nil, day), true
}
