package expr

import (
	"math"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// Comparison is two numbers or times that were compared. What was read stands left.
type Comparison struct {
	Operator string // >=, >, <=, <, == or !=
	// Seen and Wanted are whole: of a number with a fraction, Places of their digits are after the point; of times, seconds since 1970.
	Seen   int64
	Wanted int64
	Places int
	// Distance is by how much Seen would have to change, as they are; 0 if the comparison holds, or where no change is the smallest.
	Distance int64
	Unit     Unit
}

// comparison is a comparison that can be evaluated.
type comparison struct {
	compared     string // the operator; empty where nothing is compared that has a distance
	seen, wanted cel.Program
	unit         Unit
}

// unitOf is what an expression counts, if it reads a figure or the event's value and does nothing with it.
func (e *env) unitOf(x ast.Expr) Unit {
	if path(x) == "event.value" {
		return Money
	}
	if x.Kind() == ast.SelectKind && path(x.AsSelect().Operand()) == "member.metrics" {
		return e.words.Metrics[x.AsSelect().FieldName()].Unit
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

// measured are the types that have a distance.
var measured = []*types.Type{types.IntType, types.DoubleType, types.TimestampType, types.DurationType}

// compare makes a comparison one that can be measured. What is written out stands right, whichever side it is on.
func (e *env) compare(tree *ast.AST, x ast.Expr) (c comparison) {
	if x.Kind() != ast.CallKind {
		return c
	}
	compared, ok := comparisons[x.AsCall().FunctionName()]
	if !ok {
		return c
	}
	seen, wanted, symbol := x.AsCall().Args()[0], x.AsCall().Args()[1], compared.symbol
	if constant(seen) && !constant(wanted) {
		seen, wanted, symbol = wanted, seen, compared.mirrored
	}
	for _, t := range measured {
		if !tree.GetType(seen.ID()).IsExactType(t) || !tree.GetType(wanted.ID()).IsExactType(t) {
			continue
		}
		_, left, sound := e.again(tree, seen)
		_, right, both := e.again(tree, wanted)
		if !sound || !both {
			return c
		}
		c = comparison{symbol, left, right, e.unitOf(seen)}
		if c.unit == Plain {
			c.unit = e.unitOf(wanted)
		}
		if t == types.TimestampType || t == types.DurationType {
			c.unit = Seconds
		}
	}
	return c
}

// constant tells whether an expression reads nothing.
func constant(x ast.Expr) bool {
	switch x.Kind() {
	case ast.LiteralKind:
		return true
	case ast.CallKind:
		c := x.AsCall()
		if c.IsMemberFunction() && !constant(c.Target()) {
			return false
		}
		for _, a := range c.Args() {
			if !constant(a) {
				return false
			}
		}
		return true
	}
	return false
}

// evaluate measures the comparison; nil if there is nothing to measure.
func (c *comparison) evaluate(s *Scope) *Comparison {
	if c.compared == "" {
		return nil
	}
	left, _, err := c.seen.Eval(s)
	if err != nil {
		return nil
	}
	right, _, err := c.wanted.Eval(s)
	if err != nil {
		return nil
	}
	k := &Comparison{Operator: c.compared, Unit: c.unit}
	switch l := left.(type) {
	case types.Int:
		k.Seen, k.Wanted = int64(l), int64(right.(types.Int))
		k.Distance = distance(k.Operator, k.Seen, k.Wanted, 1)
	case types.Double:
		if !k.decimals(float64(l), float64(right.(types.Double))) {
			return nil
		}
		k.Distance = distance(k.Operator, k.Seen, k.Wanted, 0)
	default:
		return k.times(left, right)
	}
	return k
}

// times measures two instants, or two lengths of time, to the microsecond; the distance is rounded up to whole seconds.
func (k *Comparison) times(left, right ref.Val) *Comparison {
	var seen, wanted int64
	switch l := left.(type) {
	case types.Timestamp:
		seen, wanted = l.UnixMicro(), right.(types.Timestamp).UnixMicro()
	case types.Duration:
		seen, wanted = l.Microseconds(), right.(types.Duration).Microseconds()
	default:
		return nil
	}
	const second = 1_000_000
	d := distance(k.Operator, seen, wanted, 1)
	k.Seen, k.Wanted, k.Distance = seen/second, wanted/second, d/second
	if d%second > 0 {
		k.Distance++
	}
	return k
}

// decimals takes two numbers as they are written in decimal; false if that takes too many digits.
func (k *Comparison) decimals(seen, wanted float64) bool {
	digits := func(v float64) (whole, fraction string) {
		whole, fraction, _ = strings.Cut(strconv.FormatFloat(v, 'f', -1, 64), ".")
		return whole, fraction
	}
	a, b := [2]string{}, [2]string{}
	a[0], a[1] = digits(seen)
	b[0], b[1] = digits(wanted)
	k.Places = max(len(a[1]), len(b[1]))
	read := func(d [2]string) (int64, bool) {
		text := d[0] + d[1] + strings.Repeat("0", k.Places-len(d[1]))
		n, err := strconv.ParseInt(text, 10, 64)
		return n, err == nil && len(text) <= 16
	}
	var ok, both bool
	k.Seen, ok = read(a)
	k.Wanted, both = read(b)
	return ok && both && !math.IsInf(seen, 0)
}

// distance is by how much a number would have to change, where the smallest change is a step; without one, being equal is no distance.
func distance(operator string, seen, wanted, step int64) int64 {
	switch operator {
	case ">=":
		return max(wanted-seen, 0)
	case ">":
		return max(wanted-seen+step, 0)
	case "<=":
		return max(seen-wanted, 0)
	case "<":
		return max(seen-wanted+step, 0)
	case "==":
		return max(wanted-seen, seen-wanted)
	}
	if seen == wanted {
		return step
	}
	return 0
}
