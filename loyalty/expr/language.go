package expr

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"granaio/loyalty/fact"
)

// The bounds of an expression.
const (
	MaxLength   = 2000    // characters
	maxNodes    = 500     // parts, after has(), all() and the like are written out
	maxNesting  = 50      // how deep
	maxEstimate = 500_000 // what it may cost by CEL's estimate, at the worst that values can be
	maxCost     = 100_000 // what it may cost when it is evaluated
	unmetered   = 1_000   // up to this estimate it cannot cost much, and is evaluated without counting
)

// Vocabulary is what a programme declares, as far as expressions can read it.
type Vocabulary struct {
	Events     map[string]map[string]Type // the types of each event's properties
	Attributes map[string]Type            // of a member
	Guarded    map[string][]string        // attributes that are read by consent alone, and the purposes of which it takes one
	Dependents map[string]Type            // the attributes of dependents of any kind; nil if there are none
	About      map[string]bool            // the events that are about a dependent
	Metrics    map[string]Metric          // of a member
}

// Metric is a metric as far as expressions can read it.
type Metric struct {
	Type Type // String, Int, Bool or Instant
	Unit Unit
}

// Language compiles the expressions of one programme. It is used by one goroutine; what it compiles, by any number.
type Language struct {
	words Vocabulary
	envs  map[string]*env
	done  map[string]*Expression // by environment and source
}

// NewLanguage is the language for what a programme declares.
func NewLanguage(words Vocabulary) *Language {
	return &Language{words, map[string]*env{}, map[string]*Expression{}}
}

// env is what the expressions over the same events share.
type env struct {
	*cel.Env
	key        string
	words      Vocabulary
	events     []string // sorted; empty: the member alone
	properties map[string]Type
	clashes    map[string]string // properties that the events declare differently, and how
}

// basis is the part of the environment that is the same for all programmes.
var basis = sync.OnceValues(func() (*cel.Env, error) {
	options := append(figures(), cel.StdLib(),
		cel.ParserExpressionSizeLimit(MaxLength), cel.ExpressionNodeLimit(maxNodes), cel.ParserRecursionLimit(maxNesting), cel.RegexProgramSizeLimit(1000),
		cel.DefaultUTCTimeZone(true), cel.EnableMacroCallTracking(), cel.EagerlyValidateDeclarations(true))
	return cel.NewCustomEnv(options...)
})

// over is the environment for expressions over the events and the member; without events, over the member alone.
func (l *Language) over(events []string) (*env, error) {
	sorted := slices.Compact(slices.Sorted(slices.Values(events)))
	key := strings.Join(sorted, " ")
	if e := l.envs[key]; e != nil {
		return e, nil
	}
	e := &env{key: key, words: l.words, events: sorted, properties: map[string]Type{}, clashes: map[string]string{}}
	first := map[string]string{}
	for _, event := range sorted {
		for name, t := range l.words.Events[event] {
			if other, ok := e.properties[name]; ok && other != t {
				e.clashes[name] = "“" + name + "” is of type " + string(other) + " in " + first[name] + " and " + string(t) + " in " + event
			} else if !ok {
				e.properties[name], first[name] = t, event
			}
		}
	}
	readable := maps.Clone(e.properties)
	for name := range e.clashes {
		delete(readable, name)
	}
	base, err := basis()
	if err != nil {
		return nil, err
	}
	p, err := newProvider(e, readable)
	if err != nil {
		return nil, err
	}
	options := []cel.EnvOption{cel.CustomTypeProvider(p), cel.CustomTypeAdapter(p), cel.Variable("member", structures[aMember])}
	if len(sorted) > 0 {
		options = append(options, cel.Variable("event", structures[anEvent]))
	}
	if e.Env, err = base.Extend(options...); err != nil {
		return nil, err
	}
	l.envs[key] = e
	return e, nil
}

