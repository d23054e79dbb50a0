package expr

import (
	"math"
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// screen tells of a condition what can be told of it without CEL: most conditions ask first, among other things, whether the event has a certain value, touchpoint or property.
// A programme may have a thousand rules of one event, nearly all of which fail by that.
type screen struct {
	checks []check
	whole  bool // the checks are all of the condition
}

// check tells whether what stands between two && holds; not known if it reads what is unset.
type check func(s *Scope) (holds, known bool)

// test tells whether the condition holds, if that is known. What is false stays false, whatever else is asked for: false && x is false for every x, one that fails too.
func (c *screen) test(s *Scope) (holds, known bool) {
	known = c.whole
	for _, check := range c.checks {
		switch holds, sure := check(s); {
		case !sure:
			known = false
		case !holds:
			return false, true
		}
	}
	return known, known
}

// screened makes the screen of a condition.
func (e *env) screened(x ast.Expr) screen {
	s := screen{whole: true}
	var visit func(x ast.Expr)
	visit = func(x ast.Expr) {
		if x.Kind() == ast.CallKind && x.AsCall().FunctionName() == operators.LogicalAnd {
			for _, a := range x.AsCall().Args() {
				visit(a)
			}
			return
		}
		if c := e.check(x); c != nil {
			s.checks = append(s.checks, c)
		} else {
			s.whole = false
		}
	}
	visit(x)
	s.whole = s.whole && len(s.checks) > 0
	return s
}

// check is an expression of type bool as a check; nil if it asks for more than one does.
func (e *env) check(x ast.Expr) check {
	if get, t := e.read(x); t == Bool {
		return boolean(get, true)
	}
	if x.Kind() != ast.CallKind {
		return nil
	}
	c := x.AsCall()
	if c.FunctionName() == operators.LogicalNot && len(c.Args()) == 1 {
		if get, t := e.read(c.Args()[0]); t == Bool {
			return boolean(get, false)
		}
		return nil
	}
	if len(c.Args()) != 2 {
		return nil
	}
	left, right := c.Args()[0], c.Args()[1]
	if c.FunctionName() == operators.In {
		get, t := e.read(left)
		if t != String || right.Kind() != ast.ListKind {
			return nil
		}
		var among []string
		for _, element := range right.AsList().Elements() {
			text, ok := literal(element).(types.String)
			if !ok {
				return nil
			}
			among = append(among, string(text))
		}
		return textual(get, func(v string) bool { return slices.Contains(among, v) })
	}
	compared, ok := comparisons[c.FunctionName()]
	if !ok {
		return nil
	}
	symbol := compared.symbol
	if left.Kind() == ast.LiteralKind {
		left, right, symbol = right, left, compared.mirrored
	}
	switch wanted := literal(right).(type) {
	case types.String:
		if get, t := e.read(left); t == String && (symbol == "==" || symbol == "!=") {
			return textual(get, func(v string) bool { return (v == string(wanted)) == (symbol == "==") })
		}
	case types.Int:
		holds, number := wholes[symbol], int64(wanted)
		if path(left) == "event.value" {
			return func(s *Scope) (bool, bool) {
				if s.event.Value == nil {
					return holds(0, number), true
				}
				return holds(s.event.Value.Minor, number), true
			}
		}
		if get, t := e.read(left); t == Int {
			return func(s *Scope) (bool, bool) {
				v, ok := wholeOf(get(s))
				return ok && holds(v, number), ok
			}
		}
	}
	return nil
}

var wholes = map[string]func(a, b int64) bool{
	">=": func(a, b int64) bool { return a >= b }, ">": func(a, b int64) bool { return a > b }, "<=": func(a, b int64) bool { return a <= b },
	"<": func(a, b int64) bool { return a < b }, "==": func(a, b int64) bool { return a == b }, "!=": func(a, b int64) bool { return a != b },
}

// literal is what is written out; nil for anything else.
func literal(x ast.Expr) any {
	if x.Kind() == ast.LiteralKind {
		return x.AsLiteral()
	}
	return nil
}

// read is how something of the event is read, as it came, and its type; no type for what is not read so. Nil is unset.
func (e *env) read(x ast.Expr) (get func(*Scope) any, t Type) {
	if x.Kind() != ast.SelectKind || x.AsSelect().IsTestOnly() {
		return nil, ""
	}
	if path(x) == "event.touchpoint" {
		return func(s *Scope) any { return s.event.Touchpoint }, String
	}
	name := x.AsSelect().FieldName()
	if path(x) != "event.properties."+name {
		return nil, ""
	}
	return func(s *Scope) any { return s.event.Properties[name] }, e.properties[name]
}

func boolean(get func(*Scope) any, want bool) check {
	return func(s *Scope) (holds, known bool) {
		v, ok := get(s).(bool)
		return v == want, ok
	}
}

func textual(get func(*Scope) any, holds func(string) bool) check {
	return func(s *Scope) (bool, bool) {
		v, ok := get(s).(string)
		return ok && holds(v), ok
	}
}

// wholeOf is a whole number as JSON has it, within what a property of type int can be.
func wholeOf(v any) (n int64, ok bool) {
	switch v := v.(type) {
	case int64:
		n = v
	case float64:
		if n = int64(v); float64(n) != v || math.Abs(v) > maxWhole {
			return 0, false
		}
	default:
		return 0, false
	}
	return n, n >= -maxWhole && n <= maxWhole
}
