package consent

import (
	"slices"
	"strconv"
	"time"

	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
)

// Contact is how a programme writes to its members. The nil one has no channel.
type Contact struct {
	Channels []string
	caps     []limit
	quiet    *quiet
	zone     *time.Location
}

// limit is a cap.
type limit struct {
	channel  string // empty for all
	messages int
	window   expr.Window
}

// quiet is the hours in which nobody is written to, in minutes of the day.
type quiet struct {
	from, until int
	members     bool // by the member's clock
}

// Preferences are what a member said of how it wants to be written to.
type Preferences struct {
	Channels []string `json:"channels,omitempty"` // those that it wants, the dearest first; none for any
	TimeZone string   `json:"timeZone,omitempty"` // IANA's name of where it lives; empty for the programme's
}

// Person is a member as far as writing to it needs to know.
type Person struct {
	Consents    Set
	Preferences Preferences
	Sent        []Sent // at least those within Contact.Reach before now
}

// Sent is a message that a member was sent.
type Sent struct {
	Channel string
	At      time.Time
}

// Reason is why a member may not be written to.
type Reason string

// The reasons.
const (
	NoSuchChannel Reason = "no_such_channel" // the programme does not have it
	NoConsent     Reason = "no_consent"      // no marketing purpose was agreed to
	NotPreferred  Reason = "not_preferred"   // the member chose other channels
	CapReached    Reason = "cap_reached"     // it got as many messages as it may
	QuietHours    Reason = "quiet_hours"     // it is night
)

// Words say a reason.
func (r Reason) Words() string {
	switch r {
	case NoConsent:
		return "it has not agreed to be written to"
	case NotPreferred:
		return "it chose other channels"
	case CapReached:
		return "it got as many messages as it may"
	case QuietHours:
		return "it is night there"
	}
	return "the programme does not write by that channel"
}

// Answer tells whether a member may be written to by a channel.
type Answer struct {
	Channel string
	Reason  Reason    // why not; empty if it may
	Again   time.Time // when it may again if nothing else changes; zero if only a decision of the member's helps, or it may now
}

// Allowed tells whether it may.
func (a Answer) Allowed() bool { return a.Reason == "" }

// Reach is how long before now messages count towards some cap.
func (c *Contact) Reach() time.Duration {
	days := 0
	if c != nil {
		for _, l := range c.caps {
			n, _ := l.window.Days()
			days = max(days, n+1)
		}
	}
	return time.Duration(days+1) * 24 * time.Hour
}

// May tells whether a member may be written to by a channel now.
func (c *Contact) May(purposes Purposes, m Person, channel string, now time.Time) Answer {
	no := func(r Reason, again time.Time) Answer { return Answer{channel, r, again.UTC()} }
	switch {
	case c == nil || !slices.Contains(c.Channels, channel):
		return Answer{channel, NoSuchChannel, time.Time{}}
	case !purposes.Allow(Marketing, m.Consents):
		return Answer{channel, NoConsent, time.Time{}}
	case len(m.Preferences.Channels) > 0 && !slices.Contains(m.Preferences.Channels, channel):
		return Answer{channel, NotPreferred, time.Time{}}
	}
	var again time.Time
	for _, l := range c.caps {
		if at := l.free(m.Sent, channel, now, c.zone); at.After(again) {
			again = at
		}
	}
	if !again.IsZero() {
		return no(CapReached, again)
	}
	if at := c.quiet.over(now, c.clock(m.Preferences)); !at.IsZero() {
		return no(QuietHours, at)
	}
	return Answer{Channel: channel}
}

// free is when a cap lets the next message go; zero if it does now.
func (l limit) free(sent []Sent, channel string, now time.Time, zone *time.Location) time.Time {
	if l.channel != "" && l.channel != channel {
		return time.Time{}
	}
	today := fact.DayOf(now, zone)
	first, last := l.window.Around(today)
	var days []fact.Day // of those that count, in order
	for _, s := range sent {
		if d := fact.DayOf(s.At, zone); d >= first && d <= last && (l.channel == "" || s.Channel == l.channel) {
			days = append(days, d)
		}
	}
	if len(days) < l.messages {
		return time.Time{}
	}
	if last > today { // a stretch of the calendar: all begins anew after it
		return (last + 1).Start(zone)
	}
	slices.Sort(days)
	leaves := days[len(days)-l.messages] // once it has left the window, there is room
	return (leaves + (last - first) + 1).Start(zone)
}

