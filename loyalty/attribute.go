package loyalty

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// DeclaredAttribute is an attribute that a member of the programme, or a dependent, can have.
type DeclaredAttribute struct {
	Key         string
	Name        fact.Text // empty if it was not said
	Type        expr.Type
	Kind        AttributeKind // empty if it was not said
	Sensitivity Sensitivity
	// Purposes are those of which one must be given for it to be read; empty if none need be.
	Purposes   []string
	Values     []string
	Min, Max   string // as they are written; empty for no bound
	Length     int    // in characters; 0 for no bound
	Pattern    string // empty for any
	Shown      bool   // to the member itself
	Write      []Writer
	Precedence []fact.Party // those that are taken, as they are believed; empty if whatever is newest is

	pattern  *regexp.Regexp
	low, top bound
}

// AttributeKind is what an attribute tells of a person.
type AttributeKind string

// The kinds of attributes.
const (
	Demographic   AttributeKind = "demographic"   // who it is
	Behavioural   AttributeKind = "behavioural"   // what it does
	Psychographic AttributeKind = "psychographic" // what it thinks and likes
	Transactional AttributeKind = "transactional" // what it buys
)

// Sensitivity is how much care an attribute takes.
type Sensitivity string

// The sensitivities.
const (
	NotPersonal Sensitivity = "none"
	Personal    Sensitivity = "personal"
	Sensitive   Sensitivity = "sensitive" // of what the law protects most: health, beliefs, origin
)

// Writer is who writes an attribute: a Sender, or an interaction whose event says so.
type Writer string

// The writers.
const (
	ByMember             = Writer(SenderMember)
	ByPartner            = Writer(SenderPartner)
	ByOperator           = Writer(SenderOperator)
	ByInteraction Writer = "interaction"
)

var writers = []Writer{ByMember, ByPartner, ByOperator, ByInteraction}

const (
	undeclaredRefuse = "refuse"
	undeclaredAside  = "aside"
	newest           = "newest"
	today            = "today"
)

var (
	attributeKinds = []AttributeKind{Demographic, Behavioural, Psychographic, Transactional}
	sensitivities  = []Sensitivity{NotPersonal, Personal, Sensitive}
)

// maxAttribute is the longest text of an attribute, in bytes; maxDeclared how many are declared at most; maxTold of how many values whoever gave another is told.
const (
	maxAttribute = 1000
	maxDeclared  = 200
	maxTold      = 20
)

// bound is a bound of an int or of a date.
type bound struct {
	set, today bool
	value      int64 // a number, or a day
}

// Writes tells whether somebody may write the attribute. Granaio itself, the empty writer, may.
func (a *DeclaredAttribute) Writes(w Writer) bool { return w == "" || slices.Contains(a.Write, w) }

func (c *compiler) compileAttributes(specs map[string]AttributeSpec, into map[string]*DeclaredAttribute, reserved []string, own bool, r fact.Report) {
	if len(specs) > maxDeclared {
		r.Say("at most %d attributes are declared, not %d", maxDeclared, len(specs))
		return
	}
	for _, name := range slices.Sorted(maps.Keys(specs)) {
		spec, at := specs[name], r.In(name)
		if !fact.IsFieldName(name) {
			at.Say("a name that expressions can read is a lower-case letter, then letters, digits and underscores, at most %d", fact.MaxKey)
		}
		if slices.Contains(reserved, name) {
			at.Say("“%s” has a meaning of its own: the attribute needs another name", name)
		}
		into[name] = c.compileAttribute(name, &spec, own, at)
	}
}

func (c *compiler) compileAttribute(name string, spec *AttributeSpec, own bool, r fact.Report) *DeclaredAttribute {
	if known := fact.Strings(sensitivities); spec.Sensitivity != "" && !slices.Contains(known, spec.Sensitivity) {
		r.In("sensitivity").Say("“%s” is none of %s%s", spec.Sensitivity, strings.Join(known, ", "), fact.Nearest(spec.Sensitivity, known))
	}
	if known := fact.Strings(attributeKinds); spec.Kind != "" && !slices.Contains(known, spec.Kind) {
		r.In("kind").Say("“%s” is not a kind of attribute: those are %s%s", spec.Kind, strings.Join(known, ", "), fact.Nearest(spec.Kind, known))
	}
	c.setting.Text(spec.Name, true, fact.MaxName, r.In("name"))
	a := &DeclaredAttribute{
		Key: name, Name: spec.Name, Type: compileType("x", spec.Type, expr.AttributeTypes, r.In("type")), Kind: AttributeKind(spec.Kind), Sensitivity: Sensitivity(spec.Sensitivity),
		Values: spec.Values, Min: spec.Min, Max: spec.Max, Length: spec.Length, Pattern: spec.Pattern, Shown: spec.Show == nil || *spec.Show,
	}
	if a.Sensitivity == "" {
		a.Sensitivity = Personal
	}
	if own { // what is known of a dependent is guarded by nothing of its own
		if a.Purposes = c.guard(spec.Kind, spec.Purpose, r.In("purpose")); len(a.Purposes) > 0 {
			c.p.guarded[name] = a.Purposes
		}
	} else if spec.Purpose != "" {
		r.In("purpose").Say("a dependent's attribute has no purpose of its own")
	}
	a.compileTexts(spec, r)
	a.low, a.top = a.compileBound(spec.Min, r.In("min")), a.compileBound(spec.Max, r.In("max"))
	if a.low.set && a.top.set && !a.low.today && !a.top.today && a.low.value > a.top.value {
		r.In("max").Say("it is less than min")
	}
	a.Write = a.compileWrite(spec, own, r.In("write"))
	a.Precedence = compilePrecedence(spec.Precedence, r.In("precedence"))
	return a
}

