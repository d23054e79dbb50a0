package expr

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/parser"
)

// Part is what became of one of the things that a condition asks for, which are what stands between its outermost &&; or of a whole expression.
type Part struct {
	Source string // as it was written, without the parentheses around all of it
	// Line and Column are where it begins in the expression, from 1, in characters.
	Line, Column int
	Holds        bool
	// Fault says why it could not be told. Empty if it could.
	Fault Fault
	// Member tells whether it reads something of the member, and not of the event alone.
	Member bool
	// Readings are what it read, each once, in the order in which it is written.
	Readings []Reading
	// Comparison is how far it was from holding, where it compares numbers or times; nil elsewhere.
	Comparison *Comparison
	// Lacking are, of an Unconsented one, the purposes of which the member would have to agree to one, for each attribute that it reads.
	Lacking [][]string
	// Alternatives are what stands between its outermost ||, of which one would do; none if there is no ||.
	Alternatives []Part
	// Parts are, of an alternative that asks for several things, what became of each.
	Parts []Part
}

// Fault is why an expression has no value. Faults are stored: they are never changed. They tell nothing of what was read.
type Fault string

// The faults.
const (
	Unset        Fault = "unset"            // it reads something that is unset
	ZeroDivision Fault = "division_by_zero" // or the rest of one
	Overflow     Fault = "overflow"         // a number is beyond what can be computed
	OutOfRange   Fault = "out_of_range"     // a list or map has no such place
	TooCostly    Fault = "too_costly"       // it costs more than an expression may
	Failed       Fault = "failed"           // anything else
	Unconsented  Fault = "unconsented"      // it reads something that the member did not agree to have read
)

// Faults are all of them.
var Faults = []Fault{Unset, ZeroDivision, Overflow, OutOfRange, TooCostly, Failed, Unconsented}

// faultOf is the fault behind an error of CEL's, whose errors have nothing but their texts.
func faultOf(err error) Fault {
	if errors.Is(err, errUnset) {
		return Unset
	}
	if errors.Is(err, errUnconsented) {
		return Unconsented
	}
	text := err.Error()
	for _, known := range []struct {
		says string
		is   Fault
	}{
		{"division by zero", ZeroDivision}, {"modulus by zero", ZeroDivision}, {"divide by zero", ZeroDivision}, {"overflow", Overflow}, {"out of range", Overflow}, {"range error", Overflow},
		{"out of bounds", OutOfRange}, {"no such key", OutOfRange}, {"cost limit", TooCostly},
	} {
		if strings.Contains(text, known.says) {
			return known.is
		}
	}
	return Failed
}

// Reading is one thing that an expression reads, and what it found.
type Reading struct {
	Source string
	Value  any // string, int64, bool, float64, []string or time.Time; nil if it is unset
	Unit   Unit
}

// Unit is what a number counts.
type Unit string

// The units.
const (
	Plain   Unit = ""
	Money   Unit = "money" // minor units
	Times   Unit = "times" // how often an event happened
	Seconds Unit = "seconds"
)

// breakdown is the parts of an expression, compiled when they are first asked for.
type breakdown struct {
	once  sync.Once
	parts []fragment
}

// fragment is a part that can be evaluated.
type fragment struct {
	source       string
	line, column int
	program      cel.Program
	member       bool
	readings     []reader
	comparison
	alternatives []fragment
	parts        []fragment
}

// reader is a reading that can be evaluated.
type reader struct {
	source  string
	program cel.Program
	unit    Unit
}

// Explain tells what became of each part of the condition. It holds if all of them do.
func (c *Condition) Explain(s *Scope) []Part {
	if c == nil {
		return nil
	}
	parts := c.parts(func(whole piece) []piece { return whole.conjuncts() })
	return evaluated(parts, s)
}

// Explain tells why the amount could not be computed, or what it read.
func (a *Amount) Explain(s *Scope) Part {
	return evaluated(a.parts(func(whole piece) []piece { return []piece{whole.bare()} }), s)[0]
}

// parts takes the expression apart. If a part did not compile by itself, the expression is one part.
func (x *Expression) parts(split func(piece) []piece) []fragment {
	x.breakdown.once.Do(func() {
		fragments, ok := x.fragments(split(piece{text: x.source}))
		if !ok {
			whole, _ := x.fragment(piece{text: x.source})
			fragments = []fragment{whole}
		}
		x.breakdown.parts = fragments
	})
	return x.breakdown.parts
}

// fragments are pieces that can be evaluated, with what each consists of.
func (x *Expression) fragments(pieces []piece) (all []fragment, ok bool) {
	for _, p := range pieces {
		f, ok := x.fragment(p)
		if !ok {
			return nil, false
		}
		if alternatives := p.alternatives(); len(alternatives) > 1 {
			for _, a := range alternatives {
				one, ok := x.fragments([]piece{a})
				if conjuncts := a.conjuncts(); ok && len(conjuncts) > 1 {
					one[0].parts, ok = x.fragments(conjuncts)
				}
				if !ok {
					return nil, false
				}
				f.alternatives = append(f.alternatives, one[0])
			}
		}
		all = append(all, f)
	}
	return all, true
}

