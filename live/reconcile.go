package live

import (
	"context"
	"slices"
	"time"

	"granaio/loyalty/fact"
)

const (
	beats       = 10  // parts of a period: each topic is compared with the database in one of them
	chunk       = 500 // of one kind in one read
	readTimeout = 10 * time.Second
)

// compareSoon has the comparing look at once whether there is something to do.
func (h *Hub) compareSoon() {
	select {
	case h.wake <- struct{}{}:
	default: // it has been told
	}
}

// reconcile compares what is watched with the database, until the hub closes: on each beat those whose turn it is, those for which something
// falls due when it does, and all of them when NATS is back.
func (h *Hub) reconcile() {
	step := max(h.config.Period/beats, time.Millisecond)
	beat, next := 0, time.Now().Add(step)
	timer := time.NewTimer(step)
	defer timer.Stop()
	failed := false
	for {
		select {
		case <-h.life.Done():
			return
		case <-h.wake:
		case <-timer.C:
		}
		all := h.back.Swap(false)
		if all {
			h.flush()
		}
		now, turn := time.Now(), -1
		if !now.Before(next) {
			beat, next = (beat+1)%beats, now.Add(step)
			turn = beat
		}
		topics, wake := h.stale(now, next, turn, all)
		for _, f := range []*feed{h.accounts, h.tiers, h.timelines} {
			for part := range slices.Chunk(topics[f], chunk) {
				err := h.compare(f, part)
				if err != nil && !failed && h.life.Err() == nil {
					h.log.Warn("what is watched could not be compared with the database", "of", f.name, "error", err)
				}
				failed = err != nil
			}
		}
		timer.Reset(max(time.Until(wake), time.Millisecond))
	}
}

// stale is the topics to be read now, by kind, and when to go on: at the next beat, or sooner if something falls due.
func (h *Hub) stale(now, next time.Time, turn int, all bool) (topics map[*feed][]*topic, wake time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	topics, wake = make(map[*feed][]*topic), next
	for _, t := range h.topics {
		due := !t.due.IsZero() && !now.Before(t.due)
		if all || due || t.beat == turn {
			topics[t.feed] = append(topics[t.feed], t)
		}
		switch {
		case due:
			t.due = time.Time{} // asked for once; should it have come too early, the next turn repairs it
		case !t.due.IsZero() && t.due.Before(wake):
			wake = t.due
		}
	}
	h.nextWake = wake
	return topics, wake
}

// compare reads what topics of one kind are about in one read and takes in what is newer.
func (h *Hub) compare(f *feed, topics []*topic) error {
	ids := make([]fact.ID, len(topics))
	for i, t := range topics {
		ids[i] = t.id
	}
	ctx, cancel := context.WithTimeout(h.life, readTimeout)
	defer cancel()
	found, err := f.read(ctx, ids)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range topics {
		news, ok := found[t.id]
		before := t.latest
		if ok && h.learn(t, news) && before != nil && news.missed(before) {
			h.repaired.Add(1)
		}
	}
	return nil
}
