package schedule_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"granaio/loyalty/fact"
	"granaio/loyalty/schedule"
)

func zone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

var rome = zone("Europe/Rome")

func compile(t interface{ Fatal(...any) }, where *time.Location, specs ...schedule.Spec) schedule.Schedule {
	r := fact.NewReport()
	s := schedule.Compile(specs, fact.Span{}, where, r)
	if len(r.Problems()) > 0 {
		t.Fatal(r.Problems())
	}
	return s
}

func at(text string, where *time.Location) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, where)
	if err != nil {
		panic(err)
	}
	return t
}

var (
	mayWeekends = schedule.Spec{Months: []string{"may"}, Weekdays: []string{"saturday", "sunday"}}
	mornings    = schedule.Spec{Hours: []string{"07:00-09:00"}}
	saturdayOut = schedule.Spec{Weekdays: []string{"saturday"}, Hours: []string{"22:00-02:00"}}
	monthsEnd   = schedule.Spec{Days: []int{-1}}
	twoToThree  = schedule.Spec{Hours: []string{"02:00-03:00"}}
	halfPastTwo = schedule.Spec{Hours: []string{"02:30-04:00"}}
)

func TestOpenings(t *testing.T) {
	for _, c := range []struct {
		name string
		spec schedule.Spec
		open map[string]bool
	}{
		{"weekends in May", mayWeekends, map[string]bool{
			"2026-05-02 00:00": true, "2026-05-03 23:59": true, "2026-05-04 00:00": false, "2026-05-01 23:59": false, "2026-06-06 12:00": false,
		}},
		{"every day 7 to 9", mornings, map[string]bool{"2026-01-01 07:00": true, "2026-07-01 08:59": true, "2026-07-01 09:00": false, "2026-07-01 06:59": false}},
		{"a night that begins on Saturday", saturdayOut, map[string]bool{
			"2026-05-02 22:00": true, "2026-05-03 01:59": true, "2026-05-03 02:00": false, "2026-05-03 22:00": false, "2026-05-02 01:00": false,
		}},
		{"the last of the month", monthsEnd, map[string]bool{"2026-02-28 12:00": true, "2028-02-28 12:00": false, "2028-02-29 12:00": true, "2026-04-30 00:00": true, "2026-05-30 00:00": false}},
		{"the first and the 15th", schedule.Spec{Days: []int{1, 15}}, map[string]bool{"2026-02-01 12:00": true, "2026-02-15 12:00": true, "2026-02-16 00:00": false}},
		{"until midnight", schedule.Spec{Hours: []string{"18:00-24:00"}}, map[string]bool{"2026-02-01 23:59": true, "2026-02-02 00:00": false}},
		{"an hour that is left out", twoToThree, map[string]bool{"2026-03-29 01:59": false, "2026-03-29 03:00": false, "2026-03-30 02:00": true}},
	} {
		s := compile(t, rome, c.spec)
		for text, want := range c.open {
			if s.Holds(at(text, rome)) != want {
				t.Errorf("%s: at %s it is open: %t", c.name, text, !want)
			}
		}
	}
	var always schedule.Schedule
	if next, ok := always.Next(at("2026-05-01 00:00", rome)); !always.Holds(time.Now()) || !ok || !next.Equal(at("2026-05-01 00:00", rome)) {
		t.Error("no schedule is not always open")
	}
}

// The hour from 2 to 3 comes twice on 25 October 2026 in Rome.
func TestHourThatComesTwiceIsOpenTwice(t *testing.T) {
	s := compile(t, rome, twoToThree)
	first := time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC) // 02:00 in summer time
	for after, want := range map[time.Duration]bool{-time.Minute: false, 0: true, 59 * time.Minute: true, time.Hour: true, 119 * time.Minute: true, 2 * time.Hour: false} {
		if s.Holds(first.Add(after)) != want {
			t.Errorf("%s after the first 02:00 it is open: %t", after, !want)
		}
	}
}

func TestNextOpening(t *testing.T) {
	for _, c := range []struct {
		spec       schedule.Spec
		from, want string
	}{
		{mayWeekends, "2026-05-04 00:00", "2026-05-09 00:00"},
		{mayWeekends, "2026-05-31 23:59", "2026-05-31 23:59"},
		{mayWeekends, "2026-06-01 00:00", "2027-05-01 00:00"},
		{mornings, "2026-05-04 09:00", "2026-05-05 07:00"},
		{saturdayOut, "2026-05-03 02:00", "2026-05-09 22:00"},
		{saturdayOut, "2026-05-03 01:00", "2026-05-03 01:00"},
		{twoToThree, "2026-03-28 03:00", "2026-03-30 02:00"}, // the hour of the 29th is left out
		{halfPastTwo, "2026-03-29 01:59", "2026-03-29 03:00"},
		{schedule.Spec{Days: []int{29}, Months: []string{"february"}, Weekdays: []string{"sunday"}}, "2026-01-01 00:00", "2032-02-29 00:00"},
	} {
		if got, ok := compile(t, rome, c.spec).Next(at(c.from, rome)); !ok || !got.Equal(at(c.want, rome)) {
			t.Errorf("%+v next opens after %s at %s, not %s", c.spec, c.from, got.In(rome), c.want)
		}
	}
}

