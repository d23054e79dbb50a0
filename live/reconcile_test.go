package live_test

import (
	"testing"
	"time"

	"granaio/live"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

func TestALostMessageIsRepaired(t *testing.T) {
	h, d := open(t, live.Config{Period: 50 * time.Millisecond})
	a := account()
	d.set(a)
	news := watch(t.Context(), t, h, d, a.Account)
	next(t, news)
	d.set(version(a, 2)) // committed, and never announced
	until(t, news, 2)
	if s := h.Stats(); s.Repaired != 1 {
		t.Errorf("repaired %d, want 1", s.Repaired)
	}
}

func TestComparingOutlivesAnAbsentDatabase(t *testing.T) {
	h, d := open(t, live.Config{Period: 20 * time.Millisecond})
	a := account()
	d.set(a)
	news := watch(t.Context(), t, h, d, a.Account)
	next(t, news)
	d.mu.Lock()
	d.broken = true
	d.mu.Unlock()
	failures := func() int {
		d.mu.Lock()
		defer d.mu.Unlock()
		return len(d.reads)
	}
	already := failures()
	eventually(t, "it is tried again", func() bool { return failures() > already+2 })
	d.mu.Lock()
	d.broken = false
	d.mu.Unlock()
	d.set(version(a, 2))
	until(t, news, 2)
}

func TestComparingReadsManyAtOnce(t *testing.T) {
	h, d := open(t, live.Config{Period: 100 * time.Millisecond})
	const accounts = 6000
	for range accounts {
		a := account()
		d.set(a)
		watch(t.Context(), t, h, d, a.Account)
	}
	d.mu.Lock()
	d.reads = nil
	d.mu.Unlock()
	seen, reads, read := make(map[fact.ID]bool), 0, 0
	eventually(t, "every account is compared", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		for _, r := range d.reads {
			if len(r) > 500 {
				t.Fatalf("a read of %d accounts, more than 500", len(r))
			}
			reads, read = reads+1, read+len(r)
			for _, id := range r {
				seen[id] = true
			}
		}
		d.reads = nil
		return len(seen) == accounts
	})
	if read/reads < 200 { // 600 a beat make reads of 500 and of 100
		t.Errorf("%d accounts in %d reads", read, reads)
	}
}

func TestWhatFallsDueIsShownWhenItDoes(t *testing.T) {
	h, d := open(t, live.Config{}) // nothing is compared for an hour but what falls due
	a := account()
	a.Pending, a.NextDue = 10, fact.Instant(time.Now().Add(150*time.Millisecond))
	d.set(a)
	news := watch(t.Context(), t, h, d, a.Account)
	if first := next(t, news); first != a {
		t.Fatalf("first %+v", first)
	}
	n := next(t, news)
	if early := time.Until(a.NextDue); early > 0 {
		t.Errorf("shown %v before it fell due", early)
	}
	if n.Pending != 0 || n.Available != 11 || n.Version != 1 || !n.At.After(a.At) || !n.Newer(a) {
		t.Errorf("matured to %+v", n)
	}
	h.Account(programme, a) // late news from before
	booked := loyalty.AccountNews{Account: a.Account, Version: 2, Balances: n.Balances, At: n.At}
	h.Account(programme, booked)
	if n := next(t, news); n != booked {
		t.Errorf("then %+v, want %+v", n, booked)
	}
}
