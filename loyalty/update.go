package loyalty

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"granaio/loyalty/consent"
	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// Update is that somebody says something of a member, or of a dependent of it.
type Update struct {
	Interaction fact.ID // that it is
	Touchpoint  string
	Occurred    time.Time
	Received    time.Time
	// Sender is who says it, whom each attribute's declaration must let; empty for Granaio itself.
	Sender Sender
	// Party is where it comes from; empty for what the sender's word is: a member's and an operator's the person's own, a partner's a partner's.
	Party fact.Party
	// Locale is the language that the member prefers from now on, BCP 47; empty for the programme's first, nil for no change.
	Locale *string
	// Attributes by name; nil removes one. They are the dependent's, if it is about one.
	Attributes map[string]any
	// Dependent is the one that it is about; nil for the member itself.
	Dependent *DependentUpdate
}

// DependentUpdate is what is to be done about a dependent.
type DependentUpdate struct {
	Event string  // EventDependentAdded, EventDependentUpdated or EventDependentRemoved
	ID    fact.ID // the new one's, if it is added
	Kind  string  // of one that is added
}

// AttributeChange is a value that was given for an attribute, as it goes into the attribute's history.
type AttributeChange struct {
	Attribute
	Dependent fact.ID // whose it is; zero for the member's own
	Name      string  // NameLocale and NameKind are no attributes
	State     AttributeState
}

// AttributeState is what became of a value that was given. The values are stored: they are never changed.
type AttributeState string

// The states.
const (
	Taken     AttributeState = "taken"     // it was the attribute's value from then on
	Outranked AttributeState = "outranked" // what was known already is believed more, or is newer
	Aside     AttributeState = "aside"     // the programme does not declare the attribute, and keeps it aside
	Removed   AttributeState = "removed"   // there was no value from then on
)

// What is kept in the history beside attributes: the language that the member prefers, and the kind of a dependent that was added, or removed.
const (
	NameLocale = "locale"
	NameKind   = "kind"
)

// ApplyUpdate decides an update: the built-in event of it, and what follows. It is the answer, with the interaction that it is; or the zero interaction and no effects, if all that is said was known
// already. The programme is the version that was in force when it occurred.
func ApplyUpdate(p *Programme, s *State, u Update, now time.Time) (fact.Interaction, *Effects, *fact.Refusal, error) {
	now = fact.Instant(now)
	i := fact.Interaction{ID: u.Interaction, Event: u.Event(), Touchpoint: u.Touchpoint, Occurred: fact.Instant(u.Occurred), Received: fact.Instant(u.Received)}
	if err := s.Doc.Profile.Err(); err != nil {
		return i, nil, nil, err
	}
	r := p.admitMember(&s.Member)
	if r == nil {
		r = p.admitPlaceAndTime(i.Touchpoint, i.Occurred, now)
	}
	if r == nil {
		r = u.admitParty()
	}
	if r != nil {
		return i, nil, r, nil
	}
	s = s.clone()
	c := p.changing(s, i, u.Sender, u.Party, now)
	if r := c.update(s, &u); r != nil {
		return i, nil, r, nil
	}
	if len(c.changes) == 0 {
		return fact.Interaction{}, nil, nil, nil
	}
	if r := c.keep(s); r != nil {
		return i, nil, r, nil
	}
	i.Properties = c.properties(u.Dependent)
	effects, r, err := decide(p, s, i, nil, nil, now)
	if effects != nil {
		effects.Attributes = c.changes
	}
	return i, effects, r, err
}

// Event is the built-in event that the update is.
func (u *Update) Event() string {
	if u.Dependent != nil {
		return u.Dependent.Event
	}
	return EventUpdated
}

// admitParty finds out where it comes from, and refuses what cannot be.
func (u *Update) admitParty() *fact.Refusal {
	switch {
	case u.Party == "" && u.Sender == SenderPartner:
		u.Party = fact.SecondParty
	case u.Party == "":
		u.Party = fact.ZeroParty
	case !slices.Contains(fact.Parties, u.Party):
		return fact.Refuse(fact.CodeInvalid, "party", "not a party")
	case u.Sender == SenderMember && u.Party != fact.ZeroParty:
		return fact.Refuse(fact.CodeNotAllowed, "party", "what a member says of itself is zero-party")
	}
	return nil
}

// changing is what is known of a member while it is changed.
type changing struct {
	p       *Programme
	from    Attribute // whence it comes: without a value
	sender  Sender
	day     fact.Day // on which it is said, as far as bounds are concerned
	known   Known
	given   consent.Set
	changes []AttributeChange
	changed []string // the names that have another value now
	fresh   []string // those of them that had none before
	removed []string
}

