package loyalty

import (
	"slices"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/rule"
	"granaio/loyalty/why"
)

// Try decides an interaction as Decide does, and tells what became of rules: of those that listen to its event, those that rest included; or of those that are named, in
// the order in which they are, without those that there are not.
func Try(p *Programme, s *State, i fact.Interaction, named []string, now time.Time) (*Effects, []why.Verdict, *fact.Refusal, error) {
	i.Occurred, now = fact.Instant(i.Occurred), fact.Instant(now)
	i.Price(p.currency)
	if r := p.admit(&s.Member, &i, now); r != nil {
		return nil, nil, r, nil
	}
	told := map[string]why.Verdict{}
	effects, refusal, err := decide(p, s.clone(), i, nil, func(d *decision, r *ruled, t trial) { told[r.Key] = d.verdict(r, &t) }, now)
	if err != nil || refusal != nil {
		return nil, nil, refusal, err
	}
	var verdicts []why.Verdict
	for _, r := range p.asked(i.Event, named) {
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
	Tier        *TierChange       // that it caused, nil if none
}

// Hindsight tells what became of rules for an interaction that was decided before, as Try tells of one that was not. The programme is the version that decided it; the
// state is the member's as it is now, of which the interaction is a part. What a rule gave, and what limits, budgets, groups and faults kept from giving, is
// told as it was stored. The rest is found out again: for certain (why.Stored) where the interaction and the programme alone decide it, otherwise from what is
// known of the member now (why.Present).
func (p *Programme) Hindsight(s *State, past Decided, named []string, now time.Time) []why.Verdict {
	i := past.Interaction
	i.Price(p.currency)
	if c := past.Tier; c != nil && c.To == s.Member.Tier { // it was decided with the tier from before
		before := *s
		before.Member.Tier = c.From
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
	var verdicts []why.Verdict
	for _, r := range p.asked(i.Event, named) {
		verdicts = append(verdicts, d.hindsight(r, &past))
	}
	return verdicts
}

// asked are the rules that are asked about: the named ones, or those of an event.
func (p *Programme) asked(event string, named []string) (rules []*rule.Rule) {
	if named == nil {
		for _, r := range p.rules {
			if slices.Contains(r.On, event) {
				rules = append(rules, r)
			}
		}
		return rules
	}
	for n, key := range named {
		if r := p.Rule(key); r != nil && !slices.Contains(named[:n], key) {
			rules = append(rules, r)
		}
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
	for _, m := range past.Earnings {
		if e := &m.Reason.Explanation; e.Key == r.Key && (e.Source == why.SourceRule || e.Source == why.SourceMultiplier) {
			v.Points, v.Full, v.Figures, kept = m.Points, m.Points+e.Withheld, e, true
		}
	}
	if kept {
		v.Basis = why.Stored
		if v.Obstacle == why.Fault {
			v.Parts = slices.DeleteFunc(d.broken(r, v.In), func(x why.Part) bool { return x.Member }) // what it read of the member then is not kept
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
		if certain := slices.DeleteFunc(slices.Clone(v.Parts), func(x why.Part) bool { return x.Member }); len(certain) > 0 {
			v.Parts = certain
			return v
		}
		v.Basis = why.Present
		return v
	case why.Nothing:
		if slices.ContainsFunc(v.Parts, func(x why.Part) bool { return x.Member }) {
			v.Basis = why.Present
		}
		return v
	}
	return why.Verdict{Rule: r.Key, Revision: r.Number, Obstacle: why.NotKept, Full: max(t.full, t.points), Basis: why.Present}
}

// ruled is a rule as the event's plan has it; nil if it has not.
func (d *decision) ruled(r *rule.Rule) *ruled {
	for _, all := range [][]ruled{d.plan.awards, d.plan.multipliers} {
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
		if x.Fault == "" || x.Fault == expr.Unset {
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
	p := why.Part{Expression: x.Source, Line: x.Line, Column: x.Column, Fault: string(x.Fault), Member: x.Member, Parts: failed(x.Parts)}
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
