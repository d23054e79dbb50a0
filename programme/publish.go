package programme

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"granaio/ent"
	"granaio/ent/change"
	"granaio/ent/definition"
	entprogramme "granaio/ent/programme"
	"granaio/ent/programmeversion"
	"granaio/ent/revision"
	"granaio/loyalty/fact"
	"granaio/store"
)

// publication is a content that is to be in force from an instant on.
type publication struct {
	from   time.Time
	cause  programmeversion.Cause
	of     *int // the version that is rolled back to or cancelled
	note   string
	before content // what would be in force then without it
	next   content
	judged bool // it was found to be valid
	// skip is the version that is cancelled: it is not made anew; 0 for none.
	skip int
}

// made is a version that is to be written.
type made struct {
	row   *ent.ProgrammeVersionCreate
	id    fact.ID
	note  string
	turns []turn
	next  content
}

// maxNote is how long a publication's note may be, in characters.
const maxNote = 500

// publish writes a version. What is scheduled for later is made anew upon it, with the same changes: if any of them is of the same definition, or no
// longer makes a valid programme, nothing is published.
func (e *editing) publish(p publication) error {
	if n := utf8.RuneCountInString(p.note); n > maxNote {
		return e.refuse(fact.CodeTooLong, "note", "a note has at most %d characters, not %d", maxNote, n)
	}
	if !fact.IsText(p.note) {
		return e.refuse(fact.CodeInvalid, "note", "a note is text")
	}
	if !p.judged {
		if _, err := e.judge(p.before, p.next); err != nil {
			return err
		}
	}
	first := e.make(p.from, p.cause, p.of, turns(p.before, p.next), p.next)
	first.note = p.note
	first.row.SetPublishedBy(e.caller)
	all := []made{first}
	if len(e.versions) > 0 {
		for _, place := range e.course.after(p.from) {
			if place+1 == p.skip {
				continue
			}
			again, err := e.renew(place, all)
			if err != nil {
				return err
			}
			all = append(all, again)
		}
	}
	if err := e.budgets(p, all); err != nil {
		return err
	}
	if err := e.number(all); err != nil {
		return err
	}
	e.outcome.Version = e.row.Current + 1
	return e.record(p, first.turns)
}

func (e *editing) make(from time.Time, cause programmeversion.Cause, of *int, changes []turn, next content) made {
	revisions, paused := next.ids()
	text, _ := json.Marshal(changes) // of ids and booleans
	id := fact.NewID(fact.KindProgrammeVersion)
	row := e.client.ProgrammeVersion.Create().SetID(id).SetProgrammeID(e.row.ID).SetEffectiveFrom(from).SetPublishedAt(e.now).
		SetCause(cause).SetNillableOf(of).SetRevisions(revisions).SetPaused(paused).SetTurns(text)
	return made{row: row, id: id, turns: changes, next: next}
}

// renew makes a scheduled version anew upon those that are made before it.
func (e *editing) renew(place int, earlier []made) (made, error) {
	number := place + 1
	row, err := versionOf(e.ctx, e.client, e.row.ID, number)
	if err != nil {
		return made{}, err
	}
	changes, err := turnsOf(row)
	if err != nil {
		return made{}, err
	}
	for _, t := range earlier[0].turns {
		if slices.ContainsFunc(changes, t.meets) {
			what, err := e.client.Definition.Get(e.ctx, t.Definition)
			if err != nil {
				return made{}, err
			}
			return made{}, e.refuse(fact.CodeConflict, "", "version %d, which comes into force at %s, changes %s too: cancel it first",
				number, row.EffectiveFrom.UTC().Format(time.RFC3339), definitionPlace(what))
		}
	}
	base := earlier[len(earlier)-1].next
	next, err := base.with(changes, e.get)
	if err != nil {
		return made{}, err
	}
	if _, err := e.judge(base, next); err != nil {
		for i := range e.outcome.Problems {
			e.outcome.Problems[i].Message += fmt.Sprintf(" (in version %d, which comes into force at %s)", number, row.EffectiveFrom.UTC().Format(time.RFC3339))
		}
		return made{}, err
	}
	again := e.make(row.EffectiveFrom.UTC(), programmeversion.CauseRenewal, &number, changes, next)
	again.row.SetPublishedBy(row.PublishedBy)
	switch note, err := e.client.Note.Get(e.ctx, row.ID); {
	case err == nil:
		again.note = note.Text
	case !ent.IsNotFound(err):
		return made{}, err
	}
	return again, nil
}

