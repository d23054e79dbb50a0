package read

import (
	"context"
	"time"

	"granaio/engine"
	"granaio/ent"
	"granaio/loyalty"
	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// MemberConnection is a part of a connection of members.
type MemberConnection = Connection[*Member]

// MemberEdge is one in it.
type MemberEdge = Edge[*Member]

// Member is a person as the programme knows it.
type Member struct {
	ID         fact.ID
	Status     loyalty.Status
	Locale     string // BCP 47; empty for the programme's first language
	EnrolledAt time.Time
	With       *Members // itself among them
}

// IsNode makes it one of GraphQL's nodes.
func (*Member) IsNode() {}

// View is the member with all that Decide knows of it.
func (m *Member) View(ctx context.Context) (*engine.View, error) {
	v, err := m.With.View(ctx, m.ID)
	if err == nil && v == nil {
		return nil, errGone
	}
	return v, err
}

// Members are those that one field asks for.
type Members struct {
	*Reader
	ids          []fact.ID
	views        *Group[fact.ID, *engine.View]
	identities   *Group[fact.ID, []*Identity]
	lots         groups[time.Time, fact.ID, []lot]
	movements    connections[*movementPages]
	marks        groups[time.Time, fact.ID, engine.Mark]
	lines        groups[period, fact.ID, []engine.Line]
	interactions connections[*pages[*Interaction]]
	redemptions  lazily[*pages[*Redemption]]
	tiers        lazily[*pages[*ent.TierChange]]
	timelines    timelines
	decisions    lazily[*Group[fact.ID, map[string][]*ConsentDecision]]
	sent         groups[time.Duration, fact.ID, []consent.Sent]
	histories    histories
	sources      lazily[*Group[fact.ID, *Interaction]]     // by which attributes became known
	grounds      lazily[*Group[fact.ID, *ConsentDecision]] // under which they were taken
}

// Members are the members of the ids. Nothing is read yet.
func (r *Reader) Members(ids ...fact.ID) *Members {
	m := &Members{Reader: r, ids: ids}
	m.views = NewGroup(ids, m.loadViews)
	m.identities = NewGroup(ids, m.loadIdentities)
	return m
}

func (m *Members) loadViews(ctx context.Context, ids []fact.ID) (map[fact.ID]*engine.View, error) {
	views, err := m.Engine.Views(ctx, m.ID, ids)
	for _, v := range views {
		m.learn(v.Programme)
		break
	}
	return views, err
}

// View is a member with all that Decide knows of it, nil if there is no such member.
func (m *Members) View(ctx context.Context, id fact.ID) (*engine.View, error) {
	return m.views.Get(ctx, id)
}

// Programme is the version in force. The views know it, and are wanted for most of what is shown beside it.
func (m *Members) Programme(ctx context.Context) (*loyalty.Programme, error) {
	if len(m.ids) > 0 {
		if _, err := m.View(ctx, m.ids[0]); err != nil {
			return nil, err
		}
	}
	return m.Reader.Programme(ctx)
}

// Member is one of the members, nil if there is no such member for whoever asks.
func (m *Members) Member(ctx context.Context, id fact.ID) (*Member, error) {
	v, err := m.View(ctx, id)
	if err != nil || v == nil || m.Partner && !v.Programme.Shares(v.State) {
		return nil, err
	}
	of := v.State.Member
	if of.ID != id { // it was merged into another
		return m.Reader.Members(of.ID).Member(ctx, of.ID)
	}
	return &Member{ID: of.ID, Status: of.Status, Locale: of.Locale, EnrolledAt: of.Enrolled, With: m}, nil
}

// membersOf are the members of rows that were read already.
func (r *Reader) membersOf(rows []*ent.Member) []*Member {
	ids := make([]fact.ID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	with, all := r.Members(ids...), make([]*Member, len(rows))
	for i, row := range rows {
		all[i] = &Member{ID: row.ID, Status: loyalty.Status(row.Status), Locale: row.Locale, EnrolledAt: row.EnrolledAt, With: with}
	}
	return all
}

// Account is a member's points, as they are at the view's now.
type Account struct {
	ledger.Balances
	ID      fact.ID
	Version int64
	Member  *Member
}

// IsNode makes it one of GraphQL's nodes.
func (*Account) IsNode() {}

// Account is the member's account.
func (m *Member) Account(ctx context.Context) (*Account, error) {
	v, err := m.View(ctx)
	if err != nil {
		return nil, err
	}
	return &Account{v.Balances(), v.State.Account.ID, v.State.Account.Sequence, m}, nil
}
