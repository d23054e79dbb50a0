package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"granaio/ent"
	"granaio/ent/movement"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// rows are values for a table, in the order of its columns, one row after another.
type rows struct {
	values []any
	n      int
}

func (r *rows) add(values ...any) {
	if need := len(r.values) + len(values); need > cap(r.values) { // a batch has many rows: append would grow little by little
		r.values = slices.Grow(r.values, max(8*len(values), len(r.values)))
	}
	r.values = append(r.values, values...)
	r.n++
}

// saved is the rows that a batch writes as it goes. What is written once per member, however many of the batch's requests are about it, is collected
// at the end.
type saved struct {
	commands     []commandRow
	identities   []identityRow
	interactions rows
	movements    rows
	postings     rows
	redemptions  rows
	notes        rows
	reversals    rows
	tiers        rows
	consents     rows
	contacts     rows
	events       rows
	taken        rows // identities that are another member's from then on
	removed      rows // identities
	redirects    rows // of members that were merged before into one that is now
	values       rows // of attributes
}

// The forms of values. What is zero is null.

func uuidValue(id fact.ID) any {
	if id.IsZero() {
		return nil
	}
	return id
}

func timeValue(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func textValue(s string) any {
	if s == "" {
		return nil
	}
	return s
}

const commandColumns = "id uuid, programme_id uuid, digest uuid, request uuid, operation text, member_id uuid, answer json, created_at timestamptz"

type commandRow struct {
	job    *job
	member fact.ID
	answer string
}

const identityColumns = "id uuid, programme_id uuid, member_id uuid, kind text, value text, created_at timestamptz"

type identityRow struct {
	id, programme, member fact.ID
	Identity
}

const interactionColumns = "id uuid, programme_id uuid, member_id uuid, event text, touchpoint text, partner_id uuid, occurred_at timestamptz," +
	" received_at timestamptz, value int8, lines json, properties json, version int4"

const movementColumns = "id uuid, programme_id uuid, account_id uuid, member_id uuid, number int8, kind text, points int8, occurred_at timestamptz," +
	" booked_at timestamptz, pending_after int8, available_after int8, held_after int8, debt_after int8, command_id uuid, interaction_id uuid," +
	" revision_id uuid, reverses_id uuid, explanation json"

const postingColumns = "id uuid, programme_id uuid, account_id uuid, movement_id uuid, lot_id uuid, source text, target text, points int8"

const lotRowColumns = "id uuid, programme_id uuid, account_id uuid, contributor_id uuid, funding text, earned_at timestamptz, activates_at timestamptz," +
	" expires_at timestamptz, ageing json, amount int8, pending int8, available int8, held int8, spent int8, expired int8, reversed int8, moved int8"

const accountColumns = "id uuid, programme_id uuid, sequence int8, pending int8, available int8, held int8, debt int8, last_moved_at timestamptz," +
	" next_due_at timestamptz, active_at timestamptz, created_at timestamptz"

const workingColumns = "id uuid, programme_id uuid, version int8, doc json, profile json"

const memberColumns = "id uuid, programme_id uuid, account_id uuid, status text, locale text, tier text, tier_since timestamptz, persona text," +
	" enrolled_at timestamptz, due_at timestamptz, created_at timestamptz"

const tierChangeColumns = "id uuid, programme_id uuid, member_id uuid, was text, tier text, reason text, since timestamptz, created_at timestamptz"

const memberEventColumns = "id uuid, programme_id uuid, member_id uuid, kind text, was text, status text, other_id uuid, created_at timestamptz"
const attributeValueColumns = "id uuid, programme_id uuid, member_id uuid, dependent_id uuid, name text, value json, party text, state text, touchpoint text," +
	" occurred_at timestamptz, consent_id uuid, created_at timestamptz"

const progressColumns = "id uuid, programme_id uuid, member_id uuid, mission_id uuid, period text, count int8, target int8, completed_at timestamptz," +
	" updated_at timestamptz"

const redemptionColumns = "id uuid, programme_id uuid, member_id uuid, reward_id uuid, revision_id uuid, movement_id uuid, points int8," +
	" created_at timestamptz, state text"

const holdColumns = "id uuid, programme_id uuid, account_id uuid, expires_at timestamptz, points int8, slices json, captured int8, released int8"

const noteColumns = "id uuid, programme_id uuid, member_id uuid, caller text, text text, created_at timestamptz"

const consentColumns = "id uuid, programme_id uuid, member_id uuid, purpose text, state text, text_version text, touchpoint text, caller text," +
	" decided_at timestamptz, created_at timestamptz"

const contactColumns = "id uuid, programme_id uuid, member_id uuid, channel text, sent_at timestamptz"

const stockColumns = "id uuid, taken int8, was int8"

// keep makes the answer the request's for ever.
func (b *batch) keep(j *job, member fact.ID, a answer) error {
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("engine: an answer: %w", err)
	}
	b.saved.commands = append(b.saved.commands, commandRow{j, member, string(text)})
	b.known[j.digest] = known{j.request, j.command, member, a} // the batch may hold the same request twice
	return nil
}

// storeIdentities writes down what a member is recognised by from then on, and no more.
func (b *batch) storeIdentities(j *job, member fact.ID, d *decision) {
	for place, i := range d.added {
		b.saved.identities = append(b.saved.identities, identityRow{j.command.At(place).As(fact.KindIdentity), j.origin.Programme, member, i})
	}
	for _, i := range d.taken {
		b.saved.taken.add(i.id, member, i.member)
	}
	for _, i := range d.removed {
		b.saved.removed.add(i.id, i.member)
	}
}

