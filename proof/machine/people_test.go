package machine

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"granaio/loyalty/fact"
)

// The statuses, by the names that are stored.
const (
	anonymous  = "anonymous" // it earns points that wait for its registration
	prospect   = "prospect"  // it earns nothing
	registered = "registered"
	suspended  = "suspended"
)

// patience is for how many days points wait for a registration.
const patience = 20

// known is how well a member is known.
func (m *member) known() int {
	return slices.Index([]string{anonymous, prospect, registered}, m.status)
}

// unpaid tells whether a member earns nothing.
func (m *member) unpaid() bool { return m.status == prospect }

// mayNotSpend is why a member spends nothing; empty if it may.
func (m *member) mayNotSpend() fact.Code {
	switch m.status {
	case suspended:
		return fact.CodeMemberSuspended
	case registered:
		return ""
	}
	return fact.CodeNotRegistered
}

// isDevice tells whether an identity is a device's. The others are e-mail addresses.
func isDevice(name string) bool { return name != "" && !strings.Contains(name, "@") }

// ofPeople tells whether it is that somebody became known, which is not returned.
func (d *deed) ofPeople() bool { return strings.HasPrefix(d.event, "member.") }

// meet makes a member.
func (m *model) meet(c *command, status string, names ...string) *member {
	id := c.id.As(fact.KindMember)
	p := &member{
		id: id, status: status, names: names, rewards: map[string]int64{}, excess: map[string]int64{}, awards: map[string]award{}, began: map[string]bool{}, account: &account{member: id},
	}
	m.members = append(m.members, p)
	return p
}

func (m *model) register(r *request, c *command) answer {
	p, at := m.find(r.who), occurred(r, c.clock)
	switch {
	case p == nil:
		return refusal(fact.CodeUnknownMember, "member")
	case m.inForce(at) == nil:
		return refusal(fact.CodeBeforeProgramme, "occurredAt")
	case p.status == suspended:
		return refusal(fact.CodeMemberSuspended, "member")
	case p.status == registered:
		return refusal(fact.CodeUnchanged, "member")
	}
	if a := m.untimely(r, at, c.clock); a != nil {
		return *a
	}
	p.status = registered
	return m.decide(p, deed{event: "member.enrolled", at: at}, c)
}

// registers makes points available that waited for a registration, from an instant on.
func (b *booking) registers(at time.Time) {
	var come []*lot
	for _, l := range b.lots {
		if l.waits && l.pending > 0 {
			come = append(come, l)
		}
	}
	slices.SortFunc(come, byID)
	for _, l := range come {
		points := l.pending
		l.pending, l.waits, l.activates = 0, false, at
		if l.earned.After(at) {
			l.activates = l.earned
		}
		l.age()
		b.arrive(l, points)
		b.book("mature", points, l.activates)
	}
	b.settle()
}

func byID(x, y *lot) int { return bytes.Compare(x.id[:], y.id[:]) }

// bar suspends a member, or lets it in again.
func (m *member) bar(out bool, c *command) answer {
	if out == (m.status == suspended) {
		return refusal(fact.CodeUnchanged, "member")
	}
	if c.open(m.account); out {
		m.was, m.status = m.status, suspended
	} else {
		m.was, m.status = "", m.was
	}
	return answer{Member: m.id}
}

// identify gives a member identities. Whoever has one of them is the same person: who is known less joins who is known better.
func (m *model) identify(r *request, c *command) answer {
	p := m.find(r.who)
	if p == nil {
		return refusal(fact.CodeUnknownMember, "member")
	}
	best, same := p, []*member{p}
	var added []string
	for i, name := range r.names() {
		o := m.find(ref{Name: name})
		switch {
		case p.status == suspended, o != nil && o.status == suspended:
			return refusal(fact.CodeMemberSuspended, "member")
		case o == nil:
			added = append(added, name)
		case slices.Contains(same, o):
		case o.known() > best.known():
			best, same = o, append(same, o)
		case o.known() == best.known() && o.status != anonymous:
			return refusal(fact.CodeIdentityConflict, fmt.Sprint("identities.", i))
		default:
			same = append(same, o)
		}
	}
	a := answer{Member: best.id}
	if others := slices.DeleteFunc(same, func(o *member) bool { return o == best }); len(others) > 0 {
		a = m.absorb(c, best, others...)
	}
	best.names = append(best.names, added...)
	return a
}

// disown takes an identity from a member.
func (m *model) disown(r *request) answer {
	p := m.find(r.who)
	switch {
	case p == nil:
		return refusal(fact.CodeUnknownMember, "member")
	case m.find(ref{Name: r.name}) != p:
		return refusal(fact.CodeUnknownIdentity, "identity")
	case p.status == suspended:
		return refusal(fact.CodeMemberSuspended, "member")
	case len(p.names) == 1:
		return refusal(fact.CodeLastIdentity, "identity")
	}
	p.names = slices.DeleteFunc(p.names, func(name string) bool { return name == r.names()[0] })
	return answer{Member: p.id}
}

func (m *model) merge(r *request, c *command) answer {
	from, into := m.find(r.who), m.find(r.to)
	switch {
	case from == nil:
		return refusal(fact.CodeUnknownMember, "from")
	case into == nil:
		return refusal(fact.CodeUnknownMember, "into")
	case r.who.Name == "" && r.who.ID != from.id:
		return refusal(fact.CodeAlreadyMerged, "from")
	case from == into:
		return refusal(fact.CodeSameMember, "into")
	case from.status == suspended:
		return refusal(fact.CodeMemberSuspended, "from")
	case into.status == suspended:
		return refusal(fact.CodeMemberSuspended, "into")
	}
	return m.absorb(c, into, from)
}
