package programme

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"granaio/ent/definition"
	"granaio/loyalty"
)

// Difference is what differs of one definition between two programmes, or two versions of one.
type Difference struct {
	Kind   string   `json:"kind"` // one of Kinds, or partner
	Key    string   `json:"key,omitempty"`
	Change Contrast `json:"change"`
	Fields []Field  `json:"fields,omitempty"`
}

// Contrast is how a definition differs.
type Contrast string

// The contrasts.
const (
	Added     Contrast = "added"     // only the second programme has it
	Removed   Contrast = "removed"   // only the first has it
	Altered   Contrast = "changed"   // the fields tell how
	Reordered Contrast = "reordered" // the definitions of the kind come in another order; of a Difference without a key
)

// Field is one value of a definition that differs.
type Field struct {
	Path   string `json:"path"`             // as in award.per; paused is whether the definition rests
	Before any    `json:"before,omitempty"` // as JSON has it; nil if there is none
	After  any    `json:"after,omitempty"`
}

// Diff compares two programmes, definition by definition and field by field: in the order of a file, and of the second one.
func Diff(before, after *loyalty.Spec) ([]Difference, error) {
	was, err := sketch(before)
	if err != nil {
		return nil, err
	}
	is, err := sketch(after)
	if err != nil {
		return nil, err
	}
	return compare(was, is), nil
}

// differences compares two contents.
func differences(before, after content) ([]Difference, error) {
	var sketches [2][]sketched
	for i, c := range []content{before, after} {
		if len(c) == 0 {
			continue
		}
		spec, _, err := c.spec()
		if err != nil {
			return nil, err
		}
		if sketches[i], err = sketch(spec); err != nil {
			return nil, err
		}
	}
	return compare(sketches[0], sketches[1]), nil
}

const partnerKind = "partner"

// sketched is a definition as it is compared.
type sketched struct {
	kind, key string
	body      map[string]any
}

// sketch is a programme's definitions and partners, in the order of a file.
func sketch(s *loyalty.Spec) ([]sketched, error) {
	all, err := drafts(s)
	if err != nil {
		return nil, err
	}
	var found []sketched
	for _, d := range all {
		body := maps.Clone(d.body)
		if keys := s.Paused.Of(kindOf(d.kind).id); keys != nil && slices.Contains(*keys, d.key) {
			body["paused"] = true
		}
		found = append(found, sketched{string(d.kind), d.key, body})
	}
	for i := range s.Partners {
		body, _, err := asJSON(&s.Partners[i])
		if err != nil {
			return nil, fmt.Errorf("programme: partner %s: %w", s.Partners[i].Key, err)
		}
		if scopes, ok := body["scopes"].([]any); ok { // a set
			slices.SortFunc(scopes, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
		found = append(found, sketched{partnerKind, s.Partners[i].Key, body})
	}
	return found, nil
}

func compare(was, is []sketched) []Difference {
	all := []Difference{}
	for _, kind := range append(slices.Clone(Kinds), partnerKind) {
		of := func(s sketched) bool { return s.kind != kind }
		all = append(all, compareKind(kind, slices.DeleteFunc(slices.Clone(was), of), slices.DeleteFunc(slices.Clone(is), of))...)
	}
	return all
}

// compareKind compares the definitions of one kind.
func compareKind(kind string, was, is []sketched) []Difference {
	var all []Difference
	old, now := map[string]map[string]any{}, map[string]map[string]any{}
	var before, after []any // the order of those that both have
	for _, s := range was {
		old[s.key] = s.body
	}
	for _, s := range is {
		now[s.key] = s.body
		body, both := old[s.key]
		if !both {
			all = append(all, Difference{kind, s.key, Added, fieldsOf(nil, s.body)})
			continue
		}
		after = append(after, s.key)
		if fields := fieldsOf(body, s.body); len(fields) > 0 {
			all = append(all, Difference{kind, s.key, Altered, fields})
		}
	}
	for _, s := range was {
		if now[s.key] == nil {
			all = append(all, Difference{kind, s.key, Removed, fieldsOf(s.body, nil)})
		} else {
			before = append(before, s.key)
		}
	}
	if kind != partnerKind && !reflect.DeepEqual(before, after) {
		all = append(all, Difference{Kind: kind, Change: Reordered, Fields: []Field{{"", before, after}}})
	}
	return all
}

// fieldsOf are the fields in which two bodies differ, by path.
func fieldsOf(before, after map[string]any) []Field {
	var all []Field
	collect("", anyOf(before), anyOf(after), &all)
	slices.SortStableFunc(all, func(a, b Field) int { return strings.Compare(a.Path, b.Path) })
	return slices.DeleteFunc(all, func(f Field) bool { return f.Path == "key" })
}

// anyOf is a document that may be missing: one without fields.
func anyOf(body map[string]any) any {
	if body == nil {
		return map[string]any{}
	}
	return body
}

// collect adds the values that differ. A list of things with keys is compared by key; any other list as a whole.
func collect(path string, before, after any, all *[]Field) {
	was, isMap := fieldsIn(before, after)
	is, _ := fieldsIn(after, before)
	if !isMap {
		if !reflect.DeepEqual(before, after) {
			*all = append(*all, Field{path, before, after})
		}
		return
	}
	names := slices.Sorted(maps.Keys(was))
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if _, there := was[name]; !there {
			names = append(names, name)
		}
	}
	for _, name := range names {
		collect(join(path, name), was[name], is[name], all)
	}
}

// fieldsIn is what a value holds by name: of a map its fields, of a list of things with keys those by their keys. It is so too for nothing beside a map.
func fieldsIn(v, other any) (map[string]any, bool) {
	switch v := v.(type) {
	case map[string]any:
		return v, true
	case []any:
		byKey := make(map[string]any, len(v))
		for _, e := range v {
			thing, _ := e.(map[string]any)
			key, ok := thing["key"].(string)
			if !ok {
				return nil, false
			}
			byKey[key] = thing
		}
		return byKey, len(v) > 0
	case nil:
		if other == nil {
			return nil, false
		}
		_, isMap := fieldsIn(other, nil)
		return nil, isMap
	}
	return nil, false
}

// String is the difference in a few lines for a terminal.
func (d Difference) String() string {
	var b strings.Builder
	sign := map[Contrast]string{Added: "+", Removed: "-", Altered: "~", Reordered: "~"}[d.Change]
	name := place{definition.Kind(d.Kind), d.Key}.String()
	if d.Change == Reordered {
		fmt.Fprintf(&b, "%s the order of the %s", sign, kindOf(definition.Kind(d.Kind)).plural())
	} else {
		fmt.Fprintf(&b, "%s %s", sign, name)
	}
	for _, f := range d.Fields {
		b.WriteString("\n    ")
		if f.Path != "" {
			b.WriteString(f.Path + ": ")
		}
		switch {
		case f.Before == nil:
			b.WriteString(shown(f.After))
		case f.After == nil:
			b.WriteString(shown(f.Before))
			if d.Change != Removed {
				b.WriteString(" → nothing")
			}
		default:
			b.WriteString(shown(f.Before) + " → " + shown(f.After))
		}
	}
	return b.String()
}

// shown is a value as JSON.
func shown(v any) string {
	text := new(strings.Builder)
	e := json.NewEncoder(text)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(text.String(), "\n")
}
