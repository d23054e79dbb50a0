package read

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"entgo.io/ent/dialect/sql"

	"granaio/ent"
	entconsent "granaio/ent/consent"
	"granaio/ent/interaction"
	"granaio/ent/memberevent"
	"granaio/ent/movement"
	"granaio/ent/predicate"
	"granaio/ent/redemption"
	"granaio/ent/tierchange"
	"granaio/graph/fault"
	"granaio/graph/scalar"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// TimelineKind is what an entry of a timeline is.
type TimelineKind string

// The kinds.
const (
	TimelineInteraction TimelineKind = "interaction"
	TimelineMovement    TimelineKind = "movement"
	TimelineConsent     TimelineKind = "consent"
	TimelineTier        TimelineKind = "tier"
	TimelineRedemption  TimelineKind = "redemption"
	TimelineStep        TimelineKind = "step"
)

// TimelineEntry is one thing in a member's life. One of the last six is there.
type TimelineEntry struct {
	ID          fact.ID
	Kind        TimelineKind
	At          time.Time
	Interaction *Interaction
	Movement    *Movement
	Consent     *ConsentDecision
	Tier        *TierStep
	Redemption  *Redemption
	Step        *MemberEvent
	member      fact.ID
}

// TierStep is that a member came from one tier to another.
type TierStep struct {
	Was, Key string // empty below the first
	Reason   loyalty.TierReason
	Reader   *Reader
}

// TimelineConnection is a part of a connection of entries.
type TimelineConnection = Connection[*TimelineEntry]

// TimelineEdge is one in it.
type TimelineEdge = Edge[*TimelineEntry]

// timelineKinds are the ids that a timeline's cursors have.
var timelineKinds = []fact.Kind{fact.KindInteraction, fact.KindMovement, fact.KindConsent, fact.KindTierChange, fact.KindRedemption, fact.KindMemberEvent}

// NewTimelineWindow checks what a timeline is asked for, as NewWindow does.
func NewTimelineWindow(first *int, after *scalar.Cursor, last *int, before *scalar.Cursor, descending bool) (Window, error) {
	return newWindow(timelineKinds, first, after, last, before, descending)
}

// TimelineFilter narrows a timeline: each field that is given must hold. Nil is any; an empty list is none.
type TimelineFilter struct {
	Kinds               []TimelineKind
	Touchpoints, Events []string
	From, Before        *time.Time
}

func (f *TimelineFilter) name() (string, error) {
	if f == nil {
		return "", nil
	}
	if max(len(f.Kinds), len(f.Touchpoints), len(f.Events)) > MaxItems {
		return "", fault.Beyond("filter", "a list of a filter has at most %d items", MaxItems)
	}
	if err := checkTexts("filter.touchpoints", f.Touchpoints...); err != nil {
		return "", err
	}
	if err := checkTexts("filter.events", f.Events...); err != nil {
		return "", err
	}
	text, err := json.Marshal(f)
	return string(text), err
}

// wants tells whether entries of a kind may pass.
func (f *TimelineFilter) wants(kind TimelineKind) bool {
	switch {
	case f == nil:
		return true
	case f.Kinds != nil && !slices.Contains(f.Kinds, kind):
		return false
	case kind == TimelineTier || kind == TimelineRedemption || kind == TimelineStep:
		return f.Touchpoints == nil && f.Events == nil // it came through nothing
	}
	return kind != TimelineConsent || f.Events == nil || slices.Contains(f.Events, loyalty.EventConsented)
}

// narrow makes a statement read what passes: an instant, the touchpoint and the event, by how a column or an expression of the row tells them. What cannot be told is any.
func (f *TimelineFilter) narrow(instant string, touchpoint, event func(*sql.Selector, *sql.Builder)) func(*sql.Selector) {
	return func(s *sql.Selector) {
		if f == nil {
			return
		}
		if f.From != nil {
			s.Where(sql.GTE(s.C(instant), *f.From))
		}
		if f.Before != nil {
			s.Where(sql.LT(s.C(instant), *f.Before))
		}
		for _, x := range []struct {
			list  []string
			value func(*sql.Selector, *sql.Builder)
		}{{f.Touchpoints, touchpoint}, {f.Events, event}} {
			switch {
			case x.list == nil || x.value == nil:
			case len(x.list) == 0:
				s.Where(sql.False())
			default:
				values := make([]any, len(x.list))
				for i, v := range x.list {
					values[i] = v
				}
				s.Where(sql.P(func(b *sql.Builder) {
					x.value(s, b)
					b.WriteString(" IN (").Args(values...).WriteByte(')')
				}))
			}
		}
	}
}

// own is a column of the row itself.
func own(column string) func(*sql.Selector, *sql.Builder) {
	return func(s *sql.Selector, b *sql.Builder) { b.Ident(s.C(column)) }
}