func (p *Programme) changing(s *State, i fact.Interaction, sender Sender, party fact.Party, now time.Time) *changing {
	return &changing{
		p: p, sender: sender, day: fact.DayOf(now, p.zone), known: s.Doc.Profile.Known().clone(), given: s.Doc.Consents,
		from: Attribute{Touchpoint: i.Touchpoint, Party: party, At: i.Occurred, Interaction: i.ID},
	}
}

// update takes what is said.
func (c *changing) update(s *State, u *Update) *fact.Refusal {
	if r := CheckProperties(u.Attributes, "attributes"); r != nil {
		return r
	}
	if u.Dependent != nil {
		return c.dependent(u.Dependent, u.Attributes)
	}
	if u.Locale != nil && *u.Locale != s.Member.Locale {
		if *u.Locale != "" && !languageTag.MatchString(*u.Locale) {
			return fact.Refuse(fact.CodeInvalid, "locale", "not a language tag, such as it or it-CH")
		}
		s.Member.Locale = *u.Locale
		c.note(fact.ID{}, NameLocale, *u.Locale, Taken)
		c.changed = append(c.changed, NameLocale)
	}
	return c.members(u.Attributes)
}

// members takes attributes of the member's own.
func (c *changing) members(values map[string]any) *fact.Refusal {
	if c.known.Attributes == nil {
		c.known.Attributes = map[string]Attribute{}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if c.p.attributes[name] == nil && c.p.aside && fact.IsFieldName(name) && name != NameLocale {
			if r := c.setAside(name, values[name]); r != nil {
				return r
			}
			continue
		}
		if r := c.set(fact.ID{}, c.p.attributes[name], c.known.Attributes, name, values[name]); r != nil {
			return r
		}
	}
	return nil
}

// set takes one value of one attribute, of the member or of a dependent.
func (c *changing) set(dependent fact.ID, a *DeclaredAttribute, into map[string]Attribute, name string, v any) *fact.Refusal {
	field := "attributes." + name
	switch {
	case a == nil:
		return fact.Refuse(fact.CodeUnknownAttribute, field, "the programme declares no such attribute")
	case !a.Writes(Writer(c.sender)):
		return fact.Refuse(fact.CodeNotWritable, field, "a %s does not write this attribute", c.sender)
	case a.rank(c.from.Party) < 0:
		return fact.Refuse(fact.CodeNotWritable, field, "the attribute does not take %s-party data", c.from.Party)
	}
	fresh := c.from
	if v != nil {
		var r *fact.Refusal
		if fresh.Value, r = a.accept(v, field, c.day); r != nil {
			return r
		}
		fresh.Consent = c.given.Under(a.Purposes)
	}
	was := into[name]
	if v != nil {
		fresh.Removed = was.gone()
	}
	switch {
	case same(was.Value, fresh.Value) && (v == nil || a.rank(fresh.Party) >= a.rank(was.Party)):
		return nil // it is known already
	case !a.prevails(fresh, was):
		c.keeps(dependent, name, fresh, Outranked)
		return nil
	case v == nil:
		c.removed = append(c.removed, name)
		c.keeps(dependent, name, fresh, Removed)
	case same(was.Value, fresh.Value): // it is only known better
		c.keeps(dependent, name, fresh, Taken)
	default:
		if c.changed = append(c.changed, name); was.Value == nil {
			c.fresh = append(c.fresh, name)
		}
		c.keeps(dependent, name, fresh, Taken)
	}
	into[name] = fresh
	return nil
}

// setAside keeps a value of an attribute that the programme does not declare.
func (c *changing) setAside(name string, v any) *fact.Refusal {
	switch was, known := c.known.Aside[name]; {
	case v == nil && !known:
		return nil
	case v == nil:
		delete(c.known.Aside, name)
		c.note(fact.ID{}, name, nil, Removed)
		return nil
	case known && alike(was.Value, v):
		return nil
	case !known && len(c.known.Aside) >= maxAside:
		return fact.Refuse(fact.CodeTooMany, "attributes."+name, "at most %d attributes are kept aside", maxAside)
	}
	if c.known.Aside == nil {
		c.known.Aside = map[string]Attribute{}
	}
	kept := c.from
	kept.Value = v
	c.known.Aside[name] = kept
	c.note(fact.ID{}, name, v, Aside)
	return nil
}

