package programme

import (
	"context"
	"fmt"
	"slices"

	"granaio/ent"
	"granaio/ent/change"
	"granaio/ent/definition"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/store"
)

// Draft is a definition to be written down, and not published yet.
type Draft struct {
	Kind string // one of Kinds
	Text Text
	// Expected is the number of the last revision that the author knows, draft or not; 0 for a definition that is new; AnyRevision for whichever it is.
	Expected int
}

// AnyRevision expects no revision in particular.
const AnyRevision = -1

// Draft saves a draft as a new revision. It is judged with everything else as it will be, once what is scheduled and all other drafts are in force: what is
// wrong with it itself is refused; what others would lack if it were published is told in Breaks.
func (e *Editor) Draft(ctx context.Context, by Author, d Draft) (*Edit, error) {
	if !slices.Contains(Kinds, d.Kind) {
		return &Edit{Refusal: fact.Refuse(fact.CodeInvalid, "kind", "“%s” is not a kind of definition", clip(d.Kind))}, nil
	}
	k := kindOf(definition.Kind(d.Kind))
	found, doc, problems := d.Text.read(k)
	if len(problems) > 0 {
		for i := range problems {
			problems[i].Kind, problems[i].Key = d.Kind, found.key
		}
		return &Edit{Problems: problems}, nil
	}
	return e.edit(ctx, by, func(x *editing) error { return x.draft(k, found, doc, d.Expected) })
}

func (e *editing) draft(k kind, d draft, doc *document, expected int) error {
	row, err := e.client.Definition.Query().Where(definition.ProgrammeID(e.row.ID), definition.KindEQ(k.name), definition.Key(d.key)).Only(e.ctx)
	var last *ent.Revision
	switch {
	case ent.IsNotFound(err) && expected > 0:
		return e.refuse(fact.CodeUnknownDefinition, "expectedRevision", "there is no %s yet: a new one expects no revision", d.place)
	case ent.IsNotFound(err):
	case err != nil:
		return err
	default:
		if last, err = e.latest(row.ID); err != nil {
			return err
		}
		switch {
		case expected == 0:
			return e.refuse(fact.CodeConflict, "expectedRevision", "there is %s already, with %d revisions: say which you know as the last", d.place, last.Number)
		case expected != last.Number && expected != AnyRevision:
			return e.refuse(fact.CodeConflict, "expectedRevision", "you know revision %d as the last; revision %d was made meanwhile by %s", expected, last.Number, last.CreatedBy)
		case row.DraftID != nil && *row.DraftID == last.ID && last.Digest == d.digest:
			return e.refuse(fact.CodeUnchanged, "", "the draft says so already")
		}
	}
	before, err := e.drafted()
	if err != nil {
		return err
	}
	x := entry{place: d.place, revision: &ent.Revision{ID: fact.NewID(fact.KindRevision), Number: 1, Body: d.body, Digest: d.digest}}
	if row == nil {
		x.definition = fact.NewID(k.id)
	} else {
		x.definition, x.revision.Number = row.ID, last.Number+1
	}
	if err := e.weigh(before, x, doc); err != nil {
		return err
	}
	return e.save(x, row, last)
}

// drafted is what will be in force once what is scheduled and all drafts are.
func (e *editing) drafted() (content, error) {
	c, err := e.content(e.last())
	if err != nil {
		return nil, err
	}
	ids, err := e.revisions()
	if err != nil {
		return nil, err
	}
	return e.revised(c, ids)
}

// revisions are those of all drafts.
func (e *editing) revisions() ([]fact.ID, error) {
	rows, err := e.client.Definition.Query().Where(definition.ProgrammeID(e.row.ID), definition.DraftIDNotNil()).All(e.ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]fact.ID, len(rows))
	for i, r := range rows {
		ids[i] = *r.DraftID
	}
	return ids, nil
}

// revised is a content with revisions in the place of those that its definitions have.
func (e *editing) revised(c content, ids []fact.ID) (content, error) {
	found, err := entriesOf(e.ctx, e.client, ids)
	if err != nil {
		return nil, err
	}
	changes := make([]turn, len(ids))
	for i := range ids {
		changes[i] = turn{Definition: found[ids[i]].definition, Revision: &ids[i]}
	}
	return c.with(changes, func(_, id fact.ID) (entry, error) { return found[id], nil })
}

// weigh judges a draft among the others, and locates what is wrong with it in its text.
func (e *editing) weigh(before content, x entry, doc *document) error {
	next, err := before.with([]turn{{Definition: x.definition, Revision: &x.revision.ID}}, func(fact.ID, fact.ID) (entry, error) { return x, nil })
	if err != nil {
		return err
	}
	p, err := e.judge(before, next)
	if err == nil {
		if err := e.opens(&x, p, e.now); err != nil {
			return err
		}
		if len(e.outcome.Problems) == 0 {
			return nil
		}
	} else if len(e.outcome.Problems) == 0 {
		return err
	}
	var own, others []Problem
	for _, p := range e.outcome.Problems {
		if p.Kind != string(x.kind) || p.Key != x.key {
			others = append(others, p)
			continue
		}
		at := doc.locate(loyalty.Problem{Path: p.Path, Message: p.Message, Line: p.Line, Column: p.Column})
		at.Kind, at.Key = p.Kind, p.Key
		own = append(own, at)
	}
	e.outcome.Problems = own
	if len(own) > 0 {
		return errRefused
	}
	return e.blame(before, others)
}

