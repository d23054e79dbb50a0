package soak

import (
	"cmp"
	"slices"
)

// compare tells what of the journal the database does not hold, or holds otherwise, and what it holds besides. Every request must have been answered.
func compare(j *journal, s *stored) (v verdict) {
	j.mu.Lock()
	defer j.mu.Unlock()
	b := &books{stored: s, verdict: &v, members: map[string]string{}, balances: map[string]int64{}, told: map[string]bool{}, commands: map[operation]int{}}
	b.indexInteractions()
	for _, e := range j.order {
		if e.Operation == enrolment && e.Refused == "" {
			b.enrolled(e)
		}
	}
	var taken, refused int64
	for _, e := range j.order {
		b.entry(e)
		switch {
		case e.Reward == pin && e.Refused == "":
			taken++
		case e.Reward == pin && e.Refused == "OUT_OF_STOCK":
			refused++
		}
	}
	b.stock(taken, refused)
	b.besides(j.entries)
	b.sums()
	b.sequences(j.order)
	b.counts(j.order)
	return v
}

// books are the journal added up, beside what the database holds.
type books struct {
	*stored
	*verdict
	members  map[string]string // ids by e-mail address, as acknowledged
	balances map[string]int64  // of members, by what was acknowledged
	told     map[string]bool   // ids that an answer named
	commands map[operation]int // that must be kept
	byRef    map[string][]interaction
}

func (b *books) indexInteractions() {
	b.byRef = make(map[string][]interaction, len(b.interactions))
	for _, i := range b.interactions {
		b.byRef[i.ref] = append(b.byRef[i.ref], i)
	}
}

// enrolled takes down who a member is.
func (b *books) enrolled(e *entry) {
	if other := b.members[e.Email]; other != "" {
		b.double("%s: %s was enrolled as %s already", e.Key, e.Email, other)
	}
	b.members[e.Email] = e.ID
	switch ids := b.stored.members[e.Email]; {
	case !slices.Contains(ids, e.ID):
		b.lose("%s: %s is not stored as %s", e.Key, e.Email, e.ID)
	case len(ids) > 1:
		b.double("%s: %s is stored as %v", e.Key, e.Email, ids)
	}
}

// kept are the refusals that are answers for ever.
var kept = []string{"INSUFFICIENT_POINTS", "OUT_OF_STOCK"}

// entry compares one answer with what is stored of it.
func (b *books) entry(e *entry) {
	if e.Refused != "" {
		b.refused(e)
		return
	}
	b.commands[e.Operation]++
	b.told[e.ID] = true
	member := b.members[e.Email]
	if member == "" {
		b.change("%s: granted for %s, whose enrolment was never acknowledged", e.Key, e.Email)
		return
	}
	b.balances[member] += e.gain()
	switch e.Operation {
	case purchase:
		b.purchase(e, member)
	case redemption:
		if owner := b.redemptions[e.ID]; owner == "" {
			b.lose("%s: the redemption %s is not stored", e.Key, e.ID)
		} else if owner != member {
			b.change("%s: the redemption %s is stored for %s, not for %s", e.Key, e.ID, owner, member)
		}
	}
	b.moved(e, member)
}

func (b *books) refused(e *entry) {
	switch {
	case slices.Contains(kept, e.Refused) && e.Operation == redemption:
		b.commands[e.Operation]++
	case e.Refused == "IDENTITY_TAKEN" && e.Operation == enrolment:
		if b.members[e.Email] == "" {
			b.lose("%s: %s is taken, but nobody was told of having enrolled it", e.Key, e.Email)
		}
	default:
		b.change("%s: refused as %s, which can never be right", e.Key, e.Refused)
	}
	if len(b.byRef[e.Key]) > 0 {
		b.change("%s: refused as %s, but its interaction is stored", e.Key, e.Refused)
	}
}

func (b *books) purchase(e *entry, member string) {
	found := b.byRef[e.Key]
	switch {
	case len(found) == 0:
		b.lose("%s: the interaction %s is not stored", e.Key, e.ID)
	case len(found) > 1:
		b.double("%s: %d interactions are stored", e.Key, len(found))
	case found[0] != interaction{e.ID, member, e.Key, e.Cents}:
		b.change("%s: the interaction is stored as %+v", e.Key, found[0])
	}
}

