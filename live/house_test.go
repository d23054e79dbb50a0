package live_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"granaio/live"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

var programme = fact.NewID(fact.KindProgramme)

// database stands for the one that the hub is compared with.
type database struct {
	mu       sync.Mutex
	accounts map[fact.ID]loyalty.AccountNews
	standing map[fact.ID]loyalty.TierNews
	changes  map[fact.ID]loyalty.TimelineNews
	reads    [][]fact.ID
	broken   bool
}

func (d *database) set(n loyalty.AccountNews) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.accounts[n.Account] = n
}

// one reads an account as it is now, as a subscription does.
func (d *database) one(account fact.ID) func(context.Context) (loyalty.AccountNews, error) {
	return func(context.Context) (loyalty.AccountNews, error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		return projected(d.accounts[account]), nil
	}
}

func (d *database) many(_ context.Context, accounts []fact.ID) (map[fact.ID]loyalty.AccountNews, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reads = append(d.reads, accounts)
	if d.broken {
		return nil, errors.New("the database is away")
	}
	found := make(map[fact.ID]loyalty.AccountNews)
	for _, id := range accounts {
		if n, ok := d.accounts[id]; ok {
			found[id] = projected(n)
		}
	}
	return found, nil
}

func (d *database) setTier(n loyalty.TierNews) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.standing[n.Member] = n
}

func (d *database) tier(member fact.ID) func(context.Context) (loyalty.TierNews, error) {
	return func(ctx context.Context) (loyalty.TierNews, error) {
		found, err := d.tiers(ctx, []fact.ID{member})
		return found[member], err
	}
}

// tiers reads many: whose time is over has fallen.
func (d *database) tiers(_ context.Context, members []fact.ID) (map[fact.ID]loyalty.TierNews, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	found := make(map[fact.ID]loyalty.TierNews)
	for _, id := range members {
		n, ok := d.standing[id]
		if now := fact.Instant(time.Now()); ok && !n.Until.IsZero() && !now.Before(n.Until) {
			n.Tier, n.Since, n.Until, n.NextDue, n.At = "bronze", n.Until, time.Time{}, time.Time{}, now
		}
		if ok {
			found[id] = n
		}
	}
	return found, nil
}

// timelines reads many.
func (d *database) timelines(_ context.Context, members []fact.ID) (map[fact.ID]loyalty.TimelineNews, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	found := make(map[fact.ID]loyalty.TimelineNews)
	for _, id := range members {
		if n, ok := d.changes[id]; ok {
			found[id] = n
		}
	}
	return found, nil
}

// projected books nothing: what is pending matures when it falls due.
func projected(n loyalty.AccountNews) loyalty.AccountNews {
	if now := fact.Instant(time.Now()); !n.NextDue.IsZero() && !now.Before(n.NextDue) {
		n.Pending, n.Available, n.NextDue = 0, n.Available+n.Pending, time.Time{}
		n.At = now
	}
	return n
}

// open is a hub on a database, closed with the test.
func open(t testing.TB, config live.Config) (*live.Hub, *database) {
	t.Helper()
	d := &database{accounts: make(map[fact.ID]loyalty.AccountNews), standing: make(map[fact.ID]loyalty.TierNews), changes: make(map[fact.ID]loyalty.TimelineNews)}
	config.Accounts, config.Tiers, config.Timelines = d.many, d.tiers, d.timelines
	if config.Period == 0 {
		config.Period = time.Hour // so that nothing is repaired behind the test's back
	}
	config.Log = slog.New(slog.DiscardHandler)
	h, err := live.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return h, d
}

// account is a new account's news, at version 1 with 1 point.
func account() loyalty.AccountNews {
	return version(loyalty.AccountNews{Account: fact.NewID(fact.KindAccount), At: fact.Instant(time.Now())}, 1)
}

// version is the account at another version, with as many points.
func version(n loyalty.AccountNews, v int64) loyalty.AccountNews {
	n.Version, n.Available = v, fact.Points(v)
	return n
}

func watch(ctx context.Context, t testing.TB, h *live.Hub, d *database, account fact.ID) <-chan loyalty.AccountNews {
	t.Helper()
	news, err := h.WatchAccount(ctx, programme, account, d.one(account))
	if err != nil {
		t.Fatal(err)
	}
	return news
}

// next is the watcher's next value.
func next[N any](t testing.TB, news <-chan N) N {
	t.Helper()
	select {
	case n, ok := <-news:
		if !ok {
			t.Fatal("the watch has ended")
		}
		return n
	case <-time.After(10 * time.Second):
		t.Fatal("no news within 10 seconds")
	}
	var none N
	return none
}

// until reads news until the version, and fails if it does not grow.
func until(t testing.TB, news <-chan loyalty.AccountNews, version int64) loyalty.AccountNews {
	t.Helper()
	last := int64(-1)
	for {
		n := next(t, news)
		if n.Version <= last {
			t.Fatalf("version %d after %d", n.Version, last)
		}
		if last = n.Version; last == version {
			return n
		}
	}
}

// ended waits for the end of a watch.
func ended(t testing.TB, news <-chan loyalty.AccountNews) {
	t.Helper()
	timeout := time.After(10 * time.Second)
	for {
		select {
		case _, ok := <-news:
			if !ok {
				return
			}
		case <-timeout:
			t.Fatal("the watch goes on")
		}
	}
}

// eventually waits for what is soon so.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 10 seconds: %s", what)
		}
	}
}
