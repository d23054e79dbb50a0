package ledger

import (
	"slices"
	"time"

	"granaio/loyalty/fact"
)

// AsOf is the account's balances by now, with what has fallen due and is not booked yet: what Open would come to. The lots and holds are at least those
// that are due, and the lots that those holds pin; while nothing is (Account.IsDue), none.
func AsOf(account Account, lots []Lot, now time.Time, holds ...Holding) Balances {
	balances, _ := project(account, lots, holds, now, nil)
	return balances
}

// Expiry is points that will be lost, unless they are spent before.
type Expiry struct {
	At         time.Time // the first instant at which they can no longer be spent
	Points     fact.Points
	Inactivity bool // they are lost only if there is no activity until then
}

// Expiring is which of the points that are available now are lost after now and by until, soonest first. Points that are lost at one instant are one
// entry, but those that activity saves another. The lots and holds are at least those that AsOf needs, and the lots that expire by until.
func Expiring(account Account, lots []Lot, now, until time.Time, holds ...Holding) []Expiry {
	_, projected := project(account, lots, holds, now, nil)
	var list []Expiry
	for _, l := range account.burnOrder(projected) {
		e := Expiry{account.ends(l), l.Available, !l.Validity.Idle.IsZero()}
		if e.At.IsZero() || e.At.After(until) {
			break
		}
		same := slices.IndexFunc(list, func(o Expiry) bool { return o.At.Equal(e.At) && o.Inactivity == e.Inactivity })
		if same >= 0 {
			list[same].Points += e.Points
			continue
		}
		list = append(list, e)
	}
	return list
}

// project applies what has fallen due to copies, and tells of each step if it is asked to.
func project(account Account, lots []Lot, holds []Holding, now time.Time, tell func(s step, change Balances, points fact.Points)) (Balances, []*Lot) {
	own := slices.Clone(lots)
	projected := make([]*Lot, len(own))
	for i := range own {
		projected[i] = &own[i]
	}
	open := make([]*Holding, len(holds))
	for i := range holds {
		open[i] = &holds[i] // only read
	}
	_ = account.happen(account.steps(projected, open, account.present(now)), func(s step) error {
		before, points := account.Balances, s.points()
		for _, f := range s.flows(account.Debt) {
			f.apply(&account.Balances)
		}
		if tell != nil {
			tell(s, account.Minus(before), points)
		}
		return nil
	})
	return account.Balances, projected
}
