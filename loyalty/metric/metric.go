package metric

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// Metric is a compiled metric. It never changes.
type Metric struct {
	Name string // as expressions read it
	Text fact.Text
	On   []string
	Take Take
	Of   string
	Over string
	// Form names all that decides its value: what is kept under another form is of no use to it.
	Form string
	Type expr.Type // of its value
	Unit expr.Unit

	when   *expr.Condition
	window window
	keep   int // days before the latest
	zone   *time.Location
	reads  map[string]expr.Type // the type, by event, of the property that is taken
}

// Windowed tells whether its value changes as time passes.
func (m *Metric) Windowed() bool { return !m.window.allTime() }

// Touches tells whether interactions of an event count.
func (m *Metric) Touches(event string) bool { return slices.Contains(m.On, event) }

// When is its condition as it was written, empty for none.
func (m *Metric) When() string {
	if m.when == nil {
		return ""
	}
	return m.when.Source()
}

// contribution is what one interaction brings.
type contribution struct {
	at     int64 // microseconds since 1970
	day    fact.Day
	id     fact.ID
	number int64
	text   string
}

// of is what an interaction brings; false for nothing.
func (m *Metric) of(i *fact.Interaction, scope *expr.Scope) (c contribution, ok bool) {
	if m.when != nil {
		scope.Set(&nobody, i, i.Occurred, m.zone)
		if !m.when.Holds(scope) {
			return c, false
		}
	}
	c = contribution{at: i.Occurred.UnixMicro(), day: fact.DayOf(i.Occurred, m.zone), id: i.ID}
	switch m.Of {
	case "", ofTime:
		c.number = c.at
		return c, true
	case ofDay:
		c.text = strconv.Itoa(int(c.day))
		return c, true
	case ofTouchpoint:
		c.text = i.Touchpoint
		return c, c.text != ""
	case ofValue:
		if i.Value == nil {
			return c, false
		}
		c.number = i.Value.Minor
		c.text = strconv.FormatInt(c.number, 10)
		return c, true
	}
	given, has := i.Properties[strings.TrimPrefix(m.Of, ofProperty)]
	if !has {
		return c, false
	}
	value, ok := m.reads[i.Event].Accept(given)
	if !ok {
		return c, false
	}
	switch v := value.(type) {
	case int64:
		c.number, c.text = v, strconv.FormatInt(v, 10)
	case bool:
		c.text = strconv.FormatBool(v)
	case string:
		c.text = v
	default:
		return c, false
	}
	if m.Take == Distinct {
		c.text = short(c.text)
	}
	return c, len(c.text) <= maxText
}

// nobody is the member of expressions that read the event alone.
var nobody expr.Member

// short is a text by which a value is told from others: itself, or a digest of one that is long.
func short(text string) string {
	const longest = 40
	if len(text) <= longest && !strings.HasPrefix(text, "#") {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	return "#" + base64.RawURLEncoding.EncodeToString(sum[:16])
}

// form names all that decides the value. Properties are named with their types, since another type is read otherwise.
func (m *Metric) form(events map[string]Event, when string) string {
	types := map[string]expr.Type{}
	for _, event := range m.On {
		for name, t := range events[event].Properties {
			if m.Of == ofProperty+name || strings.Contains(when, name) {
				types[event+" "+name] = t
			}
		}
	}
	text, _ := json.Marshal([]any{slices.Sorted(slices.Values(m.On)), m.Take, m.Of, when, m.Over, types}) // maps are written in order
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}