// behind is a column of the interaction behind a movement: a look-up, and no join.
func behind(column string) func(*sql.Selector, *sql.Builder) {
	return func(s *sql.Selector, b *sql.Builder) {
		b.WriteString("(SELECT i." + column + " FROM " + interaction.Table + " i WHERE i.id = ").Ident(s.C(movement.FieldInteractionID)).WriteByte(')')
	}
}

// timelines are members' timelines, by filter.
type timelines struct {
	mu  sync.Mutex
	all map[string][]*pages[*TimelineEntry]
}

// Timeline is a page of all that happened to the member and with its points, rewards, tier, consents and status, by when it did; within an instant, what followed comes after what it followed from.
func (m *Member) Timeline(ctx context.Context, w Window, f *TimelineFilter) (*TimelineConnection, error) {
	name, err := f.name()
	if err != nil {
		return nil, err
	}
	with := m.With
	with.timelines.mu.Lock()
	kinds, ok := with.timelines.all[name]
	if !ok {
		if with.timelines.all == nil {
			with.timelines.all = map[string][]*pages[*TimelineEntry]{}
		}
		kinds = with.timelinePages(f)
		with.timelines.all[name] = kinds
	}
	with.timelines.mu.Unlock()
	var all []*TimelineEntry
	for _, p := range kinds {
		rows, err := p.part(ctx, m.ID, w)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	c := connect(w, all, (*TimelineEntry).cursor)
	c.total = func(ctx context.Context) (sum int, err error) {
		for _, p := range kinds {
			n, err := p.total(ctx, m.ID)
			if err != nil {
				return 0, err
			}
			sum += n
		}
		return sum, nil
	}
	return c, nil
}

func (e *TimelineEntry) cursor() scalar.Cursor {
	return scalar.Cursor{Value: e.At.UnixMicro(), ID: e.ID}
}

// timelinePages are the pages of each kind that passes.
func (m *Members) timelinePages(f *TimelineFilter) (kinds []*pages[*TimelineEntry]) {
	add := func(kind TimelineKind, instant string, rows func(ctx context.Context, members []fact.ID, narrow func(*sql.Selector)) ([]*TimelineEntry, error),
		count func(ctx context.Context, members []fact.ID, into any) error) {
		if !f.wants(kind) {
			return
		}
		kinds = append(kinds, &pages[*TimelineEntry]{
			owners: m.ids, kin: m.kin, order: order{instant, true}, column: movement.FieldMemberID, owner: func(e *TimelineEntry) fact.ID { return e.member }, cursor: (*TimelineEntry).cursor, rows: rows,
			count: func(ctx context.Context, members []fact.ID) (map[fact.ID]int, error) {
				var found []counted
				err := count(ctx, members, &found)
				return totals(found), err
			},
		})
	}
	interactions := func(members []fact.ID) *ent.InteractionQuery {
		return m.Ent.Interaction.Query().Where(interaction.MemberIDIn(members...), predicate.Interaction(f.narrow(interaction.FieldOccurredAt, own(interaction.FieldTouchpoint), own(interaction.FieldEvent))))
	}
	add(TimelineInteraction, interaction.FieldOccurredAt, func(ctx context.Context, members []fact.ID, narrow func(*sql.Selector)) ([]*TimelineEntry, error) {
		q := interactions(members)
		q.Modify(narrow)
		rows, err := q.All(ctx)
		return entries(m.InteractionsOf(rows), func(i *Interaction) *TimelineEntry {
			return &TimelineEntry{ID: i.ID, Kind: TimelineInteraction, At: i.OccurredAt, Interaction: i, member: i.MemberID}
		}), err
	}, func(ctx context.Context, members []fact.ID, into any) error {
		return interactions(members).GroupBy(interaction.FieldMemberID).Aggregate(ent.Count()).Scan(ctx, into)
	})
	movements := func(members []fact.ID) *ent.MovementQuery {
		return m.Ent.Movement.Query().Where(movement.MemberIDIn(members...), predicate.Movement(f.narrow(movement.FieldOccurredAt, behind(interaction.FieldTouchpoint), behind(interaction.FieldEvent))))
	}
	add(TimelineMovement, movement.FieldOccurredAt, func(ctx context.Context, members []fact.ID, narrow func(*sql.Selector)) ([]*TimelineEntry, error) {
		q := movements(members)
		q.Modify(narrow)
		rows, err := q.All(ctx)
		return entries(m.MovementsOf(rows, m.Programme), func(x *Movement) *TimelineEntry {
			return &TimelineEntry{ID: x.ID, Kind: TimelineMovement, At: x.OccurredAt, Movement: x, member: x.MemberID}
		}), err
	}, func(ctx context.Context, members []fact.ID, into any) error {
		return movements(members).GroupBy(movement.FieldMemberID).Aggregate(ent.Count()).Scan(ctx, into)
	})
	consents := func(members []fact.ID) *ent.ConsentQuery {
		return m.Ent.Consent.Query().Where(entconsent.MemberIDIn(members...), predicate.Consent(f.narrow(entconsent.FieldDecidedAt, own(entconsent.FieldTouchpoint), nil)))
	}
	add(TimelineConsent, entconsent.FieldDecidedAt, func(ctx context.Context, members []fact.ID, narrow func(*sql.Selector)) ([]*TimelineEntry, error) {
		q := consents(members)
		q.Modify(narrow)
		rows, err := q.All(ctx)
		return entries(rows, func(row *ent.Consent) *TimelineEntry {
			return &TimelineEntry{ID: row.ID, Kind: TimelineConsent, At: row.DecidedAt, Consent: m.decision(row), member: row.MemberID}
		}), err
	}, func(ctx context.Context, members []fact.ID, into any) error {
		return consents(members).GroupBy(entconsent.FieldMemberID).Aggregate(ent.Count()).Scan(ctx, into)
	})
	tiers := func(members []fact.ID) *ent.TierChangeQuery {
		return m.Ent.TierChange.Query().Where(tierchange.MemberIDIn(members...), predicate.TierChange(f.narrow(tierchange.FieldSince, nil, nil)))
	}
	add(TimelineTier, tierchange.FieldSince, func(ctx context.Context, members []fact.ID, narrow func(*sql.Selector)) ([]*TimelineEntry, error) {
		q := tiers(members)
		q.Modify(narrow)
		rows, err := q.All(ctx)
		return entries(rows, func(row *ent.TierChange) *TimelineEntry {
			return &TimelineEntry{
				ID: row.ID, Kind: TimelineTier, At: row.Since, member: row.MemberID,
				Tier: &TierStep{Was: row.Was, Key: row.Tier, Reason: loyalty.TierReason(row.Reason), Reader: m.Reader},
			}
		}), err
	}, func(ctx context.Context, members []fact.ID, into any) error {
		return tiers(members).GroupBy(tierchange.FieldMemberID).Aggregate(ent.Count()).Scan(ctx, into)
	})
	redemptions := func(members []fact.ID) *ent.RedemptionQuery {
		return m.Ent.Redemption.Query().Where(redemption.MemberIDIn(members...), predicate.Redemption(f.narrow(redemption.FieldCreatedAt, nil, nil)))
	}
	add(TimelineRedemption, redemption.FieldCreatedAt, func(ctx context.Context, members []fact.ID, narrow func(*sql.Selector)) ([]*TimelineEntry, error) {
		q := redemptions(members)
		q.Modify(narrow)
		rows, err := q.All(ctx)
		return entries(m.RedemptionsOf(rows...), func(x *Redemption) *TimelineEntry {
			return &TimelineEntry{ID: x.ID, Kind: TimelineRedemption, At: x.CreatedAt, Redemption: x, member: x.MemberID}
		}), err
	}, func(ctx context.Context, members []fact.ID, into any) error {
		return redemptions(members).GroupBy(redemption.FieldMemberID).Aggregate(ent.Count()).Scan(ctx, into)
	})
	steps := func(members []fact.ID) *ent.MemberEventQuery {
		return m.Ent.MemberEvent.Query().Where(memberevent.MemberIDIn(members...), predicate.MemberEvent(f.narrow(memberevent.FieldCreatedAt, nil, nil)))
	}
	add(TimelineStep, memberevent.FieldCreatedAt, func(ctx context.Context, members []fact.ID, narrow func(*sql.Selector)) ([]*TimelineEntry, error) {
		q := steps(members)
		q.Modify(narrow)
		rows, err := q.All(ctx)
		return entries(m.stepsOf(rows), func(e *MemberEvent) *TimelineEntry {
			return &TimelineEntry{ID: e.ID, Kind: TimelineStep, At: e.At, Step: e, member: e.member}
		}), err
	}, func(ctx context.Context, members []fact.ID, into any) error {
		return steps(members).GroupBy(memberevent.FieldMemberID).Aggregate(ent.Count()).Scan(ctx, into)
	})
	return kinds
}

func entries[R any](rows []R, entry func(R) *TimelineEntry) []*TimelineEntry {
	all := make([]*TimelineEntry, len(rows))
	for i, row := range rows {
		all[i] = entry(row)
	}
	return all
}

// Entries are the latest, latest first, and at least as new as the version.
func (s *TimelineSnapshot) Entries(ctx context.Context, first int) ([]*TimelineEntry, error) {
	w, err := NewTimelineWindow(&first, nil, nil, nil, true)
	if err != nil {
		return nil, err
	}
	m, err := s.From.Members(s.News.Member).Member(ctx, s.News.Member)
	if err != nil || m == nil {
		return nil, err
	}
	c, err := m.Timeline(ctx, w, nil)
	if err != nil {
		return nil, err
	}
	all := make([]*TimelineEntry, len(c.Edges))
	for i, e := range c.Edges {
		all[i] = e.Node
	}
	return all, nil
}
