package loyalty

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"granaio/loyalty/consent"
	"granaio/loyalty/fact"
)

// joined is one document of two: of a member, and of one that is merged into it. Nothing that both have is there twice, and nothing that either has is lost. What
// the ledger keeps (Warned), what personas say (Affinities) and what holds the tier (Standing) is joined by whoever merges.
func (p *Programme) joined(into, other *Doc) Doc {
	doc := *into
	doc.Version = max(into.Version, other.Version)
	doc.Profile = p.joinedProfile(into.Profile, other.Profile)
	doc.Events = union(into.Events, other.Events, func(a, b *Series) *Series { return a.joined(b, p.zone) })
	doc.Qualifying = *into.Qualifying.joined(&other.Qualifying, p.zone)
	doc.Missions = union(into.Missions, other.Missions, MissionState.joined)
	doc.Given = union(into.Given, other.Given, func(a, b *Given) *Given { return a.joined(b, p.zone) })
	doc.Redeemed = union(into.Redeemed, other.Redeemed, func(a, b int64) int64 { return a + b })
	doc.Affinities = nil
	doc.Metrics = p.joinedMetrics(into, other)
	doc.Consents = union(into.Consents, other.Consents, func(a, b consent.Record) consent.Record {
		if b.Since.After(a.Since) || b.Since.Equal(a.Since) && b.State != consent.Given {
			return b
		}
		return a
	})
	if doc.Contact == nil {
		doc.Contact = other.Contact
	}
	doc.Waiting = waiting(into.Waiting, other.Waiting)
	doc.Arrived = arrived(into.Arrived, other.Arrived)
	if other.Moment != nil && (into.Moment == nil || other.Moment.At.After(into.Moment.At)) {
		doc.Moment = other.Moment
	}
	doc.Absorbed = append(slices.Clip(into.Absorbed), other.Absorbed...)
	return doc
}

// joinedProfile is what is known of either of two members: of each attribute what is believed more, or is newer, and the dependents of both.
func (p *Programme) joinedProfile(into, other *Profile) *Profile {
	if other == nil || into.Err() != nil || other.Err() != nil {
		return into
	}
	a, b := into.Known(), other.Known()
	return NewProfile(Known{
		Attributes: unionNamed(a.Attributes, b.Attributes, func(name string, x, y Attribute) Attribute {
			return p.attributes[name].joined(x, y)
		}),
		Aside:      union(a.Aside, b.Aside, func(x, _ Attribute) Attribute { return x }),
		Dependents: append(slices.Clip(a.Dependents), b.Dependents...),
	})
}

// joined is which of two values is known that were known of two members: the one that is believed more, or is newer, whosever it was; the first, if neither is. Who is
// believed less and removed what was known of the one removes nothing of what is known of the other.
func (a *DeclaredAttribute) joined(x, y Attribute) Attribute {
	mine, other := a.outdoes(x, y), a.outdoes(y, x)
	if mine == other {
		mine, other = x.At.After(y.At), y.At.After(x.At)
		if one := x.Value != nil; !a.outdoes(x, y) && one != (y.Value != nil) {
			mine, other = one, !one
		}
	}
	if other && !mine {
		return y
	}
	return x
}

// unionNamed is union, told which name both have.
func unionNamed[V any](a, b map[string]V, both func(string, V, V) V) map[string]V {
	all := maps.Clone(a)
	if all == nil {
		all = make(map[string]V, len(b))
	}
	for name, v := range b {
		if own, ok := a[name]; ok {
			v = both(name, own, v)
		}
		all[name] = v
	}
	return all
}

// left is what stays of the document of a member that was merged into another: what is known of it the other has.
func (d *Doc) left() Doc { return Doc{Version: d.Version} }

// union is what either of two maps has, and both made one where both have it.
func union[V any](a, b map[string]V, both func(V, V) V) map[string]V {
	if len(b) == 0 {
		return a
	}
	all := make(map[string]V, len(a)+len(b))
	maps.Copy(all, a)
	for key, v := range b {
		if own, ok := all[key]; ok {
			v = both(own, v)
		}
		all[key] = v
	}
	return all
}

