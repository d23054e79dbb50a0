package programme

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"granaio/auth"
	"granaio/ent"
	"granaio/ent/definition"
	"granaio/ent/partner"
	entprogramme "granaio/ent/programme"
	"granaio/ent/revision"
	"granaio/loyalty/fact"
	"granaio/store"
)

// Import makes what the file says be in force: in one transaction, and nothing of it if the problems are not empty or there is an error. The
// file is valid, since Parse gave it; what remains to be a problem is what the programme's past forbids: another currency, time zone or
// beginning.
//
// The actor is who publishes, as auth.Viewer.Caller names it. A programme's first version is in force from the programme's start on, a later one from now on.
// Definitions keep their identity by kind and key; a new revision is written only where something changed. A definition that the file no longer has
// is retired; a partner that it no longer has keeps its row and loses its scopes. A file that says what is in force already changes nothing.
//
// Two imports at once take turns: the second sees what the first has published.
func Import(ctx context.Context, s *store.Store, f *File, actor string, now time.Time) (*Report, []Problem, error) {
	all, err := drafts(f.Spec)
	if err != nil {
		return nil, nil, err
	}
	var i *importing
	err = s.InTx(ctx, func(tx *sql.Tx) error {
		i = &importing{
			ctx: auth.System(ctx, fact.ID{}), client: s.EntIn(tx), file: f, drafts: all, actor: actor, now: fact.Instant(now),
			report: &Report{Key: f.Spec.Programme.Key},
		}
		err := i.run()
		if ent.IsConstraintError(err) { // another import made the same row meanwhile
			return fmt.Errorf("%w: %w", store.ErrRetry, err)
		}
		return err
	})
	switch {
	case errors.Is(err, errRefused):
		return nil, sorted(i.problems), nil
	case err != nil:
		return nil, nil, fmt.Errorf("programme: import of %s: %w", f.Spec.Programme.Key, err)
	}
	return i.report, nil, nil
}

// errRefused rolls back an import that met problems.
var errRefused = errors.New("programme: refused")

// importing is one attempt at an import.
type importing struct {
	ctx      context.Context
	client   *ent.Client
	file     *File
	drafts   []draft
	actor    string
	now      time.Time
	report   *Report
	problems []Problem
	row      *ent.Programme
	current  *ent.ProgrammeVersion // nil before the first publication
}

func (i *importing) run() error {
	if err := i.programme(); err != nil {
		return err
	}
	if len(i.problems) > 0 {
		return errRefused
	}
	if err := i.partners(); err != nil {
		return err
	}
	revisions, err := i.definitions()
	if err != nil {
		return err
	}
	settings, _, err := asJSON(&i.file.Spec.Programme)
	if err != nil {
		return err
	}
	if i.current != nil && slices.Equal(i.current.Revisions, revisions) && reflect.DeepEqual(i.current.Settings, settings) {
		return nil
	}
	return i.publish(settings, revisions)
}

// programme finds or makes the programme's row, and says what its past forbids.
func (i *importing) programme() error {
	p := &i.file.Spec.Programme
	row, err := i.client.Programme.Query().Where(entprogramme.Key(p.Key)).Only(i.ctx)
	if ent.IsNotFound(err) {
		row, err = i.client.Programme.Create().SetKey(p.Key).SetCurrency(p.Currency).SetCreatedAt(i.now).Save(i.ctx)
	}
	if err != nil {
		return err
	}
	i.row, i.report.Programme, i.report.Version = row, row.ID, row.Current
	if row.Currency != p.Currency {
		i.problem("programme.currency", "is %s since the programme began, and can never change: old figures would change their meaning", row.Currency)
	}
	if row.Current == 0 {
		return nil
	}
	if i.current, err = versionOf(i.ctx, i.client, row.ID, row.Current); err != nil {
		return err
	}
	first := i.current
	if row.Current > 1 {
		if first, err = versionOf(i.ctx, i.client, row.ID, 1); err != nil {
			return err
		}
	}
	if zone, _ := first.Settings["time_zone"].(string); zone != p.TimeZone {
		i.problem("programme.time_zone", "is %s since the programme began, and can never change: the days of the past would be others", zone)
	}
	if !first.EffectiveFrom.Equal(i.file.starts) {
		i.problem("programme.starts", "the programme began at %s, and that can never change", first.EffectiveFrom.Format(time.RFC3339))
	}
	return nil
}

