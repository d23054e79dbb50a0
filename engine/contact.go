package engine

import (
	"context"
	"fmt"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
	"granaio/store"
)

func contactJob(c *Contact, now time.Time) (*job, *fact.Refusal) {
	j, refusal := about(opContact, c.Origin, c.Member, now)
	if refusal != nil {
		return nil, refusal
	}
	if !c.Sent.IsZero() {
		c.Sent = fact.Instant(c.Sent)
	}
	j.contact = c
	return j, j.seal(struct {
		Ref     Ref
		Channel string
		Sent    time.Time
	}{j.refs[0], c.Channel, c.Sent})
}

func (b *batch) decideContact(ctx context.Context, db queries, timeline Timeline, j *job) (decision, error) {
	p, refusal := b.only(j)
	if refusal != nil {
		return decision{refusal: refusal}, nil
	}
	programme, err := timeline.Current(ctx, b.now)
	if err != nil {
		return decision{}, err
	}
	if err := b.loadSent(ctx, db, p, b.now.Add(-programme.Contact().Reach())); err != nil {
		return decision{}, err
	}
	at := j.contact.Sent
	if !at.IsZero() {
		at = b.occurred(j, at)
	}
	effects, at, refusal := loyalty.Contact(programme, p.input(b), j.contact.Channel, at, p.sent, b.now)
	if refusal == nil {
		p.sent = append(p.sent, consent.Sent{Channel: j.contact.Channel, At: at})
		b.saved.contacts.add(j.command.As(fact.KindContact), j.origin.Programme, p.state.Member.ID, j.contact.Channel, at)
	}
	return decision{person: p, programme: programme, effects: effects, refusal: refusal}, nil
}

func sentSQL(g grammar) string {
	return `SELECT c.channel, c.sent_at FROM ` + g.ids(1, "r") + ` JOIN contacts c ON c.member_id = r.id AND c.sent_at >= ` + g.param(2)
}

// loadSent reads what a member was sent since an instant, and those whom it absorbed, unless it was read for a request before.
func (b *batch) loadSent(ctx context.Context, db queries, p *person, since time.Time) error {
	if p.sent != nil {
		return nil
	}
	p.sent = []consent.Sent{}
	rows, err := db.QueryContext(ctx, b.engine.sql.sent, idList(append([]fact.ID{p.state.Member.ID}, p.state.Doc.Absorbed...)), store.Time(since))
	if err != nil {
		return fmt.Errorf("load messages: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var s consent.Sent
		if err := rows.Scan(&s.Channel, nullTime{&s.At}); err != nil {
			return fmt.Errorf("load messages: %w", err)
		}
		p.sent = append(p.sent, s)
	}
	return rows.Err()
}
