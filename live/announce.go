package live

import (
	"encoding/json"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// outboxSize is how many announcements may wait to be sent.
const outboxSize = 1 << 14

// announcement is what is to be sent: of an account, or of a tier or a timeline if there is one.
type announcement struct {
	programme fact.ID
	account   loyalty.AccountNews
	timeline  loyalty.TimelineNews
	tier      *loyalty.TierNews // seldom
}

// Account announces an account's new state. It never blocks: what cannot be sent is dropped, and watchers learn it from the database.
func (h *Hub) Account(programme fact.ID, news loyalty.AccountNews) {
	h.put(announcement{programme: programme, account: news})
}

// Tier announces where a member stands among the tiers, in the same way.
func (h *Hub) Tier(programme fact.ID, news loyalty.TierNews) {
	h.put(announcement{programme: programme, tier: &news})
}

// Timeline announces that something happened to a member, in the same way. A hub with a server of its own says it only while somebody watches any timeline.
func (h *Hub) Timeline(programme fact.ID, news loyalty.TimelineNews) {
	if h.server == nil || h.timelinesWatched.Load() > 0 {
		h.put(announcement{programme: programme, timeline: news})
	}
}

func (h *Hub) put(a announcement) {
	select {
	case h.outbox <- a:
	default:
		h.unsent.Add(1)
	}
}

// send sends what is announced, in order, until the hub closes, and then what is left.
func (h *Hub) send() {
	for {
		select {
		case a := <-h.outbox:
			h.publish(a)
		case <-h.life.Done():
			for {
				select {
				case a := <-h.outbox:
					h.publish(a)
				default:
					return
				}
			}
		}
	}
}

func (h *Hub) publish(a announcement) {
	feed, id, news := h.accounts, a.account.Account, any(a.account)
	switch {
	case a.tier != nil:
		feed, id, news = h.tiers, a.tier.Member, a.tier
	case !a.timeline.Member.IsZero():
		feed, id, news = h.timelines, a.timeline.Member, a.timeline
	}
	text, err := json.Marshal(news)
	if err == nil {
		err = h.nats.Publish(feed.subject(a.programme, id), text)
	}
	if err != nil {
		h.unsent.Add(1)
		h.log.Debug("an announcement was not sent", "of", id, "error", err)
	}
}