// joined is one series of two. Of what was not kept by day in one of them, nothing is known by day.
func (s *Series) joined(o *Series, zone *time.Location) *Series {
	switch {
	case o == nil || o.Count == 0 && o.Keep == 0:
		return s
	case s == nil || s.Count == 0 && s.Keep == 0:
		return o
	}
	c := &Series{
		Count: s.Count + o.Count, Sum: plus(s.Sum, o.Sum), First: s.First, Last: latest(s.Last, o.Last), Keep: max(s.Keep, o.Keep), Since: max(s.known(zone), o.known(zone)),
	}
	if c.First.IsZero() || !o.First.IsZero() && o.First.Before(c.First) {
		c.First = o.First
	}
	for _, days := range []Days{s.Marks, o.Marks} {
		for _, mark := range days {
			here, known := s.before(mark.Day, zone)
			there, too := o.before(mark.Day, zone)
			if place := c.Marks.from(mark.Day); known && too && (place == len(c.Marks) || c.Marks[place].Day != mark.Day) {
				c.Marks = slices.Insert(c.Marks, place, Tally{mark.Day, here.Count + there.Count, plus(here.Sum, there.Sum)})
			}
		}
	}
	if c.Keep == 0 {
		return c
	}
	c.Days = slices.Clone(s.Days)
	for _, t := range o.Days {
		place := c.Days.from(t.Day)
		if place == len(c.Days) || c.Days[place].Day != t.Day {
			c.Days = slices.Insert(c.Days, place, Tally{Day: t.Day})
		}
		c.Days[place].Count, c.Days[place].Sum = c.Days[place].Count+t.Count, plus(c.Days[place].Sum, t.Sum)
	}
	c.Days = slices.Delete(c.Days, 0, c.Days.from(c.Since))
	c.forget(fact.DayOf(c.Last, zone) - fact.Day(c.Keep))
	return c
}

// known is the first day from which on all is known by day; 0 if that is all days.
func (s *Series) known(zone *time.Location) fact.Day {
	if s.Keep == 0 && s.Count > 0 {
		return fact.DayOf(s.Last, zone) + 1
	}
	return s.Since
}

// joined is one record of two of what a rule gave.
func (g *Given) joined(o *Given, zone *time.Location) *Given {
	c := &Given{Series: *g.Series.joined(&o.Series, zone), Excess: g.Excess + o.Excess}
	c.Recent = slices.Concat(g.Recent, o.Recent)
	slices.Sort(c.Recent)
	c.Recent = slices.Delete(c.Recent, 0, max(len(c.Recent)-maxRecent, 0))
	return c
}

// joined is how far the two are together in a mission. What either has completed is completed; what only both together would have is completed by what next counts.
func (s MissionState) joined(o MissionState) MissionState {
	all := append(slices.Clone(s.Earlier), s.MissionPeriod)
	for _, p := range append(slices.Clone(o.Earlier), o.MissionPeriod) {
		place, found := slices.BinarySearchFunc(all, p.Period, func(p MissionPeriod, name string) int { return cmp.Compare(p.Period, name) })
		if !found {
			all = slices.Insert(all, place, p)
			continue
		}
		own := &all[place]
		own.Count += p.Count
		if own.Completed.IsZero() || !p.Completed.IsZero() && p.Completed.Before(own.Completed) {
			own.Completed, own.Award = p.Completed, p.Award
		}
	}
	last := len(all) - 1
	return MissionState{MissionPeriod: all[last], Earlier: all[:last:last], Latest: max(s.Latest, o.Latest)}
}

// waiting is which events points of either wait for, and how long at most.
func waiting(a, b []Waiting) []Waiting {
	all := slices.Clone(a)
	for _, w := range b {
		at := slices.IndexFunc(all, func(o Waiting) bool { return o.Event == w.Event && o.Same == w.Same })
		if at < 0 {
			all = append(all, w)
		} else {
			all[at].Until = latest(all[at].Until, w.Until)
		}
	}
	return all
}

// arrived is which events came to either before any points waited for them, the latest ones.
func arrived(a, b []Arrival) []Arrival {
	all := slices.Clone(a)
	for _, x := range b {
		if !slices.ContainsFunc(all, func(o Arrival) bool { return o.Key == x.Key }) {
			all = append(all, x)
		}
	}
	slices.SortStableFunc(all, func(a, b Arrival) int { return a.At.Compare(b.At) })
	return all[max(0, len(all)-maxArrived):]
}
