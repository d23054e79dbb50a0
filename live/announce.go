package live

import (
	"encoding/json"

	"granaio/loyalty"
	"granaio/loyalty/fact"
)

// outboxSize is how many announcements may wait to be sent.
const outboxSize = 1 << 14

type announcement struct {
	programme fact.ID
	news      loyalty.AccountNews
}

// subject is where an account's news travels. The outside form of an id has no character that means something to NATS.
func subject(programme, account fact.ID) string {
	return "granaio." + programme.String() + ".account." + account.String()
}

// Account announces an account's new state. It never blocks: what cannot be sent is dropped, and watchers learn it from the database.
func (h *Hub) Account(programme fact.ID, news loyalty.AccountNews) {
	select {
	case h.outbox <- announcement{programme, news}:
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
	text, err := json.Marshal(a.news)
	if err == nil {
		err = h.nats.Publish(subject(a.programme, a.news.Account), text)
	}
	if err != nil {
		h.unsent.Add(1)
		h.log.Debug("an announcement was not sent", "account", a.news.Account, "error", err)
	}
}