func (i *importing) problem(path, format string, args ...any) {
	line, column := i.file.document.place(path)
	i.problems = append(i.problems, Problem{i.file.Name, line, column, path, fmt.Sprintf(format, args...)})
}

// partners makes the partners' rows what the file says.
func (i *importing) partners() error {
	rows, err := i.client.Partner.Query().Where(partner.ProgrammeID(i.row.ID)).Order(partner.ByKey()).All(i.ctx)
	if err != nil {
		return err
	}
	before := make(map[string]*ent.Partner, len(rows))
	for _, r := range rows {
		before[r.Key] = r
	}
	for _, p := range i.file.Spec.Partners {
		scopes := slices.Sorted(slices.Values(p.Scopes))
		row, change := before[p.Key], Unchanged
		delete(before, p.Key)
		switch {
		case row == nil:
			change = Created
			row, err = i.client.Partner.Create().SetProgrammeID(i.row.ID).SetKey(p.Key).SetName(p.Name).SetScopes(scopes).SetCreatedAt(i.now).Save(i.ctx)
		case row.Name != p.Name || !slices.Equal(row.Scopes, scopes):
			change = Changed
			_, err = i.client.Partner.Update().Where(partner.ID(row.ID)).SetName(p.Name).SetScopes(scopes).Save(i.ctx)
		}
		if err != nil {
			return err
		}
		i.report.Partners = append(i.report.Partners, PartnerReport{row.ID, p.Key, change})
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		row := before[key]
		if len(row.Scopes) == 0 {
			continue
		}
		if _, err := i.client.Partner.Update().Where(partner.ID(row.ID)).SetScopes([]string{}).Save(i.ctx); err != nil {
			return err
		}
		i.report.Partners = append(i.report.Partners, PartnerReport{row.ID, key, Retired})
	}
	return nil
}

// latest is a definition with the last of its revisions, without the body.
type latest struct {
	id       fact.ID
	revision *ent.Revision
}

func (i *importing) latest() (map[place]*latest, error) {
	rows, err := i.client.Definition.Query().Where(definition.ProgrammeID(i.row.ID)).All(i.ctx)
	if err != nil {
		return nil, err
	}
	revisions, err := i.client.Revision.Query().Where(revision.ProgrammeID(i.row.ID)).
		Select(revision.FieldID, revision.FieldDefinitionID, revision.FieldNumber, revision.FieldState, revision.FieldDigest).All(i.ctx)
	if err != nil {
		return nil, err
	}
	last := make(map[fact.ID]*ent.Revision, len(rows))
	for _, r := range revisions {
		if l := last[r.DefinitionID]; l == nil || r.Number > l.Number {
			last[r.DefinitionID] = r
		}
	}
	found := make(map[place]*latest, len(rows))
	for _, r := range rows {
		found[place{r.Kind, r.Key}] = &latest{r.ID, last[r.ID]}
	}
	return found, nil
}

