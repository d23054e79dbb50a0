package programme

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"granaio/auth"
	"granaio/ent"
	"granaio/ent/definition"
	"granaio/ent/programmeversion"
	"granaio/loyalty/fact"
	"granaio/store"
)

// Editor changes programmes for those who run them. Any number of goroutines and processes may edit at once.
type Editor struct {
	store *store.Store
	now   func() time.Time
}

// NewEditor edits the programmes in a store, by a clock.
func NewEditor(s *store.Store, now func() time.Time) *Editor { return &Editor{s, now} }

// Author is who changes which programme.
type Author struct {
	Programme fact.ID
	Caller    string // as auth.Viewer.Caller names it
}

// Edit is what became of a request to change a programme.
type Edit struct {
	// Refusal is why nothing was changed; nil if it was.
	Refusal *fact.Refusal
	// Problems are the mistakes for which it was refused.
	Problems []Problem
	// Breaks are the mistakes that others would have, if a draft that was saved were published without them.
	Breaks []Problem
	// Definition is the one that a draft was saved or discarded of.
	Definition fact.ID
	// Version is the number of the version that was published; 0 if none was.
	Version int
	// Changes are what a publication changes of what was in force before.
	Changes []Difference
}

// editing is one attempt to change a programme, in a transaction.
type editing struct {
	ctx      context.Context
	client   *ent.Client
	caller   string
	now      time.Time
	row      *ent.Programme
	versions []*ent.ProgrammeVersion // by number, without what they hold
	course   course
	outcome  *Edit
	problem  func(e *entry, path, message string, line, column int) // adds one to the outcome
	short    func(e *entry, message string)                         // adds that a budget has too few points
}

var (
	errRefused = errors.New("programme: refused")   // rolls back what met problems
	errTried   = errors.New("programme: tried out") // rolls back what was only to be tried
)

// edit does something to a programme, all of it or nothing.
func (e *Editor) edit(ctx context.Context, by Author, do func(*editing) error) (*Edit, error) {
	var x *editing
	err := e.store.InTx(ctx, func(tx *sql.Tx) error {
		x = newEditing(auth.System(ctx, by.Programme), e.store.EntIn(tx), by.Caller, e.now())
		var err error
		if x.row, err = x.client.Programme.Get(x.ctx, by.Programme); err == nil {
			err = x.read()
		}
		if err == nil {
			err = do(x)
		}
		return again(err)
	})
	if err != nil && !errors.Is(err, errRefused) && !errors.Is(err, errTried) {
		return nil, fmt.Errorf("programme: %s: %w", by.Programme, err)
	}
	if x.outcome.Refusal != nil || len(x.outcome.Problems) > 0 {
		return &Edit{Refusal: x.outcome.Refusal, Problems: sorted(x.outcome.Problems)}, nil
	}
	return x.outcome, nil
}

// again has a transaction tried again that met a row which another made meanwhile.
func again(err error) error {
	if ent.IsConstraintError(err) {
		return fmt.Errorf("%w: %w", store.ErrRetry, err)
	}
	return err
}

func newEditing(ctx context.Context, client *ent.Client, caller string, now time.Time) *editing {
	x := &editing{ctx: ctx, client: client, caller: caller, now: fact.Instant(now), outcome: new(Edit)}
	x.problem = func(e *entry, path, message string, line, column int) {
		p := Problem{Line: line, Column: column, Path: path, Message: message}
		if e != nil {
			p.Kind, p.Key = string(e.kind), e.key
		}
		x.outcome.Problems = append(x.outcome.Problems, p)
	}
	x.short = func(e *entry, message string) { x.problem(e, "points", message, 0, 0) }
	return x
}

// refuse ends the attempt.
func (e *editing) refuse(code fact.Code, field, format string, args ...any) error {
	e.outcome.Refusal = fact.Refuse(code, field, format, args...)
	return errRefused
}

