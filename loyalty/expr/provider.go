package expr

import (
	"errors"
	"maps"
	"slices"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"granaio/loyalty/fact"
)

// errUnset is what reading something unset comes to. It is an error to CEL, so neither the condition nor its negation holds.
var errUnset = errors.New("unset")

// unset makes a CEL error of it: a new one each time, since CEL labels errors where they come up.
func unset() ref.Val { return types.WrapErr(errUnset) }

// provider tells CEL the structures' fields and how to read them from a Scope.
type provider struct {
	*types.Registry
	fields map[string]map[string]*types.FieldType // by structure and name
}

func newProvider(e *env, properties map[string]Type) (*provider, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	known := declared(e.words.Attributes, func(s *Scope, name string) (any, bool) { return s.member.Record.Attribute(name) })
	for name := range e.words.Guarded {
		if f := known[name]; f != nil {
			known[name] = guard(name, f)
		}
	}
	dates := maps.Clone(dateParts)
	maps.Copy(dates, dateAges)
	return &provider{registry, map[string]map[string]*types.FieldType{
		structures[anEvent].TypeName():        e.eventFields(),
		structures[aMember].TypeName():        e.memberFields(),
		structures[someProperties].TypeName(): declared(properties, func(s *Scope, name string) (any, bool) { v, ok := s.event.Properties[name]; return v, ok }),
		structures[aDate].TypeName():          dates,
		structures[aDependent].TypeName():     dependentFields(e.words.Dependents),
		structures[someAttributes].TypeName(): known,
		structures[someMetrics].TypeName():    computed(e.words.Metrics),
	}}, nil
}

// field makes a field of something that get reads. It is unset if get answers nil.
func field(t *types.Type, get func(s *Scope) ref.Val) *types.FieldType {
	return &types.FieldType{
		Type:  t,
		IsSet: func(target any) bool { s, ok := target.(*Scope); return ok && get(s) != nil },
		GetFrom: func(target any) (any, error) {
			if s, ok := target.(*Scope); ok {
				if v := get(s); v != nil {
					return v, nil
				}
			}
			return nil, errUnset
		},
	}
}

var eventFields = map[string]*types.FieldType{
	"name":        field(types.StringType, func(s *Scope) ref.Val { return types.String(s.event.Event) }),
	"touchpoint":  field(types.StringType, func(s *Scope) ref.Val { return types.String(s.event.Touchpoint) }),
	"occurred_at": field(types.TimestampType, func(s *Scope) ref.Val { return types.Timestamp{Time: s.event.Occurred} }),
	"properties":  field(structures[someProperties], func(s *Scope) ref.Val { return &s.things[someProperties] }),
	"value": {
		Type:  types.IntType,
		IsSet: func(target any) bool { s, ok := target.(*Scope); return ok && s.event.Value != nil },
		GetFrom: func(target any) (any, error) {
			if s, ok := target.(*Scope); ok && s.event.Value != nil {
				return types.Int(s.event.Value.Minor), nil
			}
			return types.IntZero, nil
		},
	},
}

var memberFields = map[string]*types.FieldType{
	"status":      field(types.StringType, func(s *Scope) ref.Val { return types.String(s.member.Status) }),
	"tier":        field(types.StringType, func(s *Scope) ref.Val { return types.String(s.member.Tier) }),
	"language":    field(types.StringType, func(s *Scope) ref.Val { return types.String(s.member.Language) }),
	"enrolled_at": field(types.TimestampType, func(s *Scope) ref.Val { return types.Timestamp{Time: s.member.Enrolled} }),
	"attributes":  field(structures[someAttributes], func(s *Scope) ref.Val { return &s.things[someAttributes] }),
	"metrics":     field(structures[someMetrics], func(s *Scope) ref.Val { return &s.things[someMetrics] }),
}

// eventFields are the fields of an event: with the dependent that it is about, where some of the environment's events are about one.
func (e *env) eventFields() map[string]*types.FieldType {
	if !slices.ContainsFunc(e.events, func(name string) bool { return e.words.About[name] }) {
		return eventFields
	}
	fields := maps.Clone(eventFields)
	fields["dependent"] = field(structures[aDependent], (*Scope).about)
	return fields
}

// memberFields are the fields of a member: with its dependents, where the programme declares any.
func (e *env) memberFields() map[string]*types.FieldType {
	if e.words.Dependents == nil {
		return memberFields
	}
	fields := maps.Clone(memberFields)
	fields["dependents"] = field(types.NewListType(structures[aDependent]), (*Scope).dependents)
	return fields
}

// declared makes the fields of what a programme declares.
func declared(all map[string]Type, get func(s *Scope, name string) (any, bool)) map[string]*types.FieldType {
	fields := make(map[string]*types.FieldType, len(all))
	for name, t := range all {
		fields[name] = field(t.cel(), func(s *Scope) ref.Val {
			v, ok := get(s, name)
			return accepted(s, t, v, ok)
		})
	}
	return fields
}

// computed makes the fields of metrics, as of the scope's day.
func computed(all map[string]Metric) map[string]*types.FieldType {
	fields := make(map[string]*types.FieldType, len(all))
	for name, m := range all {
		fields[name] = field(m.Type.cel(), func(s *Scope) ref.Val {
			v, ok := s.member.Record.Metric(name, s.day)
			if !ok {
				return nil
			}
			return value(v)
		})
	}
	return fields
}

// accepted is a value as an expression reads it; nil if it is unset, or of another type than is declared now.
func accepted(s *Scope, t Type, v any, ok bool) ref.Val {
	if !ok {
		return nil
	}
	if v, ok = t.Accept(v); !ok {
		return nil
	}
	if text, ok := v.(string); ok && t == Date {
		day, _ := fact.ParseDay(text)
		return &date{s, day}
	}
	return value(v)
}

// value is what was read as CEL has it.
func value(v any) ref.Val {
	switch v := v.(type) {
	case string:
		return types.String(v)
	case int64:
		return types.Int(v)
	case bool:
		return types.Bool(v)
	case float64:
		return types.Double(v)
	case time.Time:
		return types.Timestamp{Time: v}
	case []string:
		return types.NewStringList(types.DefaultTypeAdapter, v)
	}
	return nil
}

// FindStructType makes the provider a types.Provider.
func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if _, ok := p.fields[name]; ok {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return p.Registry.FindStructType(name)
}

// FindStructFieldNames makes the provider a types.Provider.
func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	if fields, ok := p.fields[name]; ok {
		return slices.Sorted(maps.Keys(fields)), true
	}
	return p.Registry.FindStructFieldNames(name)
}

// FindStructFieldType makes the provider a types.Provider.
func (p *provider) FindStructFieldType(name, fieldName string) (*types.FieldType, bool) {
	if fields, ok := p.fields[name]; ok {
		f, ok := fields[fieldName]
		return f, ok
	}
	return p.Registry.FindStructFieldType(name, fieldName)
}

// NewValue makes the provider a types.Provider. No structure can be made in an expression.
func (p *provider) NewValue(string, map[string]ref.Val) ref.Val { return types.WrapErr(errConversion) }
