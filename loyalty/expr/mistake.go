package expr

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"granaio/loyalty/fact"
)

// maxMistakes is how many mistakes of one expression are told: those after the first few mostly follow from them.
const maxMistakes = 5

// explain reports what CEL found wrong, in this package's words. The tree is nil if the expression could not be parsed.
func (e *env) explain(tree *ast.AST, issues *cel.Issues, r fact.Report) {
	found := slices.Clone(issues.Errors())
	slices.SortStableFunc(found, func(a, b *common.Error) int {
		if d := a.Location.Line() - b.Location.Line(); d != 0 {
			return d
		}
		return a.Location.Column() - b.Location.Column()
	})
	for i, mistake := range found {
		if i == maxMistakes {
			break
		}
		line, column := max(mistake.Location.Line(), 1), max(mistake.Location.Column()+1, 1)
		message := e.reword(tree, find(tree, mistake.ExprID), mistake.Message)
		r.Place(line, column, message)
	}
}

func find(tree *ast.AST, id int64) ast.Expr {
	var found ast.Expr
	if tree != nil {
		ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
			if x.ID() == id {
				found = x
			}
		}))
	}
	return found
}

var (
	undeclared = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	noField    = regexp.MustCompile(`^undefined field '([^']*)'`)
	noOverload = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
)

// reword says what CEL found wrong at a part of the expression, which may be nil.
func (e *env) reword(tree *ast.AST, at ast.Expr, message string) string {
	if m := undeclared.FindStringSubmatch(message); m != nil {
		return e.unknownName(at, m[1])
	}
	if m := noField.FindStringSubmatch(message); m != nil {
		return e.unknownField(tree, at, m[1])
	}
	if m := noOverload.FindStringSubmatch(message); m != nil {
		return wrongTypes(m[1], m[2])
	}
	if strings.Contains(message, "size exceeds limit") {
		return "an expression is too long: at most 2,000 characters are taken"
	}
	if strings.Contains(message, "node limit") || strings.Contains(message, "recursion") || strings.Contains(message, "nesting") {
		return "an expression has too many parts, or is nested too deeply"
	}
	return syntax(strings.TrimPrefix(message, "Syntax error: "))
}

var (
	unexpected    = regexp.MustCompile(`^(?:mismatched|extraneous) input '(.*)' expecting`)
	noAlternative = regexp.MustCompile(`^no viable alternative at input '(.*)'$`)
	unreadable    = regexp.MustCompile(`^token recognition error at: '(.*)'$`)
)

// syntax rewords what the parser says.
func syntax(message string) string {
	m := unexpected.FindStringSubmatch(message)
	if m == nil {
		m = noAlternative.FindStringSubmatch(message)
	}
	switch {
	case m != nil && m[1] == "<EOF>":
		return "the expression ends where something should follow"
	case m != nil:
		return "“" + m[1] + "” cannot stand here"
	}
	if m = unreadable.FindStringSubmatch(message); m != nil {
		return "“" + m[1] + "” cannot be read: is a quote missing?"
	}
	return message
}

func (e *env) unknownName(at ast.Expr, name string) string {
	name = strings.TrimPrefix(name, ".")
	if at != nil && at.Kind() == ast.StructKind {
		return "an object cannot be made in an expression"
	}
	if name == "event" && len(e.events) == 0 {
		return "there is no event here: this expression is about the member alone"
	}
	if at != nil && at.Kind() == ast.CallKind {
		if at.AsCall().IsMemberFunction() {
			if target := at.AsCall().Target(); target.Kind() == ast.IdentKind && target.AsIdent() == "member" {
				return "member has no figure “" + name + "”" + fact.Nearest(name, memberFunctions)
			}
		}
		return "unknown function “" + name + "”" + fact.Nearest(name, e.functionNames())
	}
	known := []string{"member"}
	if len(e.events) > 0 {
		known = append(known, "event")
	}
	return "unknown name “" + name + "”" + fact.Nearest(name, known)
}

var memberFunctions = []string{"count", "sum", "first", "last"}

func (e *env) functionNames() []string {
	var names []string
	for name := range e.Functions() {
		if fact.IsFieldName(strings.ToLower(name)) {
			names = append(names, name)
		}
	}
	return append(names, "has", "all", "exists", "exists_one", "map", "filter")
}

