package loyalty

import (
	"slices"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/mission"
	"granaio/loyalty/rule"
	"granaio/loyalty/why"
)

// Reverse undoes an interaction, or a part of it: all that followed from it, and nothing else. What followed is read from what was stored, never worked
// out anew: the past holds it. The state's lots and holds are all the open ones.
//
// Of an earning the points are taken back that what is left of the interaction does not earn, less those that were taken back before (ledger's
// ReverseEarn); they count no more towards the tier. When nothing is left, that is all of them; before, see rule's Stays. A mission counts the
// interaction no more when nothing is left of it, or its condition reads nothing else and does not hold for what is left; the award of one that is
// thereby no longer completed is taken back, whichever interaction earned it. The event's figures forget the value, and in the end the interaction. Then the tier is
// looked at, and the personas. Points and missions that are kept whatever is returned stay.
//
// Then is the version of the programme that decided the interaction: it knows the conditions. P is the one in force now, whose policy decides what
// becomes of points that were spent.
func Reverse(p, then *Programme, s *State, past *Past, r Return, command fact.ID, now time.Time) (*Effects, *fact.Refusal, error) {
	r.Occurred, now = fact.Instant(r.Occurred), fact.Instant(now)
	if refusal := r.check(then, s, past, now); refusal != nil {
		return nil, refusal, nil
	}
	x, refusal := r.extent(past)
	if refusal != nil {
		return nil, refusal, nil
	}
	book, err := p.open(s, command, now)
	if err != nil {
		return refused(err)
	}
	v := newReversing(p, then, s.clone(), past, r, x, book, now)
	p.lapse(&v.effects, now)
	before := *v.state.clone()
	v.effects.Reversal = &Reversal{
		ID: command.As(fact.KindReversal), Interaction: past.Interaction.ID, Value: x.value, Lines: x.lines, Whole: x.whole, Occurred: r.Occurred,
	}
	for _, undo := range []func() error{v.takeBack, v.uncount, v.forget} {
		if err := undo(); err != nil {
			return refused(err)
		}
	}
	v.ungrant()
	p.fall(&v.effects, &before, now)
	v.resemble()
	v.close()
	return &v.effects, nil, nil
}

func (r *Return) check(then *Programme, s *State, past *Past, now time.Time) *fact.Refusal {
	e := then.Event(past.Interaction.Event)
	switch {
	case s.Member.Status == Erased:
		return fact.Refuse(fact.CodeUnknownInteraction, "interaction", "there is no such interaction")
	case e == nil || e.BuiltIn:
		return fact.Refuse(fact.CodeNotReversible, "interaction", "“%s” is Granaio's own event and cannot be returned", past.Interaction.Event)
	}
	if refusal := checkNote(r.Note); refusal != nil {
		return refusal
	}
	return checkWhen(r.Occurred, past.Interaction.Occurred, now)
}

// Awards are the movements whose awards a return of the interaction may take back: those of the missions, by key, in which it counted, in its periods.
// This is the version of the programme that decided it.
func (p *Programme) Awards(s *State, i *fact.Interaction, missions []string) (ids []fact.ID) {
	for _, key := range missions {
		if m := p.MissionByKey(key); m != nil {
			state := s.Doc.Missions[m.Counter()]
			if found := state.find(m.Period(fact.DayOf(i.Occurred, p.zone))); found != nil && !found.Award.IsZero() {
				ids = append(ids, found.Award)
			}
		}
	}
	return ids
}

// reversing is a return under way: a decision of the present about an interaction of the past.
type reversing struct {
	decision
	then *Programme
	past *Past
	asks Return
	extent
}

func newReversing(p, then *Programme, s *State, past *Past, r Return, x extent, book *ledger.Book, now time.Time) *reversing {
	i := past.Interaction
	v := &reversing{then: then, past: past, asks: r, extent: x}
	v.decision = decision{p: p, plan: p.plans[i.Event], state: s, book: book, interaction: i, now: now, day: fact.DayOf(i.Occurred, then.zone)}
	if v.plan == nil { // the programme has no such event now, so that nothing tells which personas it touches
		v.plan = &plan{personas: p.personas}
	}
	v.effects.State = s
	if i.Value != nil {
		v.interaction.Value = &fact.Money{Minor: x.left, Currency: i.Value.Currency}
	}
	v.member = then.known(s)
	v.scope.Set(&v.member, &v.interaction, i.Occurred, then.zone)
	return v
}

