package ledger

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"granaio/loyalty/fact"
)

// Validity is how long points may be spent from when they are available, as a programme states it: one of what its fields say. The zero validity is
// for ever.
type Validity struct {
	Term Term // "12 months": so long, as Term.After has it
	// Yearly is "31 December": through that day of the year, the first that comes; for what becomes available on that very day that is the day itself.
	Yearly YearDay
	// AtLeast is, of a Yearly, "after at least 3 months": the first such day that is not before the last day of the term.
	AtLeast Term
	Date    fact.Day // "2027-12-31": through that day; what becomes available later is lost at once. 0 for none
	// Idle is "12 months without activity": until the account has had no activity for the term (Account.Active), counted from when they were available
	// at the earliest.
	Idle Term
}

// YearDay is a day that comes every year: 31 December. Of 29 February it is the last of the month in other years than leap years.
type YearDay struct {
	Month time.Month // 0 for no day
	Day   int
}

// in is the day in a year.
func (d YearDay) in(year int) fact.Day {
	length := time.Date(year, d.Month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return fact.DayOf(time.Date(year, d.Month, min(d.Day, length), 0, 0, 0, 0, time.UTC), time.UTC)
}

// The errors of texts that do not say how long points may be spent, or from when.
var (
	ErrValidity = errors.New("not a validity")
	ErrDate     = errors.New("not a day")
)

// IsZero tells whether points may be spent for ever.
func (v Validity) IsZero() bool { return v == Validity{} }

// Of is when points are lost that become available at an instant: the first instant at which they can no longer be spent. It is zero for never, and
// where activity decides.
func (v Validity) Of(activates time.Time, zone *time.Location) time.Time {
	switch {
	case v.Date != 0:
		return end(v.Date, zone)
	case v.Yearly.Month == 0:
		return v.Term.After(activates, zone)
	}
	earliest := fact.DayOf(activates, zone)
	if !v.AtLeast.IsZero() {
		earliest = LastDay(v.AtLeast.After(activates, zone), zone)
	}
	year, _, _ := earliest.Date()
	day := v.Yearly.in(year)
	if day < earliest {
		day = v.Yearly.in(year + 1)
	}
	return end(day, zone)
}

const (
	never    = "never"
	inactive = "without activity"
	atLeast  = "after at least"
)

// String is the validity as ParseValidity reads it.
func (v Validity) String() string {
	switch {
	case v.Date != 0:
		return dateOf(v.Date)
	case v.Yearly.Month != 0 && !v.AtLeast.IsZero():
		return fmt.Sprintf("%d %s %s %s", v.Yearly.Day, v.Yearly.Month, atLeast, v.AtLeast)
	case v.Yearly.Month != 0:
		return fmt.Sprintf("%d %s", v.Yearly.Day, v.Yearly.Month)
	case !v.Idle.IsZero():
		return v.Idle.String() + " " + inactive
	case !v.Term.IsZero():
		return v.Term.String()
	}
	return never
}

// ParseValidity reads how long points may be spent: a term ("12 months"), a day of the year ("31 December", "31 December after at least 3 months"), a date
// ("2027-12-31"), a term of inactivity ("12 months without activity"), or "never" for points that are never lost.
func ParseValidity(text string) (Validity, error) {
	words := strings.Fields(text)
	text = strings.Join(words, " ")
	if text == never {
		return Validity{}, nil
	}
	if day, is, err := parseDate(text); is {
		return Validity{Date: day}, err
	}
	if len(words) > 1 && isMonth(words[1]) {
		return parseYearly(words)
	}
	if length, idle := strings.CutSuffix(text, " "+inactive); idle {
		t, err := ParseTerm(length)
		return Validity{Idle: t}, err
	}
	t, err := ParseTerm(text)
	if err != nil && (len(words) == 0 || words[0][0] < '0' || words[0][0] > '9') {
		err = fmt.Errorf("%w: %q; write a term such as \"12 months\", a day of the year such as \"31 December\", a date such as \"2027-12-31\", "+
			"\"12 months without activity\", or \"never\"", ErrValidity, text)
	}
	return Validity{Term: t}, err
}

func parseYearly(words []string) (v Validity, err error) {
	wrong := func(why string) (Validity, error) {
		return Validity{}, fmt.Errorf("%w: %s in %q; write a day of the year, such as \"31 December\" or \"31 December after at least 3 months\"",
			ErrValidity, why, strings.Join(words, " "))
	}
	month := monthNamed(words[1])
	if month == 0 {
		return Validity{}, fmt.Errorf("%w: %q is no month%s", ErrValidity, words[1], fact.Nearest(words[1], months))
	}
	day, err := strconv.ParseUint(words[0], 10, 8)
	longest := time.Date(2000, month+1, 0, 0, 0, 0, 0, time.UTC).Day() // of a leap year
	if err != nil || day < 1 || int(day) > longest {
		return wrong(fmt.Sprintf("%s has the days 1 to %d", month, longest))
	}
	v.Yearly = YearDay{month, int(day)}
	rest := strings.Join(words[2:], " ")
	if rest == "" {
		return v, nil
	}
	term, is := strings.CutPrefix(rest, atLeast+" ")
	if !is {
		return wrong(strconv.Quote(rest) + " is not understood")
	}
	v.AtLeast, err = ParseTerm(term)
	return v, err
}

var months = func() (names []string) {
	for m := time.January; m <= time.December; m++ {
		names = append(names, m.String())
	}
	return names
}()

// isMonth tells whether a word is meant to be a month's name: those begin with a capital letter, and units do not.
func isMonth(word string) bool {
	return monthNamed(word) != 0 || word[0] >= 'A' && word[0] <= 'Z' && !slices.Contains(units, strings.TrimSuffix(strings.ToLower(word), "s"))
}

// units are those of terms.
var units = []string{"day", "week", "month", "year"}

func monthNamed(word string) time.Month {
	for i, name := range months {
		if strings.EqualFold(word, name) {
			return time.Month(i + 1)
		}
	}
	return 0
}

// The years in which a date may lie: those that the API and both databases keep.
const (
	firstYear = 1900
	lastYear  = 2999
)

// parseDate reads a date, if the text has the form of one.
func parseDate(text string) (day fact.Day, is bool, err error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		form := len(text) == len(time.DateOnly) && text[4] == '-' && text[7] == '-'
		return 0, form, fmt.Errorf("%w: there is no %q", ErrDate, text)
	}
	if t.Year() < firstYear || t.Year() > lastYear {
		return 0, true, fmt.Errorf("%w: %q is not in the years %d to %d", ErrDate, text, firstYear, lastYear)
	}
	return fact.DayOf(t, time.UTC), true, nil
}

// dateOf writes a day as parseDate reads it.
func dateOf(day fact.Day) string {
	year, month, date := day.Date()
	return fmt.Sprintf("%04d-%02d-%02d", year, month, date)
}

// MarshalText writes the validity as String does.
func (v Validity) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads a validity as ParseValidity does; an empty text is the zero validity.
func (v *Validity) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*v = Validity{}
		return nil
	}
	parsed, err := ParseValidity(string(text))
	if err == nil {
		*v = parsed
	}
	return err
}
