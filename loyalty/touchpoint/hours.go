package touchpoint

import (
	"maps"
	"slices"
	"strings"
	"time"

	"granaio/loyalty/fact"
)

// Hours are when a touchpoint is open, by the clock on its wall: an opening that is shown twice on the night on which clocks go back is open twice as long.
type Hours struct {
	Zone       *time.Location
	Weekly     [7][]Opening // from sunday
	Exceptions []Exception
}

// Opening is a stretch of a day: from the first minute, before the last.
type Opening struct{ From, Until int }

// String is the opening as it is written: 09:00-13:00.
func (o Opening) String() string { return minute(o.From) + "-" + minute(o.Until) }

func minute(m int) string {
	if m == 24*60 {
		return "24:00"
	}
	return time.Date(2000, 1, 1, m/60, m%60, 0, 0, time.UTC).Format("15:04")
}

// Exception is some days that are not as the week says.
type Exception struct {
	From, Until fact.Day // both belong to it
	Open        []Opening
}

// On are the openings of a day.
func (h *Hours) On(day fact.Day) []Opening {
	for _, x := range h.Exceptions {
		if day >= x.From && day <= x.Until {
			return x.Open
		}
	}
	return h.Weekly[weekday(day)]
}

func weekday(day fact.Day) int { return (int(day)%7 + 4 + 7) % 7 } // 1 January 1970 was a Thursday

// Open tells whether it is open at an instant.
func (h *Hours) Open(at time.Time) bool {
	local := at.In(h.Zone)
	now := 60*local.Hour() + local.Minute()
	return slices.ContainsFunc(h.On(fact.DayOf(at, h.Zone)), func(o Opening) bool { return now >= o.From && now < o.Until })
}

// The bounds of opening hours.
const (
	maxOpenings   = 10 // of a day
	maxExceptions = 200
)

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

func compileHours(s *HoursSpec, zone *time.Location, r fact.Report) *Hours {
	h := &Hours{Zone: zone}
	if s.Zone != "" {
		var err error
		if h.Zone, err = time.LoadLocation(s.Zone); err != nil || s.Zone == "Local" {
			r.In("zone").Say("“%s” is not a time zone, such as Europe/Rome", s.Zone)
			h.Zone = zone
		}
	}
	if len(s.Weekly) == 0 && len(s.Exceptions) == 0 {
		r.Say("opening hours say when it is open: weekly, or exceptions")
	}
	for _, name := range slices.Sorted(maps.Keys(s.Weekly)) {
		at := r.In("weekly").In(name)
		day := slices.Index(weekdays, name)
		if day < 0 {
			at.Say("“%s” is not a day of the week, such as monday%s", name, fact.Nearest(name, weekdays))
			continue
		}
		h.Weekly[day] = openings(s.Weekly[name], at)
	}
	if len(s.Exceptions) > maxExceptions {
		r.In("exceptions").Say("opening hours have at most %d exceptions", maxExceptions)
		return h
	}
	for i, spec := range s.Exceptions {
		at := r.In("exceptions").At(i)
		x := Exception{From: date(spec.From, at.In("from")), Open: openings(spec.Open, at.In("open"))}
		if x.Until = x.From; spec.Until != "" {
			if x.Until = date(spec.Until, at.In("until")); x.Until < x.From {
				at.In("until").Say("it ends, on %s, before it begins, on %s", spec.Until, spec.From)
			}
		}
		if other := slices.IndexFunc(h.Exceptions, func(o Exception) bool { return x.From <= o.Until && o.From <= x.Until }); other >= 0 {
			at.Say("the same day is in exception %d too", other+1)
		}
		h.Exceptions = append(h.Exceptions, x)
	}
	return h
}

func date(text string, r fact.Report) fact.Day {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		r.Say("“%s” is not a day, such as 2026-12-24", text)
	}
	return fact.DayOf(t, time.UTC)
}

// openings reads the openings of a day, in order, and reports those that overlap.
func openings(texts []string, r fact.Report) []Opening {
	if len(texts) > maxOpenings {
		r.Say("a day has at most %d openings", maxOpenings)
		return nil
	}
	var all []Opening
	for i, text := range texts {
		at := r.At(i)
		from, until, _ := strings.Cut(text, "-")
		o, ok := Opening{}, [2]bool{}
		o.From, ok[0] = minutes(from)
		o.Until, ok[1] = minutes(until)
		switch {
		case !ok[0] || !ok[1]:
			at.Say("“%s” is not an opening, such as 09:00-13:00", text)
			continue
		case o.Until <= o.From:
			at.Say("“%s” ends before it begins: what goes on after midnight is written as 24:00 and as an opening of the next day", text)
			continue
		}
		if other := slices.IndexFunc(all, func(x Opening) bool { return o.From < x.Until && x.From < o.Until }); other >= 0 {
			at.Say("“%s” overlaps “%s”", text, all[other])
		}
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b Opening) int { return a.From - b.From })
	return all
}

// minutes is a time of the day in minutes.
func minutes(text string) (int, bool) {
	if text == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", text)
	return 60*t.Hour() + t.Minute(), err == nil && len(text) == len("15:04")
}
