package read

import (
	"context"
	"slices"

	"entgo.io/ent/dialect/sql"

	"granaio/ent"
	"granaio/ent/change"
	"granaio/ent/definition"
	"granaio/ent/revision"
	"granaio/graph/scalar"
	"granaio/loyalty/fact"
	"granaio/programme"
)

// DefinitionConnection is a part of a connection of definitions.
type DefinitionConnection = Connection[*Definition]

// DefinitionEdge is one in it.
type DefinitionEdge = Edge[*Definition]

// Definition is a definition with its life.
type Definition struct {
	ID      fact.ID // that of its subject, with a kind of its own
	Subject fact.ID
	row     *ent.Definition
	with    *Definitions
}

// IsNode makes it one of GraphQL's nodes.
func (*Definition) IsNode() {}

// Kind is what it defines.
func (d *Definition) Kind() definition.Kind { return d.row.Kind }

// Key names it among those of its kind.
func (d *Definition) Key() string { return d.row.Key }

// State is where it is in its life.
func (d *Definition) State(ctx context.Context) (programme.State, error) {
	s, err := d.with.Standing(ctx)
	if err != nil {
		return "", err
	}
	return s.State(d.row), nil
}

// InForce is the revision that is in force, nil if none is.
func (d *Definition) InForce(ctx context.Context) (*Revision, error) {
	s, err := d.with.Standing(ctx)
	if err != nil {
		return nil, err
	}
	return d.with.current.Get(ctx, s.InForce(d.Subject))
}

// Draft is the revision that is being written, nil if none is.
func (d *Definition) Draft(ctx context.Context) (*Revision, error) {
	if d.row.DraftID == nil {
		return nil, nil
	}
	return d.with.current.Get(ctx, *d.row.DraftID)
}

// Next is the next version that is scheduled and changes it, nil if none is.
func (d *Definition) Next(ctx context.Context) (*ProgrammeVersion, error) {
	s, err := d.with.Standing(ctx)
	if err != nil || s.Next(d.Subject) == 0 {
		return nil, err
	}
	return d.with.Version(ctx, s.Next(d.Subject))
}

// Revisions is a page of its revisions, by number.
func (d *Definition) Revisions(ctx context.Context, w Window) (*RevisionConnection, error) {
	return d.with.revisions.of(ctx, d.Subject, w)
}

// Changes is a page of what became of it, by when.
func (d *Definition) Changes(ctx context.Context, w Window) (*ChangeConnection, error) {
	return d.with.changes.of(ctx, d.Subject, w)
}

// Definitions are those that were read together.
type Definitions struct {
	*Reader
	ids       []fact.ID
	current   *Group[fact.ID, *Revision] // in force, or drafts
	revisions *pages[*Revision]
	changes   *pages[*Change]
}

// DefinitionsOf are the definitions of rows that were read already.
func (r *Reader) DefinitionsOf(rows []*ent.Definition) []*Definition {
	with := &Definitions{Reader: r, ids: make([]fact.ID, len(rows))}
	all := make([]*Definition, len(rows))
	var drafts []fact.ID
	for i, row := range rows {
		with.ids[i] = row.ID
		all[i] = &Definition{row.ID.As(fact.KindDefinition), row.ID, row, with}
		if row.DraftID != nil {
			drafts = append(drafts, *row.DraftID)
		}
	}
	with.current = NewGroup(with.ids, func(ctx context.Context, _ []fact.ID) (map[fact.ID]*Revision, error) {
		s, err := r.Standing(ctx)
		if err != nil {
			return nil, err
		}
		wanted := drafts
		for _, id := range with.ids {
			if now := s.InForce(id); !now.IsZero() {
				wanted = append(wanted, now)
			}
		}
		return r.loadRevisions(ctx, wanted)
	})
	with.revisions, with.changes = with.revisionPages(), with.changePages()
	return all
}

// Definitions are the definitions of ids, each by its own id or its subject's, read in one statement when the first is asked for.
func (r *Reader) Definitions(ids []fact.ID) *Group[fact.ID, *Definition] {
	return NewGroup(ids, func(ctx context.Context, ids []fact.ID) (map[fact.ID]*Definition, error) {
		var wanted []fact.ID
		for _, id := range ids {
			wanted = append(wanted, programme.Aliases(id)...)
		}
		rows, err := r.Ent.Definition.Query().Where(definition.IDIn(wanted...)).All(ctx)
		all := make(map[fact.ID]*Definition, 2*len(rows))
		for _, d := range r.DefinitionsOf(rows) {
			all[d.ID], all[d.Subject] = d, d
		}
		return all, err
	})
}