// takeBack takes back what rules gave. Multipliers come after what they multiplied, as they did when they gave.
func (v *reversing) takeBack() error {
	gone := map[*rule.Rule]fact.Points{}
	for i := range v.past.Earnings {
		e := &v.past.Earnings[i]
		if e.Reason.Explanation.Source == why.SourceMission { // its objective decides
			continue
		}
		var r *rule.Rule
		source := why.SourceReturn
		if e.Reason.Explanation.Source == why.SourceTier {
			source = why.SourceTierReturn
		} else {
			r = v.then.Rule(e.Reason.Explanation.Key)
		}
		target := e.Points - v.stays(e, r, gone)
		gone[r] = target
		more, back, err := v.reverse(e, target, v.excess(r, target-ledger.TakenBack(e.Before)), v.because(e, source))
		if err != nil {
			return err
		}
		v.ungive(e, r, more, v.excess(r, more))
		if b := v.then.Budget(e.Reason.Explanation.Budget); b != nil && back > 0 {
			v.draw(b, -back)
		}
	}
	return nil
}

// excess is how many of so many points of a rule a merge took back: they are not taken again.
func (v *reversing) excess(r *rule.Rule, points fact.Points) fact.Points {
	if r == nil || v.state.Doc.Given[r.Key] == nil {
		return 0
	}
	return max(0, min(points, fact.Points(v.state.Doc.Given[r.Key].Excess)))
}

// ungive counts no more what a rule gave that limits what it gives, of which so much was taken back by a merge.
func (v *reversing) ungive(e *Earned, r *rule.Rule, more, excess fact.Points) {
	if more == 0 || r == nil || !r.Rations.Any() && excess == 0 || v.state.Doc.Given[r.Key] == nil {
		return
	}
	g := v.state.Doc.Given[r.Key].clone()
	if g.Excess -= int64(excess); r.Rations.Any() {
		g.remove(e.Occurred, v.day, more, ledger.TakenBack(e.Before)+more == e.Points, &r.Rations)
	}
	v.state.Doc.Given = with(v.state.Doc.Given, r.Key, g)
}

// stays is how many points of an earning stay.
func (v *reversing) stays(e *Earned, r *rule.Rule, gone map[*rule.Rule]fact.Points) fact.Points {
	given := e.Reason.Explanation
	switch {
	case given.Kept:
		return e.Points
	case v.whole:
		return 0
	case given.Source == why.SourceTier:
		base := given.Base
		for of, points := range gone {
			if of != nil && of.Award.ByAmount() && (len(given.Rules) == 0 || slices.Contains(given.Rules, of.Key)) {
				base -= points
			}
		}
		return min(rule.Multiplied(given, max(base, 0)), e.Points)
	case given.Source == why.SourceRule && r != nil:
		return r.Stays(e.Points, given, &v.scope, v.past.Interaction.Value.Minor, v.left)
	case given.Source == why.SourceMultiplier && r != nil:
		if r.Fails(&v.scope) {
			return 0
		}
		base := given.Base
		for of, points := range gone {
			if of != nil && r.Multiplier.Takes(of) {
				base -= points
			}
		}
		return min(rule.Multiplied(given, max(base, 0)), e.Points)
	}
	return e.Points
}

// because begins the explanation of what is taken back.
func (v *reversing) because(e *Earned, source string) why.Explanation {
	given := e.Reason.Explanation
	x := why.Explanation{Source: source, Key: given.Key, Revision: given.Revision, Event: v.interaction.Event, Budget: given.Budget}
	if paid := v.past.Interaction.Value; paid != nil {
		x.Value, x.Currency = paid.Minor, paid.Currency.Code
	}
	return x
}