// number gives the versions their numbers and writes them, if nobody else has published meanwhile.
func (e *editing) number(all []made) error {
	moved, err := e.client.Programme.Update().Where(entprogramme.ID(e.row.ID), entprogramme.Current(e.row.Current)).SetCurrent(e.row.Current + len(all)).Save(e.ctx)
	if err != nil {
		return err
	}
	if moved == 0 {
		return fmt.Errorf("%w: somebody else has published version %d", store.ErrRetry, e.row.Current+1)
	}
	for i, m := range all {
		if err := m.row.SetNumber(e.row.Current + 1 + i).Exec(e.ctx); err != nil {
			return err
		}
		if m.note == "" {
			continue
		}
		if err := e.client.Note.Create().SetID(m.id).SetProgrammeID(e.row.ID).SetCaller(e.caller).SetText(m.note).SetCreatedAt(e.now).Exec(e.ctx); err != nil {
			return err
		}
	}
	return nil
}

// record writes down who changed what, and takes the drafts away that are drafts no longer.
func (e *editing) record(p publication, changes []turn) error {
	var rows []*ent.ChangeCreate
	var published []fact.ID
	were, are := p.before.index(), p.next.index()
	for _, t := range changes {
		before, after := were[t.Definition], are[t.Definition]
		if t.Revision != nil {
			action := change.ActionPublished
			if t.leaves() {
				action = change.ActionRetired
			} else {
				published = append(published, *t.Revision)
			}
			rows = append(rows, e.change(action, t.Definition, before, after))
		}
		if t.Paused != nil && after != nil {
			action := change.ActionResumed
			if *t.Paused {
				action = change.ActionPaused
			}
			rows = append(rows, e.change(action, t.Definition, before, after))
		}
	}
	if p.cause == programmeversion.CauseCancellation {
		rows = append(rows, e.changed(change.ActionCancelled))
	}
	if err := e.write(rows); err != nil {
		return err
	}
	for some := range slices.Chunk(published, most) {
		if err := e.client.Definition.Update().Where(definition.DraftIDIn(some...)).ClearDraftID().Exec(e.ctx); err != nil {
			return err
		}
	}
	return nil
}

// changed is the row of a change that made the attempt's version.
func (e *editing) changed(action change.Action) *ent.ChangeCreate {
	row := e.client.Change.Create().SetProgrammeID(e.row.ID).SetAction(action).SetCaller(e.caller).SetCreatedAt(e.now)
	if e.outcome.Version > 0 {
		row.SetVersion(e.outcome.Version)
	}
	return row
}

func (e *editing) change(action change.Action, definition fact.ID, before, after *entry) *ent.ChangeCreate {
	row := e.changed(action).SetDefinitionID(definition)
	if before != nil {
		row.SetBeforeID(before.revision.ID)
	}
	if after != nil {
		row.SetAfterID(after.revision.ID)
	}
	return row
}

func (e *editing) write(rows []*ent.ChangeCreate) error {
	for some := range slices.Chunk(rows, most) {
		if err := e.client.Change.CreateBulk(some...).Exec(e.ctx); err != nil {
			return err
		}
	}
	return nil
}

// get is the entry of a revision.
func (e *editing) get(_, id fact.ID) (entry, error) {
	found, err := entriesOf(e.ctx, e.client, []fact.ID{id})
	if err != nil {
		return entry{}, err
	}
	x, ok := found[id]
	if !ok {
		return entry{}, fmt.Errorf("revision %s is missing", id)
	}
	return x, nil
}

func turnsOf(row *ent.ProgrammeVersion) ([]turn, error) {
	var changes []turn
	if err := json.Unmarshal(row.Turns, &changes); err != nil {
		return nil, fmt.Errorf("version %d: %w", row.Number, err)
	}
	return changes, nil
}

func definitionPlace(d *ent.Definition) place { return place{d.Kind, d.Key} }

// latest is the last of the definition's revisions.
func (e *editing) latest(definition fact.ID) (*ent.Revision, error) {
	return e.client.Revision.Query().Where(revision.DefinitionID(definition)).Order(ent.Desc(revision.FieldNumber)).First(e.ctx)
}
