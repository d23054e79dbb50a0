package graph

import (
	"context"
	"strconv"

	"granaio/auth"
	"granaio/engine"
	"granaio/graph/fault"
	"granaio/graph/model"
	"granaio/graph/read"
	"granaio/graph/scalar"
	"granaio/loyalty"
	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// maxBatch is how many interactions one request may bring.
const maxBatch = 1000

// ref reads a reference to a member. Exactly one of its fields must be given and not be null, which GraphQL checks where it is written into the query,
// and nobody where it comes from a variable.
func ref(in model.MemberRef, field string) (engine.Ref, *fact.Refusal) {
	id, identity := in.ID.Value(), in.Identity.Value()
	switch {
	case !in.ID.IsSet() && !in.Identity.IsSet():
		return engine.Ref{}, fact.Refuse(fact.CodeRequired, field, "one of id and identity is needed")
	case in.ID.IsSet() && in.Identity.IsSet():
		return engine.Ref{}, fact.Refuse(fact.CodeInvalid, field, "only one of id and identity is taken, and not a null beside it")
	case id == nil && identity == nil:
		return engine.Ref{}, fact.Refuse(fact.CodeInvalid, field, "the id or the identity cannot be null")
	case id != nil && id.Refusal != nil:
		return engine.Ref{}, under(field+".id", id.Refusal)
	case id != nil:
		return engine.Ref{ID: id.Value}, nil
	}
	return engine.Ref{Identity: engine.Identity{Kind: identity.Kind, Value: identity.Value}}, nil
}

// who is the member that a request is about: for a member itself, whether it says so or not.
func (s *session) who(ctx context.Context, in *model.MemberRef) (_ engine.Ref, refusal *fact.Refusal, err error) {
	own := engine.Ref{ID: s.viewer.Member}
	switch {
	case in == nil && s.viewer.Role == auth.RoleMember:
		return own, nil, nil
	case in == nil:
		return own, fact.Refuse(fact.CodeRequired, "member", "it must be said which member"), nil
	}
	named, refusal := ref(*in, "member")
	if refusal != nil || s.viewer.Role != auth.RoleMember || named == own {
		return named, refusal, nil
	}
	id := named.ID
	if id.IsZero() {
		if id, refusal, err = s.resolve(ctx, named, "member"); err != nil || refusal != nil {
			return own, refusal, err
		}
	}
	if same, err := s.is(ctx, id); err != nil || same {
		return own, nil, err
	}
	return own, fact.Refuse(fact.CodeUnknownMember, "member", "there is no such member"), nil // for a member, there are no others
}

// resolve is the member that a reference names; the zero id if there is none. A refusal's field begins with the one given.
func (s *session) resolve(ctx context.Context, named engine.Ref, field string) (fact.ID, *fact.Refusal, error) {
	if named.ID.IsZero() {
		if _, refusal := fact.Normalise(named.Identity.Kind, named.Identity.Value, field+".identity.value"); refusal != nil {
			return fact.ID{}, refusal, nil
		}
	}
	id, err := s.Resolve(ctx, named)
	return id, nil, err
}

// shown is the member that a reference stands for, as the caller is shown it; nil if there is none for the caller.
func (s *session) shown(ctx context.Context, who engine.Ref) (*read.Member, error) {
	id, refusal, err := s.resolve(ctx, who, "member")
	if err != nil || refusal != nil || id.IsZero() {
		return nil, err
	}
	return s.Members(id).Member(ctx, id)
}

// find is the member that a query names, nil if there is none.
func (s *session) find(ctx context.Context, in model.MemberRef) (*read.Member, error) {
	named, refusal := ref(in, "ref")
	id := named.ID
	if refusal == nil && id.IsZero() {
		var err error
		if id, refusal, err = s.resolve(ctx, named, "ref"); err != nil {
			return nil, err
		}
	}
	if refusal != nil {
		return nil, fault.Malformed("%s: %s", refusal.Field, refusal)
	}
	if id.IsZero() {
		return nil, nil
	}
	return s.Members(id).Member(ctx, id)
}

// track is the engine's request for an interaction.
func (s *session) track(ctx context.Context, in model.InteractionTrackInput) (engine.Track, *fact.Refusal, error) {
	t := engine.Track{
		Origin: s.origin(in.IdempotencyKey), Sender: loyalty.Sender(s.viewer.Role), Event: in.Event, Touchpoint: in.Touchpoint,
	}
	var refusal *fact.Refusal
	if t.Properties, refusal = object(in.Properties, "properties"); refusal != nil {
		return t, refusal, nil
	}
	if t.Occurred, refusal = instant(in.OccurredAt); refusal != nil {
		return t, refusal, nil
	}
	if t.Value, refusal = moneyIn(in.Value); refusal != nil {
		return t, refusal, nil
	}
	for i, l := range in.Lines[:min(len(in.Lines), loyalty.MaxLines+1)] {
		field := "lines." + strconv.Itoa(i)
		switch {
		case l.Quantity.Refusal != nil:
			return t, under(field+".quantity", l.Quantity.Refusal), nil
		case l.Amount.Refusal != nil:
			return t, under(field+".amount", l.Amount.Refusal), nil
		}
		t.Lines = append(t.Lines, engine.LineIn{Reference: l.Reference, Quantity: l.Quantity.Value, Amount: l.Amount.Value})
	}
	var err error
	t.Member, refusal, err = s.who(ctx, in.Member)
	return t, refusal, err
}

// object is what a free JSON object holds.
func object(in *scalar.Object, field string) (map[string]any, *fact.Refusal) {
	if in == nil {
		return nil, nil
	}
	if in.Refusal != nil {
		return nil, under(field, in.Refusal)
	}
	return in.Values, nil
}

// under is the refusal of what lies at the field.
func under(field string, r *fact.Refusal) *fact.Refusal {
	if r.Field != "" {
		field += "." + r.Field
	}
	return &fact.Refusal{Code: r.Code, Field: field, Message: r.Message}
}

// enrol is the engine's request for an enrolment.
func (s *session) enrol(in model.MemberEnrolInput) (engine.Enrol, *fact.Refusal) {
	n := engine.Enrol{Origin: s.origin(in.IdempotencyKey), Touchpoint: in.Touchpoint}
	if in.Status != nil {
		n.Status = *in.Status
	}
	for _, i := range in.Identities[:min(len(in.Identities), engine.MaxIdentities+1)] {
		n.Identities = append(n.Identities, engine.Identity{Kind: i.Kind, Value: i.Value})
	}
	if in.OccurredAt != nil {
		n.Occurred = *in.OccurredAt
	}
	if in.Locale != nil {
		n.Locale = *in.Locale
	}
	n.Consents = choicesOf(in.Consents)
	n.Sender = loyalty.Sender(s.viewer.Role)
	if in.Party != nil {
		n.Party = *in.Party
	}
	for i, d := range in.Dependents[:min(len(in.Dependents), expr.MaxDependents+1)] {
		attributes, refusal := object(d.Attributes, "dependents."+strconv.Itoa(i)+".attributes")
		if refusal != nil {
			return n, refusal
		}
		n.Dependents = append(n.Dependents, loyalty.Introduced{Kind: d.Kind, Attributes: attributes})
	}
	var refusal *fact.Refusal
	n.Attributes, refusal = object(in.Attributes, "attributes")
	return n, refusal
}
