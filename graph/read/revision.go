package read

import (
	"context"
	"time"

	"granaio/ent"
	"granaio/ent/revision"
	"granaio/graph/scalar"
	"granaio/loyalty/fact"
	"granaio/programme"
)

// RevisionConnection is a part of a connection of revisions.
type RevisionConnection = Connection[*Revision]

// RevisionEdge is one in it.
type RevisionEdge = Edge[*Revision]

// Revision is one immutable version of a definition.
type Revision struct {
	ID   fact.ID
	row  *ent.Revision
	with *Group[fact.ID, *Definition]
}

// IsNode makes it one of GraphQL's nodes.
func (*Revision) IsNode() {}

// Number is the revision's within its definition.
func (r *Revision) Number() int { return r.row.Number }

// Definition is the one it is of.
func (r *Revision) Definition(ctx context.Context) (*Definition, error) {
	return r.with.Get(ctx, r.row.DefinitionID)
}

// Spec is the definition as data.
func (r *Revision) Spec() scalar.Object { return scalar.Object{Values: r.row.Body} }

// Yaml is the same as a text.
func (r *Revision) Yaml(ctx context.Context) (string, error) {
	d, err := r.Definition(ctx)
	if err != nil {
		return "", err
	}
	return programme.Written(d.Kind(), r.row.Body)
}

// CreatedAt is when it was written.
func (r *Revision) CreatedAt() time.Time { return r.row.CreatedAt }

// CreatedBy is who wrote it.
func (r *Revision) CreatedBy() string { return r.row.CreatedBy }

// RevisionsOf are the revisions of rows that were read already.
func (r *Reader) RevisionsOf(rows []*ent.Revision) []*Revision {
	all, owners := make([]*Revision, len(rows)), make([]fact.ID, len(rows))
	for i, row := range rows {
		owners[i] = row.DefinitionID
	}
	with := r.Definitions(owners)
	for i, row := range rows {
		all[i] = &Revision{row.ID, row, with}
	}
	return all
}

// Revisions are the revisions of the ids, read in one statement when the first is asked for.
func (r *Reader) Revisions(ids []fact.ID) *Group[fact.ID, *Revision] {
	return NewGroup(ids, r.loadRevisions)
}

func (r *Reader) loadRevisions(ctx context.Context, ids []fact.ID) (map[fact.ID]*Revision, error) {
	rows, err := r.Ent.Revision.Query().Where(revision.IDIn(ids...)).All(ctx)
	return byID(r.RevisionsOf(rows), func(r *Revision) fact.ID { return r.ID }), err
}
