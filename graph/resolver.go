package graph

import (
	"context"
	"slices"
	"sync/atomic"

	"granaio/auth"
	"granaio/engine"
	"granaio/graph/read"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// Engine takes what callers ask for, and reads members. Package engine has one.
type Engine interface {
	read.Engine
	Track(ctx context.Context, t engine.Track) (*engine.Outcome, error)
	TrackBatch(ctx context.Context, ts []engine.Track) []engine.Result
	Enrol(ctx context.Context, n engine.Enrol) (*engine.Outcome, error)
	Update(ctx context.Context, u engine.Update) (*engine.Outcome, error)
	Redeem(ctx context.Context, r engine.Redeem) (*engine.Outcome, error)
	Consent(ctx context.Context, c engine.Consent) (*engine.Outcome, error)
	Prefer(ctx context.Context, p engine.Prefer) (*engine.Outcome, error)
	Contact(ctx context.Context, c engine.Contact) (*engine.Outcome, error)
	Erase(ctx context.Context, x engine.Erase) (*engine.Outcome, error)
	Operate(ctx context.Context, o engine.Operate) (*engine.Outcome, error)
	Reverse(ctx context.Context, r engine.Reverse) (*engine.Outcome, error)
	Refund(ctx context.Context, r engine.Refund) (*engine.Outcome, error)
	Register(ctx context.Context, r engine.Register) (*engine.Outcome, error)
	Identify(ctx context.Context, n engine.Identify) (*engine.Outcome, error)
	RemoveIdentity(ctx context.Context, r engine.IdentityRemove) (*engine.Outcome, error)
	Merge(ctx context.Context, m engine.Merge) (*engine.Outcome, error)
	// PreviewMerge tells what Merge would do now.
	PreviewMerge(ctx context.Context, m engine.Merge) (*engine.MergePreview, error)
	// PreviewReverse tells what Reverse would do now.
	PreviewReverse(ctx context.Context, r engine.Reverse) (*engine.Preview, error)
	// Try tells what Track would do now, and what would become of rules.
	Try(ctx context.Context, t engine.Track, q loyalty.Question) (*engine.Trial, error)
	// Accounts reads accounts of any programme as they are now, what is due counted in. Those that do not exist are not in the answer.
	Accounts(ctx context.Context, ids []fact.ID) (map[fact.ID]loyalty.AccountNews, error)
	// Tiers reads where members of any programme stand among the tiers now, falls that are not booked yet counted in. Those that do not exist are not in the answer.
	Tiers(ctx context.Context, members []fact.ID) (map[fact.ID]loyalty.TierNews, error)
	// Timelines reads how often members of any programme were changed by now.
	Timelines(ctx context.Context, members []fact.ID) (map[fact.ID]loyalty.TimelineNews, error)
}

// Watcher watches accounts, tiers and timelines. Package live has one.
type Watcher interface {
	WatchAccount(ctx context.Context, programme, account fact.ID,
		read func(context.Context) (loyalty.AccountNews, error)) (<-chan loyalty.AccountNews, error)
	WatchTier(ctx context.Context, programme, member fact.ID,
		read func(context.Context) (loyalty.TierNews, error)) (<-chan loyalty.TierNews, error)
	WatchTimeline(ctx context.Context, programme, member fact.ID,
		read func(context.Context) (loyalty.TimelineNews, error)) (<-chan loyalty.TimelineNews, error)
}

// Resolver answers fields: each with the viewer, one call, and its answer's shape.
type Resolver struct {
	engine    Engine
	watcher   Watcher
	editor    Editor
	simulator Simulator
	rebuilder Rebuilder
	desk      Desk
	keeper    Keeper
	sources   read.Sources
}

// session is one operation: who asks, and what was read for it.
type session struct {
	*read.Reader
	viewer *auth.Viewer
	self   atomic.Pointer[read.Members] // the viewer, if it is a member
}

// kin are the ids by which the viewer, a member, is known: first the one that it goes by now, which is another than its token's if it was merged; last its token's.
func (s *session) kin(ctx context.Context) ([]fact.ID, error) {
	own := s.viewer.Member
	v, err := s.self.Load().View(ctx, own)
	if err != nil || v == nil || v.State.Member.ID == own && v.State.Doc.Absorbed == nil {
		return []fact.ID{own}, err
	}
	return append([]fact.ID{v.State.Member.ID}, v.State.Doc.Absorbed...), nil
}

// look has the viewer, a member, be read anew: it may be known by other ids now.
func (s *session) look() {
	if !s.viewer.Member.IsZero() {
		s.self.Store(s.Members(s.viewer.Member))
	}
}

// is tells whether an id is one of those by which the viewer, a member, is known.
func (s *session) is(ctx context.Context, member fact.ID) (bool, error) {
	if member == s.viewer.Member {
		return true, nil
	}
	kin, err := s.kin(ctx)
	return slices.Contains(kin, member), err
}

type sessionKey struct{}

// begin gives an operation its session. A caller without a token has none.
func (r *Resolver) begin(ctx context.Context) context.Context {
	v := auth.From(ctx)
	if v == nil {
		return ctx
	}
	s := &session{Reader: read.NewReader(r.sources, v.Programme), viewer: v}
	s.Partner = v.Role == auth.RolePartner && !v.May(loyalty.ScopeOwn)
	if !v.Member.IsZero() {
		s.look()
		ctx = auth.WithKin(ctx, s.kin)
	}
	return context.WithValue(ctx, sessionKey{}, s)
}

// sessionOf is the operation's session, nil for a caller without a token.
func sessionOf(ctx context.Context) *session {
	s, _ := ctx.Value(sessionKey{}).(*session)
	return s
}

// origin is who asks for a change, under which key.
func (s *session) origin(key string) engine.Origin {
	return engine.Origin{Programme: s.ID, Caller: s.viewer.Caller(), Partner: s.viewer.Partner, Key: key}
}
