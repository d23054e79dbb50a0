package graph

import (
	"encoding/json"
	"math"

	"github.com/vektah/gqlparser/v2/ast"

	"granaio/graph/read"
)

// size is how large an operation is, fragments written out.
type size struct {
	depth   int // of the deepest field; the root's fields are 1 deep
	aliases int
	fields  int
	cost    int  // about how many values it can answer with, and what they take to find
	schema  bool // whether the schema is asked for
}

// measurer measures an operation. A fragment is measured once, so that fragments within fragments cost no more than their length.
type measurer struct {
	variables map[string]any
	fragments map[*ast.FragmentDefinition]size
}

func measure(op *ast.OperationDefinition, variables map[string]any) size {
	m := measurer{variables, map[*ast.FragmentDefinition]size{}}
	return m.set(op.SelectionSet)
}

func (m measurer) set(selections ast.SelectionSet) size {
	var whole size
	for _, s := range selections {
		var part size
		switch s := s.(type) {
		case *ast.Field:
			part = m.field(s)
		case *ast.InlineFragment:
			part = m.set(s.SelectionSet)
		case *ast.FragmentSpread:
			known, ok := m.fragments[s.Definition]
			if !ok {
				known = m.set(s.Definition.SelectionSet)
				m.fragments[s.Definition] = known
			}
			part = known
		}
		whole.depth = max(whole.depth, part.depth)
		whole.aliases = plus(whole.aliases, part.aliases)
		whole.fields = plus(whole.fields, part.fields)
		whole.cost = plus(whole.cost, part.cost)
		whole.schema = whole.schema || part.schema
	}
	return whole
}

// introspection is what asking for the schema costs besides its fields. It is in memory, and its depth is bounded by the validation.
const introspection = 100

func (m measurer) field(f *ast.Field) size {
	s := m.set(f.SelectionSet)
	if f.Name == "__schema" || f.Name == "__type" {
		s.fields = plus(s.fields, 1)
		return size{depth: 1, aliases: s.aliases, fields: s.fields, cost: plus(introspection, s.fields), schema: true}
	}
	s.depth++
	s.fields = plus(s.fields, 1)
	if f.Alias != f.Name {
		s.aliases = plus(s.aliases, 1)
	}
	many := 1
	if f.ObjectDefinition != nil {
		if count, ok := counts[f.ObjectDefinition.Name+"."+f.Name]; ok {
			many = count(f.ArgumentMap(m.variables))
		}
	}
	s.cost = plus(1, times(many, s.cost))
	if extra := writes[f.Name]; extra > 0 && f.ObjectDefinition != nil && (f.ObjectDefinition.Name == "Mutation" || f.ObjectDefinition.Name == "Query") {
		s.cost = plus(s.cost, times(many, extra))
	}
	return s
}

// counts is how many objects a field can answer with, where that is not one.
var counts = map[string]func(arguments map[string]any) int{
	"Operator.members": window, "Operator.tasks": window, "Member.movements": window, "Member.interactions": window, "Member.redemptions": window, "TimelineSnapshot.interactions": window, "Member.tierHistory": window,
	"Account.movements": window, "Statement.movements": window, "Account.balanceAt": about(5), "Account.statement": about(5), "Statement.lines": about(5),
	"MovementConnection.totals": about(5), "Why.lots": about(2), "Liability.outstanding": about(30), "Liability.months": about(30),
	"Query.nodes": func(a map[string]any) int { return length(a["ids"]) },
	"Mutation.interactionTrackBatch": func(a map[string]any) int {
		input, _ := a["input"].(map[string]any)
		return length(input["interactions"])
	},
	"Member.dependents": about(3), "Member.attributesAside": about(5), "Dependent.attributes": about(5), "Attribute.history": window,
	"Programme.attributes": about(20), "Programme.dependentKinds": about(3), "DependentKind.attributes": about(5), "Member.identities": about(5), "Member.attributes": about(10), "Member.affinities": about(5), "Member.missions": about(10), "Member.rewards": about(20),
	"Account.expiring": about(10), "Persona.traits": about(5), "Affinity.traits": about(5), "Interaction.lines": about(10), "Interaction.reversals": about(2), "Interaction.verdicts": window, "InteractionTrial.verdicts": window, "InteractionTrial.movements": about(3), "InteractionTrial.progress": about(2), "ConditionPart.alternatives": about(2), "ConditionPart.readings": about(2), "Reversal.lines": about(5), "Query.interactionReversalPreview": about(5), "InteractionReversalPreview.takings": about(5),
	"InteractionReversalPreview.progress": about(2), "Outcome.movements": about(3), "Outcome.progress": about(2),
	"Programme.definitions": window, "Programme.versions": window, "Programme.changes": window, "Definition.revisions": window, "Definition.changes": window,
	"Programme.diff": about(50), "ProgrammeVersion.differences": about(20), "Difference.fields": about(5),
	"Programme.touchpoints": about(20), "Programme.events": about(20), "Programme.tiers": about(5), "Programme.personas": about(5),
	"Programme.missions": about(20), "Programme.rewards": about(50), "Programme.rules": about(50),
}

// writes is what a change costs besides its answer, for each of the things it changes, and what it takes to try one.
var writes = map[string]int{"interactionTrack": 10, "interactionTry": 10, "interactionTrackBatch": 10, "memberEnrol": 10, "memberUpdate": 10, "dependentAdd": 10, "dependentUpdate": 10, "dependentRemove": 10, "rewardRedeem": 10,
	"pointsAdjust": 10, "pointsHold": 10, "pointsCapture": 10, "pointsRelease": 10, "pointsTransfer": 10, "pointsRefund": 10,
	"interactionReverse": 20,
	"definitionDraft":    200, "definitionDiscard": 50, "definitionPause": 200, "definitionResume": 200, "definitionRetire": 200,
	"programmePublish": 200, "programmeRollback": 200, "programmeCancel": 200, "programmeImport": 400, "programmeSimulate": 400}

func about(n int) func(map[string]any) int { return func(map[string]any) int { return n } }

// window is how many a page holds: what is out of bounds is refused later.
func window(arguments map[string]any) int {
	for _, name := range []string{"first", "last"} {
		switch n := arguments[name].(type) {
		case int64:
			return bounded(n)
		case int:
			return bounded(int64(n))
		case json.Number:
			whole, _ := n.Int64()
			return bounded(whole)
		}
	}
	return 1
}

func bounded(n int64) int { return int(min(max(n, 1), read.MaxPage)) }

func length(list any) int {
	if all, ok := list.([]any); ok {
		return max(1, len(all))
	}
	return 1
}

func plus(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}

func times(a, b int) int {
	if b > 0 && a > math.MaxInt/b {
		return math.MaxInt
	}
	return a * b
}
