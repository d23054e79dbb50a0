package loyalty

import (
	"slices"
	"strconv"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// Occasion is one time that a trigger comes for a member, or that its tier changed.
type Occasion struct {
	Event  string
	At     time.Time
	Since  fact.Day // the date that it counts from, or its own
	Number int64    // which it is since then; 0 if it is not counted
	// Dependent is whose date it counts from; zero if it is none's.
	Dependent fact.ID
	day       fact.Day // on which it falls, by the calendar
	to        string   // the tier to which it changed
	step      int64    // which change of tier it is; 0 if it is none, someStep for one that is known by the rest
}

// Key names the occasion: the same for the same member, whenever on its day it happens and however often anybody looks. That of a dependent is named by which it is: a date that is corrected
// moves it, and it does not come again.
func (o Occasion) Key() string {
	if !o.Dependent.IsZero() {
		return o.Event + " " + o.Dependent.UUID() + " " + strconv.FormatInt(o.Number, 10)
	}
	if o.step != 0 {
		return o.Event + " " + o.At.Format(time.RFC3339Nano) + " " + strconv.FormatInt(o.step, 10)
	}
	return o.Event + " " + day(o.Since) + " " + day(o.day)
}

func day(d fact.Day) string {
	y, m, date := d.Date()
	return time.Date(y, m, date, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// Moment is the last occasion that a member had, or that passed without it: none before is looked at again.
type Moment struct {
	At  time.Time `json:"at"`
	Key string    `json:"key"`
}

// before tells whether the moment comes before an occasion.
func (m *Moment) before(o *Occasion) bool {
	return m == nil || o.At.After(m.At) || o.At.Equal(m.At) && o.Key() > m.Key
}

// Timed tells whether time may bring something about for members.
func (p *Programme) Timed() bool {
	return len(p.triggers) > 0 || p.policy.falls || len(p.grants) > 0 || p.tellsTiers()
}

// tellsTiers tells whether anything listens to changes of tier.
func (p *Programme) tellsTiers() bool {
	to := p.plans[EventTierChanged]
	return to != nil && len(to.awards)+len(to.multipliers)+len(to.grants)+len(to.missions) > 0
}

// Occasional tells whether time may bring about interactions by themselves: occasions of triggers, or of changes of tier.
func (p *Programme) Occasional() bool { return len(p.triggers) > 0 || p.tellsTiers() }

// Occasion is the occasion that an interaction was, as Happen made it of it.
func (p *Programme) Occasion(i *fact.Interaction) Occasion {
	date := fact.DayOf(i.Occurred, p.zone)
	o := Occasion{Event: i.Event, At: i.Occurred, Since: date, day: date}
	if i.Event == EventTierChanged {
		o.to, _ = i.Properties["tier"].(string)
		o.step = someStep
	}
	if n, ok := i.Properties["number"].(int64); ok {
		o.Number = n
	}
	if text, ok := i.Properties[expr.AboutDependent].(string); ok {
		o.Dependent, _ = fact.ParseID(text) // the zero id of what is none
	}
	text, _ := i.Properties["since"].(string)
	if since, err := time.Parse(time.DateOnly, text); err == nil {
		o.Since = fact.DayOf(since, time.UTC)
	}
	return o
}

// someStep is a change of tier whose number is not known.
const someStep = -1

// Untold tells whether a change of tier is one that rules are still to be told of.
func (o Occasion) Untold(s *State) bool { return o.number(s) > 0 }

// number is that of the change of tier among those that are untold, 0 if it is none of them.
func (o Occasion) number(s *State) int64 {
	for _, x := range s.standing().Untold {
		if x.Number == o.step || o.step == someStep && x.Tier == o.to && x.At.Equal(o.At) {
			return x.Number
		}
	}
	return 0
}

// Next is the next occasion of the member: one that is due already (at or before now) or one to come. What was due longer ago than its trigger makes up, what
// lies before the enrolment, and before a date became known, is none. It is false if there is no next one.
func (p *Programme) Next(s *State, now time.Time) (next Occasion, ok bool) {
	if s.Member.gone() {
		return next, false
	}
	consider := func(o Occasion) {
		if !ok || o.At.Before(next.At) || o.At.Equal(next.At) && o.Key() < next.Key() {
			next, ok = o, true
		}
	}
	for _, t := range p.triggers {
		after := latest(s.Member.Enrolled, now.Add(-t.within))
		for _, a := range p.anchors(t, s) {
			floor := latest(after, a.known)
			if o, found := p.first(t, a, func(o *Occasion) bool { return o.At.After(floor) && s.Doc.Moment.before(o) }); found {
				consider(o)
			}
		}
	}
	for _, x := range s.standing().Untold {
		if p.tellsTiers() && x.Booked.After(now.Add(-tierTold)) {
			consider(Occasion{Event: EventTierChanged, At: x.At, Since: fact.DayOf(x.At, p.zone), to: x.Tier, step: x.Number})
			break // they are told in their order
		}
	}
	return next, ok
}

// tierTold is how long after it was booked a change of tier is still told.
const tierTold = 7 * 24 * time.Hour

// Has tells whether this version of the programme has an occasion too: where it is the one that was in force then.
func (p *Programme) Has(s *State, o Occasion) bool {
	if o.step != 0 {
		return p.tellsTiers()
	}
	for _, t := range p.triggers {
		if t.name != o.Event {
			continue
		}
		for _, a := range p.anchors(t, s) {
			if own, found := p.first(t, a, func(own *Occasion) bool { return !own.At.Before(o.At) }); found && own == o {
				return true
			}
		}
	}
	return false
}

// dated is a date that a trigger counts from.
type dated struct {
	day   fact.Day
	known time.Time // since when it is known; zero for ever
	of    fact.ID   // the dependent whose it is
}

// anchors are the dates that a trigger counts from, each once; one that is of no meaning for a trigger that counts from none.
func (p *Programme) anchors(t *trigger, s *State) []dated {
	switch t.from {
	case fromEnrolment:
		return []dated{{day: fact.DayOf(s.Member.Enrolled, p.zone)}}
	case fromFirst:
		if e := s.Doc.Events[t.of]; e != nil && e.Count > 0 {
			return []dated{{day: fact.DayOf(e.First, p.zone)}}
		}
		return nil
	case fromAttribute:
		if p.Lacking(s, t.of) != nil {
			return nil
		}
		a := s.Doc.Profile.Known().Attributes[t.of]
		var all []dated
		for _, text := range texts(a.Value) {
			if d, err := time.Parse(time.DateOnly, text); err == nil && !slices.ContainsFunc(all, func(x dated) bool { return x.day == fact.DayOf(d, time.UTC) }) {
				all = append(all, dated{day: fact.DayOf(d, time.UTC), known: a.At})
			}
		}
		return all
	case fromDependent:
		var all []dated
		for _, d := range s.Doc.Profile.Known().Dependents {
			a := d.Attributes[t.of]
			if text, ok := a.Value.(string); ok && d.Kind == t.kind {
				if day, ok := fact.ParseDay(text); ok {
					all = append(all, dated{day, a.At, d.ID})
				}
			}
		}
		return all
	case bySilence:
		last := latest(s.Member.Enrolled, s.Account.Active)
		for _, name := range t.events {
			if e := s.Doc.Events[name]; e != nil {
				last = latest(last, e.Last)
			}
		}
		return []dated{{day: fact.DayOf(last, p.zone)}}
	}
	return []dated{{}}
}

// texts are the texts of an attribute's value, which is one or several.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []string:
		return v
	case []any: // as JSON has it
		var all []string
		for _, x := range v {
			if s, ok := x.(string); ok {
				all = append(all, s)
			}
		}
		return all
	}
	return nil
}

// first is the first occasion of a trigger that counts from a date and that is wanted. Wanted are all from some instant on.
func (p *Programme) first(t *trigger, a dated, wanted func(*Occasion) bool) (o Occasion, ok bool) {
	at := func(d fact.Day, number int) bool {
		o = Occasion{Event: t.name, At: localInstant(d, t.minute, p.zone), Since: a.day, Number: int64(number), Dependent: a.of, day: d}
		if t.from == byCalendar {
			o.Since = d
		}
		return wanted(&o)
	}
	switch {
	case t.from == atOnce:
		o = Occasion{Event: t.name, At: t.once, Since: fact.DayOf(t.once, p.zone), day: fact.DayOf(t.once, p.zone)}
		return o, wanted(&o)
	case t.from == bySilence:
		return o, at(fact.DayOf(t.silent.After(a.day.Start(p.zone), p.zone), p.zone), 0)
	case t.from == byCalendar:
		n := p.search(func(n int) bool { return at(t.calendar(n), 0) })
		return o, at(t.calendar(n), 0)
	}
	most := t.most
	if most == 0 {
		most = maxOccasions
	}
	n := 1 + p.search(func(n int) bool { return n >= most || at(t.after(a.day, n+1), n+1) })
	if n > most {
		return o, false
	}
	return o, at(t.after(a.day, n), n)
}

// maxOccasions is how many of anything that recurs are looked at: of days, more than a hundred years.
const maxOccasions = 1 << 16

// search is the first number for which something holds that holds from some number on, or maxOccasions.
func (p *Programme) search(holds func(int) bool) int {
	low, high := 0, maxOccasions
	for low < high {
		if mid := (low + high) / 2; holds(mid) {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return low
}

// epoch is a Monday before any programme began.
var epoch = dayOf(1990, time.January, 1)

// calendar is the n-th day since 1990 on which the trigger comes.
func (t *trigger) calendar(n int) fact.Day {
	switch t.every {
	case everyDay:
		return epoch + fact.Day(n)
	case everyWeek:
		return epoch + fact.Day((int(t.weekday)+6)%7+7*n)
	case everyMonth:
		return clamped(1990, time.January+time.Month(n), t.day, false)
	}
	return clamped(1990+n, t.month, t.day, t.march)
}

// after is the day that comes so many years, months, weeks or days after a date.
func (t *trigger) after(date fact.Day, n int) fact.Day {
	switch y, m, d := date.Date(); t.every {
	case everyDay:
		return date + fact.Day(n)
	case everyWeek:
		return date + fact.Day(7*n)
	case everyMonth:
		return clamped(y, m+time.Month(n), d, false)
	default:
		return clamped(y+n, m, d, t.march)
	}
}

// clamped is a day of a month, or the month's last if it has none; 29 February may be 1 March instead.
func clamped(y int, m time.Month, d int, march bool) fact.Day {
	first := time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	length := first.AddDate(0, 1, -1).Day()
	if d > length && march {
		return dayOf(first.Year(), first.Month(), length) + 1
	}
	return dayOf(first.Year(), first.Month(), min(d, length))
}

// localInstant is when clocks first show a minute of a day in a zone; where they are put forward over it, when that is done.
func localInstant(d fact.Day, minute int, zone *time.Location) time.Time {
	y, m, date := d.Date()
	shown := time.Date(y, m, date, minute/60, minute%60, 0, 0, time.UTC)
	guess := time.Date(y, m, date, minute/60, minute%60, 0, 0, zone)
	begins, ends := guess.ZoneBounds()
	for _, turn := range []time.Time{begins, ends} { // the clock may be changed near
		if turn.IsZero() {
			continue
		}
		_, before := turn.Add(-time.Second).Zone()
		_, after := turn.Zone()
		early, late := shown.Add(-time.Duration(before)*time.Second), shown.Add(-time.Duration(after)*time.Second)
		switch {
		case early.Before(turn) && !late.Before(turn): // shown twice
			return early.UTC()
		case !early.Before(turn) && late.Before(turn): // never shown
			return turn.UTC()
		}
	}
	return guess.UTC()
}
