package expr

import (
	"slices"

	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// The sizes that values can have, for the estimate of an expression's cost. What comes from outside is bounded when it comes in.
const (
	maxText     = 16 << 10 // of a property: no more than all properties together
	maxName     = 64       // of a key, event name or language
	maxElements = MaxStrings
)

// windowCost is what a figure of a window costs, since its days are added up each time.
const windowCost = 50

func isWindow(overload string) bool {
	return overload == "member_count_within" || overload == "member_sum_within"
}

// costs tells CEL what calls cost that it does not know, when an expression is evaluated.
type costs struct{}

// CallCost is the cost of a figure; CEL's own for any other call.
func (costs) CallCost(_, overload string, _ []ref.Val, _ ref.Val) *uint64 {
	if isWindow(overload) {
		n := uint64(windowCost)
		return &n
	}
	return nil
}

// sizes tells CEL's estimate how large values can be.
type sizes struct{}

// EstimateCallCost is the cost of a figure; it leaves that of other calls to CEL.
func (sizes) EstimateCallCost(_, overload string, _ *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	if isWindow(overload) {
		return cost.NewCallEstimate(cost.FixedCostEstimate(windowCost), nil)
	}
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
	case n.Type().IsExactType(types.NewListType(structures[aDependent])):
		s = cost.ListSizeEstimate(cost.RangedSizeEstimate(0, MaxDependents), cost.RangedSizeEstimate(1, 1))
	case n.Type().Kind() == types.ListKind:
		s = cost.ListSizeEstimate(cost.RangedSizeEstimate(0, maxElements), cost.RangedSizeEstimate(0, maxText))
	case n.Type().Kind() != types.StringKind:
		return nil
	case slices.Contains(path, "properties") || slices.Contains(path, "attributes"):
		s = cost.RangedSizeEstimate(0, maxText)
	case slices.Contains(path, "dependents") || slices.Contains(path, "dependent"):
		s = cost.RangedSizeEstimate(0, maxAttribute)
	default:
		s = cost.RangedSizeEstimate(0, maxName)
	}
	return &s
}
