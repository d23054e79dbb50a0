package programme

import (
	"slices"
	"time"

	"granaio/loyalty/fact"
)

// course is when each version of a programme comes into force. At an instant the one of the highest number that has come by then is in force. So a
// version that was made later takes the place of those that were to come after it: they never do, unless they are made anew.
type course struct {
	from  []time.Time // by number, without gaps
	alive []int       // the places of those that were, are or will be in force, in the order of their numbers, which is that of their instants too
}

// VersionState is what becomes of a version.
type VersionState string

// The states.
const (
	Scheduled VersionState = "scheduled" // it is yet to come
	InForce   VersionState = "in_force"
	Past      VersionState = "past"
	Dropped   VersionState = "dropped" // it was cancelled or made anew before its instant, and never comes
)

// newCourse is the course of versions that come into force from these instants on. There is at least one.
func newCourse(from []time.Time) course {
	c := course{from: from}
	for i, f := range slices.Backward(from) {
		if len(c.alive) == 0 || f.Before(from[c.alive[len(c.alive)-1]]) {
			c.alive = append(c.alive, i)
		}
	}
	slices.Reverse(c.alive)
	return c
}

// begins is when the programme does.
func (c course) begins() time.Time { return c.from[c.alive[0]] }

// at is the place of the version in force at an instant, and when it is; -1 before the programme begins.
func (c course) at(instant time.Time) (int, fact.Span) {
	var span fact.Span
	for _, i := range slices.Backward(c.alive) {
		if !c.from[i].After(instant) {
			span.From = c.from[i]
			return i, span
		}
		span.Until = c.from[i]
	}
	return -1, span
}

// after are the places of the versions that come into force later than an instant, in that order.
func (c course) after(instant time.Time) []int {
	return slices.DeleteFunc(slices.Clone(c.alive), func(i int) bool { return !c.from[i].After(instant) })
}

// state is what becomes of the version at a place.
func (c course) state(place int, now time.Time) VersionState {
	current, _ := c.at(now)
	switch {
	case !slices.Contains(c.alive, place):
		return Dropped
	case place == current:
		return InForce
	case c.from[place].After(now):
		return Scheduled
	}
	return Past
}
