package programme

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"granaio/auth"
	"granaio/ent"
	"granaio/ent/definition"
	entprogramme "granaio/ent/programme"
	"granaio/ent/programmeversion"
	"granaio/ent/revision"
	"granaio/loyalty/budget"
	"granaio/loyalty/fact"
	"granaio/store"
)

// Import makes what the file says be in force now, as Editor.Import does.
func Import(ctx context.Context, s *store.Store, f *File, actor string, now time.Time) (*Report, []Problem, error) {
	report, edit, err := NewEditor(s, func() time.Time { return now }).Import(ctx, f, Taking{Caller: actor})
	if err != nil || report != nil {
		return report, nil, err
	}
	return nil, edit.told(f.Name), nil
}

// told are the problems for which an import was refused, one at least.
func (e *Edit) told(file string) []Problem {
	if e.Refusal == nil {
		return e.Problems
	}
	return append(e.Problems, Problem{File: file, Message: e.Refusal.Message})
}

// Taking is how a file is imported.
type Taking struct {
	Caller    string    // who does it, as auth.Viewer.Caller names it
	Programme fact.ID   // the programme that it must be; the zero id for whichever it names, new or not
	At        time.Time // as in Publication; and so on
	Expected  *int
	Note      string
	DryRun    bool
}

// Import makes what the file says be in force: in one transaction, and nothing of it if it is refused or there is an error. The report is nil if it is refused. The
// file is valid, since Parse gave it; what remains to be a problem is what the programme's past forbids: another currency, time zone or beginning.
//
// A programme's first version is in force from the programme's start on, a later one from now or from the given instant on. Definitions keep their identity by kind
// and key; a new revision is written only where something changed that it never was before. A definition that the file no longer has is retired; a partner that
// it no longer has keeps its row and loses its scopes, unless the import is for later: partners belong to no version. A file that says what is in
// force already changes nothing.
//
// Two imports at once take turns: the second sees what the first has published.
func (e *Editor) Import(ctx context.Context, f *File, t Taking) (*Report, *Edit, error) {
	all, err := drafts(f.Spec)
	if err != nil {
		return nil, nil, err
	}
	var i *importing
	err = e.store.InTx(ctx, func(tx *sql.Tx) error {
		i = &importing{
			editing: newEditing(auth.System(ctx, fact.ID{}), e.store.EntIn(tx), t.Caller, e.now()), file: f, drafts: all, taking: t,
			report: &Report{Key: f.Spec.Programme.Key},
		}
		return again(i.run())
	})
	switch {
	case errors.Is(err, errRefused):
		return nil, &Edit{Refusal: i.outcome.Refusal, Problems: sorted(i.outcome.Problems)}, nil
	case err != nil && !errors.Is(err, errTried):
		return nil, nil, fmt.Errorf("programme: import of %s: %w", f.Spec.Programme.Key, err)
	}
	i.report.Changes, i.report.DryRun = i.outcome.Changes, t.DryRun
	return i.report, i.outcome, nil
}

// importing is one attempt at an import.
type importing struct {
	*editing
	file   *File
	drafts []draft
	taking Taking
	report *Report
}

func (i *importing) run() error {
	if err := i.programme(); err != nil {
		return err
	}
	if err := i.expect(i.taking.Expected); err != nil {
		return err
	}
	p := publication{from: i.file.starts, cause: programmeversion.CauseImport, note: i.taking.Note, judged: true}
	if i.row.Current > 0 {
		var err error
		if p.from, p.before, err = i.from(i.taking.At); err != nil {
			return err
		}
	}
	for _, b := range i.bans(&i.file.Spec.Programme, i.file.starts, p.before) {
		i.wrong("programme."+b.path, "%s", b.message)
	}
	if len(i.outcome.Problems) > 0 {
		return errRefused
	}
	if i.taking.At.IsZero() {
		if err := i.partners(); err != nil {
			return err
		}
	}
	var err error
	if p.next, err = i.definitions(p); err != nil {
		return err
	}
	if i.outcome.Changes, err = differences(p.before, p.next); err != nil {
		return err
	}
	was, _ := p.before.ids()
	if is, _ := p.next.ids(); i.row.Current == 0 || len(turns(p.before, p.next)) > 0 || !slices.Equal(was, is) {
		i.short = func(x *entry, message string) {
			at := slices.IndexFunc(i.file.Spec.Budgets, func(b budget.Spec) bool { return b.Key == x.key })
			i.wrong(fmt.Sprintf("budgets[%d].points", at), "%s", message)
		}
		if err := i.publish(p); err != nil {
			return err
		}
		i.report.Version, i.report.Published = i.outcome.Version, true
		if !i.taking.At.IsZero() {
			i.report.At = p.from
		}
	} else {
		i.report.Version = i.inForce(p.from) + 1
	}
	if i.taking.DryRun {
		i.outcome.Version = 0
		return errTried
	}
	return nil
}

// programme finds or makes the programme's row.
func (i *importing) programme() error {
	p := &i.file.Spec.Programme
	row, err := i.client.Programme.Query().Where(entprogramme.Key(p.Key)).Only(i.ctx)
	switch {
	case err != nil && !ent.IsNotFound(err):
		return err
	case !i.taking.Programme.IsZero() && (row == nil || row.ID != i.taking.Programme):
		i.wrong("programme.key", "it is another programme, “%s”", p.Key)
		return errRefused
	case row == nil && !i.taking.At.IsZero():
		i.wrong("programme.key", "there is no programme “%s” yet: its first version is in force from its start on, and cannot be for later", p.Key)
		return errRefused
	case row == nil:
		if row, err = i.client.Programme.Create().SetKey(p.Key).SetCurrency(p.Currency).SetCreatedAt(i.now).Save(i.ctx); err != nil {
			return err
		}
	}
	i.row, i.report.Programme = row, row.ID
	return i.read()
}

