package loyalty

import (
	"slices"
	"strings"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// ageing is how points age: those of the programme, or of a rule or mission.
type ageing struct {
	ledger.Ageing
	on, same string // the event that they wait for, and its property that tells which; empty for none
}

// never is how a warning says that there is to be none.
const never = "never"

// compileAgeing reads how points age. What is not said is as it is otherwise. Points that wait for an event are earned by the events that are named, if
// there are any: all of them need the property.
func (c *compiler) compileAgeing(mature fact.MatureSpec, expire, warn string, otherwise ageing, events []string, r fact.Report) ageing {
	a := otherwise
	if !mature.IsZero() {
		a = c.compileMature(mature, a, r.In("mature"))
	}
	c.checkSame(a, mature, events, r)
	if expire != "" {
		c.compileExpire(expire, &a, r.In("expire"))
	}
	if warn != "" && warn != never {
		term, err := ledger.ParseTerm(warn)
		switch {
		case err != nil:
			r.In("warn").Say("%s", err)
		case a.Expires.IsZero():
			r.In("warn").Say("there is nothing to warn of: the points never expire")
		default:
			if a.Warns = term; tooSoon(a.Ageing) {
				r.In("warn").Say("the points would be warned of from the beginning: they last %s", a.Expires)
			}
		}
	}
	if warn == never || a.Expires.IsZero() || tooSoon(a.Ageing) {
		a.Warns = ledger.Term{}
	}
	switch m, e := a.Matures.Date, a.Expires.Date; {
	case m == 0 || e == 0 || m <= e:
	case expire != "":
		r.In("expire").Say("the points would be lost before they may be spent")
	case !mature.IsZero():
		r.In("mature").Say("the points would be lost before they may be spent")
	}
	c.p.idles = c.p.idles || !a.Expires.Idle.IsZero()
	return a
}

func (c *compiler) compileMature(s fact.MatureSpec, a ageing, r fact.Report) ageing {
	a.on, a.same, a.Matures = "", "", ledger.Maturity{}
	if s.Text != "" {
		m, err := ledger.ParseMaturity(s.Text)
		if err != nil {
			r.Say("%s", err)
			return a
		}
		a.Matures = m
		return a
	}
	switch e := c.p.events[s.On]; {
	case s.On == "":
		r.Say("on is missing: the event that the points wait for")
	case e == nil || e.BuiltIn:
		r.In("on").Say("the programme declares no event “%s”%s", s.On, c.p.nearestEvent(s.On))
	case s.Same == "":
		r.Say("same is missing: the property by which the event is known to be the one that the points wait for")
	default:
		switch t, ok := e.Properties[s.Same]; {
		case !ok:
			r.In("same").Say("“%s” has no property “%s”%s", s.On, s.Same, fact.Nearest(s.Same, e.names()))
		case t != expr.String && t != expr.Int:
			r.In("same").Say("the property “%s” is of type %s: only a string or an int can tell which event the points wait for", s.Same, t)
		default:
			a.on, a.same = s.On, s.Same
		}
	}
	term, err := ledger.ParseTerm(s.Within)
	switch {
	case s.Within == "":
		r.Say("within is missing: how long the points wait")
	case err != nil:
		r.In("within").Say("%s", err)
	}
	a.Matures.Within = term
	return a
}

// checkSame reports events that earn points which wait by a property that those events have not.
func (c *compiler) checkSame(a ageing, mature fact.MatureSpec, events []string, r fact.Report) {
	if a.on == "" {
		return
	}
	want := c.p.events[a.on].Properties[a.same]
	for j, name := range events {
		e := c.p.events[name]
		if e == nil || e.Properties[a.same] == want {
			continue
		}
		at := r.In("on").At(j)
		if !mature.IsZero() {
			at = r.In("mature").In("same")
		}
		at.Say("“%s” has no property “%s” of type %s, by which its points could wait for “%s”", name, a.same, want, a.on)
	}
}

func (c *compiler) compileExpire(text string, a *ageing, r fact.Report) {
	v, err := ledger.ParseValidity(text)
	if err != nil {
		r.Say("%s", err)
		return
	}
	if v.Date != 0 && v.Date < fact.DayOf(c.p.starts, c.p.zone) {
		r.Say("%s is before the programme begins", v)
	}
	a.Expires = v
}

// tooSoon tells whether points would be warned of as soon as they are available.
func tooSoon(a ledger.Ageing) bool {
	length := a.Expires.Term
	if !a.Expires.Idle.IsZero() {
		length = a.Expires.Idle
	}
	if length.IsZero() || a.Warns.IsZero() {
		return false
	}
	return !longer(length, a.Warns)
}

// names of the event's properties, in order.
func (e *Event) names() []string {
	var all []string
	for name := range e.Properties {
		all = append(all, name)
	}
	slices.SortFunc(all, strings.Compare)
	return all
}
