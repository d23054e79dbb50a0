package model

import (
	"context"
	"fmt"

	"granaio/ent"
	"granaio/ent/definition"
	"granaio/graph/read"
	"granaio/loyalty/fact"
	"granaio/programme"
)

// NewPartner shows a partner.
func NewPartner(p *ent.Partner) *Partner {
	return &Partner{ID: p.ID, Key: p.Key, Name: p.Name, Scopes: p.Scopes}
}

// Difference is what differs of one definition.
type Difference struct {
	Kind   definition.Kind
	Key    string
	Change programme.Contrast
	Fields []*programme.Field
}

// NewDifferences shows differences between versions, to which partners do not belong.
func NewDifferences(all []programme.Difference) []*Difference {
	shown := make([]*Difference, len(all))
	for i, d := range all {
		shown[i] = &Difference{definition.Kind(d.Kind), d.Key, d.Change, make([]*programme.Field, len(d.Fields))}
		for j := range d.Fields {
			shown[i].Fields[j] = &d.Fields[j]
		}
	}
	return shown
}

// NewDefinitionProblems shows problems.
func NewDefinitionProblems(all []programme.Problem) []*DefinitionProblem {
	shown := make([]*DefinitionProblem, len(all))
	for i, p := range all {
		shown[i] = &DefinitionProblem{Path: p.Path, Message: p.Message, Line: positive(p.Line), Column: positive(p.Column)}
		if p.Kind != "" {
			kind := definition.Kind(p.Kind)
			shown[i].Kind = &kind
			if p.Key != "" {
				shown[i].Key = &p.Key
			}
		}
	}
	return shown
}

func positive(n int) *int {
	if n <= 0 {
		return nil
	}
	return &n
}

// edited is what the payloads of changes to a programme share.
type edited struct {
	reader   *read.Reader
	edit     *programme.Edit
	Problems []*DefinitionProblem

	UserErrors []*UserError
}

// newEdited is the answer of an edit. What has mistakes lies in the input at the field.
func newEdited(r *read.Reader, e *programme.Edit, field string) edited {
	refusal := e.Refusal
	if refusal == nil && len(e.Problems) > 0 {
		message := e.Problems[0].String()
		if more := len(e.Problems) - 1; more > 0 {
			message = fmt.Sprintf("%s (and %d more)", message, more)
		}
		refusal = fact.Refuse(fact.CodeInvalidDefinition, field, "%s", message)
	}
	return edited{r, e, NewDefinitionProblems(e.Problems), NewUserErrors(refusal)}
}

// Version is the version that was made, nil if none was.
func (e *edited) Version(ctx context.Context) (*read.ProgrammeVersion, error) {
	if e.edit == nil || e.edit.Version == 0 {
		return nil, nil
	}
	return e.reader.Version(ctx, e.edit.Version)
}

// ProgrammePayload is the answer to a publication.
type ProgrammePayload struct {
	edited
	Differences []*Difference
}

// NewProgrammePayload is the answer of an edit. What has mistakes lies in the input at the field.
func NewProgrammePayload(r *read.Reader, e *programme.Edit, field string) *ProgrammePayload {
	return &ProgrammePayload{newEdited(r, e, field), NewDifferences(e.Changes)}
}

// NewProgrammeRefusal is the answer to a publication that was refused before it was tried.
func NewProgrammeRefusal(refusal *fact.Refusal) *ProgrammePayload {
	return NewProgrammePayload(nil, &programme.Edit{Refusal: refusal}, "")
}

// DefinitionPayload is the answer to a change of one definition.
type DefinitionPayload struct {
	edited
	Breaks []*DefinitionProblem
}

// NewDefinitionPayload is the answer of an edit. What has mistakes lies in the input at the field.
func NewDefinitionPayload(r *read.Reader, e *programme.Edit, field string) *DefinitionPayload {
	return &DefinitionPayload{newEdited(r, e, field), NewDefinitionProblems(e.Breaks)}
}

// NewDefinitionRefusal is the answer to a change that was refused before it was tried.
func NewDefinitionRefusal(refusal *fact.Refusal) *DefinitionPayload {
	return NewDefinitionPayload(nil, &programme.Edit{Refusal: refusal}, "")
}

// Definition is the one that was changed, nil if it was not.
func (p *DefinitionPayload) Definition(ctx context.Context) (*read.Definition, error) {
	if p.edit.Refusal != nil || len(p.edit.Problems) > 0 {
		return nil, nil
	}
	return p.reader.Definitions([]fact.ID{p.edit.Definition}).Get(ctx, p.edit.Definition)
}