// fragment is a piece that can be evaluated; false if it is no expression by itself.
func (x *Expression) fragment(p piece) (f fragment, ok bool) {
	compiled, issues := x.env.Compile(p.text)
	if issues.Err() != nil {
		return f, false
	}
	f.source = p.text
	f.line, f.column = position(x.source, p.at)
	program, err := x.env.bounded(compiled)
	if err != nil {
		return f, false
	}
	tree := compiled.NativeRep()
	f.program = program
	f.readings, f.member = x.env.readers(tree, tree.Expr())
	f.comparison = x.env.compare(tree, tree.Expr())
	return f, true
}

// bounded is a program that ends early if it costs too much.
func (e *env) bounded(compiled *cel.Ast) (cel.Program, error) {
	return e.Program(compiled, append(e.watched(compiled.NativeRep()), cel.CostTracking(costs{}), cel.CostLimit(maxCost))...)
}

// again is a part of an expression as text and as a program of its own.
func (e *env) again(tree *ast.AST, x ast.Expr) (string, cel.Program, bool) {
	text, err := parser.Unparse(x, tree.SourceInfo())
	if err != nil {
		return "", nil, false
	}
	compiled, issues := e.Compile(text)
	if issues.Err() != nil {
		return "", nil, false
	}
	program, err := e.bounded(compiled)
	return text, program, err == nil
}

// readers are what a part reads, each once, and whether some of it is the member's.
func (e *env) readers(tree *ast.AST, part ast.Expr) (all []reader, member bool) {
	var visit func(x ast.Expr)
	take := func(x ast.Expr, text string, unit Unit) {
		if slices.ContainsFunc(all, func(s reader) bool { return s.source == text }) {
			return
		}
		if compiled, issues := e.Compile(text); issues.Err() == nil {
			if program, err := e.Program(compiled); err == nil {
				all = append(all, reader{text, program, unit})
			}
		}
	}
	visit = func(x ast.Expr) {
		switch x.Kind() {
		case ast.SelectKind:
			if text := path(x); root(x) != "" {
				member = member || root(x) == "member"
				take(x, text, e.unitOf(x))
				return
			}
			visit(x.AsSelect().Operand())
		case ast.CallKind:
			c := x.AsCall()
			if c.IsMemberFunction() && c.Target().Kind() == ast.IdentKind && c.Target().AsIdent() == "member" {
				member = true
				if text, err := parser.Unparse(x, tree.SourceInfo()); err == nil {
					take(x, text, e.unitOf(x))
				}
				return
			}
			if c.IsMemberFunction() {
				visit(c.Target())
			}
			for _, a := range c.Args() {
				visit(a)
			}
		case ast.ListKind:
			for _, a := range x.AsList().Elements() {
				visit(a)
			}
		case ast.ComprehensionKind:
			c := x.AsComprehension()
			for _, a := range []ast.Expr{c.IterRange(), c.AccuInit(), c.LoopCondition(), c.LoopStep(), c.Result()} {
				visit(a)
			}
		}
	}
	visit(part)
	return all, member
}

// root is event or member if the expression is a chain of fields of the one or the other.
func root(x ast.Expr) string {
	for x.Kind() == ast.SelectKind {
		x = x.AsSelect().Operand()
	}
	if x.Kind() == ast.IdentKind && (x.AsIdent() == "event" || x.AsIdent() == "member") {
		return x.AsIdent()
	}
	return ""
}

// evaluated tells what became of parts.
func evaluated(all []fragment, s *Scope) []Part {
	var parts []Part
	for i := range all {
		parts = append(parts, all[i].evaluate(s))
	}
	return parts
}

// evaluate tells what became of a part.
func (f *fragment) evaluate(s *Scope) Part {
	p := Part{Source: f.source, Line: f.line, Column: f.column, Member: f.member, Alternatives: evaluated(f.alternatives, s), Parts: evaluated(f.parts, s)}
	if v, _, err := f.program.Eval(s); err != nil {
		p.Fault = faultOf(err)
	} else {
		p.Holds = v == types.True
	}
	for _, r := range f.readings {
		v, _, err := r.program.Eval(s)
		if err != nil {
			v = nil
		}
		p.Readings = append(p.Readings, Reading{r.source, plainValue(v), r.unit})
	}
	if p.Fault == Unconsented {
		p.Lacking = s.lacking(f.readings)
	}
	p.Comparison = f.comparison.evaluate(s)
	return p
}

// plainValue is a value of CEL's as Reading has it.
func plainValue(v ref.Val) any {
	switch v := v.(type) {
	case types.Int:
		return int64(v)
	case types.String:
		return string(v)
	case types.Bool:
		return bool(v)
	case types.Double:
		return float64(v)
	case types.Timestamp:
		return time.Time(v.Time)
	}
	if d, ok := v.(*date); ok {
		return d.day.Text()
	}
	if list, ok := v.(traits.Lister); ok {
		if n, ok := list.Size().(types.Int); ok && v.Type() == types.ListType && n > 0 {
			if _, ok := list.Get(types.IntZero).(*dependent); ok {
				return int64(n) // whoever explains tells how many there are, and not who they are
			}
		}
	}
	if v != nil {
		if texts, ok := v.Value().([]string); ok {
			return texts
		}
	}
	return nil
}