// storeLife writes down the steps of a member's life, numbered through the command.
func (b *batch) storeLife(j *job, member fact.ID, before int, steps []loyalty.Step) {
	for place, s := range steps {
		b.saved.events.add(j.command.At(before+place+1).As(fact.KindMemberEvent), j.origin.Programme, member, string(s.Kind), string(s.From), string(s.To),
			uuidValue(s.Other), b.now)
	}
}

func (b *batch) storeInteraction(j *job, d decision) (*ent.Interaction, error) {
	i := d.interaction
	row := &ent.Interaction{
		ID: i.ID, ProgrammeID: j.origin.Programme, MemberID: d.person.state.Member.ID, Event: i.Event, Touchpoint: i.Touchpoint,
		PartnerID: pointer(j.origin.Partner), OccurredAt: i.Occurred, ReceivedAt: i.Received, Version: d.programme.Number(),
	}
	var value, lines, properties any
	if i.Value != nil {
		row.Value, value = &i.Value.Minor, i.Value.Minor
	}
	if len(i.Lines) > 0 {
		text, err := json.Marshal(i.Lines)
		if err != nil {
			return nil, fmt.Errorf("engine: an interaction's lines: %w", err)
		}
		row.Lines, lines = text, string(text)
	}
	switch {
	case j.properties != "":
		row.Properties, properties = []byte(j.properties), j.properties
	case len(i.Properties) > 0: // of an interaction that time brought about
		text, err := json.Marshal(i.Properties)
		if err != nil {
			return nil, fmt.Errorf("engine: an interaction's properties: %w", err)
		}
		row.Properties, properties = text, string(text)
	}
	b.saved.interactions.add(row.ID, row.ProgrammeID, row.MemberID, row.Event, row.Touchpoint, uuidValue(j.origin.Partner),
		row.OccurredAt, row.ReceivedAt, value, lines, properties, int64(row.Version))
	return row, nil
}

func (b *batch) storeMovement(j *job, member fact.ID, m ledger.Movement) (*ent.Movement, error) {
	explanation, err := json.Marshal(m.Reason.Explanation)
	if err != nil {
		return nil, fmt.Errorf("engine: an explanation: %w", err)
	}
	programme, account, id := j.origin.Programme, m.Account, m.ID
	b.saved.movements.add(id, programme, account, member, m.Number, string(m.Kind), int64(m.Points), m.Occurred, m.Booked,
		int64(m.After.Pending), int64(m.After.Available), int64(m.After.Held), int64(m.After.Debt), j.command,
		uuidValue(m.Reason.Interaction), uuidValue(m.Reason.Revision), uuidValue(m.Reverses()), string(explanation))
	for _, p := range m.Postings {
		b.saved.postings.add(p.ID, programme, account, id, uuidValue(p.Lot), string(p.Source), string(p.Target), int64(p.Points))
	}
	return &ent.Movement{
		ID: m.ID, ProgrammeID: j.origin.Programme, AccountID: m.Account, MemberID: member, Number: m.Number, Kind: movement.Kind(m.Kind),
		Points: m.Points, OccurredAt: m.Occurred, BookedAt: m.Booked, PendingAfter: m.After.Pending, AvailableAfter: m.After.Available,
		HeldAfter: m.After.Held, DebtAfter: m.After.Debt, CommandID: j.command, InteractionID: pointer(m.Reason.Interaction),
		RevisionID: pointer(m.Reason.Revision), ReversesID: pointer(m.Reverses()), Explanation: explanation,
	}, nil
}

// storeTiers writes down the changes of a tier, numbered through the command.
func (b *batch) storeTiers(j *job, member fact.ID, before int, steps []loyalty.TierStep) {
	for place, s := range steps {
		b.saved.tiers.add(j.command.At(before+place+1).As(fact.KindTierChange), j.origin.Programme, member, textValue(s.From), textValue(s.To),
			string(s.Reason), s.Since, b.now)
	}
}

// storeAttributes writes down the values that were given for attributes, numbered through the command.
func (b *batch) storeAttributes(j *job, member fact.ID, changes []loyalty.AttributeChange) error {
	for place, c := range changes {
		var value any
		if c.Value != nil {
			text, err := json.Marshal(c.Value)
			if err != nil {
				return fmt.Errorf("engine: the value of an attribute: %w", err)
			}
			value = string(text)
		}
		b.saved.values.add(j.command.At(place+1).As(fact.KindAttributeValue), j.origin.Programme, member, uuidValue(c.Dependent), c.Name, value, string(c.Party),
			string(c.State), textValue(c.Touchpoint), c.At, uuidValue(c.Consent), b.now)
	}
	return nil
}

func pointer(id fact.ID) *fact.ID {
	if id.IsZero() {
		return nil
	}
	return &id
}

func (b *batch) storeRedemption(j *job, member fact.ID, r *loyalty.Redemption) *ent.Redemption {
	b.saved.redemptions.add(r.ID, j.origin.Programme, member, r.Reward, r.Revision, r.Movement,
		int64(r.Points), b.now, "confirmed")
	return &ent.Redemption{
		ID: r.ID, ProgrammeID: j.origin.Programme, MemberID: member, RewardID: r.Reward, RevisionID: r.Revision, MovementID: r.Movement,
		Points: r.Points, State: "confirmed", CreatedAt: b.now,
	}
}
