package programme

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"

	"granaio/ent/definition"
)

// Text is one definition as somebody wrote it: as YAML, or as values such as JSON has.
type Text struct {
	YAML   string
	Values map[string]any // of strings, booleans, whole numbers as int64, other numbers as float64, lists and maps; nil if it is YAML
}

// read reads a definition of a kind. If there are problems, it could not be read.
func (t Text) read(k kind) (draft, *document, []Problem) {
	var d *document
	if t.Values == nil {
		d = open("", []byte(t.YAML))
	} else {
		d = &document{root: nodeOf(t.Values)}
	}
	if d.root == nil {
		return draft{}, d, sorted(d.problems)
	}
	one := reflect.New(k.form())
	d.decode(d.root, "", one.Elem())
	if len(d.problems) > 0 {
		return draft{}, d, sorted(d.problems)
	}
	if k.name != definition.KindSettings && k.keyOf(one.Elem()) == "" {
		d.add(0, 0, "key", "a key is missing")
		return draft{}, d, d.problems
	}
	found, err := draftOf(k, one.Elem())
	if err != nil {
		d.add(0, 0, "", "%v", err)
	}
	return found, d, d.problems
}

// nodeOf is a value as the tree that YAML would make of it. It has no lines.
func nodeOf(v any) *yaml.Node {
	scalar := func(tag, text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text} }
	switch v := v.(type) {
	case map[string]any:
		n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			n.Content = append(n.Content, scalar("!!str", key), nodeOf(v[key]))
		}
		return n
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, e := range v {
			n.Content = append(n.Content, nodeOf(e))
		}
		return n
	case nil:
		return scalar("!!null", "")
	case bool:
		return scalar("!!bool", strconv.FormatBool(v))
	case int64:
		return scalar("!!int", strconv.FormatInt(v, 10))
	case float64:
		return scalar("!!float", strconv.FormatFloat(v, 'f', -1, 64))
	}
	return scalar("!!str", fmt.Sprint(v))
}

// Written is a definition of a kind as YAML, which a Draft takes and which says the same again.
func Written(name definition.Kind, body map[string]any) (string, error) {
	one := reflect.New(kindOf(name).form())
	if err := fromJSON(body, one.Interface()); err != nil {
		return "", fmt.Errorf("programme: %s: %w", name, err)
	}
	text, err := dump(one.Interface())
	return string(text), err
}
