package fact

import "time"

// Span is a stretch of time: from From, before Until. A zero end is open.
type Span struct{ From, Until time.Time }

// Holds tells whether the instant is in the span.
func (s Span) Holds(t time.Time) bool {
	return !t.Before(s.From) && (s.Until.IsZero() || t.Before(s.Until))
}

// ParseSpan reads the two ends of a span in a zone and reports what is wrong with them, as "from" and "until". An end is a day, 2026-05-01, or an
// instant with an offset, 2026-05-01T09:00:00+02:00; empty is open. A day as the end is the last one: the span ends as the next day begins.
func ParseSpan(from, until string, zone *time.Location, r Report) Span {
	s := Span{From: ParseStart(from, zone, r.In("from"))}
	if until != "" {
		if day, ok := parseDay(until); ok {
			s.Until = (day + 1).Start(zone)
		} else {
			s.Until = parseInstant(until, r.In("until"))
		}
	}
	if !s.From.IsZero() && !s.Until.IsZero() && !s.From.Before(s.Until) {
		r.In("until").Say("it ends before it begins")
	}
	return s
}

// ParseStart reads the beginning of something, as ParseSpan does.
func ParseStart(text string, zone *time.Location, r Report) time.Time {
	if text == "" {
		return time.Time{}
	}
	if day, ok := parseDay(text); ok {
		return day.Start(zone)
	}
	return parseInstant(text, r)
}

func parseDay(text string) (Day, bool) {
	t, err := time.Parse(time.DateOnly, text)
	return DayOf(t, time.UTC), err == nil
}

func parseInstant(text string, r Report) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		r.Say("“%s” is neither a day, such as 2026-05-01, nor an instant with an offset, such as 2026-05-01T09:00:00+02:00", clip(text))
		return time.Time{}
	}
	return Instant(t)
}
