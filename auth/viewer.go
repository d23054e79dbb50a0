package auth

import (
	"context"
	"slices"
	"time"

	"granaio/loyalty/fact"
)

// Role is what kind of caller a viewer is.
type Role string

// The roles.
const (
	RoleMember   Role = "member"   // sees and changes only itself
	RoleOperator Role = "operator" // runs one programme
	RolePartner  Role = "partner"  // tracks, looks members up, sees no personal data
	RoleSystem   Role = "system"   // Granaio itself: the engine, the import; never from a token
)

// Viewer is an authenticated caller. It sees one programme and no other. A viewer is shared by all the requests of its token: it is never changed.
type Viewer struct {
	Role      Role
	Programme fact.ID
	Subject   string   // the token's subject: an operator's name, a member's or a partner's id
	Member    fact.ID  // of a member
	Partner   fact.ID  // of a partner
	Scopes    []string // of a partner: interactions:write, members:read …

	// Expires is when the viewer's token ends, and with it what it opened, such as a subscription. Zero for the system: never.
	Expires time.Time
}

// Caller names the viewer in commands and logs: "operator:anna", "member:mbr_…". Idempotency keys of different callers never meet.
func (v *Viewer) Caller() string { return string(v.Role) + ":" + v.Subject }

// May tells whether the viewer has a scope. Only a partner's powers are listed in scopes; for others the role decides.
func (v *Viewer) May(scope string) bool {
	return v.Role != RolePartner || slices.Contains(v.Scopes, scope)
}

type key struct{}

// With is a context with the viewer.
func With(ctx context.Context, v *Viewer) context.Context { return context.WithValue(ctx, key{}, v) }

// From is the context's viewer, nil without one.
func From(ctx context.Context) *Viewer {
	v, _ := ctx.Value(key{}).(*Viewer)
	return v
}

// System is a context that acts as Granaio itself on a programme; the zero programme means all of them.
func System(ctx context.Context, programme fact.ID) context.Context {
	return With(ctx, &Viewer{Role: RoleSystem, Programme: programme, Subject: "granaio"})
}

type kinKey struct{}

// WithKin is a context whose viewer, a member, is known by further ids: the one that it was merged into, and those that were merged into it. They are told when somebody first asks.
func WithKin(ctx context.Context, of func(context.Context) ([]fact.ID, error)) context.Context {
	return context.WithValue(ctx, kinKey{}, of)
}

// Kin are the ids by which the context's viewer, a member, is known: its own among them.
func Kin(ctx context.Context) ([]fact.ID, error) {
	if of, ok := ctx.Value(kinKey{}).(func(context.Context) ([]fact.ID, error)); ok {
		return of(ctx)
	}
	if v := From(ctx); v != nil {
		return []fact.ID{v.Member}, nil
	}
	return nil, nil
}
