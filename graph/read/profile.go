package read

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"entgo.io/ent/dialect/sql"

	"granaio/ent"
	"granaio/ent/attributevalue"
	"granaio/ent/predicate"
	"granaio/graph/scalar"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// Attribute is a value that is known of a member or of a dependent.
type Attribute struct {
	Name string
	// Declared is what the version in force says of it, nil if that does not declare it.
	Declared *loyalty.DeclaredAttribute
	Known    loyalty.Attribute
	of       fact.ID // the dependent; zero for the member's own
	Member   *Member
}

// Value is what is known.
func (a *Attribute) Value() any { return a.Known.Value }

// Party is where it comes from.
func (a *Attribute) Party() fact.Party { return a.Known.Party }

// RecordedAt is when it was said or observed.
func (a *Attribute) RecordedAt() time.Time { return a.Known.At }

// Lacking are the purposes of which the member would have to agree to one before conditions can read it.
func (a *Attribute) Lacking(ctx context.Context) ([]string, error) {
	v, err := a.Member.View(ctx)
	if err != nil || !a.of.IsZero() {
		return []string{}, err
	}
	return append([]string{}, v.Programme.Lacking(v.State, a.Name)...), nil
}

// Interaction is the one by which it became known.
func (a *Attribute) Interaction(ctx context.Context) (*Interaction, error) {
	m := a.Member.With
	if _, err := a.Member.View(ctx); err != nil {
		return nil, err
	}
	return m.sources.get(func() *Group[fact.ID, *Interaction] {
		return m.Interactions(m.known(func(x loyalty.Attribute) fact.ID { return x.Interaction }))
	}).Get(ctx, a.Known.Interaction)
}

// Consent is the decision that held about its purpose when it was taken; nil if it has none, or nothing was decided.
func (a *Attribute) Consent(ctx context.Context) (*ConsentDecision, error) {
	m := a.Member.With
	if _, err := a.Member.View(ctx); err != nil || a.Known.Consent.IsZero() {
		return nil, err
	}
	return m.grounds.get(func() *Group[fact.ID, *ConsentDecision] {
		return m.ConsentDecisions(m.known(func(x loyalty.Attribute) fact.ID { return x.Consent }))
	}).Get(ctx, a.Known.Consent)
}

// known are the ids, each once, that all that is known of the members names in some way. The members have been read: an attribute is one of theirs.
func (m *Members) known(id func(loyalty.Attribute) fact.ID) (ids []fact.ID) {
	for _, v := range m.views.values {
		known := v.State.Doc.Profile.Known()
		all := []map[string]loyalty.Attribute{known.Attributes, known.Aside}
		for _, d := range known.Dependents {
			all = append(all, d.Attributes)
		}
		for _, attributes := range all {
			for _, x := range attributes {
				if of := id(x); !of.IsZero() && !slices.Contains(ids, of) {
					ids = append(ids, of)
				}
			}
		}
	}
	return ids
}

// Attributes are those of the member, by name: to the member itself, those that it is shown.
func (m *Member) Attributes(ctx context.Context, itself bool) ([]*Attribute, error) {
	v, err := m.View(ctx)
	if err == nil {
		err = v.State.Doc.Profile.Err()
	}
	if err != nil {
		return nil, err
	}
	return m.attributes(fact.ID{}, v.State.Doc.Profile.Known().Attributes, v.Programme.Attribute, itself), nil
}

// AttributesAside are those that the programme does not declare.
func (m *Member) AttributesAside(ctx context.Context) ([]*Attribute, error) {
	v, err := m.View(ctx)
	if err != nil {
		return nil, err
	}
	none := func(string) *loyalty.DeclaredAttribute { return nil }
	return m.attributes(fact.ID{}, v.State.Doc.Profile.Known().Aside, none, false), nil
}

func (m *Member) attributes(of fact.ID, known map[string]loyalty.Attribute, declared func(string) *loyalty.DeclaredAttribute, itself bool) []*Attribute {
	all := make([]*Attribute, 0, len(known))
	for _, name := range slices.Sorted(maps.Keys(known)) {
		a := &Attribute{Name: name, Declared: declared(name), Known: known[name], of: of, Member: m}
		if a.Known.Value != nil && (!itself || a.Declared != nil && a.Declared.Shown) {
			all = append(all, a)
		}
	}
	return all
}

// Dependent is somebody or something that a member looks after.
type Dependent struct {
	loyalty.Dependent
	// Declared is what the version in force says of its kind, nil if that does not declare it.
	Declared *loyalty.DependentKind
	Member   *Member
}

// AddedAt is when it was added.
func (d *Dependent) AddedAt() time.Time { return d.Added }

// Known are its attributes, by name: to the member, those that it is shown.
func (d *Dependent) Known(itself bool) []*Attribute {
	return d.Member.attributes(d.ID, d.Attributes, d.Declared.Attribute, itself)
}

// Dependents are those of the member.
func (m *Member) Dependents(ctx context.Context) ([]*Dependent, error) {
	v, err := m.View(ctx)
	if err != nil {
		return nil, err
	}
	known := v.State.Doc.Profile.Known().Dependents
	all := make([]*Dependent, len(known))
	for i, d := range known {
		all[i] = &Dependent{d, v.Programme.DependentKind(d.Kind), m}
	}
	return all, nil
}

