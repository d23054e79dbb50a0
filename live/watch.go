package live

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// inboxSize is how many messages may wait to be handed to watchers.
const inboxSize = 1 << 14

// topic is a watched account. All but its constants is guarded by the hub's lock.
type topic struct {
	account fact.ID
	subject string
	beat    int // the part of the period in which it is compared with the database

	listening    chan struct{}      // closed once NATS was asked; below is then set
	subscription *nats.Subscription // nil if err
	err          error

	users    int // watchers, and those about to be
	watchers []*watcher
	known    bool                // latest holds something
	latest   loyalty.AccountNews // every watcher has been offered it
	due      time.Time           // when to read it again since something falls due; zero for never
}

// watcher is one who watches. Only the hub sends, under its lock.
type watcher struct {
	news  chan loyalty.AccountNews // with room for one
	place int                      // in the topic's watchers; -1 once closed
}

// offer puts the news in the watcher's one place, and throws out what is there.
func (w *watcher) offer(news loyalty.AccountNews) {
	select {
	case <-w.news:
	default:
	}
	w.news <- news // there is room: nobody else sends
}

func (w *watcher) close() {
	w.place = -1
	close(w.news)
}

// WatchAccount watches an account until ctx ends or the hub closes; the channel is then closed. The first value is the account as read says it is
// (or newer), and each later one is newer than the one before. read is called once, before WatchAccount returns, with ctx; it projects to now, as
// Config.Read does. Whether the caller may see the account is not asked here.
func (h *Hub) WatchAccount(ctx context.Context, programme, account fact.ID,
	read func(context.Context) (loyalty.AccountNews, error)) (<-chan loyalty.AccountNews, error) {
	if programme.Kind() != fact.KindProgramme || account.Kind() != fact.KindAccount {
		return nil, fmt.Errorf("live: %q of %q is no account", account, programme)
	}
	t, err := h.use(ctx, subject(programme, account), account)
	if err != nil {
		return nil, err
	}
	now, err := read(ctx)
	if err != nil {
		h.release(t)
		return nil, err
	}
	w := &watcher{news: make(chan loyalty.AccountNews, 1)}
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil, ErrClosed
	}
	h.learn(t, now)
	w.place = len(t.watchers)
	t.watchers = append(t.watchers, w)
	h.watchers++
	w.offer(t.latest)
	h.mu.Unlock()
	context.AfterFunc(ctx, func() { h.leave(t, w) })
	return w.news, nil
}

// use is the account's topic, once NATS listens to it. Whoever uses it must release it.
func (h *Hub) use(ctx context.Context, subject string, account fact.ID) (*topic, error) {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil, ErrClosed
	}
	t, found := h.topics[subject]
	if !found {
		t = &topic{account: account, subject: subject, beat: h.nextBeat, listening: make(chan struct{})}
		h.nextBeat = (h.nextBeat + 1) % beats
		h.topics[subject] = t
	}
	t.users++
	h.mu.Unlock()

	if !found { // whatever becomes of ctx: others may be waiting for it
		if t.subscription, t.err = h.nats.ChanSubscribe(subject, h.inbox); t.err == nil {
			h.flush()
		} else {
			t.err = fmt.Errorf("live: listen to an account: %w", t.err)
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

// learn takes in what an account is now, and tells whether that is news. The hub's lock is held.
func (h *Hub) learn(t *topic, news loyalty.AccountNews) bool {
	if t.known && !news.Newer(t.latest) {
		return false
	}
	t.known, t.latest, t.due = true, news, news.NextDue
	if !t.due.IsZero() && t.due.Before(h.nextWake) {
		h.nextWake = t.due
		h.compareSoon()
	}
	for _, w := range t.watchers {
		w.offer(news)
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
			var news loyalty.AccountNews
			err := json.Unmarshal(m.Data, &news)
			h.mu.Lock()
			t, watched := h.topics[m.Subject]
			strange := err != nil || watched && news.Account != t.account
			if watched && !strange {
				h.learn(t, news)
			}
			h.mu.Unlock()
			if strange {
				h.log.Warn("a message that is no news of an account", "subject", m.Subject)
			}
		}
	}
}

// leave ends a watch.
func (h *Hub) leave(t *topic, w *watcher) {
	h.mu.Lock()
	if w.place < 0 {
		h.mu.Unlock()
		return // the hub closed first
	}
	last := len(t.watchers) - 1
	t.watchers[w.place] = t.watchers[last]
	t.watchers[w.place].place = w.place
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
	}
	h.mu.Unlock()
	if unused && t.subscription != nil {
		_ = t.subscription.Unsubscribe() // fails only once the connection is closed, and the subscription with it
	}
}
