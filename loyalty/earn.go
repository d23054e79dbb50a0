package loyalty

import (
	"slices"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/rule"
	"granaio/loyalty/why"
)

// given is what a rule gave for the interaction.
type given struct {
	rule   *rule.Rule
	points fact.Points
}

// award books what the event's rules give.
func (d *decision) award() error {
	for i := range d.plan.awards {
		r := &d.plan.awards[i]
		if d.passes(r) {
			continue
		}
		t := d.try(r)
		d.choose(r, d.plan.awards[i+1:], &t)
		d.note(r, &t)
		if t.points == 0 {
			d.watched(r, t, why.Explanation{})
			continue
		}
		e := d.explain(why.SourceRule, r.Key, r.Number, r.Kept)
		e.Withheld, e.Budget = t.full-t.points, r.Budget
		if e.Band = t.band.From; t.band.Per > 0 {
			e.Per, e.Rate, e.Rounding = t.band.Per, t.band.Rate, string(t.band.Rounding)
		}
		d.watched(r, t, e)
		if _, err := d.earn(t.points, r.ageing, r.Qualifying, r.Revision, e); err != nil {
			return err
		}
		d.given = append(d.given, given{r.Rule, t.points})
	}
	return nil
}

// passes tells that the interaction is nothing to a rule, of which there may be a thousand, and that nobody asks why.
func (d *decision) passes(r *ruled) bool { return d.watch == nil && r.Excludes(&d.scope) }

// multiply books what the event's multipliers add. Each takes the points that awards gave, so that they add up and never compound.
func (d *decision) multiply() error {
	if len(d.given) == 0 && d.watch == nil {
		return nil
	}
	for i := range d.plan.multipliers {
		r := &d.plan.multipliers[i]
		if d.passes(r) {
			continue
		}
		t := d.try(r)
		d.choose(r, d.plan.multipliers[i+1:], &t)
		d.note(r, &t)
		if t.points == 0 {
			d.watched(r, t, why.Explanation{})
			continue
		}
		e := d.explain(why.SourceMultiplier, r.Key, r.Number, r.Kept)
		e.Factor, e.Base, e.Rounding = r.Multiplier.Factor.String(), t.base, why.RoundDown
		e.Withheld, e.Budget = t.full-t.points, r.Budget
		d.watched(r, t, e)
		if _, err := d.earn(t.points, r.ageing, r.Qualifying, r.Revision, e); err != nil {
			return err
		}
	}
	return d.thank()
}

// thank books what the member's tier adds to the points for an amount. It qualifies, matures and expires as those do, so that it is booked apart for those that do so
// differently.
func (d *decision) thank() error {
	t := d.p.tiers.Find(d.member.Tier)
	if t == nil || t.Factor.IsZero() {
		return nil
	}
	type kind struct {
		qualifying bool
		ageing     ageing
	}
	type group struct {
		kind
		base  fact.Points
		rules []string
	}
	var groups []group
	for i := range d.plan.awards {
		r := &d.plan.awards[i]
		at := slices.IndexFunc(d.given, func(g given) bool { return g.rule == r.Rule })
		if at < 0 || !r.Award.ByAmount() {
			continue
		}
		k := kind{r.Qualifying, r.ageing}
		to := slices.IndexFunc(groups, func(g group) bool { return g.kind == k })
		if to < 0 {
			to, groups = len(groups), append(groups, group{kind: k})
		}
		g := &groups[to]
		g.base, _ = g.base.Plus(d.given[at].points) // beyond what can be counted, Extra adds nothing
		g.rules = append(g.rules, r.Key)
	}
	for _, g := range groups {
		extra := t.Extra(g.base)
		if extra == 0 {
			continue
		}
		e := d.explain(why.SourceTier, t.Key, t.Number, false)
		e.Factor, e.Base, e.Rounding = t.Factor.String(), g.base, why.RoundDown
		if len(groups) > 1 {
			e.Rules = g.rules
		}
		if _, err := d.earn(extra, g.ageing, g.qualifying, t.Revision, e); err != nil {
			return err
		}
	}
	return nil
}

// raise grants the tiers that the event's rules grant.
func (d *decision) raise() error {
	for i := range d.plan.grants {
		r := &d.plan.grants[i]
		t := d.try(r)
		d.note(r, &t)
		d.watched(r, t, why.Explanation{})
		if t.tier != "" {
			d.p.hold(d.state, TierGrant{Tier: t.tier, Until: t.until, Rule: r.Key, Interaction: d.interaction.ID, Kept: r.Kept})
		}
	}
	return nil
}

// advance counts the interaction in the event's missions, and books what those give that it completes.
func (d *decision) advance() error {
	for _, m := range d.plan.missions {
		if !m.Span.Holds(d.interaction.Occurred) || !d.p.Admits(m.Tier, d.member.Tier) {
			continue
		}
		if counts, fault := m.Counts(&d.scope); fault != "" {
			d.effects.Faults = append(d.effects.Faults, Fault{fact.KindMission, m.Key, m.Number, why.InCondition, fault})
			continue
		} else if !counts {
			continue
		}
		state := d.state.Doc.Missions[m.Counter()]
		period, progress, completes := state.count(m.Mission, d.day, d.interaction.Occurred, !d.unpaid())
		if period == nil {
			continue
		}
		if progress == nil {
			d.effects.Beyond = append(d.effects.Beyond, m.Key)
		} else {
			d.effects.Progress = append(d.effects.Progress, *progress)
		}
		if completes {
			e := d.explain(why.SourceMission, m.Key, m.Number, m.Kept)
			e.Count, e.Target, e.Period = progress.Count, progress.Target, progress.Period
			award, err := d.earn(m.Award, m.ageing, m.Qualifying, m.Revision, e)
			if err != nil {
				return err
			}
			period.Award = award.ID
		}
		d.state.Doc.Missions = with(d.state.Doc.Missions, m.Counter(), state)
	}
	return nil
}

// explain begins an explanation with what is known of the interaction.
func (d *decision) explain(source, key string, revision int, kept bool) why.Explanation {
	e := why.Explanation{Source: source, Key: key, Revision: revision, Event: d.interaction.Event, Kept: kept}
	if v := d.interaction.Value; v != nil {
		e.Value, e.Currency = v.Minor, v.Currency.Code
	}
	return e
}

// earn books points, and counts them towards the tier if they qualify.
func (d *decision) earn(points fact.Points, a ageing, qualifying bool, revision fact.ID, e why.Explanation) (ledger.Movement, error) {
	occurred := d.interaction.Occurred
	e.Unqualified = !qualifying
	earning := ledger.Earning{
		Points: points, Occurred: occurred, Funding: ledger.Programme, Contributor: d.state.Member.ID,
		Reason: ledger.Reason{Interaction: d.interaction.ID, Revision: revision, Explanation: e},
	}
	d.age(&earning, a)
	earned, err := d.book.Earn(earning)
	if err == nil && qualifying {
		d.state.Doc.Qualifying.add(occurred, d.day, int64(points), retention{days: d.p.policy.keep()}, d.p.zone)
	}
	return earned, err
}
