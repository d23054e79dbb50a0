package mission

import (
	"fmt"
	"slices"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// MaxAward is the most points that a mission gives.
const MaxAward fact.Points = 1_000_000

// Mission is a compiled mission.
type Mission struct {
	fact.Ref
	Key         string
	Name        fact.Text
	Description fact.Text
	On          []string // the events that count
	Target      int64
	Every       Every
	Award       fact.Points
	Tier        string // the key of the lowest tier that it is for; empty: everyone
	Span        fact.Span
	Qualifying  bool
	Kept        bool // once completed it stays so, whatever is returned

	when *expr.Condition
}

// Counts tells whether the interaction of the scope counts, as far as the mission's condition goes, and what went wrong with the condition if anything did.
func (m *Mission) Counts(s *expr.Scope) (bool, expr.Fault) { return m.when.Test(s) }

// Fails tells whether its condition reads nothing but the interaction, and does not hold for the scope's.
func (m *Mission) Fails(s *expr.Scope) bool { return m.Needs().EventAlone() && !m.when.Holds(s) }

// Needs are what its condition reads.
func (m *Mission) Needs() expr.Needs { return m.when.Needs() }

// Period names the period that a day lies in: 2026-05-17, 2026-W20, 2026-05, 2026; empty for a mission without periods. The names of one mission
// sort as the periods follow one another.
func (m *Mission) Period(day fact.Day) string { return m.Every.Period(day) }

// Period names the period that a day lies in, as Mission's does.
func (e Every) Period(day fact.Day) string {
	y, month, d := day.Date()
	switch e {
	case Day:
		return fmt.Sprintf("%04d-%02d-%02d", y, month, d)
	case Week:
		y, w := time.Date(y, month, d, 0, 0, 0, 0, time.UTC).ISOWeek()
		return fmt.Sprintf("%04d-W%02d", y, w)
	case Month:
		return fmt.Sprintf("%04d-%02d", y, month)
	case Year:
		return fmt.Sprintf("%04d", y)
	}
	return ""
}

// Counter is the name under which a member's progress is kept: the key and the rhythm, so that a mission with another rhythm begins anew, and late
// interactions count in the one that was in force.
func (m *Mission) Counter() string {
	if m.Every == Once {
		return m.Key
	}
	return m.Key + " " + string(m.Every)
}

// Compile compiles a programme's missions and reports what is wrong with them.
func Compile(specs []Spec, refs map[string]fact.Ref, s fact.Setting, l *expr.Language, r fact.Report) []*Mission {
	keys, all := fact.Keys{}, make([]*Mission, 0, len(specs))
	for i, spec := range specs {
		at := r.At(i)
		keys.Take(spec.Key, i, at.In("key"))
		s.Text(spec.Name, false, fact.MaxName, at.In("name"))
		s.Text(spec.Description, true, fact.MaxText, at.In("description"))
		events := l.Events(spec.On, at.In("on"))
		if spec.Target < 1 || spec.Target > 1_000_000 {
			at.In("target").Say("a target is 1 to 1,000,000, not %d", spec.Target)
		}
		if spec.Every != Once && !slices.Contains(Recurrences, spec.Every) {
			at.In("every").Say("“%s” is not a period: those are day, week, month and year%s", spec.Every,
				fact.Nearest(string(spec.Every), fact.Strings(Recurrences)))
		}
		if spec.Award.Points < 1 || spec.Award.Points > MaxAward {
			at.In("award").In("points").Say("an award is 1 to 1,000,000 points, not %d", spec.Award.Points)
		}
		m := &Mission{
			Ref: refs[spec.Key], Key: spec.Key, Name: spec.Name, Description: spec.Description, On: events, Target: spec.Target, Every: spec.Every,
			Award: spec.Award.Points, Tier: spec.Tier, Span: s.Span(spec.From, spec.Until, at), Qualifying: spec.Qualifying == nil || *spec.Qualifying,
			Kept: spec.OnReturn.Keeps(at.In("on_return")),
		}
		if spec.When != "" && len(events) > 0 {
			m.when = l.Condition(spec.When, events, at.In("when"))
		}
		all = append(all, m)
	}
	return all
}
