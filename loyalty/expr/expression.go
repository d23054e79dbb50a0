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
	if c == nil {
		return true
	}
	v, _, err := c.program.Eval(s)
	return err == nil && v == types.True
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

// Of is the amount; false if something that it needs is unset or goes wrong.
func (a *Amount) Of(s *Scope) (int64, bool) {
	v, _, err := a.program.Eval(s)
	n, ok := v.(types.Int)
	return int64(n), err == nil && ok
}
