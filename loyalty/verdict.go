package loyalty

import (
	"iter"
	"slices"
	"strings"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/rule"
	"granaio/loyalty/why"
)

// Question is which rules are asked about.
type Question struct {
	// Rules are their keys: of those that there are, in this order. If it is nil they are those that listen to the interaction's event, those that rest included.
	Rules []string
	// First is how many are told of at most; 0 for all.
	First int
	// Outside is whether the one who asks does not run the programme, and so is not told of rules that rest, or have not begun by now.
	Outside bool
}

// Try decides an interaction as Decide does, and tells what became of rules.
func Try(p *Programme, s *State, i fact.Interaction, q Question, now time.Time) (*Effects, []why.Verdict, *fact.Refusal, error) {
	i.Occurred, now = fact.Instant(i.Occurred), fact.Instant(now)
	i.Price(p.currency)
	if r := p.admit(s, &i, now); r != nil {
		return nil, nil, r, nil
	}
	told := map[string]why.Verdict{}
	effects, refusal, err := decide(p, s.clone(), i, nil, func(d *decision, r *ruled, t trial) { told[r.Key] = d.verdict(r, &t) }, now)
	if err != nil || refusal != nil {
		return nil, nil, refusal, err
	}
	var verdicts []why.Verdict
	for _, r := range p.asked(i.Event, q, now) {
		if v, ok := told[r.Key]; ok {
			verdicts = append(verdicts, v)
		} else {
			verdicts = append(verdicts, p.idle(r, i.Event))
		}
	}
	return effects, verdicts, nil, nil
}

// Decided is an interaction that was decided before, and what was stored of that.
type Decided struct {
	Interaction fact.Interaction
	Earnings    []ledger.Movement // that it caused
	Withheld    []why.Verdict     // as Effects has it
	Granted     []why.Verdict     // as Effects has it
	Held        *string           // as Effects has it
}

// Hindsight tells what became of rules for an interaction that was decided before, as Try tells of one that was not. The programme is the version that decided it; the
// state is the member's as it is now, of which the interaction is a part. What a rule gave or granted, and what limits, budgets, groups and faults kept from giving, is
// told as it was stored. The rest is found out again: for certain (why.Stored) where the interaction and the programme alone decide it, otherwise from what is
// known of the member now (why.Present), and of the properties of a member's interaction that was erased since. Each verdict is found when it is asked for.
func (p *Programme) Hindsight(s *State, past Decided, q Question, now time.Time) iter.Seq[why.Verdict] {
	i := past.Interaction
	i.Price(p.currency)
	if past.Held != nil {
		before := *s
		before.Member.Tier = *past.Held
		s = &before
	}
	d := &decision{p: p, plan: p.plans[i.Event], state: s, interaction: i, now: now, day: fact.DayOf(i.Occurred, p.zone)}
	d.member = p.known(s)
	d.scope.Set(&d.member, &d.interaction, i.Occurred, p.zone)
	for _, m := range past.Earnings {
		if r := p.Rule(m.Reason.Explanation.Key); r != nil && m.Reason.Explanation.Source == why.SourceRule {
			d.given = append(d.given, given{r, m.Points})
		}
	}
	return func(yield func(why.Verdict) bool) {
		for _, r := range p.asked(i.Event, q, now) {
			if !yield(d.hindsight(r, &past)) {
				return
			}
		}
	}
}

// asked are the rules that are asked about.
func (p *Programme) asked(event string, q Question, now time.Time) (rules []*rule.Rule) {
	if q.Rules == nil {
		for _, r := range p.rules {
			if slices.Contains(r.On, event) {
				rules = append(rules, r)
			}
		}
	}
	for n, key := range q.Rules {
		if r := p.Rule(key); r != nil && !slices.Contains(q.Rules[:n], key) {
			rules = append(rules, r)
		}
	}
	if q.Outside {
		rules = slices.DeleteFunc(rules, func(r *rule.Rule) bool { return p.Paused(fact.KindRule, r.Key) || now.Before(r.Span.From) })
	}
	if q.First > 0 && len(rules) > q.First {
		rules = rules[:q.First]
	}
	return rules
}

// idle is the verdict on a rule that an interaction of an event does not come to.
func (p *Programme) idle(r *rule.Rule, event string) why.Verdict {
	v := why.Verdict{Rule: r.Key, Revision: r.Number, Obstacle: why.Paused, Basis: why.Stored}
	if !slices.Contains(r.On, event) {
		v.Obstacle = why.OtherEvent
	}
	return v
}