// definitions writes what is new, retires what is gone, and answers with the revisions that the file stands for, in its order.
func (i *importing) definitions() ([]fact.ID, error) {
	before, err := i.latest()
	if err != nil {
		return nil, err
	}
	counts := make(map[definition.Kind]*Count, len(Kinds))
	for _, k := range Kinds {
		counts[definition.Kind(k)] = &Count{Kind: k}
	}
	var (
		inForce              []fact.ID
		newDefinitions       []*ent.DefinitionCreate
		newRevisions         []*ent.RevisionCreate
		newStocks            []*ent.StockCreate
		toPublish, toRetired []fact.ID
	)
	for _, d := range i.drafts {
		old, count, number := before[place{d.kind, d.key}], counts[d.kind], 1
		delete(before, place{d.kind, d.key})
		switch {
		case old == nil:
			count.Created++
			old = &latest{id: fact.NewID(kindOf[d.kind])}
			newDefinitions = append(newDefinitions,
				i.client.Definition.Create().SetID(old.id).SetProgrammeID(i.row.ID).SetKind(d.kind).SetKey(d.key).SetCreatedAt(i.now))
			if d.kind == definition.KindReward { // every reward has a row that counts its pieces, for the engine to lock
				newStocks = append(newStocks, i.client.Stock.Create().SetID(old.id.As(fact.KindStock)).SetProgrammeID(i.row.ID))
			}
		case old.revision.Digest == d.digest && old.revision.State == revision.StateRetired:
			count.Restored++
			toPublish = append(toPublish, old.revision.ID)
			inForce = append(inForce, old.revision.ID)
			continue
		case old.revision.Digest == d.digest:
			count.Unchanged++
			inForce = append(inForce, old.revision.ID)
			continue
		default:
			count.Changed++
			number = old.revision.Number + 1
			toRetired = append(toRetired, old.revision.ID)
		}
		id := fact.NewID(fact.KindRevision)
		inForce = append(inForce, id)
		newRevisions = append(newRevisions, i.client.Revision.Create().SetID(id).SetProgrammeID(i.row.ID).SetDefinitionID(old.id).SetNumber(number).
			SetState(revision.StatePublished).SetBody(d.body).SetDigest(d.digest).SetCreatedAt(i.now).SetCreatedBy(i.actor))
	}
	for at, gone := range before {
		if gone.revision.State != revision.StateRetired {
			counts[at.kind].Retired++
			toRetired = append(toRetired, gone.revision.ID)
		}
	}
	for _, k := range Kinds {
		i.report.Definitions = append(i.report.Definitions, *counts[definition.Kind(k)])
	}
	for some := range slices.Chunk(newDefinitions, most) {
		if err := i.client.Definition.CreateBulk(some...).Exec(i.ctx); err != nil {
			return nil, err
		}
	}
	for some := range slices.Chunk(newRevisions, most) {
		if err := i.client.Revision.CreateBulk(some...).Exec(i.ctx); err != nil {
			return nil, err
		}
	}
	for some := range slices.Chunk(newStocks, most) {
		if err := i.client.Stock.CreateBulk(some...).Exec(i.ctx); err != nil {
			return nil, err
		}
	}
	if err := i.move(toPublish, revision.StatePublished); err != nil {
		return nil, err
	}
	return inForce, i.move(toRetired, revision.StateRetired)
}

// move sets the state of revisions.
func (i *importing) move(ids []fact.ID, to revision.State) error {
	for some := range slices.Chunk(ids, most) {
		if err := i.client.Revision.Update().Where(revision.IDIn(some...)).SetState(to).Exec(i.ctx); err != nil {
			return err
		}
	}
	return nil
}

// publish writes the programme's next version and moves the programme to it.
func (i *importing) publish(settings map[string]any, revisions []fact.ID) error {
	number, from := i.row.Current+1, i.file.starts
	if i.current != nil {
		from = i.now
		if i.current.EffectiveFrom.After(from) {
			from = i.current.EffectiveFrom // the programme has not begun yet, or a clock went back
		}
	}
	moved, err := i.client.Programme.Update().Where(entprogramme.ID(i.row.ID), entprogramme.Current(i.row.Current)).SetCurrent(number).Save(i.ctx)
	switch {
	case err != nil:
		return err
	case moved == 0:
		return fmt.Errorf("%w: another import has published version %d", store.ErrRetry, number)
	}
	if err := i.client.ProgrammeVersion.Create().SetProgrammeID(i.row.ID).SetNumber(number).SetEffectiveFrom(from).SetPublishedAt(i.now).
		SetPublishedBy(i.actor).SetSettings(settings).SetRevisions(revisions).Exec(i.ctx); err != nil {
		return err
	}
	i.report.Version, i.report.Published = number, true
	return nil
}
