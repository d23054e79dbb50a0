package programme

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"granaio/ent/definition"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// judge compiles a content that is to be in force, and tells what is wrong with it and with what the programme's past forbids. The names that were in
// force before and are no longer are told where something still names them.
func (e *editing) judge(before, next content) (*loyalty.Programme, error) {
	spec, refs, err := next.spec()
	if err != nil {
		return nil, err
	}
	p, problems := loyalty.Compile(spec, loyalty.Identity{Programme: e.row.ID, Number: e.row.Current + 1, From: e.now, Secret: e.row.Secret}, refs)
	gone, were := lost(before, next), before.index()
	for _, problem := range problems {
		x, path := next.at(problem.Path)
		message := problem.Message
		if x != nil {
			if old := were[x.definition]; old != nil && old.revision.ID == x.revision.ID {
				message += gone.named(x.revision.Body, path)
			}
		}
		e.problem(x, path, message, problem.Line, problem.Column)
	}
	if len(problems) > 0 {
		return nil, errRefused
	}
	for _, b := range e.bans(&spec.Programme, p.Starts(), before) {
		e.problem(next.settings(), b.path, b.message, 0, 0)
	}
	if len(e.outcome.Problems) > 0 {
		return nil, errRefused
	}
	return p, nil
}

// ban is something of the settings that the programme's past forbids.
type ban struct{ path, message string }

// bans are what the past forbids of settings that are to follow a content, and by which the programme begins at an instant.
func (e *editing) bans(s *loyalty.Settings, starts time.Time, before content) []ban {
	var all []ban
	forbid := func(path, format string, args ...any) { all = append(all, ban{path, fmt.Sprintf(format, args...)}) }
	if s.Key != e.row.Key {
		forbid("key", "is %s since the programme began, and can never change: files and tokens name it so", e.row.Key)
	}
	if s.Currency != e.row.Currency {
		forbid("currency", "is %s since the programme began, and can never change: old figures would change their meaning", e.row.Currency)
	}
	if was := before.settings(); was != nil {
		if zone, _ := was.revision.Body["time_zone"].(string); zone != s.TimeZone {
			forbid("time_zone", "is %s since the programme began, and can never change: the days of the past would be others", zone)
		}
	}
	if len(e.versions) > 0 {
		if began := e.versions[0].EffectiveFrom.UTC(); !began.Equal(starts) {
			forbid("starts", "the programme began at %s, and that can never change", began.Format(time.RFC3339))
		}
	}
	return all
}

// opens tells of a definition that was never in force and whose schedule is over before it comes to be.
func (e *editing) opens(x *entry, p *loyalty.Programme, from time.Time) error {
	if !over(x.revision.Body, p.Zone(), from) {
		return nil
	}
	known, err := e.known(x.definition)
	if err == nil && !known {
		e.problem(x, "until", fmt.Sprintf(neverOpens, from.Format(time.RFC3339)), 0, 0)
	}
	return err
}

const neverOpens = "it never opens: it ends before it comes into force, at %s"

// over tells whether a definition's schedule has ended by an instant.
func over(body map[string]any, zone *time.Location, instant time.Time) bool {
	until, _ := body["until"].(string)
	span := fact.ParseSpan("", until, zone, fact.NewReport())
	return !span.Until.IsZero() && !span.Until.After(instant)
}

// settings are the content's.
func (c content) settings() *entry {
	if i := slices.IndexFunc(c, func(e entry) bool { return e.kind == definition.KindSettings }); i >= 0 {
		return &c[i]
	}
	return nil
}

// at is the entry that a path of the content's spec leads into, and the path within it; nil if it leads into none.
func (c content) at(path string) (*entry, string) {
	field, _, rest := cut(path)
	k := slices.IndexFunc(kinds, func(k kind) bool { return k.field == field })
	if k < 0 {
		return nil, path
	}
	if kinds[k].name == definition.KindSettings {
		return c.settings(), rest
	}
	_, index, inner := cut(rest)
	for i := range c {
		if c[i].kind != kinds[k].name {
			continue
		}
		if index == 0 {
			return &c[i], inner
		}
		index--
	}
	return nil, path
}

// loss is names that were in force and are no longer, each with what it named.
type loss map[string]string

// lost are the names that one content has and the next has not.
func lost(before, next content) loss {
	gone, stay := loss{}, next.index()
	for _, e := range before {
		if stay[e.definition] == nil {
			gone[e.key] = e.place.String()
		}
	}
	was, is := before.settings(), next.settings()
	if was == nil || is == nil {
		return gone
	}
	for field, word := range map[string]string{"events": "the event", "attributes": "the attribute"} {
		old, _ := was.revision.Body[field].(map[string]any)
		now, _ := is.revision.Body[field].(map[string]any)
		for name := range old {
			if _, stays := now[name]; !stays {
				gone[name] = fmt.Sprintf("%s “%s”", word, name)
			}
		}
	}
	return gone
}

// named tells which of the names the value at a path of a body holds.
func (l loss) named(body map[string]any, path string) string {
	text := fmt.Sprint(within(body, path))
	var found []string
	for _, name := range slices.Sorted(maps.Keys(l)) {
		if mentions(text, name) {
			found = append(found, l[name])
		}
	}
	if len(found) == 0 {
		return ""
	}
	return "; these changes drop " + strings.Join(found, " and ")
}

// within is the value at a path of a document, or the last one on the way there.
func within(v any, path string) any {
	for path != "" {
		name, index, rest := cut(path)
		var next any
		switch v := v.(type) {
		case map[string]any:
			next = v[name]
		case []any:
			if index >= 0 && index < len(v) {
				next = v[index]
			}
		}
		if next == nil {
			return v
		}
		v, path = next, rest
	}
	return v
}

// mentions tells whether a text holds a name as a word of its own.
func mentions(text, name string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(name)
		before, after := strings.TrimRightFunc(text[:start], isWord), strings.TrimLeftFunc(text[end:], func(r rune) bool { return isWord(r) || r == '.' })
		if len(before) == start && len(after) == len(text)-end {
			return true
		}
		from = end
	}
}

// isWord tells whether a character may be part of a key or name.
func isWord(r rune) bool { return !isOdd(r) }
