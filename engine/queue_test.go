package engine

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"granaio/loyalty/fact"
)

// hands is workers that do as they are told with what they are given.
func hands(n int) []*worker {
	all := make([]*worker, n)
	for i := range all {
		all[i] = &worker{turns: make(chan turn, 1)}
	}
	return all
}

func everything(*job) bool { return true }

func requestsOf(member fact.ID, n int) []*job {
	all := make([]*job, n)
	for i := range all {
		all[i] = &job{refs: []Ref{{ID: member}}}
	}
	return all
}

// inLane is a new member whose requests are in the lane.
func inLane(q *queue, lane int) fact.ID {
	for {
		if id := fact.NewID(fact.KindMember); q.laneOf(Ref{ID: id}) == q.lanes[lane] {
			return id
		}
	}
}

// Whatever the workers do, a member's requests are taken in the order they came, by one worker at a time, each once, and all of them before the end.
func TestMembersRequestsAreTakenInOrder(t *testing.T) {
	const workers, members, callers, each = 3, 7, 5, 400
	all := hands(workers)
	q := newQueue(all, 16)
	ids := make([]fact.ID, members)
	for i := range ids {
		ids[i] = fact.NewID(fact.KindMember)
	}
	var mu sync.Mutex
	taken := map[fact.ID][]*job{}
	flying := map[fact.ID]bool{}
	var working sync.WaitGroup
	for _, w := range all {
		working.Go(func() {
			for turn := range w.turns {
				jobs := q.gather(turn, nil, everything)
				about := map[fact.ID]bool{}
				mu.Lock()
				for _, j := range jobs {
					id := j.refs[0].ID
					if flying[id] {
						t.Errorf("two workers have requests of %s", id)
					}
					about[id] = true
					taken[id] = append(taken[id], j)
				}
				for id := range about {
					flying[id] = true
				}
				mu.Unlock()
				time.Sleep(50 * time.Microsecond) // as a batch takes its time
				mu.Lock()
				for id := range about {
					delete(flying, id)
				}
				mu.Unlock()
				q.done(w, turn)
			}
		})
	}
	put := map[fact.ID][]*job{}
	var order [members]sync.Mutex // so that what was put is written down as it was put
	var calling sync.WaitGroup
	var write sync.Mutex
	for c := range callers {
		calling.Go(func() {
			chance := rand.New(rand.NewPCG(uint64(c), 1))
			for range each {
				m := chance.IntN(members)
				jobs := requestsOf(ids[m], 1+chance.IntN(3))
				order[m].Lock()
				if err := q.put(t.Context(), jobs...); err != nil {
					t.Error(err)
				}
				write.Lock()
				put[ids[m]] = append(put[ids[m]], jobs...)
				write.Unlock()
				order[m].Unlock()
			}
		})
	}
	calling.Wait()
	q.close()
	working.Wait()
	for id, jobs := range put {
		if len(taken[id]) != len(jobs) {
			t.Fatalf("%d requests of %s were put and %d taken", len(jobs), id, len(taken[id]))
		}
		for i := range jobs {
			if taken[id][i] != jobs[i] {
				t.Fatalf("request %d of %s was not taken in its order", i, id)
			}
		}
	}
	if err := q.put(t.Context(), requestsOf(ids[0], 1)...); !errors.Is(err, ErrClosed) {
		t.Fatalf("a closed queue answers %v", err)
	}
}

// An idle worker begins at once, with whatever waits for anybody; beside it another begins only when many wait, or when the first takes long.
func TestFewWaitForTheBatchBeforeThem(t *testing.T) {
	all := hands(2)
	q := newQueue(all, 256)
	one, other := inLane(q, 0), inLane(q, 1)
	put := func(jobs ...*job) {
		t.Helper()
		if err := q.put(t.Context(), jobs...); err != nil {
			t.Fatal(err)
		}
	}
	put(requestsOf(one, 1)[0], requestsOf(other, 1)[0])
	first := all[1]
	turn1 := <-first.turns
	if jobs := q.gather(turn1, nil, everything); len(jobs) != 2 {
		t.Fatalf("the first batch has %d requests, of two members", len(jobs))
	}
	q.done(first, turn1)

	put(requestsOf(one, 1)...)
	turn1 = <-first.turns
	q.gather(turn1, nil, everything)
	put(requestsOf(other, deep)...) // many: they do not wait
	second := all[0]
	turn2 := <-second.turns
	if jobs := q.gather(turn2, nil, everything); len(jobs) != deep {
		t.Fatalf("the second batch has %d requests", len(jobs))
	}
	q.done(second, turn2)

	put(requestsOf(other, 1)...) // few: they wait until the first takes long, and no longer
	turn2 = <-second.turns
	if jobs := q.gather(turn2, nil, everything); len(jobs) != 1 {
		t.Fatalf("the third batch has %d requests", len(jobs))
	}
	q.done(second, turn2)
	q.done(first, turn1)
	q.close()
}

// A caller is held up while too many wait, and goes on as soon as there is room, or gives up.
func TestCallersAreHeldUp(t *testing.T) {
	all := hands(1)
	q := newQueue(all, 2)
	member := fact.NewID(fact.KindMember)
	if err := q.put(t.Context(), requestsOf(member, q.most)...); err != nil {
		t.Fatal(err)
	}
	hurried, cancel := context.WithCancel(t.Context())
	cancel()
	if err := q.put(hurried, requestsOf(member, 1)...); !errors.Is(err, context.Canceled) {
		t.Fatalf("a caller that gave up is answered %v", err)
	}
	held := make(chan error)
	go func() { held <- q.put(t.Context(), requestsOf(member, 1)...) }()
	turn := <-all[0].turns
	q.gather(turn, nil, everything)
	if err := <-held; err != nil {
		t.Fatal(err)
	}
}

// However much others want, whoever waits alone has its turn.
func TestNobodyIsPassedOverForEver(t *testing.T) {
	all := hands(2)
	q := newQueue(all, 2*deep)
	hot, lonely := inLane(q, 0), inLane(q, 1)
	put := func(member fact.ID, n int) {
		t.Helper()
		if err := q.put(t.Context(), requestsOf(member, n)...); err != nil {
			t.Fatal(err)
		}
	}
	served := make(chan struct{})
	var working sync.WaitGroup
	for _, w := range all {
		working.Go(func() {
			for turn := range w.turns {
				for _, j := range q.gather(turn, nil, everything) {
					if j.refs[0].ID == lonely {
						close(served)
					}
				}
				time.Sleep(overdue / 5)
				q.done(w, turn)
			}
		})
	}
	patience, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	put(hot, 3*deep)
	put(lonely, 1)
	for waiting := true; waiting; { // there is always more for the other
		select {
		case <-served:
			waiting = false
		case <-patience.Done():
			t.Fatal("it was never served")
		default:
			put(hot, deep)
		}
	}
	q.close()
	working.Wait()
}