// read reads which versions there are.
func (e *editing) read() error {
	rows, err := e.client.ProgrammeVersion.Query().Where(programmeversion.ProgrammeID(e.row.ID)).Order(programmeversion.ByNumber()).
		Select(programmeversion.FieldID, programmeversion.FieldNumber, programmeversion.FieldEffectiveFrom, programmeversion.FieldPublishedAt).All(e.ctx)
	if err != nil {
		return err
	}
	e.versions = nil
	var from []time.Time
	for _, r := range rows {
		if r.Number > e.row.Current {
			break // published after the row was read
		}
		e.versions, from = append(e.versions, r), append(from, r.EffectiveFrom.UTC())
		if at := r.PublishedAt.UTC(); at.After(e.now) {
			e.now = at // another process's clock is ahead: what it published has come
		}
	}
	if len(from) != e.row.Current {
		return fmt.Errorf("%d versions of %d are there", len(from), e.row.Current)
	}
	if len(from) > 0 {
		e.course = newCourse(from)
	}
	return nil
}

// content is what the version at a place says is in force.
func (e *editing) content(place int) (content, error) {
	row, err := versionOf(e.ctx, e.client, e.row.ID, place+1)
	if err != nil {
		return nil, err
	}
	return contentOf(e.ctx, e.client, row)
}

// inForce is the place of the version in force at an instant: before the programme begins, of the one that it will begin with.
func (e *editing) inForce(instant time.Time) int {
	if begins := e.course.begins(); instant.Before(begins) {
		instant = begins
	}
	place, _ := e.course.at(instant)
	return place
}

// last is the place of the version that will be in force once all that is scheduled has come.
func (e *editing) last() int { return e.course.alive[len(e.course.alive)-1] }

// expect refuses the attempt if the programme has had another version since the one that the caller knows.
func (e *editing) expect(number *int) error {
	if number == nil || *number == e.row.Current {
		return nil
	}
	if *number > e.row.Current || *number < 0 {
		return e.refuse(fact.CodeUnknownVersion, "expectedVersion", "there is no version %d: the last is %d", *number, e.row.Current)
	}
	last, err := versionOf(e.ctx, e.client, e.row.ID, e.row.Current)
	if err != nil {
		return err
	}
	return e.refuse(fact.CodeConflict, "expectedVersion", "you know version %d as the last; version %d was published meanwhile by %s, at %s",
		*number, last.Number, last.PublishedBy, last.PublishedAt.UTC().Format(time.RFC3339))
}

// Name names a definition: by its id, or by its kind and key.
type Name struct {
	ID   fact.ID // its own, or as what it defines: def_… or rul_…
	Kind string  // one of Kinds
	Key  string  // of the settings, SettingsKey or empty
}

// find is a definition's row, or a refusal of the field.
func (e *editing) find(n Name, field string) (*ent.Definition, error) {
	q := e.client.Definition.Query().Where(definition.ProgrammeID(e.row.ID))
	switch {
	case !n.ID.IsZero():
		q.Where(definition.IDIn(Aliases(n.ID)...))
	case n.Kind == string(definition.KindSettings):
		q.Where(definition.KindEQ(definition.KindSettings))
	default:
		q.Where(definition.KindEQ(definition.Kind(n.Kind)), definition.Key(n.Key))
	}
	row, err := q.Only(e.ctx)
	if ent.IsNotFound(err) {
		if n.ID.IsZero() {
			return nil, e.refuse(fact.CodeUnknownDefinition, field, "the programme has no %s", place{definition.Kind(n.Kind), n.Key})
		}
		return nil, e.refuse(fact.CodeUnknownDefinition, field, "the programme has no such definition")
	}
	return row, err
}

// Aliases are the ids that a definition may have as a row, where its id may be the one that says no more than that it is a definition.
func Aliases(id fact.ID) []fact.ID {
	if id.Kind() != fact.KindDefinition {
		return []fact.ID{id}
	}
	all := make([]fact.ID, len(kinds))
	for i, k := range kinds {
		all[i] = id.As(k.id)
	}
	return all
}
