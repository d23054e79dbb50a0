package expr

import (
	"errors"
	"slices"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/parser"
)

// Part is what became of one of the things that a condition asks for, which are what stands between its outermost &&; or of a whole expression.
type Part struct {
	Source string // as it was written, in one form
	Holds  bool
	// Fault says why it could not be told: Unset, or what went wrong, such as "division by zero". Empty if it could.
	Fault string
	// Member tells whether it reads something of the member, and not of the event alone.
	Member bool
	// Readings are what it read, each once, in the order in which it is written.
	Readings []Reading
	// Comparison is how far it was from holding, where it compares whole numbers; nil elsewhere.
	Comparison *Comparison
}

// Unset is the Fault of a part that reads something which is unset.
const Unset = "unset"

// Reading is one thing that an expression reads, and what it found.
type Reading struct {
	Source string
	Value  any // string, int64, bool, float64, []string or time.Time; nil if it is unset
	Unit   Unit
}

// Unit is what a whole number counts.
type Unit string

// The units.
const (
	Plain Unit = ""
	Money Unit = "money" // minor units
	Times Unit = "times" // how often an event happened
)

// Comparison is two whole numbers that were compared. What was read stands left.
type Comparison struct {
	Operator string // >=, >, <=, <, == or !=
	Seen     int64
	Wanted   int64
	// Distance is by how much Seen would have to change; 0 if the comparison holds.
	Distance int64
	Unit     Unit
}

// breakdown is the parts of an expression, compiled when they are first asked for.
type breakdown struct {
	once  sync.Once
	parts []fragment
}

// fragment is a part that can be evaluated.
type fragment struct {
	source       string
	program      cel.Program
	member       bool
	readings     []reader
	compared     string // the operator; empty where no whole numbers are compared
	seen, wanted cel.Program
	unit         Unit
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
	return c.explain(s)
}

// Explain tells why the amount could not be computed, or what it read.
func (a *Amount) Explain(s *Scope) Part { return a.explain(s)[0] }

func (x *Expression) explain(s *Scope) []Part {
	x.breakdown.once.Do(func() { x.breakdown.parts = x.env.breakDown(x.source) })
	parts := make([]Part, len(x.breakdown.parts))
	for i := range parts {
		parts[i] = x.breakdown.parts[i].evaluate(s)
	}
	return parts
}

// breakDown takes apart an expression that compiles. A part that does not compile by itself is left out: there is none, since each is an expression.
func (e *env) breakDown(source string) (fragments []fragment) {
	compiled, issues := e.Compile(source)
	if issues.Err() != nil {
		return nil
	}
	tree := compiled.NativeRep()
	for _, x := range conjuncts(tree.Expr()) {
		text, program, ok := e.again(tree, x)
		if !ok {
			continue
		}
		l := fragment{source: text, program: program}
		l.readings, l.member = e.readers(tree, x)
		e.compare(tree, x, &l)
		fragments = append(fragments, l)
	}
	return fragments
}

// conjuncts are what stands between the outermost &&, in order.
func conjuncts(x ast.Expr) []ast.Expr {
	if x.Kind() == ast.CallKind && x.AsCall().FunctionName() == operators.LogicalAnd {
		var all []ast.Expr
		for _, a := range x.AsCall().Args() {
			all = append(all, conjuncts(a)...)
		}
		return all
	}
	return []ast.Expr{x}
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
	program, err := e.Program(compiled, cel.CostTracking(costs{}), cel.CostLimit(maxCost))
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
				take(x, text, unitOf(x))
				return
			}
			visit(x.AsSelect().Operand())
		case ast.CallKind:
			c := x.AsCall()
			if c.IsMemberFunction() && c.Target().Kind() == ast.IdentKind && c.Target().AsIdent() == "member" {
				member = true
				if text, err := parser.Unparse(x, tree.SourceInfo()); err == nil {
					take(x, text, unitOf(x))
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

// unitOf is what an expression counts, if it reads a figure or the event's value and does nothing with it.
func unitOf(x ast.Expr) Unit {
	if path(x) == "event.value" {
		return Money
	}
	if x.Kind() == ast.CallKind && x.AsCall().IsMemberFunction() && path(x.AsCall().Target()) == "member" {
		switch x.AsCall().FunctionName() {
		case "sum":
			return Money
		case "count":
			return Times
		}
	}
	return Plain
}

var comparisons = map[string]struct{ symbol, mirrored string }{
	operators.GreaterEquals: {">=", "<="}, operators.Greater: {">", "<"}, operators.LessEquals: {"<=", ">="}, operators.Less: {"<", ">"},
	operators.Equals: {"==", "=="}, operators.NotEquals: {"!=", "!="},
}

// compare makes a comparison of whole numbers one that can be measured. What is written out stands right, whichever side it is on.
func (e *env) compare(tree *ast.AST, x ast.Expr, l *fragment) {
	if x.Kind() != ast.CallKind {
		return
	}
	compared, ok := comparisons[x.AsCall().FunctionName()]
	if !ok {
		return
	}
	seen, wanted, symbol := x.AsCall().Args()[0], x.AsCall().Args()[1], compared.symbol
	if seen.Kind() == ast.LiteralKind && wanted.Kind() != ast.LiteralKind {
		seen, wanted, symbol = wanted, seen, compared.mirrored
	}
	if !tree.GetType(seen.ID()).IsExactType(types.IntType) || !tree.GetType(wanted.ID()).IsExactType(types.IntType) {
		return
	}
	if l.unit = unitOf(seen); l.unit == Plain {
		l.unit = unitOf(wanted)
	}
	var sound, both bool
	_, l.seen, sound = e.again(tree, seen)
	if _, l.wanted, both = e.again(tree, wanted); sound && both {
		l.compared = symbol
	}
}

// evaluate tells what became of a part.
func (l *fragment) evaluate(s *Scope) Part {
	p := Part{Source: l.source, Member: l.member}
	v, _, err := l.program.Eval(s)
	switch {
	case errors.Is(err, errUnset):
		p.Fault = Unset
	case err != nil:
		p.Fault = err.Error()
	default:
		p.Holds = v == types.True
	}
	for _, r := range l.readings {
		v, _, err := r.program.Eval(s)
		if err != nil {
			v = nil
		}
		p.Readings = append(p.Readings, Reading{r.source, plainValue(v), r.unit})
	}
	if l.compared != "" {
		seen, seenOK := whole(l.seen, s)
		wanted, wantedOK := whole(l.wanted, s)
		if seenOK && wantedOK {
			p.Comparison = &Comparison{l.compared, seen, wanted, distance(l.compared, seen, wanted), l.unit}
		}
	}
	return p
}

func whole(program cel.Program, s *Scope) (int64, bool) {
	v, _, err := program.Eval(s)
	n, ok := v.(types.Int)
	return int64(n), err == nil && ok
}

// distance is by how much a number would have to change.
func distance(operator string, seen, wanted int64) int64 {
	switch operator {
	case ">=":
		return max(wanted-seen, 0)
	case ">":
		return max(wanted-seen+1, 0)
	case "<=":
		return max(seen-wanted, 0)
	case "<":
		return max(seen-wanted+1, 0)
	case "==":
		return max(wanted-seen, seen-wanted)
	}
	if seen == wanted {
		return 1
	}
	return 0
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
	if v != nil {
		if texts, ok := v.Value().([]string); ok {
			return texts
		}
	}
	return nil
}
