package live

import (
	"context"
	"encoding/json"
	"time"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// feed is a kind of thing that is watched: how its news is named, read and taken apart.
type feed struct {
	of     fact.Kind // whose ids its news is about
	name   string    // in subjects
	decode func(text []byte) (item, error)
	read   func(ctx context.Context, ids []fact.ID) (map[fact.ID]item, error)
}

// item is a piece of news of any kind.
type item interface {
	id() fact.ID
	due() time.Time
	// newer tells whether it comes after one of its kind.
	newer(old item) bool
	// shows tells whether whoever has seen one of its kind sees something else in it, which is newer.
	shows(old item) bool
	// missed tells whether it was to be announced, given what was known before.
	missed(old item) bool
}

// accountItem is news of an account. Every movement is shown.
type accountItem struct{ loyalty.AccountNews }

func (n accountItem) id() fact.ID          { return n.Account }
func (n accountItem) due() time.Time       { return n.NextDue }
func (n accountItem) newer(old item) bool  { return n.Newer(old.(accountItem).AccountNews) }
func (n accountItem) shows(item) bool      { return true }
func (n accountItem) missed(old item) bool { return n.Version > old.(accountItem).Version }

// tierItem is news of a member's tier. What happens to a member without changing where it stands is not shown, and what changes no more than how far it is to the
// next tier is not announced.
type tierItem struct{ loyalty.TierNews }

func (n tierItem) id() fact.ID         { return n.Member }
func (n tierItem) due() time.Time      { return n.NextDue }
func (n tierItem) newer(old item) bool { return n.Newer(old.(tierItem).TierNews) }
func (n tierItem) shows(old item) bool { return !n.Same(old.(tierItem).TierNews) }
func (n tierItem) missed(old item) bool {
	o := old.(tierItem)
	return n.Version > o.Version && !n.SameTier(o.TierNews)
}

// timelineItem is news of a member's timeline.
type timelineItem struct{ loyalty.TimelineNews }

func (n timelineItem) id() fact.ID          { return n.Member }
func (n timelineItem) due() time.Time       { return time.Time{} }
func (n timelineItem) newer(old item) bool  { return n.Version > old.(timelineItem).Version }
func (n timelineItem) shows(item) bool      { return true }
func (n timelineItem) missed(old item) bool { return n.newer(old) }

// newFeed is the feed of a kind, whose news is put into items and taken out as N.
func newFeed[N any](of fact.Kind, name string, put func(N) item, read func(context.Context, []fact.ID) (map[fact.ID]N, error)) *feed {
	return &feed{of: of, name: name,
		decode: func(text []byte) (item, error) {
			var n N
			err := json.Unmarshal(text, &n)
			return put(n), err
		},
		read: func(ctx context.Context, ids []fact.ID) (map[fact.ID]item, error) {
			found, err := read(ctx, ids)
			items := make(map[fact.ID]item, len(found))
			for id, n := range found {
				items[id] = put(n)
			}
			return items, err
		},
	}
}

func putAccount(n loyalty.AccountNews) item    { return accountItem{n} }
func takeAccount(i item) loyalty.AccountNews   { return i.(accountItem).AccountNews }
func putTimeline(n loyalty.TimelineNews) item  { return timelineItem{n} }
func takeTimeline(i item) loyalty.TimelineNews { return i.(timelineItem).TimelineNews }
func putTier(n loyalty.TierNews) item          { return tierItem{n} }
func takeTier(i item) loyalty.TierNews         { return i.(tierItem).TierNews }

// subject is where the news of something travels. The outside form of an id has no character that means something to NATS.
func (f *feed) subject(programme, id fact.ID) string {
	return "granaio." + programme.String() + "." + f.name + "." + id.String()
}
