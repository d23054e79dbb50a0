package expr

import (
	"slices"

	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
)

// The sizes that values can have, for the estimate of an expression's cost. What comes from outside is bounded when it comes in.
const (
	maxText     = 16 << 10 // of a property: no more than all properties together
	maxName     = 64       // of a key, event name or language
	maxElements = MaxStrings
)

// sizes tells CEL's estimate how large values can be.
type sizes struct{}

// EstimateCallCost leaves the cost of calls to CEL.
func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

// EstimateSize is the size of what an expression reads, in characters or elements.
func (sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	path := n.Path()
	if len(path) == 0 || path[0] != "event" && path[0] != "member" {
		return nil
	}
	var s cost.SizeEstimate
	switch {
	case n.Type().Kind() == types.ListKind:
		s = cost.ListSizeEstimate(cost.RangedSizeEstimate(0, maxElements), cost.RangedSizeEstimate(0, maxText))
	case n.Type().Kind() != types.StringKind:
		return nil
	case slices.Contains(path, "properties") || slices.Contains(path, "attributes"):
		s = cost.RangedSizeEstimate(0, maxText)
	default:
		s = cost.RangedSizeEstimate(0, maxName)
	}
	return &s
}
