package engine

import (
	"context"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

var errUnknownHold = fact.Refuse(fact.CodeUnknownHold, "hold", "there is no such hold")

// fields are the input's, that name the members of an operation on so many.
var fields = [...][]string{1: {"member"}, 2: {"from", "to"}}

func operateJob(o *Operate, now time.Time) (*job, *fact.Refusal) {
	j, refusal := newJob(operation(o.Operation.Name()), o.Origin, now)
	if refusal != nil {
		return nil, refusal
	}
	for i, r := range o.Members {
		ref, refusal := normaliseRef(r, fields[len(o.Members)][i])
		if refusal != nil {
			return nil, refusal
		}
		j.refs = append(j.refs, ref)
	}
	j.operate, j.note = o, o.Operation.Note()
	return j, j.seal(struct {
		Refs      []Ref
		Operation loyalty.Operation
	}{j.refs, o.Operation})
}

// takes tells whether a request touches points that the first of its members has.
func (j *job) takes() bool {
	return j.op == opRedeem || j.op == opErase || j.undoes() || j.operate != nil && j.operate.Operation.Takes()
}

func (b *batch) decideOperate(ctx context.Context, timeline Timeline, j *job) (decision, error) {
	persons := make([]*person, len(j.refs))
	states := make([]*loyalty.State, len(j.refs))
	for i, r := range j.refs {
		p := b.byRef[refKey{j.origin.Programme, r}]
		switch {
		case p == nil && !r.Hold.IsZero():
			return decision{refusal: errUnknownHold}, nil
		case p == nil:
			return decision{refusal: fact.Refuse(fact.CodeUnknownMember, fields[len(j.refs)][i], "there is no such member")}, nil
		}
		persons[i], states[i] = p, p.input(b)
	}
	programme, err := timeline.Current(ctx, b.now)
	if err != nil {
		return decision{}, err
	}
	d := decision{person: persons[0], programme: programme}
	effects, refusal, err := loyalty.Operate(d.programme, b.rehang(j.operate.Operation), j.command, b.now, states...)
	if err != nil || refusal != nil {
		d.refusal = refusal
		return d, err
	}
	d.effects = effects[0]
	for i, p := range persons[1:] {
		d.others = append(d.others, share{p, effects[i+1]})
	}
	return d, nil
}

// storeNote keeps what the caller wrote about the request, and who it is, where erasure can remove both.
func (b *batch) storeNote(j *job, member fact.ID, always bool) {
	if j.note == "" && !always {
		return
	}
	b.saved.notes.add(j.command, j.origin.Programme, member, j.origin.Caller, j.note, b.now)
}