// dependent takes what is said of a dependent.
func (c *changing) dependent(u *DependentUpdate, values map[string]any) *fact.Refusal {
	at := slices.IndexFunc(c.known.Dependents, func(d Dependent) bool { return d.ID == u.ID })
	switch {
	case u.Event == EventDependentAdded:
		return c.add(u.ID, u.Kind, values)
	case at < 0:
		return fact.Refuse(fact.CodeUnknownDependent, "dependent", "the member has no such dependent")
	}
	d := c.known.Dependents[at]
	u.Kind = d.Kind
	if u.Event == EventDependentRemoved {
		c.known.Dependents = slices.Delete(c.known.Dependents, at, at+1)
		c.note(d.ID, NameKind, nil, Removed)
		return nil
	}
	if d.Attributes = maps.Clone(d.Attributes); d.Attributes == nil {
		d.Attributes = map[string]Attribute{}
	}
	c.known.Dependents[at] = d
	return c.describe(d, values)
}

// add adds a dependent.
func (c *changing) add(id fact.ID, kind string, values map[string]any) *fact.Refusal {
	k := c.p.dependents[kind]
	if k == nil {
		return fact.Refuse(fact.CodeUnknownDependentKind, "kind", "the programme declares no such kind of dependent%s", fact.Nearest(kind, slices.Collect(maps.Keys(c.p.dependents))))
	}
	same := 0
	for _, d := range c.known.Dependents {
		if d.Kind == kind {
			same++
		}
	}
	if same >= k.Most || len(c.known.Dependents) >= expr.MaxDependents {
		return fact.Refuse(fact.CodeTooManyDependents, "kind", "a member has at most %d dependents of the kind, and %d in all", k.Most, expr.MaxDependents)
	}
	d := Dependent{ID: id, Kind: kind, Added: c.from.At, Attributes: map[string]Attribute{}}
	c.known.Dependents = append(c.known.Dependents, d)
	c.note(id, NameKind, kind, Taken)
	return c.describe(d, values)
}

// describe takes attributes of a dependent, which shares them with the one that is known.
func (c *changing) describe(d Dependent, values map[string]any) *fact.Refusal {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if r := c.set(d.ID, c.p.dependents[d.Kind].Attribute(name), d.Attributes, name, values[name]); r != nil {
			return r
		}
	}
	return nil
}

// keeps writes a value into the history with all that is known of it.
func (c *changing) keeps(dependent fact.ID, name string, given Attribute, state AttributeState) {
	c.changes = append(c.changes, AttributeChange{given, dependent, name, state})
}

// note writes a value into the history that has no purpose.
func (c *changing) note(dependent fact.ID, name string, value any, state AttributeState) {
	given := c.from
	given.Value = value
	c.keeps(dependent, name, given, state)
}

// keep makes what is known now the member's, if that is not too much.
func (c *changing) keep(s *State) *fact.Refusal {
	p := NewProfile(c.known)
	text, err := p.Encode()
	if err != nil || len(text) > maxProfile {
		return fact.Refuse(fact.CodeTooLarge, "attributes", "at most %d bytes are kept of a member", maxProfile)
	}
	s.Doc.Profile = p
	return nil
}

// properties are those of the event.
func (c *changing) properties(d *DependentUpdate) map[string]any {
	all := map[string]any{"changed": c.changed, "new": c.fresh, "removed": c.removed}
	for name, v := range all {
		if v.([]string) == nil {
			all[name] = []string{}
		}
	}
	if d != nil {
		all[expr.AboutDependent], all["kind"] = d.ID.String(), d.Kind
	}
	return all
}

// alike tells whether two values are one as JSON.
func alike(a, b any) bool {
	x, err := json.Marshal(a)
	y, other := json.Marshal(b)
	return err == nil && other == nil && bytes.Equal(x, y)
}

// same tells whether two values, of declared types, are one.
func same(a, b any) bool {
	x, list := a.([]string)
	y, other := b.([]string)
	if list || other {
		return list && other && slices.Equal(x, y)
	}
	return a == b
}

// learn takes what the interaction tells of the member, by its event's declaration.
func (d *decision) learn() {
	e := d.plan.event
	if len(e.teaches) == 0 || d.state.Doc.Profile.Err() != nil {
		return
	}
	c := d.p.changing(d.state, d.interaction, "", e.party, d.now)
	if c.known.Attributes == nil {
		c.known.Attributes = map[string]Attribute{}
	}
	for _, l := range e.teaches {
		if v, told := d.interaction.Properties[l.property]; told && v != nil {
			_ = c.set(fact.ID{}, d.p.attributes[l.attribute], c.known.Attributes, l.attribute, v) // what the attribute does not take leaves it as it is
		}
	}
	if len(c.changes) > 0 && c.keep(d.state) == nil {
		d.effects.Attributes = c.changes
	}
}
