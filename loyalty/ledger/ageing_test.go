package ledger_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

func validity(t *testing.T, text string) ledger.Validity {
	t.Helper()
	v, err := ledger.ParseValidity(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func maturity(t *testing.T, text string) ledger.Maturity {
	t.Helper()
	m, err := ledger.ParseMaturity(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestHowPointsAge(t *testing.T) {
	for _, c := range []struct {
		name, zone, earned, mature, expire string
		activates, last                    string // last is the last day on which they can be spent
	}{
		{"at once, for ever", "Europe/Rome", "2026-03-10T12:00:00Z", "at once", "never", "2026-03-10T12:00:00Z", ""},
		{"at once, for a year", "Europe/Rome", "2026-03-10T12:00:00Z", "at once", "12 months", "2026-03-10T12:00:00Z", "2027-03-10"},
		{"the clock of expiry starts when they are available", "Europe/Rome", "2026-03-10T12:00:00Z", "14 days", "1 month", "2026-03-24T23:00:00Z", "2026-04-25"},
		{"for ever, two weeks from now", "Europe/Rome", "2026-03-10T12:00:00Z", "14 days", "never", "2026-03-24T23:00:00Z", ""},

		{"a day of the year that is to come", "Europe/Rome", "2026-03-10T12:00:00Z", "at once", "31 December", "2026-03-10T12:00:00Z", "2026-12-31"},
		{"a day of the year that was", "Europe/Rome", "2026-03-10T12:00:00Z", "at once", "28 February", "2026-03-10T12:00:00Z", "2027-02-28"},
		{"on that very day", "Europe/Rome", "2026-12-31T22:59:59Z", "at once", "31 December", "2026-12-31T22:59:59Z", "2026-12-31"},
		{"a second after it, here and not in UTC", "Europe/Rome", "2026-12-31T23:00:00Z", "at once", "31 December", "2026-12-31T23:00:00Z", "2027-12-31"},
		{"on that very day, west of UTC", "America/New_York", "2027-01-01T04:00:00Z", "at once", "31 December", "2027-01-01T04:00:00Z", "2026-12-31"},
		{"29 February", "Europe/Rome", "2027-03-01T12:00:00Z", "at once", "29 February", "2027-03-01T12:00:00Z", "2028-02-29"},
		{"29 February where there is none", "Europe/Rome", "2026-03-01T12:00:00Z", "at once", "29 February", "2026-03-01T12:00:00Z", "2027-02-28"},
		{"a day of the year once they are available", "Europe/Rome", "2026-12-20T12:00:00Z", "14 days", "31 December", "2027-01-03T23:00:00Z", "2027-12-31"},
		{"a day on which summer time begins", "Europe/Rome", "2026-03-10T12:00:00Z", "at once", "29 March", "2026-03-10T12:00:00Z", "2026-03-29"},
		{"a day before midnight is left out", "America/Havana", "2026-03-01T12:00:00Z", "at once", "7 March", "2026-03-01T12:00:00Z", "2026-03-07"},

		{"at least so long, and that suffices", "Europe/Rome", "2026-09-30T12:00:00Z", "at once", "31 December after at least 3 months", "2026-09-30T12:00:00Z", "2026-12-31"},
		{"at least so long, to the day", "Europe/Rome", "2026-12-01T12:00:00Z", "at once", "31 December after at least 30 days", "2026-12-01T12:00:00Z", "2026-12-31"},
		{"at least so long, but for a day", "Europe/Rome", "2026-12-02T12:00:00Z", "at once", "31 December after at least 30 days", "2026-12-02T12:00:00Z", "2027-12-31"},
		{"at least so long on that very day", "Europe/Rome", "2026-12-31T12:00:00Z", "at once", "31 December after at least 1 day", "2026-12-31T12:00:00Z", "2027-12-31"},
		{"at least more than a year", "Europe/Rome", "2026-02-01T12:00:00Z", "at once", "31 December after at least 12 months", "2026-02-01T12:00:00Z", "2027-12-31"},

		{"through a date", "Europe/Rome", "2026-03-10T12:00:00Z", "at once", "2027-12-31", "2026-03-10T12:00:00Z", "2027-12-31"},
		{"through a date that is over", "Europe/Rome", "2028-03-10T12:00:00Z", "at once", "2027-12-31", "2028-03-10T12:00:00Z", "2027-12-31"},
		{"from a date on", "Europe/Rome", "2026-03-10T12:00:00Z", "2026-12-24", "1 month", "2026-12-23T23:00:00Z", "2027-01-24"},
		{"from a date on that is over", "Europe/Rome", "2026-12-30T12:00:00Z", "2026-12-24", "1 month", "2026-12-30T12:00:00Z", "2027-01-30"},
		{"as long as there is activity", "Europe/Rome", "2026-03-10T12:00:00Z", "at once", "12 months without activity", "2026-03-10T12:00:00Z", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, z := ledger.Earning{Occurred: at(c.earned)}, zone(t, c.zone)
			e.Age(ledger.Ageing{Matures: maturity(t, c.mature), Expires: validity(t, c.expire)}, z)
			if !e.Activates.Equal(at(c.activates)) {
				t.Errorf("to be spent from %s, want %s", e.Activates, c.activates)
			}
			last := ""
			if !e.Expires.IsZero() {
				last = e.Expires.Add(-time.Nanosecond).In(z).Format(time.DateOnly)
				if first := e.Expires.In(z).Format(time.DateOnly); first == last {
					t.Errorf("they expire within %s, at %s", first, e.Expires)
				}
			}
			if last != c.last {
				t.Errorf("to be spent until %q, want %q", last, c.last)
			}
		})
	}
}

func TestHowLongPointsLastAsData(t *testing.T) {
	for text, want := range map[string]string{
		"12 months": "12 months", "1 year  6 months": "18 months", "never": "never", "31 December": "31 December", "1 may": "1 May",
		"31 December  after at least 3 months": "31 December after at least 3 months", "2027-12-31": "2027-12-31",
		"1 year without activity": "12 months without activity",
	} {
		v, err := ledger.ParseValidity(text)
		if err != nil || v.String() != want {
			t.Errorf("%q: %s, %v, want %q", text, v, err, want)
		}
		data, err := json.Marshal(v)
		var back ledger.Validity
		if err != nil || json.Unmarshal(data, &back) != nil || back != v {
			t.Errorf("%q comes back from %s as %s, %v", text, data, back, err)
		}
	}
	var v ledger.Validity
	if err := json.Unmarshal([]byte(`""`), &v); err != nil || !v.IsZero() {
		t.Errorf("an empty text: %s, %v", v, err)
	}
	if err := json.Unmarshal([]byte(`"soon"`), &v); !errors.Is(err, ledger.ErrValidity) {
		t.Errorf("an unknown text: %v", err)
	}
	for text, problem := range map[string]string{
		"": `write a term such as "12 months", a day of the year such as "31 December"`, "soon": `"soon"`, "12 moons": `"moons" is no unit`,
		"12 Months": `"Months" is no unit`, "31 Dezember": `"Dezember" is no month: did you mean “December”?`, "32 December": "December has the days 1 to 31", "30 February": "February has the days 1 to 29",
		"31 December after 3 months": `"after 3 months" is not understood`, "31 December after at least 3 moons": `"moons" is no unit`,
		"2027-02-29": `there is no "2027-02-29"`, "3027-01-01": "not in the years 1900 to 2999",
		"without activity": "write a term", "0 days without activity": "no whole number",
	} {
		if v, err := ledger.ParseValidity(text); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%q: %s, %v, want %q", text, v, err, problem)
		}
	}
}

func TestWhenPointsMatureAsData(t *testing.T) {
	for text, want := range map[string]ledger.Maturity{
		"14 days": {Term: ledger.Term{Days: 14}}, "at once": {}, "2026-12-24": {Date: fact.DayOf(at("2026-12-24"), time.UTC)},
	} {
		if m, err := ledger.ParseMaturity(text); err != nil || m != want {
			t.Errorf("%q: %+v, %v", text, m, err)
		}
	}
	for text, problem := range map[string]string{
		"": "write a term", "later": `"later"`, "2 moons": `"moons" is no unit`, "2026-12-32": `there is no "2026-12-32"`,
	} {
		if m, err := ledger.ParseMaturity(text); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%q: %+v, %v, want %q", text, m, err, problem)
		}
	}
}

func TestTermBefore(t *testing.T) {
	rome := zone(t, "Europe/Rome")
	for _, c := range []struct {
		name, end string
		term      ledger.Term
		want      string
	}{
		{"30 days before a year's end", "2026-12-31T23:00:00Z", ledger.Term{Days: 30}, "2026-12-01T00:00:00+01:00"},
		{"a month before the last of March, which clamps", "2026-03-31T22:00:00Z", ledger.Term{Months: 1}, "2026-02-28T00:00:00+01:00"},
		{"over the day on which summer time begins", "2026-03-30T22:00:00Z", ledger.Term{Days: 7}, "2026-03-23T00:00:00+01:00"},
		{"over the day on which it ends", "2026-10-31T23:00:00Z", ledger.Term{Days: 7}, "2026-10-24T00:00:00+02:00"},
	} {
		if got := c.term.Before(at(c.end), rome); !got.Equal(at(c.want)) {
			t.Errorf("%s: %s, want %s", c.name, got.In(rome).Format(time.RFC3339), c.want)
		}
	}
	if got := (ledger.Term{Days: 1}).Before(time.Time{}, rome); !got.IsZero() {
		t.Errorf("before never: %s", got)
	}
}
