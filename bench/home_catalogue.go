package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"granaio/loyalty/fact"
)

// catalogue is programme.yaml as somebody would write it into a program of their own, with the constant parts of the JSON made ahead.
type catalogue struct {
	tiers    []homeTier
	missions []homeMission
	rewards  []homeReward
}

type homeTier struct {
	key  string
	at   int64
	json string // the tier, without where it begins
}

type homeMission struct {
	key, every string
	target     int64
	json       string // up to the period
}

type homeReward struct {
	id                      fact.ID
	key                     string
	price, stock, perMember int64  // stock and per member: 0 for no limit
	tier                    int    // the lowest that may have it
	reviews                 int64  // how many it takes
	json                    string // up to whether it is available
}

var missionNames = map[string]string{
	"monthly-orders": "Four orders in a month", "yearly-orders": "Thirty orders in a year", "first-review": "The first review",
	"critic": "Twenty reviews", "monthly-reviews": "Two reviews in a month", "loyal": "A hundred orders",
}

func openCatalogue(ctx context.Context, db *sql.DB) (catalogue, error) {
	c := catalogue{
		tiers: []homeTier{{"seed", 0, "Seed"}, {"sprout", 500, "Sprout"}, {"ear", 2000, "Ear"}, {"sheaf", 10000, "Sheaf"}},
		missions: []homeMission{
			{"monthly-orders", "month", 4, ""}, {"yearly-orders", "year", 30, ""}, {"first-review", "", 1, ""}, {"critic", "", 20, ""},
			{"monthly-reviews", "month", 2, ""}, {"loyal", "", 100, ""},
		},
	}
	for i, t := range c.tiers {
		c.tiers[i].json = fmt.Sprintf(`{"key":%q,"name":%q`, t.key, t.json)
	}
	for i, m := range c.missions {
		c.missions[i].json = fmt.Sprintf(`{"mission":{"key":%q,"name":%q},"period":`, m.key, missionNames[m.key])
	}
	for _, r := range []struct {
		homeReward
		name, kind string
	}{
		{homeReward{key: "recipes", price: 60, perMember: 1}, "Recipe book", "digital"},
		{homeReward{key: "hedge", price: 100}, "A metre of hedge", "donation"},
		{homeReward{key: "shipping", price: 120, perMember: 12}, "Free shipping", "free-shipping"},
		{homeReward{key: "coupon", price: 250}, "Coupon of 5 euros", "coupon"},
		{homeReward{key: "bag", price: 400, stock: 500}, "Jute bag", "product"},
		{homeReward{key: "apron", price: 350, stock: 200, reviews: 12}, "Apron", "product"},
		{homeReward{key: "mug", price: 300, stock: 1000, perMember: 2}, "Mug", "product"},
		{homeReward{key: "card", price: 900, tier: 1}, "Gift card of 20 euros", "gift-card"},
		{homeReward{key: "visit", price: 700, stock: 60, tier: 2}, "A day at the mill", "event-ticket"},
		{homeReward{key: "class", price: 1500, stock: 12, tier: 3}, "Baking class", "experience"},
	} {
		if err := db.QueryRowContext(ctx, "SELECT id FROM definitions WHERE kind = 'reward' AND key = $1", r.key).Scan(&r.id); err != nil {
			return c, fmt.Errorf("the reward %s: %w", r.key, err)
		}
		r.json = fmt.Sprintf(`{"reward":{"id":%q,"key":%q,"name":%q,"kind":%q,"price":%d},"available":`, r.id, r.key, r.name, r.kind, r.price)
		c.rewards = append(c.rewards, r.homeReward)
	}
	return c, nil
}

// write appends a member's home screen; now is in the programme's zone.
func (c *catalogue) write(b []byte, m *homeState, now time.Time) []byte {
	b = append(append(b, `{"data":{"viewer":{"member":{"id":"`...), m.id.String()...)
	b = field(b, `","account":{"available":`, m.available)
	b = field(field(b, `,"pending":`, m.pending), `,"held":`, m.held)
	b = field(field(b, `,"debt":`, m.debt), `,"version":`, m.sequence)
	b = append(b, `,"expiring":[`...)
	for i, e := range m.expiring {
		b = append(instant(append(separated(b, i), `{"at":`...), e.at), `,"points":`...)
		b = append(strconv.AppendInt(b, e.points, 10), '}')
	}
	b = append(c.writeTier(append(b, `]},"tier":{"current":`...), m), `},"movements":{"edges":[`...)
	for i := range m.movements {
		b = m.movements[i].write(append(separated(b, i), `{"node":`...))
		b = append(b, '}')
	}
	b = append(b, `]},"missions":[`...)
	month, year := now.Format("2006-01"), now.Format("2006")
	for i := range c.missions {
		b = c.missions[i].write(separated(b, i), m, month, year)
	}
	b = append(b, `],"rewards":[`...)
	place := c.place(m.tier)
	for i := range c.rewards {
		b = c.rewards[i].write(separated(b, i), m, place)
	}
	return append(b, `]}}}}`...)
}

