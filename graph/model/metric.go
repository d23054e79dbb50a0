package model

import (
	"time"

	"granaio/engine"
	"granaio/graph/read"
	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/metric"
)

// Metric is a figure that the programme computes, with its name in one language.
type Metric struct {
	Key, Name      string
	Events         []string
	Take           metric.Take
	Of, Over, When *string
	Unit           expr.Unit
}

// NewMetric shows a metric.
func NewMetric(m *metric.Metric, s Speech) *Metric {
	if m == nil {
		return nil
	}
	return &Metric{
		Key: m.Name, Name: m.Text.In(s...), Events: m.On, Take: m.Take, Of: optional(m.Of), Over: optional(m.Over), When: optional(m.When()), Unit: m.Unit,
	}
}

// MetricState tells whether a metric has its value.
type MetricState string

// The states.
const (
	MetricStateReady      MetricState = "READY"
	MetricStateRebuilding MetricState = "REBUILDING"
)

// MemberMetric is what a metric says of a member.
type MemberMetric struct {
	Metric  *Metric
	State   MetricState
	Number  *fact.Decimal
	Text    *string
	Flag    *bool
	Instant *time.Time
	AtLeast bool
	AsOf    time.Time
}

// NewMemberMetrics shows what the metrics say of a member as of the view's now, by name.
func NewMemberMetrics(v *engine.View, s Speech) []*MemberMetric {
	s = s.In(v.Programme)
	all := v.Programme.Metrics()
	shown := make([]*MemberMetric, len(all))
	for i, m := range all {
		x := &MemberMetric{Metric: NewMetric(m, s), State: MetricStateReady, AsOf: v.Now}
		shown[i] = x
		value, known := v.Programme.Measure(v.State, m, v.Now)
		if !known {
			x.State = MetricStateRebuilding
			continue
		}
		x.AtLeast = value.AtLeast
		switch of := value.Of.(type) {
		case int64:
			number := fact.DecimalOf(of)
			if m.Unit == expr.Money {
				number = fact.Money{Minor: of, Currency: v.Programme.Currency()}.Decimal()
			}
			x.Number = &number
		case string:
			x.Text = &of
		case bool:
			x.Flag = &of
		case time.Time:
			x.Instant = &of
		}
	}
	return shown
}

// MetricRebuildInput names metrics that are to be worked out anew.
type MetricRebuildInput struct{ Metrics []string }

// MetricRebuildPayload is the answer to that.
type MetricRebuildPayload struct {
	Task       *read.Task
	UserErrors []*UserError
}
