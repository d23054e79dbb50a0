package read

import (
	"context"
	"time"

	"granaio/ent"
	"granaio/ent/programmeversion"
	"granaio/graph/scalar"
	"granaio/loyalty/fact"
	"granaio/programme"
)

// ProgrammeVersionConnection is a part of a connection of versions.
type ProgrammeVersionConnection = Connection[*ProgrammeVersion]

// ProgrammeVersionEdge is one in it.
type ProgrammeVersionEdge = Edge[*ProgrammeVersion]

// ProgrammeVersion is what is in force from one instant to the next.
type ProgrammeVersion struct {
	ID   fact.ID
	row  *ent.ProgrammeVersion
	from *Reader
	note *Group[fact.ID, *Note]
}

// IsNode makes it one of GraphQL's nodes.
func (*ProgrammeVersion) IsNode() {}

// Number is the version's.
func (v *ProgrammeVersion) Number() int { return v.row.Number }

// From is when it comes into force.
func (v *ProgrammeVersion) From() time.Time { return v.row.EffectiveFrom }

// PublishedAt is when it was made.
func (v *ProgrammeVersion) PublishedAt() time.Time { return v.row.PublishedAt }

// PublishedBy is who made it.
func (v *ProgrammeVersion) PublishedBy() string { return v.row.PublishedBy }

// Cause is why it was made.
func (v *ProgrammeVersion) Cause() programmeversion.Cause { return v.row.Cause }

// Of is the number of the version that was rolled back to, cancelled or renewed.
func (v *ProgrammeVersion) Of() *int { return v.row.Of }

// State is what becomes of it.
func (v *ProgrammeVersion) State(ctx context.Context) (programme.VersionState, error) {
	t, err := v.from.Timeline(ctx)
	if err != nil {
		return "", err
	}
	return t.State(v.row.Number, v.from.Engine.Now()), nil
}

// Note is what its publisher wrote about it.
func (v *ProgrammeVersion) Note(ctx context.Context) (*Note, error) { return v.note.Get(ctx, v.ID) }

// Changed is what differs from the version before it.
func (v *ProgrammeVersion) Changed(ctx context.Context) ([]programme.Difference, error) {
	t, err := v.from.Timeline(ctx)
	if err != nil {
		return nil, err
	}
	return v.from.Library.Diff(ctx, v.from.ID, t.Before(v.row.Number), v.row.Number)
}

// Yaml is the programme as a file.
func (v *ProgrammeVersion) Yaml(ctx context.Context) (string, error) {
	text, err := v.from.Library.Export(ctx, v.from.ID, v.row.Number)
	return string(text), err
}

// VersionsOf are the versions of rows that were read already.
func (r *Reader) VersionsOf(rows []*ent.ProgrammeVersion) []*ProgrammeVersion {
	all, ids := make([]*ProgrammeVersion, len(rows)), make([]fact.ID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	notes := NewGroup(ids, r.loadNotes)
	for i, row := range rows {
		all[i] = &ProgrammeVersion{row.ID, row, r, notes}
	}
	return all
}

// Version is the version of a number, nil if there is none.
func (r *Reader) Version(ctx context.Context, number int) (*ProgrammeVersion, error) {
	rows, err := r.Ent.ProgrammeVersion.Query().Where(programmeversion.Number(number)).Limit(1).All(ctx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return r.VersionsOf(rows)[0], nil
}

// Versions are the versions of the ids, read in one statement when the first is asked for.
func (r *Reader) Versions(ids []fact.ID) *Group[fact.ID, *ProgrammeVersion] {
	return NewGroup(ids, func(ctx context.Context, ids []fact.ID) (map[fact.ID]*ProgrammeVersion, error) {
		rows, err := r.Ent.ProgrammeVersion.Query().Where(programmeversion.IDIn(ids...)).All(ctx)
		return byID(r.VersionsOf(rows), func(v *ProgrammeVersion) fact.ID { return v.ID }), err
	})
}

// numbered are the versions of numbers, read in one statement when the first is asked for.
func (r *Reader) numbered(numbers []int) *Group[int, *ProgrammeVersion] {
	return NewGroup(numbers, func(ctx context.Context, numbers []int) (map[int]*ProgrammeVersion, error) {
		rows, err := r.Ent.ProgrammeVersion.Query().Where(programmeversion.NumberIn(numbers...)).All(ctx)
		all := make(map[int]*ProgrammeVersion, len(rows))
		for _, v := range r.VersionsOf(rows) {
			all[v.row.Number] = v
		}
		return all, err
	})
}

// History is a page of the programme's versions, by number.
func (r *Reader) History(ctx context.Context, w Window) (*ProgrammeVersionConnection, error) {
	q := r.Ent.ProgrammeVersion.Query()
	all := q.Clone()
	q.Modify(w.narrow(order{column: programmeversion.FieldNumber}, 1, ""))
	rows, err := q.All(ctx)
	if err != nil {
		return nil, err
	}
	c := connect(w, r.VersionsOf(rows), func(v *ProgrammeVersion) scalar.Cursor {
		return scalar.Cursor{Value: int64(v.row.Number), ID: v.ID}
	})
	c.total = all.Count
	return c, nil
}

// Timeline is all the programme's versions by now: the same for the whole operation.
func (r *Reader) Timeline(ctx context.Context) (*programme.Timeline, error) {
	return r.timeline.get(func() (*programme.Timeline, error) { return r.Library.Latest(ctx, r.ID) })
}

// Standing is where the programme's definitions stand now: the same for the whole operation.
func (r *Reader) Standing(ctx context.Context) (*programme.Standing, error) {
	return r.standing.get(func() (*programme.Standing, error) { return r.Library.Standing(ctx, r.ID, r.Engine.Now()) })
}
