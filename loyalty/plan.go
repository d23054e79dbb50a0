package loyalty

import (
	"slices"
	"time"

	"granaio/loyalty/budget"
	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/metric"
	"granaio/loyalty/mission"
	"granaio/loyalty/persona"
	"granaio/loyalty/rule"
)

// lateDays is how many days an interaction may be late and still count in windows and in missions' periods as if it had come in time.
const lateDays = 400

// plan is what an interaction of one event sets going.
type plan struct {
	event       *Event
	awards      []ruled // in order
	multipliers []ruled // in order
	grants      []ruled // of tiers, in order
	missions    []missioned
	personas    []*persona.Persona     // those whose traits it may touch
	budgets     []fact.ID              // that its rules draw on
	keep        retention              // what is kept of the event's days
	awaited     map[string]ledger.Term // by which of its properties points wait for it, and how long at most
}

type ruled struct {
	*rule.Rule
	ageing ageing
	budget *budget.Budget // nil for none
	grants *grant         // nil for a rule that gives points
}

// grant is a tier for a time.
type grant struct {
	tier string
	term ledger.Term // zero for ever
}

type missioned struct {
	*mission.Mission
	ageing ageing
}

// plan computes what each event sets going, and how much of each must be kept.
func (c *compiler) plan() {
	p := c.p
	for name, e := range p.events {
		p.plans[name] = &plan{event: e}
	}
	for _, ages := range []map[string]ageing{c.rules, c.mission} {
		for _, a := range ages {
			c.await(a)
		}
	}
	for _, r := range p.rules {
		c.keep(r.Needs()...) // also of a rule that is paused: it may be resumed
		for _, name := range r.On {
			if p.Paused(fact.KindRule, r.Key) {
				continue
			}
			to, x := p.plans[name], ruled{r, c.rules[r.Key], p.Budget(r.Budget), p.grants[r.Key]}
			switch {
			case r.Grants != "":
				to.grants = append(to.grants, x)
			case r.Multiplier != nil:
				to.multipliers = append(to.multipliers, x)
			default:
				to.awards = append(to.awards, x)
			}
			if x.budget != nil && !slices.Contains(to.budgets, x.budget.Definition) {
				to.budgets = append(to.budgets, x.budget.Definition)
			}
		}
	}
	for _, m := range p.missions {
		c.keep(m.Needs())
		for _, name := range m.On {
			if p.Paused(fact.KindMission, m.Key) {
				continue
			}
			p.plans[name].missions = append(p.plans[name].missions, missioned{m, c.mission[m.Key]})
		}
	}
	if counted := p.plans[p.policy.event]; counted != nil {
		counted.keep.days = max(counted.keep.days, p.policy.keep())
	}
	for _, r := range p.rewards {
		c.keep(r.Needs())
	}
	for _, x := range p.personas {
		needs := x.Needs()
		c.keep(needs...)
		for name, to := range p.plans {
			if slices.ContainsFunc(needs, func(n expr.Needs) bool {
				_, reads := n.Events[name]
				return reads || n.Windowed() || n.Member["tier"] || to.event.tells(n) || slices.ContainsFunc(p.metrics.all, func(m *metric.Metric) bool {
					return n.Metrics[m.Name] && (m.Windowed() || m.Touches(name))
				})
			}) {
				to.personas = append(to.personas, x)
			}
		}
	}
}

// tells tells whether the event may change something of the member that is read.
func (e *Event) tells(n expr.Needs) bool {
	switch e.Key {
	case EventUpdated:
		return n.Member["attributes"] || n.Member["language"]
	case EventDependentAdded, EventDependentUpdated, EventDependentRemoved:
		return n.Member["dependents"]
	}
	return len(e.teaches) > 0 && n.Member["attributes"]
}

// await notes that points wait for an event.
func (c *compiler) await(a ageing) {
	if a.on == "" {
		return
	}
	to := c.p.plans[a.on]
	if to.awaited == nil {
		to.awaited = map[string]ledger.Term{}
	}
	if within := a.Matures.Within; longer(within, to.awaited[a.same]) {
		to.awaited[a.same] = within
	}
}

// longer tells whether a term is longer than another.
func longer(a, b ledger.Term) bool {
	some := time.Date(2001, time.January, 1, 0, 0, 0, 0, time.UTC)
	return a.After(some, time.UTC).After(b.After(some, time.UTC))
}

// keep makes sure that the days which expressions look at are kept, for interactions that come late too.
func (c *compiler) keep(needs ...expr.Needs) {
	for _, n := range needs {
		for name, f := range n.Events {
			keep := &c.p.plans[name].keep
			if f.Windows {
				keep.days = max(keep.days, lateDays+f.Days)
			}
			for _, day := range f.Since {
				if place, found := slices.BinarySearch(keep.marks, day); !found {
					keep.marks = slices.Insert(keep.marks, place, day)
				}
			}
		}
	}
}
