package programme

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// The bounds of a file. They are far above what a programme needs, and low enough that no file costs more than a second to refuse.
const (
	MaxBytes = 4 << 20 // of a file
	maxDepth = 32      // of lists and mappings within one another
	maxMarks = 400_000 // line ends and the marks , [ { - ? of YAML, which bound how many values there can be
)

// document is a file's text and the tree that it is.
type document struct {
	name     string
	src      []byte
	root     *yaml.Node // nil if there is none
	problems []Problem
	unread   []string // the paths of what is there, but could not be read as what it should be
}

// open reads a file into a tree. If the tree is nil, the problems say why.
func open(name string, src []byte) *document {
	d := &document{name: name, src: src}
	if !d.isText() {
		return d
	}
	loader, err := yaml.NewLoader(bytes.NewReader(src), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth))))
	if err != nil {
		d.add(0, 0, "", "%v", err)
		return d
	}
	var first, second yaml.Node
	switch err := loader.Load(&first); {
	case errors.Is(err, io.EOF):
		d.add(0, 0, "", "is empty")
		return d
	case err != nil:
		d.syntax(err)
		return d
	}
	switch err := loader.Load(&second); {
	case err == nil:
		d.add(second.Line, second.Column, "", "a second document begins here: only one is taken")
	case !errors.Is(err, io.EOF):
		d.syntax(err)
	}
	if len(d.problems) > 0 || len(first.Content) != 1 {
		return d
	}
	d.plain(first.Content[0])
	if len(d.problems) == 0 {
		d.root = first.Content[0]
	}
	return d
}

func (d *document) add(line, column int, path, format string, args ...any) {
	d.problems = append(d.problems, Problem{File: d.name, Line: line, Column: column, Path: path, Message: fmt.Sprintf(format, args...)})
}

// isText tells whether the text is UTF-8 within the bounds and without control characters.
func (d *document) isText() bool {
	switch {
	case len(d.src) > MaxBytes:
		d.add(0, 0, "", "is too long: more than %d bytes", MaxBytes)
		return false
	case bytes.HasPrefix(d.src, []byte{0xfe, 0xff}) || bytes.HasPrefix(d.src, []byte{0xff, 0xfe}):
		d.add(1, 1, "", "is UTF-16: save it as UTF-8")
		return false
	case len(d.src) > 1 && (d.src[0] == 0) != (d.src[1] == 0):
		d.add(1, 1, "", "looks like UTF-16: save it as UTF-8")
		return false
	case bytes.HasPrefix(d.src, []byte("\xef\xbb\xbf")):
		d.add(1, 1, "", "begins with a byte order mark: save it as UTF-8 without one")
		return false
	}
	line, column, marks := 1, 1, 0
	for i := 0; i < len(d.src); {
		r, size := utf8.DecodeRune(d.src[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			d.add(line, column, "", "the byte 0x%02X is not UTF-8 (is the file in Latin-1 or Windows-1252?): save it as UTF-8", d.src[i])
			return false
		case r < ' ' && r != '\n' && r != '\r' && r != '\t' || r >= 0x7f && r < 0xa0 && r != 0x85:
			d.add(line, column, "", "holds the control character U+%04X", r)
			return false
		case r == '\n':
			line, column, marks = line+1, 0, marks+1
		case r == ',' || r == '[' || r == '{' || (r == '-' || r == '?') && i+1 < len(d.src) && d.src[i+1] == ' ':
			marks++
		}
		column++
		i += size
	}
	if marks > maxMarks {
		d.add(0, 0, "", "is too long: more than %d lines, commas, brackets and dashes", maxMarks)
		return false
	}
	return true
}

// syntax adds the problem of a text that is not YAML. What follows the first such mistake cannot be read.
func (d *document) syntax(err error) {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		d.add(0, 0, "", "not YAML: %v", err)
		return
	}
	message := load.Message
	if load.ContextMsg != "" && load.ContextMark.Line > 0 && load.ContextMark.Line < load.Mark.Line {
		message = fmt.Sprintf("%s, %s that begins at %d:%d", message, load.ContextMsg, load.ContextMark.Line, load.ContextMark.Column)
	}
	d.add(load.Mark.Line, load.Mark.Column, "", "not YAML: %s", message)
}

// plain refuses what makes YAML mean something else than it shows: anchors and aliases, tags, merged keys.
func (d *document) plain(n *yaml.Node) {
	switch {
	case n.Kind == yaml.AliasNode:
		d.add(n.Line, n.Column, "", "the alias *%s: write the value out, aliases are not taken", n.Value)
		return
	case n.Anchor != "":
		d.add(n.Line, n.Column, "", "the anchor &%s: anchors are not taken", n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		d.add(n.Line, n.Column, "", "the tag %s: tags are not taken", n.ShortTag())
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!merge":
		d.add(n.Line, n.Column, "", "the key <<: write the values out, merging is not taken")
	}
	for _, c := range n.Content {
		d.plain(c)
	}
}

// join is the path of a key within what is at the path, in the form that fact.Problem has.
func join(path, key string) string {
	key = clip(key)
	switch {
	case key == "" || strings.ContainsFunc(key, isOdd):
		return path + "[" + strconv.Quote(key) + "]"
	case path == "":
		return key
	}
	return path + "." + key
}

func isOdd(r rune) bool {
	return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}

// clip cuts a text that a message repeats.
func clip(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