// blame tells which of the problems that others have the draft brings.
func (e *editing) blame(before content, others []Problem) error {
	if _, err := e.judge(before, before); err != nil && len(e.outcome.Problems) == 0 {
		return err
	}
	had := e.outcome.Problems
	e.outcome.Problems = nil
	for _, p := range others {
		if !slices.ContainsFunc(had, func(h Problem) bool { return h.Kind == p.Kind && h.Key == p.Key && h.Path == p.Path }) {
			e.outcome.Breaks = append(e.outcome.Breaks, p)
		}
	}
	e.outcome.Breaks = sorted(e.outcome.Breaks)
	return nil
}

// known tells whether a version ever had the definition.
func (e *editing) known(id fact.ID) (bool, error) {
	return e.client.Change.Query().Where(change.DefinitionID(id), change.ActionEQ(change.ActionPublished)).Exist(e.ctx)
}

// save writes a draft down. The row and the last revision are nil for a definition that is new.
func (e *editing) save(x entry, row *ent.Definition, last *ent.Revision) error {
	c := e.changed(change.ActionDrafted).SetDefinitionID(x.definition).SetAfterID(x.revision.ID)
	if row == nil {
		if err := e.define([]entry{x}); err != nil {
			return err
		}
	} else {
		c.SetBeforeID(last.ID)
	}
	if err := e.client.Definition.Update().Where(definition.ID(x.definition)).SetDraftID(x.revision.ID).Exec(e.ctx); err != nil {
		return err
	}
	if err := e.revise([]entry{x}); err != nil {
		return err
	}
	e.outcome.Definition = x.definition
	return c.Exec(e.ctx)
}

// define writes definitions that are new.
func (e *editing) define(all []entry) error {
	var rows []*ent.DefinitionCreate
	var stocks []*ent.StockCreate
	var budgets []*ent.BudgetCreate
	for _, x := range all {
		rows = append(rows, e.client.Definition.Create().SetID(x.definition).SetProgrammeID(e.row.ID).SetKind(x.kind).SetKey(x.key).SetCreatedAt(e.now))
		if x.kind == definition.KindReward { // every reward has a row that counts its pieces, for the engine to lock
			stocks = append(stocks, e.client.Stock.Create().SetID(x.definition.As(fact.KindStock)).SetProgrammeID(e.row.ID))
		}
		if x.kind == definition.KindBudget { // and every budget one that counts its points
			budgets = append(budgets, e.client.Budget.Create().SetID(x.definition).SetProgrammeID(e.row.ID))
		}
	}
	for some := range slices.Chunk(rows, most) {
		if err := e.client.Definition.CreateBulk(some...).Exec(e.ctx); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(stocks, most) {
		if err := e.client.Stock.CreateBulk(some...).Exec(e.ctx); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(budgets, most) {
		if err := e.client.Budget.CreateBulk(some...).Exec(e.ctx); err != nil {
			return err
		}
	}
	return nil
}

// revise writes revisions that are new.
func (e *editing) revise(all []entry) error {
	var rows []*ent.RevisionCreate
	for _, x := range all {
		rows = append(rows, e.client.Revision.Create().SetID(x.revision.ID).SetProgrammeID(e.row.ID).SetDefinitionID(x.definition).SetNumber(x.revision.Number).
			SetBody(x.revision.Body).SetDigest(x.revision.Digest).SetCreatedAt(e.now).SetCreatedBy(e.caller))
	}
	for some := range slices.Chunk(rows, most) {
		if err := e.client.Revision.CreateBulk(some...).Exec(e.ctx); err != nil {
			return err
		}
	}
	return nil
}

// Discard gives a draft up. The revision stays in the definition's history. Expected is the draft's number; 0 for whichever it is.
func (e *Editor) Discard(ctx context.Context, by Author, of Name, expected int) (*Edit, error) {
	return e.edit(ctx, by, func(x *editing) error {
		row, err := x.find(of, "definition")
		if err != nil {
			return err
		}
		if row.DraftID == nil {
			return x.refuse(fact.CodeUnchanged, "definition", "%s has no draft", definitionPlace(row))
		}
		draft, err := x.get(row.ID, *row.DraftID)
		if err != nil {
			return err
		}
		if expected != 0 && expected != draft.revision.Number {
			return x.refuse(fact.CodeConflict, "expectedRevision", "the draft is revision %d by now, made by %s", draft.revision.Number, draft.revision.CreatedBy)
		}
		gone, err := x.client.Definition.Update().Where(definition.ID(row.ID), definition.DraftID(draft.revision.ID)).ClearDraftID().Save(x.ctx)
		if err != nil {
			return err
		}
		if gone == 0 {
			return fmt.Errorf("%w: somebody else has changed the draft", store.ErrRetry)
		}
		x.outcome.Definition = row.ID
		return x.changed(change.ActionDiscarded).SetDefinitionID(row.ID).SetBeforeID(draft.revision.ID).Exec(x.ctx)
	})
}
