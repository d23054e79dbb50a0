package loyalty

import (
	"maps"
	"slices"
	"strings"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/rule"
)

// tierPolicy is what counts towards tiers, how long, and when a member falls.
type tierPolicy struct {
	by     string
	event  string // of spend and count
	unit   int64  // by which a tier's threshold is counted: the currency's minor units in one of spend, else 1
	period string
	months int        // of a rolling period
	begins time.Month // of a calendar year
	day    int
	falls  bool
	steps  bool // one tier at a time
	grace  ledger.Term
	from   time.Time // nobody falls before; zero for any time
	zone   *time.Location
}

// What counts.
const (
	byPoints = "points"
	bySpend  = "spend"
	byCount  = "count"
)

// The periods.
const (
	lifetime      = "lifetime"
	calendarYear  = "calendar_year"
	calendarMonth = "calendar_month"
	rolling       = "rolling"
)

// How a member falls.
const (
	fallNever    = "never"
	fallStraight = "straight"
	fallStep     = "step"
)

// compilePolicy reads the policy. The events are looked at later: see checkPolicy.
func compilePolicy(s TierPolicy, zone *time.Location, r fact.Report) tierPolicy {
	t := tierPolicy{by: s.By, event: s.Event, unit: 1, period: s.Period, months: s.RollingMonths, begins: time.January, day: 1, zone: zone}
	oneOf := func(text *string, field, what string, known ...string) {
		if *text == "" {
			*text = known[0]
		} else if !slices.Contains(known, *text) {
			r.In(field).Say("“%s” is not %s: those are %s%s", *text, what, strings.Join(known, ", "), fact.Nearest(*text, known))
		}
	}
	oneOf(&t.by, "by", "a measure of tiers", byPoints, bySpend, byCount)
	oneOf(&t.period, "period", "a period", lifetime, calendarYear, calendarMonth, rolling)
	oneOf(&s.Fall, "fall", "a way to fall", fallNever, fallStraight, fallStep)
	t.falls, t.steps = s.Fall == fallStraight || s.Fall == fallStep, s.Fall == fallStep
	switch {
	case t.period == rolling && (s.RollingMonths < 1 || s.RollingMonths > 60):
		r.In("rolling_months").Say("a rolling period has 1 to 60 months, not %d", s.RollingMonths)
		t.months = 1
	case t.period != rolling && s.RollingMonths != 0:
		r.In("rolling_months").Say("only a rolling period has it")
	}
	if s.YearStarts != "" {
		t.yearStarts(s.YearStarts, r.In("year_starts"))
	}
	t.compileFall(s, r)
	return t
}

func (t *tierPolicy) yearStarts(text string, r fact.Report) {
	day, err := time.Parse("2006-01-02", "2001-"+text) // 2001 has no 29 February
	switch {
	case t.period != calendarYear:
		r.Say("only a calendar_year has it")
	case err != nil:
		r.Say("“%s” is not a month and day of every year, such as 04-01", text)
	default:
		t.begins, t.day = day.Month(), day.Day()
	}
}

func (t *tierPolicy) compileFall(s TierPolicy, r fact.Report) {
	if t.falls && t.period == lifetime {
		r.In("fall").Say("what counts for a lifetime never ceases to count: falling needs another period")
	}
	for _, x := range []struct{ field, text string }{{"grace", s.Grace}, {"fall_from", s.FallFrom}} {
		if x.text != "" && !t.falls {
			r.In(x.field).Say("nobody falls: it is of a fall that is straight or a step")
		}
	}
	if s.Grace != "" {
		var err error
		if t.grace, err = ledger.ParseTerm(s.Grace); err != nil {
			r.In("grace").Say("%s", err)
		} else if longer(t.grace, ledger.Term{Months: 60}) {
			r.In("grace").Say("a grace is at most 60 months")
		}
	}
	if s.FallFrom != "" {
		t.from = fact.ParseStart(s.FallFrom, t.zone, r.In("fall_from"))
	}
}

// checkPolicy reports an event that cannot be counted, and has what is counted of it kept.
func (c *compiler) checkPolicy(r fact.Report) {
	t := &c.p.policy
	if t.by == byPoints {
		if t.event != "" {
			r.In("event").Say("points count whatever they are given for: an event is of spend and count")
		}
		return
	}
	e := c.p.events[t.event]
	switch {
	case t.event == "":
		r.In("event").Say("the event that counts is missing")
	case e == nil:
		r.In("event").Say("the programme declares no event “%s”%s", t.event, fact.Nearest(t.event, slices.Collect(maps.Keys(c.p.events))))
	case t.by == bySpend && e.Value == ValueNone:
		r.In("event").Say("“%s” carries no value, so there is no spend to count", t.event)
	}
	if t.by == bySpend {
		for range c.p.currency.Digits {
			t.unit *= 10
		}
	}
}

// checkReach reports tiers that nobody can reach.
func (c *compiler) checkReach(r fact.Report) {
	granted, earned := map[string]bool{}, c.p.policy.by != byPoints
	for _, x := range c.spec.Rules {
		if x.Grant != nil {
			granted[x.Grant.Tier] = true
		}
		earned = earned || x.Grant == nil && (x.Qualifying == nil || *x.Qualifying)
	}
	for _, m := range c.spec.Missions {
		earned = earned || m.Qualifying == nil || *m.Qualifying
	}
	for i, t := range c.spec.Tiers {
		switch {
		case granted[t.Key] || !t.Granted && (earned || t.At == 0):
		case t.Granted:
			r.At(i).Say("nobody can reach “%s”: no rule grants it", t.Key)
		default:
			r.At(i).In("at").Say("nobody can reach “%s”: neither a rule nor a mission gives points that qualify", t.Key)
		}
		if limit := fact.MaxMinor / c.p.policy.unit; int64(t.At) > limit {
			r.At(i).In("at").Say("nobody can reach “%s”: a spend is counted up to %d", t.Key, limit)
		}
	}
}

