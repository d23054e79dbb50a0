package loyalty

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// TriggerSpec declares an event that time brings about. It counts from a date of the member (Since, Every), goes by the calendar (Every, On), comes when the
// member was silent (Silent), or once (Once).
type TriggerSpec struct {
	Name fact.Text `yaml:"name" json:"name"`
	// Since is the date that it counts from: "enrolment", "first purchase" (when that event first happened), or "attribute birth_date": a date, 2024-02-29, or a
	// list of dates; or "dependent child.birth_date": that date of each dependent of the kind.
	Since string `yaml:"since,omitempty" json:"since,omitempty"`
	Every string `yaml:"every,omitempty" json:"every,omitempty"` // year, month, week or day
	// On is the day, without Since: of a week its name (monday), of a month its number (31 is the last), of a year 12-24.
	On     string   `yaml:"on,omitempty" json:"on,omitempty"`
	Silent string   `yaml:"silent,omitempty" json:"silent,omitempty"` // a term: so long without activity; again only after activity
	Of     []string `yaml:"of,omitempty" json:"of,omitempty"`         // of Silent: the events that are activity; empty: all that are
	Once   string   `yaml:"once,omitempty" json:"once,omitempty"`     // an instant with an offset
	At     string   `yaml:"at,omitempty" json:"at,omitempty"`         // the local time, 09:00; empty for midnight
	Most   int      `yaml:"most,omitempty" json:"most,omitempty"`     // of Since: how many times at most; 0 for no end
	// LeapDay is when what counts from 29 February comes in other years: 02-28 (the default) or 03-01.
	LeapDay string `yaml:"leap_day,omitempty" json:"leap_day,omitempty"`
	// Within is a term of days: what could not happen in time, since nothing ran, still happens so long after; empty for 7 days.
	Within string `yaml:"within,omitempty" json:"within,omitempty"`
}

// MaxTriggers is how many triggers a programme has at most.
const MaxTriggers = 50

// trigger is a compiled TriggerSpec.
type trigger struct {
	name    string
	from    anchor
	of      string // the event or attribute of the anchor
	kind    string // of the dependents whose attribute it is
	every   string
	weekday time.Weekday
	month   time.Month
	day     int
	silent  ledger.Term
	events  []string // that are activity
	once    time.Time
	minute  int // of the local day
	most    int
	march   bool // 29 February is kept on 1 March
	within  time.Duration
}

// anchor is what a trigger counts from.
type anchor int

const (
	byCalendar anchor = iota
	fromEnrolment
	fromFirst
	fromAttribute
	fromDependent
	bySilence
	atOnce
)

const (
	everyYear  = "year"
	everyMonth = "month"
	everyWeek  = "week"
	everyDay   = "day"
)

var rhythms = []string{everyYear, everyMonth, everyWeek, everyDay}

// triggerProperties are those of every trigger's event: which time it is (how many years, months … since the date; else 0), and the date that it counts from, or its own.
// The events of those that count from a date of a dependent tell which.
var (
	triggerProperties = map[string]expr.Type{"number": expr.Int, "since": expr.String}
	dependentOccasion = map[string]expr.Type{"number": expr.Int, "since": expr.String, expr.AboutDependent: expr.String}
)

func (c *compiler) compileTriggers(specs map[string]TriggerSpec, r fact.Report) {
	if len(specs) > MaxTriggers {
		r.Say("a programme has at most %d triggers", MaxTriggers)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(specs)) {
		spec, at := specs[name], r.In(name)
		if !fact.IsEventName(name) {
			at.Say("the name of an event is lower-case letters, digits, dots, underscores and dashes, at most %d", fact.MaxKey)
		}
		if c.p.events[name] != nil {
			at.Say("“%s” is an event already: a trigger makes one of its own", name)
			continue
		}
		c.setting.Text(spec.Name, false, fact.MaxName, at.In("name"))
		t := &trigger{name: name, every: spec.Every, most: spec.Most, within: 7 * 24 * time.Hour}
		c.compileWhen(&spec, t, at)
		c.compileTime(&spec, t, at)
		c.p.triggers = append(c.p.triggers, t)
		e := &Event{Key: name, Name: spec.Name, Value: ValueNone, Properties: triggerProperties, Passive: true, BuiltIn: true}
		if t.from == fromDependent {
			e.Properties, e.about = dependentOccasion, true
		}
		c.p.events[name] = e
	}
	for _, t := range c.p.triggers { // activity is known once all events are
		if t.from == bySilence && t.events == nil {
			for _, e := range c.p.Events() {
				if !e.Passive {
					t.events = append(t.events, e.Key)
				}
			}
		}
	}
}

