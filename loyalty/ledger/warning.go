package ledger

import (
	"slices"
	"time"
)

// Warning is points of which it is to be said that they will be lost.
type Warning struct {
	Expiry           // all the available points that are lost at one instant; Inactivity if activity saves all of them
	Due    time.Time // when it was to be said
}

// warns is when it is to be said that points of the lot will be lost: its term before that, or when they became available if that is later. It is zero if it
// is not to be said, or was.
func (a *Account) warns(l *Lot) time.Time {
	ends := a.ends(l)
	if l.Warns.IsZero() || l.Available == 0 || ends.IsZero() || slices.ContainsFunc(a.Warned, ends.Equal) {
		return time.Time{}
	}
	return later(l.Warns.Before(ends, a.zone()), l.Activates)
}

// Warnings are those that are due by now, in the order in which they fell due, then in that of the expiries. The book needs all open lots.
func (b *Book) Warnings() ([]Warning, error) {
	if !b.complete {
		return nil, b.lotsMissing()
	}
	var due []Warning
	for _, l := range b.lots {
		warns := b.account.warns(l)
		if warns.IsZero() || warns.After(b.now) {
			continue
		}
		at := b.account.ends(l)
		i := slices.IndexFunc(due, func(w Warning) bool { return w.At.Equal(at) })
		if i < 0 {
			i, due = len(due), append(due, Warning{Expiry{At: at, Inactivity: true}, warns})
		}
		due[i].Due = earlier(due[i].Due, warns)
	}
	for i := range due {
		w := &due[i]
		for _, l := range b.lots {
			if l.Available > 0 && b.account.ends(l).Equal(w.At) {
				w.Points += l.Available
				w.Inactivity = w.Inactivity && !l.Validity.Idle.IsZero()
			}
		}
	}
	slices.SortFunc(due, func(x, y Warning) int {
		if c := x.Due.Compare(y.Due); c != 0 {
			return c
		}
		return x.At.Compare(y.At)
	})
	return due, nil
}

// Warned takes note that it was said that points are lost at an instant: it is not to be said again of that instant, whatever more will be lost then. There
// is no movement: the account has changed all the same (Changes.Account).
func (b *Book) Warned(at time.Time) {
	b.account.Warned = slices.DeleteFunc(slices.Clone(b.account.Warned), func(t time.Time) bool { return !t.After(b.now) })
	b.account.warned(at)
}

// warned adds an instant, if it is not there. What is handed in is not changed.
func (a *Account) warned(at time.Time) {
	if slices.ContainsFunc(a.Warned, at.Equal) {
		return
	}
	a.Warned = append(slices.Clip(a.Warned), at)
	slices.SortFunc(a.Warned, time.Time.Compare)
}
