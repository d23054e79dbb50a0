package schedule

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"granaio/loyalty/fact"
)

// maxOpenings is how many openings a schedule has at most.
const maxOpenings = 100

// Compile compiles a schedule of something that lasts for a span, and reports what is wrong with it.
func Compile(specs []Spec, span fact.Span, zone *time.Location, r fact.Report) Schedule {
	s := Schedule{zone: zone}
	if len(specs) > maxOpenings {
		r.Say("a schedule has at most %d openings", maxOpenings)
		return s
	}
	before := len(r.Problems())
	for i, spec := range specs {
		s.openings = append(s.openings, compile(spec, r.At(i)))
	}
	if len(r.Problems()) > before {
		return s
	}
	from := span.From
	if from.IsZero() {
		from = time.Unix(0, 0)
	}
	for i := range s.openings {
		one := Schedule{zone, s.openings[i : i+1]}
		if opens, ok := one.Next(from); !ok {
			r.At(i).Say("it never opens: there is no such day")
		} else if !span.Holds(opens) && !span.Until.IsZero() {
			r.At(i).Say("it never opens from %s until %s", written(span.From, zone), written(span.Until, zone))
		}
	}
	return s
}

func written(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "the beginning"
	}
	return t.In(zone).Format("2006-01-02 15:04")
}

func compile(spec Spec, r fact.Report) opening {
	var o opening
	o.months = uint16(named(spec.Months, months, "month", r.In("months")))
	o.weekdays = uint8(named(spec.Weekdays, weekdays, "weekday", r.In("weekdays")))
	for i, d := range spec.Days {
		switch at := r.In("days").At(i); {
		case d == 0 || d > 31 || d < -31:
			at.Say("%d is not a day of a month: those are 1 to 31, or -1 for the last, -2 for the one before it", d)
		case slices.Contains(spec.Days[:i], d):
			at.Say("%d is there already", d)
		case d > 0:
			o.days |= 1 << d
		default:
			o.fromEnd |= 1 << -d
		}
	}
	for i, text := range spec.Hours {
		h, ok := parseHours(text)
		if !ok {
			r.In("hours").At(i).Say("“%s” is not hours, such as 07:00-09:00 or 22:00-02:00", text)
		}
		o.hours = append(o.hours, h)
	}
	if len(spec.Months)+len(spec.Days)+len(spec.Weekdays)+len(spec.Hours) == 0 {
		r.Say("an opening names months, days, weekdays or hours")
	}
	return o
}

// named is the mask of names.
func named(names, known []string, what string, r fact.Report) (mask uint) {
	for i, name := range names {
		switch place := slices.Index(known, name); {
		case place < 0:
			r.At(i).Say("“%s” is not a %s, such as %s%s", name, what, known[4], fact.Nearest(name, known))
		case mask>>place&1 == 1:
			r.At(i).Say("“%s” is there already", name)
		default:
			mask |= 1 << place
		}
	}
	return mask
}

// parseHours reads hours. They are not empty, and not longer than a day.
func parseHours(text string) (stretch, bool) {
	first, last, ok := strings.Cut(text, "-")
	if !ok {
		return stretch{}, false
	}
	from, fromOK := parseMinute(first)
	until, untilOK := parseMinute(last)
	if !fromOK || !untilOK || from == until || from == dayMinutes {
		return stretch{}, false
	}
	if until < from {
		until += dayMinutes
	}
	return stretch{from, until}, true
}

func parseMinute(text string) (int, bool) {
	hour, minute, ok := strings.Cut(text, ":")
	h, hourErr := strconv.ParseUint(hour, 10, 8)
	m, minuteErr := strconv.ParseUint(minute, 10, 8)
	if !ok || len(hour) != 2 || len(minute) != 2 || hourErr != nil || minuteErr != nil || m > 59 || h > 24 || h == 24 && m > 0 {
		return 0, false
	}
	return int(h*60 + m), true
}
