package live_test

import (
	"context"
	"testing"
	"time"

	"granaio/live"
	"granaio/loyalty"
	"granaio/loyalty/fact"
)

func TestATimelineIsWatchedAndRepaired(t *testing.T) {
	h, d := open(t, live.Config{Period: 50 * time.Millisecond})
	n := loyalty.TimelineNews{Member: fact.NewID(fact.KindMember), Version: 3, At: fact.Instant(time.Now())}
	set := func(version int64) loyalty.TimelineNews {
		n.Version = version
		d.mu.Lock()
		defer d.mu.Unlock()
		d.changes[n.Member] = n
		return n
	}
	first := set(3)
	h.Timeline(programme, first) // nobody watches
	news, err := h.WatchTimeline(t.Context(), programme, n.Member, func(ctx context.Context) (loyalty.TimelineNews, error) {
		found, err := d.timelines(ctx, []fact.ID{n.Member})
		return found[n.Member], err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := next(t, news); got != first {
		t.Errorf("first %+v, want %+v", got, first)
	}
	if s := h.Stats(); s.Timelines != 1 || s.Tiers != 0 || s.Accounts != 0 {
		t.Errorf("watched: %+v", s)
	}
	second := set(4)
	h.Timeline(programme, loyalty.TimelineNews{Member: n.Member, Version: 2, At: n.At}) // too late
	h.Timeline(programme, second)
	if got := next(t, news); got != second {
		t.Errorf("then %+v, want %+v", got, second)
	}
	third := set(6) // its announcement was lost
	if got := next(t, news); got != third {
		t.Errorf("then %+v, want %+v", got, third)
	}
}
