package ledger

import (
	"fmt"
	"strconv"
	"time"

	"granaio/loyalty/fact"
)

// Maturity is how long points are pending before they may be spent, as a programme states it: one of what its fields say. The zero maturity is not at all.
type Maturity struct {
	Term Term     // "14 days": so long
	Date fact.Day // "2026-12-24": until that day begins; what is earned later is available at once. 0 for none
	// Within is, of points that wait for something to happen, how long they do. What has not happened by then takes them with it.
	Within Term
}

// IsZero tells whether points are available at once.
func (m Maturity) IsZero() bool { return m == Maturity{} }

// Of is when points may be spent that were earned at an instant, unless they wait.
func (m Maturity) Of(earned time.Time, zone *time.Location) time.Time {
	switch {
	case m.Date != 0:
		return later(begin(m.Date, zone), fact.Instant(earned))
	case !m.Term.IsZero():
		return m.Term.After(earned, zone)
	}
	return fact.Instant(earned)
}

const atOnce = "at once"

// ParseMaturity reads how long points are pending: a term ("14 days"), a date ("2026-12-24"), or "at once".
func ParseMaturity(text string) (Maturity, error) {
	if text == atOnce {
		return Maturity{}, nil
	}
	if day, is, err := parseDate(text); is {
		return Maturity{Date: day}, err
	}
	t, err := ParseTerm(text)
	if err != nil && (text == "" || text[0] < '0' || text[0] > '9') {
		err = fmt.Errorf("%w: %s; write a term such as \"14 days\", a date such as \"2026-12-24\", or \"at once\"", ErrTerm, strconv.Quote(text))
	}
	return Maturity{Term: t}, err
}

// Ageing is how points age, as a programme states it.
type Ageing struct {
	Matures Maturity
	Expires Validity
	Warns   Term // how long before they are lost it is said that they will be; zero: it is not
}

// Age makes the points of an earning age so, by the calendar of the programme's zone, from when it occurred.
func (e *Earning) Age(a Ageing, zone *time.Location) {
	e.Begin(a.Matures.Of(e.Occurred, zone), a, zone)
}

// Begin makes the points of an earning available from an instant on, and age so from then.
func (e *Earning) Begin(activates time.Time, a Ageing, zone *time.Location) {
	e.Activates, e.Expires, e.Warns = activates, a.Expires.Of(activates, zone), a.Warns
	if !a.Expires.Idle.IsZero() {
		e.Validity = a.Expires
	}
}

// Wait makes the points of an earning wait for what the key names (Book.Mature), within the ageing's term, and age so from when it comes.
func (e *Earning) Wait(key fact.ID, a Ageing, zone *time.Location) {
	e.Activates, e.Expires = time.Time{}, a.Matures.Within.After(e.Occurred, zone)
	e.Waits, e.Validity, e.Warns = key, a.Expires, a.Warns
}

// later is the later of two instants.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
