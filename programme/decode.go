package programme

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"

	"granaio/loyalty/fact"
)

// decode fills out from the tree, strictly: a field that the target has not, a value of another type and a key that comes twice are problems.
// It goes on after each, so that all of them are told at once. A string takes any scalar as it is written, so that 1.10 and 2025-01-01 need no quotes.
func (d *document) decode(n *yaml.Node, path string, out reflect.Value) {
	if n.ShortTag() == "!!null" {
		d.at(n, path, "has no value: give it one, or leave it out")
		return
	}
	switch out.Kind() {
	case reflect.Pointer:
		out.Set(reflect.New(out.Type().Elem()))
		d.decode(n, path, out.Elem())
	case reflect.Struct:
		if s, ok := out.Addr().Interface().(scalar); ok && n.Kind == yaml.ScalarNode {
			d.scalar(n, path, reflect.ValueOf(s.Scalar()).Elem())
			return
		}
		d.entries(n, path, func(key, value *yaml.Node, inner string) {
			if field, ok := fieldOf(out, key.Value); ok {
				d.decode(value, inner, field)
				return
			}
			d.unknown(key, path, out.Type())
		})
	case reflect.Map:
		out.Set(reflect.MakeMap(out.Type()))
		d.entries(n, path, func(key, value *yaml.Node, inner string) {
			v := reflect.New(out.Type().Elem()).Elem()
			d.decode(value, inner, v)
			out.SetMapIndex(reflect.ValueOf(key.Value).Convert(out.Type().Key()), v)
		})
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			d.at(n, path, "wants a list, not %s", shape(n))
			return
		}
		out.Set(reflect.MakeSlice(out.Type(), len(n.Content), len(n.Content)))
		for i, c := range n.Content {
			d.decode(c, fmt.Sprintf("%s[%d]", path, i), out.Index(i))
		}
	default:
		d.scalar(n, path, out)
	}
}

// scalar is a struct that may be written as a text instead.
type scalar interface{ Scalar() *string }

// unknown adds the problem of a field that the struct at the path has not. Of the field that was probably meant it is not to be said that it is missing.
func (d *document) unknown(key *yaml.Node, path string, t reflect.Type) {
	var fields []string
	for f := range t.Fields() {
		if name := fieldName(f); name != "-" {
			fields = append(fields, name)
		}
	}
	meant := fact.Nearest(key.Value, fields)
	for _, f := range fields {
		if meant != "" && fact.Nearest(key.Value, []string{f}) == meant {
			d.unread = append(d.unread, join(path, f))
		}
	}
	if meant == "" {
		meant = ": there are " + strings.Join(fields, ", ")
	}
	d.at(key, join(path, key.Value), "no such field%s", meant)
}

// entries calls do for each key of a mapping that comes for the first time.
func (d *document) entries(n *yaml.Node, path string, do func(key, value *yaml.Node, inner string)) {
	if n.Kind != yaml.MappingNode {
		d.at(n, path, "wants a mapping of keys to values, not %s", shape(n))
		return
	}
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!null" {
			d.add(key.Line, key.Column, path, "a key is a word, not %s", shape(key))
			continue
		}
		if strings.ContainsFunc(key.Value, isControl) {
			d.add(key.Line, key.Column, path, "a key holds no control characters")
			continue
		}
		inner := join(path, key.Value)
		if line, twice := seen[key.Value]; twice {
			d.add(key.Line, key.Column, inner, "is given twice: first in line %d", line)
			continue
		}
		seen[key.Value] = key.Line
		do(key, value, inner)
	}
}

func (d *document) scalar(n *yaml.Node, path string, out reflect.Value) {
	if n.Kind != yaml.ScalarNode {
		d.at(n, path, "wants %s, not %s", kindName(out), shape(n))
		return
	}
	switch out.Kind() {
	case reflect.String:
		if i := strings.IndexFunc(n.Value, isControl); i >= 0 {
			d.at(n, path, "holds the control character %U", []rune(n.Value[i:])[0])
			return
		}
		out.SetString(n.Value)
	case reflect.Int, reflect.Int64:
		v, err := strconv.ParseInt(n.Value, 10, 64)
		digits := strings.TrimPrefix(n.Value, "-")
		switch {
		case errors.Is(err, strconv.ErrRange) && n.ShortTag() != "!!str":
			d.at(n, path, "%s is too large a number", clip(n.Value))
		case n.ShortTag() != "!!int" || err != nil || len(digits) > 1 && digits[0] == '0':
			d.at(n, path, "wants a whole number in plain digits, such as 50, not %s", shape(n))
		default:
			out.SetInt(v)
		}
	case reflect.Bool:
		if n.ShortTag() != "!!bool" {
			d.at(n, path, "wants true or false, not %s", shape(n))
			return
		}
		out.SetBool(strings.EqualFold(n.Value, "true"))
	default:
		panic("programme: a Spec has a field of type " + out.Type().String())
	}
}

// isControl tells whether a character is one that a text does not hold: PostgreSQL refuses the first of them, and nobody sees the others.
func isControl(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// at adds a problem at a node, which could not be read.
func (d *document) at(n *yaml.Node, path, format string, args ...any) {
	d.unread = append(d.unread, path)
	d.add(n.Line, n.Column, path, format, args...)
}

// shape says what a node is, for a message.
func shape(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.ShortTag() == "!!null":
		return "nothing"
	case n.ShortTag() == "!!str":
		return fmt.Sprintf("the text %q", clip(n.Value))
	}
	return clip(n.Value)
}

func kindName(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	}
	return "a whole number"
}

func fieldOf(v reflect.Value, name string) (reflect.Value, bool) {
	for i := range v.NumField() {
		if fieldName(v.Type().Field(i)) == name {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

func fieldName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return name
}