// hindsight is the verdict on one rule.
func (d *decision) hindsight(r *rule.Rule, past *Decided) why.Verdict {
	v, kept := why.Verdict{Rule: r.Key, Revision: r.Number}, false
	if i := slices.IndexFunc(past.Withheld, func(v why.Verdict) bool { return v.Rule == r.Key }); i >= 0 {
		v, kept = past.Withheld[i], true
	}
	if i := slices.IndexFunc(past.Granted, func(v why.Verdict) bool { return v.Rule == r.Key }); i >= 0 {
		v, kept = past.Granted[i], true
	}
	for _, m := range past.Earnings {
		if e := &m.Reason.Explanation; e.Key == r.Key && (e.Source == why.SourceRule || e.Source == why.SourceMultiplier) {
			v.Points, v.Full, v.Figures, kept = m.Points, m.Points+e.Withheld, e, true
		}
	}
	if kept {
		v.Basis = why.Stored
		if v.Obstacle == why.Fault {
			v.Parts = slices.DeleteFunc(d.broken(r, v.In), d.lost)
		}
		return v
	}
	x := d.ruled(r)
	if x == nil {
		return d.p.idle(r, d.interaction.Event)
	}
	t := d.try(x)
	v = d.verdict(x, &t)
	switch v.Obstacle {
	case why.NotYet, why.Ended, why.Closed, why.NoBase:
		return v
	case why.Condition:
		if certain := slices.DeleteFunc(slices.Clone(v.Parts), d.lost); len(certain) > 0 {
			v.Parts = certain
			return v
		}
		v.Basis = why.Present
		return v
	case why.Nothing:
		if slices.ContainsFunc(v.Parts, d.lost) {
			v.Basis = why.Present
		}
		return v
	}
	return why.Verdict{Rule: r.Key, Revision: r.Number, Obstacle: why.NotKept, Full: max(t.full, t.points), Basis: why.Present}
}

// lost tells whether what a part read then is not kept: what was known of the member, and the properties of what happened to a member that was erased.
func (d *decision) lost(x why.Part) bool {
	return x.Member || d.state.Member.Status == Erased && slices.ContainsFunc(x.Readings, func(r why.Reading) bool { return strings.HasPrefix(r.Expression, "event.properties") })
}

// ruled is a rule as the event's plan has it; nil if it has not.
func (d *decision) ruled(r *rule.Rule) *ruled {
	for _, all := range [][]ruled{d.plan.awards, d.plan.multipliers, d.plan.grants} {
		for i := range all {
			if all[i].Rule == r {
				return &all[i]
			}
		}
	}
	return nil
}

// verdict tells all that there is to tell of a trial, while the decision stands as it did when the rule was tried.
func (d *decision) verdict(r *ruled, t *trial) why.Verdict {
	v := t.verdict(r)
	switch occurred := d.interaction.Occurred; t.obstacle {
	case why.Closed:
		if opens, ok := r.Opens(occurred); ok {
			v.Again = opens
		}
		switch {
		case occurred.Before(r.Span.From):
			v.Obstacle = why.NotYet
		case !r.Span.Holds(occurred):
			v.Obstacle = why.Ended
		}
	case why.Condition:
		v.Parts = failed(r.Explain(&d.scope))
	case why.Nothing:
		v.Missing = r.Award.Short(d.interaction.Value)
		if x, ok := r.Award.Explain(&d.scope); ok {
			v.Parts = []why.Part{partOf(x)}
		}
	case why.Fault:
		v.Parts = d.broken(r.Rule, t.in)
		v.Line, v.Column = place(v.Parts)
	}
	return v
}

// broken are the parts that cannot be computed of the one or the other expression of a rule.
func (d *decision) broken(r *rule.Rule, in why.Place) []why.Part {
	if in == why.InAward {
		if x, ok := r.Award.Explain(&d.scope); ok && x.Fault != "" {
			return []why.Part{partOf(x)}
		}
		return nil
	}
	return faulty(r.Explain(&d.scope))
}

// faulty are the innermost parts with which something is wrong.
func faulty(parts []expr.Part) (told []why.Part) {
	for _, x := range parts {
		if x.Fault == "" || x.Fault == expr.Unset || x.Fault == expr.Unconsented {
			continue
		}
		if inner := faulty(slices.Concat(x.Alternatives, x.Parts)); len(inner) > 0 {
			told = append(told, inner...)
		} else {
			told = append(told, partOf(x))
		}
	}
	return told
}

// place is where the first of the parts begins.
func place(parts []why.Part) (line, column int) {
	if len(parts) == 0 {
		return 0, 0
	}
	return parts[0].Line, parts[0].Column
}

// failed are the parts that do not hold.
func failed(parts []expr.Part) (told []why.Part) {
	for _, x := range parts {
		if !x.Holds {
			told = append(told, partOf(x))
		}
	}
	return told
}

func partOf(x expr.Part) why.Part {
	p := why.Part{Expression: x.Source, Line: x.Line, Column: x.Column, Fault: string(x.Fault), Member: x.Member, Lacking: x.Lacking, Parts: failed(x.Parts)}
	for _, r := range x.Readings {
		p.Readings = append(p.Readings, why.Reading{Expression: r.Source, Value: r.Value, Unit: why.Unit(r.Unit)})
	}
	for _, a := range x.Alternatives {
		p.Alternatives = append(p.Alternatives, partOf(a))
	}
	if k := x.Comparison; k != nil && k.Distance > 0 {
		p.Missing, p.Places, p.Unit, p.Wanted = k.Distance, k.Places, why.Unit(k.Unit), k.Wanted
		switch k.Operator {
		case ">":
			p.Wanted = k.Seen + k.Distance
		case "<=", "<":
			p.Excess = true
		case "==":
			p.Excess = k.Seen > k.Wanted
		case "!=":
			p.Missing, p.Wanted = 0, 0 // any other would have done
		}
	}
	return p
}
