package model

import (
	"context"
	"slices"
	"strings"

	"granaio/engine"
	"granaio/ent"
	"granaio/graph/read"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// Answers are what the requests of one mutation were answered with. Whatever is shown beside them is read for all of them together.
type Answers struct {
	speech       func(context.Context) Speech
	members      *read.Members
	interactions *read.Group[fact.ID, *read.Interaction] // these four are those of duplicates
	movements    *read.Group[fact.ID, *read.Movement]
	redemptions  *read.Group[fact.ID, *read.Redemption]
	reversals    *read.Group[fact.ID, *read.Reversal]
	taken        map[fact.ID]*read.Interaction // these came with the answers
	made         map[fact.ID]*read.Movement
	reversed     map[fact.ID]*read.Reversal
}

// NewAnswers are the answers of outcomes; nil and refused ones have nothing to show.
func NewAnswers(r *read.Reader, speech func(context.Context) Speech, outcomes ...*engine.Outcome) *Answers {
	var members, interactions, movements, redemptions, reversals []fact.ID
	var rows []*ent.Movement
	var taken []*ent.Interaction
	var reversed []*ent.Reversal
	for _, o := range outcomes {
		if o == nil || o.Refusal != nil {
			continue
		}
		members = append(members, o.Member)
		if o.Stored != nil {
			taken = append(taken, o.Stored)
		} else {
			interactions = append(interactions, o.Interaction)
		}
		redemptions = append(redemptions, o.RedemptionID)
		if o.Reversal != nil {
			reversed = append(reversed, o.Reversal)
		} else {
			reversals = append(reversals, o.ReversalID)
		}
		rows = append(rows, o.Movements...)
		if o.Movements == nil {
			movements = append(movements, o.MovementIDs...)
		}
	}
	a := &Answers{
		speech: speech, members: r.Members(distinct(members)...), interactions: r.Interactions(distinct(interactions)),
		movements: r.Movements(distinct(movements)), redemptions: r.Redemptions(distinct(redemptions)), made: make(map[fact.ID]*read.Movement, len(rows)),
		taken: make(map[fact.ID]*read.Interaction, len(taken)), reversals: r.Reversals(distinct(reversals)), reversed: make(map[fact.ID]*read.Reversal, len(reversed)),
	}
	for _, v := range r.ReversalsOf(reversed) {
		a.reversed[v.ID] = v
	}
	for _, i := range r.InteractionsOf(taken) {
		a.taken[i.ID] = i
	}
	for _, m := range r.MovementsOf(rows, a.members.Programme) {
		a.made[m.ID] = m
	}
	return a
}

// distinct leaves out what is there twice, and the zero id.
func distinct(ids []fact.ID) []fact.ID {
	slices.SortFunc(ids, func(a, b fact.ID) int { return slices.Compare(a[:], b[:]) })
	return slices.DeleteFunc(slices.Compact(ids), fact.ID.IsZero)
}

func (a *Answers) movement(ctx context.Context, id fact.ID) (*read.Movement, error) {
	if m := a.made[id]; m != nil {
		return m, nil
	}
	return a.movements.Get(ctx, id)
}

// answer is one of the answers.
type answer struct {
	With    *Answers
	Outcome *engine.Outcome
}

// interaction is the one that was taken.
func (a answer) interaction(ctx context.Context) (*read.Interaction, error) {
	if a.Outcome == nil {
		return nil, nil
	}
	if i := a.With.taken[a.Outcome.Interaction]; i != nil {
		return i, nil
	}
	return a.With.interactions.Get(ctx, a.Outcome.Interaction)
}

// Member is whom it happened to, as it now is.
func (a answer) Member(ctx context.Context) (*read.Member, error) {
	if a.Outcome == nil {
		return nil, nil
	}
	return a.With.members.Member(ctx, a.Outcome.Member)
}

func (a answer) outcome() *Outcome {
	if a.Outcome == nil {
		return nil
	}
	return &Outcome{a}
}

// Outcome is what followed from an interaction.
type Outcome struct{ answer }

// Duplicate tells whether it is the first answer again.
func (o *Outcome) Duplicate() bool { return o.answer.Outcome.Duplicate }

// Movements are those that it caused, in order.
func (o *Outcome) Movements(ctx context.Context) ([]*read.Movement, error) {
	all := make([]*read.Movement, 0, len(o.answer.Outcome.MovementIDs))
	for _, id := range o.answer.Outcome.MovementIDs {
		m, err := o.With.movement(ctx, id)
		if err != nil {
			return nil, err
		}
		if m != nil {
			all = append(all, m)
		}
	}
	return all, nil
}

// Progress is the mission progress that it changed, of missions that the programme still has.
func (o *Outcome) Progress(ctx context.Context) ([]*MissionProgress, error) {
	p, err := o.With.members.Programme(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]*MissionProgress, 0, len(o.answer.Outcome.Progress))
	for _, progress := range o.answer.Outcome.Progress {
		if m := p.Mission(progress.Mission); m != nil {
			all = append(all, NewProgress(progress, NewMission(m, o.With.speech(ctx).In(p))))
		}
	}
	return all, nil
}

// Tier is the one that was reached; nil if the tier did not change, or the programme has it no longer.
func (o *Outcome) Tier(ctx context.Context) (*Tier, error) {
	if !o.TierChanged() {
		return nil, nil
	}
	p, err := o.With.members.Programme(ctx)
	if err != nil {
		return nil, err
	}
	return NewTier(p.Tier(o.answer.Outcome.Tier.To), o.With.speech(ctx).In(p)), nil
}

// TierChanged tells whether the tier changed.
func (o *Outcome) TierChanged() bool { return o.answer.Outcome.Tier != nil }

// NewProgress shows how far a member is in a mission.
func NewProgress(p loyalty.Progress, m *Mission) *MissionProgress {
	shown := &MissionProgress{Mission: m, Count: int(p.Count), Target: int(p.Target), CompletedAt: instant(p.Completed)}
	if p.Period != "" {
		shown.Period = &p.Period
	}
	return shown
}

// NewUserErrors shows a refusal, at its place below the path; none if there is no refusal.
func NewUserErrors(r *fact.Refusal, path ...string) []*UserError {
	if r == nil {
		return []*UserError{}
	}
	field := append([]string{}, path...)
	if r.Field != "" {
		field = append(field, strings.Split(r.Field, ".")...)
	}
	return []*UserError{{Field: field, Message: r.Message, Code: r.Code}}
}
