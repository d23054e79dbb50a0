package loyalty

import (
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// The bounds of an interaction's properties.
const (
	maxProperties    = 100
	maxPropertyBytes = 16 << 10
	maxPropertyDepth = 10
)

// CheckProperties refuses free properties that are too many, too large, nested too deeply, or hold what JSON has no form for. The field is the input's.
func CheckProperties(properties map[string]any, field string) *fact.Refusal {
	if len(properties) > maxProperties {
		return fact.Refuse(fact.CodeTooMany, field, "at most %d properties are taken, not %d", maxProperties, len(properties))
	}
	size, ok := jsonSize(properties, 0)
	switch {
	case !ok:
		return fact.Refuse(fact.CodeInvalid, field, "properties are texts, numbers, booleans, lists and objects, nested at most %d deep", maxPropertyDepth)
	case size > maxPropertyBytes:
		return fact.Refuse(fact.CodeTooLarge, field, "properties have at most %d bytes as JSON", maxPropertyBytes)
	}
	return nil
}

// jsonSize is at least how many bytes a value has as JSON, escapes left aside. It is false for what JSON has no form for.
func jsonSize(v any, depth int) (int, bool) {
	if depth > maxPropertyDepth {
		return 0, false
	}
	switch v := v.(type) {
	case nil, bool:
		return 4, true
	case string:
		return len(v) + 2, utf8.ValidString(v)
	case int64:
		var digits [24]byte
		return len(strconv.AppendInt(digits[:0], v, 10)), true
	case float64:
		var digits [32]byte
		return len(strconv.AppendFloat(digits[:0], v, 'g', -1, 64)), !math.IsNaN(v) && !math.IsInf(v, 0)
	case []any:
		size := 2
		for _, x := range v {
			n, ok := jsonSize(x, depth+1)
			if size += n + 1; !ok || size > maxPropertyBytes {
				return size, ok
			}
		}
		return size, true
	case map[string]any:
		size := 2
		for k, x := range v {
			n, ok := jsonSize(x, depth+1)
			if size += len(k) + 4 + n; !ok || !utf8.ValidString(k) {
				return size, false
			} else if size > maxPropertyBytes {
				return size, true
			}
		}
		return size, true
	}
	return 0, false
}

// admit refuses an interaction that the programme does not take.
func (p *Programme) admit(s *State, i *fact.Interaction, now time.Time) *fact.Refusal {
	if r := p.admitMember(&s.Member); r != nil {
		return r
	}
	e := p.events[i.Event]
	switch {
	case i.Event == "":
		return fact.Refuse(fact.CodeRequired, "event", "an interaction names its event")
	case e == nil:
		return fact.Refuse(fact.CodeUnknownEvent, "event", "the programme declares no such event%s", p.nearestEvent(i.Event))
	case e.BuiltIn:
		return fact.Refuse(fact.CodeInvalid, "event", "“%s” is Granaio's own event and cannot be sent", e.Key)
	}
	if r := p.admitPlaceAndTime(i.Touchpoint, i.Occurred, now); r != nil {
		return r
	}
	if len(i.Lines) > 0 && e.Value == ValueNone {
		return fact.Refuse(fact.CodeInvalid, "lines", "“%s” carries no value, and so no lines", e.Key)
	}
	if r := p.admitValue(e, i.Value); r != nil {
		return r
	}
	if r := admitLines(i.Lines, i.Value); r != nil {
		return r
	}
	if r := admitProperties(e, i.Properties); r != nil || !e.about {
		return r
	}
	return admitDependent(s, i)
}

// admitDependent refuses an interaction about a dependent that the member has not.
func admitDependent(s *State, i *fact.Interaction) *fact.Refusal {
	text, told := i.Properties[expr.AboutDependent].(string)
	if !told {
		return nil
	}
	if id, err := fact.ParseID(text); err == nil {
		if _, known := s.Doc.Profile.Known().Dependent(id); known {
			return nil
		}
	}
	return fact.Refuse(fact.CodeUnknownDependent, "properties."+expr.AboutDependent, "the member has no such dependent")
}

func (p *Programme) admitMember(m *Member) *fact.Refusal {
	switch m.Status {
	case Suspended:
		return fact.Refuse(fact.CodeMemberSuspended, "member", "the member is suspended")
	case Erased:
		return fact.Refuse(fact.CodeMemberErased, "member", "the member was erased")
	}
	return nil
}

func (p *Programme) admitPlaceAndTime(touchpoint string, occurred, now time.Time) *fact.Refusal {
	switch {
	case p.Touchpoint(touchpoint) == nil:
		return fact.Refuse(fact.CodeUnknownTouchpoint, "touchpoint", "the programme has no such touchpoint")
	case p.Paused(fact.KindTouchpoint, touchpoint):
		return fact.Refuse(fact.CodePaused, "touchpoint", "the touchpoint is paused for now: it takes nothing")
	case occurred.After(now):
		return fact.Refuse(fact.CodeInFuture, "occurredAt", "it is said to have occurred later than now, %s", now.UTC().Format(time.RFC3339))
	case occurred.Before(p.starts):
		return fact.Refuse(fact.CodeBeforeProgramme, "occurredAt", "the programme began on %s", p.starts.Format(time.RFC3339))
	}
	return nil
}

// AdmitLate refuses what occurred longer before it was received than the programme takes. The version that decides about that is the one in force when it
// is received.
func (p *Programme) AdmitLate(occurred, received time.Time) *fact.Refusal {
	if p.backdating.IsZero() || received.Before(p.backdating.After(occurred, p.zone)) {
		return nil
	}
	return fact.Refuse(fact.CodeTooLate, "occurredAt", "it occurred at %s: the programme takes what occurred at most %s before",
		occurred.UTC().Format(time.RFC3339), p.backdating)
}

func (p *Programme) admitValue(e *Event, value *fact.Money) *fact.Refusal {
	switch {
	case value == nil && e.Value == ValueRequired:
		return fact.Refuse(fact.CodeRequired, "value", "“%s” carries a value", e.Key)
	case value == nil:
		return nil
	case e.Value == ValueNone:
		return fact.Refuse(fact.CodeInvalid, "value", "“%s” carries no value", e.Key)
	case value.Currency.Code != p.currency.Code:
		return fact.Refuse(fact.CodeCurrencyMismatch, "value.currency", "the programme's currency is %s", p.currency.Code)
	case value.Minor < 0:
		return fact.Refuse(fact.CodeNegative, "value.amount", "a value is not negative")
	case value.Minor > fact.MaxMinor:
		return fact.Refuse(fact.CodeTooLarge, "value.amount", "a value is at most %d in minor units", fact.MaxMinor)
	}
	return nil
}

func admitProperties(e *Event, properties map[string]any) *fact.Refusal {
	if r := CheckProperties(properties, "properties"); r != nil {
		return r
	}
	wrong := ""
	for name, v := range properties {
		if t, declared := e.Properties[name]; declared && (wrong == "" || name < wrong) {
			if _, ok := t.Accept(v); !ok {
				wrong = name // the first by name, so that the same interaction gets the same answer
			}
		}
	}
	if wrong == "" {
		return nil
	}
	t := e.Properties[wrong]
	return fact.Refuse(fact.CodeInvalid, "properties."+wrong, "the property is of type %s%s", t, span(t))
}

func span(t expr.Type) string {
	switch t {
	case expr.Int:
		return ", a whole number within ±9007199254740991"
	case expr.Strings:
		return ", a list of at most " + strconv.Itoa(expr.MaxStrings) + " texts"
	}
	return ""
}

func (p *Programme) nearestEvent(name string) string {
	var known []string
	for _, e := range p.events {
		if !e.BuiltIn {
			known = append(known, e.Key)
		}
	}
	slices.Sort(known)
	return fact.Nearest(name, known)
}
