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
}

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
}

func (c *compiler) compileEvents(specs map[string]EventSpec, r fact.Report) {
	for _, name := range slices.Sorted(maps.Keys(specs)) {
		spec, at := specs[name], r.In(name)
		own, isOwn := builtIn[name]
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
		if len(spec.Properties) > maxProperties {
			at.In("properties").Say("an event has at most %d properties", maxProperties)
		}
		if e.BuiltIn {
			if e.Value != ValueNone || len(e.Properties) > 0 || len(spec.From) > 0 || spec.Activity != nil {
				at.Say("“%s” is a built-in event: it can be given a name, but nothing else can be said of it", name)
			}
			e.Properties, e.Passive = own.Properties, own.Passive
		}
		c.p.events[name] = e
	}
	for name, own := range builtIn {
		if c.p.events[name] == nil {
			own.Key, own.Value, own.BuiltIn = name, ValueNone, true
			c.p.events[name] = &own
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

// DeclaredAttribute is an attribute that a member of the programme can have.
type DeclaredAttribute struct {
	Name   string
	Type   expr.Type
	Kind   string   // demographic, behavioural, psychographic or transactional; empty if it was not said
	Values []string // those that are taken; empty for any
	// Purposes are those of which one must be given for it to be read; empty if none need be.
	Purposes []string
}

var attributeKinds = []string{"demographic", "behavioural", "psychographic", "transactional"}

func (c *compiler) compileAttributes(specs map[string]AttributeSpec, r fact.Report) {
	for _, name := range slices.Sorted(maps.Keys(specs)) {
		spec, at := specs[name], r.In(name)
		if spec.Kind != "" && !slices.Contains(attributeKinds, spec.Kind) {
			at.In("kind").Say("“%s” is not a kind of attribute%s", spec.Kind, fact.Nearest(spec.Kind, attributeKinds))
		}
		if !fact.IsFieldName(name) {
			at.Say("a name that expressions can read is a lower-case letter, then letters, digits and underscores, at most %d", fact.MaxKey)
		}
		a := &DeclaredAttribute{
			name, compileType("x", spec.Type, expr.AttributeTypes, at.In("type")), spec.Kind, spec.Values, c.guard(spec.Kind, spec.Purpose, at.In("purpose")),
		}
		if len(a.Purposes) > 0 {
			c.p.guarded[name] = a.Purposes
		}
		if len(a.Values) > 0 && a.Type != expr.String && a.Type != expr.Strings {
			at.In("values").Say("only attributes of type string or strings list their values")
		}
		for i, v := range a.Values {
			if v == "" || slices.Contains(a.Values[:i], v) {
				at.In("values").At(i).Say("“%s” is empty or there already", v)
			}
		}
		c.p.attributes[name] = a
	}
}

// accept gives a value the attribute's own form, or says why it cannot be one.
func (a *DeclaredAttribute) accept(v any, field string) (any, *fact.Refusal) {
	value, ok := a.Type.Accept(v)
	if !ok {
		return nil, fact.Refuse(fact.CodeInvalid, field, "the attribute is of type %s", a.Type)
	}
	texts, _ := value.([]string)
	if s, one := value.(string); one {
		texts = []string{s}
	}
	for _, s := range texts {
		if len(a.Values) > 0 && !slices.Contains(a.Values, s) {
			return nil, fact.Refuse(fact.CodeInvalid, field, "the attribute does not take that value%s", fact.Nearest(s, a.Values))
		}
		if len(s) > maxAttribute {
			return nil, fact.Refuse(fact.CodeTooLong, field, "a text has at most %d bytes", maxAttribute)
		}
	}
	return value, nil
}

// maxAttribute is the longest text of an attribute, in bytes.
const maxAttribute = 1000
