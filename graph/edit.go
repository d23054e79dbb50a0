package graph

import (
	"context"
	"fmt"
	"strings"
	"time"

	"granaio/graph/fault"
	"granaio/graph/model"
	"granaio/graph/read"
	"granaio/graph/scalar"
	"granaio/loyalty/fact"
	"granaio/programme"
)

// Editor changes programmes. Package programme has one.
type Editor interface {
	Draft(ctx context.Context, by programme.Author, d programme.Draft) (*programme.Edit, error)
	Discard(ctx context.Context, by programme.Author, of programme.Name, expected int) (*programme.Edit, error)
	Publish(ctx context.Context, by programme.Author, p programme.Publication) (*programme.Edit, error)
	Rollback(ctx context.Context, by programme.Author, r programme.Rollback) (*programme.Edit, error)
	Cancel(ctx context.Context, by programme.Author, number int, expected *int, note string) (*programme.Edit, error)
	Import(ctx context.Context, f *programme.File, t programme.Taking) (*programme.Report, *programme.Edit, error)
}

// author is who changes the programme.
func (s *session) author() programme.Author {
	return programme.Author{Programme: s.ID, Caller: s.viewer.Caller()}
}

// definitionName reads a reference to a definition, of which exactly one field must be given and not be null.
func definitionName(in model.DefinitionRef, field string) (programme.Name, *fact.Refusal) {
	id, name := in.ID.Value(), in.Name.Value()
	switch {
	case !in.ID.IsSet() && !in.Name.IsSet():
		return programme.Name{}, fact.Refuse(fact.CodeRequired, field, "one of id and name is needed")
	case in.ID.IsSet() && in.Name.IsSet():
		return programme.Name{}, fact.Refuse(fact.CodeInvalid, field, "only one of id and name is taken, and not a null beside it")
	case id == nil && name == nil:
		return programme.Name{}, fact.Refuse(fact.CodeInvalid, field, "the id or the name cannot be null")
	case id != nil && id.Refusal != nil:
		return programme.Name{}, under(field+".id", id.Refusal)
	case id != nil:
		return programme.Name{ID: id.Value}, nil
	case !fact.IsText(name.Key):
		return programme.Name{}, fact.Refuse(fact.CodeInvalid, field+".name.key", "a key is lower-case letters, digits and dashes")
	}
	return programme.Name{Kind: string(name.Kind), Key: name.Key}, nil
}

// definitionOf is the definition that a query names, nil if there is none.
func (s *session) definitionOf(ctx context.Context, in model.DefinitionRef) (*read.Definition, error) {
	name, refusal := definitionName(in, "ref")
	switch {
	case refusal != nil:
		return nil, fault.Malformed("%s: %s", refusal.Field, refusal)
	case name.ID.IsZero():
		return s.DefinitionNamed(ctx, in.Name.Value().Kind, name.Key)
	}
	return s.Definitions([]fact.ID{name.ID}).Get(ctx, name.ID)
}

// diff tells what differs between two versions, the second the one in force unless it is said.
func (s *session) diff(ctx context.Context, from int, to *int) ([]*model.Difference, error) {
	t, err := s.Timeline(ctx)
	if err != nil {
		return nil, err
	}
	if to == nil {
		p, err := s.Programme(ctx)
		if err != nil {
			return nil, err
		}
		number := p.Number()
		to = &number
	}
	if from < 0 || *to < 0 || from > t.Last() || *to > t.Last() {
		return nil, fault.Malformed("versions are 1 to %d, and 0 for nothing", t.Last())
	}
	found, err := s.Library.Diff(ctx, s.ID, from, *to)
	if err != nil {
		return nil, err
	}
	return model.NewDifferences(found), nil
}

// draft saves a draft.
func (r *Resolver) draft(ctx context.Context, in model.DefinitionDraftInput) (*model.DefinitionPayload, error) {
	d, field := programme.Draft{Kind: string(in.Kind), Expected: whole(in.ExpectedRevision)}, "yaml"
	switch {
	case in.Spec == nil && in.Yaml == nil:
		return model.NewDefinitionRefusal(fact.Refuse(fact.CodeRequired, "spec", "one of spec and yaml is needed")), nil
	case in.Spec != nil && in.Yaml != nil:
		return model.NewDefinitionRefusal(fact.Refuse(fact.CodeInvalid, "yaml", "only one of spec and yaml is taken")), nil
	case in.Spec != nil && in.Spec.Refusal != nil:
		return model.NewDefinitionRefusal(under("spec", in.Spec.Refusal)), nil
	case in.Spec != nil:
		field, d.Text.Values = "spec", in.Spec.Values
	default:
		d.Text.YAML = *in.Yaml
	}
	edit, err := r.editor.Draft(ctx, sessionOf(ctx).author(), d)
	return definitionPayload(ctx, edit, err, field)
}

