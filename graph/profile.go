package graph

import (
	"context"

	"granaio/auth"
	"granaio/engine"
	"granaio/graph/model"
	"granaio/graph/scalar"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// itself tells whether the caller is a member, who sees nothing but itself.
func itself(ctx context.Context) bool { return writer(ctx) == loyalty.ByMember }

// writer is the caller as who writes attributes.
func writer(ctx context.Context) loyalty.Writer {
	if v := auth.From(ctx); v != nil {
		return loyalty.Writer(v.Role)
	}
	return ""
}

// said is what an update of any kind has.
type said struct {
	key        string
	member     *model.MemberRef
	touchpoint string
	occurred   *scalar.GivenTime
	attributes *scalar.Object
	party      *fact.Party
	locale     *string
	dependent  *loyalty.DependentUpdate
}

// update has the engine take what is said of a member, and shows what became of it. The refusal is of what could not be read.
func (r *Resolver) update(ctx context.Context, in said, refusal *fact.Refusal) (*model.UpdatePayload, error) {
	s := sessionOf(ctx)
	u := engine.Update{
		Origin: s.origin(in.key), Sender: loyalty.Sender(s.viewer.Role), Touchpoint: in.touchpoint, Locale: in.locale, Dependent: in.dependent,
	}
	if in.party != nil {
		u.Party = *in.party
	} else if s.viewer.May(loyalty.ScopeOwn) {
		u.Party = fact.ZeroParty
	}
	var err error
	if refusal == nil {
		u.Attributes, refusal = object(in.attributes, "attributes")
	}
	if refusal == nil {
		u.Occurred, refusal = instant(in.occurred)
	}
	if refusal == nil {
		u.Member, refusal, err = s.who(ctx, in.member)
	}
	if err != nil || refusal != nil {
		return &model.UpdatePayload{UserErrors: model.NewUserErrors(refusal)}, err
	}
	o, err := r.engine.Update(ctx, u)
	if err != nil {
		return nil, err
	}
	var of fact.ID
	if u.Dependent != nil {
		if of = u.Dependent.ID; u.Dependent.Event == loyalty.EventDependentAdded {
			of = o.Interaction.As(fact.KindDependent)
		}
	}
	return model.NewUpdatePayload(model.NewAnswers(s.Reader, speechOf, o), o, of), nil
}

// dependent is what is done about a dependent, which must be one.
func dependent(event string, id *scalar.GivenID) (*loyalty.DependentUpdate, *fact.Refusal) {
	switch {
	case id.Refusal != nil:
		return nil, under("dependent", id.Refusal)
	case id.Value.Kind() != fact.KindDependent:
		return nil, fact.Refuse(fact.CodeUnknownDependent, "dependent", "the member has no such dependent")
	}
	return &loyalty.DependentUpdate{Event: event, ID: id.Value}, nil
}
