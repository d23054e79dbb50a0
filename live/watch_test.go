package live_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"granaio/live"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

func TestAWatcherSeesThePresentThenWhatIsNewer(t *testing.T) {
	h, d := open(t, live.Config{})
	a := version(account(), 3)
	d.set(a)
	news := watch(t.Context(), t, h, d, a.Account)
	if first := next(t, news); first != a {
		t.Errorf("first %+v, want %+v", first, a)
	}
	for _, v := range []int64{2, 3, 5, 4, 5, 6} { // as it may happen when several processes announce
		h.Account(programme, version(a, v))
	}
	if last := until(t, news, 6); last != version(a, 6) {
		t.Errorf("last %+v", last)
	}
	select {
	case n := <-news:
		t.Errorf("and then %+v", n)
	case <-time.After(20 * time.Millisecond):
	}
}

func TestNothingFallsBetweenListeningAndReading(t *testing.T) {
	h, _ := open(t, live.Config{})
	a := account()
	stale := func(context.Context) (loyalty.AccountNews, error) {
		h.Account(programme, version(a, 2)) // committed while the snapshot is read, too late to be in it
		return a, nil
	}
	news, err := h.WatchAccount(t.Context(), programme, a.Account, stale)
	if err != nil {
		t.Fatal(err)
	}
	until(t, news, 2)
}

func TestASlowReaderSkipsToTheLatest(t *testing.T) {
	h, d := open(t, live.Config{})
	a := account()
	d.set(a)
	slow, quick := watch(t.Context(), t, h, d, a.Account), watch(t.Context(), t, h, d, a.Account)
	for v := range int64(1000) {
		h.Account(programme, version(a, v+2))
	}
	until(t, quick, 1001) // nobody waits for the slow one
	if n := next(t, slow); n.Version != 1001 {
		t.Errorf("the slow reader gets version %d, want 1001", n.Version)
	}
}

func TestNewsOfOtherAccountsAndProgrammesIsNotHeard(t *testing.T) {
	h, d := open(t, live.Config{})
	a, b := account(), account()
	d.set(a)
	news := watch(t.Context(), t, h, d, a.Account)
	next(t, news)
	h.Account(programme, version(b, 8))
	h.Account(fact.NewID(fact.KindProgramme), version(a, 9))
	h.Account(programme, version(a, 2))
	if n := next(t, news); n != version(a, 2) {
		t.Errorf("heard %+v", n)
	}
}

func TestAWatchThatCannotBeginLeavesNothingBehind(t *testing.T) {
	h, d := open(t, live.Config{})
	a := account()
	forbidden := errors.New("no such account")
	_, err := h.WatchAccount(t.Context(), programme, a.Account, func(context.Context) (loyalty.AccountNews, error) {
		return loyalty.AccountNews{}, forbidden
	})
	if !errors.Is(err, forbidden) {
		t.Errorf("%v, want the reader's error", err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if news, err := h.WatchAccount(over, programme, a.Account, d.one(a.Account)); err == nil {
		ended(t, news)
	}
	if _, err := h.WatchAccount(t.Context(), programme, fact.NewID(fact.KindMember), d.one(a.Account)); err == nil {
		t.Error("a member is watched as an account")
	}
	if _, err := h.WatchTier(t.Context(), programme, a.Account, d.tier(a.Account)); err == nil {
		t.Error("an account is watched as a member")
	}
	eventually(t, "nothing is watched", func() bool { return h.Stats() == live.Stats{} })
}

func TestAWatchEndsWithItsContext(t *testing.T) {
	h, d := open(t, live.Config{})
	a := account()
	d.set(a)
	ctx, cancel := context.WithCancel(t.Context())
	leaving, staying := watch(ctx, t, h, d, a.Account), watch(t.Context(), t, h, d, a.Account)
	if s := h.Stats(); s.Accounts != 1 || s.Watchers != 2 {
		t.Errorf("watched: %+v", s)
	}
	cancel()
	ended(t, leaving)
	h.Account(programme, version(a, 2))
	until(t, staying, 2)
}

func TestClosingEndsEverything(t *testing.T) {
	before := runtime.NumGoroutine()
	d := &database{accounts: make(map[fact.ID]loyalty.AccountNews)}
	h, err := live.Open(t.Context(), live.Config{Accounts: d.many, Tiers: d.tiers, Timelines: d.timelines})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Check(t.Context()); err != nil {
		t.Error(err)
	}
	var all []<-chan loyalty.AccountNews
	for range 50 {
		a := account()
		d.set(a)
		all = append(all, watch(t.Context(), t, h, d, a.Account))
	}
	for range 2 { // closing twice is closing once
		if err := h.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, news := range all {
		ended(t, news)
	}
	if _, err := h.WatchAccount(t.Context(), programme, account().Account, nil); !errors.Is(err, live.ErrClosed) {
		t.Errorf("a closed hub answers %v", err)
	}
	h.Account(programme, account()) // is dropped
	if h.Check(t.Context()) == nil {
		t.Error("a closed hub says that it is well")
	}
	eventually(t, "every goroutine ends", func() bool { return runtime.NumGoroutine() <= before })
}

func TestAHubNeedsAWayToReadAndAServer(t *testing.T) {
	d := new(database)
	for _, c := range []live.Config{{}, {Accounts: d.many, Timelines: d.timelines}, {Tiers: d.tiers, Timelines: d.timelines}, {Accounts: d.many, Tiers: d.tiers}} {
		if _, err := live.Open(t.Context(), c); err == nil {
			t.Error("a hub that could not repair everything was opened")
		}
	}
	for _, url := range []string{"nats://anna:secret@127.0.0.1:1", "nats://anna:secret@%zz"} {
		_, err := live.Open(t.Context(), live.Config{Accounts: d.many, Tiers: d.tiers, Timelines: d.timelines, URL: url})
		if err == nil {
			t.Fatalf("%s: opened", url)
		}
		if text := err.Error(); strings.Contains(text, "secret") {
			t.Errorf("the error tells the password: %s", text)
		}
	}
}

func TestWatchersComeAndGoWhileNewsFlows(t *testing.T) {
	h, d := open(t, live.Config{Period: 20 * time.Millisecond})
	accounts := make([]loyalty.AccountNews, 5)
	for i := range accounts {
		accounts[i] = account()
		d.set(accounts[i])
	}
	const last = 300
	var all sync.WaitGroup
	all.Go(func() {
		for v := range int64(last) {
			for _, a := range accounts {
				d.set(version(a, v+1))
				h.Account(programme, version(a, v+1))
			}
			time.Sleep(100 * time.Microsecond)
		}
	})
	for g := range 8 {
		all.Go(func() {
			a := accounts[g%len(accounts)].Account
			for range 50 {
				ctx, cancel := context.WithCancel(t.Context())
				news, err := h.WatchAccount(ctx, programme, a, d.one(a))
				if err != nil {
					t.Error(err)
				}
				cancel()
				for range news {
				}
			}
			news, err := h.WatchAccount(t.Context(), programme, a, d.one(a))
			if err != nil {
				t.Error(err)
				return
			}
			seen := int64(0)
			for n := range news {
				if n.Version <= seen {
					t.Errorf("version %d after %d", n.Version, seen)
				}
				if seen = n.Version; seen == last {
					return
				}
			}
		})
	}
	all.Wait()
}
