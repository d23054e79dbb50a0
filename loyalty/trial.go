package loyalty

import (
	"time"

	"granaio/loyalty/budget"
	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/rule"
	"granaio/loyalty/why"
)

// trial is what a rule gives for the interaction that is being decided, or what keeps it from giving what it says.
type trial struct {
	band     rule.Band   // by which an award gives
	base     fact.Points // of a multiplier
	points   fact.Points // that it gives
	full     fact.Points // that it would give but for limits
	obstacle why.Obstacle
	limit    *rule.Limit      // that was met
	used     int64            // of the limit
	again    time.Time        // when the limit or cool-down next leaves room
	by       string           // the rule of the group that gives in its stead
	in       why.Place        // the expression that could not be computed: why.InCondition or why.InAward
	cause    expr.Fault       // why it could not
	figures  *why.Explanation // what went into what it gave
	tier     string           // that it grants
	until    time.Time        // until when it does; zero for ever
}

// try tells what a rule gives. It changes nothing.
func (d *decision) try(r *ruled) (t trial) {
	if !r.Open(d.interaction.Occurred) {
		t.obstacle = why.Closed
		return t
	}
	if r.Multiplier != nil {
		if t.base = d.base(r); t.base == 0 {
			t.obstacle = why.NoBase
			return t
		}
	}
	if holds, fault := r.Applies(&d.scope); fault != "" {
		t.obstacle, t.in, t.cause = why.Fault, why.InCondition, fault
		return t
	} else if !holds {
		t.obstacle = why.Condition
		return t
	}
	switch {
	case r.grants != nil && d.unpaid():
		t.obstacle = why.Unregistered
		return t
	case r.grants != nil:
		t.tier, t.until = r.grants.tier, r.grants.term.After(d.interaction.Occurred, d.p.zone)
		return t
	case r.Multiplier != nil:
		t.points, t.obstacle = r.Multiplier.Grant(t.base)
	default:
		var g rule.Grant
		g, t.obstacle = r.Award.Grant(&d.scope, d.interaction.Value)
		t.points, t.band = g.Points, g.Band
		if g.Fault != "" {
			t.in, t.cause = why.InAward, g.Fault
		}
	}
	if t.obstacle != "" {
		t.points = 0
		return t
	}
	t.full = t.points
	if d.unpaid() {
		t.points, t.obstacle = 0, why.Unregistered
		return t
	}
	if r.Rations.Any() {
		d.ration(r, &t)
	}
	if r.budget != nil && t.points > 0 {
		if left := d.remaining(r.budget); left < t.points {
			t.limit, t.used, t.again = nil, 0, time.Time{}
			if t.points, t.obstacle = left, why.Spent; r.Rations.Beyond == rule.Skip {
				t.points = 0
			}
		}
	}
	return t
}

// remaining is how many points a budget has left.
func (d *decision) remaining(b *budget.Budget) fact.Points {
	left, known := d.state.Budgets[b.Definition]
	if !known {
		left = b.Points
	}
	for _, drawn := range d.effects.Drawn {
		if drawn.Budget == b.Definition {
			left -= drawn.Points
		}
	}
	return max(left, 0)
}

// draw takes points from a budget, or gives them back if they are below zero.
func (d *decision) draw(b *budget.Budget, points fact.Points) {
	for i := range d.effects.Drawn {
		if d.effects.Drawn[i].Budget == b.Definition {
			d.effects.Drawn[i].Points += points
			return
		}
	}
	d.effects.Drawn = append(d.effects.Drawn, Draw{b.Definition, points})
}

// base is the points that a multiplier takes.
func (d *decision) base(r *ruled) (base fact.Points) {
	for _, g := range d.given {
		if r.Multiplier.Takes(g.rule) {
			var within bool
			if base, within = base.Plus(g.points); !within {
				return 0
			}
		}
	}
	return base
}