func (e *env) unknownField(tree *ast.AST, at ast.Expr, name string) string {
	operand := ""
	if at != nil && at.Kind() == ast.SelectKind {
		of := at.AsSelect().Operand()
		operand = path(of)
		switch {
		case e.dependent(tree, of):
			return "no kind of dependent declares “" + name + "”" + fact.Nearest(name, slices.Collect(maps.Keys(dependentFields(e.words.Dependents))))
		case e.date(tree, of):
			return "a date has no “" + name + "”" + fact.Nearest(name, slices.AppendSeq(slices.Collect(maps.Keys(dateAges)), maps.Keys(dateParts)))
		}
	}
	switch operand {
	case "event":
		return "event has no “" + name + "”" + nearestField(name, slices.Collect(maps.Keys(e.eventFields())), e.properties, "event.properties.", nil)
	case "member":
		return "member has no “" + name + "”" + nearestField(name, append(slices.Collect(maps.Keys(e.memberFields())), memberFunctions...), e.words.Attributes, "member.attributes.", e.words.Metrics)
	case "event.properties":
		if clash, ok := e.clashes[name]; ok {
			return clash + ": it cannot be read in an expression over both"
		}
		return strings.Join(e.events, ", ") + " declares no property “" + name + "”" + fact.Nearest(name, slices.Collect(maps.Keys(e.properties)))
	case "member.attributes":
		return "the programme declares no attribute “" + name + "”" + fact.Nearest(name, slices.Collect(maps.Keys(e.words.Attributes)))
	case "member.metrics":
		return "the programme declares no metric “" + name + "”" + fact.Nearest(name, slices.Collect(maps.Keys(e.words.Metrics)))
	}
	return "there is no “" + name + "” here"
}

// dependent tells whether a part of an expression that was not checked is a dependent: the event's, or one of the member's, by whatever name a macro gives it.
func (e *env) dependent(tree *ast.AST, x ast.Expr) bool {
	if path(x) == "event.dependent" {
		return true
	}
	if x.Kind() != ast.IdentKind || tree == nil {
		return false
	}
	found := false
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(y ast.Expr) {
		found = found || y.Kind() == ast.ComprehensionKind && y.AsComprehension().IterVar() == x.AsIdent() && ranged(y) == "member.dependents"
	}))
	return found
}

// ranged is what a macro goes over, or what the macro whose answer it goes over does.
func ranged(x ast.Expr) string {
	for x.Kind() == ast.ComprehensionKind {
		x = x.AsComprehension().IterRange()
	}
	return path(x)
}

// date tells whether a part of an expression that was not checked is a date.
func (e *env) date(tree *ast.AST, x ast.Expr) bool {
	if x.Kind() != ast.SelectKind {
		return false
	}
	name, of := x.AsSelect().FieldName(), x.AsSelect().Operand()
	switch path(of) {
	case "member.attributes":
		return e.words.Attributes[name] == Date
	case "event.properties":
		return e.properties[name] == Date
	}
	return e.dependent(tree, of) && e.words.Dependents[name] == Date
}

// nearestField suggests a field, or a declared name that was written without what comes before it.
func nearestField(name string, fields []string, declared map[string]Type, prefix string, metrics map[string]Metric) string {
	if _, metric := metrics[name]; metric {
		return ": did you mean “member.metrics." + name + "”?"
	}
	near := fact.Nearest(name, fields)
	if _, exact := declared[name]; near == "" || exact {
		near = strings.Replace(fact.Nearest(name, slices.Collect(maps.Keys(declared))), "“", "“"+prefix, 1)
	}
	return near
}

// path writes a chain of fields: "event.properties".
func path(x ast.Expr) string {
	switch x.Kind() {
	case ast.IdentKind:
		return x.AsIdent()
	case ast.SelectKind:
		return path(x.AsSelect().Operand()) + "." + x.AsSelect().FieldName()
	}
	return ""
}

// wrongTypes says that a function or operator does not take what it was given.
func wrongTypes(function, given string) string {
	given = strings.TrimSpace(given)
	if symbol, ok := operators.FindReverse(function); ok && symbol != "" {
		return "“" + symbol + "” does not take " + strings.Trim(given, "()")
	}
	if function == operators.Conditional {
		return "“? :” takes a bool and two values of one type, not " + strings.Trim(given, "()")
	}
	switch function {
	case "count", "sum":
		return "member." + function + " takes an event's name and, for a window, a second text: member." + function + `("purchase", "month")`
	case "first", "last":
		return "member." + function + ` takes an event's name: member.` + function + `("purchase")`
	}
	return "“" + function + "” does not take " + given
}

func (e *env) eventNames() []string { return slices.Collect(maps.Keys(e.words.Events)) }
