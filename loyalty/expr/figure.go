package expr

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// figures are the functions of a member. The arguments are literals, which compile makes sure of.
func figures() []cel.EnvOption {
	member := structures[aMember]
	one := func(name string, result *types.Type, of func(Total) ref.Val) cel.FunctionOpt {
		return cel.MemberOverload("member_"+name, []*cel.Type{member, cel.StringType}, result, cel.BinaryBinding(func(m, event ref.Val) ref.Val {
			s, name, ok := called(m, event)
			if !ok {
				return unset()
			}
			return of(s.member.Record.Total(name))
		}))
	}
	within := func(name string, of func(count, sum int64) ref.Val) cel.FunctionOpt {
		return cel.MemberOverload("member_"+name+"_within", []*cel.Type{member, cel.StringType, cel.StringType}, cel.IntType, cel.FunctionBinding(func(args ...ref.Val) ref.Val {
			s, name, ok := called(args[0], args[1])
			window, isText := args[2].(types.String)
			if !ok || !isText {
				return unset()
			}
			count, sum, known := s.within(name, Window(window))
			if !known {
				return unset()
			}
			return of(count, sum)
		}))
	}
	return []cel.EnvOption{
		cel.Function("count",
			one("count", cel.IntType, func(t Total) ref.Val { return types.Int(t.Count) }),
			within("count", func(count, _ int64) ref.Val { return types.Int(count) })),
		cel.Function("sum",
			one("sum", cel.IntType, func(t Total) ref.Val { return types.Int(t.Sum) }),
			within("sum", func(_, sum int64) ref.Val { return types.Int(sum) })),
		cel.Function("first", one("first", cel.TimestampType, func(t Total) ref.Val { return instant(t.Count, types.Timestamp{Time: t.First}) })),
		cel.Function("last", one("last", cel.TimestampType, func(t Total) ref.Val { return instant(t.Count, types.Timestamp{Time: t.Last}) })),
	}
}

// within is what the member did of an event in a window around or before the scope's day. Before the date since which a window counts there is nothing.
func (s *Scope) within(event string, w Window) (count, sum int64, known bool) {
	since, dated := w.Since()
	switch {
	case !dated:
		first, last := w.Around(s.day)
		return s.member.Record.Within(event, first, last)
	case s.day < since:
		return 0, 0, true
	}
	return s.member.Record.Since(event, since, s.zone)
}

func called(m, event ref.Val) (*Scope, string, bool) {
	t, isMember := m.(*thing)
	name, isText := event.(types.String)
	if !isMember || !isText {
		return nil, "", false
	}
	return t.scope, string(name), true
}

func instant(count int64, t types.Timestamp) ref.Val {
	if count == 0 {
		return unset()
	}
	return t
}
