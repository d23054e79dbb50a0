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
	var gone, back, refused int64
	for _, e := range j.order {
		b.entry(e)
		switch {
		case e.Reward == pin && e.Refused == "":
			gone++
		case e.Reward == pin && e.Refused == "OUT_OF_STOCK":
			refused++
		case e.Cancelled != "" && j.entries[e.Of].Reward == pin:
			back++
		}
	}
	b.stock(gone, back, refused)
	b.undoings(j)
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
	if e.undoes() {
		b.shown(e, member)
		return
	}
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
	case e.undoes(): // see undoings
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
	b.shown(e, member)
}

// shown compares the movements of an answer with what is stored.
func (b *books) shown(e *entry, member string) {
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

// stock follows the pins: so many went, so many came back.
func (b *books) stock(gone, back, refused int64) {
	taken := gone - back
	switch {
	case taken > pins:
		b.double("%d pins were handed out of %d", taken, pins)
	case refused > 0 && gone < pins:
		b.lose("only %d pins were handed out of %d, yet %d requests were told that none is left", gone, pins, refused)
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
	for id, r := range b.reversals {
		if !b.told[id] {
			b.double("the return %s, %+v, answers nobody", id, r)
		}
	}
	for _, o := range operations {
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
			if balance += m.gain(); m.Number != int64(i)+1 || m.Available != balance || balance < 0 {
				b.change("%s: after %d movements of %d points in all comes %+v", email, i, balance, m)
				break
			}
		}
	}
}

// counts makes sure that the mission's progress has numbered each member's purchases 1, 2, 3 …, less those that were returned, which tells of a working state
// that was overwritten even where no points moved. Each purchase goes one up and tells where it came to, each whole return one down: between two numbers
// as many go up as down, and one more below where it ended.
func (b *books) counts(order []*entry) {
	type step struct{ ups, downs int }
	of := map[string]map[int64]*step{}
	left := map[string]int64{}
	for _, e := range order {
		if e.Refused != "" || e.Operation != purchase && !e.Whole {
			continue
		}
		member, level := b.members[e.Email], e.Count
		if e.Whole {
			level++
		}
		if of[member] == nil {
			of[member] = map[int64]*step{}
		}
		if of[member][level] == nil {
			of[member][level] = &step{}
		}
		if e.Whole {
			of[member][level].downs++
			left[member]--
		} else {
			of[member][level].ups++
			left[member]++
		}
	}
	for member, steps := range of {
		for n := int64(1); n <= left[member]; n++ {
			if steps[n] == nil {
				steps[n] = &step{}
			}
		}
		for n, s := range steps {
			want := 0
			if n <= left[member] {
				want = 1
			}
			if has := s.ups - s.downs; has > want {
				b.lose("%s: %d purchases came to be its %d., and %d returns took one away", member, s.ups, n, s.downs)
			} else if has < want {
				b.double("%s: %d purchases came to be its %d., and %d returns took one away", member, s.ups, n, s.downs)
			}
		}
		switch has, wants := b.stored.counts[member], left[member]; {
		case has < wants:
			b.lose("%s: %d purchases are counted, %d were acknowledged and not returned", member, has, wants)
		case has > wants:
			b.double("%s: %d purchases are counted, %d were acknowledged and not returned", member, has, wants)
		}
	}
}