// compileTexts reads what bounds texts.
func (a *DeclaredAttribute) compileTexts(spec *AttributeSpec, r fact.Report) {
	isText := a.Type == expr.String || a.Type == expr.Strings
	for field, given := range map[string]bool{"values": len(spec.Values) > 0, "length": spec.Length != 0, "pattern": spec.Pattern != ""} {
		if given && !isText {
			r.In(field).Say("only attributes of type string or strings have %s", field)
		}
	}
	for i, v := range a.Values {
		if v == "" || slices.Contains(a.Values[:i], v) {
			r.In("values").At(i).Say("“%s” is empty or there already", v)
		}
	}
	if spec.Length < 0 || spec.Length > maxAttribute {
		r.In("length").Say("a text has 1 to %d characters", maxAttribute)
	}
	if spec.Pattern == "" {
		return
	}
	pattern, err := regexp.Compile(`^(?:` + spec.Pattern + `)$`)
	if err != nil || len(spec.Pattern) > maxAttribute {
		r.In("pattern").Say("“%s” is not a pattern such as [A-Z]{2}[0-9]{5}, or is too long", spec.Pattern)
	}
	a.pattern = pattern
}

func (a *DeclaredAttribute) compileBound(text string, r fact.Report) (b bound) {
	if b.set = text != ""; !b.set {
		return b
	}
	switch a.Type {
	case expr.Int:
		n, err := strconv.ParseInt(text, 10, 64)
		if b.value = n; err != nil {
			r.Say("“%s” is not a whole number", text)
		}
	case expr.Date:
		day, ok := fact.ParseDay(text)
		if b.value, b.today = int64(day), text == today; !ok && !b.today {
			r.Say("“%s” is neither a day, such as 2024-02-29, nor today", text)
		}
	default:
		r.Say("only attributes of type int or date have one")
	}
	return b
}

func (a *DeclaredAttribute) compileWrite(spec *AttributeSpec, own bool, r fact.Report) (all []Writer) {
	if spec.Write == nil {
		return slices.DeleteFunc(slices.Clone(writers), func(w Writer) bool {
			return w == ByMember && !a.Shown || w == ByInteraction && !own
		})
	}
	for i, name := range spec.Write {
		switch w := Writer(name); {
		case !slices.Contains(writers, w):
			r.At(i).Say("“%s” writes no attributes: those who do are member, partner, operator and interaction%s", name, fact.Nearest(name, fact.Strings(writers)))
		case slices.Contains(all, w):
			r.At(i).Say("“%s” is there already", name)
		case w == ByInteraction && !own:
			r.At(i).Say("interactions write the member's own attributes alone")
		case w == ByMember && !a.Shown:
			r.At(i).Say("a member cannot write what it is not shown")
		default:
			all = append(all, w)
		}
	}
	return all
}

func compilePrecedence(names []string, r fact.Report) (all []fact.Party) {
	switch {
	case len(names) == 0:
		return fact.Parties
	case len(names) == 1 && names[0] == newest:
		return nil
	}
	for i, name := range names {
		switch p := fact.Party(name); {
		case !slices.Contains(fact.Parties, p):
			known := fact.Strings(fact.Parties)
			r.At(i).Say("“%s” is not a party: those are %s; or newest alone%s", name, strings.Join(known, ", "), fact.Nearest(name, append(known, newest)))
		case slices.Contains(all, p):
			r.At(i).Say("“%s” is there already", name)
		default:
			all = append(all, p)
		}
	}
	return all
}

// rank is how much a party is believed, the most 0; -1 if it is not taken.
func (a *DeclaredAttribute) rank(p fact.Party) int {
	if a == nil || len(a.Precedence) == 0 {
		return 0
	}
	return slices.Index(a.Precedence, p)
}

// prevails tells whether a value takes the place of what is known: not if it is from before something was removed.
func (a *DeclaredAttribute) prevails(fresh, known Attribute) bool {
	return !fresh.At.Before(known.Removed) && a.outdoes(fresh, known)
}

// outdoes tells whether a value is believed more than what is known, or as much and is no older.
func (a *DeclaredAttribute) outdoes(fresh, known Attribute) bool {
	mine, other := a.rank(fresh.Party), a.rank(known.Party)
	if known.Value == nil || mine == other || other < 0 { // of what was removed only the time is known; a party that is not taken any more is believed no more than any
		return !fresh.At.Before(known.At)
	}
	return mine < other
}

