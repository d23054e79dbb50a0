package engine

import (
	"encoding/json"
	"fmt"
	"time"

	"granaio/ent"
	"granaio/ent/movement"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// saved is the rows that a batch writes. The json names are the columns'; the column lists beside the types say what the database takes them for.
type saved struct {
	commands     []commandRow
	interactions []interactionRow
	movements    []movementRow
	postings     []postingRow
	identities   []identityRow
	redemptions  []redemptionRow
}

const commandColumns = "id uuid, programme_id uuid, digest uuid, request uuid, operation text, member_id uuid, answer json, created_at timestamptz"

type commandRow struct {
	ID        uuid            `json:"id"`
	Programme uuid            `json:"programme_id"`
	Digest    uuid            `json:"digest"`
	Request   uuid            `json:"request"`
	Operation operation       `json:"operation"`
	Member    uuid            `json:"member_id"`
	Answer    json.RawMessage `json:"answer"`
	Created   stamp           `json:"created_at"`
}

const interactionColumns = "id uuid, programme_id uuid, member_id uuid, event text, touchpoint text, partner_id uuid, occurred_at timestamptz," +
	" received_at timestamptz, value int8, properties json, version int4"

type interactionRow struct {
	ID         uuid            `json:"id"`
	Programme  uuid            `json:"programme_id"`
	Member     uuid            `json:"member_id"`
	Event      string          `json:"event"`
	Touchpoint string          `json:"touchpoint"`
	Partner    uuid            `json:"partner_id"`
	Occurred   stamp           `json:"occurred_at"`
	Received   stamp           `json:"received_at"`
	Value      *int64          `json:"value"`
	Properties json.RawMessage `json:"properties,omitempty"`
	Version    int             `json:"version"`
}

const movementColumns = "id uuid, programme_id uuid, account_id uuid, member_id uuid, number int8, kind text, points int8, occurred_at timestamptz," +
	" booked_at timestamptz, pending_after int8, available_after int8, held_after int8, debt_after int8, command_id uuid, interaction_id uuid," +
	" revision_id uuid, explanation json"

type movementRow struct {
	ID          uuid            `json:"id"`
	Programme   uuid            `json:"programme_id"`
	Account     uuid            `json:"account_id"`
	Member      uuid            `json:"member_id"`
	Number      int64           `json:"number"`
	Kind        ledger.Kind     `json:"kind"`
	Points      fact.Points     `json:"points"`
	Occurred    stamp           `json:"occurred_at"`
	Booked      stamp           `json:"booked_at"`
	Pending     fact.Points     `json:"pending_after"`
	Available   fact.Points     `json:"available_after"`
	Held        fact.Points     `json:"held_after"`
	Debt        fact.Points     `json:"debt_after"`
	Command     uuid            `json:"command_id"`
	Interaction uuid            `json:"interaction_id"`
	Revision    uuid            `json:"revision_id"`
	Explanation json.RawMessage `json:"explanation"`
}

const postingColumns = "id uuid, programme_id uuid, account_id uuid, movement_id uuid, lot_id uuid, source text, target text, points int8"

type postingRow struct {
	ID        uuid          `json:"id"`
	Programme uuid          `json:"programme_id"`
	Account   uuid          `json:"account_id"`
	Movement  uuid          `json:"movement_id"`
	Lot       uuid          `json:"lot_id"`
	Source    ledger.Bucket `json:"source"`
	Target    ledger.Bucket `json:"target"`
	Points    fact.Points   `json:"points"`
}

const lotRowColumns = "id uuid, programme_id uuid, account_id uuid, contributor_id uuid, funding text, earned_at timestamptz, activates_at timestamptz," +
	" expires_at timestamptz, amount int8, pending int8, available int8, held int8, spent int8, expired int8, reversed int8, moved int8"

type lotRow struct {
	ID          uuid        `json:"id"`
	Programme   uuid        `json:"programme_id"`
	Account     uuid        `json:"account_id"`
	Contributor uuid        `json:"contributor_id"`
	Funding     string      `json:"funding"`
	Earned      stamp       `json:"earned_at"`
	Activates   stamp       `json:"activates_at"`
	Expires     stamp       `json:"expires_at"`
	Amount      fact.Points `json:"amount"`
	Pending     fact.Points `json:"pending"`
	Available   fact.Points `json:"available"`
	Held        fact.Points `json:"held"`
	Spent       fact.Points `json:"spent"`
	Expired     fact.Points `json:"expired"`
	Reversed    fact.Points `json:"reversed"`
	Moved       fact.Points `json:"moved"`
}

const accountColumns = "id uuid, programme_id uuid, sequence int8, pending int8, available int8, held int8, debt int8, last_moved_at timestamptz," +
	" next_due_at timestamptz, created_at timestamptz, was int8"

type accountRow struct {
	ID        uuid        `json:"id"`
	Programme uuid        `json:"programme_id"`
	Sequence  int64       `json:"sequence"`
	Pending   fact.Points `json:"pending"`
	Available fact.Points `json:"available"`
	Held      fact.Points `json:"held"`
	Debt      fact.Points `json:"debt"`
	LastMoved stamp       `json:"last_moved_at"`
	NextDue   stamp       `json:"next_due_at"`
	Created   stamp       `json:"created_at"`
	Was       int64       `json:"was"`
}

const workingColumns = "id uuid, programme_id uuid, version int8, doc json, was int8"

type workingRow struct {
	ID        uuid            `json:"id"`
	Programme uuid            `json:"programme_id"`
	Version   int64           `json:"version"`
	Doc       json.RawMessage `json:"doc"`
	Was       int64           `json:"was"`
}

const memberColumns = "id uuid, programme_id uuid, account_id uuid, status text, locale text, tier text, tier_since timestamptz, persona text," +
	" enrolled_at timestamptz, created_at timestamptz"

type memberRow struct {
	ID        uuid           `json:"id"`
	Programme uuid           `json:"programme_id"`
	Account   uuid           `json:"account_id"`
	Status    loyalty.Status `json:"status"`
	Locale    *string        `json:"locale"`
	Tier      *string        `json:"tier"`
	TierSince stamp          `json:"tier_since"`
	Persona   *string        `json:"persona"`
	Enrolled  stamp          `json:"enrolled_at"`
	Created   stamp          `json:"created_at"`
}

const identityColumns = "id uuid, programme_id uuid, member_id uuid, kind text, value text, created_at timestamptz"

type identityRow struct {
	ID        uuid              `json:"id"`
	Programme uuid              `json:"programme_id"`
	Member    uuid              `json:"member_id"`
	Kind      fact.IdentityKind `json:"kind"`
	Value     string            `json:"value"`
	Created   stamp             `json:"created_at"`
}

const progressColumns = "id uuid, programme_id uuid, member_id uuid, mission_id uuid, period text, count int8, target int8, completed_at timestamptz," +
	" updated_at timestamptz"

type progressRow struct {
	ID        uuid   `json:"id"`
	Programme uuid   `json:"programme_id"`
	Member    uuid   `json:"member_id"`
	Mission   uuid   `json:"mission_id"`
	Period    string `json:"period"`
	Count     int64  `json:"count"`
	Target    int64  `json:"target"`
	Completed stamp  `json:"completed_at"`
	Updated   stamp  `json:"updated_at"`
}

const redemptionColumns = "id uuid, programme_id uuid, member_id uuid, reward_id uuid, revision_id uuid, movement_id uuid, points int8," +
	" created_at timestamptz"

type redemptionRow struct {
	ID        uuid        `json:"id"`
	Programme uuid        `json:"programme_id"`
	Member    uuid        `json:"member_id"`
	Reward    uuid        `json:"reward_id"`
	Revision  uuid        `json:"revision_id"`
	Movement  uuid        `json:"movement_id"`
	Points    fact.Points `json:"points"`
	Created   stamp       `json:"created_at"`
}

const stockColumns = "id uuid, taken int8, was int8"

type stockRow struct {
	ID    uuid  `json:"id"`
	Taken int64 `json:"taken"`
	Was   int64 `json:"was"`
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// keep makes the answer the request's for ever.
func (b *batch) keep(j *job, member fact.ID, a answer) error {
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("engine: an answer: %w", err)
	}
	b.saved.commands = append(b.saved.commands, commandRow{
		uuid(j.command), uuid(j.origin.Programme), uuid(j.digest), uuid(j.request), j.op, uuid(member), text, stamp(b.now),
	})
	b.known[j.digest] = known{j.request, j.command, member, a} // the batch may hold the same request twice
	return nil
}

func (b *batch) storeInteraction(j *job, d decision) error {
	i := d.interaction
	row := interactionRow{
		ID: uuid(i.ID), Programme: uuid(j.origin.Programme), Member: uuid(d.person.state.Member.ID), Event: i.Event, Touchpoint: i.Touchpoint,
		Partner: uuid(j.origin.Partner), Occurred: stamp(i.Occurred), Received: stamp(i.Received), Version: d.programme.Number(),
	}
	if i.Value != nil {
		row.Value = &i.Value.Minor
	}
	if len(i.Properties) > 0 {
		text, err := json.Marshal(i.Properties)
		if err != nil {
			return fmt.Errorf("engine: an interaction's properties: %w", err)
		}
		row.Properties = text
	}
	b.saved.interactions = append(b.saved.interactions, row)
	return nil
}

func (b *batch) storeIdentities(j *job, member fact.ID) {
	for place, r := range j.refs {
		b.saved.identities = append(b.saved.identities, identityRow{
			uuid(j.command.At(place).As(fact.KindIdentity)), uuid(j.origin.Programme), uuid(member), r.Identity.Kind, r.Identity.Value, stamp(b.now),
		})
	}
}

func memberRowOf(programme fact.ID, m loyalty.Member, now time.Time) memberRow {
	return memberRow{
		uuid(m.ID), uuid(programme), uuid(m.Account), m.Status, optional(m.Locale), optional(m.Tier), stamp(m.TierSince), optional(m.Persona),
		stamp(m.Enrolled), stamp(now),
	}
}

func (b *batch) storeMovement(j *job, member fact.ID, m ledger.Movement) (*ent.Movement, error) {
	explanation, err := json.Marshal(m.Reason.Explanation)
	if err != nil {
		return nil, fmt.Errorf("engine: an explanation: %w", err)
	}
	b.saved.movements = append(b.saved.movements, movementRow{
		uuid(m.ID), uuid(j.origin.Programme), uuid(m.Account), uuid(member), m.Number, m.Kind, m.Points, stamp(m.Occurred), stamp(m.Booked),
		m.After.Pending, m.After.Available, m.After.Held, m.After.Debt, uuid(j.command), uuid(m.Reason.Interaction), uuid(m.Reason.Revision),
		explanation,
	})
	for _, p := range m.Postings {
		b.saved.postings = append(b.saved.postings, postingRow{
			uuid(p.ID), uuid(j.origin.Programme), uuid(m.Account), uuid(m.ID), uuid(p.Lot), p.Source, p.Target, p.Points,
		})
	}
	return &ent.Movement{
		ID: m.ID, ProgrammeID: j.origin.Programme, AccountID: m.Account, MemberID: member, Number: m.Number, Kind: movement.Kind(m.Kind),
		Points: m.Points, OccurredAt: m.Occurred, BookedAt: m.Booked, PendingAfter: m.After.Pending, AvailableAfter: m.After.Available,
		HeldAfter: m.After.Held, DebtAfter: m.After.Debt, CommandID: j.command, InteractionID: pointer(m.Reason.Interaction),
		RevisionID: pointer(m.Reason.Revision), Explanation: explanation,
	}, nil
}

func pointer(id fact.ID) *fact.ID {
	if id.IsZero() {
		return nil
	}
	return &id
}

func (b *batch) storeRedemption(j *job, member fact.ID, r *loyalty.Redemption) *ent.Redemption {
	b.saved.redemptions = append(b.saved.redemptions, redemptionRow{
		uuid(r.ID), uuid(j.origin.Programme), uuid(member), uuid(r.Reward), uuid(r.Revision), uuid(r.Movement), r.Points, stamp(b.now),
	})
	return &ent.Redemption{
		ID: r.ID, ProgrammeID: j.origin.Programme, MemberID: member, RewardID: r.Reward, RevisionID: r.Revision, MovementID: r.Movement,
		Points: r.Points, State: "confirmed", CreatedAt: b.now,
	}
}

func lotRowOf(programme fact.ID, l ledger.Lot) lotRow {
	return lotRow{
		uuid(l.ID), uuid(programme), uuid(l.Account), uuid(l.Contributor), l.Funding, stamp(l.Earned), stamp(l.Activates), stamp(l.Expires),
		l.Amount, l.Pending, l.Available, l.Held, l.Spent, l.Expired, l.Reversed, l.Moved,
	}
}

func accountRowOf(programme fact.ID, a ledger.Account, was int64, now time.Time) accountRow {
	return accountRow{
		uuid(a.ID), uuid(programme), a.Sequence, a.Pending, a.Available, a.Held, a.Debt, stamp(a.LastMoved), stamp(a.NextDue), stamp(now), was,
	}
}
