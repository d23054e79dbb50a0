package engine

import (
	"context"
	"time"

	"granaio/dossier"
	"granaio/loyalty"
	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
)

// about makes the job of a request that names one member.
func about(op operation, origin Origin, member Ref, now time.Time) (*job, *fact.Refusal) {
	j, refusal := newJob(op, origin, now)
	if refusal != nil {
		return nil, refusal
	}
	ref, refusal := normaliseRef(member, "member")
	if refusal != nil {
		return nil, refusal
	}
	j.refs = []Ref{ref}
	return j, nil
}

func consentJob(c *Consent, now time.Time) (*job, *fact.Refusal) {
	j, refusal := about(opConsent, c.Origin, c.Member, now)
	if refusal != nil {
		return nil, refusal
	}
	if len(c.Choices) > loyalty.MaxChoices {
		return nil, fact.Refuse(fact.CodeTooMany, "decisions", "at most %d decisions are taken together", loyalty.MaxChoices)
	}
	if !c.Occurred.IsZero() {
		c.Occurred = fact.Instant(c.Occurred)
	}
	j.consent = c
	return j, j.seal(struct {
		Ref        Ref
		Touchpoint string
		Occurred   time.Time
		Choices    []loyalty.Choice
	}{j.refs[0], c.Touchpoint, c.Occurred, c.Choices})
}

func preferJob(p *Prefer, now time.Time) (*job, *fact.Refusal) {
	j, refusal := about(opPrefer, p.Origin, p.Member, now)
	if refusal != nil {
		return nil, refusal
	}
	j.prefer = p
	return j, j.seal(struct {
		Ref         Ref
		Preferences consent.Preferences
	}{j.refs[0], p.Preferences})
}

func eraseJob(x *Erase, now time.Time) (*job, *fact.Refusal) {
	j, refusal := about(opErase, x.Origin, x.Member, now)
	if refusal != nil {
		return nil, refusal
	}
	j.erase = x
	return j, j.seal(struct{ Ref Ref }{j.refs[0]})
}

// only is the one member that a request is about, or the refusal if there is none.
func (b *batch) only(j *job) (*person, *fact.Refusal) {
	p := b.byRef[refKey{j.origin.Programme, j.refs[0]}]
	if p == nil {
		return nil, fact.Refuse(fact.CodeUnknownMember, "member", "there is no such member")
	}
	return p, nil
}

func (b *batch) decideConsent(ctx context.Context, timeline Timeline, j *job) (decision, error) {
	p, refusal := b.only(j)
	if refusal != nil {
		return decision{refusal: refusal}, nil
	}
	c := loyalty.Consenting{
		Interaction: j.command.As(fact.KindInteraction), Touchpoint: j.consent.Touchpoint, Occurred: b.occurred(j, j.consent.Occurred), Received: j.received,
		Choices: j.consent.Choices,
	}
	programme, refusal, err := b.at(ctx, timeline, c.Occurred, c.Received)
	if err != nil || refusal != nil {
		return decision{refusal: refusal}, err
	}
	state, fallen, err := b.present(ctx, timeline, p)
	if err != nil {
		return decision{}, err
	}
	i, effects, refusal, err := loyalty.Consent(programme, state, c, b.now)
	effects.Before(fallen)
	return decision{person: p, programme: programme, interaction: &i, effects: effects, refusal: refusal}, err
}

// storeConsents writes down decisions, numbered through the command.
func (b *batch) storeConsents(j *job, d decision) {
	for place, c := range d.effects.Choices {
		b.saved.consents.add(loyalty.DecisionID(d.interaction.ID, place), j.origin.Programme, d.effects.State.Member.ID, c.Purpose, string(c.State), c.Version,
			d.interaction.Touchpoint, j.origin.Caller, d.interaction.Occurred, b.now)
	}
}

func (b *batch) decidePrefer(ctx context.Context, timeline Timeline, j *job) (decision, error) {
	p, refusal := b.only(j)
	if refusal != nil {
		return decision{refusal: refusal}, nil
	}
	programme, err := timeline.Current(ctx, b.now)
	if err != nil {
		return decision{}, err
	}
	effects, refusal := loyalty.Prefer(programme, p.input(b), j.prefer.Preferences)
	return decision{person: p, programme: programme, effects: effects, refusal: refusal}, nil
}

func (b *batch) decideErase(ctx context.Context, timeline Timeline, j *job) (decision, error) {
	p, refusal := b.only(j)
	if refusal != nil {
		return decision{refusal: refusal}, nil
	}
	programme, err := timeline.Current(ctx, b.now)
	if err != nil {
		return decision{}, err
	}
	effects, err := loyalty.Erase(programme, p.input(b), j.command, b.now)
	if err != nil {
		return decision{}, err
	}
	if effects == nil { // it was done before
		return decision{person: p, programme: programme, effects: &loyalty.Effects{State: p.state}}, nil
	}
	b.erased = append(b.erased, erased{j, p.state.Doc.Absorbed})
	p.due = time.Time{}
	return decision{person: p, programme: programme, effects: effects}, nil
}

// erased is a request that erased a member, and those whom the member had absorbed.
type erased struct {
	*job
	absorbed []fact.ID
}

// clear clears what is stored of the members that the batch has erased, and of those that were merged into them, in its transaction.
func (b *batch) clear(ctx context.Context, db queries) error {
	for _, j := range b.erased {
		p, _ := b.only(j.job)
		for place, member := range append([]fact.ID{p.state.Member.ID}, j.absorbed...) {
			err := dossier.Clear(ctx, db, b.engine.store.Dialect(), dossier.Erasure{
				ID: j.command.At(place).As(fact.KindErasure), Programme: j.origin.Programme, Member: member, Cause: j.erase.Cause, At: b.now,
			})
			if err != nil {
				return err
			}
		}
		if len(j.absorbed) == 0 {
			continue
		}
		g := b.engine.sql.grammar
		empty := `UPDATE working_states SET doc = '{}', profile = NULL, version = version + 1 WHERE id IN (SELECT r.id FROM ` + g.ids(1, "r") + `)`
		if _, err := db.ExecContext(ctx, empty, idList(j.absorbed)); err != nil {
			return err
		}
	}
	return nil
}
