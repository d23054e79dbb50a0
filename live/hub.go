package live

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// Config is how a hub is set up.
type Config struct {
	// URL is where NATS is: "nats://host:4222", several parted by commas; user, password or token as in "nats://user:password@host". Empty for a
	// server of the hub's own inside the process, which listens on no port.
	URL string

	// Accounts reads accounts as they are now, projected to now (loyalty.AccountNews.At), each under its id; one that does not exist is left out. It
	// is handed at most 500 at a time, of any programme, and a context that ends after 10 seconds and carries no viewer. Required.
	Accounts func(ctx context.Context, accounts []fact.ID) (map[fact.ID]loyalty.AccountNews, error)

	// Tiers reads where members stand among the tiers, in the same way. Required.
	Tiers func(ctx context.Context, members []fact.ID) (map[fact.ID]loyalty.TierNews, error)

	// Timelines reads how often members were changed, in the same way. Required.
	Timelines func(ctx context.Context, members []fact.ID) (map[fact.ID]loyalty.TimelineNews, error)

	// Period is how often whatever is watched is compared with the database; zero for 5 seconds. The comparisons are spread over the period.
	Period time.Duration

	// Log takes what the operator should know, such as a connection that was lost; nil for slog's default.
	Log *slog.Logger
}

// ErrClosed is the error of a hub that is closed.
var ErrClosed = errors.New("live: the hub is closed")

// Hub announces and watches. It may be used by any number of goroutines. It implements engine.Announcer.
type Hub struct {
	config   Config
	log      *slog.Logger
	server   *server.Server // nil with a cluster
	nats     *nats.Conn
	accounts *feed
	tiers    *feed
	// timelines is the feed of members' timelines, and timelinesWatched how many of them are watched in this process.
	timelines        *feed
	timelinesWatched atomic.Int64

	outbox chan announcement
	inbox  chan *nats.Msg // of all subscriptions
	wake   chan struct{}  // something is to be compared sooner than was thought

	life    context.Context // ends with Close
	end     context.CancelFunc
	workers sync.WaitGroup

	mu       sync.Mutex // nothing that waits is done under it
	closed   bool
	topics   map[string]*topic // by subject
	watchers int
	nextBeat int
	nextWake time.Time // when comparing goes on by itself

	back                      atomic.Bool // NATS is back after it was away
	unsent, overrun, repaired atomic.Uint64
}

// Open connects and starts the hub; ctx bounds the connecting alone. A cluster that cannot be reached is an error; one that goes away later is waited for, for ever.
func Open(ctx context.Context, config Config) (*Hub, error) {
	if config.Accounts == nil || config.Tiers == nil || config.Timelines == nil {
		return nil, errors.New("live: a hub needs a way to read accounts, tiers and timelines")
	}
	if config.Period == 0 {
		config.Period = 5 * time.Second
	}
	if config.Log == nil {
		config.Log = slog.Default()
	}
	h := &Hub{
		config: config, log: config.Log, topics: make(map[string]*topic),
		outbox: make(chan announcement, outboxSize), inbox: make(chan *nats.Msg, inboxSize), wake: make(chan struct{}, 1),
		nextWake: time.Now().Add(config.Period),
		accounts: newFeed(fact.KindAccount, "account", putAccount, config.Accounts), tiers: newFeed(fact.KindMember, "tier", putTier, config.Tiers),
		timelines: newFeed(fact.KindMember, "timeline", putTimeline, config.Timelines),
	}
	if err := h.connect(ctx); err != nil {
		return nil, err
	}
	h.life, h.end = context.WithCancel(context.Background())
	h.workers.Go(h.send)
	h.workers.Go(h.receive)
	h.workers.Go(h.reconcile)
	return h, nil
}

// Close ends every watch, sends what is still to be sent, and leaves NATS. It waits no longer than ctx, whose error it then gives; the hub is
// closed all the same.
func (h *Hub) Close(ctx context.Context) error {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil
	}
	h.closed = true
	for _, t := range h.topics {
		for _, w := range t.watchers {
			w.close()
		}
	}
	h.topics, h.watchers = nil, 0
	h.mu.Unlock()

	h.end()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		h.workers.Wait()
		flush, cancel := context.WithTimeout(ctx, flushTimeout)
		defer cancel()
		if h.nats.IsConnected() {
			_ = h.nats.FlushWithContext(flush) // what is lost is repaired by whoever watches
		}
		h.nats.Close()
		if h.server != nil {
			h.server.Shutdown()
			h.server.WaitForShutdown()
		}
	}()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Check tells what keeps news from travelling: nil while the hub is connected. It does not wait.
func (h *Hub) Check(context.Context) error {
	if s := h.nats.Status(); s != nats.CONNECTED {
		return errors.New("live: NATS is " + s.String())
	}
	return nil
}

// Stats are the hub's figures; the last three count from its opening.
type Stats struct {
	Accounts  int    // watched in this process
	Tiers     int    // members whose tier is
	Timelines int    // members whose timeline is
	Watchers  int    // of all of them
	Unsent    uint64 // announcements dropped: more than could be sent
	Overrun   uint64 // times that messages were dropped: more than could be received
	Repaired  uint64 // versions of accounts, and changes of tiers, that comparing with the database brought first
}

// Stats reads the figures.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := Stats{Watchers: h.watchers, Unsent: h.unsent.Load(), Overrun: h.overrun.Load(), Repaired: h.repaired.Load()}
	for _, t := range h.topics {
		switch t.feed {
		case h.tiers:
			s.Tiers++
		case h.timelines:
			s.Timelines++
		default:
			s.Accounts++
		}
	}
	return s
}
