package ledger

import "granaio/loyalty/fact"

// flow is a posting before it has a name. Its lot is nil where only debt moves.
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
	}
}

// arrive is how points of a lot become available: as many as are owed go on to repay the debt.
func arrive(lot *Lot, source Bucket, points, debt fact.Points) []flow {
	flows := []flow{{lot, source, Available, points}}
	if repaid := min(points, debt); repaid > 0 {
		flows = append(flows, flow{lot, Available, Debt, repaid})
	}
	return flows
}
