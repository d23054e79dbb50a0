package engine_test

import (
	"bytes"
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/shopspring/decimal"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/loyalty/fact"
	"granaio/programme"
	"granaio/store"
	"granaio/store/storetest"
)

// shop is a programme with an engine.
type shop struct {
	*engine.Engine
	store *store.Store
	id    fact.ID
	mu    sync.Mutex
	clock time.Time // the engine's; zero for the real one
	news  []loyalty.AccountNews
	tiers []loyalty.TierNews
}

func (s *shop) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clock.IsZero() {
		return time.Now()
	}
	return s.clock
}

func (s *shop) set(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = t
}

// Account implements engine.Announcer.
func (s *shop) Account(_ fact.ID, n loyalty.AccountNews) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.news = append(s.news, n)
}

// Timeline implements engine.Announcer.
func (*shop) Timeline(fact.ID, loyalty.TimelineNews) {}

// Tier implements engine.Announcer.
func (s *shop) Tier(_ fact.ID, n loyalty.TierNews) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tiers = append(s.tiers, n)
}

type shelf struct{ *programme.Library }

func (s shelf) Timeline(ctx context.Context, id fact.ID, number int) (engine.Timeline, error) {
	return s.Library.Timeline(ctx, id, number)
}

// each runs a test on both databases, each with a shop of its own.
func each(t *testing.T, test func(*testing.T, *shop)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.Store) { test(t, open(t, db)) })
}

func eachBench(b *testing.B, test func(*testing.B, *shop)) {
	b.Helper()
	for _, d := range []string{dialect.SQLite, dialect.Postgres} {
		b.Run(d, func(b *testing.B) { test(b, open(b, storetest.On(b, d))) })
	}
}

// open publishes the shop's programme and starts its engine.
func open(t testing.TB, db *store.Store) *shop {
	t.Helper()
	return started(t, db, published(t, db, "shop"))
}

// started is a shop of a programme that is published, with an engine.
func started(t testing.TB, db *store.Store, id fact.ID) *shop {
	t.Helper()
	lookups, err := db.Lookups(t.Context(), 24) // as the server has it; but three engines and their libraries may share it here
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{store: lookups, id: id}
	s.Engine = s.another(0)
	t.Cleanup(s.Engine.Close)
	return s
}

// published publishes the shop's programme under a key.
func published(t testing.TB, db *store.Store, key string) fact.ID {
	t.Helper()
	return imported(t, db, "testdata/shop.yaml", key)
}

// imported publishes the programme of a file under a key.
func imported(t testing.TB, db *store.Store, name, key string) fact.ID {
	t.Helper()
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	file, problems := programme.Parse(name, bytes.Replace(src, []byte("key: shop"), []byte("key: "+key), 1))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	report, problems, err := programme.Import(t.Context(), db, file, "test", time.Now())
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	return report.Programme
}

// another is a further engine on the same database, as another process has.
func (s *shop) another(workers int) *engine.Engine {
	return engine.New(s.store, shelf{programme.NewLibrary(s.store)}, s, engine.Options{Workers: workers, Now: s.now})
}

func (s *shop) origin(key string) engine.Origin {
	return engine.Origin{Programme: s.id, Caller: "operator:anna", Key: key}
}

func email(value string) engine.Identity { return engine.Identity{Kind: fact.Email, Value: value} }

func (s *shop) enrolment(address string) engine.Enrol {
	return engine.Enrol{Origin: s.origin("enrol " + address), Identities: []engine.Identity{email(address)}, Touchpoint: "web"}
}

func (s *shop) purchase(key, address, amount string) engine.Track {
	return engine.Track{
		Origin: s.origin(key), Member: engine.Ref{Identity: email(address)}, Event: "purchase", Touchpoint: "till",
		Value: &engine.MoneyIn{Amount: decimal.RequireFromString(amount)},
	}
}

func (s *shop) reward(t *testing.T, key string) fact.ID {
	t.Helper()
	p, err := programme.NewLibrary(s.store).Current(t.Context(), s.id)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Rewards() {
		if r.Key == key {
			return r.Definition
		}
	}
	t.Fatalf("no reward %s", key)
	return fact.ID{}
}

func granted(t *testing.T) func(o *engine.Outcome, err error) *engine.Outcome {
	return func(o *engine.Outcome, err error) *engine.Outcome {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if o.Refusal != nil {
			t.Fatalf("refused: %s %s: %s", o.Refusal.Code, o.Refusal.Field, o.Refusal.Message)
		}
		return o
	}
}

func refused(t *testing.T, code fact.Code) func(o *engine.Outcome, err error) {
	return func(o *engine.Outcome, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if o.Refusal == nil || o.Refusal.Code != code {
			t.Fatalf("%+v, not %s", o.Refusal, code)
		}
	}
}

func (s *shop) view(t *testing.T, member fact.ID) *engine.View {
	t.Helper()
	views, err := s.Views(t.Context(), s.id, []fact.ID{member})
	if err != nil || views[member] == nil {
		t.Fatalf("no view: %v", err)
	}
	return views[member]
}
