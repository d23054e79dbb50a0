package fact

import (
	"fmt"
	"strconv"
	"strings"
)

// Problem is one thing that is wrong with a programme as data.
type Problem struct {
	// Path is where, in the data: rules[3].when, programme.events.purchase.value. A name with other characters than letters, digits, dashes and
	// underscores is written programme.events["idea.voted"].
	Path string
	// Message says what is wrong, in plain English.
	Message string
	// Line and Column are the place within an expression, counted in characters from 1; 0 where there is none.
	Line, Column int
}

// String is the problem on one line.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.Path + ": " + p.Message
	}
	return fmt.Sprintf("%s (%d:%d): %s", p.Path, p.Line, p.Column, p.Message)
}

// Report collects problems, each at its path. The zero value is of no use: begin with NewReport.
type Report struct {
	path string
	all  *[]Problem
}

// NewReport is an empty report at the root of the data.
func NewReport() Report { return Report{all: new([]Problem)} }

// In is the report at a field, or at a name of a map.
func (r Report) In(name string) Report {
	switch {
	case strings.ContainsFunc(name, isOdd) || name == "":
		r.path += "[" + strconv.Quote(name) + "]"
	case r.path == "":
		r.path = name
	default:
		r.path += "." + name
	}
	return r
}

func isOdd(c rune) bool {
	return c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
}

// At is the report at a place of a list.
func (r Report) At(place int) Report {
	r.path += "[" + strconv.Itoa(place) + "]"
	return r
}

// Say reports a problem at the path.
func (r Report) Say(format string, args ...any) {
	r.Place(0, 0, fmt.Sprintf(format, args...))
}

// Place reports a problem at a line and column of the expression at the path.
func (r Report) Place(line, column int, message string) {
	*r.all = append(*r.all, Problem{r.path, message, line, column})
}

// Problems are all that were reported, in order.
func (r Report) Problems() []Problem { return *r.all }
