package model

import (
	"context"

	"granaio/engine"
	"granaio/graph/read"
	"granaio/graph/scalar"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// NewAttributeDeclaration shows what a programme says of an attribute to somebody who may write it, or not; nil if it says nothing.
func NewAttributeDeclaration(a *loyalty.DeclaredAttribute, by loyalty.Writer, s Speech) *AttributeDeclaration {
	if a == nil {
		return nil
	}
	shown := &AttributeDeclaration{
		Name: a.Key, Label: a.Name.In(s...), Type: a.Type, Sensitivity: a.Sensitivity, Purposes: append([]string{}, a.Purposes...), Values: append([]string{}, a.Values...),
		Min: optional(a.Min), Max: optional(a.Max), Pattern: optional(a.Pattern), Precedence: append([]fact.Party{}, a.Precedence...), Writers: append([]loyalty.Writer{}, a.Write...),
		Shown: a.Shown, Editable: a.Writes(by),
	}
	if shown.Label == "" {
		shown.Label = a.Key
	}
	if a.Kind != "" {
		shown.Kind = &a.Kind
	}
	if a.Length > 0 {
		shown.Length = &a.Length
	}
	return shown
}

// NewAttributeDeclarations shows attributes to somebody: to members, those that they see of themselves.
func NewAttributeDeclarations(all []*loyalty.DeclaredAttribute, by loyalty.Writer, s Speech) []*AttributeDeclaration {
	shown := make([]*AttributeDeclaration, 0, len(all))
	for _, a := range all {
		if a.Shown || by != loyalty.ByMember {
			shown = append(shown, NewAttributeDeclaration(a, by, s))
		}
	}
	return shown
}

// NewDependentKind shows a kind of dependent; nil if there is none.
func NewDependentKind(k *loyalty.DependentKind, by loyalty.Writer, s Speech) *DependentKind {
	if k == nil {
		return nil
	}
	return &DependentKind{Key: k.Key, Label: k.Name.In(s...), Most: k.Most, Attributes: NewAttributeDeclarations(k.Attributes(), by, s)}
}

// MemberUpdateInput is what somebody says of a member.
type MemberUpdateInput struct {
	IdempotencyKey string
	Member         *MemberRef
	Touchpoint     string
	OccurredAt     *scalar.GivenTime
	Locale         *string
	Attributes     *scalar.Object
	Party          *fact.Party
}

// DependentAddInput is a dependent that is to be added.
type DependentAddInput struct {
	IdempotencyKey string
	Member         *MemberRef
	Touchpoint     string
	OccurredAt     *scalar.GivenTime
	Kind           string
	Attributes     *scalar.Object
	Party          *fact.Party
}

// DependentUpdateInput is what somebody says of a dependent.
type DependentUpdateInput struct {
	IdempotencyKey string
	Member         *MemberRef
	Dependent      scalar.GivenID
	Touchpoint     string
	OccurredAt     *scalar.GivenTime
	Attributes     *scalar.Object
	Party          *fact.Party
}

// DependentRemoveInput is a dependent that is to be removed.
type DependentRemoveInput struct {
	IdempotencyKey string
	Member         *MemberRef
	Dependent      scalar.GivenID
	Touchpoint     string
	OccurredAt     *scalar.GivenTime
}

// UpdatePayload is the answer to what was said of a member, or of a dependent of it.
type UpdatePayload struct {
	answer
	DependentID *fact.ID
	Duplicate   bool
	UserErrors  []*UserError
}

// NewUpdatePayload is the answer of an outcome about a dependent, whose id is zero for none.
func NewUpdatePayload(a *Answers, o *engine.Outcome, dependent fact.ID) *UpdatePayload {
	if o.Refusal != nil {
		return &UpdatePayload{Duplicate: o.Duplicate, UserErrors: NewUserErrors(o.Refusal)}
	}
	p := &UpdatePayload{answer: answer{a, o}, Duplicate: o.Duplicate, UserErrors: NewUserErrors(nil)}
	if !dependent.IsZero() {
		p.DependentID = &dependent
	}
	return p
}

// Outcome is what followed from it; nil if all that was said was known already.
func (p *UpdatePayload) Outcome() *Outcome {
	if p.answer.Outcome == nil || p.answer.Outcome.Interaction.IsZero() {
		return nil
	}
	return p.outcome()
}

// Dependent is the one that it is about, nil if the member has it no longer.
func (p *UpdatePayload) Dependent(ctx context.Context) (*read.Dependent, error) {
	m, err := p.Member(ctx)
	if err != nil || m == nil || p.DependentID == nil {
		return nil, err
	}
	return m.Dependent(ctx, *p.DependentID)
}
