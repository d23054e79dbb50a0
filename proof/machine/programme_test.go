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
	event string
	at    time.Time
	cents int64
}

// member is what is known of a member.
type member struct {
	id         fact.ID
	emails     []string
	deeds      []deed // in the order they were heard of
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
}

// reckoning is the consequences of one deed.
type reckoning struct {
	*member
	*booking
	*edition
	deed
	answer *answer
	broke  bool // the account would have too many points
}

// count is how often the member did the same within the last days, and in the month of the deed.
func (r *reckoning) count(days int) (last, month int64) {
	today := r.at.In(rome)
	first := today.AddDate(0, 0, 1-days).Format(time.DateOnly)
	for _, d := range r.deeds {
		if d.event != r.event {
			continue
		}
		day := d.at.In(rome)
		if within(d.at, first, today.Format(time.DateOnly)) {
			last++
		}
		if day.Year() == today.Year() && day.Month() == today.Month() {
			month++
		}
	}
	return last, month
}

// earn gives points that mature and expire after so many months and days; never, if those are none.
func (r *reckoning) earn(points int64, matures, months, days int, qualifies bool) {
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
	if qualifies {
		r.qualifying += points
	}
}

// reckon books what follows from the deed, which the member has done already.
func (r *reckoning) reckon() {
	week, month := r.count(7)
	switch r.event {
	case "member.enrolled":
		r.earn(50, 0, 0, 30, true)
	case "purchase":
		var extra int64
		if r.cents >= 2000 {
			extra = 7
			r.earn(extra, 3, 0, 10, false)
		}
		spend := r.cents * r.rate / 100
		r.earn(spend, 0, 1, 0, true)
		if r.tier == "gold" {
			r.earn(spend/2, 0, 0, 15, true)
		}
		if within(r.at, "2026-02-01", "2026-02-10") {
			r.earn(spend+extra, 0, 0, 5, true)
		}
		if month <= 3 {
			r.progress("three", r.at.In(rome).Format("2006-01"), month, 3)
		}
		if month == 3 {
			r.earn(20, 0, 0, 20, true)
		}
	case "review":
		r.earn((r.cents*2+150)/300, 0, 0, 0, true)
		var ever int64
		for _, d := range r.deeds {
			if d.event == "review" {
				ever++
			}
		}
		if ever <= 2 {
			r.progress("critic", "", ever, 2)
		}
		if ever == 2 {
			r.earn(9, 2, 0, 0, false)
		}
	case "visit":
		if week == 3 {
			r.earn(5, 5, 0, 1, true)
		}
	}
	r.rise()
	r.resemble()
}

func (r *reckoning) progress(mission, period string, count, target int64) {
	r.answer.Progress = append(r.answer.Progress, fmt.Sprintf("%s %s %d/%d %t", mission, period, count, target, count == target))
}

func (r *reckoning) rise() {
	reached := ""
	switch {
	case r.qualifying >= 250:
		reached = "gold"
	case r.qualifying >= 100:
		reached = "silver"
	}
	if height[reached] > height[r.tier] {
		r.answer.Tier = r.tier + ">" + reached
		r.tier = reached
	}
}

var height = map[string]int{"silver": 1, "gold": 2}

// resemble tells whether the member is a shopper. What an older version decides leaves that as it is.
func (r *reckoning) resemble() {
	if r.number < r.version {
		return
	}
	r.version = r.number
	bought := 0
	for _, d := range r.deeds {
		if d.event == "purchase" {
			bought++
		}
	}
	r.persona = ""
	if bought >= 2 {
		r.persona = "shopper"
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
