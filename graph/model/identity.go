package model

import (
	"context"

	"granaio/engine"
	"granaio/graph/read"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// MemberPayload is the answer to a request about who a member is.
type MemberPayload struct {
	answer
	Duplicate  bool
	UserErrors []*UserError
}

// NewMemberPayload is the answer of an outcome.
func NewMemberPayload(a *Answers, o *engine.Outcome) *MemberPayload {
	if o.Refusal != nil {
		return &MemberPayload{Duplicate: o.Duplicate, UserErrors: NewUserErrors(o.Refusal)}
	}
	return &MemberPayload{answer{a, o}, o.Duplicate, NewUserErrors(nil)}
}

// Outcome is what followed from it.
func (p *MemberPayload) Outcome() *Outcome { return p.outcome() }

// Absorbed are the members that were merged into the one that it is about.
func (p *MemberPayload) Absorbed() []fact.ID {
	if p.answer.Outcome == nil || p.answer.Outcome.Absorbed == nil {
		return []fact.ID{}
	}
	return p.answer.Outcome.Absorbed
}

// MemberMergePreview is what two members would be as one.
type MemberMergePreview struct {
	Status    loyalty.Status
	Balances  *ledger.Balances
	Tier      *Tier
	Missions  []*MissionProgress
	Excesses  []*MergeExcess
	Conflicts []*AttributeConflict

	from, into fact.ID
	members    *read.Members
	identities *read.Group[fact.ID, *read.Identity]
	order      []fact.ID
}

// NewMemberMergePreview shows what a merge would make.
func NewMemberMergePreview(x *engine.MergePreview, r *read.Reader, s Speech) *MemberMergePreview {
	p := x.Programme
	s = s.In(p)
	m := x.Merged.Member
	shown := &MemberMergePreview{
		Status: m.Status, Balances: &x.Merged.Account.Balances, Tier: NewTier(p.Tier(m.Tier), s), Missions: []*MissionProgress{}, Excesses: []*MergeExcess{},
		Conflicts: []*AttributeConflict{}, from: x.From.Member.ID, into: x.Into.Member.ID, members: r.Members(x.From.Member.ID, x.Into.Member.ID),
	}
	for _, i := range x.Identities {
		shown.order = append(shown.order, i.ID)
	}
	shown.identities = r.Identities(shown.order)
	for _, g := range x.Effects.Progress {
		if mission := p.Mission(g.Mission); mission != nil {
			shown.Missions = append(shown.Missions, NewProgress(g, NewMission(mission, s)))
		}
	}
	for _, e := range x.Excesses {
		shown.Excesses = append(shown.Excesses, &MergeExcess{Rule: NewRule(p, p.Rule(e.Rule), s), Points: e.Points, TakenBack: p.TakesBack()})
	}
	of := &read.Member{ID: shown.into, With: shown.members}
	attribute := func(name string, known loyalty.Attribute) *read.Attribute {
		return &read.Attribute{Name: name, Declared: p.Attribute(name), Known: known, Member: of}
	}
	for _, c := range x.Conflicts {
		shown.Conflicts = append(shown.Conflicts, &AttributeConflict{
			Name: c.Name, Kept: attribute(c.Name, c.Kept), Dropped: attribute(c.Name, c.Dropped),
		})
	}
	return shown
}

// From is who would be absorbed.
func (p *MemberMergePreview) From(ctx context.Context) (*read.Member, error) {
	return p.members.Member(ctx, p.from)
}

// Into is who would stay.
func (p *MemberMergePreview) Into(ctx context.Context) (*read.Member, error) {
	return p.members.Member(ctx, p.into)
}

// Identities are those that the one would have.
func (p *MemberMergePreview) Identities(ctx context.Context) ([]*read.Identity, error) {
	all := make([]*read.Identity, 0, len(p.order))
	for _, id := range p.order {
		i, err := p.identities.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		if i != nil {
			all = append(all, i)
		}
	}
	return all, nil
}