// keep is how many days of what counts must be kept.
func (t *tierPolicy) keep() int {
	grace := 31*t.grace.Months + t.grace.Days
	switch t.period {
	case calendarYear:
		return lateDays + 2*366 + grace
	case calendarMonth:
		return lateDays + 2*31 + grace
	case rolling:
		return lateDays + 31*t.months + grace
	}
	return 0
}

// series is what counts: nil if there is nothing yet.
func (t *tierPolicy) series(d *Doc) *Series {
	if t.by == byPoints {
		return &d.Qualifying
	}
	return d.Events[t.event]
}

// of is what counts of a tally.
func (t *tierPolicy) of(x Tally) int64 {
	if t.by == byCount {
		return x.Count
	}
	return x.Sum
}

// around is the first and last day of what counts together on a day.
func (t *tierPolicy) around(day fact.Day) (first, last fact.Day) {
	switch y, m, _ := day.Date(); t.period {
	case calendarYear:
		first = dayOf(y, t.begins, t.day)
		if day < first {
			y, first = y-1, dayOf(y-1, t.begins, t.day)
		}
		return first, dayOf(y+1, t.begins, t.day) - 1
	case calendarMonth:
		return dayOf(y, m, 1), dayOf(y, m+1, 1) - 1
	}
	// The day after the one that lies so many months before; months clamp, so that the year to 28 February is as long as any.
	return months(day, -t.months) + 1, day
}

// months is the day that lies so many months later; they clamp.
func months(day fact.Day, n int) fact.Day { return day.Months(n) }

// figure is what counts of a series on a day, as far as it is known by day.
func (t *tierPolicy) figure(q *Series, day fact.Day) int64 {
	switch {
	case q == nil:
		return 0
	case t.period == lifetime:
		return t.of(Tally{Count: q.Count, Sum: q.Sum})
	}
	first, last := t.around(day)
	var sum int64
	for _, tally := range q.Days[q.Days.from(first):] {
		if tally.Day > last {
			break
		}
		sum = plus(sum, t.of(tally))
	}
	return sum
}

func dayOf(y int, m time.Month, d int) fact.Day {
	return fact.DayOf(time.Date(y, m, d, 0, 0, 0, 0, time.UTC), time.UTC)
}

// tallies are a series' days. What is not known by day counts as of the last day on which it can have happened, so that nobody falls for want of a record.
func (t *tierPolicy) tallies(q *Series) Days {
	rest := Tally{Day: q.Since - 1, Count: q.Count, Sum: q.Sum}
	if q.Keep == 0 {
		rest.Day = fact.DayOf(q.Last, t.zone)
	}
	for _, x := range q.Days {
		rest.Count, rest.Sum = rest.Count-x.Count, rest.Sum-x.Sum
	}
	if t.of(rest) <= 0 {
		return q.Days
	}
	return append(Days{rest}, q.Days...)
}

// ends is until when what counts holds a threshold, nothing more coming; the zero time for ever. It is false if it never did, as far as is known.
//
// What is reached in a calendar period holds to the end of the next, which is when it was to be reached again; in a rolling one as long as it is in the
// window; and the grace longer.
func (t *tierPolicy) ends(q *Series, threshold int64) (end time.Time, ok bool) {
	switch {
	case threshold <= 0:
		return end, true
	case q == nil || q.Count == 0:
		return end, false
	case t.period == lifetime:
		return end, t.figure(q, 0) >= threshold
	}
	all, sum := t.tallies(q), int64(0)
	if t.period == rolling {
		for i, later := len(all)-1, len(all); i >= 0; i-- {
			last := t.lastWith(all[i].Day)
			for sum = plus(sum, t.of(all[i])); later > i && all[later-1].Day > last; {
				later--
				sum -= t.of(all[later])
			}
			if sum >= threshold {
				return t.grace.Following(last, t.zone), true
			}
		}
		return end, false
	}
	for i := len(all) - 1; i >= 0; {
		first, last := t.around(all[i].Day)
		for sum = 0; i >= 0 && all[i].Day >= first; i-- {
			sum = plus(sum, t.of(all[i]))
		}
		if sum >= threshold {
			_, next := t.around(last + 1)
			return t.grace.Following(next, t.zone), true
		}
	}
	return end, false
}

// lastWith is the last day whose rolling window has a day in it.
func (t *tierPolicy) lastWith(day fact.Day) fact.Day {
	last := months(day-1, t.months)
	for months(last+1, -t.months) < day {
		last++
	}
	return last
}

// compileGrant reads which tier a rule grants, and for how long.
func (c *compiler) compileGrant(s *rule.GrantSpec, r fact.Report) *grant {
	g := &grant{tier: s.Tier}
	if c.p.tiers.Find(s.Tier) == nil {
		r.In("tier").Say("unknown tier “%s”%s", s.Tier, fact.Nearest(s.Tier, keysOf(c.spec.Tiers, func(i int) string { return c.spec.Tiers[i].Key })))
	}
	if s.For != "" {
		var err error
		if g.term, err = ledger.ParseTerm(s.For); err != nil {
			r.In("for").Say("%s", err)
		}
	}
	return g
}