// reverse takes back so much of an earning, all returns together, of which so much more was taken already, and counts it no more towards the tier; the answer is how much that is now, and how much of it
// came back: not what had expired, and not what is let go.
func (v *reversing) reverse(e *Earned, target, taken fact.Points, x why.Explanation) (more, back fact.Points, err error) {
	if more = target - ledger.TakenBack(e.Before); more <= 0 {
		return 0, 0, nil
	}
	m, err := v.book.ReverseEarn(ledger.Return{
		Earning: e.Movement, Before: e.Before, Lot: e.Lot, Former: e.Former, Others: e.Others, Target: target, Taken: taken, Recourse: v.p.recourse, Occurred: v.asks.Occurred,
		Reason: ledger.Reason{Interaction: v.interaction.ID, Revision: e.Reason.Revision, Explanation: x},
	})
	if err != nil || e.Reason.Explanation.Unqualified {
		return more, m.Points, err
	}
	earnings := int64(0)
	if target == e.Points {
		earnings = 1
	}
	v.state.Doc.Qualifying.remove(fact.DayOf(e.Occurred, v.then.zone), earnings, int64(more))
	return more, m.Points, nil
}

// uncount counts the interaction no more in missions, and takes back the awards of those that are no longer completed.
func (v *reversing) uncount() error {
	for _, key := range v.past.Missions {
		m := v.then.MissionByKey(key)
		before := slices.ContainsFunc(v.past.Reversals, func(r Reversal) bool { return slices.Contains(r.Undone.Missions, key) })
		if m == nil || before || !v.whole && !m.Fails(&v.scope) {
			continue
		}
		undone := &v.effects.Reversal.Undone
		undone.Missions = append(undone.Missions, key)
		if err := v.uncountIn(m); err != nil {
			return err
		}
	}
	return nil
}

// ungrant takes back the tiers that rules granted for the interaction, once nothing is left of it.
func (v *reversing) ungrant() {
	if v.whole {
		v.state.release(func(g TierGrant) bool { return g.Interaction == v.interaction.ID && !g.Kept })
	}
}

func (v *reversing) uncountIn(m *mission.Mission) error {
	state := v.state.Doc.Missions[m.Counter()]
	state.Earlier = slices.Clone(state.Earlier)
	period := state.find(m.Period(v.day))
	if period == nil || period.Count == 0 {
		return nil // it lies longer ago than periods are kept
	}
	award := v.award(period)
	target, kept := m.Target, m.Kept
	if award != nil { // it is held to what it took when it was completed
		target, kept = award.Reason.Explanation.Target, award.Reason.Explanation.Kept
	}
	was, now := *period, v.target(m)
	period.Count--
	revoked := !period.Completed.IsZero() && period.Count < target && !kept
	if revoked {
		period.Completed, period.Award = time.Time{}, fact.ID{}
	}
	if shown := period.shown(m, now); *shown != *was.shown(m, now) {
		v.effects.Progress = append(v.effects.Progress, *shown)
	}
	v.state.Doc.Missions = with(v.state.Doc.Missions, m.Counter(), state)
	if !revoked || award == nil {
		return nil
	}
	x := v.because(award, why.SourceRevocation)
	x.Count, x.Target, x.Period = period.Count, target, period.Period
	_, _, err := v.reverse(award, award.Points, 0, x)
	return err
}

// award is the earning of a period's award, nil if it has none.
func (v *reversing) award(period *MissionPeriod) *Earned {
	for i := range v.past.Awards {
		if e := &v.past.Awards[i]; e.ID == period.Award {
			return e
		}
	}
	return nil
}

// target is what people see of a mission now: as long as it is counted in the same way, what it takes now.
func (v *reversing) target(m *mission.Mission) int64 {
	if now := v.p.Mission(m.Definition); now != nil && now.Counter() == m.Counter() {
		return now.Target
	}
	return m.Target
}

// forget takes the interaction, or the part of it, out of the event's figures; and as a whole, out of what points that are heard of later may have waited for.
func (v *reversing) forget() error {
	if v.whole {
		v.unarrive()
	}
	v.unmeasure()
	doc, name := &v.state.Doc, v.interaction.Event
	if doc.Events[name] == nil {
		return nil
	}
	series, count := doc.Events[name].clone(), int64(0)
	if v.whole {
		count = 1
	}
	series.remove(v.day, count, v.value)
	if v.whole {
		at, others := v.interaction.Occurred, v.past.Others
		if series.First.Equal(at) {
			series.First = others.First
		}
		if series.Last.Equal(at) {
			series.Last = others.Last
		}
	}
	doc.Events = with(doc.Events, name, series)
	return nil
}
