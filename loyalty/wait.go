package loyalty

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/loyalty/why"
)

// maxArrived is how many events that came before any points waited for them are remembered of a member: the latest.
const maxArrived = 32

// awaitedKey is what an event is known by that points wait for: its name, and the value of the property that tells which. Of the value only a digest is ever
// kept. It is false for an interaction that has no value there.
func (p *Programme) awaitedKey(event, same string, i *fact.Interaction) (fact.ID, bool) {
	parts := []string{event, same}
	value, ok := i.Properties[same]
	if ok = ok && value != nil; ok {
		parts = append(parts, fmt.Sprint(value)) // otherwise it is what no event is known by
	}
	return fact.Digest(p.id.Secret, parts...).As(fact.KindDigest), ok
}

// age makes an earning age: from when it occurred, or from when what it waits for comes. That may have come before.
func (d *decision) age(e *ledger.Earning, a ageing) {
	if within := d.p.members.of(d.state.Member.Status).within; !within.IsZero() && a.on == "" && a.Matures == (ledger.Maturity{}) {
		a.Matures.Within = within
		e.Wait(d.p.registration(), a.Ageing, d.p.zone)
		return
	}
	if a.on == "" {
		e.Age(a.Ageing, d.p.zone)
		return
	}
	key, _ := d.p.awaitedKey(a.on, a.same, &d.interaction)
	doc := &d.state.Doc
	if i := slices.IndexFunc(doc.Arrived, func(x Arrival) bool { return x.Key == key && x.Until.After(d.now) }); i >= 0 {
		from := doc.Arrived[i].At
		if from.Before(e.Occurred) {
			from = e.Occurred
		}
		e.Begin(from, a.Ageing, d.p.zone)
		return
	}
	e.Wait(key, a.Ageing, d.p.zone)
	doc.Waiting = slices.Clone(doc.Waiting)
	i := slices.IndexFunc(doc.Waiting, func(w Waiting) bool { return w.Event == a.on && w.Same == a.same })
	if i < 0 {
		doc.Waiting = append(doc.Waiting, Waiting{Event: a.on, Same: a.same, Until: e.Expires})
	} else if e.Expires.After(doc.Waiting[i].Until) {
		doc.Waiting[i].Until = e.Expires
	}
}

// Awaits tells whether points of the member may wait for an event at an instant, so that an interaction of it needs all open lots.
func (d *Doc) Awaits(event string, now time.Time) bool {
	return slices.ContainsFunc(d.Waiting, func(w Waiting) bool { return w.Event == event && w.Until.After(now) })
}

// Matures tells whether points may wait for an event, by this version of the programme.
func (p *Programme) Matures(event string) bool {
	plan := p.plans[event]
	return plan != nil && len(plan.awaited) > 0
}

// register makes points available that waited for the member's registration, if that is what the interaction is.
func (d *decision) register() error {
	if d.interaction.Event != EventEnrolled {
		return nil
	}
	reason := ledger.Reason{Interaction: d.interaction.ID, Explanation: why.Explanation{Event: EventEnrolled}}
	_, err := d.book.Mature(d.p.registration(), d.interaction.Occurred, reason)
	return err
}

// mature makes points available that waited for the interaction. What no points waited for yet is remembered, for those that are heard of later.
func (d *decision) mature() error {
	doc, i := &d.state.Doc, &d.interaction
	if doc.Waiting == nil && d.plan.awaited == nil {
		return nil
	}
	doc.Waiting = without(doc.Waiting, func(w Waiting) bool { return !w.Until.After(d.now) })
	doc.Arrived = without(doc.Arrived, func(a Arrival) bool { return !a.Until.After(d.now) })
	came := map[string]bool{}
	for _, w := range doc.Waiting {
		key, ok := d.p.awaitedKey(w.Event, w.Same, i)
		if w.Event != i.Event || !ok {
			continue
		}
		reason := ledger.Reason{Interaction: i.ID, Explanation: why.Explanation{Event: i.Event}}
		movements, err := d.book.Mature(key, i.Occurred, reason)
		if err != nil {
			return err
		}
		came[w.Same] = len(movements) > 0
	}
	for _, same := range slices.Sorted(maps.Keys(d.plan.awaited)) {
		key, ok := d.p.awaitedKey(i.Event, same, i)
		until := d.plan.awaited[same].After(i.Occurred, d.p.zone)
		if came[same] || !ok || !until.After(d.now) {
			continue
		}
		doc.Arrived = append(slices.Clone(doc.Arrived), Arrival{Key: key, At: i.Occurred, Until: until})
	}
	doc.Arrived = doc.Arrived[max(0, len(doc.Arrived)-maxArrived):]
	return nil
}

// unarrive forgets that the interaction came, so that nothing that is heard of later becomes available by it. What became available by it stays so: it
// belongs to what earned it. Whichever version remembered it, what it is known by is one of its properties.
func (d *decision) unarrive() {
	doc, i := &d.state.Doc, &d.interaction
	if len(doc.Arrived) == 0 {
		return
	}
	for same := range i.Properties {
		key, _ := d.p.awaitedKey(i.Event, same, i)
		if n := slices.IndexFunc(doc.Arrived, func(a Arrival) bool { return a.Key == key && a.At.Equal(i.Occurred) }); n >= 0 {
			doc.Arrived = slices.Delete(slices.Clone(doc.Arrived), n, n+1)
		}
	}
}

// without is a list without some of it: the list itself if none is to go, so that what is shared is not changed.
func without[T any](list []T, gone func(T) bool) []T {
	if !slices.ContainsFunc(list, gone) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), gone)
}