// clock is the zone by whose clock it is quiet.
func (c *Contact) clock(p Preferences) *time.Location {
	if c.quiet != nil && c.quiet.members && p.TimeZone != "" {
		if zone, err := time.LoadLocation(p.TimeZone); err == nil {
			return zone
		}
	}
	return c.zone
}

// over is when the quiet hours end that it is in; zero if it is in none.
func (q *quiet) over(now time.Time, zone *time.Location) time.Time {
	if q == nil {
		return time.Time{}
	}
	local := now.In(zone)
	minute := local.Hour()*60 + local.Minute()
	within := minute >= q.from && minute < q.until
	tomorrow := 0
	if q.from >= q.until { // over midnight
		within = minute >= q.from || minute < q.until
		if minute >= q.from {
			tomorrow = 1
		}
	}
	if !within {
		return time.Time{}
	}
	return time.Date(local.Year(), local.Month(), local.Day()+tomorrow, q.until/60, q.until%60, 0, 0, zone)
}

// CompileContact compiles how a programme writes to its members, and reports what is wrong with it. It is nil for one that says nothing.
func CompileContact(spec *ContactSpec, s fact.Setting, r fact.Report) *Contact {
	if spec == nil {
		return nil
	}
	c := &Contact{Channels: spec.Channels, zone: s.Zone}
	if len(spec.Channels) == 0 || len(spec.Channels) > maxChannels {
		r.In("channels").Say("a programme writes by 1 to %d channels, such as email", maxChannels)
	}
	for i, channel := range spec.Channels {
		if !fact.IsKey(channel) || slices.Contains(spec.Channels[:i], channel) {
			r.In("channels").At(i).Say("“%s” is not a key, or is there already", channel)
		}
	}
	for i, spec := range spec.Caps {
		at := r.In("caps").At(i)
		if spec.Channel != "" && !slices.Contains(c.Channels, spec.Channel) {
			at.In("channel").Say("unknown channel “%s”%s", spec.Channel, fact.Nearest(spec.Channel, c.Channels))
		}
		if spec.Messages < 1 || spec.Messages > 1000 {
			at.In("messages").Say("a cap is of 1 to 1000 messages, not %d", spec.Messages)
		}
		l := limit{spec.Channel, spec.Messages, expr.Window(spec.Per)}
		if _, ok := l.window.Days(); !ok {
			at.In("per").Say("“%s” is not a period: those are day, week, month, year, and 1d to %dd", spec.Per, expr.MaxDays)
		}
		c.caps = append(c.caps, l)
	}
	if spec.Quiet != nil {
		c.quiet = compileQuiet(spec.Quiet, r.In("quiet"))
	}
	return c
}

const maxChannels = 20

func compileQuiet(spec *QuietSpec, r fact.Report) *quiet {
	minute := func(text string, r fact.Report) int {
		at, err := time.Parse("15:04", text)
		if err != nil {
			r.Say("“%s” is not an hour of the day, such as 21:00", text)
		}
		return at.Hour()*60 + at.Minute()
	}
	q := &quiet{from: minute(spec.From, r.In("from")), until: minute(spec.Until, r.In("until")), members: spec.Zone == "member"}
	if q.from == q.until {
		r.Say("quiet hours that begin and end at the same hour would never end")
	}
	if spec.Zone != "" && spec.Zone != "member" && spec.Zone != "programme" {
		r.In("zone").Say("“%s” is neither member nor programme%s", spec.Zone, fact.Nearest(spec.Zone, []string{"member", "programme"}))
	}
	return q
}

// Known refuses a channel that the programme does not have; the field is the input's.
func (c *Contact) Known(channel, field string) *fact.Refusal {
	if c == nil || !slices.Contains(c.Channels, channel) {
		return fact.Refuse(fact.CodeUnknownChannel, field, "the programme does not write by that channel")
	}
	return nil
}

// Check refuses preferences that the programme has no place for.
func (c *Contact) Check(p Preferences) *fact.Refusal {
	for i, channel := range p.Channels {
		field := "channels." + strconv.Itoa(i)
		if r := c.Known(channel, field); r != nil {
			return r
		}
		if slices.Contains(p.Channels[:i], channel) {
			return fact.Refuse(fact.CodeInvalid, field, "a channel is named twice")
		}
	}
	if p.TimeZone != "" {
		if _, err := time.LoadLocation(p.TimeZone); err != nil || p.TimeZone == "Local" || len(p.TimeZone) > fact.MaxKey {
			return fact.Refuse(fact.CodeInvalid, "timeZone", "it is not a time zone, such as Europe/Rome")
		}
	}
	return nil
}