// accept gives a value the attribute's own form, or says why it cannot be one. The day is that on which it is said.
func (a *DeclaredAttribute) accept(v any, field string, day fact.Day) (any, *fact.Refusal) {
	value, ok := a.Type.Accept(v)
	if !ok {
		return nil, fact.Refuse(fact.CodeWrongType, field, "it is of type %s%s", a.Type, form(a.Type))
	}
	switch v := value.(type) {
	case string:
		if a.Type == expr.Date {
			of, _ := fact.ParseDay(v)
			return value, a.between(int64(of), field, int64(day))
		}
		return value, a.admitText(v, field)
	case []string:
		for i, s := range v {
			if r := a.admitText(s, field+"."+strconv.Itoa(i)); r != nil {
				return nil, r
			}
		}
	case int64:
		return value, a.between(v, field, 0)
	}
	return value, nil
}

func (a *DeclaredAttribute) admitText(s, field string) *fact.Refusal {
	switch {
	case len(a.Values) > 0 && !slices.Contains(a.Values, s):
		if len(a.Values) <= maxTold {
			return fact.Refuse(fact.CodeOutOfBounds, field, "it is none of %s%s", strings.Join(a.Values, ", "), fact.Nearest(s, a.Values))
		}
		return fact.Refuse(fact.CodeOutOfBounds, field, "it is none of the %d values that are taken%s", len(a.Values), fact.Nearest(s, a.Values))
	case a.Length > 0 && utf8.RuneCountInString(s) > a.Length:
		return fact.Refuse(fact.CodeOutOfBounds, field, "it has at most %d characters", a.Length)
	case len(s) > maxAttribute:
		return fact.Refuse(fact.CodeTooLong, field, "a text has at most %d bytes", maxAttribute)
	case a.pattern != nil && !a.pattern.MatchString(s):
		return fact.Refuse(fact.CodeOutOfBounds, field, "it is not of the form %s", a.Pattern)
	}
	return nil
}

// between refuses a number or day beyond the bounds.
func (a *DeclaredAttribute) between(n int64, field string, now int64) *fact.Refusal {
	low, top := a.low, a.top
	switch {
	case low.set && low.today && n < now:
		return fact.Refuse(fact.CodeInPast, field, "it is a day to come, today at the earliest")
	case top.set && top.today && n > now:
		return fact.Refuse(fact.CodeInFuture, field, "it is a day that has been, today at the latest")
	case low.set && !low.today && n < low.value:
		return fact.Refuse(fact.CodeOutOfBounds, field, "it is at least %s", a.Min)
	case top.set && !top.today && n > top.value:
		return fact.Refuse(fact.CodeOutOfBounds, field, "it is at most %s", a.Max)
	}
	return nil
}

// form says what values of a type look like, where that is not plain.
func form(t expr.Type) string {
	if t == expr.Date {
		return ", a day such as 2024-02-29"
	}
	return span(t)
}

// DependentKind is a kind of dependent that members can have.
type DependentKind struct {
	Key  string
	Name fact.Text
	Most int // how many a member has at most

	attributes map[string]*DeclaredAttribute
}

// Attributes are those that dependents of the kind can have, by name.
func (k *DependentKind) Attributes() []*DeclaredAttribute { return byName(k.attributes) }

// Attribute is the one of the name, nil if there is none.
func (k *DependentKind) Attribute(name string) *DeclaredAttribute {
	if k == nil {
		return nil
	}
	return k.attributes[name]
}

func (c *compiler) compileDependents(specs map[string]DependentSpec, r fact.Report) {
	types, first := map[string]expr.Type{}, map[string]string{}
	for _, kind := range slices.Sorted(maps.Keys(specs)) {
		spec, at := specs[kind], r.In(kind)
		if !fact.IsFieldName(kind) {
			at.Say("a kind of dependent is a lower-case letter, then letters, digits and underscores, at most %d", fact.MaxKey)
		}
		c.setting.Text(spec.Name, false, fact.MaxName, at.In("name"))
		k := &DependentKind{Key: kind, Name: spec.Name, Most: spec.Most, attributes: map[string]*DeclaredAttribute{}}
		if k.Most == 0 {
			k.Most = expr.MaxDependents
		}
		if k.Most < 0 || k.Most > expr.MaxDependents {
			at.In("most").Say("a member has 1 to %d dependents, not %d", expr.MaxDependents, spec.Most)
		}
		c.compileAttributes(spec.Attributes, k.attributes, []string{"id", "kind"}, false, at.In("attributes"))
		for _, a := range k.Attributes() {
			if t, other := types[a.Key]; other && t != a.Type {
				at.In("attributes").In(a.Key).In("type").Say("“%s” is of type %s in %s and %s here: in all kinds it is of one", a.Key, t, first[a.Key], a.Type)
			} else if !other {
				types[a.Key], first[a.Key] = a.Type, kind
			}
		}
		c.p.dependents[kind] = k
	}
}
