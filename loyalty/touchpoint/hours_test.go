package touchpoint_test

import (
	"strings"
	"testing"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/touchpoint"
)

func compile(t *testing.T, spec touchpoint.Spec) (*touchpoint.Touchpoint, []fact.Problem) {
	t.Helper()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	spec.Key, spec.Name, spec.Kind = "x", fact.Text{"en": "X"}, touchpoint.Store
	r := fact.NewReport()
	all := touchpoint.Compile([]touchpoint.Spec{spec}, nil, fact.Setting{Zone: rome, Languages: []string{"en"}}, r)
	return all[0], r.Problems()
}

func TestATouchpointIsOpenByTheClockOnItsWall(t *testing.T) {
	shop := touchpoint.Spec{Hours: &touchpoint.HoursSpec{
		Weekly: map[string][]string{"monday": {"15:00-19:30", "09:00-13:00"}, "saturday": {"22:00-24:00"}, "sunday": {"00:00-03:00"}},
		Exceptions: []touchpoint.ExceptionSpec{
			{From: "2026-12-24", Open: []string{"09:00-12:00"}}, {From: "2026-12-25", Until: "2026-12-28"},
		},
	}}
	tokyo := shop
	hours := *shop.Hours
	hours.Zone = "Asia/Tokyo"
	tokyo.Hours = &hours
	for _, c := range []struct {
		spec touchpoint.Spec
		at   string
		open bool
	}{
		{shop, "2026-11-23T09:00:00+01:00", true}, // a Monday
		{shop, "2026-11-23T08:59:59+01:00", false},
		{shop, "2026-11-23T13:00:00+01:00", false},
		{shop, "2026-11-23T19:29:59+01:00", true},
		{shop, "2026-11-23T08:30:00Z", true},
		{shop, "2026-11-24T10:00:00+01:00", false},
		{shop, "2026-07-06T07:30:00Z", true}, // in summer
		{shop, "2026-11-21T23:59:59+01:00", true},
		{shop, "2026-11-22T02:59:00+01:00", true},
		{shop, "2026-10-25T00:30:00Z", true}, // 02:30 for the first time
		{shop, "2026-10-25T01:30:00Z", true}, // and for the second
		{shop, "2026-10-25T02:30:00Z", false},
		{shop, "2026-12-24T11:00:00+01:00", true}, // a Thursday
		{shop, "2026-12-28T10:00:00+01:00", false},
		{tokyo, "2026-11-23T00:30:00Z", true}, // 09:30 there
		{tokyo, "2026-11-23T08:30:00Z", true}, // 17:30
		{tokyo, "2026-11-23T11:00:00Z", false},
	} {
		x, problems := compile(t, c.spec)
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
		if got := x.Hours.Open(at); got != c.open {
			t.Errorf("it is open at %s: %t", c.at, got)
		}
	}
}

func TestMistakesOfATouchpointAreTold(t *testing.T) {
	weekly := func(day string, open ...string) touchpoint.Spec {
		return touchpoint.Spec{Hours: &touchpoint.HoursSpec{Weekly: map[string][]string{day: open}}}
	}
	except := func(all ...touchpoint.ExceptionSpec) touchpoint.Spec {
		return touchpoint.Spec{Hours: &touchpoint.HoursSpec{Exceptions: all}}
	}
	for mistake, c := range map[string]struct {
		path string
		spec touchpoint.Spec
	}{
		"“12:00-14:00” overlaps “09:00-13:00”":               {"[0].hours.weekly.monday[1]", weekly("monday", "09:00-13:00", "12:00-14:00")},
		"“22:00-02:00” ends before it begins":                {"[0].hours.weekly.friday[0]", weekly("friday", "22:00-02:00")},
		"“9-13” is not an opening, such as 09:00-13:00":      {"[0].hours.weekly.monday[0]", weekly("monday", "9-13")},
		"“munday” is not a day of the week":                  {"[0].hours.weekly.munday", weekly("munday", "09:00-13:00")},
		"opening hours say when it is open":                  {"[0].hours", touchpoint.Spec{Hours: &touchpoint.HoursSpec{}}},
		"“Europe/Rom” is not a time zone":                    {"[0].hours.zone", touchpoint.Spec{Hours: &touchpoint.HoursSpec{Zone: "Europe/Rom", Weekly: map[string][]string{"monday": {"09:00-13:00"}}}}},
		"it ends, on 2026-12-24, before it begins":           {"[0].hours.exceptions[0].until", except(touchpoint.ExceptionSpec{From: "2026-12-25", Until: "2026-12-24"})},
		"“Christmas” is not a day, such as 2026-12-24":       {"[0].hours.exceptions[0].from", except(touchpoint.ExceptionSpec{From: "Christmas"})},
		"the same day is in exception 1 too":                 {"[0].hours.exceptions[1]", except(touchpoint.ExceptionSpec{From: "2026-12-24", Until: "2026-12-26"}, touchpoint.ExceptionSpec{From: "2026-12-25"})},
		"“91” is not a latitude":                             {"[0].place.latitude", touchpoint.Spec{Place: &touchpoint.PlaceSpec{Latitude: "91", Longitude: "0"}}},
		"“180.000001” is not a longitude":                    {"[0].place.longitude", touchpoint.Spec{Place: &touchpoint.PlaceSpec{Latitude: "-90.0", Longitude: "180.000001"}}},
		"a place has a latitude and a longitude, or neither": {"[0].place", touchpoint.Spec{Place: &touchpoint.PlaceSpec{Latitude: "44.8"}}},
		"a place has an address, coordinates or both":        {"[0].place", touchpoint.Spec{Place: &touchpoint.PlaceSpec{}}},
		"an address is text of at most 300 characters":       {"[0].place.address", touchpoint.Spec{Place: &touchpoint.PlaceSpec{Address: strings.Repeat("x", 301)}}},
		"“A” is not a partner's key":                         {"[0].owner", touchpoint.Spec{Owner: "A"}},
	} {
		_, problems := compile(t, c.spec)
		if len(problems) != 1 || !strings.Contains(problems[0].Message, mistake) || problems[0].Path != c.path {
			t.Errorf("%s at %s is not told, but %v", mistake, c.path, problems)
		}
	}
}
