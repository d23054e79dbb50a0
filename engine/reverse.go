package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"granaio/ent"
	"granaio/ent/redemption"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// Reverse is an interaction that is returned: by one of Value and Lines in part, else as a whole.
type Reverse struct {
	Origin
	Interaction fact.ID
	Value       *MoneyIn
	Lines       []loyalty.ReturnedLine // nil for none
	Occurred    time.Time              // zero for now
	Note        string
}

// Refund is a spend that is given back.
type Refund struct {
	Origin
	Movement fact.ID
	Points   *fact.Points // nil for all that is left of it
	Occurred time.Time    // zero for now
	Note     string
}

var (
	errUnknownInteraction = fact.Refuse(fact.CodeUnknownInteraction, "interaction", "there is no such interaction")
	errUnknownMovement    = fact.Refuse(fact.CodeUnknownMovement, "movement", "there is no such movement")
)

func reverseJob(r *Reverse, now time.Time) (*job, *fact.Refusal) {
	j, refusal := newJob(opReverse, r.Origin, now)
	if refusal != nil {
		return nil, refusal
	}
	switch r.Interaction.Kind() {
	case fact.KindInteraction:
	case fact.KindReversal:
		return nil, fact.Refuse(fact.CodeReversalOfReversal, "interaction", "it is a reversal, which cannot be reversed")
	default:
		return nil, errUnknownInteraction
	}
	if !r.Occurred.IsZero() {
		r.Occurred = fact.Instant(r.Occurred)
	}
	j.reverse, j.note, j.refs = r, r.Note, []Ref{{Interaction: r.Interaction}}
	return j, j.seal(struct {
		Interaction fact.ID
		Value       *MoneyIn
		Lines       []loyalty.ReturnedLine
		Occurred    time.Time
		Note        string
	}{r.Interaction, r.Value, r.Lines, r.Occurred, r.Note})
}

func refundJob(r *Refund, now time.Time) (*job, *fact.Refusal) {
	j, refusal := newJob(opRefund, r.Origin, now)
	if refusal != nil {
		return nil, refusal
	}
	if r.Movement.Kind() != fact.KindMovement {
		return nil, errUnknownMovement
	}
	if !r.Occurred.IsZero() {
		r.Occurred = fact.Instant(r.Occurred)
	}
	j.refund, j.note, j.refs = r, r.Note, []Ref{{Movement: r.Movement}}
	return j, j.seal(struct {
		Movement fact.ID
		Points   *fact.Points
		Occurred time.Time
		Note     string
	}{r.Movement, r.Points, r.Occurred, r.Note})
}

func (r *Reverse) job(now time.Time) (*job, *fact.Refusal) { return reverseJob(r, now) }
func (r *Refund) job(now time.Time) (*job, *fact.Refusal)  { return refundJob(r, now) }

// Reverse returns an interaction, wholly or in part.
func (e *Engine) Reverse(ctx context.Context, r Reverse) (*Outcome, error) {
	j, refusal := reverseJob(&r, e.Now())
	return e.do(ctx, j, refusal)
}

// Refund gives back a spend, wholly or in part.
func (e *Engine) Refund(ctx context.Context, r Refund) (*Outcome, error) {
	j, refusal := refundJob(&r, e.Now())
	return e.do(ctx, j, refusal)
}

func (b *batch) decideReverse(ctx context.Context, timeline Timeline, j *job) (decision, error) {
	r, past := j.reverse, b.undoing.pasts[j.reverse.Interaction]
	foreign := past != nil && !j.origin.Partner.IsZero() && past.partner != j.origin.Partner
	if b.byRef[refKey{j.origin.Programme, j.refs[0]}] == nil || past == nil || foreign {
		return decision{refusal: errUnknownInteraction}, nil
	}
	programme, err := timeline.Current(ctx, b.now)
	if err != nil {
		return decision{}, err
	}
	asked := loyalty.Return{Occurred: b.undone(j, r.Occurred, past.Interaction.Occurred), Lines: r.Lines, Note: r.Note}
	if r.Value != nil {
		var refusal *fact.Refusal
		if asked.Value, refusal = money(r.Value, programme.Currency()); refusal != nil {
			return decision{refusal: refusal}, nil
		}
	}
	d := decision{person: past.person, programme: programme}
	d.effects, d.refusal, err = loyalty.Reverse(d.programme, past.then, past.person.input(b), &past.Past, asked, j.command, b.now)
	return d, err
}

