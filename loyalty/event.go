package loyalty

import (
	"maps"
	"slices"
	"strings"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// The built-in events, which nobody can send.
const (
	// EventEnrolled is a member's enrolment: it is registered from then on. Enrol decides it, and Register, of a member that there is.
	EventEnrolled = "member.enrolled"
	// EventMet is that somebody became known who is not enrolled, as what (status: anonymous or prospect). Enrol decides it.
	EventMet = "member.met"
	// EventExpiring is that points come near the time at which they expire: how many (points), when (expires_at, RFC 3339; last_day, the last day on which they
	// can be spent), and whether activity would save them (inactivity). Warn decides it. It is no activity.
	EventExpiring = "points.expiring"
	// EventTierChanged is that the member's tier changed, to which (tier, empty below the first). It happens when the change did, and is told soon after. It is no
	// activity.
	EventTierChanged = "tier.changed"
	// EventConsented is that the member decided about purposes: which it agreed to (given), refused and no longer agrees to (withdrawn). Consent decides it. It is no
	// activity. An enrolment has given and refused too, where something was decided with it.
	EventConsented = "consent.changed"
	// EventUpdated is that something was said of the member: the attributes that have another value now (changed), those of them that had none before (new), and
	// those that have none any more (removed); locale is among them as if it were one. Update decides it. It is no activity, since others may say it too.
	EventUpdated = "member.updated"
	// EventDependentAdded, EventDependentUpdated and EventDependentRemoved are the same of a dependent: which (dependent, its id), of which kind, and what of it.
	EventDependentAdded   = "dependent.added"
	EventDependentUpdated = "dependent.updated"
	EventDependentRemoved = "dependent.removed"
)

// Event is an event that a programme declares, or a built-in one.
type Event struct {
	Key        string // as interactions name it
	Name       fact.Text
	Value      ValueNeed
	Properties map[string]expr.Type // those that expressions can read
	From       []Sender             // who may send it
	Passive    bool                 // it is no activity of the member
	BuiltIn    bool

	teaches []lesson // by attribute
	party   fact.Party
	about   bool // it says which dependent it is about
}

// lesson is that a property of an event becomes an attribute of the member.
type lesson struct{ attribute, property string }

// Sender is a kind of caller that sends interactions.
type Sender string

// The senders.
const (
	SenderMember   Sender = "member" // of itself
	SenderPartner  Sender = "partner"
	SenderOperator Sender = "operator"
)

var senders = []Sender{SenderMember, SenderPartner, SenderOperator}

// senders is who may send an event that says so, or does not.
func (e *Event) senders(spec EventSpec, r fact.Report) []Sender {
	if len(spec.From) == 0 {
		if e.Value == ValueNone {
			return senders
		}
		return []Sender{SenderPartner, SenderOperator}
	}
	var from []Sender
	for i, name := range spec.From {
		switch s := Sender(name); {
		case !slices.Contains(senders, s):
			r.At(i).Say("“%s” cannot send events: those who can are member, partner and operator%s", name, fact.Nearest(name, fact.Strings(senders)))
		case slices.Contains(from, s):
			r.At(i).Say("“%s” is there already", name)
		default:
			from = append(from, s)
		}
	}
	return from
}

// ValueNeed tells whether an event carries a value in money.
type ValueNeed string

// The needs of a value.
const (
	ValueNone     ValueNeed = "none"
	ValueOptional ValueNeed = "optional"
	ValueRequired ValueNeed = "required"
)

var valueNeeds = []ValueNeed{ValueNone, ValueOptional, ValueRequired}

// updateProperties are those of the events by which somebody says something of a member, and dependentProperties of a dependent.
var (
	updateProperties    = map[string]expr.Type{"changed": expr.Strings, "new": expr.Strings, "removed": expr.Strings}
	dependentProperties = map[string]expr.Type{
		"changed": expr.Strings, "new": expr.Strings, "removed": expr.Strings, expr.AboutDependent: expr.String, "kind": expr.String,
	}
)

// builtIn are the built-in events, with names in the languages that Granaio speaks; a programme may name them otherwise.
var builtIn = map[string]Event{
	EventEnrolled: {
		Name: fact.Text{"en": "enrolment", "it": "iscrizione"}, Properties: map[string]expr.Type{"given": expr.Strings, "refused": expr.Strings},
	},
	EventConsented: {
		Name: fact.Text{"en": "decision about consent", "it": "scelta sui consensi"}, Passive: true,
		Properties: map[string]expr.Type{"given": expr.Strings, "refused": expr.Strings, "withdrawn": expr.Strings},
	},
	EventMet: {Name: fact.Text{"en": "first contact", "it": "primo contatto"}, Properties: map[string]expr.Type{"status": expr.String}},
	EventTierChanged: {
		Name: fact.Text{"en": "change of tier", "it": "cambio di livello"}, Passive: true, Properties: map[string]expr.Type{"tier": expr.String},
	},
	EventExpiring: {
		Name: fact.Text{"en": "points about to expire", "it": "punti in scadenza"}, Passive: true,
		Properties: map[string]expr.Type{"points": expr.Int, "expires_at": expr.String, "last_day": expr.String, "inactivity": expr.Bool},
	},
	EventUpdated: {Name: fact.Text{"en": "change of the profile", "it": "modifica del profilo"}, Passive: true, Properties: updateProperties},
	EventDependentAdded: {
		Name: fact.Text{"en": "a dependent was added", "it": "nuovo familiare"}, Passive: true, Properties: dependentProperties, about: true,
	},
	EventDependentUpdated: {
		Name: fact.Text{"en": "change of a dependent", "it": "modifica di un familiare"}, Passive: true, Properties: dependentProperties, about: true,
	},
	EventDependentRemoved: {
		Name: fact.Text{"en": "a dependent was removed", "it": "familiare rimosso"}, Passive: true, Properties: dependentProperties,
	},
}

// builtIn are the built-in events that the programme has: without dependents, nothing happens to any.
func (c *compiler) builtIn() map[string]Event {
	if len(c.p.dependents) > 0 {
		return builtIn
	}
	all := maps.Clone(builtIn)
	maps.DeleteFunc(all, func(_ string, e Event) bool { return e.Properties["kind"] != "" })
	return all
}

func (c *compiler) compileEvents(specs map[string]EventSpec, r fact.Report) {
	for _, name := range slices.Sorted(maps.Keys(specs)) {
		spec, at := specs[name], r.In(name)
		own, isOwn := c.builtIn()[name]
		e := &Event{
			Key: name, Name: spec.Name, Value: ValueNeed(spec.Value), Properties: map[string]expr.Type{}, BuiltIn: isOwn,
			Passive: spec.Activity != nil && !*spec.Activity,
		}
		if !fact.IsEventName(name) {
			at.Say("the name of an event is lower-case letters, digits, dots, underscores and dashes, at most %d", fact.MaxKey)
		}
		c.setting.Text(spec.Name, false, fact.MaxName, at.In("name"))
		if e.Value == "" {
			e.Value = ValueNone
		} else if !slices.Contains(valueNeeds, e.Value) {
			at.In("value").Say("“%s” is not required, optional or none%s", spec.Value, fact.Nearest(spec.Value, fact.Strings(valueNeeds)))
		}
		e.From = e.senders(spec, at.In("from"))
		for _, p := range slices.Sorted(maps.Keys(spec.Properties)) {
			e.Properties[p] = compileType(p, spec.Properties[p], expr.PropertyTypes, at.In("properties").In(p))
		}
		c.compileLessons(e, &spec, at)
		if len(spec.Properties) > maxProperties {
			at.In("properties").Say("an event has at most %d properties", maxProperties)
		}
		if e.BuiltIn {
			if e.Value != ValueNone || len(e.Properties) > 0 || len(spec.From) > 0 || spec.Activity != nil || len(spec.Attributes) > 0 || spec.Party != "" {
				at.Say("“%s” is a built-in event: it can be given a name, but nothing else can be said of it", name)
			}
			e.Properties, e.Passive, e.about = own.Properties, own.Passive, own.about
		}
		c.p.events[name] = e
	}
	for name, own := range c.builtIn() {
		if c.p.events[name] == nil {
			own.Key, own.Value, own.BuiltIn = name, ValueNone, true
			c.p.events[name] = &own
		}
	}
}

// compileLessons reads which of an event's properties become which attributes.
func (c *compiler) compileLessons(e *Event, spec *EventSpec, r fact.Report) {
	e.about = len(c.p.dependents) > 0 && e.Properties[expr.AboutDependent] == expr.String
	if e.party = fact.Party(spec.Party); spec.Party == "" {
		e.party = fact.FirstParty
	} else if !slices.Contains(fact.Parties, e.party) {
		r.In("party").Say("“%s” is not a party: those are %s%s", spec.Party, strings.Join(fact.Strings(fact.Parties), ", "), fact.Nearest(spec.Party, fact.Strings(fact.Parties)))
	} else if len(spec.Attributes) == 0 {
		r.In("party").Say("it is of attributes, of which the event has none")
	}
	for _, name := range slices.Sorted(maps.Keys(spec.Attributes)) {
		property, at := spec.Attributes[name], r.In("attributes").In(name)
		a, t := c.p.attributes[name], e.Properties[property]
		switch {
		case a == nil:
			at.Say("the programme declares no attribute “%s”%s", name, fact.Nearest(name, slices.Collect(maps.Keys(c.p.attributes))))
		case t == "":
			at.Say("the event declares no property “%s”%s", property, fact.Nearest(property, slices.Collect(maps.Keys(e.Properties))))
		case t != a.Type:
			at.Say("the attribute is of type %s, and the property “%s” of type %s", a.Type, property, t)
		case !a.Writes(ByInteraction):
			at.Say("the attribute is not written from interactions: its write names others")
		default:
			e.teaches = append(e.teaches, lesson{name, property})
		}
	}
}

func compileType(name, text string, known []expr.Type, r fact.Report) expr.Type {
	if !fact.IsFieldName(name) {
		r.Say("a name that expressions can read is a lower-case letter, then letters, digits and underscores, at most %d", fact.MaxKey)
	}
	t := expr.Type(text)
	if !slices.Contains(known, t) {
		r.Say("“%s” is not a type: those are %s%s", text, strings.Join(fact.Strings(known), ", "), fact.Nearest(text, fact.Strings(known)))
		return expr.String
	}
	return t
}
