package read

import (
	"context"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"granaio/ent"
	entconsent "granaio/ent/consent"
	"granaio/ent/contact"
	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
)

// ConsentDecision is one decision of a member about a purpose.
type ConsentDecision struct {
	Purpose               string // its key
	State                 consent.State
	TextVersion, Place    string // Place is the touchpoint's key
	DecidedAt, RecordedAt time.Time
	RecordedBy            string
	From                  *Reader
}

// Decisions are all that the member ever decided, by purpose, latest first.
func (m *Member) Decisions(ctx context.Context) (map[string][]*ConsentDecision, error) {
	return m.With.decisions.get(func() *Group[fact.ID, map[string][]*ConsentDecision] {
		return NewGroup(m.With.ids, m.With.loadDecisions)
	}).Get(ctx, m.ID)
}

// maxDecisions is how many decisions of a purpose are shown at most.
const maxDecisions = MaxPage

func (m *Members) loadDecisions(ctx context.Context, ids []fact.ID) (map[fact.ID]map[string][]*ConsentDecision, error) {
	known, of, err := m.kin(ctx, ids)
	if err != nil {
		return nil, err
	}
	q := m.Ent.Consent.Query().Where(entconsent.MemberIDIn(known...)).Order(entconsent.ByDecidedAt(sql.OrderDesc()), entconsent.ByID(sql.OrderDesc()))
	rows, err := q.Limit(maxDecisions * len(ids) * 10).All(ctx)
	all := make(map[fact.ID]map[string][]*ConsentDecision, len(ids))
	for _, row := range rows {
		decided := all[of[row.MemberID]]
		if decided == nil {
			decided = map[string][]*ConsentDecision{}
			all[of[row.MemberID]] = decided
		}
		if len(decided[row.Purpose]) < maxDecisions {
			decided[row.Purpose] = append(decided[row.Purpose], m.decision(row))
		}
	}
	return all, err
}

// ConsentDecisions are those of the ids.
func (r *Reader) ConsentDecisions(ids []fact.ID) *Group[fact.ID, *ConsentDecision] {
	return NewGroup(ids, func(ctx context.Context, ids []fact.ID) (map[fact.ID]*ConsentDecision, error) {
		rows, err := r.Ent.Consent.Query().Where(entconsent.IDIn(ids...)).All(ctx)
		all := make(map[fact.ID]*ConsentDecision, len(rows))
		for _, row := range rows {
			all[row.ID] = r.decision(row)
		}
		return all, err
	})
}

func (r *Reader) decision(row *ent.Consent) *ConsentDecision {
	return &ConsentDecision{
		Purpose: row.Purpose, State: consent.State(row.State), TextVersion: row.TextVersion, Place: row.Touchpoint, DecidedAt: row.DecidedAt, RecordedAt: row.CreatedAt,
		RecordedBy: strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(row.Caller, "operator:"), "partner:"), "member:"), From: r,
	}
}

// Answers tell whether the member may be written to now, for each channel of the programme.
func (m *Member) Answers(ctx context.Context) ([]consent.Answer, error) {
	v, err := m.View(ctx)
	if err != nil {
		return nil, err
	}
	contact := v.Programme.Contact()
	if contact == nil {
		return nil, nil
	}
	sent, err := m.With.sent.of(contact.Reach(), func() *Group[fact.ID, []consent.Sent] {
		return NewGroup(m.With.ids, func(ctx context.Context, ids []fact.ID) (map[fact.ID][]consent.Sent, error) {
			return m.With.loadSent(ctx, ids, v.Now.Add(-contact.Reach()))
		})
	}).Get(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	answers := make([]consent.Answer, len(contact.Channels))
	for i, channel := range contact.Channels {
		answers[i] = contact.May(v.Programme.Purposes(), v.State.Person(sent), channel, v.Now)
	}
	return answers, nil
}

func (m *Members) loadSent(ctx context.Context, ids []fact.ID, since time.Time) (map[fact.ID][]consent.Sent, error) {
	known, of, err := m.kin(ctx, ids)
	if err != nil {
		return nil, err
	}
	rows, err := m.Ent.Contact.Query().Where(contact.MemberIDIn(known...), contact.SentAtGTE(since)).All(ctx)
	all := make(map[fact.ID][]consent.Sent, len(ids))
	for _, row := range rows {
		all[of[row.MemberID]] = append(all[of[row.MemberID]], consent.Sent{Channel: row.Channel, At: row.SentAt})
	}
	return all, err
}
