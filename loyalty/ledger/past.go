package ledger

import (
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/why"
)

// InEffect is how many of an account's movements had taken effect by an instant: all of them up to a number, since movements take effect in the order
// of their numbers. Which tells a balance of the past: that after the last of them. It is what AsOf gave at that instant, however late what had fallen
// due by then was booked; and whatever is booked later, it stays so.
//
// A movement takes effect when it is booked, whenever what caused it occurred; one that time alone brings about takes effect when it falls due, but
// never before the movement before it. The movements are all those of the account, in order. If all of them had taken effect, more may have fallen due
// that is not booked yet: then it is AsOf that tells the balance, at that instant, of the account as it is now.
func InEffect(movements []Movement, at time.Time) int {
	n := 0
	for n < len(movements) && movements[n].inEffect(at) {
		n++
	}
	return n
}

// inEffect tells whether the movement had taken effect by an instant by which the one before it had.
func (m Movement) inEffect(at time.Time) bool {
	return !m.Booked.After(at) || why.ByTime(m.Reason.Explanation.Source) && !m.Occurred.After(at)
}

// Fall is something that has fallen due and is not booked yet.
type Fall struct {
	Kind   Kind // Mature, Expire, or Release for a hold that lapses
	At     time.Time
	Points fact.Points
	Change Balances // by how much each bucket changes
}

// Fallen is what has fallen due after the account's last movement and by now, in the order in which it will be booked. The lots and holds are those that
// AsOf needs; its balances are the account's with all these changes.
func Fallen(account Account, lots []Lot, now time.Time, holds ...Holding) []Fall {
	var falls []Fall
	project(account, lots, holds, now, func(s step, change Balances, points fact.Points) {
		falls = append(falls, Fall{s.kind, s.at, points, change})
	})
	return falls
}

// Plus is the balances with a change of each.
func (b Balances) Plus(c Balances) Balances {
	return Balances{b.Pending + c.Pending, b.Available + c.Available, b.Held + c.Held, b.Debt + c.Debt}
}

// Minus is by how much the balances differ from others.
func (b Balances) Minus(c Balances) Balances {
	return Balances{b.Pending - c.Pending, b.Available - c.Available, b.Held - c.Held, b.Debt - c.Debt}
}