// Dependent is the one of the id, nil if the member has it not.
func (m *Member) Dependent(ctx context.Context, id fact.ID) (*Dependent, error) {
	all, err := m.Dependents(ctx)
	if i := slices.IndexFunc(all, func(d *Dependent) bool { return d.ID == id }); i >= 0 {
		return all[i], nil
	}
	return nil, err
}

// AttributeValue is a value that was given for an attribute.
type AttributeValue struct {
	*ent.AttributeValue
	with    *Group[fact.ID, *Interaction]
	grounds *Group[fact.ID, *ConsentDecision]
	From    *Reader
}

// AttributeValueConnection is a part of a connection of them.
type AttributeValueConnection = Connection[*AttributeValue]

// AttributeValueEdge is one in it.
type AttributeValueEdge = Edge[*AttributeValue]

// Value is what was given, nil where one was removed.
func (v *AttributeValue) Value() any {
	if len(v.AttributeValue.Value) == 0 {
		return nil
	}
	return json.RawMessage(v.AttributeValue.Value)
}

// Party is where it comes from.
func (v *AttributeValue) Party() fact.Party { return fact.Party(v.AttributeValue.Party) }

// State is what became of it.
func (v *AttributeValue) State() loyalty.AttributeState {
	return loyalty.AttributeState(v.AttributeValue.State)
}

// RecordedAt is when it was taken.
func (v *AttributeValue) RecordedAt() time.Time { return v.CreatedAt }

// Interaction is the one by which it became known.
func (v *AttributeValue) Interaction(ctx context.Context) (*Interaction, error) {
	return v.with.Get(ctx, v.source())
}

// Consent is the decision that held about the attribute's purpose when it was taken; nil if it has none, or nothing was decided.
func (v *AttributeValue) Consent(ctx context.Context) (*ConsentDecision, error) {
	if v.ConsentID.IsZero() {
		return nil, nil
	}
	return v.grounds.Get(ctx, v.ConsentID)
}

// source is the id of that interaction.
func (v *AttributeValue) source() fact.ID { return v.ID.At(0).As(fact.KindInteraction) }

// attributeName names an attribute of a member or of a dependent.
type attributeName struct {
	of   fact.ID
	name string
}

// histories are the pages of the attributes' values, by which they are.
type histories struct {
	mu  sync.Mutex
	all map[attributeName]*pages[*AttributeValue]
}

func (h *histories) get(of attributeName, make func() *pages[*AttributeValue]) *pages[*AttributeValue] {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all == nil {
		h.all = map[attributeName]*pages[*AttributeValue]{}
	}
	if h.all[of] == nil {
		h.all[of] = make()
	}
	return h.all[of]
}

// History is a page of the values that were given for the attribute, by when they were taken.
func (a *Attribute) History(ctx context.Context, w Window) (*AttributeValueConnection, error) {
	m, of := a.Member.With, attributeName{a.of, a.Name}
	return m.histories.get(of, func() *pages[*AttributeValue] { return m.valuePages(of) }).of(ctx, a.Member.ID, w)
}

func (m *Members) valuePages(of attributeName) *pages[*AttributeValue] {
	whose := attributevalue.DependentIDIsNil()
	if !of.of.IsZero() {
		whose = attributevalue.DependentID(of.of)
	}
	which := func(members []fact.ID) predicate.AttributeValue {
		return attributevalue.And(attributevalue.MemberIDIn(members...), attributevalue.Name(of.name), whose)
	}
	return &pages[*AttributeValue]{
		owners: m.ids, kin: m.kin, order: order{attributevalue.FieldCreatedAt, true}, column: attributevalue.FieldMemberID,
		owner:  func(n *AttributeValue) fact.ID { return n.MemberID },
		cursor: func(n *AttributeValue) scalar.Cursor { return scalar.Cursor{Value: n.CreatedAt.UnixMicro(), ID: n.ID} },
		rows: func(ctx context.Context, members []fact.ID, narrow func(*sql.Selector)) ([]*AttributeValue, error) {
			q := m.Ent.AttributeValue.Query().Where(which(members))
			q.Modify(narrow)
			rows, err := q.All(ctx)
			all, ids, consents := make([]*AttributeValue, len(rows)), make([]fact.ID, len(rows)), make([]fact.ID, 0, len(rows))
			for i, row := range rows {
				all[i] = &AttributeValue{AttributeValue: row, From: m.Reader}
				ids[i] = all[i].source()
				if c := row.ConsentID; !c.IsZero() && !slices.Contains(consents, c) {
					consents = append(consents, c)
				}
			}
			with, grounds := m.Interactions(ids), m.ConsentDecisions(consents)
			for _, v := range all {
				v.with, v.grounds = with, grounds
			}
			return all, err
		},
		count: func(ctx context.Context, members []fact.ID) (map[fact.ID]int, error) {
			var rows []counted
			err := m.Ent.AttributeValue.Query().Where(which(members)).
				GroupBy(attributevalue.FieldMemberID).Aggregate(ent.Count()).Scan(ctx, &rows)
			return totals(rows), err
		},
	}
}