// compileWhen reads which of the four kinds it is.
func (c *compiler) compileWhen(s *TriggerSpec, t *trigger, r fact.Report) {
	kinds := 0
	for _, given := range []bool{s.Every != "", s.Silent != "", s.Once != ""} {
		if given {
			kinds++
		}
	}
	if kinds != 1 {
		r.Say("a trigger has one of every, silent and once")
		return
	}
	switch {
	case s.Silent != "":
		t.from = bySilence
		var err error
		if t.silent, err = ledger.ParseTerm(s.Silent); err != nil {
			r.In("silent").Say("%s", err)
		}
		c.compileActivity(s.Of, t, r.In("of"))
	case s.Once != "":
		t.from = atOnce
		once, err := time.Parse(time.RFC3339, s.Once)
		if t.once = fact.Instant(once); err != nil {
			r.In("once").Say("“%s” is not an instant with an offset, such as 2026-12-24T18:00:00+01:00", s.Once)
		}
	case !slices.Contains(rhythms, s.Every):
		r.In("every").Say("“%s” is not a rhythm: those are %s%s", s.Every, strings.Join(rhythms, ", "), fact.Nearest(s.Every, rhythms))
	case s.Since != "":
		c.compileAnchor(s.Since, t, r.In("since"))
	default:
		t.compileOn(s.On, r.In("on"))
	}
	for _, x := range []struct {
		field string
		given bool
		of    bool
		what  string
	}{
		{"of", len(s.Of) > 0, s.Silent != "", "silent"}, {"since", s.Since != "", s.Every != "", "every"}, {"on", s.On != "", s.Every != "" && s.Since == "", "every, without since"},
		{"most", s.Most != 0, s.Since != "", "since"}, {"at", s.At != "", s.Once == "", "every and silent: once has a time of its own"},
	} {
		if x.given && !x.of {
			r.In(x.field).Say("it is of %s", x.what)
		}
	}
	if s.Most < 0 {
		r.In("most").Say("it happens 1 time or more, not %d", s.Most)
	}
}

func (c *compiler) compileActivity(events []string, t *trigger, r fact.Report) {
	for i, name := range events {
		if e := c.p.events[name]; e == nil {
			r.At(i).Say("the programme declares no event “%s”%s", name, c.p.nearestEvent(name))
		}
	}
	if len(events) > 0 {
		t.events = events
	}
}

func (c *compiler) compileAnchor(text string, t *trigger, r fact.Report) {
	kind, of, _ := strings.Cut(text, " ")
	switch t.of = of; {
	case text == "enrolment":
		t.from = fromEnrolment
	case kind == "first":
		t.from = fromFirst
		if c.p.events[of] == nil {
			r.Say("the programme declares no event “%s”%s", of, c.p.nearestEvent(of))
		}
	case kind == "attribute":
		t.from = fromAttribute
		switch a := c.p.attributes[of]; {
		case a == nil:
			r.Say("the programme declares no attribute “%s”%s", of, fact.Nearest(of, slices.Collect(maps.Keys(c.p.attributes))))
		case a.Type != expr.String && a.Type != expr.Strings && a.Type != expr.Date:
			r.Say("the attribute “%s” is of type %s: a date is a date, or written as string or strings", of, a.Type)
		}
	case kind == "dependent":
		c.compileDependentAnchor(of, t, r)
	default:
		r.Say("“%s” is not a date of a member: those are enrolment, “first” with an event, “attribute” with its name, and “dependent” with a kind and its attribute", text)
	}
}

// compileDependentAnchor reads of which dependents, and from which of their dates a trigger counts.
func (c *compiler) compileDependentAnchor(of string, t *trigger, r fact.Report) {
	t.from = fromDependent
	t.kind, t.of, _ = strings.Cut(of, ".")
	k := c.p.dependents[t.kind]
	if k == nil {
		r.Say("the programme declares no kind of dependent “%s”%s", t.kind, fact.Nearest(t.kind, slices.Collect(maps.Keys(c.p.dependents))))
		return
	}
	switch a := k.Attribute(t.of); {
	case a == nil:
		r.Say("“%s” declares no attribute “%s”%s", t.kind, t.of, fact.Nearest(t.of, slices.Collect(maps.Keys(k.attributes))))
	case a.Type != expr.Date:
		r.Say("the attribute “%s” is of type %s, not date", t.of, a.Type)
	}
}

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// compileOn reads the day of a rhythm of the calendar.
func (t *trigger) compileOn(on string, r fact.Report) {
	switch n, err := strconv.Atoi(on); t.every {
	case everyDay:
		if on != "" {
			r.Say("every day is every day")
		}
	case everyWeek:
		if on == "" {
			on = "monday"
		}
		i := slices.Index(weekdays, on)
		if t.weekday = time.Weekday(i); i < 0 {
			r.Say("“%s” is not a day of the week, such as monday%s", on, fact.Nearest(on, weekdays))
		}
	case everyMonth:
		if t.day = n; on == "" {
			t.day = 1
		} else if err != nil || n < 1 || n > 31 {
			r.Say("“%s” is not a day of a month, 1 to 31", on)
		}
	case everyYear:
		day, err := time.Parse("2006-01-02", "2000-"+on) // which has a 29 February
		if t.month, t.day = day.Month(), day.Day(); err != nil {
			r.Say("“%s” is not a month and day, such as 12-24", on)
		}
	}
}

func (c *compiler) compileTime(s *TriggerSpec, t *trigger, r fact.Report) {
	if s.At != "" {
		clock, err := time.Parse("15:04", s.At)
		if t.minute = 60*clock.Hour() + clock.Minute(); err != nil {
			r.In("at").Say("“%s” is not a time of the day, such as 09:00", s.At)
		}
	}
	switch t.march = s.LeapDay == "03-01"; s.LeapDay {
	case "", "02-28", "03-01":
	default:
		r.In("leap_day").Say("“%s” is neither 02-28 nor 03-01", s.LeapDay)
	}
	if s.Within != "" {
		term, err := ledger.ParseTerm(s.Within)
		switch {
		case err != nil:
			r.In("within").Say("%s", err)
		case term.Months != 0 || term.Days > 60:
			r.In("within").Say("what was missed is made up within 1 to 60 days")
		}
		t.within = time.Duration(term.Days) * 24 * time.Hour
	}
}
