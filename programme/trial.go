package programme

import (
	"context"
	"fmt"
	"slices"
	"time"

	"granaio/auth"
	"granaio/ent"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/store"
)

// Candidate is what a programme could be: a version that there was, a file, or drafts as they were (Freeze); without any, all drafts as they are saved, with all that is scheduled.
type Candidate struct {
	Version int
	File    *File
	Frozen  *Frozen
}

// Frozen is the drafts of a programme as they were at an instant, with all that was scheduled then, whatever becomes of them.
type Frozen struct {
	Base   int       `json:"base"`             // the number of the version that was to be in force last
	Drafts []fact.ID `json:"drafts,omitempty"` // the revisions that the drafts had
}

// Freeze takes note of the drafts as they are saved. The programme has published something.
func Freeze(ctx context.Context, s *store.Store, id fact.ID) (*Frozen, error) {
	ctx = auth.System(ctx, id)
	x := newEditing(ctx, s.Ent(), "simulation", time.Time{})
	var err error
	if x.row, err = x.client.Programme.Get(ctx, id); err == nil {
		err = x.read()
	}
	if err == nil && len(x.versions) == 0 {
		err = fmt.Errorf("it has published nothing yet")
	}
	f := &Frozen{}
	if err == nil {
		f.Base = x.last() + 1
		f.Drafts, err = x.revisions()
	}
	if err != nil {
		return nil, fmt.Errorf("programme: %s: %w", id, err)
	}
	return f, nil
}

// Trial compiles a candidate as if it had been published at an instant, in the place of the version that was in force then. Definitions keep their identity by kind and key;
// nothing is written. What is wrong with it is told as Import and Publish would; the programme is nil then.
func Trial(ctx context.Context, s *store.Store, id fact.ID, c Candidate, from time.Time) (*loyalty.Programme, []Problem, error) {
	ctx = auth.System(ctx, id)
	x := newEditing(ctx, s.Ent(), "simulation", from)
	var err error
	if x.row, err = x.client.Programme.Get(ctx, id); err == nil {
		err = x.read()
	}
	if err == nil && len(x.versions) == 0 {
		err = fmt.Errorf("it has published nothing yet")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("programme: %s: %w", id, err)
	}
	t := &trial{editing: x, from: from, number: x.versions[x.inForce(from)].Number}
	p, err := t.compile(c)
	if len(x.outcome.Problems) > 0 {
		return nil, sorted(x.outcome.Problems), nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("programme: %s: %w", id, err)
	}
	return p, nil, nil
}

// trial is one attempt.
type trial struct {
	*editing
	from   time.Time
	number int // of the version in force then
}

func (t *trial) compile(c Candidate) (*loyalty.Programme, error) {
	var spec *loyalty.Spec
	var refs loyalty.Refs
	var err error
	number := t.number
	switch {
	case c.File != nil:
		number++
		spec, refs, err = t.file(c.File)
	case c.Version > 0:
		if c.Version > len(t.versions) {
			t.problem(nil, "", fmt.Sprintf("there is no version %d: the last is %d", c.Version, len(t.versions)), 0, 0)
			return nil, errRefused
		}
		if c.Version != t.number {
			number++
		}
		spec, refs, err = versionSpec(t.ctx, t.client, t.row.ID, c.Version)
	default:
		number++
		spec, refs, err = t.drafts(c.Frozen)
	}
	if err != nil {
		return nil, err
	}
	p, problems := loyalty.Compile(spec, loyalty.Identity{Programme: t.row.ID, Number: number, From: t.from, Secret: t.row.Secret}, refs)
	if len(problems) > 0 {
		return nil, fmt.Errorf("it does not compile: %s", problems[0])
	}
	return p, nil
}

// drafts are all drafts, as they are or as they were, judged as they would be if they were published.
func (t *trial) drafts(f *Frozen) (*loyalty.Spec, loyalty.Refs, error) {
	if f == nil {
		ids, err := t.revisions()
		if err != nil {
			return nil, nil, err
		}
		f = &Frozen{Base: t.last() + 1, Drafts: ids}
	}
	before, err := t.content(f.Base - 1)
	if err != nil {
		return nil, nil, err
	}
	next, err := t.revised(before, f.Drafts)
	if err == nil {
		_, err = t.judge(before, next)
	}
	if err != nil {
		return nil, nil, err
	}
	return next.spec()
}

// file is a file's programme, judged as if it were imported, and the names that its definitions have or would get.
func (t *trial) file(f *File) (*loyalty.Spec, loyalty.Refs, error) {
	i := &importing{editing: t.editing, file: f, report: &Report{}}
	before, err := t.content(t.last())
	if err != nil {
		return nil, nil, err
	}
	for _, b := range i.bans(&f.Spec.Programme, f.starts, before) {
		i.wrong("programme."+b.path, "%s", b.message)
	}
	if len(i.outcome.Problems) > 0 {
		return nil, nil, errRefused
	}
	known, err := i.histories()
	if err != nil {
		return nil, nil, err
	}
	all, err := drafts(f.Spec)
	if err != nil {
		return nil, nil, err
	}
	next, were := make(content, 0, len(all)), before.index()
	for _, d := range all {
		k, h := kindOf(d.kind), known[d.place]
		if h == nil {
			h = &history{id: fact.NewID(k.id)}
		}
		x := entry{place: d.place, definition: h.id, revision: &ent.Revision{ID: fact.NewID(fact.KindRevision), Number: 1, Body: d.body, Digest: d.digest}}
		if keys := f.Spec.Paused.Of(k.id); keys != nil {
			x.paused = slices.Contains(*keys, d.key)
		}
		h.revise(&x, were[h.id])
		next = append(next, x)
	}
	next.arrange()
	return next.spec()
}
