package programme

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// find is the node at a path, with its key if it is an entry of a mapping. If the path leads nowhere, it is the last node on the way there: what
// is missing is missing in that one.
func (d *document) find(path string) (key, value *yaml.Node) {
	value = d.root
	for path != "" {
		name, index, rest := cut(path)
		k, v := child(value, name, index)
		if v == nil {
			return key, value
		}
		key, value, path = k, v, rest
	}
	return key, value
}

// cut takes the first step off a path: a name, or a place in a list with an empty name.
func cut(path string) (name string, index int, rest string) {
	inner, bracket := strings.CutPrefix(path, "[")
	if !bracket {
		end := strings.IndexAny(path, ".[")
		if end < 0 {
			return path, -1, ""
		}
		return path[:end], -1, strings.TrimPrefix(path[end:], ".")
	}
	if quoted, err := strconv.QuotedPrefix(inner); err == nil {
		name, _ = strconv.Unquote(quoted)
		inner, index = inner[len(quoted):], -1
	} else {
		digits, _, _ := strings.Cut(inner, "]")
		if index, err = strconv.Atoi(digits); err != nil {
			index = -2 // not a path
		}
		inner = inner[len(digits):]
	}
	return name, index, strings.TrimPrefix(strings.TrimPrefix(inner, "]"), ".")
}

// child is an entry of a mapping, or an element of a list if the index is not negative; nil if there is none.
func child(n *yaml.Node, name string, index int) (key, value *yaml.Node) {
	switch {
	case n.Kind == yaml.SequenceNode && index >= 0 && index < len(n.Content):
		return nil, n.Content[index]
	case n.Kind == yaml.MappingNode && index == -1:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == name {
				return n.Content[i], n.Content[i+1]
			}
		}
	}
	return nil, nil
}

// place is where to show a problem at a path: a scalar's own place, or the key of what stands on lines of its own.
func (d *document) place(path string) (line, column int) {
	key, value := d.find(path)
	if key != nil && (value.Kind != yaml.ScalarNode || value.ShortTag() == "!!null") {
		return key.Line, key.Column
	}
	return value.Line, value.Column
}

// within is where in the file the character of a scalar is that its own line and column name, both from 1, the column in characters.
func (d *document) within(n *yaml.Node, line, column int) (int, int) {
	index := 0
	for _, r := range n.Value {
		if line <= 1 && column <= 1 {
			break
		}
		if index++; r == '\n' && line > 1 {
			line--
		} else if line <= 1 {
			column--
		}
	}
	places := d.places(n)
	if len(places) == 0 {
		return n.Line, n.Column
	}
	if index >= len(places) {
		last := places[len(places)-1]
		return last.line, last.column + index - len(places) + 1
	}
	return places[index].line, places[index].column
}

type spot struct{ line, column int }

// places tells where in the file each character of a scalar is. Whether it is plain, quoted or a block, its characters that are not white space
// come in the file in the same order, with white space and the marks of the style between them.
func (d *document) places(n *yaml.Node) []spot {
	c := cursor{text: d.src, spot: spot{1, 1}}
	for c.line < n.Line || c.column < n.Column {
		if !c.next() {
			return nil
		}
	}
	quoted := n.Style & (yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle)
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		for line := c.line; c.line == line; {
			if !c.next() {
				return nil
			}
		}
	case quoted != 0:
		c.next()
	}
	places := make([]spot, 0, len(n.Value))
	for _, r := range n.Value {
		skip := !unicode.IsSpace(r)
		for skip && unicode.IsSpace(c.rune()) || quoted == yaml.DoubleQuotedStyle && c.continues() {
			skip = skip || !unicode.IsSpace(c.rune()) // white space after the joint is not of the text
			c.next()
		}
		places = append(places, c.spot)
		switch here := c.rune(); {
		case here == '\\' && quoted == yaml.DoubleQuotedStyle:
			for range c.escape() {
				c.next()
			}
		case here == '\'' && quoted == yaml.SingleQuotedStyle:
			c.next()
			c.next()
		case here == r:
			c.next()
		}
	}
	return places
}

// cursor walks over a text and knows its line and column.
type cursor struct {
	text []byte // what is left
	spot
}

func (c *cursor) rune() rune {
	r, _ := utf8.DecodeRune(c.text)
	return r
}

func (c *cursor) next() bool {
	r, size := utf8.DecodeRune(c.text)
	if size == 0 {
		return false
	}
	c.text = c.text[size:]
	c.column++
	if r == '\n' {
		c.line, c.column = c.line+1, 1
	}
	return true
}

// continues tells whether a backslash at the end of a line joins it to the next.
func (c *cursor) continues() bool {
	return len(c.text) > 1 && c.text[0] == '\\' && (c.text[1] == '\n' || c.text[1] == '\r')
}

// escape is how many characters an escape sequence has.
func (c *cursor) escape() int {
	if len(c.text) < 2 {
		return 1
	}
	switch c.text[1] {
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	}
	return 2
}
