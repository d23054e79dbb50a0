package engine

import (
	"context"
	"hash/fnv"
	"io"
	"slices"
	"sync"
	"time"
)

// The queue's rhythm.
const (
	// deep is how many requests of a lane start a batch beside another one. What a batch costs the database whatever its size is paid more rarely if fewer wait longer; but with
	// nothing beside it a batch leaves the processors idle while it waits for the disk. Of 1, 4, 8, 12, 16 and 64 tried in turns, 8 did most with 64 callers on two cores.
	deep = 8
	// overdue is how long a lane that nobody works on may be passed over, however few wait there.
	overdue = 10 * time.Millisecond
)

// queue holds the requests that wait, and hands them to workers. It is divided into as many lanes as there are workers: a member's requests are all in one lane, in the
// order they came, and one worker at a time has it.
type queue struct {
	size int // of a batch at most
	most int // requests that wait, before callers are held up

	mu      sync.Mutex
	lanes   []*lane
	waiting int
	idle    []*worker
	working int           // workers with a turn
	alarm   *time.Timer   // rings when what is held up is overdue
	armed   bool          // the alarm will ring
	room    chan struct{} // closed when callers need no longer be held up; nil if none is
	closed  bool
}

// lane is some members' requests. But for those that wait it belongs to the worker that has it.
type lane struct {
	jobs  []*job
	since time.Time // when the first of them began to wait, or was left over
	taken bool
	// look is whether to look for earlier answers before deciding: so after a batch that had some.
	look bool
	// locks is how many batches more are locked at once, since one without locks lost.
	locks int
}

func newQueue(workers []*worker, size int) *queue {
	q := &queue{size: size, most: 4 * size * len(workers), idle: slices.Clone(workers)}
	for range workers {
		q.lanes = append(q.lanes, &lane{})
	}
	q.alarm = time.AfterFunc(time.Hour, q.ring)
	q.alarm.Stop()
	return q
}

// laneOf is the lane of a member by the name that a request has for it. It is the same in every process, so that where several want the same members, each has one worker
// that waits, and not all.
func (q *queue) laneOf(r Ref) *lane {
	if len(q.lanes) == 1 {
		return q.lanes[0]
	}
	h := fnv.New64a()
	_, _ = h.Write(r.ID[:])
	thing := r.thing()
	_, _ = h.Write(thing[:])
	_, _ = io.WriteString(h, string(r.Identity.Kind))
	_, _ = io.WriteString(h, r.Identity.Value)
	return q.lanes[h.Sum64()%uint64(len(q.lanes))]
}

// put takes requests. While too many wait it holds their caller up.
func (q *queue) put(ctx context.Context, jobs ...*job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.waiting >= q.most {
		if q.room == nil {
			q.room = make(chan struct{})
		}
		room := q.room
		q.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
		}
		q.mu.Lock()
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if q.closed {
		return ErrClosed
	}
	now := time.Now()
	for _, j := range jobs {
		s := q.laneOf(j.refs[0])
		if len(s.jobs) == 0 {
			s.since = now
		}
		s.jobs = append(s.jobs, j)
	}
	q.waiting += len(jobs)
	q.dispatch()
	return nil
}

// turn is lanes that a worker has for a while.
type turn []*lane

// dispatch gives turns to idle workers. An idle system begins at once. Beside another batch one begins only if it will be large, or if it has waited long.
func (q *queue) dispatch() {
	for len(q.idle) > 0 && q.waiting > 0 {
		t, in := q.next(time.Now())
		if t == nil {
			if in > 0 && !q.armed {
				q.armed = true
				q.alarm.Reset(in)
			}
			return
		}
		for _, s := range t {
			s.taken = true
		}
		w := q.idle[len(q.idle)-1]
		q.idle = q.idle[:len(q.idle)-1]
		q.working++
		w.turns <- t
	}
}

// next is the lanes that a worker is to take now; if none, in how long one will be overdue, 0 for none.
func (q *queue) next(now time.Time) (t turn, in time.Duration) {
	var all turn
	var longest, eldest *lane
	sum := 0
	for _, s := range q.lanes {
		if s.taken || len(s.jobs) == 0 {
			continue
		}
		if longest == nil || len(s.jobs) > len(longest.jobs) {
			longest = s
		}
		if eldest == nil || s.since.Before(eldest.since) {
			eldest = s
		}
		if s.locks == 0 {
			all, sum = append(all, s), sum+len(s.jobs)
		}
	}
	if longest == nil {
		return nil, 0
	}
	left := overdue - now.Sub(eldest.since)
	switch {
	case q.working == 0 && eldest.locks == 0 && sum < 2*deep:
		return all, 0
	case left <= 0:
		return turn{eldest}, 0
	case q.working == 0 || len(longest.jobs) >= deep:
		return turn{longest}, 0
	}
	return nil, left
}

// ring begins what is overdue.
func (q *queue) ring() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.armed = false
	q.dispatch()
}

// gather adds what waits in the turn's lanes to a batch, for as long as it fits, in its order.
func (q *queue) gather(t turn, jobs []*job, fits func(*job) bool) []*job {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range t {
		n := 0
		for n < len(s.jobs) && len(jobs)+n < q.size && fits(s.jobs[n]) {
			n++
		}
		jobs = append(jobs, s.jobs[:n]...)
		rest := copy(s.jobs, s.jobs[n:])
		clear(s.jobs[rest:])
		s.jobs = s.jobs[:rest]
		if q.waiting -= n; n > 0 {
			s.since = time.Now()
		}
	}
	if q.room != nil && q.waiting < q.most {
		close(q.room)
		q.room = nil
	}
	return jobs
}

// done takes a worker's turn back.
func (q *queue) done(w *worker, t turn) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, s := range t {
		s.taken = false
	}
	q.idle = append(q.idle, w)
	q.working--
	q.dispatch()
	q.end()
}

// close takes no more requests. The workers end when all are answered.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.end()
}

// end ends the workers once there is nothing left to do.
func (q *queue) end() {
	if q.closed && q.waiting == 0 && q.working == 0 {
		for _, w := range q.idle {
			close(w.turns)
		}
		q.idle = nil
		q.alarm.Stop()
	}
}
