package expr

import (
	"slices"
	"strconv"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"granaio/loyalty/fact"
)

// Needs are what an expression reads of a member's record.
type Needs struct {
	// Events are those whose figures it reads.
	Events map[string]Figures
	// Member are the fields of the member that it reads: "tier", "attributes" …
	Member map[string]bool
	// Ages tells whether it reads how long ago a date is.
	Ages bool
	// Metrics are those that it reads.
	Metrics map[string]bool
}

// Figures are what an expression reads of an event: its totals; its days if Windows is true, as far as Days before the day it is evaluated for; and its
// totals since some dates.
type Figures struct {
	Windows bool
	Days    int
	Since   []fact.Day
}

// Windowed tells whether it changes as time passes: some figure is of a window, or it reads how long ago a date is.
func (n Needs) Windowed() bool {
	if n.Ages {
		return true
	}
	for _, f := range n.Events {
		if f.Windows {
			return true
		}
	}
	return false
}

// EventAlone tells whether nothing of the member's record is read: what is read of the event decides everything.
func (n Needs) EventAlone() bool { return len(n.Events) == 0 && len(n.Member) == 0 }

// needs finds what a checked expression reads, and checks the arguments of its figures.
func (e *env) needs(tree *ast.AST, r fact.Report) (Needs, bool) {
	n, before := Needs{Events: map[string]Figures{}, Member: map[string]bool{}, Metrics: map[string]bool{}}, len(r.Problems())
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		switch x.Kind() {
		case ast.StructKind:
			line, column := place(tree, x.ID())
			r.Place(line, column, "an object cannot be made in an expression")
		case ast.SelectKind:
			switch of, name := tree.GetType(x.AsSelect().Operand().ID()), x.AsSelect().FieldName(); {
			case of.IsExactType(structures[aMember]):
				n.Member[name] = true
			case of.IsExactType(structures[aDate]):
				n.Ages = n.Ages || dateAges[name] != nil
			case of.IsExactType(structures[anEvent]) && name == "dependent":
				n.Member["dependents"] = true
			case of.IsExactType(structures[someMetrics]):
				n.Metrics[name] = true
			}
		case ast.CallKind:
			if c := x.AsCall(); c.IsMemberFunction() && tree.GetType(c.Target().ID()).IsExactType(structures[aMember]) {
				e.figure(tree, c, n, r)
			}
		}
	}))
	return n, len(r.Problems()) == before
}

func (e *env) figure(tree *ast.AST, c ast.CallExpr, n Needs, r fact.Report) {
	event, ok := e.literal(tree, c, 0, "the event's name", r)
	if !ok {
		return
	}
	if _, known := e.words.Events[event]; !known {
		line, column := place(tree, c.Args()[0].ID())
		r.Place(line, column, "unknown event “"+event+"”"+fact.Nearest(event, e.eventNames()))
		return
	}
	f := n.Events[event]
	if len(c.Args()) == 2 {
		window, ok := e.literal(tree, c, 1, "the window", r)
		if !ok {
			return
		}
		days, within := Window(window).Days()
		since, dated := Window(window).Since()
		switch {
		case within:
			f.Windows, f.Days = true, max(f.Days, days)
		case !dated:
			line, column := place(tree, c.Args()[1].ID())
			r.Place(line, column, "“"+window+"” is not a window: those are day, week, month, year, 1d to "+strconv.Itoa(MaxDays)+"d, and a date such as 2026-05-01"+
				fact.Nearest(window, []string{"day", "week", "month", "year"}))
			return
		case !slices.Contains(f.Since, since):
			f.Since = append(slices.Clip(f.Since), since)
		}
	}
	n.Events[event] = f
}

func (e *env) literal(tree *ast.AST, c ast.CallExpr, i int, what string, r fact.Report) (string, bool) {
	if arg := c.Args()[i]; arg.Kind() == ast.LiteralKind {
		s, ok := arg.AsLiteral().(types.String)
		return string(s), ok
	}
	line, column := place(tree, c.Args()[i].ID())
	r.Place(line, column, what+" must be written out: member."+c.FunctionName()+"(\"purchase\", \"month\")")
	return "", false
}
