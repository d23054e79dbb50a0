package programme

import (
	"fmt"
	"reflect"
	"slices"

	"granaio/ent/definition"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// kind is a kind of definition.
type kind struct {
	name  definition.Kind
	id    fact.Kind
	field string // where a programme as data has its definitions; of the settings, themselves
}

// kinds are all of them, in the order of a file.
var kinds = []kind{
	{definition.KindSettings, fact.KindSettings, "programme"},
	{definition.KindTouchpoint, fact.KindTouchpoint, "touchpoints"},
	{definition.KindPersona, fact.KindPersona, "personas"},
	{definition.KindTier, fact.KindTier, "tiers"},
	{definition.KindBudget, fact.KindBudget, "budgets"},
	{definition.KindRule, fact.KindRule, "rules"},
	{definition.KindMission, fact.KindMission, "missions"},
	{definition.KindReward, fact.KindReward, "rewards"},
}

// Kinds are the kinds of definition, in the order of a file.
var Kinds = func() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k.name)
	}
	return names
}()

// SettingsKey is the key of the settings among a programme's definitions.
const SettingsKey = "settings"

// kindOf is the kind of a name.
func kindOf(name definition.Kind) kind {
	return kinds[slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })]
}

// order is the kind's place in a file.
func (k kind) order() int { return slices.Index(kinds, k) }

// plural is what several of the kind are called.
func (k kind) plural() string {
	if k.name == definition.KindSettings {
		return "settings"
	}
	return string(k.name) + "s"
}

// list is where a programme as data has the definitions of the kind: a slice, or the settings.
func (k kind) list(s *loyalty.Spec) reflect.Value {
	field, ok := fieldOf(reflect.ValueOf(s).Elem(), k.field)
	if !ok {
		panic("programme: a Spec has no field " + k.field)
	}
	return field
}

// form is the type that a definition of the kind has as data.
func (k kind) form() reflect.Type {
	t := k.list(new(loyalty.Spec)).Type()
	if t.Kind() == reflect.Slice {
		return t.Elem()
	}
	return t
}

// keyOf is the key of a definition as data.
func (k kind) keyOf(spec reflect.Value) string {
	if k.name == definition.KindSettings {
		return SettingsKey
	}
	return spec.FieldByName("Key").String()
}

// add adds a definition to a programme as data.
func (k kind) add(s *loyalty.Spec, body map[string]any) error {
	one := reflect.New(k.form())
	if err := fromJSON(body, one.Interface()); err != nil {
		return err
	}
	if list := k.list(s); list.Kind() == reflect.Slice {
		list.Set(reflect.Append(list, one.Elem()))
	} else {
		list.Set(one.Elem())
	}
	return nil
}

// place is the identity of a definition within its programme.
type place struct {
	kind definition.Kind
	key  string
}

// String is how messages name it: mission “thrice”.
func (p place) String() string {
	switch {
	case p.kind == definition.KindSettings:
		return "the settings"
	case p.key == "":
		return "the " + string(p.kind)
	}
	return fmt.Sprintf("%s “%s”", p.kind, p.key)
}

// draft is a definition as a file has it, before it is a row.
type draft struct {
	place
	body   map[string]any
	digest string // SHA-256 of the body as JSON with sorted keys
}

// drafts are a programme's definitions, in the order of a file.
func drafts(s *loyalty.Spec) ([]draft, error) {
	var all []draft
	for _, k := range kinds {
		list := k.list(s)
		several := list.Kind() == reflect.Slice
		count := 1
		if several {
			count = list.Len()
		}
		for i := range count {
			one := list
			if several {
				one = list.Index(i)
			}
			d, err := draftOf(k, one)
			if err != nil {
				return nil, err
			}
			all = append(all, d)
		}
	}
	return all, nil
}

func draftOf(k kind, spec reflect.Value) (draft, error) {
	at := place{k.name, k.keyOf(spec)}
	body, digest, err := asJSON(spec.Addr().Interface())
	if err != nil {
		return draft{}, fmt.Errorf("programme: %s: %w", at, err)
	}
	return draft{at, body, digest}, nil
}
