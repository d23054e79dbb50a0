package engine

import (
	"context"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// Register makes a member that is known already, an anonymous visitor or a prospect, a registered one.
type Register struct {
	Origin
	Member     Ref
	Touchpoint string
	Occurred   time.Time // zero for now
	Locale     string    // empty to leave it
}

func registerJob(r *Register, now time.Time) (*job, *fact.Refusal) {
	j, refusal := newJob(opRegister, r.Origin, now)
	if refusal != nil {
		return nil, refusal
	}
	ref, refusal := normaliseRef(r.Member, "member")
	if refusal != nil {
		return nil, refusal
	}
	if !r.Occurred.IsZero() {
		r.Occurred = fact.Instant(r.Occurred)
	}
	j.register, j.refs = r, []Ref{ref}
	return j, j.seal(struct {
		Ref                Ref
		Touchpoint, Locale string
		Occurred           time.Time
	}{ref, r.Touchpoint, r.Locale, r.Occurred})
}

func (r *Register) job(now time.Time) (*job, *fact.Refusal) { return registerJob(r, now) }

// Register makes a member a registered one.
func (e *Engine) Register(ctx context.Context, r Register) (*Outcome, error) {
	j, refusal := registerJob(&r, e.Now())
	return e.do(ctx, j, refusal)
}

func (b *batch) decideRegister(ctx context.Context, timeline Timeline, j *job) (decision, error) {
	p := b.byRef[refKey{j.origin.Programme, j.refs[0]}]
	if p == nil {
		return decision{refusal: errUnknownMember}, nil
	}
	r := loyalty.Registration{
		Interaction: j.command.As(fact.KindInteraction), Touchpoint: j.register.Touchpoint, Occurred: b.occurred(j, j.register.Occurred), Received: j.received,
		Locale: j.register.Locale,
	}
	programme, refusal, err := b.at(ctx, timeline, r.Occurred, r.Received)
	if err != nil || refusal != nil {
		return decision{refusal: refusal}, err
	}
	state, fallen, err := b.present(ctx, timeline, p)
	if err != nil {
		return decision{}, err
	}
	d := decision{person: p, programme: programme, interaction: &fact.Interaction{
		ID: r.Interaction, Event: loyalty.EventEnrolled, Touchpoint: r.Touchpoint, Occurred: r.Occurred, Received: r.Received,
	}}
	d.effects, d.refusal, err = loyalty.Register(programme, state, r, b.now)
	d.effects.Before(fallen)
	return d, err
}

var errUnknownMember = fact.Refuse(fact.CodeUnknownMember, "member", "there is no such member")

// stranger is an anonymous member to be, whose device nobody knew until now; nil unless the programme welcomes such.
func (b *batch) stranger(ctx context.Context, timeline Timeline, j *job) (*person, error) {
	if j.refs[0].Identity.Kind != fact.Device {
		return nil, nil
	}
	current, err := timeline.Current(ctx, b.now)
	if err != nil || !current.Welcomes() {
		return nil, err
	}
	p := newPerson(j.origin.Programme, loyalty.Stranger(j.command, b.occurred(j, j.track.Occurred)))
	p.isNew, p.allLots = true, true
	return p, nil
}

// meet makes a decision's new person one of the batch's, if the decision was to take it.
func (b *batch) meet(j *job, d *decision, err error) {
	if err != nil || d.refusal != nil {
		d.person = nil
		return
	}
	id := d.effects.State.Member.ID
	b.persons[id] = d.person
	b.byRef[refKey{j.origin.Programme, Ref{ID: id}}] = d.person
	for _, ref := range j.refs {
		b.byRef[refKey{j.origin.Programme, ref}] = d.person
		d.added = append(d.added, ref.Identity)
	}
}
