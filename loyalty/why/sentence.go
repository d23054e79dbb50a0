package why

import (
	"strconv"
	"strings"

	"granaio/loyalty/fact"
)

// Names are the programme's own words for what a sentence speaks of. Those that are absent are done without.
type Names struct {
	// One and Many are what one point and several are called ("Chicco di Grano", "Chicchi di Grano"). Without One, Many serves for both; without
	// either the language's own word does.
	One, Many fact.Text
	// Event is the event as it stands after "for" or "per": "a purchase" or just "purchase", "un acquisto" or just "acquisto". Without it the name
	// that the explanation has is quoted.
	Event fact.Text
	// Definition is what the rule, mission or reward is called. Without it its key is quoted.
	Definition fact.Text
}

// Sentence tells why a movement of that many points happened, in the first of the languages that is spoken here, else in English. Languages are
// BCP 47 tags, the most wanted first; the programme's words are taken in the sentence's language, else in the next of these.
//
//	12 points for a purchase of 12.40 EUR: 1 for every 1.00 EUR, rounded down (rule “Shopping”).
//	12 punti per un acquisto di 12,40 EUR: 1 ogni 1,00 EUR, arrotondando per difetto (regola «Spesa»).
func (e Explanation) Sentence(points fact.Points, names Names, languages ...string) string {
	tag, l := languageOf(languages)
	values := e.values(points, names, append([]string{tag}, languages...), l)
	if s, ok := fill(l.sentences[e.Source], values); ok {
		return s
	}
	s, _ := fill(l.other, values)
	return s
}

// values are what stands for each value of a template; one that is absent is empty.
func (e Explanation) values(points fact.Points, names Names, tags []string, l language) map[string]string {
	whole := func(n int64) string { return l.number(strconv.FormatInt(n, 10)) }
	some := func(n int64) string {
		if n == 0 {
			return ""
		}
		return whole(n)
	}
	quoted := func(name, key string) string {
		if name == "" {
			name = key
		}
		if name == "" {
			return ""
		}
		return l.open + name + l.close
	}
	v := map[string]string{
		"n": whole(int64(points)), "unit": names.unit(points, tags, l),
		"event": names.Event.In(tags...), "name": quoted(names.Definition.In(tags...), e.Key),
		"rounding": l.rounding[e.Rounding], "factor": l.number(e.Factor), "period": l.period(e.Period), "lost": l.day(e.LostOn),
		"repaid": some(int64(e.Repaid)), "owed": some(int64(e.Owed)), "expired": some(int64(e.Expired)), "withheld": some(int64(e.Withheld)), "forgiven": some(int64(e.Forgiven)),
	}
	if v["event"] == "" {
		v["event"] = quoted("", e.Event)
	}
	if e.Value != 0 {
		v["money"] = l.money(e.Value, e.Currency)
	}
	if e.Per != 0 {
		v["rate"], v["per"] = whole(int64(e.Rate)), l.money(e.Per, e.Currency)
	}
	if e.Band != 0 {
		v["band"] = l.money(e.Band, e.Currency)
	}
	if e.Base != 0 {
		v["base"] = whole(int64(e.Base)) + " " + names.unit(e.Base, tags, l)
	}
	if e.Target != 0 {
		v["count"], v["target"] = whole(e.Count), whole(e.Target)
	}
	return v
}

// unit is what that many points are called.
func (n Names) unit(points fact.Points, tags []string, l language) string {
	many, own := n.Many.In(tags...), l.many
	if points == 1 {
		own = l.one
		if one := n.One.In(tags...); one != "" {
			return one
		}
	}
	if many != "" {
		return many
	}
	return own
}

// fill puts values into a template. It is false if the template is empty, or a value is absent that is not within brackets.
func fill(template string, values map[string]string) (string, bool) {
	var b strings.Builder
	for template != "" {
		at := strings.IndexAny(template, "{[")
		if at < 0 {
			b.WriteString(template)
			return b.String(), true
		}
		b.WriteString(template[:at])
		end := closing(template, at)
		inner := template[at+1 : end]
		if template[at] == '{' {
			if values[inner] == "" {
				return "", false
			}
			b.WriteString(values[inner])
		} else if part, ok := fill(inner, values); ok {
			b.WriteString(part)
		}
		template = template[end+1:]
	}
	return b.String(), b.Len() > 0
}

// closing is the place of the brace or bracket that closes the one at a place. The table's templates are whole: a test sees to it.
func closing(template string, at int) int {
	depth := 0
	for i := at; i < len(template); i++ {
		switch template[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	panic("why: a template that does not close: " + template)
}
