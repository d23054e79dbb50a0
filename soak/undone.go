package soak

// undoings compares what was undone with what there was to undo, purchase by purchase and redemption by redemption.
func (b *books) undoings(j *journal) {
	of := map[string][]*entry{}
	for _, e := range j.order {
		if e.undoes() {
			of[e.Of] = append(of[e.Of], e)
		}
	}
	for key, all := range of {
		if was := j.entries[key]; was.Operation == purchase {
			b.returns(was, all)
		} else {
			b.refunds(was, all)
		}
	}
}

// returns are those of one purchase. Parts are whole euros, each of which takes its point with it; what is left of the purchase when it is returned as a
// whole earned the rest.
func (b *books) returns(was *entry, all []*entry) {
	left, wholes, ends := was.Cents, 0, 0
	for _, e := range all {
		if e.Refused != "" {
			continue
		}
		if left -= e.Cents; e.Cents == 0 {
			wholes++
		}
		if e.Whole {
			ends++
		}
	}
	nothing := wholes > 0 || left == 0 // is left
	switch {
	case left < 0 || wholes > 1 || wholes == 1 && left == 0 && was.Cents > 0:
		b.double("%s: of %d cents %d too many were returned, and %d times the whole", was.Key, was.Cents, -left, wholes)
	case nothing && ends != 1 && (wholes > 0 || was.Cents > 0), !nothing && ends > 0:
		b.change("%s: %d cents are left of it, after %d returns as a whole; %d answers say that nothing is", was.Key, left, wholes, ends)
	}
	for _, e := range all {
		switch {
		case e.Refused == "":
			b.returned(e, was, left)
		case e.Refused == "ALREADY_REVERSED" && ends > 0:
		case e.Refused == "MORE_THAN_LEFT" && (e.Cents > left || wholes > 0):
		default:
			b.change("%s: refused as %s, though %d cents are left of %s", e.Key, e.Refused, left, was.Key)
		}
	}
}

// returned compares one return of a purchase, of which parts have left so much.
func (b *books) returned(e, was *entry, left int64) {
	value := e.Cents
	if value == 0 {
		value = left
	}
	is, ok := b.reversals[e.ID]
	switch want := (returned{b.members[e.Email], was.ID, value, e.Whole}); {
	case !ok:
		b.lose("%s: the return %s is not stored", e.Key, e.ID)
	case is != want || e.answer.Back != value:
		b.change("%s: the return is stored as %+v, and was answered with %d cents; it was %+v", e.Key, is, e.answer.Back, want)
	}
	points := value / 100
	switch moved := e.Movements; {
	case points == 0 && len(moved) == 0:
	case len(moved) == 1 && moved[0].Kind == "reverse_earn" && (moved[0].Points == points || moved[0].Points < points && moved[0].Available == 0):
	default:
		b.change("%s: a return of %d cents was answered by %+v", e.Key, value, moved)
	}
}

// refunds are those of one redemption.
func (b *books) refunds(was *entry, all []*entry) {
	left := prices[was.Reward]
	wholes, cancelled := 0, 0
	for _, e := range all {
		if e.Refused != "" {
			continue
		}
		if left -= e.Points; e.Points == 0 {
			wholes++
		}
		if e.Cancelled != "" {
			cancelled++
		}
		if e.Cancelled != "" && e.Cancelled != was.ID {
			b.change("%s: a refund of %s cancelled %s", e.Key, was.ID, e.Cancelled)
		}
	}
	switch {
	case left < 0 || wholes > 1 || wholes == 1 && left == 0:
		b.double("%s: of %d points %d too many were given back, and %d times all", was.Key, prices[was.Reward], -left, wholes)
	case (wholes == 1 || left == 0) != (cancelled == 1) || b.cancelled[was.ID] != (cancelled == 1):
		b.change("%s: %d points are left of it, after %d refunds of all; %d answers say that it is cancelled, stored is %t", was.Key, left, wholes, cancelled,
			b.cancelled[was.ID])
	}
	for _, e := range all {
		points := e.Points
		if points == 0 {
			points = left
		}
		switch {
		case e.Refused == "" && len(e.Movements) == 1 && e.Movements[0].Kind == "reverse_spend" && e.Movements[0].Points == points:
		case e.Refused == "ALREADY_REVERSED" && cancelled > 0:
		case e.Refused == "MORE_THAN_SPENT" && (points > left || wholes > 0):
		default:
			b.change("%s: %d points of %s, of which %d are left, were answered by %+v", e.Key, points, was.Key, left, e.answer)
		}
	}
}
