package replay_test

import (
	"bytes"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"granaio/loyalty/fact"
	"granaio/store"
	"granaio/store/storetest"
)

// split parts CDNOW's lines at the end of a day, and works out what each customer's purchases qualify for on each of its days: whole dollars, twice as many in
// November 1997, 50 for the first and 100 for the third in a month. It uses no code of the product.
func split(t *testing.T, path, until string) (before, after []string, earned map[string]map[string]int64) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	earned = map[string]map[string]int64{}
	inMonth := map[string]int{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		who, day := fields[0], fields[1]
		dollars, _, _ := strings.Cut(fields[3], ".")
		var points int64
		for _, digit := range dollars {
			points = 10*points + int64(digit-'0')
		}
		if day[:6] == "199711" {
			points *= 2
		}
		if earned[who] == nil {
			earned[who] = map[string]int64{}
			points += 50
		}
		if inMonth[who+day[:6]]++; inMonth[who+day[:6]] == 3 {
			points += 100
		}
		earned[who][day] += points
		if day <= until {
			before = append(before, strings.TrimSpace(line))
		} else {
			after = append(after, strings.TrimSpace(line))
		}
	}
	return before, after, earned
}

// within tells who has 500 points from after one day to another.
func within(earned map[string]map[string]int64, after, until string) map[string]string {
	tiers := map[string]string{}
	for who, days := range earned {
		sum, here := int64(0), false
		for day, points := range days {
			here = here || day <= until
			if day > after && day <= until {
				sum += points
			}
		}
		switch {
		case sum >= 500:
			tiers[who] = "silver"
		case here:
			tiers[who] = "bronze"
		}
	}
	return tiers
}

// tiers are those of all members as they are booked, by the customer's name, and the members.
func (s *shop) tiers(t *testing.T) (tiers map[string]string, members map[string]fact.ID) {
	t.Helper()
	rows, err := s.store.DB().QueryContext(t.Context(), "SELECT i.value, m.id, coalesce(m.tier, '') FROM identities i JOIN members m ON m.id = i.member_id")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	tiers, members = map[string]string{}, map[string]fact.ID{}
	for rows.Next() {
		var name, tier string
		var id fact.ID
		if err := rows.Scan(&name, &id, &tier); err != nil {
			t.Fatal(err)
		}
		tiers[name], members[name] = tier, id
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return tiers, members
}

func compareTiers(t *testing.T, when string, got, want map[string]string) {
	t.Helper()
	wrong := 0
	for who, tier := range want {
		if got[who] != tier {
			if wrong++; wrong <= 5 {
				t.Errorf("%s: customer %s is in %q, not %q", when, who, got[who], tier)
			}
		}
	}
	if len(got) != len(want) || wrong > 0 {
		t.Errorf("%s: %d of %d members are in another tier; there are %d", when, wrong, len(want), len(got))
	}
}

// Silver takes 500 qualifying points within 12 months, and falls when they are no longer within: at the end of 1997 nothing has left the window yet, on the last
// day of the file the first half of 1997 has.
func TestCDNOWRisesAndFallsByTwelveRollingMonths(t *testing.T) {
	path := cdnow(t)
	src, err := os.ReadFile("testdata/cdnow.yaml")
	if err != nil {
		t.Fatal(err)
	}
	src = bytes.Replace(src, []byte("  events:\n"), []byte("  tiers: {period: rolling, rolling_months: 12, fall: straight}\n\n  events:\n"), 1)
	before, after, earned := split(t, path, "19971231")
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		t.Parallel()
		var clock atomic.Int64
		s := openedWith(t, db, src, func() time.Time { return time.Unix(clock.Load(), 0) })
		clock.Store(time.Date(1997, 12, 31, 23, 0, 0, 0, zone).Unix())
		replayed := func(source string, lines []string) {
			o := s.options(history(t, lines...))
			o.Source = source
			if report := s.replay(t, o); report.Refused != 0 || report.Tracked != int64(len(lines)) {
				t.Fatalf("not every line counted:\n%s", report)
			}
		}
		replayed("until 1997", before)
		first := within(earned, "19961231", "19971231")
		booked, members := s.tiers(t)
		compareTiers(t, "at the end of 1997", booked, first)

		clock.Store(time.Date(1998, 6, 30, 23, 0, 0, 0, zone).Unix())
		replayed("from 1998", after)
		last := within(earned, "19970630", "19980630")
		var fallen []string
		for who, tier := range first {
			if tier == "silver" && last[who] == "bronze" {
				fallen = append(fallen, who)
			}
		}
		if len(fallen) == 0 {
			t.Fatal("nobody falls")
		}
		for _, who := range fallen[:min(len(fallen), 20)] { // whoever reads sees it before it is booked
			views, err := s.engine.Views(t.Context(), s.id, []fact.ID{members[who]})
			if err != nil || views[members[who]].State.Member.Tier != "bronze" {
				t.Errorf("customer %s is not read as bronze, %v", who, err)
			}
		}
		s.settle(t)
		booked, _ = s.tiers(t)
		compareTiers(t, "at the end of June 1998", booked, last)
		var falls int
		if err := s.store.DB().QueryRowContext(t.Context(), "SELECT count(*) FROM tier_changes WHERE reason = 'fell'").Scan(&falls); err != nil {
			t.Fatal(err)
		}
		if falls < len(fallen) {
			t.Errorf("%d members fell and are still down, %d falls are booked", len(fallen), falls)
		}
	})
}

func (s *shop) settle(t *testing.T) {
	t.Helper()
	for {
		if n, err := s.engine.Settle(t.Context(), 500); err != nil {
			t.Fatal(err)
		} else if n == 0 {
			return
		}
	}
}
