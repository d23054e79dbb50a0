package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"granaio/loyalty/fact"
)

// Outstanding is the points that may still be spent, of those that can last be spent within one month and whose cost the same party bears.
type Outstanding struct {
	Month                    string // "2026-05"; empty for those that never expire
	Funding                  string
	Pending, Available, Held fact.Points
}

// Liability is what the lots still promise, by month and funding: the earliest month first, those that never expire last. A lot that expires counts
// in the month of its last day in the zone. Lots are taken as they are: what has fallen due and is not booked counts still.
func Liability(lots []Lot, zone *time.Location) []Outstanding {
	type key struct{ month, funding string }
	sums := map[key]*Outstanding{}
	for _, l := range lots {
		if !l.IsOpen() {
			continue
		}
		k := key{funding: l.Funding}
		if !l.Expires.IsZero() {
			year, month, _ := LastDay(l.Expires, zone).Date()
			k.month = fmt.Sprintf("%04d-%02d", year, month)
		}
		o := sums[k]
		if o == nil {
			o = &Outstanding{Month: k.month, Funding: k.funding}
			sums[k] = o
		}
		o.Pending, o.Available, o.Held = o.Pending+l.Pending, o.Available+l.Available, o.Held+l.Held
	}
	list := make([]Outstanding, 0, len(sums))
	for _, o := range sums {
		list = append(list, *o)
	}
	slices.SortFunc(list, func(a, b Outstanding) int {
		if (a.Month == "") != (b.Month == "") {
			return strings.Compare(b.Month, a.Month) // never is last
		}
		return cmp.Or(strings.Compare(a.Month, b.Month), strings.Compare(a.Funding, b.Funding))
	})
	return list
}
