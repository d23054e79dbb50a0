package programme

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"granaio/ent/definition"
)

// Problem is one mistake in a file, and where it is.
type Problem struct {
	File    string // the name that Parse was given
	Line    int    // from 1; 0 if it concerns the file as a whole
	Column  int    // in characters, from 1; 0 if it concerns the line or the file as a whole
	Path    string // the value concerned, as in rules[3].award.per; empty for the file as a whole
	Message string // plain English, for whoever wrote the file

	// Kind and Key name the definition concerned, where it is not a file's: the path is then one within it.
	Kind, Key string
}

// String is the problem on one line, in the form that editors and terminals make a link of: file:line:column: path: message.
func (p Problem) String() string {
	var where []string
	if p.File != "" {
		where = append(where, p.File)
	}
	if p.Kind != "" && p.File == "" {
		where = append(where, place{definition.Kind(p.Kind), p.Key}.String())
	}
	if p.Line > 0 {
		where = append(where, strconv.Itoa(p.Line))
		if p.Column > 0 {
			where = append(where, strconv.Itoa(p.Column))
		}
	}
	parts := []string{strings.Join(where, ":"), p.Path, p.Message}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ": ")
}

// mostProblems is how many problems are told of one file.
const mostProblems = 1000

// sorted puts problems in the order of the file, each once. Beyond the bound it says only how many more there are.
func sorted(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message))
	})
	problems = slices.Compact(problems)
	if more := len(problems) - mostProblems; more > 0 {
		problems = append(problems[:mostProblems:mostProblems], Problem{File: problems[0].File, Message: fmt.Sprintf("and %d more problems", more)})
	}
	return problems
}
