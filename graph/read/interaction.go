package read

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"granaio/engine"
	"granaio/ent"
	"granaio/ent/interaction"
	"granaio/ent/predicate"
	"granaio/graph/fault"
	"granaio/graph/scalar"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/loyalty/touchpoint"
)

// InteractionConnection is a part of a connection of interactions.
type InteractionConnection = Connection[*Interaction]

// InteractionEdge is one in it.
type InteractionEdge = Edge[*Interaction]

// Interaction is one thing that happened to a member.
type Interaction struct {
	*ent.Interaction
	from *Reader
	with *interactions
}

// interactions are those that were read together.
type interactions struct {
	ids        []fact.ID
	reversals  *Group[fact.ID, []*Reversal]
	judgements groups[string, fact.ID, *engine.Judgement] // by what is asked
}

// IsNode makes it one of GraphQL's nodes.
func (*Interaction) IsNode() {}

// Touchpoint is the one it came through, as it is now, or as it was then if the programme has dropped it; nil if it never had it.
func (i *Interaction) Touchpoint(ctx context.Context) (*touchpoint.Touchpoint, error) {
	p, err := i.from.Programme(ctx)
	if err != nil {
		return nil, err
	}
	if t := p.Touchpoint(i.Interaction.Touchpoint); t != nil {
		return t, nil
	}
	if p, err = i.from.At(ctx, i.OccurredAt); err != nil || p == nil {
		return nil, err
	}
	return p.Touchpoint(i.Interaction.Touchpoint), nil
}

// Paid is what was paid, nil if nothing was.
func (i *Interaction) Paid(ctx context.Context) (*fact.Money, error) {
	if i.Interaction.Value == nil {
		return nil, nil
	}
	return i.from.money(ctx, *i.Interaction.Value)
}

// Bought are the lines that it was paid for.
func (i *Interaction) Bought() ([]fact.Line, error) { return decodeLines(i.Interaction.Lines) }

// Reversals are those of it, in the order in which they were taken.
func (i *Interaction) Reversals(ctx context.Context) ([]*Reversal, error) {
	return i.with.reversals.Get(ctx, i.ID)
}

// Judgement is what became of rules.
func (i *Interaction) Judgement(ctx context.Context, q loyalty.Question) (*engine.Judgement, error) {
	asked := fmt.Sprintf("%#v", q)
	return i.with.judgements.of(asked, func() *Group[fact.ID, *engine.Judgement] {
		return NewGroup(i.with.ids, func(ctx context.Context, ids []fact.ID) (map[fact.ID]*engine.Judgement, error) {
			return i.from.Engine.Judge(ctx, i.from.ID, ids, q)
		})
	}).Get(ctx, i.ID)
}

// Returned is how many pieces of one of its lines were returned.
func (i *Interaction) Returned(ctx context.Context, line fact.Line) (pieces int64, err error) {
	all, err := i.Reversals(ctx)
	if err != nil {
		return 0, err
	}
	for _, v := range all {
		if v.Whole {
			return line.Quantity, nil
		}
		lines, err := v.Named()
		if err != nil {
			return 0, err
		}
		for _, l := range lines {
			if l.Reference == line.Reference {
				pieces += l.Quantity
			}
		}
	}
	return pieces, nil
}