// ration cuts what a rule gives to what its limits leave the member.
func (d *decision) ration(r *ruled, t *trial) {
	g := d.state.Doc.Given[r.Key]
	if g == nil {
		g = &Given{}
	}
	bucket := r.Rations.Bucket(d.day)
	if r.Rations.Days() > 0 && bucket < r.Rations.Bucket(g.Since) { // so late that it cannot be counted
		t.points, t.obstacle = 0, why.Limited
		return
	}
	if until := g.cooling(&r.Rations, d.interaction.Occurred, d.p.zone); !until.IsZero() {
		t.points, t.obstacle, t.again = 0, why.Cooling, until
		return
	}
	for i := range r.Rations.Limits {
		l := &r.Rations.Limits[i]
		if left, used, limited := g.left(*l, d.day); limited && left < t.points {
			t.points, t.obstacle, t.limit, t.used = left, why.Limited, l, used
		}
	}
	if t.obstacle == "" {
		return
	}
	if r.Rations.Beyond == rule.Skip {
		t.points = 0
	}
	if left, _, limited := g.left(*t.limit, d.day); limited && left == 0 {
		t.again = g.again(*t.limit, d.day, d.p.zone)
	}
}

// choose leaves to the one rule of the group that gives what it gives, and takes from the others. Those that come later are of the same kind.
func (d *decision) choose(r *ruled, later []ruled, t *trial) {
	if r.Group == "" || t.points == 0 {
		return
	}
	if d.chosen == nil {
		d.chosen = map[string]string{}
	}
	if d.chosen[r.Group] == "" {
		best, most := r.Key, t.points
		if d.p.groups[r.Group] == bestOf {
			for i := range later {
				if other := &later[i]; other.Group == r.Group {
					if o := d.try(other); o.points > most {
						best, most = other.Key, o.points
					}
				}
			}
		}
		d.chosen[r.Group] = best
	}
	if by := d.chosen[r.Group]; by != r.Key {
		t.points, t.obstacle, t.by = 0, why.Excluded, by
	}
}

// maxWithheld is how many verdicts an interaction keeps of rules that would have given.
const maxWithheld = 20

// note takes note of what became of a rule.
func (d *decision) note(r *ruled, t *trial) {
	switch t.obstacle {
	case why.Fault, why.TooMuch, why.Excluded, why.Limited, why.Spent, why.Cooling, why.Unregistered:
		if len(d.effects.Withheld) < maxWithheld {
			v := t.verdict(r)
			if t.obstacle == why.Fault {
				v.Line, v.Column = place(d.broken(r.Rule, t.in))
			}
			d.effects.Withheld = append(d.effects.Withheld, v)
		}
	}
	if t.tier != "" {
		d.effects.Granted = append(d.effects.Granted, t.verdict(r))
	}
	if t.obstacle == why.Fault && t.cause != expr.Unconsented {
		d.effects.Faults = append(d.effects.Faults, Fault{fact.KindRule, r.Key, r.Number, t.in, t.cause})
	}
	if t.points > 0 && r.Rations.Any() {
		g := d.state.Doc.Given[r.Key].clone()
		g.add(d.interaction.Occurred, d.day, t.points, &r.Rations, d.p.zone)
		d.state.Doc.Given = with(d.state.Doc.Given, r.Key, g)
	}
	if t.points > 0 && r.budget != nil {
		d.draw(r.budget, t.points)
	}
}

// verdict is the trial as it is told and stored.
func (t *trial) verdict(r *ruled) why.Verdict {
	v := why.Verdict{
		Rule: r.Key, Revision: r.Number, Obstacle: t.obstacle, Points: t.points, Full: t.full, Used: t.used, Again: t.again, By: t.by, In: t.in, Cause: string(t.cause),
		Tier: t.tier, Until: t.until, Figures: t.figures, Basis: why.Stored,
	}
	if t.obstacle == why.Spent {
		v.Budget = r.Budget
	}
	if t.limit != nil {
		v.Times, v.Limit, v.Per = t.limit.Times, t.limit.Points, string(t.limit.Per)
	}
	return v
}
