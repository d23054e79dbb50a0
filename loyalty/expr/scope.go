package expr

import (
	"errors"
	"reflect"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"granaio/loyalty/fact"
)

// Scope is what an expression is evaluated over. Fill it with Set; it may be set again and again, by one goroutine.
type Scope struct {
	at     time.Time
	zone   *time.Location
	day    fact.Day
	event  *fact.Interaction
	member *Member
	things [things]thing
}

// Member is what expressions can know of a member.
type Member struct {
	Status   string
	Tier     string // the key; empty below the first
	Language string
	Enrolled time.Time
	Record   Record
	Guardian Guardian // nil where everything may be read
}

// Guardian tells what may not be read of a member for lack of its consent.
type Guardian interface {
	// Lacking are the purposes of which the member would have to agree to one before an attribute may be read; none if it may.
	Lacking(attribute string) []string
}

// closed tells whether an attribute may not be read.
func (m *Member) closed(attribute string) bool {
	return m.Guardian != nil && m.Guardian.Lacking(attribute) != nil
}

// Record is what was written down of a member.
type Record interface {
	// Attribute is the value of an attribute, in its type's own form (Type.Accept); false if it is unset.
	Attribute(name string) (any, bool)
	// Dependents are the member's.
	Dependents() []Dependent
	// Metric is what a metric says as of a day: a string, int64, bool or time.Time. It is false if it is unset: there is nothing to take it of, or it is not known.
	Metric(name string, day fact.Day) (any, bool)
	// Total is what the member ever did of an event.
	Total(event string) Total
	// Within is how often, and with what sum of values, the member did it from the first to the last day. It is false if those days are not known.
	Within(event string, first, last fact.Day) (count, sum int64, known bool)
	// Since is how often, and with what sum of values, the member did it from a day of a zone on, as far as is known by now. It is false if that is not known.
	Since(event string, first fact.Day, zone *time.Location) (count, sum int64, known bool)
}

// Dependent is somebody or something that a member looks after: a child, a pet.
type Dependent interface {
	// ID names it, as interactions do.
	ID() string
	// Kind is its kind's key.
	Kind() string
	// Attribute is the value of one of its attributes, as Record's.
	Attribute(name string) (any, bool)
}

// Total is what a member ever did of an event. First and Last are zero if it never did.
type Total struct {
	Count, Sum  int64
	First, Last time.Time
}

// Set says what the scope holds: a member at an instant, and the event, which is nil for expressions over the member alone.
func (s *Scope) Set(m *Member, event *fact.Interaction, at time.Time, zone *time.Location) {
	s.member, s.event, s.at, s.zone, s.day = m, event, at, zone, fact.DayOf(at, zone)
	for i := range s.things {
		s.things[i] = thing{s, structures[i]}
	}
}

// ResolveName makes the scope a CEL activation.
func (s *Scope) ResolveName(name string) (any, bool) {
	switch name {
	case "event":
		return &s.things[anEvent], s.event != nil
	case "member":
		return &s.things[aMember], true
	}
	return nil, false
}

// Parent makes the scope a CEL activation.
func (s *Scope) Parent() interpreter.Activation { return nil }

// The structures that an expression sees, by place in Scope.things. The names of their types are no identifiers, so that no expression can write them.
const (
	anEvent = iota
	someProperties
	aMember
	someAttributes
	someMetrics
	things // how many of them the scope is itself
)

// The structures of which there can be several.
const (
	aDate = things + iota
	aDependent
)

var structures = [...]*types.Type{
	types.NewObjectType("an event"), types.NewObjectType("an event's properties"), types.NewObjectType("a member"), types.NewObjectType("a member's attributes"),
	types.NewObjectType("a member's metrics"),
	aDate: types.NewObjectType("a date"), aDependent: types.NewObjectType("a dependent"),
}

// thing is a structure of the scope as CEL sees it. Its fields are read from the scope itself, by the provider's field types.
type thing struct {
	scope *Scope
	is    *types.Type
}

var errConversion = errors.New("it cannot be converted")

// ConvertToNative refuses.
func (t *thing) ConvertToNative(reflect.Type) (any, error) { return nil, errConversion }

// ConvertToType refuses.
func (t *thing) ConvertToType(ref.Type) ref.Val { return types.WrapErr(errConversion) }

// Equal tells whether the other is the same thing.
func (t *thing) Equal(other ref.Val) ref.Val { return types.Bool(ref.Val(t) == other) }

// Type is the structure's.
func (t *thing) Type() ref.Type { return t.is }

// Value is the scope.
func (t *thing) Value() any { return t.scope }
