package read

import (
	"cmp"
	"context"
	"time"

	"granaio/ent"
	"granaio/ent/account"
	"granaio/ent/member"
	"granaio/ent/predicate"
	"granaio/graph/scalar"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// Filter narrows which members are read: each field that is given must hold.
type Filter struct {
	Statuses                     []loyalty.Status // nil for any; empty for none; so are the keys below
	Tiers, Personas              []string
	EnrolledFrom, EnrolledBefore time.Time    // zero for open
	MinAvailable                 *fact.Points // as booked
}

// predicates let those through that pass. Whoever was merged into another is that one, and in no list.
func (f Filter) predicates() []predicate.Member {
	all := []predicate.Member{member.MergedIntoIsNil()}
	if f.Statuses != nil {
		statuses := make([]member.Status, len(f.Statuses))
		for i, s := range f.Statuses {
			statuses[i] = member.Status(s)
		}
		all = append(all, member.StatusIn(statuses...))
	}
	if f.Tiers != nil {
		all = append(all, member.TierIn(f.Tiers...))
	}
	if f.Personas != nil {
		all = append(all, member.PersonaIn(f.Personas...))
	}
	if !f.EnrolledFrom.IsZero() {
		all = append(all, member.EnrolledAtGTE(f.EnrolledFrom))
	}
	if !f.EnrolledBefore.IsZero() {
		all = append(all, member.EnrolledAtLT(f.EnrolledBefore))
	}
	if f.MinAvailable != nil {
		all = append(all, member.HasAccountWith(account.AvailableGTE(*f.MinAvailable)))
	}
	return all
}

// Crowd is a page of the programme's members, by when they enrolled.
func (r *Reader) Crowd(ctx context.Context, w Window, f Filter) (*MemberConnection, error) {
	if err := cmp.Or(checkTexts("filter.tiers", f.Tiers...), checkTexts("filter.personas", f.Personas...)); err != nil {
		return nil, err
	}
	q := r.Ent.Member.Query().Where(f.predicates()...)
	all := q.Clone()
	q.Modify(w.narrow(order{member.FieldEnrolledAt, true}, 1, ""))
	rows, err := q.All(ctx)
	if err != nil {
		return nil, err
	}
	// The company is those that are shown, without the one that was read to know whether there is more.
	c := connect(w, rows, func(row *ent.Member) scalar.Cursor {
		return scalar.Cursor{Value: row.EnrolledAt.UnixMicro(), ID: row.ID}
	})
	shown := make([]*ent.Member, len(c.Edges))
	for i, e := range c.Edges {
		shown[i] = e.Node
	}
	edges := make([]MemberEdge, len(shown))
	for i, m := range r.membersOf(shown) {
		edges[i] = MemberEdge{m, c.Edges[i].Cursor}
	}
	return &MemberConnection{Edges: edges, PageInfo: c.PageInfo, total: all.Count}, nil
}
