package ledger_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"granaio/loyalty/ledger"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestTermAfter(t *testing.T) {
	for _, c := range []struct {
		name, zone, begins string
		term               ledger.Term
		want               string // local, to the second
		last               string // the last day
	}{
		{"a year from noon ends with the day", "Europe/Rome", "2026-03-31T10:00:00Z", ledger.Term{Months: 12}, "2027-04-01T00:00:00+02:00", "2027-03-31"},
		{"days", "Europe/Rome", "2026-03-01T10:00:00Z", ledger.Term{Days: 30}, "2026-04-01T00:00:00+02:00", "2026-03-31"},
		{"months, then days", "Europe/Rome", "2026-01-31T10:00:00Z", ledger.Term{Months: 1, Days: 1}, "2026-03-02T00:00:00+01:00", "2026-03-01"},
		{"31 January and a month", "Europe/Rome", "2026-01-31T10:00:00Z", ledger.Term{Months: 1}, "2026-03-01T00:00:00+01:00", "2026-02-28"},
		{"31 January and a month in a leap year", "Europe/Rome", "2028-01-31T10:00:00Z", ledger.Term{Months: 1}, "2028-03-01T00:00:00+01:00", "2028-02-29"},
		{"29 February and a year", "Europe/Rome", "2028-02-29T10:00:00Z", ledger.Term{Months: 12}, "2029-03-01T00:00:00+01:00", "2029-02-28"},
		{"31 October and a month", "Europe/Rome", "2026-10-31T10:00:00Z", ledger.Term{Months: 1}, "2026-12-01T00:00:00+01:00", "2026-11-30"},
		{"over the year's end", "Europe/Rome", "2026-12-31T10:00:00Z", ledger.Term{Months: 14}, "2028-03-01T00:00:00+01:00", "2028-02-29"},
		{"the local day counts, not that of UTC", "Europe/Rome", "2026-06-30T22:30:00Z", ledger.Term{Months: 1}, "2026-08-02T00:00:00+02:00", "2026-08-01"},
		{"the last instant of a local day", "Europe/Rome", "2026-06-30T21:59:59Z", ledger.Term{Months: 1}, "2026-07-31T00:00:00+02:00", "2026-07-30"},
		{"west of UTC", "America/New_York", "2026-07-01T03:00:00Z", ledger.Term{Days: 1}, "2026-07-02T00:00:00-04:00", "2026-07-01"},
		{"into summer time", "Europe/Rome", "2026-03-01T10:00:00Z", ledger.Term{Days: 28}, "2026-03-30T00:00:00+02:00", "2026-03-29"},
		{"the day before clocks go forward", "Europe/Rome", "2026-03-01T10:00:00Z", ledger.Term{Days: 27}, "2026-03-29T00:00:00+01:00", "2026-03-28"},
		{"the day on which clocks go back", "Europe/Rome", "2026-09-25T10:00:00Z", ledger.Term{Months: 1}, "2026-10-26T00:00:00+01:00", "2026-10-25"},
		{"within the hour that comes twice", "Europe/Rome", "2026-10-25T01:30:00Z", ledger.Term{Days: 1}, "2026-10-27T00:00:00+01:00", "2026-10-26"},
		{"midnight is left out", "America/Havana", "2026-03-06T17:00:00Z", ledger.Term{Days: 1}, "2026-03-08T01:00:00-04:00", "2026-03-07"},
		{"midnight is left out, east of UTC", "Asia/Beirut", "2026-03-27T10:00:00Z", ledger.Term{Days: 1}, "2026-03-29T01:00:00+03:00", "2026-03-28"},
		{"midnight comes twice", "America/Havana", "2026-10-30T17:00:00Z", ledger.Term{Days: 1}, "2026-11-01T00:00:00-04:00", "2026-10-31"},
		{"midnight comes twice, east of UTC", "Asia/Gaza", "2016-10-27T10:00:00Z", ledger.Term{Days: 1}, "2016-10-29T00:00:00+03:00", "2016-10-28"},
		{"the whole next day is left out", "Pacific/Apia", "2011-12-28T20:00:00Z", ledger.Term{Days: 1}, "2011-12-31T00:00:00+14:00", "2011-12-29"},
	} {
		t.Run(c.name, func(t *testing.T) {
			z := zone(t, c.zone)
			got := c.term.After(at(c.begins), z)
			if !got.Equal(at(c.want)) {
				t.Errorf("got %s, want %s", got.In(z).Format(time.RFC3339), c.want)
			}
			if y, m, d := ledger.LastDay(got, z).Date(); time.Date(y, m, d, 0, 0, 0, 0, time.UTC) != at(c.last) {
				t.Errorf("the last day is %d-%02d-%02d, want %s", y, m, d, c.last)
			}
			if got.Location() != time.UTC {
				t.Errorf("in %s, want UTC", got.Location())
			}
		})
	}
}

func TestParseTerm(t *testing.T) {
	for _, c := range []struct {
		text string
		want ledger.Term
		as   string
	}{
		{"12 months", ledger.Term{Months: 12}, "12 months"},
		{"1 month", ledger.Term{Months: 1}, "1 month"},
		{"30 days", ledger.Term{Days: 30}, "30 days"},
		{"1 day", ledger.Term{Days: 1}, "1 day"},
		{"2 weeks", ledger.Term{Days: 14}, "14 days"},
		{"2 years", ledger.Term{Months: 24}, "24 months"},
		{" 1 year  6 months ", ledger.Term{Months: 18}, "18 months"},
		{"1 month 15 days", ledger.Term{Months: 1, Days: 15}, "1 month 15 days"},
		{"100 years", ledger.Term{Months: 1200}, "1200 months"},
	} {
		got, err := ledger.ParseTerm(c.text)
		if err != nil || got != c.want {
			t.Errorf("%q: got %+v, %v, want %+v", c.text, got, err, c.want)
		}
		if got.String() != c.as {
			t.Errorf("%q is written %q, want %q", c.text, got, c.as)
		}
		if back, err := ledger.ParseTerm(got.String()); err != nil || back != got {
			t.Errorf("%q comes back as %+v, %v", got, back, err)
		}
	}
	for text, problem := range map[string]string{
		"":                 "a number or a unit is missing",
		"12":               "a number or a unit is missing",
		"12months":         "a number or a unit is missing",
		"months 12":        `"months" is no whole number`,
		"0 days":           `"0" is no whole number`,
		"-1 days":          `"-1" is no whole number`,
		"1.5 years":        `"1.5" is no whole number`,
		"99999 days":       `"99999" is no whole number`,
		"12 mesi":          `"mesi" is no unit`,
		"12 M":             `"M" is no unit`,
		"1 month 2 months": "the unit month comes twice",
		"101 years":        "more than 100 years",
		"36526 days":       "more than 100 years",
	} {
		_, err := ledger.ParseTerm(text)
		if !errors.Is(err, ledger.ErrTerm) || !strings.Contains(err.Error(), problem) {
			t.Errorf("%q: got %v, want %q", text, err, problem)
		}
	}
}