// InteractionsOf are rows as this operation shows them.
func (r *Reader) InteractionsOf(rows []*ent.Interaction) []*Interaction {
	all, ids := make([]*Interaction, len(rows)), make([]fact.ID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	with := &interactions{ids: ids, reversals: NewGroup(ids, r.loadReversals)}
	for i, row := range rows {
		all[i] = &Interaction{row, r, with}
	}
	return all
}

func (r *Reader) loadInteractions(ctx context.Context, ids []fact.ID) (map[fact.ID]*Interaction, error) {
	rows, err := r.Ent.Interaction.Query().Where(interaction.IDIn(ids...)).All(ctx)
	return byID(r.InteractionsOf(rows), func(i *Interaction) fact.ID { return i.ID }), err
}

// Interactions are the interactions of the ids, read in one statement when the first is asked for.
func (r *Reader) Interactions(ids []fact.ID) *Group[fact.ID, *Interaction] {
	return NewGroup(ids, r.loadInteractions)
}

// InteractionFilter narrows which interactions are read: each field that is given must hold. Nil is any; an empty list is none.
type InteractionFilter struct {
	Events, Touchpoints          []string
	OccurredFrom, OccurredBefore *time.Time
}

// name names a connection that is asked for with the filter. It refuses lists that are too long.
func (f *InteractionFilter) name() (string, error) {
	if f == nil {
		return "", nil
	}
	if max(len(f.Events), len(f.Touchpoints)) > MaxItems {
		return "", fault.Beyond("keys", "a list of a filter has at most %d items", MaxItems)
	}
	if err := errors.Join(checkTexts("filter.events", f.Events...), checkTexts("filter.touchpoints", f.Touchpoints...)); err != nil {
		return "", err
	}
	text, err := json.Marshal(f)
	return string(text), err
}

// narrow makes a statement read what the filter lets through.
func (f *InteractionFilter) narrow() (all []predicate.Interaction) {
	if f == nil {
		return nil
	}
	if f.Events != nil {
		all = append(all, interaction.EventIn(f.Events...))
	}
	if f.Touchpoints != nil {
		all = append(all, interaction.TouchpointIn(f.Touchpoints...))
	}
	if f.OccurredFrom != nil {
		all = append(all, interaction.OccurredAtGTE(*f.OccurredFrom))
	}
	if f.OccurredBefore != nil {
		all = append(all, interaction.OccurredAtLT(*f.OccurredBefore))
	}
	return all
}

func (m *Members) interactionPages(let []predicate.Interaction) *pages[*Interaction] {
	return &pages[*Interaction]{
		owners: m.ids, kin: m.kin, order: order{interaction.FieldOccurredAt, true}, column: interaction.FieldMemberID,
		owner:  func(n *Interaction) fact.ID { return n.MemberID },
		cursor: func(n *Interaction) scalar.Cursor { return scalar.Cursor{Value: n.OccurredAt.UnixMicro(), ID: n.ID} },
		rows: func(ctx context.Context, members []fact.ID, narrow func(*sql.Selector)) ([]*Interaction, error) {
			q := m.Ent.Interaction.Query().Where(interaction.MemberIDIn(members...)).Where(let...)
			q.Modify(narrow)
			rows, err := q.All(ctx)
			return m.InteractionsOf(rows), err
		},
		count: func(ctx context.Context, members []fact.ID) (map[fact.ID]int, error) {
			var rows []counted
			err := m.Ent.Interaction.Query().Where(interaction.MemberIDIn(members...)).Where(let...).
				GroupBy(interaction.FieldMemberID).Aggregate(ent.Count()).Scan(ctx, &rows)
			return totals(rows), err
		},
	}
}

// Interactions is a page of what happened to the member, by when it did: what the filter lets through, all without one.
func (m *Member) Interactions(ctx context.Context, w Window, f *InteractionFilter) (*Connection[*Interaction], error) {
	name, err := f.name()
	if err != nil {
		return nil, err
	}
	return m.With.interactions.of(name, func() *pages[*Interaction] { return m.With.interactionPages(f.narrow()) }).of(ctx, m.ID, w)
}

// TimelineSnapshot is what last happened to a member.
type TimelineSnapshot struct {
	News loyalty.TimelineNews
	From *Reader
}

// Member is whose it is.
func (s *TimelineSnapshot) Member() fact.ID { return s.News.Member }

// Version only grows.
func (s *TimelineSnapshot) Version() int64 { return s.News.Version }

// At is when that was so.
func (s *TimelineSnapshot) At() time.Time { return s.News.At }

// Interactions are those that occurred last, the latest first, of those whom the member has absorbed too.
func (s *TimelineSnapshot) Interactions(ctx context.Context, first int) ([]*Interaction, error) {
	w, err := NewWindow(fact.KindInteraction, &first, nil, nil, nil, true)
	if err != nil {
		return nil, err
	}
	m, err := s.From.Members(s.News.Member).Member(ctx, s.News.Member)
	if err != nil || m == nil {
		return nil, err
	}
	c, err := m.Interactions(ctx, w, nil)
	if err != nil {
		return nil, err
	}
	all := make([]*Interaction, len(c.Edges))
	for i, e := range c.Edges {
		all[i] = e.Node
	}
	return all, nil
}
