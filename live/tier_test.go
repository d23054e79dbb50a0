package live_test

import (
	"context"
	"testing"
	"time"

	"granaio/live"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// silver is a new member's news: in a tier since a while, at version 1.
func silver() loyalty.TierNews {
	now := fact.Instant(time.Now())
	return loyalty.TierNews{
		Member: fact.NewID(fact.KindMember), Version: 1, Tier: "silver", Since: now.Add(-time.Hour), By: "points", At: now,
		Next: loyalty.TierDistance{Tier: "gold", Target: 100, Value: 40},
	}
}

// later is the news at another version, with a change to it.
func later(n loyalty.TierNews, version int64, change func(*loyalty.TierNews)) loyalty.TierNews {
	n.Version, n.At = version, fact.Instant(time.Now())
	change(&n)
	return n
}

func gold(n *loyalty.TierNews) { n.Tier, n.Since, n.Next = "gold", n.At, loyalty.TierDistance{} }

func nothing(*loyalty.TierNews) {}

func watchTier(t testing.TB, h *live.Hub, d *database, member fact.ID) <-chan loyalty.TierNews {
	t.Helper()
	news, err := h.WatchTier(t.Context(), programme, member, d.tier(member))
	if err != nil {
		t.Fatal(err)
	}
	return news
}

func TestAWatcherOfATierSeesThePresentThenWhatIsNewer(t *testing.T) {
	h, d := open(t, live.Config{})
	n, other, a := silver(), silver(), account()
	d.setTier(n)
	d.set(a)
	news, balance := watchTier(t, h, d, n.Member), watch(t.Context(), t, h, d, a.Account)
	if first := next(t, news); first != n {
		t.Errorf("first %+v, want %+v", first, n)
	}
	next(t, balance)
	if s := h.Stats(); s.Accounts != 1 || s.Tiers != 1 || s.Watchers != 2 {
		t.Errorf("watched: %+v", s)
	}
	up := later(n, 5, gold)
	h.Tier(programme, later(other, 9, gold))                                        // another member
	h.Tier(fact.NewID(fact.KindProgramme), later(n, 9, nothing))                    // another programme
	h.Tier(programme, later(n, 3, nothing))                                         // nothing to be seen
	h.Tier(programme, up)                                                           // another tier
	h.Tier(programme, later(n, 4, func(n *loyalty.TierNews) { n.Tier = "bronze" })) // too late
	h.Account(programme, version(a, 2))                                             // on the same way
	if got := next(t, news); got != up {
		t.Errorf("then %+v, want %+v", got, up)
	}
	until(t, balance, 2)
	last := later(up, 6, func(n *loyalty.TierNews) { n.Tier = "bronze" })
	h.Tier(programme, last)
	if got := next(t, news); got != last {
		t.Errorf("last %+v, want %+v", got, last)
	}
}

func TestNothingFallsBetweenListeningToATierAndReadingIt(t *testing.T) {
	h, _ := open(t, live.Config{})
	n := silver()
	up := later(n, 2, gold)
	news, err := h.WatchTier(t.Context(), programme, n.Member, func(context.Context) (loyalty.TierNews, error) {
		h.Tier(programme, up) // committed while the snapshot is read, too late to be in it
		return n, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for got := next(t, news); got != up; got = next(t, news) {
		if got != n {
			t.Fatalf("heard %+v", got)
		}
	}
}

func TestWhatIsMissedOfATierIsRepaired(t *testing.T) {
	h, d := open(t, live.Config{Period: 50 * time.Millisecond})
	n := silver()
	d.setTier(n)
	news := watchTier(t, h, d, n.Member)
	next(t, news)
	nearer := later(n, 3, func(n *loyalty.TierNews) { n.Next.Value = 60 })
	d.setTier(later(n, 2, nothing)) // nothing to be seen
	time.Sleep(150 * time.Millisecond)
	d.setTier(nearer) // not worth an announcement
	if got := next(t, news); got != nearer {
		t.Errorf("then %+v, want %+v", got, nearer)
	}
	if s := h.Stats(); s.Repaired != 0 {
		t.Errorf("%d count as lost, though nothing was announced", s.Repaired)
	}
	up := later(n, 4, gold)
	d.setTier(up) // its announcement was lost
	if got := next(t, news); got != up {
		t.Errorf("then %+v, want %+v", got, up)
	}
	if s := h.Stats(); s.Repaired != 1 {
		t.Errorf("repaired %d, want 1", s.Repaired)
	}
}

func TestATierThatEndsIsShownWhenItDoes(t *testing.T) {
	h, d := open(t, live.Config{}) // nothing is compared for an hour but what falls due
	n := silver()
	n.Until = n.At.Add(150 * time.Millisecond)
	n.NextDue = n.Until
	d.setTier(n)
	news := watchTier(t, h, d, n.Member)
	next(t, news)
	fell := next(t, news)
	if early := time.Until(n.Until); early > 0 {
		t.Errorf("shown %v before", early)
	}
	if fell.Tier != "bronze" || fell.Version != 1 || !fell.At.After(n.At) {
		t.Errorf("fell to %+v", fell)
	}
	h.Tier(programme, later(fell, 2, nothing)) // the clock books it: nothing new
	up := later(fell, 3, gold)
	h.Tier(programme, up)
	if got := next(t, news); got != up {
		t.Errorf("then %+v, want %+v", got, up)
	}
}
