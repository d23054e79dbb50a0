package engine_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"entgo.io/ent/dialect"

	"granaio/engine"
	"granaio/loyalty"
	"granaio/programme"
	"granaio/store"
	"granaio/store/storetest"
)

// BenchmarkContention takes purchases of four members from 48 callers at once, by one engine and by three that have nothing but the database in common, as
// processes have.
func BenchmarkContention(b *testing.B) {
	for _, d := range []string{dialect.SQLite, dialect.Postgres} {
		for _, n := range []int{1, 3} {
			b.Run(fmt.Sprint(d, "/", n), func(b *testing.B) { benchmarkContention(b, d, n) })
		}
	}
}

// apart is a shop, and makers of further engines on it, each of which has nothing but the database in common with the others.
func apart(t testing.TB, url string, n int) (*shop, []func() *engine.Engine) {
	t.Helper()
	var first *shop
	makers := make([]func() *engine.Engine, n)
	for i := range makers {
		db, err := store.Open(t.Context(), store.Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		if first == nil {
			first = open(t, db)
		}
		lookups, err := db.Lookups(t.Context(), 8)
		if err != nil {
			t.Fatal(err)
		}
		makers[i] = func() *engine.Engine {
			return engine.New(lookups, shelf{programme.NewLibrary(db)}, first, engine.Options{})
		}
	}
	return first, makers
}

// Rows are waited for in one order everywhere: however much three processes want the same members, the same keys, the same budget and the same pieces at once, in batches,
// none ever waits for another that waits for it. PostgreSQL would find that out only after longer than a request may take.
func TestProcessesNeverWaitForEachOther(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		if strings.HasPrefix(url, "postgres") {
			url += "&deadlock_timeout=2min"
		}
		const lanes = 4
		s, makers := apart(t, url, lanes)
		const members = 6
		refs := make([]engine.Ref, members)
		for m := range refs {
			id, _ := s.given(t, fmt.Sprintf("m%d@example.com", m))
			refs[m] = engine.Ref{ID: id}
		}
		mug := s.reward(t, "mug")
		requests := func(round, lane int) (all []engine.Request) {
			for i, m := range rand.New(rand.NewPCG(uint64(round), uint64(lane))).Perm(members) {
				key := fmt.Sprint(round, " ", i/2) // others use it too
				one, other := refs[m], refs[(m+1)%members]
				switch i {
				case 0:
					all = append(all, &engine.Redeem{Origin: s.origin(key), Member: one, Reward: mug})
				case 1:
					o := s.operation(key, loyalty.Transfer{Points: 1}, one, other)
					all = append(all, &o)
				case 2, 3, 4: // until the budget runs out
					all = append(all, &engine.Track{
						Origin: s.origin(fmt.Sprint(key, lane, i)), Member: one, Event: "draw", Touchpoint: "web", Properties: map[string]any{"cut": i != 3},
					})
				default:
					p := s.purchase(key, fmt.Sprintf("m%d@example.com", m), "1.00")
					all = append(all, &p)
				}
			}
			return all
		}
		for round := 0; round < 10 && !t.Failed(); round++ { // with engines that have not met anybody yet, each
			var all sync.WaitGroup
			for lane := range lanes {
				all.Go(func() {
					e := makers[lane]()
					defer e.Close()
					for range 2 {
						for _, r := range e.All(t.Context(), requests(round, lane)) {
							if r.Err != nil {
								t.Error(r.Err)
							}
						}
					}
				})
			}
			all.Wait()
		}
		s.sound(t)
	})
}

func benchmarkContention(b *testing.B, d string, n int) {
	first, makers := apart(b, storetest.URL(b, d), n)
	engines := make([]*engine.Engine, n)
	for i, make := range makers {
		engines[i] = make()
		defer engines[i].Close()
	}
	const members, callers = 4, 48
	for m := range members {
		if o, err := first.Enrol(b.Context(), first.enrolment(fmt.Sprintf("m%d@example.com", m))); err != nil || o.Refusal != nil {
			b.Fatal(o, err)
		}
	}
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for c := range callers {
		all.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				r := first.purchase(fmt.Sprint("k", i), fmt.Sprintf("m%d@example.com", i%members), "1.00")
				if o, err := engines[c%n].Track(b.Context(), r); err != nil || o.Refusal != nil {
					b.Error(o, err)
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "interactions/s")
}
