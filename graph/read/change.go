package read

import (
	"context"
	"time"

	"granaio/ent"
	"granaio/ent/change"
	"granaio/ent/partner"
	"granaio/ent/predicate"
	"granaio/graph/scalar"
	"granaio/loyalty/fact"
)

// ChangeConnection is a part of a connection of changes.
type ChangeConnection = Connection[*Change]

// ChangeEdge is one in it.
type ChangeEdge = Edge[*Change]

// Change is that somebody changed something of the programme.
type Change struct {
	ID   fact.ID
	row  *ent.Change
	with *Changes
}

// IsNode makes it one of GraphQL's nodes.
func (*Change) IsNode() {}

// At is when.
func (c *Change) At() time.Time { return c.row.CreatedAt }

// By is who.
func (c *Change) By() string { return c.row.Caller }

// Action is what.
func (c *Change) Action() change.Action { return c.row.Action }

// Definition is the one that was changed, nil if none was.
func (c *Change) Definition(ctx context.Context) (*Definition, error) {
	return optional(ctx, c.with.definitions, c.row.DefinitionID)
}

// Partner is the one that was changed, nil if none was.
func (c *Change) Partner(ctx context.Context) (*ent.Partner, error) {
	return optional(ctx, c.with.partners, c.row.PartnerID)
}

// Before is the revision before, nil if there was none.
func (c *Change) Before(ctx context.Context) (*Revision, error) {
	return optional(ctx, c.with.revisions, c.row.BeforeID)
}

// After is the revision after, nil if there is none.
func (c *Change) After(ctx context.Context) (*Revision, error) {
	return optional(ctx, c.with.revisions, c.row.AfterID)
}

// Version is the one that it made, nil if it made none.
func (c *Change) Version(ctx context.Context) (*ProgrammeVersion, error) {
	return optional(ctx, c.with.versions, c.row.Version)
}

// optional is what a key that may be missing names.
func optional[K comparable, V any](ctx context.Context, g *Group[K, V], key *K) (none V, _ error) {
	if key == nil {
		return none, nil
	}
	return g.Get(ctx, *key)
}

// Changes are those that were read together.
type Changes struct {
	definitions *Group[fact.ID, *Definition]
	revisions   *Group[fact.ID, *Revision]
	versions    *Group[int, *ProgrammeVersion]
	partners    *Group[fact.ID, *ent.Partner]
}

// ChangesOf are the changes of rows that were read already.
func (r *Reader) ChangesOf(rows []*ent.Change) []*Change {
	definitions, revisions, versions, partners := set[fact.ID]{}, set[fact.ID]{}, set[int]{}, set[fact.ID]{}
	all, with := make([]*Change, len(rows)), new(Changes)
	for i, row := range rows {
		all[i] = &Change{row.ID, row, with}
		definitions.add(row.DefinitionID)
		revisions.add(row.BeforeID)
		revisions.add(row.AfterID)
		versions.add(row.Version)
		partners.add(row.PartnerID)
	}
	with.definitions, with.revisions, with.versions = r.Definitions(definitions.list()), r.Revisions(revisions.list()), r.numbered(versions.list())
	with.partners = NewGroup(partners.list(), func(ctx context.Context, ids []fact.ID) (map[fact.ID]*ent.Partner, error) {
		rows, err := r.Ent.Partner.Query().Where(partner.IDIn(ids...)).All(ctx)
		return byID(rows, func(p *ent.Partner) fact.ID { return p.ID }), err
	})
	return all
}

// set is keys, each once.
type set[K comparable] map[K]bool

func (s set[K]) add(key *K) {
	if key != nil {
		s[*key] = true
	}
}

func (s set[K]) list() []K {
	all := make([]K, 0, len(s))
	for key := range s {
		all = append(all, key)
	}
	return all
}

// ChangesByID are the changes of the ids, read in one statement when the first is asked for.
func (r *Reader) ChangesByID(ids []fact.ID) *Group[fact.ID, *Change] {
	return NewGroup(ids, func(ctx context.Context, ids []fact.ID) (map[fact.ID]*Change, error) {
		rows, err := r.Ent.Change.Query().Where(change.IDIn(ids...)).All(ctx)
		return byID(r.ChangesOf(rows), func(c *Change) fact.ID { return c.ID }), err
	})
}

func cursorOfChange(c *Change) scalar.Cursor {
	return scalar.Cursor{Value: c.row.CreatedAt.UnixMicro(), ID: c.ID}
}

// ChangeFilter narrows which changes are read: each field that is given must hold.
type ChangeFilter struct {
	Actions      []change.Action // nil for any
	By           string          // empty for any
	From, Before time.Time       // zero for open
}

func (f ChangeFilter) predicates() []predicate.Change {
	var all []predicate.Change
	if f.Actions != nil {
		all = append(all, change.ActionIn(f.Actions...))
	}
	if f.By != "" {
		all = append(all, change.Caller(f.By))
	}
	if !f.From.IsZero() {
		all = append(all, change.CreatedAtGTE(f.From))
	}
	if !f.Before.IsZero() {
		all = append(all, change.CreatedAtLT(f.Before))
	}
	return all
}

// Audit is a page of what was changed in the programme, by when.
func (r *Reader) Audit(ctx context.Context, w Window, f ChangeFilter) (*ChangeConnection, error) {
	if err := checkTexts("filter.by", f.By); err != nil {
		return nil, err
	}
	q := r.Ent.Change.Query().Where(f.predicates()...)
	all := q.Clone()
	q.Modify(w.narrow(order{change.FieldCreatedAt, true}, 1, ""))
	rows, err := q.All(ctx)
	if err != nil {
		return nil, err
	}
	c := connect(w, r.ChangesOf(rows), cursorOfChange)
	c.total = all.Count
	return c, nil
}