// place is how high a tier is; -1 below the first.
func (c *catalogue) place(tier string) int {
	for i := range c.tiers {
		if c.tiers[i].key == tier {
			return i
		}
	}
	return -1
}

func (c *catalogue) writeTier(b []byte, m *homeState) []byte {
	place := c.place(m.tier)
	if place < 0 {
		b = append(b, `null`...)
	} else {
		b = append(append(b, c.tiers[place].json...), '}')
	}
	b = field(b, `,"qualifying":`, m.doc.Qualifying.Sum)
	if place+1 == len(c.tiers) {
		return append(b, `,"next":null,"missing":null`...)
	}
	next := &c.tiers[place+1]
	b = append(append(b, `,"next":`...), next.json...)
	return field(field(b, `,"at":`, next.at), `},"missing":`, max(next.at-m.doc.Qualifying.Sum, 0))
}

func (h *homeMission) write(b []byte, m *homeState, month, year string) []byte {
	counter, period := h.key, ""
	switch h.every {
	case "month":
		counter, period = h.key+" month", month
	case "year":
		counter, period = h.key+" year", year
	}
	b = append(b, h.json...)
	if period == "" {
		b = append(b, `null`...)
	} else {
		b = append(append(append(b, '"'), period...), '"')
	}
	state := m.doc.Missions[counter]
	found := homePeriod{}
	if state.Period == period {
		found = state.homePeriod
	}
	for _, e := range state.Earlier {
		if e.Period == period {
			found = e
		}
	}
	b = append(field(field(b, `,"count":`, min(found.Count, h.target)), `,"target":`, h.target), `,"completedAt":`...)
	if found.Completed.IsZero() {
		return append(b, `null}`...)
	}
	return append(instant(b, found.Completed), '}')
}

func (h *homeReward) write(b []byte, m *homeState, tier int) []byte {
	missing, left, reason := max(h.price-m.available, 0), h.stock-m.taken[h.id], ""
	switch {
	case tier < h.tier:
		reason = "TIER_TOO_LOW"
	case m.doc.Events["review"].Count < h.reviews:
		reason = "NOT_ELIGIBLE"
	case h.perMember > 0 && m.doc.Redeemed[h.key] >= h.perMember:
		reason = "LIMIT_REACHED"
	case h.stock > 0 && left <= 0:
		reason = "OUT_OF_STOCK"
	case missing > 0:
		reason = "INSUFFICIENT_POINTS"
	}
	b = append(b, h.json...)
	if reason == "" {
		b = append(b, `true,"reason":null`...)
	} else {
		b = append(append(append(b, `false,"reason":{"code":"`...), reason...), `"}`...)
	}
	b = append(field(b, `,"missingPoints":`, missing), `,"left":`...)
	if h.stock == 0 {
		return append(b, `null}`...)
	}
	return append(strconv.AppendInt(b, left, 10), '}')
}

func (h *homeMovement) write(b []byte) []byte {
	b = append(append(b, `{"id":"`...), h.id.String()...)
	b = append(append(field(b, `","number":`, h.number), `,"kind":"`...), strings.ToUpper(h.kind)...)
	b = append(field(b, `","points":`, h.points), `,"occurredAt":`...)
	b = append(field(instant(b, h.occurred), `,"after":{"available":`, h.available), `},"why":{"sentence":`...)
	var e homeExplanation
	if err := json.Unmarshal([]byte(h.explanation), &e); err != nil {
		return append(b, `null}}`...)
	}
	b = append(append(b, e.sentence(h.points)...), `,"source":"`...)
	return append(append(append(append(b, e.Source...), `","key":"`...), e.Key...), `"}}`...)
}

// homeExplanation is the figures of this programme's sentences.
type homeExplanation struct {
	Source, Key, Event, Period string
	Value, Count, Target       int64
}

// sentence is the JSON of why points were given.
func (e *homeExplanation) sentence(points int64) string {
	n := strconv.FormatInt(points, 10)
	if points >= 1000 {
		n = n[:len(n)-3] + "," + n[len(n)-3:]
	}
	switch e.Source + " " + e.Key {
	case "rule order":
		return fmt.Sprintf(`"%s grains for an order of %d.%02d EUR: 1 for every 1.00 EUR, rounded down (rule “Orders”)."`, n, e.Value/100, e.Value%100)
	case "rule review":
		return `"` + n + ` grains for a review (rule “Reviews”)."`
	}
	period := e.Period
	if len(period) == 7 {
		month, _ := strconv.Atoi(period[5:])
		period = time.Month(month).String() + " " + period[:4]
	}
	if period != "" {
		period = ", " + period
	}
	return fmt.Sprintf(`"%s grains for completing the mission “%s” (%d of %d%s)."`, n, missionNames[e.Key], e.Count, e.Target, period)
}

func field(b []byte, name string, v int64) []byte {
	return strconv.AppendInt(append(b, name...), v, 10)
}

func separated(b []byte, place int) []byte {
	if place > 0 {
		return append(b, ',')
	}
	return b
}

// instant appends a time as JSON.
func instant(b []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(b, `"2006-01-02T15:04:05.999999Z"`)
}