func (b *batch) decideRefund(ctx context.Context, timeline Timeline, j *job) (decision, error) {
	s := b.undoing.spents[j.refund.Movement]
	if b.byRef[refKey{j.origin.Programme, j.refs[0]}] == nil || s == nil {
		return decision{refusal: errUnknownMovement}, nil
	}
	programme, err := timeline.Current(ctx, b.now)
	if err != nil {
		return decision{}, err
	}
	asked := loyalty.Refund{Occurred: b.undone(j, j.refund.Occurred, s.Occurred), Points: j.refund.Points, Note: j.refund.Note}
	d := decision{person: s.person, programme: programme}
	if s.home != nil {
		s.Home = s.home.input(b)
	}
	all, refusal, err := loyalty.GiveBack(d.programme, s.person.input(b), &s.Spent, asked, j.command, b.now)
	if err != nil || refusal != nil {
		d.refusal = refusal
		return d, err
	}
	if d.effects = all[0]; s.home != nil {
		d.others = []share{{s.home, all[1]}}
	}
	return d, nil
}

const reversalColumns = "id uuid, programme_id uuid, member_id uuid, interaction_id uuid, partner_id uuid, value int8, lines json, whole bool, undone json," +
	" occurred_at timestamptz, created_at timestamptz"

func (b *batch) storeReversal(j *job, member fact.ID, v *loyalty.Reversal) (*ent.Reversal, error) {
	row := &ent.Reversal{
		ID: v.ID, ProgrammeID: j.origin.Programme, MemberID: member, InteractionID: v.Interaction, PartnerID: pointer(j.origin.Partner),
		Value: v.Value, Whole: v.Whole, OccurredAt: v.Occurred, CreatedAt: b.now,
	}
	var lines, undone any
	var err error
	if len(v.Lines) > 0 {
		if row.Lines, err = json.Marshal(v.Lines); err != nil {
			return nil, fmt.Errorf("engine: a reversal's lines: %w", err)
		}
		lines = string(row.Lines)
	}
	if len(v.Undone.Missions) > 0 {
		if row.Undone, err = json.Marshal(v.Undone); err != nil {
			return nil, fmt.Errorf("engine: a reversal: %w", err)
		}
		undone = string(row.Undone)
	}
	b.saved.reversals.add(row.ID, row.ProgrammeID, member, row.InteractionID, uuidValue(j.origin.Partner), row.Value, lines,
		row.Whole, undone, row.OccurredAt, row.CreatedAt)
	return row, nil
}

// storeCancelled ends a redemption, and returns its piece if the stock misses it.
func (b *batch) storeCancelled(j *job, member fact.ID, effects *loyalty.Effects) {
	w := effects.Cancelled
	created := b.undoing.spents[w.Movement].created
	b.saved.redemptions.add(w.ID, j.origin.Programme, member, w.Reward, w.Revision, w.Movement,
		int64(w.Points), created, string(redemption.StateCancelled))
	if _, limited := b.stockWas[w.Reward]; limited {
		b.taken[w.Reward] = effects.State.Taken[w.Reward]
	}
}

// cancels are the rewards whose pieces the batch's requests may return.
func (b *batch) cancels() (rewards []fact.ID) {
	for _, id := range sortedIDs(b.undoing.spents) {
		if w := b.undoing.spents[id].Redemption; w != nil && !slices.Contains(rewards, w.Reward) {
			rewards = append(rewards, w.Reward)
		}
	}
	return rewards
}