// Condition compiles an expression of type bool over the events and the member; without events, over the member alone. What is wrong is reported,
// and nil returned.
func (l *Language) Condition(source string, events []string, r fact.Report) *Condition {
	x := l.compile(source, events, types.BoolType, r)
	if x == nil {
		return nil
	}
	return &Condition{x}
}

// Amount compiles an expression of type int, as Condition does.
func (l *Language) Amount(source string, events []string, r fact.Report) *Amount {
	x := l.compile(source, events, types.IntType, r)
	if x == nil {
		return nil
	}
	return &Amount{x}
}

func (l *Language) compile(source string, events []string, result *types.Type, r fact.Report) (x *Expression) {
	defer func() {
		// CEL's parser is the one thing here that takes any text there is. That it fails on one must not be more than a problem of that text.
		if failure := recover(); failure != nil {
			r.Say("the expression cannot be compiled: %v", failure)
			x = nil
		}
	}()
	e, err := l.over(events)
	if err != nil {
		r.Say("%s", err)
		return nil
	}
	key := result.TypeName() + " " + e.key + "\n" + source
	if x := l.done[key]; x != nil {
		return x
	}
	if strings.TrimSpace(source) == "" {
		r.Say("an expression is missing")
		return nil
	}
	parsed, issues := e.Parse(source)
	if issues.Err() != nil {
		e.explain(nil, issues, r)
		return nil
	}
	checked, issues := e.Check(parsed)
	if issues.Err() != nil {
		e.explain(parsed.NativeRep(), issues, r)
		return nil
	}
	if got := checked.OutputType(); !got.IsExactType(result) {
		r.Place(1, 1, wrongResult(result, got))
		return nil
	}
	tree := checked.NativeRep()
	needs, ok := e.needs(tree, r)
	if !ok {
		return nil
	}
	program, ok := e.program(checked, r)
	if !ok {
		return nil
	}
	x = &Expression{source: source, needs: needs, program: program, env: e}
	if result == types.BoolType {
		x.screen = e.screened(tree.Expr())
	}
	l.done[key] = x
	return x
}

func (e *env) program(checked *cel.Ast, r fact.Report) (cel.Program, bool) {
	estimate, err := e.EstimateCost(checked, sizes{})
	if err != nil {
		r.Say("its cost cannot be told: %s", err)
		return nil, false
	}
	if estimate.Max > maxEstimate {
		r.Say("it would cost too much to evaluate: up to %d steps, where %d are allowed", estimate.Max, maxEstimate)
		return nil, false
	}
	options := append(e.watched(checked.NativeRep()), cel.EvalOptions(cel.OptOptimize))
	if estimate.Max > unmetered {
		options = append(options, cel.CostTracking(costs{}), cel.CostLimit(maxCost))
	}
	program, err := e.Program(checked, options...)
	if err != nil {
		r.Say("%s", err)
		return nil, false
	}
	return program, true
}

func wrongResult(want, got *types.Type) string {
	if want == types.IntType {
		return "an award is a whole number, of type int: this is of type " + typeName(got)
	}
	return "a condition is true or false, of type bool: this is of type " + typeName(got)
}

func typeName(t *types.Type) string { return cel.FormatCELType(t) }

// place is where a part of an expression begins, from 1.
func place(tree *ast.AST, id int64) (line, column int) {
	l := tree.SourceInfo().GetStartLocation(id)
	return max(l.Line(), 1), max(l.Column()+1, 1)
}

// Events are those of the names that are declared, each once. What is wrong with the list is reported.
func (l *Language) Events(names []string, r fact.Report) []string {
	known := make([]string, 0, len(names))
	if len(names) == 0 {
		r.Say("at least one event is needed")
	}
	for i, name := range names {
		switch _, ok := l.words.Events[name]; {
		case !ok:
			r.At(i).Say("unknown event “%s”%s", name, fact.Nearest(name, slices.Collect(maps.Keys(l.words.Events))))
		case slices.Contains(known, name):
			r.At(i).Say("“%s” is named twice", name)
		default:
			known = append(known, name)
		}
	}
	return known
}
