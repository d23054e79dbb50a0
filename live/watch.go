package live

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// inboxSize is how many messages may wait to be handed to watchers.
const inboxSize = 1 << 14

// topic is something that is watched. All but its constants is guarded by the hub's lock.
type topic struct {
	feed    *feed
	id      fact.ID
	subject string
	beat    int // the part of the period in which it is compared with the database

	listening    chan struct{}      // closed once NATS was asked; below is then set
	subscription *nats.Subscription // nil if err
	err          error

	users    int // watchers, and those about to be
	watchers []watcher
	latest   item      // nil while nothing is known; every watcher has been offered it, or what shows the same
	due      time.Time // when to read it again since something falls due; zero for never
}

// watcher is one who watches. Only the hub calls it, under its lock.
type watcher interface {
	offer(news item)
	close()
	place() *int // in the topic's watchers; -1 once closed
}

// reader is a watcher who is handed news as N.
type reader[N any] struct {
	news chan N // with room for one
	take func(item) N
	at   int
}

// offer puts the news in the watcher's one place, and throws out what is there.
func (w *reader[N]) offer(news item) {
	select {
	case <-w.news:
	default:
	}
	w.news <- w.take(news) // there is room: nobody else sends
}

func (w *reader[N]) close() {
	w.at = -1
	close(w.news)
}

func (w *reader[N]) place() *int { return &w.at }

// WatchAccount watches an account until ctx ends or the hub closes; the channel is then closed. The first value is the account as read says it is
// (or newer), and each later one is newer than the one before. read is called once, before WatchAccount returns, with ctx; it projects to now, as
// Config.Read does. Whether the caller may see the account is not asked here.
func (h *Hub) WatchAccount(ctx context.Context, programme, account fact.ID,
	read func(context.Context) (loyalty.AccountNews, error)) (<-chan loyalty.AccountNews, error) {
	return join(ctx, h, h.accounts, programme, account, read, putAccount, takeAccount)
}

// WatchTier watches where a member stands among the tiers, in the same way. A change of tier comes at once; that something else has changed, such as how far it is to the
// next tier, comes by comparing with the database. What changes nothing of it is left out.
func (h *Hub) WatchTier(ctx context.Context, programme, member fact.ID,
	read func(context.Context) (loyalty.TierNews, error)) (<-chan loyalty.TierNews, error) {
	return join(ctx, h, h.tiers, programme, member, read, putTier, takeTier)
}

// WatchTimeline watches what happens to a member, in the same way.
func (h *Hub) WatchTimeline(ctx context.Context, programme, member fact.ID,
	read func(context.Context) (loyalty.TimelineNews, error)) (<-chan loyalty.TimelineNews, error) {
	return join(ctx, h, h.timelines, programme, member, read, putTimeline, takeTimeline)
}

// join begins a watch.
func join[N any](ctx context.Context, h *Hub, f *feed, programme, id fact.ID, read func(context.Context) (N, error), put func(N) item, take func(item) N) (<-chan N, error) {
	if programme.Kind() != fact.KindProgramme || id.Kind() != f.of {
		return nil, fmt.Errorf("live: %q of %q has no news of the kind %q", id, programme, f.name)
	}
	t, err := h.use(ctx, f, f.subject(programme, id), id)
	if err != nil {
		return nil, err
	}
	now, err := read(ctx)
	if err != nil {
		h.release(t)
		return nil, err
	}
	w := &reader[N]{news: make(chan N, 1), take: take}
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil, ErrClosed
	}
	h.learn(t, put(now))
	w.at = len(t.watchers)
	t.watchers = append(t.watchers, w)
	h.watchers++
	w.offer(t.latest)
	h.mu.Unlock()
	context.AfterFunc(ctx, func() { h.leave(t, w) })
	return w.news, nil
}

// use is the topic of a subject, once NATS listens to it. Whoever uses it must release it.
func (h *Hub) use(ctx context.Context, f *feed, subject string, id fact.ID) (*topic, error) {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil, ErrClosed
	}
	t, found := h.topics[subject]
	if !found {
		t = &topic{feed: f, id: id, subject: subject, beat: h.nextBeat, listening: make(chan struct{})}
		h.nextBeat = (h.nextBeat + 1) % beats
		h.topics[subject] = t
		if f == h.timelines {
			h.timelinesWatched.Add(1) // before NATS listens and the present state is read, so that nothing falls between
		}
	}
	t.users++
	h.mu.Unlock()

	if !found { // whatever becomes of ctx: others may be waiting for it
		if t.subscription, t.err = h.nats.ChanSubscribe(subject, h.inbox); t.err == nil {
			h.flush()
		} else {
			t.err = fmt.Errorf("live: listen: %w", t.err)
		}
		close(t.listening)
	}
	err := error(nil)
	select {
	case <-t.listening:
		err = t.err
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		h.release(t)
		return nil, err
	}
	return t, nil
}

// flush waits until NATS has taken everything in. If NATS is away it does not wait: the subscriptions are renewed when it is back.
func (h *Hub) flush() {
	if !h.nats.IsConnected() {
		return
	}
	ctx, cancel := context.WithTimeout(h.life, flushTimeout)
	defer cancel()
	_ = h.nats.FlushWithContext(ctx) // comparing with the database repairs what is missed
}

// learn takes in how something is now, and tells whether that is news. The hub's lock is held.
func (h *Hub) learn(t *topic, news item) bool {
	before := t.latest
	if before != nil && !news.newer(before) {
		return false
	}
	t.latest, t.due = news, news.due()
	if !t.due.IsZero() && t.due.Before(h.nextWake) {
		h.nextWake = t.due
		h.compareSoon()
	}
	if before == nil || news.shows(before) {
		for _, w := range t.watchers {
			w.offer(news)
		}
	}
	return true
}

// receive hands messages to watchers until the hub closes.
func (h *Hub) receive() {
	for {
		select {
		case <-h.life.Done():
			return
		case m := <-h.inbox:
			h.hear(m)
		}
	}
}

// hear takes in a message.
func (h *Hub) hear(m *nats.Msg) {
	h.mu.Lock()
	t, watched := h.topics[m.Subject]
	h.mu.Unlock()
	if !watched {
		return
	}
	news, err := t.feed.decode(m.Data)
	if err != nil || news.id() != t.id {
		h.log.Warn("a message that is no news", "subject", m.Subject)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.topics[m.Subject] == t {
		h.learn(t, news)
	}
}

// leave ends a watch.
func (h *Hub) leave(t *topic, w watcher) {
	h.mu.Lock()
	place := *w.place()
	if place < 0 {
		h.mu.Unlock()
		return // the hub closed first
	}
	last := len(t.watchers) - 1
	t.watchers[place] = t.watchers[last]
	*t.watchers[place].place() = place
	t.watchers[last] = nil
	t.watchers = t.watchers[:last]
	w.close()
	h.watchers--
	h.mu.Unlock()
	h.release(t)
}

// release gives a topic back. When nobody uses it, NATS is no longer listened to.
func (h *Hub) release(t *topic) {
	h.mu.Lock()
	t.users--
	unused := t.users == 0
	if unused {
		delete(h.topics, t.subject)
		if t.feed == h.timelines {
			h.timelinesWatched.Add(-1)
		}
	}
	h.mu.Unlock()
	if unused && t.subscription != nil {
		_ = t.subscription.Unsubscribe() // fails only once the connection is closed, and the subscription with it
	}
}
