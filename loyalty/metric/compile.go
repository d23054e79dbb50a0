package metric

import (
	"maps"
	"slices"
	"strings"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// Event is what a metric needs to know of an event.
type Event struct {
	Valued     bool // it may carry a value
	Properties map[string]expr.Type
}

// Compile compiles a programme's metrics and reports what is wrong with them. What expressions can read of them is put among the words before any condition is
// compiled.
func Compile(specs map[string]Spec, events map[string]Event, s fact.Setting, language *expr.Language, words map[string]expr.Metric, r fact.Report) []*Metric {
	if len(specs) > MaxMetrics {
		r.Say("a programme has at most %d metrics, not %d", MaxMetrics, len(specs))
		return nil
	}
	all := make([]*Metric, 0, len(specs))
	for _, name := range slices.Sorted(maps.Keys(specs)) {
		spec, at := specs[name], r.In(name)
		m := compile(name, &spec, events, s, language, at)
		words[name] = expr.Metric{Type: m.Type, Unit: m.Unit}
		all = append(all, m)
	}
	for _, m := range all {
		m.condition(specs[m.Name].When, language, r.In(m.Name).In("when"))
		m.Form = m.form(events, specs[m.Name].When)
	}
	return all
}

func compile(name string, spec *Spec, events map[string]Event, s fact.Setting, language *expr.Language, r fact.Report) *Metric {
	if !fact.IsFieldName(name) {
		r.Say("a name that expressions can read is a lower-case letter, then letters, digits and underscores, at most %d", fact.MaxKey)
	}
	s.Text(spec.Name, false, fact.MaxName, r.In("name"))
	m := &Metric{
		Name: name, Text: spec.Name, Take: spec.Take, Of: spec.Of, Over: spec.Over, On: language.Events(spec.On, r.In("on")), Type: expr.Int, zone: s.Zone,
		window: parseWindow(spec.Over, r.In("over")), reads: map[string]expr.Type{},
	}
	if m.Windowed() {
		m.keep = m.window.days() + lateDays
	}
	if !slices.Contains(Takes, spec.Take) {
		r.In("take").Say("“%s” is not what a metric takes: those are %s%s", spec.Take, strings.Join(fact.Strings(Takes), ", "), fact.Nearest(string(spec.Take), fact.Strings(Takes)))
		return m
	}
	m.compileOf(events, r)
	return m
}

// subjects are what each take can be of, the first by default; properties aside.
var subjects = map[Take][]string{
	Count: nil, Interval: nil, Sum: {ofValue}, Most: {ofValue}, Least: {ofValue}, Distinct: {ofDay, ofTouchpoint}, First: {ofTime, ofValue, ofTouchpoint}, Last: {ofTime, ofValue, ofTouchpoint},
}

// compileOf reads what is taken of each interaction, and so which type and unit the value has.
func (m *Metric) compileOf(events map[string]Event, r fact.Report) {
	known := subjects[m.Take]
	at := r.In("of")
	switch {
	case m.Take == Count:
		m.Unit = expr.Times
	case m.Take == Interval:
		m.Unit = expr.Seconds
	case m.Of == "" && m.Take == Distinct:
		r.Say("how many different what? Say of: day, touchpoint or a property, such as properties.shop")
		return
	case m.Of == "":
		m.Of = known[0]
	}
	switch name, property := strings.CutPrefix(m.Of, ofProperty); {
	case known == nil && m.Of != "":
		at.Say("%s is of the interactions themselves: it takes nothing of them", m.Take)
	case known == nil:
	case property:
		m.compileProperty(name, events, at)
	case !slices.Contains(known, m.Of):
		at.Say("%s is not of “%s”: it is of %s, or of a property, such as properties.shop%s", m.Take, m.Of, strings.Join(known, ", "), m.near(known, events))
	case m.Of == ofValue:
		m.Unit = expr.Money
		for i, event := range m.On {
			if !events[event].Valued {
				r.In("on").At(i).Say("“%s” carries no value", event)
			}
		}
	case m.Of == ofTime:
		m.Type, m.Unit = expr.Instant, expr.Plain
	case m.Of == ofTouchpoint && m.Take != Distinct:
		m.Type = expr.String
	}
	if m.Take == Distinct {
		m.Type, m.Unit = expr.Int, expr.Times
	}
}

// near is what was probably meant: a subject, or a property that was written without what comes before it.
func (m *Metric) near(known []string, events map[string]Event) string {
	names := slices.Clone(known)
	for _, event := range m.On {
		if _, declared := events[event].Properties[m.Of]; declared {
			return ": did you mean “" + ofProperty + m.Of + "”?"
		}
		for name := range events[event].Properties {
			names = append(names, ofProperty+name)
		}
	}
	return fact.Nearest(m.Of, names)
}

func (m *Metric) compileProperty(name string, events map[string]Event, r fact.Report) {
	takes := []expr.Type{expr.String, expr.Int, expr.Bool}
	if m.Take == Sum || m.Take == Most || m.Take == Least {
		takes = []expr.Type{expr.Int}
	}
	for _, event := range m.On {
		t, declared := events[event].Properties[name]
		switch {
		case !declared:
			r.Say("“%s” declares no property “%s”%s", event, name, fact.Nearest(name, slices.Collect(maps.Keys(events[event].Properties))))
		case !slices.Contains(takes, t):
			r.Say("“%s” is of type %s in %s: %s takes a property of type %s", name, t, event, m.Take, strings.Join(fact.Strings(takes), ", "))
		case len(m.reads) > 0 && m.Type != t:
			r.Say("“%s” is of type %s in %s, and of type %s in another of its events", name, t, event, m.Type)
		}
		m.reads[event], m.Type = t, t
	}
}

// condition compiles the metric's condition, which is about the event alone: what it counts must not depend on when it is worked out.
func (m *Metric) condition(source string, language *expr.Language, r fact.Report) {
	if source == "" || len(m.On) == 0 {
		return
	}
	if m.when = language.Condition(source, m.On, r); m.when != nil && !m.when.Needs().EventAlone() {
		r.Say("a metric's condition is about the event alone: it cannot read the member")
	}
}
