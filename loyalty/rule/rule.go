package rule

import (
	"cmp"
	"slices"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/schedule"
)

// Rule is a compiled rule.
type Rule struct {
	fact.Ref
	Key        string
	Name       fact.Text
	On         []string // the events it listens to
	Span       fact.Span
	Schedule   schedule.Schedule // within the span
	Priority   int
	Qualifying bool
	Rations    Rations
	Group      string // empty for none
	Kept       bool   // its points stay, though what they were given for is returned
	Budget     string // the key of the budget; empty for none
	Award      Award
	Multiplier *Multiplier // nil for a rule with an award or a grant
	Grants     string      // the key of the tier that it grants; empty for a rule that gives points

	when *expr.Condition
}

// Open tells whether the rule is in force at an instant: in its span, and open by its schedule.
func (r *Rule) Open(t time.Time) bool { return r.Span.Holds(t) && r.Schedule.Holds(t) }

// Opens is the first instant, not before the given one, at which the rule is open; false if it never is again.
func (r *Rule) Opens(t time.Time) (time.Time, bool) {
	if t.Before(r.Span.From) {
		t = r.Span.From
	}
	opens, ok := r.Schedule.Next(t)
	return opens, ok && r.Span.Holds(opens)
}

// Explain tells what became of each part of the rule's condition.
func (r *Rule) Explain(s *expr.Scope) []expr.Part { return r.when.Explain(s) }

// Applies tells whether the rule's condition holds, and what went wrong with it if anything did.
func (r *Rule) Applies(s *expr.Scope) (bool, expr.Fault) { return r.when.Test(s) }

// Excludes tells that its condition does not hold, if that can be told at little cost. If it cannot, Applies tells.
func (r *Rule) Excludes(s *expr.Scope) bool { return r.when.Excludes(s) }

// When is its condition as it was written; empty if it always holds.
func (r *Rule) When() string {
	if r.when == nil {
		return ""
	}
	return r.when.Source()
}

// Needs are what its expressions read.
func (r *Rule) Needs() []expr.Needs {
	if r.Award.amount != nil {
		return []expr.Needs{r.when.Needs(), r.Award.amount.Needs()}
	}
	return []expr.Needs{r.when.Needs()}
}

// Compile compiles a programme's rules and reports what is wrong with them. They are answered in the order in which they are applied: by priority, the
// highest first, then by key.
func Compile(specs []Spec, refs map[string]fact.Ref, s fact.Setting, l *expr.Language, c fact.Currency, r fact.Report) []*Rule {
	keys, all := fact.Keys{}, make([]*Rule, 0, len(specs))
	for i, spec := range specs {
		at := r.At(i)
		keys.Take(spec.Key, i, at.In("key"))
		s.Text(spec.Name, false, fact.MaxName, at.In("name"))
		x := &Rule{
			Ref: refs[spec.Key], Key: spec.Key, Name: spec.Name, On: l.Events(spec.On, at.In("on")), Span: s.Span(spec.From, spec.Until, at),
			Priority: spec.Priority, Qualifying: spec.Qualifying == nil || *spec.Qualifying, Kept: spec.OnReturn.Keeps(at.In("on_return")),
		}
		x.Rations, x.Group, x.Budget = compileRations(&spec, at), spec.Group, spec.Budget
		x.Schedule = schedule.Compile(spec.Schedule, x.Span, s.Zone, at.In("schedule"))
		if spec.When != "" && len(x.On) > 0 {
			x.when = l.Condition(spec.When, x.On, at.In("when"))
		}
		switch {
		case spec.Award != nil && spec.Multiply != "":
			at.Say("a rule has either an award or a multiply, not both")
		case spec.Grant != nil:
			x.Grants = spec.Grant.Tier
			checkGrant(&spec, at)
		case spec.Award == nil && spec.Multiply == "":
			at.Say("a rule needs an award, a multiply or a grant")
		case spec.Award != nil:
			x.Award = compileAward(spec.Award, x.On, l, c, at.In("award"))
		default:
			x.Multiplier = compileMultiplier(spec, at.In("multiply"))
		}
		if len(spec.Of) > 0 && spec.Multiply == "" {
			at.In("of").Say("only a multiply has it")
		}
		all = append(all, x)
	}
	for i, x := range all {
		if x.Multiplier != nil {
			checkOf(specs[i].Of, x, all, r.At(i).In("of"))
		}
	}
	slices.SortStableFunc(all, func(a, b *Rule) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(a.Key, b.Key))
	})
	return all
}

// checkGrant reports what only a rule that gives points has.
func checkGrant(s *Spec, r fact.Report) {
	if s.Award != nil || s.Multiply != "" {
		r.In("grant").Say("a rule that grants a tier gives no points: that takes another rule")
	}
	if len(s.Limits) > 0 || s.Cooldown != "" || s.Beyond != "" || s.Group != "" || s.Budget != "" || s.Expire != "" || s.Warn != "" || !s.Mature.IsZero() || s.Qualifying != nil {
		r.In("grant").Say("a rule that grants a tier has no limits, cooldown, group, budget or ageing: those are of points")
	}
}

// checkOf reports the names of rules that a multiplier cannot multiply.
func checkOf(of []string, multiplier *Rule, all []*Rule, r fact.Report) {
	byKey := make(map[string]*Rule, len(all))
	var known []string
	for _, x := range all {
		if byKey[x.Key] = x; x.Multiplier == nil {
			known = append(known, x.Key)
		}
	}
	for i, key := range of {
		x := byKey[key]
		switch {
		case x == nil:
			r.At(i).Say("unknown rule “%s”%s", key, fact.Nearest(key, known))
		case x.Multiplier != nil:
			r.At(i).Say("“%s” is a multiplier itself: multipliers take the points of awards, and add up", key)
		case slices.Contains(of[:i], key):
			r.At(i).Say("“%s” is named twice", key)
		case len(x.On) > 0 && len(multiplier.On) > 0 && !slices.ContainsFunc(x.On, func(e string) bool { return slices.Contains(multiplier.On, e) }):
			r.At(i).Say("“%s” listens to none of the events of this rule, so there is never anything to multiply", key)
		}
	}
}