// Next is what looking at every quarter of an hour finds, in zones whose clocks are moved at two, at midnight, and by half an hour.
func TestNextOpeningIsTheFirst(t *testing.T) {
	zones := []*time.Location{rome, zone("America/Havana"), zone("Australia/Lord_Howe"), zone("Asia/Beirut"), time.UTC}
	hours := []string{"00:00-01:00", "00:30-00:45", "02:00-03:00", "22:00-02:00", "23:30-00:30", "07:15-09:00", "00:00-24:00"}
	rapid.Check(t, func(t *rapid.T) {
		where := rapid.SampledFrom(zones).Draw(t, "zone")
		spec := schedule.Spec{
			Days:     rapid.SliceOfNDistinct(rapid.SampledFrom([]int{1, 8, 25, 29, 31, -1, -3}), 0, 3, rapid.ID[int]).Draw(t, "days"),
			Weekdays: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"sunday", "monday", "saturday"}), 0, 2, rapid.ID[string]).Draw(t, "weekdays"),
			Hours:    rapid.SliceOfNDistinct(rapid.SampledFrom(hours), 1, 2, rapid.ID[string]).Draw(t, "hours"),
		}
		s := compile(t, where, spec)
		start := rapid.SampledFrom([]string{"2026-03-05 12:00", "2026-03-28 00:00", "2026-10-03 20:00", "2026-10-24 23:00", "2026-11-01 00:00", "2026-04-05 00:00"}).Draw(t, "start")
		from := at(start, where).Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "quarters")) * 15 * time.Minute)
		next, ok := s.Next(from)
		for step := range 4 * 24 * 10 {
			now := from.Add(time.Duration(step) * 15 * time.Minute)
			if s.Holds(now) {
				if !ok || !next.Equal(now) {
					t.Fatalf("%+v in %s from %s: next is %s, %t; it is open at %s", spec, where, from, next.In(where), ok, now)
				}
				return
			}
		}
		if ok && next.Before(from.AddDate(0, 0, 10)) {
			t.Fatalf("%+v in %s from %s: next is %s, when it is not open", spec, where, from, next.In(where))
		}
	})
}

func TestMistakes(t *testing.T) {
	year := fact.Span{From: at("2026-06-01 00:00", rome), Until: at("2026-09-01 00:00", rome)}
	for _, c := range []struct {
		spec schedule.Spec
		span fact.Span
		path string
		says string
	}{
		{schedule.Spec{}, fact.Span{}, "[0]", "names months, days, weekdays or hours"},
		{schedule.Spec{Months: []string{"mai"}}, fact.Span{}, "[0].months[0]", "did you mean “may”?"},
		{schedule.Spec{Weekdays: []string{"sunday", "sunday"}}, fact.Span{}, "[0].weekdays[1]", "there already"},
		{schedule.Spec{Days: []int{32}}, fact.Span{}, "[0].days[0]", "not a day of a month"},
		{schedule.Spec{Days: []int{0}}, fact.Span{}, "[0].days[0]", "not a day of a month"},
		{schedule.Spec{Hours: []string{"7-9"}}, fact.Span{}, "[0].hours[0]", "not hours"},
		{schedule.Spec{Hours: []string{"07:00-07:00"}}, fact.Span{}, "[0].hours[0]", "not hours"},
		{schedule.Spec{Hours: []string{"07:00-24:01"}}, fact.Span{}, "[0].hours[0]", "not hours"},
		{schedule.Spec{Months: []string{"february"}, Days: []int{30}}, fact.Span{}, "[0]", "never opens"},
		{schedule.Spec{Months: []string{"april", "june"}, Days: []int{-31}}, fact.Span{}, "[0]", "never opens"},
		{mayWeekends, year, "[0]", "never opens from 2026-06-01 00:00 until 2026-09-01 00:00"},
	} {
		r := fact.NewReport()
		schedule.Compile([]schedule.Spec{c.spec}, c.span, rome, r)
		if p := r.Problems(); len(p) != 1 || p[0].Path != c.path || !strings.Contains(p[0].Message, c.says) {
			t.Errorf("%+v: told %v", c.spec, p)
		}
	}
	r := fact.NewReport()
	if schedule.Compile(slices.Repeat([]schedule.Spec{mornings}, 101), fact.Span{}, rome, r); len(r.Problems()) != 1 {
		t.Errorf("too many openings: told %v", r.Problems())
	}
}
