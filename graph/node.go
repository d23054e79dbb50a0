package graph

import (
	"context"

	"granaio/auth"
	"granaio/ent"
	"granaio/graph/model"
	"granaio/graph/read"
	"granaio/loyalty/fact"
)

// maxNodes is how many objects one field gives by their ids.
const maxNodes = 100

// nodes are the objects of ids, in their order; nil for what the viewer may not see, which does not exist for it. An id's kind tells where to look, and
// objects of one kind are read together.
func nodes(ctx context.Context, ids []fact.ID) ([]model.Node, error) {
	found := make([]model.Node, len(ids))
	s := sessionOf(ctx)
	if s == nil {
		return found, nil
	}
	byKind := map[fact.Kind][]fact.ID{}
	for _, id := range ids {
		byKind[id.Kind()] = append(byKind[id.Kind()], id)
	}
	finders := map[fact.Kind]finder{}
	for kind, of := range byKind {
		finders[kind] = s.finder(ctx, kind, of)
	}
	for i, id := range ids {
		find := finders[id.Kind()]
		if find == nil {
			continue
		}
		node, err := find(ctx, id)
		if err != nil {
			return nil, err
		}
		found[i] = node
	}
	return found, nil
}

// finder finds an object among those of its kind that are asked for; nil if there is none.
type finder func(ctx context.Context, id fact.ID) (model.Node, error)

// some makes a finder of a look-up, whose nil is no node.
func some[N interface {
	model.Node
	comparable
}](get func(context.Context, fact.ID) (N, error)) finder {
	return func(ctx context.Context, id fact.ID) (model.Node, error) {
		n, err := get(ctx, id)
		var none N
		if err != nil || n == none {
			return nil, err
		}
		return n, nil
	}
}

// finder is how the viewer finds objects of a kind by their ids; nil if it may see none of that kind.
func (s *session) finder(ctx context.Context, kind fact.Kind, ids []fact.ID) finder {
	role := s.viewer.Role
	switch kind {
	case fact.KindMember, fact.KindAccount:
		return s.memberFinder(ctx, kind, ids)
	case fact.KindProgramme:
		return s.definition
	case fact.KindTouchpoint, fact.KindTier, fact.KindMission, fact.KindReward:
		return s.definition
	case fact.KindPersona, fact.KindRule, fact.KindBudget: // as Programme.personas, rules and budgets
		if role == auth.RoleOperator {
			return s.definition
		}
	case fact.KindDefinition, fact.KindRevision, fact.KindProgrammeVersion, fact.KindChange, fact.KindTask:
		if role == auth.RoleOperator {
			return s.editorial(kind, ids)
		}
		return nil
	case fact.KindPartner:
		return some(s.partner)
	case fact.KindHold:
		if s.viewer.May("points:write") {
			return some(s.Holds(ids).Get)
		}
	}
	if role == auth.RolePartner { // which sees of a member what Member lets it see, and no more
		return nil
	}
	switch kind {
	case fact.KindMovement:
		return some(s.Movements(ids).Get)
	case fact.KindLot:
		return some(s.Lots(ids).Get)
	case fact.KindInteraction:
		return some(s.Interactions(ids).Get)
	case fact.KindRedemption:
		return some(s.Redemptions(ids).Get)
	case fact.KindReversal:
		return some(s.Reversals(ids).Get)
	case fact.KindIdentity:
		return some(s.Identities(ids).Get)
	}
	return nil
}

// editorial finds what operators make of a programme.
func (s *session) editorial(kind fact.Kind, ids []fact.ID) finder {
	switch kind {
	case fact.KindDefinition:
		return some(s.Definitions(ids).Get)
	case fact.KindRevision:
		return some(s.Revisions(ids).Get)
	case fact.KindProgrammeVersion:
		return some(s.Versions(ids).Get)
	case fact.KindTask:
		return some(s.Tasks(ids).Get)
	}
	return some(s.ChangesByID(ids).Get)
}

// memberFinder finds members, and accounts by their members: a member's own account has its id, with another kind.
func (s *session) memberFinder(ctx context.Context, kind fact.Kind, ids []fact.ID) finder {
	if !s.viewer.May("members:read") {
		return nil
	}
	var visible []fact.ID
	for _, id := range ids {
		id = id.As(fact.KindMember)
		if s.viewer.Role == auth.RoleMember {
			if own, err := s.is(ctx, id); err != nil || !own { // the view that fails here fails there too
				continue
			}
		}
		visible = append(visible, id)
	}
	members := s.Members(visible...)
	return func(ctx context.Context, id fact.ID) (model.Node, error) {
		m, err := members.Member(ctx, id.As(fact.KindMember))
		if err != nil || m == nil {
			return nil, err
		}
		if kind == fact.KindMember {
			return m, nil
		}
		return some(func(ctx context.Context, id fact.ID) (*read.Account, error) {
			return m.Account(ctx) // of a member that was merged into another, the other's
		})(ctx, id)
	}
}

// definition is the programme, or something that it holds, as it is in force now.
func (s *session) definition(ctx context.Context, id fact.ID) (model.Node, error) {
	p, err := s.Programme(ctx)
	if err != nil {
		return nil, err
	}
	wanted := speechOf(ctx)
	speech := wanted.In(p)
	switch id.Kind() {
	case fact.KindProgramme:
		if id == p.ID() {
			return model.NewProgramme(p, wanted), nil
		}
	case fact.KindMission:
		if m := p.Mission(id); m != nil {
			return model.NewMission(m, speech), nil
		}
	case fact.KindReward:
		if r := p.Reward(id); r != nil {
			return model.NewReward(r, speech), nil
		}
	case fact.KindTouchpoint:
		for _, t := range p.Touchpoints() {
			if t.Definition == id {
				return model.NewTouchpoint(t, speech), nil
			}
		}
	case fact.KindTier:
		for _, t := range p.Tiers() {
			if t.Definition == id {
				return model.NewTier(t, speech), nil
			}
		}
	case fact.KindPersona:
		for _, x := range p.Personas() {
			if x.Definition == id {
				return model.NewPersona(x, speech), nil
			}
		}
	case fact.KindRule:
		for _, x := range p.Rules() {
			if x.Definition == id {
				return model.NewRule(p, x, speech), nil
			}
		}
	case fact.KindBudget:
		for _, x := range p.Budgets() {
			if x.Definition == id {
				return model.NewBudget(p, x, speech), nil
			}
		}
	}
	return nil, nil
}

// partner is one of the programme's partners, nil if there is none that the viewer may see: a partner sees itself.
func (s *session) partner(ctx context.Context, id fact.ID) (*model.Partner, error) {
	if s.viewer.Role == auth.RolePartner && id != s.viewer.Partner {
		return nil, nil
	}
	row, err := s.Ent.Partner.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p := model.NewPartner(row)
	if s.viewer.Role == auth.RolePartner {
		p.Scopes = s.viewer.Scopes
	}
	return p, nil
}
