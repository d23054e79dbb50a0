package programme

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"granaio/loyalty"
)

// File is a programme as data that was found to be valid.
type File struct {
	Name string // as problems name it
	Spec *loyalty.Spec

	document *document
	starts   time.Time
	zone     *time.Location
}

// Parse reads a programme from YAML and judges it whole. The name is what the problems call the file. The file is nil if there is any problem.
func Parse(name string, src []byte) (*File, []Problem) {
	d := open(name, src)
	if d.root == nil {
		return nil, sorted(d.problems)
	}
	f := &File{Name: name, Spec: new(loyalty.Spec), document: d}
	d.decode(d.root, "", reflect.ValueOf(f.Spec).Elem())
	compiled, problems := loyalty.Compile(d.readable(f.Spec), loyalty.Identity{Number: 1}, nil)
	for _, p := range problems {
		if !d.follows(p.Path) {
			d.problems = append(d.problems, d.locate(p))
		}
	}
	if len(d.problems) > 0 {
		return nil, sorted(d.problems)
	}
	f.starts, f.zone = compiled.Starts(), compiled.Zone()
	return f, nil
}

// readable is the programme with languages, if those of the file could not be read: otherwise every text would be said to be in a wrong one.
func (d *document) readable(spec *loyalty.Spec) *loyalty.Spec {
	if !d.unreadable("programme.languages") {
		return spec
	}
	judged := *spec
	judged.Programme.Languages = slices.Sorted(maps.Keys(spec.Programme.Name))
	return &judged
}

// follows tells whether a problem at the path may be nothing but a consequence of something that could not be read.
func (d *document) follows(path string) bool {
	if !inside(path, "programme") && (d.unreadable("programme.events") || d.unreadable("programme.attributes")) {
		return true // the expressions speak of them
	}
	return slices.ContainsFunc(d.unread, func(u string) bool { return inside(path, u) || inside(u, path) })
}

// unreadable tells whether what is at the path could not be read as a whole.
func (d *document) unreadable(path string) bool {
	return slices.ContainsFunc(d.unread, func(u string) bool { return inside(path, u) })
}

// inside tells whether a path is another or leads through it.
func inside(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && (outer == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

// locate finds where in the file a problem of the programme is.
func (d *document) locate(p loyalty.Problem) Problem {
	line, column := d.place(p.Path)
	if _, value := d.find(p.Path); p.Line > 0 {
		line, column = d.within(value, p.Line, p.Column)
	}
	return Problem{File: d.name, Line: line, Column: column, Path: p.Path, Message: p.Message}
}