// turn changes one definition by itself, at once.
func (r *Resolver) turn(ctx context.Context, action programme.Action, in *model.DefinitionRef, expected *int, note *string) (*model.DefinitionPayload, error) {
	name, refusal := definitionName(*in, "definition")
	if refusal != nil {
		return model.NewDefinitionRefusal(refusal), nil
	}
	edit, err := r.editor.Publish(ctx, sessionOf(ctx).author(), programme.Publication{
		Steps: []programme.Step{{Definition: name, Action: action}}, Expected: expected, Note: text(note),
	})
	if err == nil && edit.Refusal != nil && strings.HasPrefix(edit.Refusal.Field, "changes") {
		edit.Refusal = &fact.Refusal{Code: edit.Refusal.Code, Field: "definition", Message: edit.Refusal.Message}
	}
	return definitionPayload(ctx, edit, err, "definition")
}

// publish publishes changes together.
func (r *Resolver) publish(ctx context.Context, in model.ProgrammePublishInput) (*model.ProgrammePayload, error) {
	at, refusal := from(in.At)
	if refusal != nil {
		return model.NewProgrammeRefusal(refusal), nil
	}
	p := programme.Publication{At: at, Expected: &in.ExpectedVersion, Note: text(in.Note), DryRun: in.DryRun}
	for i, c := range in.Changes[:min(len(in.Changes), programme.MaxSteps+1)] {
		name, refusal := definitionName(*c.Definition, fmt.Sprintf("changes.%d.definition", i))
		if refusal != nil {
			return model.NewProgrammeRefusal(refusal), nil
		}
		p.Steps = append(p.Steps, programme.Step{Definition: name, Action: c.Action, Revision: whole(c.Revision)})
	}
	if in.Changes != nil && len(in.Changes) == 0 {
		return model.NewProgrammeRefusal(fact.Refuse(fact.CodeRequired, "changes", "no change is named: leave changes out to publish all drafts")), nil
	}
	edit, err := r.editor.Publish(ctx, sessionOf(ctx).author(), p)
	return programmePayload(ctx, edit, err, "changes")
}

// rollback publishes an earlier version's content again.
func (r *Resolver) rollback(ctx context.Context, in model.ProgrammeRollbackInput) (*model.ProgrammePayload, error) {
	at, refusal := from(in.At)
	if refusal != nil {
		return model.NewProgrammeRefusal(refusal), nil
	}
	edit, err := r.editor.Rollback(ctx, sessionOf(ctx).author(), programme.Rollback{
		Version: in.Version, At: at, Expected: &in.ExpectedVersion, Note: text(in.Note), DryRun: in.DryRun,
	})
	return programmePayload(ctx, edit, err, "version")
}

// importFile publishes a whole file.
func (r *Resolver) importFile(ctx context.Context, in model.ProgrammeImportInput) (*model.ProgrammePayload, error) {
	s := sessionOf(ctx)
	at, refusal := from(in.At)
	if refusal != nil {
		return model.NewProgrammeRefusal(refusal), nil
	}
	file, problems := programme.Parse("", []byte(in.Yaml))
	if len(problems) > 0 {
		return programmePayload(ctx, &programme.Edit{Problems: problems}, nil, "yaml")
	}
	_, edit, err := r.editor.Import(ctx, file, programme.Taking{
		Caller: s.viewer.Caller(), Programme: s.ID, At: at, Expected: &in.ExpectedVersion, Note: text(in.Note), DryRun: in.DryRun,
	})
	return programmePayload(ctx, edit, err, "yaml")
}

func definitionPayload(ctx context.Context, edit *programme.Edit, err error, field string) (*model.DefinitionPayload, error) {
	if err != nil {
		return nil, err
	}
	s := sessionOf(ctx)
	s.Forget()
	return model.NewDefinitionPayload(s.Reader, edit, field), nil
}

func programmePayload(ctx context.Context, edit *programme.Edit, err error, field string) (*model.ProgrammePayload, error) {
	if err != nil {
		return nil, err
	}
	s := sessionOf(ctx)
	s.Forget()
	return model.NewProgrammePayload(s.Reader, edit, field), nil
}

// from is when something is to come into force, zero for at once.
func from(t *scalar.GivenTime) (time.Time, *fact.Refusal) {
	switch {
	case t == nil:
		return time.Time{}, nil
	case t.Refusal != nil:
		return time.Time{}, under("at", t.Refusal)
	}
	return t.Value, nil
}

// whole is 0 for none.
func whole(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
