package expr

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
)

// Expression is a compiled expression.
type Expression struct {
	source    string
	needs     Needs
	program   cel.Program
	env       *env
	screen    screen // of a condition
	breakdown breakdown
}

// Source is the expression as it was written.
func (x *Expression) Source() string { return x.source }

// Needs are what it reads.
func (x *Expression) Needs() Needs { return x.needs }

// Condition is a compiled expression of type bool. The nil condition holds always and needs nothing.
type Condition struct{ *Expression }

// Holds tells whether the condition holds. It does not if something that it needs is unset or goes wrong.
func (c *Condition) Holds(s *Scope) bool {
	holds, _ := c.Test(s)
	return holds
}

// Test tells whether the condition holds, and what went wrong with it if anything did. That something is unset, or may not be read, is nothing that goes wrong.
func (c *Condition) Test(s *Scope) (bool, Fault) {
	if c == nil {
		return true, ""
	}
	if holds, known := c.screen.test(s); known {
		return holds, ""
	}
	v, _, err := c.program.Eval(s)
	if err == nil {
		return v == types.True, ""
	}
	if fault := faultOf(err); fault != Unset && fault != Unconsented {
		return false, fault
	}
	return false, ""
}

// Excludes tells that the condition does not hold, if that can be told at little cost. If it cannot, Test tells.
func (c *Condition) Excludes(s *Scope) bool {
	if c == nil {
		return false
	}
	holds, known := c.screen.test(s)
	return known && !holds
}

// Needs are what the condition reads.
func (c *Condition) Needs() Needs {
	if c == nil {
		return Needs{}
	}
	return c.needs
}

// Amount is a compiled expression of type int.
type Amount struct{ *Expression }

// Of is the amount; or the fault, if something that it needs is unset or goes wrong.
func (a *Amount) Of(s *Scope) (int64, Fault) {
	v, _, err := a.program.Eval(s)
	if err != nil {
		return 0, faultOf(err)
	}
	n, ok := v.(types.Int)
	if !ok {
		return 0, Failed
	}
	return int64(n), ""
}
