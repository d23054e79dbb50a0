package loyalty

import (
	"slices"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/rule"
)

// maxRecent is how many awards' instants are kept for a cool-down. What is older than all of them is told by its days.
const maxRecent = 16

// clone is a copy that can be changed.
func (g *Given) clone() *Given {
	if g == nil {
		return &Given{}
	}
	return &Given{*g.Series.clone(), slices.Clone(g.Recent), g.Excess}
}

// add counts an award.
func (g *Given) add(at time.Time, day fact.Day, points fact.Points, r *rule.Rations, zone *time.Location) {
	keep := 0
	if days := r.Days(); days > 0 {
		keep = lateDays + days
	}
	bucket := r.Bucket(day)
	if keep > 0 && g.Keep == 0 && g.Count > 0 { // what came before was not kept by day
		g.Keep, g.Since = keep, fact.DayOf(g.Last, zone)+1
	}
	if bucket == r.Bucket(g.Since) { // counting began within the calendar period, of which the rest counts
		g.Since = min(g.Since, bucket)
	}
	g.Series.add(at, bucket, int64(points), retention{days: keep}, zone)
	if r.Cooldown > 0 {
		place, _ := slices.BinarySearch(g.Recent, at.UnixMicro())
		g.Recent = slices.Insert(g.Recent, place, at.UnixMicro())
		g.Recent = slices.Delete(g.Recent, 0, max(len(g.Recent)-maxRecent, 0))
	}
}

// remove takes out so many points of an award, and in the end the award.
func (g *Given) remove(at time.Time, day fact.Day, points fact.Points, whole bool, r *rule.Rations) {
	times := int64(0)
	if whole {
		times = 1
		if place, found := slices.BinarySearch(g.Recent, at.UnixMicro()); found {
			g.Recent = slices.Delete(g.Recent, place, place+1)
		}
	}
	g.Series.remove(r.Bucket(day), times, int64(points))
}

// used is how many times and points of a limit are used for a day: in its calendar window, or in whichever stretch of so many days that holds the day
// has the most.
func (g *Given) used(l rule.Limit, day fact.Day) (times, points int64) {
	switch n := l.Rolling(); {
	case l.Per == "":
		return g.Count, g.Sum
	case n > 0:
		times, points = g.between(day-fact.Day(n-1), day)
		for _, later := range g.Days[g.Days.from(day+1):] {
			if int(later.Day-day) >= n {
				break
			}
			t, p := g.between(later.Day-fact.Day(n-1), later.Day)
			times, points = max(times, t), max(points, p)
		}
		return times, points
	}
	return g.between(l.Per.Around(day))
}

// between is what is known of the first to the last day.
func (g *Given) between(first, last fact.Day) (times, points int64) {
	times, points, _ = g.within(max(first, g.Since), last)
	return times, points
}

// left is how many points a limit leaves for a day: none if its times are used up. It is false if it leaves all.
func (g *Given) left(l rule.Limit, day fact.Day) (left fact.Points, used int64, limited bool) {
	times, points := g.used(l, day)
	if l.Times > 0 {
		return 0, times, times >= l.Times
	}
	return max(l.Points-fact.Points(points), 0), points, true
}

// again is when a limit that leaves nothing for a day next leaves something; zero if it never does.
func (g *Given) again(l rule.Limit, day fact.Day, zone *time.Location) time.Time {
	if l.Per == "" {
		return time.Time{}
	}
	for { // at the latest after all that was given
		if l.Rolling() == 0 {
			_, day = l.Per.Around(day)
		}
		day++
		if left, _, limited := g.left(l, day); !limited || left > 0 {
			return day.Start(zone)
		}
	}
}

// cooling is until when an award at an instant would be too close to another; zero if it is not.
func (g *Given) cooling(r *rule.Rations, at time.Time, zone *time.Location) (until time.Time) {
	if r.Cooldown == 0 {
		return until
	}
	for _, micros := range g.Recent {
		if other := time.UnixMicro(micros).UTC(); at.Sub(other).Abs() < r.Cooldown {
			until = other.Add(r.Cooldown)
		}
	}
	if until.IsZero() && len(g.Recent) > 0 && g.Count > int64(len(g.Recent)) && at.UnixMicro() < g.Recent[0] {
		first, last := fact.DayOf(at.Add(-r.Cooldown), zone), fact.DayOf(at.Add(r.Cooldown), zone)
		if times, _ := g.between(first, min(last, fact.DayOf(time.UnixMicro(g.Recent[0]), zone)-1)); times > 0 {
			until = at.Add(r.Cooldown)
		}
	}
	return until
}
