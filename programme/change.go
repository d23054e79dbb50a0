package programme

import (
	"context"
	"fmt"
	"slices"
	"time"

	"granaio/ent"
	"granaio/ent/definition"
	"granaio/ent/programmeversion"
	"granaio/ent/revision"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// pausable tells whether definitions of a kind can rest.
func pausable(name definition.Kind) bool { return new(loyalty.PausedSpec).Of(kindOf(name).id) != nil }

// fieldAt is the place of a list in an input.
func fieldAt(field string, at int) string { return fmt.Sprintf("%s.%d", field, at) }

// Action is what is to become of a definition.
type Action string

// The actions.
const (
	Publish Action = "publish" // its draft, or one of its revisions, comes into force
	Pause   Action = "pause"   // it stays in force and rests
	Resume  Action = "resume"  // it rests no longer
	Retire  Action = "retire"  // it leaves
)

// Step is one of the changes that are published together.
type Step struct {
	Definition Name
	Action     Action
	Revision   int // of a Publish: its number; 0 for the draft
}

// Publication is what is to be published, and from when on.
type Publication struct {
	// Steps are the changes; none for all drafts there are.
	Steps []Step
	// At is when it comes into force; the zero time for at once.
	At time.Time
	// Expected is the number of the programme's last version that the author knows; nil for whichever it is.
	Expected *int
	Note     string
	// DryRun has it judged and compared, and not published.
	DryRun bool
}

// MaxSteps is how many changes are published together at most.
const MaxSteps = 1000

// Publish publishes changes together, as one version: all of them or none.
func (e *Editor) Publish(ctx context.Context, by Author, p Publication) (*Edit, error) {
	return e.edit(ctx, by, func(x *editing) error {
		if err := x.expect(p.Expected); err != nil {
			return err
		}
		from, before, err := x.from(p.At)
		if err != nil {
			return err
		}
		changes, err := x.steps(p.Steps, before)
		if err != nil {
			return err
		}
		next, err := before.with(changes, x.get)
		if err != nil {
			return err
		}
		compiled, err := x.judge(before, next)
		if err != nil {
			return err
		}
		were := before.index()
		for i := range next {
			if were[next[i].definition] != nil {
				continue
			}
			if err := x.opens(&next[i], compiled, from); err != nil {
				return err
			}
		}
		if len(x.outcome.Problems) > 0 {
			return errRefused
		}
		return x.put(publication{from: from, cause: programmeversion.CausePublication, note: p.Note, before: before, next: next, judged: true}, p.DryRun)
	})
}

// from is when something comes into force that is to do so at an instant, and what would be in force then without it.
func (e *editing) from(at time.Time) (time.Time, content, error) {
	from := fact.Instant(at)
	switch {
	case at.IsZero():
		from = e.now
	case !from.After(e.now):
		return from, nil, e.refuse(fact.CodeInPast, "at", "it is %s already: leave the instant out to publish at once", e.now.Format(time.RFC3339))
	}
	if begins := e.course.begins(); from.Before(begins) {
		from = begins
	}
	before, err := e.content(e.inForce(from))
	return from, before, err
}

// put publishes, unless nothing would change or it is only tried out.
func (e *editing) put(p publication, dry bool) error {
	var err error
	if e.outcome.Changes, err = differences(p.before, p.next); err != nil {
		return err
	}
	if len(turns(p.before, p.next)) == 0 {
		return e.refuse(fact.CodeUnchanged, "", "it is so already: there is nothing to publish")
	}
	if err := e.publish(p); err != nil {
		return err
	}
	if dry {
		e.outcome.Version = 0
		return errTried
	}
	return nil
}

// steps are the changes that steps ask for.
func (e *editing) steps(steps []Step, before content) ([]turn, error) {
	if len(steps) > MaxSteps {
		return nil, e.refuse(fact.CodeTooMany, "changes", "at most %d changes are published together, not %d", MaxSteps, len(steps))
	}
	if len(steps) == 0 {
		return e.allDrafts(before)
	}
	changes := make([]turn, 0, len(steps))
	for i, s := range steps {
		field := fieldAt("changes", i)
		row, err := e.find(s.Definition, field+".definition")
		if err != nil {
			return nil, err
		}
		t, err := e.step(s, row, before.find(row.ID), field)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(changes, t.meets) {
			return nil, e.refuse(fact.CodeInvalid, field+".definition", "%s is changed twice", definitionPlace(row))
		}
		changes = append(changes, t)
		if len(steps) == 1 {
			e.outcome.Definition = row.ID
		}
	}
	return changes, nil
}

// allDrafts are the changes that publish every draft.
func (e *editing) allDrafts(before content) ([]turn, error) {
	rows, err := e.client.Definition.Query().Where(definition.ProgrammeID(e.row.ID), definition.DraftIDNotNil()).Order(definition.ByID()).All(e.ctx)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, e.refuse(fact.CodeUnchanged, "changes", "there is no draft to publish")
	}
	changes := make([]turn, len(rows))
	for i, row := range rows {
		if changes[i], err = e.step(Step{Action: Publish}, row, before.find(row.ID), "changes"); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

// step is the change that a step asks for of a definition, which is in force as the entry says, or not if that is nil.
func (e *editing) step(s Step, row *ent.Definition, now *entry, field string) (turn, error) {
	what, t := definitionPlace(row), turn{Definition: row.ID}
	switch {
	case s.Action == Publish:
		r, err := e.wanted(s, row, now, field)
		if err == nil {
			t.Revision = &r.ID
		}
		return t, err
	case now == nil:
		return t, e.refuse(fact.CodeUnchanged, field, "%s is not in force then", what)
	case s.Action == Retire && row.Kind == definition.KindSettings:
		return t, e.refuse(fact.CodeInvalid, field, "a programme cannot be without its settings")
	case s.Action == Retire:
		t.Revision = new(fact.ID)
	case s.Action != Pause && s.Action != Resume:
		return t, e.refuse(fact.CodeInvalid, field, "“%s” is not an action", s.Action)
	case !pausable(row.Kind):
		return t, e.refuse(fact.CodeInvalid, field, "%s cannot be paused: touchpoints, rules, missions and rewards can", what)
	case now.paused == (s.Action == Pause):
		return t, e.refuse(fact.CodeUnchanged, field, "%s is %sd already", what, s.Action)
	default:
		rests := s.Action == Pause
		t.Paused = &rests
	}
	return t, nil
}

// wanted is the revision that a step publishes.
func (e *editing) wanted(s Step, row *ent.Definition, now *entry, field string) (*ent.Revision, error) {
	what := definitionPlace(row)
	if s.Revision == 0 {
		if row.DraftID == nil {
			return nil, e.refuse(fact.CodeUnchanged, field, "%s has no draft", what)
		}
		draft, err := e.get(row.ID, *row.DraftID)
		if err != nil {
			return nil, err
		}
		if now != nil && now.revision.Number > draft.revision.Number {
			return nil, e.refuse(fact.CodeConflict, field, "the draft of %s, revision %d, is older than revision %d by %s, which is in force: save it again",
				what, draft.revision.Number, now.revision.Number, now.revision.CreatedBy)
		}
		return draft.revision, nil
	}
	r, err := e.client.Revision.Query().Where(revision.DefinitionID(row.ID), revision.Number(s.Revision)).Only(e.ctx)
	if ent.IsNotFound(err) {
		return nil, e.refuse(fact.CodeUnknownVersion, field+".revision", "%s has no revision %d", what, s.Revision)
	}
	if err == nil && now != nil && now.revision.ID == r.ID {
		return nil, e.refuse(fact.CodeUnchanged, field, "revision %d of %s is in force already", s.Revision, what)
	}
	return r, err
}
