package read

import (
	"context"
	"time"

	"granaio/ent"
	"granaio/ent/identity"
	"granaio/loyalty/fact"
)

// Identity is one way to recognise a member.
type Identity struct {
	ID        fact.ID
	Kind      fact.IdentityKind
	Value     string
	CreatedAt time.Time
}

// IsNode makes it one of GraphQL's nodes.
func (*Identity) IsNode() {}

func identityOf(row *ent.Identity) *Identity {
	return &Identity{row.ID, fact.IdentityKind(row.Kind), row.Value, row.CreatedAt}
}

func (m *Members) loadIdentities(ctx context.Context, members []fact.ID) (map[fact.ID][]*Identity, error) {
	rows, err := m.Ent.Identity.Query().Where(identity.MemberIDIn(members...)).Order(identity.ByID()).All(ctx)
	all := make(map[fact.ID][]*Identity, len(members))
	for _, row := range rows {
		all[row.MemberID] = append(all[row.MemberID], identityOf(row))
	}
	return all, err
}

// Identities are the ways to recognise the member, oldest first.
func (m *Member) Identities(ctx context.Context) ([]*Identity, error) {
	return m.With.identities.Get(ctx, m.ID)
}

// Identities are the identities of the ids, read in one statement when the first is asked for.
func (r *Reader) Identities(ids []fact.ID) *Group[fact.ID, *Identity] {
	return NewGroup(ids, func(ctx context.Context, ids []fact.ID) (map[fact.ID]*Identity, error) {
		rows, err := r.Ent.Identity.Query().Where(identity.IDIn(ids...)).All(ctx)
		all := make(map[fact.ID]*Identity, len(rows))
		for _, row := range rows {
			all[row.ID] = identityOf(row)
		}
		return all, err
	})
}