// DefinitionNamed is the definition of a kind and key, nil if there is none. Of the settings the key is not looked at.
func (r *Reader) DefinitionNamed(ctx context.Context, kind definition.Kind, key string) (*Definition, error) {
	if kind == definition.KindSettings {
		key = programme.SettingsKey
	}
	row, err := r.Ent.Definition.Query().Where(definition.KindEQ(kind), definition.Key(key)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return r.DefinitionsOf([]*ent.Definition{row})[0], nil
}

// DefinitionFilter narrows which definitions are read: each field that is given must hold.
type DefinitionFilter struct {
	Kinds   []definition.Kind
	States  []programme.State
	Drafted *bool
}

// Catalogue is a page of the programme's definitions, by kind and key. A programme has some thousands at most, so their names are read as a whole.
func (r *Reader) Catalogue(ctx context.Context, w Window, f DefinitionFilter) (*DefinitionConnection, error) {
	rows, err := r.Ent.Definition.Query().All(ctx)
	if err != nil {
		return nil, err
	}
	standing, err := r.Standing(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, programme.Order)
	lets := func(d *ent.Definition) bool {
		return (f.Kinds == nil || slices.Contains(f.Kinds, d.Kind)) && (f.States == nil || slices.Contains(f.States, standing.State(d))) &&
			(f.Drafted == nil || *f.Drafted == (d.DraftID != nil))
	}
	c, shown := list(w, rows, lets, func(d *ent.Definition) fact.ID { return d.ID.As(fact.KindDefinition) })
	edges := make([]DefinitionEdge, len(shown))
	for i, d := range r.DefinitionsOf(shown) {
		edges[i] = DefinitionEdge{d, c.Edges[i].Cursor}
	}
	return &DefinitionConnection{Edges: edges, PageInfo: c.PageInfo, total: c.total}, nil
}

func (d *Definitions) changePages() *pages[*Change] {
	return &pages[*Change]{
		owners: d.ids, order: order{change.FieldCreatedAt, true}, column: change.FieldDefinitionID,
		owner:  func(c *Change) fact.ID { return *c.row.DefinitionID },
		cursor: cursorOfChange,
		rows: func(ctx context.Context, owners []fact.ID, narrow func(*sql.Selector)) ([]*Change, error) {
			q := d.Ent.Change.Query().Where(change.DefinitionIDIn(owners...))
			q.Modify(narrow)
			rows, err := q.All(ctx)
			return d.ChangesOf(rows), err
		},
		count: func(ctx context.Context, owners []fact.ID) (map[fact.ID]int, error) {
			var rows []defined
			err := d.Ent.Change.Query().Where(change.DefinitionIDIn(owners...)).GroupBy(change.FieldDefinitionID).Aggregate(ent.Count()).Scan(ctx, &rows)
			return perDefinition(rows), err
		},
	}
}

func (d *Definitions) revisionPages() *pages[*Revision] {
	return &pages[*Revision]{
		owners: d.ids, order: order{column: revision.FieldNumber}, column: revision.FieldDefinitionID,
		owner:  func(r *Revision) fact.ID { return r.row.DefinitionID },
		cursor: func(r *Revision) scalar.Cursor { return scalar.Cursor{Value: int64(r.row.Number), ID: r.ID} },
		rows: func(ctx context.Context, owners []fact.ID, narrow func(*sql.Selector)) ([]*Revision, error) {
			q := d.Ent.Revision.Query().Where(revision.DefinitionIDIn(owners...))
			q.Modify(narrow)
			rows, err := q.All(ctx)
			return d.RevisionsOf(rows), err
		},
		count: func(ctx context.Context, owners []fact.ID) (map[fact.ID]int, error) {
			var rows []defined
			err := d.Ent.Revision.Query().Where(revision.DefinitionIDIn(owners...)).GroupBy(revision.FieldDefinitionID).Aggregate(ent.Count()).Scan(ctx, &rows)
			return perDefinition(rows), err
		},
	}
}

// defined is a row of a count by definition.
type defined struct {
	DefinitionID fact.ID `sql:"definition_id"`
	Count        int     `sql:"count"`
}

func perDefinition(rows []defined) map[fact.ID]int {
	all := make(map[fact.ID]int, len(rows))
	for _, r := range rows {
		all[r.DefinitionID] = r.Count
	}
	return all
}
