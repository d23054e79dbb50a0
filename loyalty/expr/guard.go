package expr

import (
	"errors"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// errUnconsented is what reading something comes to that the member did not agree to have read. As an error it is what CEL's logic calls unknown: false && unknown is
// false, unknown || true is true, and its negation is as unknown as it is.
var errUnconsented = errors.New("it may not be read without the member's consent")

// guard is a field that is read only if the member agrees.
func guard(name string, f *types.FieldType) *types.FieldType {
	return &types.FieldType{
		Type:  f.Type,
		IsSet: f.IsSet, // who asks is watched: see watched
		GetFrom: func(target any) (any, error) {
			if s, ok := target.(*Scope); ok && s.member.closed(name) {
				return nil, errUnconsented
			}
			return f.GetFrom(target)
		},
	}
}

// watched makes has() of what needs consent as unknown as the thing itself: CEL lets a field say no more than whether it is set. Where nothing needs consent it is
// nothing.
func (e *env) watched(tree *ast.AST) []cel.ProgramOption {
	asked := map[int64]string{}
	if len(e.words.Guarded) > 0 {
		ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
			if x.Kind() != ast.SelectKind || !x.AsSelect().IsTestOnly() || !tree.GetType(x.AsSelect().Operand().ID()).IsExactType(structures[someAttributes]) {
				return
			}
			if name := x.AsSelect().FieldName(); len(e.words.Guarded[name]) > 0 {
				asked[x.ID()] = name
			}
		}))
	}
	if len(asked) == 0 {
		return nil
	}
	return []cel.ProgramOption{cel.CustomDecorator(func(i interpreter.Interpretable) (interpreter.Interpretable, error) {
		name, ok := asked[i.ID()]
		if _, plain := i.(presence); !ok || plain {
			return i, nil
		}
		if _, attribute := i.(interpreter.InterpretableAttribute); !attribute {
			return i, nil
		}
		return presence{i, name}, nil
	})}
}

// presence is has() of an attribute that needs consent.
type presence struct {
	interpreter.Interpretable
	name string
}

// Eval is unknown if the attribute may not be read.
func (p presence) Eval(vars interpreter.Activation) ref.Val {
	if v, ok := vars.ResolveName("member"); ok {
		if m, ok := v.(*thing); ok && m.scope.member.closed(p.name) {
			return types.LabelErrNode(p.ID(), types.WrapErr(errUnconsented))
		}
	}
	return p.Interpretable.Eval(vars)
}

// lacking are the purposes that are lacking for what may not be read among readings.
func (s *Scope) lacking(readings []reader) (all [][]string) {
	for _, r := range readings {
		if name, ok := strings.CutPrefix(r.source, "member.attributes."); ok && s.member.closed(name) {
			all = append(all, s.member.Guardian.Lacking(name))
		}
	}
	return all
}