// moved compares the movements of an answer with what was asked for and with what is stored.
func (b *books) moved(e *entry, member string) {
	kind, points := e.movements()
	switch {
	case points == 0 && len(e.Movements) == 0:
	case len(e.Movements) == 1 && e.Movements[0].Kind == kind && e.Movements[0].Points == points:
	default:
		b.change("%s: %+v was answered by %+v", e.Key, e.request, e.Movements)
	}
	for _, m := range e.Movements {
		b.told[m.ID] = true
		switch is, ok := b.movements[m.ID]; {
		case !ok:
			b.lose("%s: the movement %s is not stored", e.Key, m.ID)
		case is != m || b.owners[m.ID] != member:
			b.change("%s: the movement is stored as %+v of %s; the answer was %+v of %s", e.Key, is, b.owners[m.ID], m, member)
		}
	}
}

func (b *books) stock(taken, refused int64) {
	switch {
	case taken > pins:
		b.double("%d pins were handed out of %d", taken, pins)
	case refused > 0 && taken < pins:
		b.lose("only %d pins were handed out of %d, yet %d requests were told that none is left", taken, pins, refused)
	}
	switch {
	case b.taken > taken:
		b.double("%d pins are stored as gone, %d were handed out", b.taken, taken)
	case b.taken < taken:
		b.lose("%d pins are stored as gone, %d were handed out", b.taken, taken)
	}
}

// besides finds what is stored and nobody was told of.
func (b *books) besides(entries map[string]*entry) {
	for _, i := range b.interactions {
		if entries[i.ref] == nil {
			b.double("the interaction %s of %s, key %q, answers nobody", i.id, i.member, i.ref)
		}
	}
	for email, ids := range b.stored.members {
		if b.members[email] == "" {
			b.double("%s is stored as %v, which answers nobody", email, ids)
		}
	}
	for id, m := range b.movements {
		if !b.told[id] {
			b.double("the movement %+v of %s answers nobody", m, b.owners[id])
		}
	}
	for id, member := range b.redemptions {
		if !b.told[id] {
			b.double("the redemption %s of %s answers nobody", id, member)
		}
	}
	for _, o := range []operation{enrolment, purchase, redemption} {
		switch has, wants := b.stored.commands[o], b.commands[o]; {
		case has > wants:
			b.double("%d commands %s are stored, %d were answered", has, o, wants)
		case has < wants:
			b.lose("%d commands %s are stored, %d were answered", has, o, wants)
		}
	}
}

// sums compares every balance with the sum of what was acknowledged.
func (b *books) sums() {
	for email, member := range b.members {
		switch has, wants := b.stored.balances[member], b.balances[member]; {
		case has > wants:
			b.double("%s (%s) has %d points, its answers add up to %d", email, member, has, wants)
		case has < wants:
			b.lose("%s (%s) has %d points, its answers add up to %d", email, member, has, wants)
		}
	}
}

// sequences follows every member's movements by the answers alone: their numbers have no gap, each balance follows from the one before, and none is
// negative.
func (b *books) sequences(order []*entry) {
	of := map[string][]movement{}
	for _, e := range order {
		of[e.Email] = append(of[e.Email], e.Movements...)
	}
	for email, all := range of {
		slices.SortFunc(all, func(x, y movement) int { return cmp.Compare(x.Number, y.Number) })
		balance := int64(0)
		for i, m := range all {
			if m.Kind == "spend" {
				balance -= m.Points
			} else {
				balance += m.Points
			}
			if m.Number != int64(i)+1 || m.Available != balance || balance < 0 {
				b.change("%s: after %d movements of %d points in all comes %+v", email, i, balance, m)
				break
			}
		}
	}
}

// counts makes sure that the mission's progress has numbered each member's purchases 1, 2, 3 …, which tells of a working state that was overwritten
// even where no points moved.
func (b *books) counts(order []*entry) {
	of := map[string][]int64{}
	for _, e := range order {
		if e.Operation == purchase && e.Refused == "" {
			member := b.members[e.Email]
			of[member] = append(of[member], e.Count)
		}
	}
	for member, all := range of {
		slices.Sort(all)
		for i, n := range all {
			if want := int64(i) + 1; n < want {
				b.lose("%s: two of its purchases are said to be its %d.", member, n)
				break
			} else if n > want {
				b.double("%s: none of its purchases is its %d., one is its %d.", member, want, n)
				break
			}
		}
		switch has, wants := b.stored.counts[member], int64(len(all)); {
		case has < wants:
			b.lose("%s: %d purchases are counted, %d were acknowledged", member, has, wants)
		case has > wants:
			b.double("%s: %d purchases are counted, %d were acknowledged", member, has, wants)
		}
	}
}
