package machine

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"granaio/auth"
	"granaio/engine"
	"granaio/ent"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/store"
	"granaio/store/storetest"
)

// ground is a database with two engines on it, each with connections of its own, as two processes have. Many runs share it, each with a programme of its own.
type ground struct {
	stores  [2]*store.Store
	library *programme.Library
	engines [2]*engine.Engine
	runs    int
	remove  func() error

	mu     sync.Mutex
	clocks [2]time.Time
	news   []news
}

// news is what was announced, and the number of the account's last movement that was stored by then.
type news struct {
	loyalty.AccountNews
	stored int64
}

// most is how many runs share a database: what a run leaves is looked at by all that follow.
const most = 25

func raise(ctx context.Context, dialect string) (*ground, error) {
	url, remove, err := storetest.Scratch(ctx, dialect)
	if err != nil {
		return nil, err
	}
	g := &ground{remove: remove}
	for i := range g.stores {
		if g.stores[i], err = store.Open(ctx, store.Config{URL: url}); err != nil {
			return nil, err
		}
		if i == 0 {
			if _, err := g.stores[0].Migrate(ctx); err != nil {
				return nil, err
			}
		}
		lookups, err := g.stores[i].Lookups(ctx, 8)
		if err != nil {
			return nil, err
		}
		g.engines[i] = engine.New(lookups, shelf{programme.NewLibrary(g.stores[i])}, g, engine.Options{Workers: 2, Now: func() time.Time { return g.clock(i) }})
	}
	g.library = programme.NewLibrary(g.stores[0])
	return g, nil
}

func (g *ground) close() error {
	for i := range g.engines {
		g.engines[i].Close()
		if err := g.stores[i].Close(); err != nil {
			return err
		}
	}
	return g.remove()
}

type shelf struct{ *programme.Library }

func (s shelf) Timeline(ctx context.Context, id fact.ID, number int) (engine.Timeline, error) {
	return s.Library.Timeline(ctx, id, number)
}

// clock is an engine's.
func (g *ground) clock(i int) time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.clocks[i]
}

// set sets the clocks: the second one is behind by so much.
func (g *ground) set(now time.Time, behind time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.clocks = [2]time.Time{now, now.Add(-behind)}
}

// Account implements engine.Announcer.
func (g *ground) Account(_ fact.ID, n loyalty.AccountNews) {
	row, err := g.stores[0].Ent().Account.Get(auth.System(context.Background(), fact.ID{}), n.Account)
	if err != nil {
		row = &ent.Account{}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.news = append(g.news, news{n, row.Sequence})
}

// Tier implements engine.Announcer.
func (*ground) Tier(fact.ID, loyalty.TierNews) {}

// Timeline implements engine.Announcer.
func (*ground) Timeline(fact.ID, loyalty.TimelineNews) {}

// heard is what was announced since it was asked last.
func (g *ground) heard() []news {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.news
	g.news = nil
	return all
}

// publish makes a version of the programme of a key be in force from now on, which must have the edition's number; the programme's id.
func (g *ground) publish(ctx context.Context, key string, e edition, now time.Time) (fact.ID, error) {
	src, err := os.ReadFile("testdata/shop.yaml")
	if err != nil {
		return fact.ID{}, err
	}
	src = bytes.ReplaceAll(src, []byte("key: KEY"), []byte("key: "+key))
	src = bytes.ReplaceAll(src, []byte("points: RATE"), fmt.Append(nil, "points: ", e.rate))
	src = bytes.ReplaceAll(src, []byte("other_lots: OTHERS"), fmt.Append(nil, "other_lots: ", e.others))
	src = bytes.ReplaceAll(src, []byte("debt: DEBT"), fmt.Append(nil, "debt: ", e.debt))
	merges := map[bool]string{true: "take_back", false: "keep"}[e.takesBack]
	src = bytes.ReplaceAll(src, []byte("merges: MERGES"), fmt.Append(nil, "merges: ", merges))
	file, problems := programme.Parse("shop.yaml", src)
	if len(problems) > 0 {
		return fact.ID{}, fmt.Errorf("shop.yaml: %v", problems)
	}
	report, problems, err := programme.Import(ctx, g.stores[0], file, "test", now)
	if err != nil || len(problems) > 0 {
		return fact.ID{}, fmt.Errorf("import: %v %w", problems, err)
	}
	if report.Version != e.number {
		return fact.ID{}, fmt.Errorf("import: it is version %d, not %d", report.Version, e.number)
	}
	return report.Programme, nil
}
