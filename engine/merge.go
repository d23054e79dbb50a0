package engine

import (
	"context"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// Merge makes one member of two: what the first has and did is the second's from then on.
type Merge struct {
	Origin
	From   Ref // who is absorbed
	Into   Ref
	Reason string // 1 to loyalty.MaxReason bytes
}

var mergeFields = []string{"from", "into"}

func mergeJob(m *Merge, now time.Time) (*job, *fact.Refusal) {
	j, refusal := newJob(opMerge, m.Origin, now)
	if refusal != nil {
		return nil, refusal
	}
	for i, r := range []Ref{m.From, m.Into} {
		ref, refusal := normaliseRef(r, mergeFields[i])
		if refusal != nil {
			return nil, refusal
		}
		j.refs = append(j.refs, ref)
	}
	if refusal := loyalty.CheckReason(m.Reason); refusal != nil {
		return nil, refusal
	}
	j.note = m.Reason
	return j, j.seal(struct {
		Refs   []Ref
		Reason string
	}{j.refs, m.Reason})
}

func (m *Merge) job(now time.Time) (*job, *fact.Refusal) { return mergeJob(m, now) }

// Merge makes one member of two.
func (e *Engine) Merge(ctx context.Context, m Merge) (*Outcome, error) {
	j, refusal := mergeJob(&m, e.Now())
	return e.do(ctx, j, refusal)
}

func (b *batch) decideMerge(ctx context.Context, timeline Timeline, j *job) (decision, error) {
	var both [2]*person
	for i, r := range j.refs {
		p := b.byRef[refKey{j.origin.Programme, r}]
		if refusal := alive(p, mergeFields[i]); refusal != nil {
			return decision{refusal: refusal}, nil
		}
		both[i] = p
	}
	from, into := both[0], both[1]
	d := decision{person: into}
	switch {
	case !j.refs[0].ID.IsZero() && j.refs[0].ID != from.state.Member.ID:
		return decision{refusal: fact.Refuse(fact.CodeAlreadyMerged, "from", "the member was merged into another before")}, nil
	case from == into:
		return decision{refusal: fact.Refuse(fact.CodeSameMember, "into", "both are one member")}, nil
	}
	for i, p := range both {
		if p.state.Member.Status == loyalty.Suspended {
			d.refusal = fact.Refuse(fact.CodeMemberSuspended, mergeFields[i], "the member is suspended: reinstate it first")
			return d, nil
		}
	}
	if b.ownedBy(both[:]) > MaxOwn {
		d.refusal = fact.Refuse(fact.CodeTooMany, "from", "a member has at most %d identities", MaxOwn)
		return d, nil
	}
	var err error
	if d.programme, err = timeline.Current(ctx, b.now); err != nil {
		return decision{}, err
	}
	err = b.merge(&d, j, []*person{from})
	return d, err
}

// merge has the decision's person absorb others.
func (b *batch) merge(d *decision, j *job, others []*person) error {
	states := []*loyalty.State{d.person.input(b)}
	for _, p := range others {
		states = append(states, p.input(b))
	}
	all, refusal, err := loyalty.Merge(d.programme, j.command, b.now, states...)
	if err != nil || refusal != nil {
		d.refusal = refusal
		return err
	}
	d.effects = all[0]
	for i, p := range others {
		d.others = append(d.others, share{p, all[i+1]})
		d.taken = append(d.taken, b.owned[p.state.Member.ID]...)
		for _, id := range p.state.Doc.Absorbed {
			b.saved.redirects.add(id, d.person.state.Member.ID, p.state.Member.ID)
		}
	}
	return nil
}

// MergePreview is what would follow from a merge. Nothing of it is stored.
type MergePreview struct {
	// Refusal, if it would be refused; everything below is then empty.
	Refusal    *fact.Refusal
	Programme  *loyalty.Programme
	Now        time.Time
	From, Into *loyalty.State     // as they are
	Before     [2]ledger.Balances // of both, what is due counted in
	Merged     *loyalty.State
	Effects    *loyalty.Effects
	Identities []MergedIdentity
	Conflicts  []loyalty.Conflict
	Excesses   []loyalty.Excess
}

// MergedIdentity is an identity that the merged member would have.
type MergedIdentity struct {
	ID fact.ID
	Identity
}

// PreviewMerge tells what would follow from a merge if it were asked for now: it is decided in the same way, on one view of the database, and then let be. Its key and its reason
// count for nothing.
func (e *Engine) PreviewMerge(ctx context.Context, m Merge) (*MergePreview, error) {
	m.Key, m.Reason = "preview", "preview"
	j, refusal := mergeJob(&m, e.Now())
	if refusal != nil {
		return &MergePreview{Refusal: refusal}, nil
	}
	var x *MergePreview
	err := e.rehearse(ctx, j, func(b *batch, timeline Timeline) (err error) {
		x, err = b.previewMerge(ctx, timeline, j)
		return err
	})
	return x, err
}

func (b *batch) previewMerge(ctx context.Context, timeline Timeline, j *job) (*MergePreview, error) {
	d, err := b.decideMerge(ctx, timeline, j)
	if err != nil || d.refusal != nil {
		return &MergePreview{Refusal: d.refusal}, err
	}
	from, into := d.others[0].person.state, d.person.state
	x := &MergePreview{
		Programme: d.programme, Now: b.now, From: from, Into: into, Merged: d.effects.State, Effects: d.effects,
		Conflicts: d.programme.Conflicts(&into.Doc, &from.Doc), Excesses: d.programme.Excesses(&into.Doc, &from.Doc),
	}
	for i, s := range []*loyalty.State{from, into} {
		x.Before[i] = ledger.AsOf(d.programme.Account(s), s.Lots, b.now, s.Holds...)
		for _, o := range b.owned[s.Member.ID] {
			x.Identities = append(x.Identities, MergedIdentity{o.id, o.Identity})
		}
	}
	return x, nil
}

// hold is the hold that an id stands for: itself, or the one that a merge set aside in its stead.
func (b *batch) hold(id fact.ID) fact.ID {
	if to, ok := b.rehung[id]; ok {
		return to
	}
	return id
}

// rehang is an operation on the hold that the one it names stands for.
func (b *batch) rehang(op loyalty.Operation) loyalty.Operation {
	switch o := op.(type) {
	case loyalty.Capture:
		o.Hold = b.hold(o.Hold)
		return o
	case loyalty.Release:
		o.Hold = b.hold(o.Hold)
		return o
	}
	return op
}
