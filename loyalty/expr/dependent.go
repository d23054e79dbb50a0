package expr

import (
	"reflect"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"granaio/loyalty/fact"
)

// MaxDependents is how many dependents a member has at most.
const MaxDependents = 20

// maxAttribute is the longest text of an attribute, in bytes.
const maxAttribute = 1000

// dependent is a dependent as CEL sees it.
type dependent struct {
	scope *Scope
	Dependent
}

// ConvertToNative refuses.
func (d *dependent) ConvertToNative(reflect.Type) (any, error) { return nil, errConversion }

// ConvertToType refuses.
func (d *dependent) ConvertToType(ref.Type) ref.Val { return types.WrapErr(errConversion) }

// Equal tells whether the other is the same dependent.
func (d *dependent) Equal(other ref.Val) ref.Val {
	o, ok := other.(*dependent)
	return types.Bool(ok && o.ID() == d.ID())
}

// Type is the structure's.
func (d *dependent) Type() ref.Type { return structures[aDependent] }

// Value is the dependent, for the provider's field types.
func (d *dependent) Value() any { return d }

// dependents are the member's, as a list.
func (s *Scope) dependents() ref.Val {
	all := s.member.Record.Dependents()
	list := make([]ref.Val, len(all))
	for i, d := range all {
		list[i] = &dependent{s, d}
	}
	return types.NewRefValList(types.DefaultTypeAdapter, list)
}

// about is the dependent that the event is about; nil if it is about none that the member has.
func (s *Scope) about() ref.Val {
	id, ok := s.event.Properties[AboutDependent].(string)
	if !ok {
		return nil
	}
	for _, d := range s.member.Record.Dependents() {
		if d.ID() == id {
			return &dependent{s, d}
		}
	}
	return nil
}

// AboutDependent is the property by which an event says which dependent it is about.
const AboutDependent = "dependent"

// dependentFields are the fields of a dependent, those that its kinds declare among them.
func dependentFields(attributes map[string]Type) map[string]*types.FieldType {
	text := func(get func(Dependent) string) *types.FieldType {
		return &types.FieldType{
			Type:  types.StringType,
			IsSet: func(target any) bool { _, ok := target.(*dependent); return ok },
			GetFrom: func(target any) (any, error) {
				if d, ok := target.(*dependent); ok {
					return types.String(get(d)), nil
				}
				return nil, errUnset
			},
		}
	}
	fields := map[string]*types.FieldType{"id": text(Dependent.ID), "kind": text(Dependent.Kind)}
	for name, t := range attributes {
		get := func(target any) ref.Val {
			d, ok := target.(*dependent)
			if !ok {
				return nil
			}
			v, ok := d.Attribute(name)
			return accepted(d.scope, t, v, ok)
		}
		fields[name] = fieldOf(t.cel(), get)
	}
	return fields
}

// fieldOf makes a field of something that get reads from what has it. It is unset if get answers nil.
func fieldOf(t *types.Type, get func(target any) ref.Val) *types.FieldType {
	return &types.FieldType{
		Type:  t,
		IsSet: func(target any) bool { return get(target) != nil },
		GetFrom: func(target any) (any, error) {
			if v := get(target); v != nil {
				return v, nil
			}
			return nil, errUnset
		},
	}
}

// date is a calendar day as CEL sees it: how long ago it is, it knows by the scope that it was read from.
type date struct {
	scope *Scope
	day   fact.Day
}

// ConvertToNative refuses.
func (d *date) ConvertToNative(reflect.Type) (any, error) { return nil, errConversion }

// ConvertToType refuses.
func (d *date) ConvertToType(ref.Type) ref.Val { return types.WrapErr(errConversion) }

// Equal tells whether the other is the same day.
func (d *date) Equal(other ref.Val) ref.Val {
	o, ok := other.(*date)
	return types.Bool(ok && o.day == d.day)
}

// Type is the structure's.
func (d *date) Type() ref.Type { return structures[aDate] }

// Value is the date, for the provider's field types.
func (d *date) Value() any { return d }

func dateField(t *types.Type, get func(*date) ref.Val) *types.FieldType {
	return fieldOf(t, func(target any) ref.Val {
		if d, ok := target.(*date); ok {
			return get(d)
		}
		return nil
	})
}

func dateNumber(get func(*date) int) *types.FieldType {
	return dateField(types.IntType, func(d *date) ref.Val { return types.Int(get(d)) })
}

// The fields of a date. Those that tell how long ago it is depend on when that is asked.
var (
	dateAges = map[string]*types.FieldType{
		"days":   dateNumber(func(d *date) int { return int(d.scope.day - d.day) }),
		"weeks":  dateNumber(func(d *date) int { return floored(int(d.scope.day-d.day), 7) }),
		"months": dateNumber(func(d *date) int { return d.day.MonthsUntil(d.scope.day) }),
		"years":  dateNumber(func(d *date) int { return floored(d.day.MonthsUntil(d.scope.day), 12) }),
	}
	dateParts = map[string]*types.FieldType{
		"text":   dateField(types.StringType, func(d *date) ref.Val { return types.String(d.day.Text()) }),
		"starts": dateField(types.TimestampType, func(d *date) ref.Val { return types.Timestamp{Time: d.day.Start(d.scope.zone)} }),
		"year":   dateNumber(func(d *date) int { y, _, _ := d.day.Date(); return y }),
		"month":  dateNumber(func(d *date) int { _, m, _ := d.day.Date(); return int(m) }),
		"day":    dateNumber(func(d *date) int { _, _, day := d.day.Date(); return day }),
	}
)

// floored is a number divided by another, rounded down.
func floored(n, by int) int {
	if n < 0 {
		return -((by - 1 - n) / by)
	}
	return n / by
}
