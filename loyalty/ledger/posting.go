package ledger

import (
	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// flow is a posting before it has a name. Its lot is nil where only debt moves, or points that pay it.
type flow struct {
	lot            *Lot
	source, target Bucket
	points         fact.Points
}

// apply moves the points, in the balances and in the lot.
func (f flow) apply(b *Balances) {
	b.add(f.source, -f.points)
	b.add(f.target, f.points)
	if f.lot != nil {
		f.lot.add(f.source, -f.points)
		f.lot.add(f.target, f.points)
	}
}

// add folds points that enter the bucket (negative: that leave it) into the balances.
func (b *Balances) add(bucket Bucket, points fact.Points) {
	switch bucket {
	case Pending:
		b.Pending += points
	case Available:
		b.Available += points
	case Held:
		b.Held += points
	case Debt:
		b.Debt -= points
	}
}

// total is all the account's points, of whatever age.
func (b Balances) total() fact.Points { return b.Pending + b.Available + b.Held }

// add folds points that enter the bucket (negative: that leave it) into the lot.
func (l *Lot) add(bucket Bucket, points fact.Points) {
	switch bucket {
	case Issued:
		l.Amount -= points
	case Pending:
		l.Pending += points
	case Available:
		l.Available += points
	case Held:
		l.Held += points
	case Redeemed:
		l.Spent += points
	case Expired:
		l.Expired += points
	case Reversed, Debt:
		l.Reversed += points
	case Moved:
		if points > 0 {
			l.Moved += points
		} else {
			l.Amount -= points // they come from another account
		}
	}
}

// part is so many points of a lot.
type part struct {
	lot    *Lot
	points fact.Points
}

// named are the parts as an explanation tells them.
func named(parts []part) []why.Slice {
	list := make([]why.Slice, len(parts))
	for i, p := range parts {
		list[i] = why.Slice{Lot: p.lot.ID, Points: p.points}
	}
	return list
}

// carry moves parts from one bucket to another.
func carry(parts []part, source, target Bucket) []flow {
	flows := make([]flow, len(parts))
	for i, p := range parts {
		flows[i] = flow{p.lot, source, target, p.points}
	}
	return flows
}

// arriveAll is how parts become available, one after another.
func arriveAll(parts []part, source Bucket, debt fact.Points) []flow {
	var flows []flow
	for _, p := range parts {
		flows = append(flows, arrive(p.lot, source, p.points, debt)...)
		debt -= min(p.points, debt)
	}
	return flows
}

// arrive is how points of a lot become available: as many as are owed go on to repay the debt.
func arrive(lot *Lot, source Bucket, points, debt fact.Points) []flow {
	flows := []flow{{lot, source, Available, points}}
	if repaid := min(points, debt); repaid > 0 {
		flows = append(flows, flow{lot, Available, Debt, repaid})
	}
	return flows
}
