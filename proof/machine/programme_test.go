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
	status     string
	was        string   // before it was suspended
	into       fact.ID  // the member that it was merged into, and none of the rest is its own any more; zero for most
	names      []string // its identities
	deeds      []deed   // in the order they were heard of, those of one that was absorbed after the others
	given      []given
	excess     map[string]int64 // of rules: points that merges took back, and no return since
	awards     map[string]award // of missions that are completed, by mission and period
	began      map[string]bool  // missions and periods in which something ever counted
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
	// takesBack is whether a merge takes back what both were given and one may be given once.
	takesBack bool
}

// later is the version that follows another.
func later(e edition, from time.Time) edition {
	n := e.number + 1
	next := edition{number: n, from: from, rate: 2 - int64(n%2), others: n%3 != 0, takesBack: n%2 == 0}
	if n%3 == 1 {
		next.debt = 15
	}
	return next
}

// award is what a mission gave that is completed: a place among the account's earnings, and when it was.
type award struct {
	earning int
	at      time.Time
}

// given is what a rule with limits gave, less what was taken back.
type given struct {
	by      string
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
	if points == 0 || r.broke || r.unpaid() {
		return
	}
	l := lot{earned: r.at, activates: r.at, months: months, days: days}
	switch {
	case matures > 0:
		l.activates = after(r.at, 0, matures)
	case r.status == anonymous:
		l.waits, l.activates, l.expires = true, time.Time{}, after(r.at, 0, patience)
	}
	if !l.waits {
		l.age()
	}
	r.broke = !r.credit("earn", points, l)
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
		r.registers(r.at)
		r.earn("welcome", r.ration("welcome", 50), 0, 0, 30, true)
	case "purchase":
		bonus, extra, spend := r.ration("bonus", (r.cents+199)/200), int64(0), r.cents*r.rate/100
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
		r.earn("words", r.ration("words", words(r.cents)), 0, 0, 0, true)
		r.progress(9, 2, 0, false)
	case "visit":
		if !r.unpaid() && r.of.drawn+4 <= pot {
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

// ration is how many of so many points the limits of a rule leave: welcome is given once; of words there are 30 points; bonus gives at most 40 in a month and
// three times a week.
func (r *reckoning) ration(by string, points int64) int64 {
	if r.unpaid() {
		return 0
	}
	sum, month, times, week := int64(0), int64(0), 0, 0
	for _, g := range r.given {
		if g.by != by || g.points == 0 {
			continue
		}
		sum, times = sum+g.points, times+1
		if g.at.In(rome).Format("2006-01") == r.at.In(rome).Format("2006-01") {
			month += g.points
		}
		if sameWeek(g.at, r.at) {
			week++
		}
	}
	switch by {
	case "welcome":
		if times >= 1 {
			points = 0
		}
	case "words":
		points = min(points, max(0, mostWords-sum))
	case "bonus":
		if points = min(points, max(0, 40-month)); week >= 3 {
			points = 0
		}
	}
	if points > 0 {
		r.given = append(r.given, given{by, len(r.account().earned), r.at, points})
	}
	return points
}

// mostWords is how many points a member has for words in all.
const mostWords = 30

func sameWeek(a, b time.Time) bool {
	year, week := a.In(rome).ISOWeek()
	y, w := b.In(rome).ISOWeek()
	return y == year && w == week
}

// mission is the one that a deed counts in, with its period, and how many it takes.
func (d *deed) mission() (key, period string, target int64) {
	if d.event == "review" {
		return "critic", "", 2
	}
	return "three", d.at.In(rome).Format("2006-01"), 3
}

// counted is how many deeds count in a mission's period.
func (m *member) counted(key, period string) (n int64) {
	for _, o := range m.deeds {
		if k, p, _ := o.mission(); o.counts && k == key && p == period {
			n++
		}
	}
	return n
}

// progress counts the deed in its mission, and gives the award once that is completed.
func (r *reckoning) progress(gives int64, matures, days int, qualifies bool) {
	key, period, target := r.mission()
	r.counts, r.began[key+" "+period] = true, true
	if _, completed := r.awards[key+" "+period]; completed {
		return
	}
	count := r.counted(key, period)
	completes := count >= target && !r.unpaid()
	r.answer.Progress = append(r.answer.Progress, progress(key, period, count, target, completes))
	if completes {
		r.awards[key+" "+period] = award{len(r.account().earned), r.at}
		r.earn(key, gives, matures, 0, days, qualifies)
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
	case m.mayNotSpend() != "":
		return m.mayNotSpend()
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
