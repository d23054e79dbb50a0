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
