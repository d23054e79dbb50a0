package loyalty_test

import (
	"testing"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/ledger"
)

func TestNewsIsOrderedByVersionThenByInstant(t *testing.T) {
	noon := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	seen := loyalty.AccountNews{Version: 7, Balances: ledger.Balances{Pending: 10, Available: 5}, NextDue: noon.Add(time.Hour), At: noon}
	with := func(change func(*loyalty.AccountNews)) loyalty.AccountNews {
		n := seen
		change(&n)
		return n
	}
	matured := func(n *loyalty.AccountNews) { n.Pending, n.Available, n.NextDue = 0, 15, time.Time{} }
	for name, c := range map[string]struct {
		news loyalty.AccountNews
		want bool
	}{
		"the same":                      {seen, false},
		"a higher version":              {with(func(n *loyalty.AccountNews) { n.Version = 8 }), true},
		"a higher version, dated older": {with(func(n *loyalty.AccountNews) { n.Version, n.At = 8, noon.Add(-time.Hour) }), true},
		"a lower version, dated newer":  {with(func(n *loyalty.AccountNews) { n.Version, n.At = 6, noon.Add(time.Hour); matured(n) }), false},
		"later and matured":             {with(func(n *loyalty.AccountNews) { n.At = noon.Add(time.Hour); matured(n) }), true},
		"later and unchanged":           {with(func(n *loyalty.AccountNews) { n.At = noon.Add(time.Minute) }), false},
		"earlier and not yet matured":   {with(func(n *loyalty.AccountNews) { n.At = noon.Add(-time.Hour); matured(n) }), false},
		"later, in another zone's hour": {with(func(n *loyalty.AccountNews) {
			n.At = noon.Add(time.Minute)
			n.NextDue = n.NextDue.In(time.FixedZone("", 3600))
		}), false},
	} {
		if got := c.news.Newer(seen); got != c.want {
			t.Errorf("%s: newer is %v, want %v", name, got, c.want)
		}
	}
}

func TestTierNewsIsOrderedAsThatOfAccounts(t *testing.T) {
	noon := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	seen := loyalty.TierNews{
		Version: 7, Tier: "silver", Since: noon.Add(-time.Hour), Until: noon.Add(time.Hour), By: "points", NextDue: noon.Add(time.Hour), At: noon,
		Next: loyalty.TierDistance{Tier: "gold", Target: 100, Value: 40},
	}
	later := noon.Add(time.Hour)
	fell := func(n *loyalty.TierNews) {
		n.Tier, n.Since, n.Until, n.NextDue = "bronze", later, time.Time{}, time.Time{}
	}
	for name, c := range map[string]struct {
		change      func(*loyalty.TierNews)
		newer, same bool
	}{
		"itself":                         {func(*loyalty.TierNews) {}, false, true},
		"a higher version":               {func(n *loyalty.TierNews) { n.Version = 8 }, true, true},
		"a higher version, dated older":  {func(n *loyalty.TierNews) { n.Version, n.At = 8, noon.Add(-time.Hour); fell(n) }, true, false},
		"a lower version, dated newer":   {func(n *loyalty.TierNews) { n.Version, n.At = 6, later; fell(n) }, false, false},
		"later and fallen":               {func(n *loyalty.TierNews) { n.At = later; fell(n) }, true, false},
		"earlier and not yet fallen":     {func(n *loyalty.TierNews) { n.At = noon.Add(-time.Hour); fell(n) }, false, false},
		"later and unchanged":            {func(n *loyalty.TierNews) { n.At = later }, false, true},
		"later, and due at another time": {func(n *loyalty.TierNews) { n.At, n.NextDue = later, later.Add(1) }, true, true},
		"another tier":                   {func(n *loyalty.TierNews) { n.Tier = "gold" }, false, false},
		"the same tier again":            {func(n *loyalty.TierNews) { n.Since = noon }, false, false},
		"held for longer":                {func(n *loyalty.TierNews) { n.Until = later.Add(1) }, false, false},
		"nearer to the next":             {func(n *loyalty.TierNews) { n.Next.Value = 41 }, false, false},
		"another threshold":              {func(n *loyalty.TierNews) { n.Next.Target = 90 }, false, false},
		"another next":                   {func(n *loyalty.TierNews) { n.Next.Tier = "platinum" }, false, false},
		"another end of the period":      {func(n *loyalty.TierNews) { n.Next.By = later }, false, false},
		"another measure":                {func(n *loyalty.TierNews) { n.By = "spend" }, false, false},
	} {
		n := seen
		if c.change(&n); n.Newer(seen) != c.newer || n.Same(seen) != c.same {
			t.Errorf("%s: newer %v, the same %v", name, n.Newer(seen), n.Same(seen))
		}
	}
}

// News of a tier is as of the instant, and says when time changes it next: where the period ends before the tier does, too.
func TestTierNewsIsAsOfItsInstant(t *testing.T) {
	s := meet(t, falling(loyalty.TierPolicy{Period: "calendar_year", Fall: "straight"}))
	s.buys("2026-03-01 10:00", 10000)
	for _, c := range []struct {
		at, tier, until, due string
		missing              int64
	}{
		{"2026-06-01 00:00", "silver", "2028-01-01 00:00", "2027-01-01 00:00", 400},
		{"2027-06-01 00:00", "silver", "2028-01-01 00:00", "2028-01-01 00:00", 500},
		{"2028-01-01 00:00", "", "", "2029-01-01 00:00", 100},
	} {
		n := s.p.TierNews(s.state, 3, at(c.at))
		var until time.Time
		if c.until != "" {
			until = at(c.until)
		}
		if n.Version != 3 || n.Tier != c.tier || !n.Until.Equal(until) || !n.NextDue.Equal(at(c.due)) || n.Next.Target-n.Next.Value != c.missing {
			t.Errorf("at %s: %+v", c.at, n)
		}
	}
}