// wrong adds a problem of the file.
func (i *importing) wrong(path, format string, args ...any) {
	line, column := i.file.document.place(path)
	i.outcome.Problems = append(i.outcome.Problems, Problem{File: i.file.Name, Line: line, Column: column, Path: path, Message: fmt.Sprintf(format, args...)})
}

// history is a definition with its revisions, without their bodies.
type history struct {
	id        fact.ID
	revisions []*ent.Revision // by number
}

func (i *importing) histories() (map[place]*history, error) {
	rows, err := i.client.Definition.Query().Where(definition.ProgrammeID(i.row.ID)).All(i.ctx)
	if err != nil {
		return nil, err
	}
	revisions, err := i.client.Revision.Query().Where(revision.ProgrammeID(i.row.ID)).Order(revision.ByNumber()).
		Select(revision.FieldID, revision.FieldDefinitionID, revision.FieldNumber, revision.FieldDigest).All(i.ctx)
	if err != nil {
		return nil, err
	}
	byID := make(map[fact.ID]*history, len(rows))
	found := make(map[place]*history, len(rows))
	for _, r := range rows {
		h := &history{id: r.ID}
		byID[r.ID], found[definitionPlace(r)] = h, h
	}
	for _, r := range revisions {
		byID[r.DefinitionID].revisions = append(byID[r.DefinitionID].revisions, r)
	}
	return found, nil
}

// definitions writes what is new, counts what becomes of each, and answers with the content that the file stands for, in its order.
func (i *importing) definitions(p publication) (content, error) {
	known, err := i.histories()
	if err != nil {
		return nil, err
	}
	counts := make(map[definition.Kind]*Count, len(kinds))
	for _, k := range kinds {
		counts[k.name] = &Count{Kind: string(k.name)}
	}
	next, places, were := make(content, 0, len(i.drafts)), map[definition.Kind]int{}, p.before.index()
	var newDefinitions, newRevisions []entry
	for _, d := range i.drafts {
		h, count := known[d.place], counts[d.kind]
		x := entry{place: d.place, revision: &ent.Revision{ID: fact.NewID(fact.KindRevision), Number: 1, Body: d.body, Digest: d.digest}}
		k := kindOf(d.kind)
		if keys := i.file.Spec.Paused.Of(k.id); keys != nil {
			x.paused = slices.Contains(*keys, d.key)
		}
		if h == nil {
			h = &history{id: fact.NewID(k.id)}
			x.definition = h.id
			newDefinitions = append(newDefinitions, x)
		}
		x.definition = h.id
		if p.before != nil && were[h.id] == nil {
			if err := i.opens(x, places[d.kind], p.from); err != nil {
				return nil, err
			}
		}
		places[d.kind]++
		if h.revise(&x, were[h.id]) {
			newRevisions = append(newRevisions, x)
		}
		count.count(h, were[h.id], &x)
		next = append(next, x)
	}
	stay := next.index()
	for _, e := range p.before {
		if stay[e.definition] == nil {
			counts[e.kind].Retired++
		}
	}
	for _, k := range kinds {
		i.report.Definitions = append(i.report.Definitions, *counts[k.name])
	}
	if len(i.outcome.Problems) > 0 {
		return nil, errRefused
	}
	if err := i.define(newDefinitions); err != nil {
		return nil, err
	}
	return next, i.revise(newRevisions)
}

// revise gives an entry the revision that says the same: the one in force, else the last one that did. It tells whether none did, so that it is a new one.
func (h *history) revise(x *entry, now *entry) (fresh bool) {
	if now != nil && now.revision.Digest == x.revision.Digest {
		x.revision = now.revision
		return false
	}
	for _, r := range slices.Backward(h.revisions) {
		if r.Digest == x.revision.Digest {
			x.revision.ID, x.revision.Number = r.ID, r.Number
			return false
		}
	}
	if n := len(h.revisions); n > 0 {
		x.revision.Number = h.revisions[n-1].Number + 1
	}
	return true
}

// count counts what becomes of a definition that is in force as now says, or not if that is nil.
func (c *Count) count(h *history, now, x *entry) {
	switch {
	case len(h.revisions) == 0:
		c.Created++
	case now == nil:
		c.Restored++
	case now.revision.ID != x.revision.ID:
		c.Changed++
	default:
		c.Unchanged++
	}
	if rested := now != nil && now.paused; x.paused && !rested {
		c.Paused++
	} else if rested && !x.paused {
		c.Resumed++
	}
}

// opens tells of a definition that was never in force and whose schedule is over before it comes to be, the one at a place among its kind.
func (i *importing) opens(x entry, at int, from time.Time) error {
	if !over(x.revision.Body, i.file.zone, from) {
		return nil
	}
	known, err := i.known(x.definition)
	if err == nil && !known {
		i.wrong(fmt.Sprintf("%s[%d].until", kindOf(x.kind).field, at), neverOpens, from.Format(time.RFC3339))
	}
	return err
}
