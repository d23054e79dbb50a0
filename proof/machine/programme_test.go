package machine

import (
	"fmt"
	"time"

	"granaio/loyalty/fact"
)

// This file is testdata/shop.yaml in plain Go.

var rome = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic(err)
	}
	return zone
}()

// starts is when the programme begins.
var starts = time.Date(2025, 12, 1, 0, 0, 0, 0, rome)

// after is the end of the day so many months and days after an instant. Months clamp.
func after(at time.Time, months, days int) time.Time {
	year, month, day := at.In(rome).Date()
	last := time.Date(year, month+time.Month(months)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return time.Date(year, month+time.Month(months), min(day, last)+days+1, 0, 0, 0, 0, rome).UTC()
}

func within(at time.Time, from, until string) bool {
	day := at.In(rome).Format(time.DateOnly)
	return from <= day && day <= until
}

// deed is something that a member did.
type deed struct {
	id fact.ID
	edition
	event    string
	at       time.Time
	cents    int64
	unpriced bool
	lines    [2]line

	earned   []int // places among the account's earnings
	counts   bool  // in the event's mission
	left     int64 // of the cents
	back     [2]int64
	returned bool // as a whole
}

// member is what is known of a member.
type member struct {
	id         fact.ID
	emails     []string
	deeds      []deed // in the order they were heard of
	given      []given
	awards     map[string]int // of missions that are completed, by mission and period: places among the account's earnings
	qualifying int64
	tier       string
	persona    string
	version    int // the latest of the programme's that decided something
	rewards    map[string]int64
	account    *account
}

// edition is a version of the programme: what it gives for each euro, and since when.
type edition struct {
	number int
	from   time.Time
	rate   int64
	others bool // a return takes from other lots what was spent
	debt   int64
}

// later is the version that follows another.
func later(e edition, from time.Time) edition {
	n := e.number + 1
	next := edition{number: n, from: from, rate: 2 - int64(n%2), others: n%3 != 0}
	if n%3 == 1 {
		next.debt = 15
	}
	return next
}

// given is what the rule with limits gave, less what was taken back.
type given struct {
	earning int
	at      time.Time
	points  int64
}

// earning is points that were earned, and how many of them came back or are let go.
type earning struct {
	lot                      *lot
	by                       string // the rule or mission
	points                   int64
	qualifies                bool
	taken, expired, forgiven int64
}

// reckoning is the consequences of one deed.
type reckoning struct {
	of *model
	*member
	*booking
	*deed
	answer *answer
	broke  bool // the account would have too many points
}

// count is how often the member did the same within the last days.
func (r *reckoning) count(days int) (last int64) {
	today := r.at.In(rome)
	first := today.AddDate(0, 0, 1-days).Format(time.DateOnly)
	for _, d := range r.deeds {
		if d.event != r.event || d.returned {
			continue
		}
		if within(d.at, first, today.Format(time.DateOnly)) {
			last++
		}
	}
	return last
}

// earn gives points that mature and expire after so many months and days; never, if those are none.
func (r *reckoning) earn(by string, points int64, matures, months, days int, qualifies bool) {
	if points == 0 || r.broke {
		return
	}
	activates, expires := r.at, time.Time{}
	if matures > 0 {
		activates = after(r.at, 0, matures)
	}
	if months+days > 0 {
		expires = after(activates, months, days)
	}
	r.broke = !r.credit("earn", points, r.at, activates, expires)
	if r.broke {
		return
	}
	r.deed.earned = append(r.deed.earned, len(r.account().earned))
	r.account().earned = append(r.account().earned, &earning{lot: r.lots[len(r.lots)-1], by: by, points: points, qualifies: qualifies})
	if qualifies {
		r.qualifying += points
	}
}

func (r *reckoning) account() *account { return r.booking.account }

// reckon books what follows from the deed, which the member has done already.
func (r *reckoning) reckon() {
	switch r.event {
	case "member.enrolled":
		r.earn("welcome", 50, 0, 0, 30, true)
	case "purchase":
		bonus, extra, spend := r.bonus(), int64(0), r.cents*r.rate/100
		r.earn("bonus", bonus, 0, 0, 40, true)
		if r.cents >= 2000 {
			extra = 7
			r.earn("extra", extra, 3, 0, 10, false)
		}
		r.earn("spend", spend, 0, 1, 0, true)
		if r.tier == "gold" {
			r.earn("golden", (bonus+spend)/2, 0, 0, 15, true)
		}
		if within(r.at, "2026-02-01", "2026-02-10") {
			r.earn("happy", spend+extra, 0, 0, 5, true)
		}
		if r.cents >= 500 {
			r.progress(20, 0, 20, true)
		}
	case "review":
		r.earn("gift", 2, 0, 0, 0, false)
		r.earn("words", words(r.cents), 0, 0, 0, true)
		r.progress(9, 2, 0, false)
	case "visit":
		if r.of.drawn+4 <= pot {
			r.of.drawn += 4
			r.earn("drop", 4, 0, 2, 0, true)
		}
		if r.count(7) == 3 {
			r.earn("streak", 5, 5, 0, 1, true)
		}
	}
	r.answer.Tier = r.stand()
	if r.number >= r.version { // what an older version decides leaves the persona as it is
		r.version = r.number
		r.resemble()
	}
}

// pot is how many points the budget has.
const pot = 30

// words are the points for a review.
func words(cents int64) int64 { return (cents*2 + 150) / 300 }

// bonus is one point for every two euros begun, at most 40 in a month and three times a week.
func (r *reckoning) bonus() int64 {
	points, month, times := (r.cents+199)/200, int64(0), 0
	year, week := r.at.In(rome).ISOWeek()
	for _, g := range r.given {
		if g.points == 0 {
			continue
		}
		if g.at.In(rome).Format("2006-01") == r.at.In(rome).Format("2006-01") {
			month += g.points
		}
		if y, w := g.at.In(rome).ISOWeek(); y == year && w == week {
			times++
		}
	}
	if times >= 3 {
		return 0
	}
	if points = min(points, max(0, 40-month)); points > 0 {
		r.given = append(r.given, given{len(r.account().earned), r.at, points})
	}
	return points
}

// mission is the one that a deed counts in, with its period, and how many it takes.
func (d *deed) mission() (key, period string, target int64) {
	if d.event == "review" {
		return "critic", "", 2
	}
	return "three", d.at.In(rome).Format("2006-01"), 3
}

// counted is how many deeds count in the period of one.
func (m *member) counted(d *deed) (n int64) {
	key, period, _ := d.mission()
	for _, o := range m.deeds {
		if k, p, _ := o.mission(); o.counts && k == key && p == period {
			n++
		}
	}
	return n
}

// progress counts the deed in its mission, and gives the award once that is completed.
func (r *reckoning) progress(award int64, matures, days int, qualifies bool) {
	key, period, target := r.mission()
	r.counts = true
	if _, completed := r.awards[key+" "+period]; completed {
		return
	}
	count := r.counted(r.deed)
	r.answer.Progress = append(r.answer.Progress, progress(key, period, count, target, count >= target))
	if count >= target {
		r.awards[key+" "+period] = len(r.account().earned)
		r.earn(key, award, matures, 0, days, qualifies)
	}
}

func progress(key, period string, count, target int64, completed bool) string {
	return fmt.Sprintf("%s %s %d/%d %t", key, period, min(count, target), target, completed)
}

// reached is the tier of so many qualifying points.
func reached(points int64) string {
	switch {
	case points >= 250:
		return "gold"
	case points >= 100:
		return "silver"
	}
	return ""
}

// stand gives the member the tier that its points reach, and tells of a change.
func (m *member) stand() (change string) {
	if to := reached(m.qualifying); to != m.tier {
		change = m.tier + ">" + to
		m.tier = to
	}
	return change
}

// resemble tells whether the member is a shopper.
func (m *member) resemble() {
	bought := 0
	for _, d := range m.deeds {
		if d.event == "purchase" && !d.returned {
			bought++
		}
	}
	m.persona = ""
	if bought >= 2 {
		m.persona = "shopper"
	}
}

var prices = map[string]int64{"mug": 30, "pin": 5, "crown": 40, "card": 10}

// mugs are how many there are.
const mugs = 3

// obstacle is why a member cannot have a reward, points left aside; empty if nothing is in the way.
func (m *member) obstacle(reward string, taken int64, now time.Time) fact.Code {
	day := now.In(rome).Format(time.DateOnly)
	switch {
	case prices[reward] == 0:
		return fact.CodeUnknownReward
	case reward == "card" && day < "2026-02-01":
		return fact.CodeNotYetAvailable
	case reward == "card" && day > "2026-03-15":
		return fact.CodeNoLongerAvailable
	case reward == "crown" && m.tier == "":
		return fact.CodeTierTooLow
	case reward == "pin" && m.rewards[reward] >= 2:
		return fact.CodeLimitReached
	case reward == "mug" && taken >= mugs:
		return fact.CodeOutOfStock
	}
	return ""
}
