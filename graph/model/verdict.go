package model

import (
	"encoding/json"
	"slices"
	"time"

	"granaio/auth"
	"granaio/engine"
	"granaio/ent/movement"
	"granaio/graph/scalar"
	"granaio/loyalty"
	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

// NewVerdicts tells what became of rules, in the words of the programme as it was when they were decided. How expressions are written is for operators; to
// partners nothing is told of what they read of the member.
func NewVerdicts(j *engine.Judgement, event string, s Speech, first int, to auth.Role) []*Verdict {
	shown := make([]*Verdict, min(len(j.Verdicts), first))
	for i := range shown {
		v := j.Verdicts[i]
		if to == auth.RolePartner {
			withoutMember(&v)
		}
		if to != auth.RoleOperator {
			v.Parts = unwritten(v.Parts)
		}
		shown[i] = newVerdict(&v, j.Programme, event, s.In(j.Programme))
	}
	return shown
}

// withoutMember leaves out the parts that read something of the member, and what is wrong with them.
func withoutMember(v *why.Verdict) {
	v.Parts = slices.DeleteFunc(slices.Clone(v.Parts), func(p why.Part) bool { return p.Member })
	if v.Obstacle == why.Fault && len(v.Parts) == 0 {
		v.Cause, v.Line, v.Column = "", 0, 0
	}
}

// unwritten are parts without their expressions.
func unwritten(parts []why.Part) []why.Part {
	told := slices.Clone(parts)
	for i := range told {
		told[i].Expression = ""
		told[i].Alternatives, told[i].Parts = unwritten(told[i].Alternatives), unwritten(told[i].Parts)
	}
	return told
}

func newVerdict(v *why.Verdict, p *loyalty.Programme, event string, languages []string) *Verdict {
	words := why.Words{
		One: p.PointName(), Many: p.PointsName(), Rule: p.NameOf(why.SourceRule, v.Rule), By: p.NameOf(why.SourceRule, v.By),
		Currency: p.Currency().Code, Zone: p.Zone(),
	}
	for _, x := range p.Purposes() {
		if words.Purposes == nil {
			words.Purposes = map[string]fact.Text{}
		}
		words.Purposes[x.Key] = x.Name
	}
	if e := p.Event(event); e != nil {
		words.Event = e.Name
	}
	if b := p.Budget(v.Budget); b != nil {
		words.Budget = b.Name
	}
	if t := p.Tier(v.Tier); t != nil {
		words.Tier = t.Name
	}
	shown := &Verdict{
		Rule: v.Rule, Name: words.Rule.In(languages...), Revision: v.Revision, Outcome: outcomeOf(v), Basis: v.Basis, Sentence: v.Sentence(words, languages...),
		Points: v.Points, Again: whenever(v.Again), Budget: named(v.Budget), By: named(v.By), Tier: named(v.Tier), Until: whenever(v.Until), Parts: newParts(v.Parts, p),
	}
	if v.Obstacle != "" {
		shown.Obstacle = &v.Obstacle
	}
	if full := max(v.Full, v.Points); full > 0 {
		shown.Full = &full
	}
	if v.Figures != nil {
		shown.Figures = figuresOf(*v.Figures)
	}
	if v.Times > 0 || v.Limit > 0 {
		shown.Limit = &VerdictLimit{Per: named(v.Per), Used: int(v.Used)}
		if v.Times > 0 {
			times := int(v.Times)
			shown.Limit.Times = &times
		} else {
			shown.Limit.Points = &v.Limit
		}
	}
	if v.Missing > 0 {
		shown.Missing = NewMoney(&fact.Money{Minor: v.Missing, Currency: p.Currency()})
	}
	if v.Obstacle == why.Fault && v.Cause != "" {
		shown.Fault = &ExpressionFault{In: v.In, Cause: expr.Fault(v.Cause), Line: positive(v.Line), Column: positive(v.Column)}
	}
	return shown
}

func outcomeOf(v *why.Verdict) VerdictOutcome {
	switch {
	case v.Tier != "":
		return VerdictOutcomeGranted
	case v.Points == 0:
		return VerdictOutcomeGaveNothing
	case v.Points < v.Full:
		return VerdictOutcomeGaveLess
	}
	return VerdictOutcomeGave
}

// named is a text that may be absent.
func named(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// whenever is an instant that may be absent.
func whenever(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func newParts(parts []why.Part, p *loyalty.Programme) []*ConditionPart {
	shown := make([]*ConditionPart, len(parts))
	for i, x := range parts {
		shown[i] = &ConditionPart{
			Expression: named(x.Expression), Line: x.Line, Column: x.Column, Member: x.Member, Lacking: slices.Compact(slices.Sorted(slices.Values(slices.Concat(append([][]string{{}}, x.Lacking...)...)))), Readings: make([]*Reading, len(x.Readings)),
			Alternatives: newParts(x.Alternatives, p), Parts: newParts(x.Parts, p),
		}
		if x.Fault != "" {
			cause := expr.Fault(x.Fault)
			shown[i].Fault = &cause
		}
		for n, r := range x.Readings {
			value := r.Value
			if at, ok := value.(time.Time); ok {
				value = at.UTC().Format(time.RFC3339Nano)
			}
			shown[i].Readings[n] = &Reading{Expression: r.Expression, Value: value, Unit: r.Unit}
		}
		if x.Missing == 0 {
			continue
		}
		d := &Distance{Amount: fact.DecimalOf(x.Missing).Shift(int32(-x.Places)), Unit: x.Unit, Excess: x.Excess}
		if x.Unit == why.Money {
			d.Money = NewMoney(&fact.Money{Minor: x.Missing, Currency: p.Currency()})
			d.Amount = d.Money.Amount
		}
		shown[i].Distance = d
	}
	return shown
}

// InteractionTrial is what would follow from an interaction.
type InteractionTrial struct {
	Before    *ledger.Balances
	After     *ledger.Balances
	Movements []*TrialMovement
	Progress  []*MissionProgress
	Tier      *Tier

	trial  *engine.Trial
	event  string
	speech Speech
	to     auth.Role
}

// TierChanged tells whether it would change the tier.
func (t *InteractionTrial) TierChanged() bool { return t.trial.Effects.Tier != nil }

// Told is what would become of rules, of the first of them.
func (t *InteractionTrial) Told(first int) []*Verdict {
	return NewVerdicts(&t.trial.Judgement, t.event, t.speech, first, t.to)
}

// NewInteractionTrial shows what would follow from an interaction of an event, in the programme's words, as far as the one who asks is told.
func NewInteractionTrial(t *engine.Trial, event string, s Speech, to auth.Role) *InteractionTrial {
	e, p := t.Effects, t.Programme
	shown := &InteractionTrial{
		Before: &t.Before, After: &e.State.Account.Balances, Movements: make([]*TrialMovement, len(e.Movements)), Progress: []*MissionProgress{},
		trial: t, event: event, speech: s, to: to,
	}
	for i, m := range e.Movements {
		x := m.Reason.Explanation
		shown.Movements[i] = &TrialMovement{
			Kind: movement.Kind(m.Kind), Points: m.Points, Sentence: x.Sentence(m.Points, namesOf(x, p), s.In(p)...), Source: x.Source, Key: named(x.Key),
			Figures: *figuresOf(x),
		}
	}
	for _, g := range e.Progress {
		if m := p.Mission(g.Mission); m != nil {
			shown.Progress = append(shown.Progress, NewProgress(g, NewMission(m, s.In(p))))
		}
	}
	if e.Tier != nil {
		shown.Tier = NewTier(p.Tier(e.Tier.To), s.In(p))
	}
	return shown
}

// figuresOf are the figures of an explanation, without what has a field of its own.
func figuresOf(e why.Explanation) *scalar.Object {
	e.Source, e.Key, e.Revision, e.Event = "", "", 0, ""
	raw, err := json.Marshal(e)
	figures := map[string]json.RawMessage{}
	if err == nil {
		err = json.Unmarshal(raw, &figures)
	}
	if err != nil {
		return &scalar.Object{} // of texts and numbers, so that it never fails
	}
	delete(figures, "source") // which is written even if it is empty
	raw, _ = json.Marshal(figures)
	return &scalar.Object{Raw: raw}
}
