package why

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"granaio/loyalty/fact"
)

// Words are the programme's own words and ways for the sentence of a Verdict. Those that are absent are done without.
type Words struct {
	// One and Many are what one point and several are called, as in Names.
	One, Many fact.Text
	// Event is the event as it stands after "for", as in Names.
	Event fact.Text
	// Rule is what the rule is called, By the rule that gave in its stead, Budget the budget, and Tier the tier. Without it the key is quoted.
	Rule, By, Budget, Tier fact.Text
	// Purposes are what the programme calls the purposes of consent, by key. Without one the key is quoted.
	Purposes map[string]fact.Text
	// Currency is the programme's ISO 4217 code, and Zone where its days begin and end; UTC if it is nil.
	Currency string
	Zone     *time.Location
}

// Sentence tells what became of the rule, in a language as Explanation's Sentence does. Of what it gave, it is that sentence, if the figures are there.
//
//	The rule “Weekend” gives nothing: it is closed, and opens next on Saturday 6 June 2026.
//	La regola «Fine settimana» non dà nulla: è chiusa, e apre sabato 6 giugno 2026.
func (v Verdict) Sentence(words Words, languages ...string) string {
	tag, _ := languageOf(languages)
	t := tongueOf(tag)
	s := v.sentence(words, languages, tag, t)
	if v.Basis == Present {
		s = strings.TrimSuffix(s, ".") + t.present
	}
	return s
}

func (v Verdict) sentence(words Words, languages []string, tag string, t tongue) string {
	if v.Obstacle == "" && v.Figures != nil {
		return v.Figures.Sentence(v.Points, Names{One: words.One, Many: words.Many, Event: words.Event, Definition: words.Rule}, languages...)
	}
	values := v.values(words, append([]string{tag}, languages...), t)
	template := t.verdicts[v.Obstacle]
	if cut, ok := t.cut[v.Obstacle]; ok && v.Points > 0 {
		template = cut
	} else if v.Obstacle == "" && v.Tier != "" {
		template = t.grants
	}
	if s, ok := fill(template, values); ok {
		return s
	}
	s, _ := fill(t.verdicts[NotKept], values)
	return s
}

// values are what stands for each value of a template; one that is absent is empty.
func (v Verdict) values(words Words, tags []string, t tongue) map[string]string {
	names := Names{One: words.One, Many: words.Many}
	quoted := func(name fact.Text, key string) string {
		if text := name.In(tags...); text != "" {
			key = text
		}
		if key == "" {
			return ""
		}
		return t.open + key + t.close
	}
	counted := func(points fact.Points) string {
		return t.number(strconv.FormatInt(int64(points), 10)) + " " + names.unit(points, tags, t.language)
	}
	values := map[string]string{
		"rule": quoted(words.Rule, v.Rule), "by": quoted(words.By, v.By), "budget": quoted(words.Budget, v.Budget), "tier": quoted(words.Tier, v.Tier),
		"points": counted(v.Points), "parts": v.told(words, tags, t), "what": t.what[v.In],
	}
	if len(v.Parts) == 0 && v.Cause != "" {
		values["cause"] = fmt.Sprintf(t.place, t.causes[v.Cause], v.Line, v.Column)
	}
	if v.Full > 0 {
		values["full"] = counted(v.Full)
	}
	if !v.Again.IsZero() {
		values["again"] = t.instant(v.Again, words.Zone)
	}
	if !v.Until.IsZero() {
		values["until"] = t.instant(v.Until, words.Zone)
	}
	if v.Missing > 0 {
		values["missing"] = t.money(v.Missing, words.Currency)
	}
	switch {
	case v.Times > 0:
		values["limit"] = t.times(v.Times) + " " + t.per(v.Per)
	case v.Limit > 0:
		values["limit"] = counted(v.Limit) + " " + t.per(v.Per)
	}
	return values
}

// told are the parts that did not hold, one after another. A condition of which none is to be told did not hold.
func (v Verdict) told(words Words, tags []string, t tongue) string {
	if len(v.Parts) == 0 && v.Obstacle == Condition {
		return Part{}.told(words, tags, t, t.part, false)
	}
	told := make([]string, len(v.Parts))
	for i, p := range v.Parts {
		told[i] = p.told(words, tags, t, t.part, v.Obstacle == Fault)
	}
	return strings.Join(told, "; ")
}

// told is one part by a template, or by that of what cannot be computed: that something is unset is such a thing only where it is to be computed.
func (p Part) told(words Words, tags []string, t tongue, template string, computed bool) string {
	values := p.values(words, tags, t)
	if p.Expression == "" {
		values["expression"] = t.plain[computed]
	}
	switch {
	case p.Fault == Unconsented && len(p.Lacking) > 0:
		template = t.unconsented
	case p.Fault != "" && (p.Fault != Unset || computed):
		template = t.broken
	case len(p.Alternatives) > 0:
		template = t.any
	case len(p.Parts) > 0:
		told := make([]string, len(p.Parts))
		for i, q := range p.Parts {
			told[i] = q.told(words, tags, t, t.either, computed)
		}
		return strings.Join(told, ", ")
	}
	s, _ := fill(template, values)
	return s
}

func (p Part) values(words Words, tags []string, t tongue) map[string]string {
	read := make([]string, len(p.Readings))
	for i, r := range p.Readings {
		read[i] = r.Expression + " = " + t.value(r, words)
	}
	either := make([]string, len(p.Alternatives))
	for i, q := range p.Alternatives {
		either[i] = q.told(words, tags, t, t.either, false)
	}
	values := map[string]string{
		"expression": t.open + p.Expression + t.close, "readings": strings.Join(read, ", "), "alternatives": strings.Join(either, "; "),
	}
	if p.Fault == Unconsented {
		values["purposes"] = lacking(p.Lacking, words, tags, t)
	}
	if p.Fault != Unset {
		values["cause"] = t.causes[p.Fault]
	}
	whole := func(n int64) string { return t.number(strconv.FormatInt(n, 10)) }
	switch {
	case p.Missing == 0:
	case p.Excess:
		values["excess"] = t.measure(p.Missing, p.Places, p.Unit, words.Currency)
	case p.Unit == Times && p.Wanted > 0:
		values["readings"] = fmt.Sprintf(t.of, whole(p.Wanted-p.Missing), whole(p.Wanted))
	default:
		values["missing"] = t.measure(p.Missing, p.Places, p.Unit, words.Currency)
	}
	return values
}

// lacking names the purposes that are lacking: of those that would each do, all of them.
func lacking(all [][]string, words Words, tags []string, t tongue) string {
	var told []string
	for _, purposes := range all {
		names := make([]string, len(purposes))
		for i, key := range purposes {
			if names[i] = words.Purposes[key].In(tags...); names[i] == "" {
				names[i] = key
			}
			names[i] = t.open + names[i] + t.close
		}
		if one := strings.Join(names, t.or); !slices.Contains(told, one) {
			told = append(told, one)
		}
	}
	return strings.Join(told, ", ")
}
