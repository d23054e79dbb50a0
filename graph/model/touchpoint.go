package model

import (
	"time"

	"github.com/shopspring/decimal"

	"granaio/engine"
	"granaio/graph/fault"
	"granaio/loyalty/expr"
	"granaio/loyalty/fact"
	"granaio/loyalty/touchpoint"
)

// Touchpoint is a place or a channel, with its name in one language.
type Touchpoint struct {
	ID       fact.ID
	Key      string
	Name     string
	Kind     touchpoint.Kind
	Physical bool
	Place    *Place
	Hours    *OpeningHours
	Owner    *string

	opening *touchpoint.Hours
}

// IsNode makes it one of GraphQL's nodes.
func (*Touchpoint) IsNode() {}

// OpenAt tells whether it is open at an instant; nil if nothing is known of its hours.
func (t *Touchpoint) OpenAt(at time.Time) *bool {
	if t.opening == nil {
		return nil
	}
	open := t.opening.Open(at)
	return &open
}

// Place is where a touchpoint is.
type Place struct {
	Address             *string
	Latitude, Longitude *fact.Decimal
}

// OpeningHours are when it is open.
type OpeningHours struct {
	TimeZone   string
	Weekly     []*OpeningDay
	Exceptions []*OpeningException
}

// OpeningDay is a day of the week on which it opens.
type OpeningDay struct {
	Day  string
	Open []string
}

// OpeningException is some days that are not as the week says.
type OpeningException struct {
	From, Until fact.Day
	Open        []string
}

// NewTouchpoint shows a touchpoint; nil if there is none.
func NewTouchpoint(t *touchpoint.Touchpoint, s Speech) *Touchpoint {
	if t == nil {
		return nil
	}
	shown := &Touchpoint{ID: t.Definition, Key: t.Key, Name: t.Name.In(s...), Kind: t.Kind, Physical: t.Physical, Owner: optional(t.Owner), opening: t.Hours}
	if p := t.Place; p != nil {
		shown.Place = &Place{Address: optional(p.Address), Latitude: degrees(p.Latitude), Longitude: degrees(p.Longitude)}
	}
	if h := t.Hours; h != nil {
		shown.Hours = &OpeningHours{TimeZone: h.Zone.String(), Weekly: []*OpeningDay{}, Exceptions: []*OpeningException{}}
		for i := range h.Weekly {
			day := (i + 1) % 7 // from monday
			if len(h.Weekly[day]) > 0 {
				shown.Hours.Weekly = append(shown.Hours.Weekly, &OpeningDay{Day: weekdays[day], Open: written(h.Weekly[day])})
			}
		}
		for _, x := range h.Exceptions {
			shown.Hours.Exceptions = append(shown.Hours.Exceptions, &OpeningException{From: x.From, Until: x.Until, Open: written(x.Open)})
		}
	}
	return shown
}

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// written is openings as they are written.
func written(all []touchpoint.Opening) []string {
	texts := make([]string, len(all))
	for i, o := range all {
		texts[i] = o.String()
	}
	return texts
}

// degrees is a coordinate, nil for none. It was looked at when the programme was compiled.
func degrees(text string) *fact.Decimal {
	d, err := decimal.NewFromString(text)
	if err != nil {
		return nil
	}
	return &d
}

// FigurePeriod is how long the periods of figures are.
type FigurePeriod string

// The periods.
const (
	FigurePeriodDay   FigurePeriod = "DAY"
	FigurePeriodWeek  FigurePeriod = "WEEK"
	FigurePeriodMonth FigurePeriod = "MONTH"
)

// TouchpointFigures is what a touchpoint brings in a period.
type TouchpointFigures struct {
	From, To fact.Day
	engine.Traffic
}

// The longest figures that are told.
const (
	maxFigureDays    = 1100
	maxFigurePeriods = 400
)

// Periods are those between two days, with those days alone; or why they are not told.
func Periods(from, to fact.Day, per FigurePeriod) (all []*TouchpointFigures, r engine.Rhythm, err error) {
	window := map[FigurePeriod]expr.Window{FigurePeriodDay: expr.Day, FigurePeriodWeek: expr.Week, FigurePeriodMonth: expr.Month}[per]
	r = map[FigurePeriod]engine.Rhythm{FigurePeriodDay: engine.Daily, FigurePeriodWeek: engine.Weekly, FigurePeriodMonth: engine.Monthly}[per]
	switch {
	case to < from:
		return nil, r, fault.Malformed("to is a day before from")
	case to-from >= maxFigureDays:
		return nil, r, fault.Malformed("at most %d days are told, not %d", maxFigureDays, to-from+1)
	}
	for day := from; day <= to; {
		_, last := window.Around(day)
		all = append(all, &TouchpointFigures{From: day, To: min(last, to)})
		day = last + 1
	}
	if len(all) > maxFigurePeriods {
		return nil, r, fault.Malformed("at most %d periods are told, not %d", maxFigurePeriods, len(all))
	}
	return all, r, nil
}
