package ledger

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"granaio/loyalty/fact"
)

// Outstanding is the points that may still be spent, of those that can last be spent within one month and whose cost the same party bears.
type Outstanding struct {
	Month     string      `json:"month,omitempty"` // "2026-05"; empty for those that never expire, or only by inactivity
	Funding   string      `json:"funding"`
	Pending   fact.Points `json:"pending"`
	Available fact.Points `json:"available"`
	Held      fact.Points `json:"held"`
}

// Points are all of them.
func (o Outstanding) Points() fact.Points { return o.Pending + o.Available + o.Held }

// Liability is what the lots still promise, by month and funding: the earliest month first, those that never expire last, and with them those that
// only inactivity takes. A lot that expires counts in the month of its last day in the zone; one that waits, in that until which it does. Lots are taken as they are: what has fallen due and is not booked counts still.
func Liability(lots []Lot, zone *time.Location) []Outstanding {
	type key struct{ month, funding string }
	sums := map[key]*Outstanding{}
	for _, l := range lots {
		if !l.IsOpen() {
			continue
		}
		k := key{funding: l.Funding}
		if !l.Expires.IsZero() {
			k.month = monthOf(LastDay(l.Expires, zone))
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

// monthOf is a day's month: "2026-05".
func monthOf(d fact.Day) string {
	year, month, _ := d.Date()
	return fmt.Sprintf("%04d-%02d", year, month)
}

// Flow is the points that came into being and went in one month.
type Flow struct {
	Month    string      `json:"month"`    // "2026-05"
	Issued   fact.Points `json:"issued"`   // given
	Redeemed fact.Points `json:"redeemed"` // spent, less what was given back; below 0 if more was given back than spent
	Expired  fact.Points `json:"expired"`  // lost by time
	Reversed fact.Points `json:"reversed"` // taken back
	Debt     fact.Points `json:"debt"`     // by how much more is owed; below 0 if less is
}

// Plus adds another flow's points.
func (f Flow) Plus(g Flow) Flow {
	return Flow{f.Month, f.Issued + g.Issued, f.Redeemed + g.Redeemed, f.Expired + g.Expired, f.Reversed + g.Reversed, f.Debt + g.Debt}
}

// Left is what a flow leaves in accounts: with all flows from the first on, that is what is pending, available and held.
func (f Flow) Left() fact.Points { return f.Issued + f.Debt - f.Redeemed - f.Expired - f.Reversed }

// Flows are what movements brought into being and what went, by the months in which they were booked, in a zone; the earliest month first. Months in
// which nothing did are left out. Points that go from one account to another do neither.
func Flows(movements []Movement, zone *time.Location) []Flow {
	var flows []Flow
	for _, m := range movements {
		for _, p := range m.Postings {
			flows = append(flows, p.flow(MonthOf(m.Booked, zone)))
		}
	}
	return SumFlows(flows)
}

func (p Posting) flow(month string) Flow {
	f := Flow{Month: month}
	into := func(bucket Bucket, points fact.Points) {
		switch bucket {
		case Issued:
			f.Issued -= points
		case Redeemed:
			f.Redeemed += points
		case Expired:
			f.Expired += points
		case Reversed:
			f.Reversed += points
		case Debt:
			f.Debt -= points
		}
	}
	into(p.Source, -p.Points)
	into(p.Target, p.Points)
	return f
}

// SumFlows adds up the flows of each month, the earliest first, and leaves out months in which nothing came or went.
func SumFlows(flows []Flow) []Flow {
	byMonth := map[string]Flow{}
	for _, f := range flows {
		sum := f.Plus(byMonth[f.Month])
		byMonth[f.Month] = sum
	}
	var sums []Flow
	for _, month := range slices.Sorted(maps.Keys(byMonth)) {
		if f := byMonth[month]; f != (Flow{Month: month}) {
			sums = append(sums, f)
		}
	}
	return sums
}

// MonthOf is the month of an instant in a zone: "2026-05".
func MonthOf(t time.Time, zone *time.Location) string { return monthOf(fact.DayOf(t, zone)) }
