package read

import (
	"context"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"

	"granaio/ent"
	"granaio/ent/tierchange"
	"granaio/graph/scalar"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// TierPeriod is a stretch of time in which a member was in one tier: from a change to the next.
type TierPeriod struct {
	Key    *string // nil below the first
	Since  time.Time
	Until  *time.Time // nil while it lasts
	Reason loyalty.TierReason
	id     fact.ID
	From   *Reader
}

func (p *TierPeriod) cursor() scalar.Cursor {
	return scalar.Cursor{Value: p.Since.UnixMicro(), ID: p.id}
}

// TierPeriodConnection is a part of a connection of them.
type TierPeriodConnection = Connection[*TierPeriod]

// TierPeriodEdge is one in it.
type TierPeriodEdge = Edge[*TierPeriod]

func (m *Members) tierPages() *pages[*ent.TierChange] {
	return &pages[*ent.TierChange]{
		owners: m.ids, kin: m.kin, order: order{tierchange.FieldSince, true}, column: tierchange.FieldMemberID,
		owner:  func(n *ent.TierChange) fact.ID { return n.MemberID },
		cursor: func(n *ent.TierChange) scalar.Cursor { return scalar.Cursor{Value: n.Since.UnixMicro(), ID: n.ID} },
		rows: func(ctx context.Context, members []fact.ID, narrow func(*sql.Selector)) ([]*ent.TierChange, error) {
			q := m.Ent.TierChange.Query().Where(tierchange.MemberIDIn(members...))
			q.Modify(narrow)
			return q.All(ctx)
		},
		count: func(ctx context.Context, members []fact.ID) (map[fact.ID]int, error) {
			var rows []counted
			err := m.Ent.TierChange.Query().Where(tierchange.MemberIDIn(members...)).
				GroupBy(tierchange.FieldMemberID).Aggregate(ent.Count()).Scan(ctx, &rows)
			return totals(rows), err
		},
	}
}

// TierHistory is a page of the tiers that the member was in, by when it came to them. Falls that are due and not booked yet are among them.
func (m *Member) TierHistory(ctx context.Context, w Window) (*TierPeriodConnection, error) {
	v, err := m.View(ctx)
	if err != nil {
		return nil, err
	}
	pages := m.With.tiers.get(m.With.tierPages)
	booked, err := pages.part(ctx, m.ID, w)
	if err != nil {
		return nil, err
	}
	var all []*TierPeriod
	for _, row := range booked {
		all = append(all, &TierPeriod{Key: optionalText(row.Tier), Since: row.Since, Reason: loyalty.TierReason(row.Reason), id: row.ID, From: m.With.Reader})
	}
	for place, fall := range v.Falls {
		p := &TierPeriod{Key: optionalText(fall.To), Since: fall.Since, Reason: fall.Reason, id: m.ID.At(place + 1).As(fact.KindTierChange), From: m.With.Reader}
		if w.holds(p.cursor()) && (w.falling() || len(booked) <= w.Count) { // what is due comes after all that is booked
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b *TierPeriod) int { return compare(a.cursor(), b.cursor()) })
	for i, p := range all {
		if i+1 < len(all) {
			p.Until = &all[i+1].Since
		} else if later := w.later(); !later.ID.IsZero() {
			p.Until = new(time.UnixMicro(later.Value).UTC())
		}
	}
	c := connect(w, all, (*TierPeriod).cursor)
	c.total = func(ctx context.Context) (int, error) {
		n, err := pages.total(ctx, m.ID)
		return n + len(v.Falls), err
	}
	return c, nil
}

// holds tells whether the window lets a cursor through.
func (w Window) holds(c scalar.Cursor) bool {
	after, before := w.After, w.Before
	if w.Descending {
		after, before = before, after
	}
	return (after.ID.IsZero() || compare(c, after) > 0) && (before.ID.IsZero() || compare(c, before) < 0)
}

// later is the cursor that bounds the window towards greater values.
func (w Window) later() scalar.Cursor {
	if w.Descending {
		return w.After
	}
	return w.Before
}

// TierSnapshot is where a member stood among the tiers at one moment.
type TierSnapshot struct {
	News loyalty.TierNews
	From *Reader // of the programme as it was then
}

// Member is whose it is.
func (s *TierSnapshot) Member() fact.ID { return s.News.Member }

// Since is when it came to the tier, nil if it never reached any.
func (s *TierSnapshot) Since() *time.Time { return optionalInstant(s.News.Since) }

// Until is when it falls from it if nothing more comes, nil for never.
func (s *TierSnapshot) Until() *time.Time { return optionalInstant(s.News.Until) }

// Version only ever grows.
func (s *TierSnapshot) Version() int { return int(s.News.Version) }

// At is when that was so.
func (s *TierSnapshot) At() time.Time { return s.News.At }

func optionalInstant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
