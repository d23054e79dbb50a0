package programme

import (
	"context"
	"time"

	"granaio/ent/definition"
	"granaio/ent/programmeversion"
	"granaio/loyalty/fact"
)

// Rollback is what is to be in force again, and from when on.
type Rollback struct {
	// Version is the number of the version whose settings and definitions are to be in force again, with what rested then.
	Version  int
	At       time.Time // as Publication.At, and so on
	Expected *int
	Note     string
	DryRun   bool
}

// Rollback publishes the content of an earlier version as a new one.
func (e *Editor) Rollback(ctx context.Context, by Author, r Rollback) (*Edit, error) {
	return e.edit(ctx, by, func(x *editing) error {
		if err := x.expect(r.Expected); err != nil {
			return err
		}
		if r.Version < 1 || r.Version > len(x.versions) {
			return x.refuse(fact.CodeUnknownVersion, "version", "there is no version %d: the last is %d", r.Version, len(x.versions))
		}
		from, before, err := x.from(r.At)
		if err != nil {
			return err
		}
		next, err := x.content(r.Version - 1)
		if err != nil {
			return err
		}
		return x.put(publication{from: from, cause: programmeversion.CauseRollback, of: &r.Version, note: r.Note, before: before, next: next}, r.DryRun)
	})
}

// Cancel cancels a version before it comes into force: a new version has what is in force now, and what else is scheduled is made anew upon it. What was to
// be published for the first time becomes a draft again.
func (e *Editor) Cancel(ctx context.Context, by Author, number int, expected *int, note string) (*Edit, error) {
	return e.edit(ctx, by, func(x *editing) error {
		if err := x.expect(expected); err != nil {
			return err
		}
		if number < 1 || number > len(x.versions) {
			return x.refuse(fact.CodeUnknownVersion, "version", "there is no version %d: the last is %d", number, len(x.versions))
		}
		switch x.course.state(number-1, x.now) {
		case InForce, Past:
			return x.refuse(fact.CodeNotScheduled, "version", "version %d came into force at %s: roll back to an earlier one instead",
				number, x.versions[number-1].EffectiveFrom.UTC().Format(time.RFC3339))
		case Dropped:
			return x.refuse(fact.CodeNotScheduled, "version", "version %d was dropped already, and never comes into force", number)
		}
		row, err := versionOf(x.ctx, x.client, x.row.ID, number)
		if err != nil {
			return err
		}
		changes, err := turnsOf(row)
		if err != nil {
			return err
		}
		from, now, err := x.from(time.Time{})
		if err != nil {
			return err
		}
		if err := x.publish(publication{
			from: from, cause: programmeversion.CauseCancellation, of: &number, note: note, before: now, next: now, judged: true, skip: number,
		}); err != nil {
			return err
		}
		return x.redraft(changes, now)
	})
}

// redraft makes drafts again of revisions that do not come into force after all, where nothing newer is.
func (e *editing) redraft(changes []turn, now content) error {
	for _, t := range changes {
		if t.Revision == nil || t.leaves() {
			continue
		}
		r, err := e.client.Revision.Get(e.ctx, *t.Revision)
		if err != nil {
			return err
		}
		if x := now.find(t.Definition); x != nil && x.revision.Number >= r.Number {
			continue
		}
		if err := e.client.Definition.Update().Where(definition.ID(t.Definition), definition.DraftIDIsNil()).SetDraftID(r.ID).Exec(e.ctx); err != nil {
			return err
		}
	}
	return nil
}
