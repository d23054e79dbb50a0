package read

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
)

// Liability is what the programme owes its members in points, at one moment.
type Liability struct {
	AsOf        time.Time
	Totals      *LiabilityTotals
	Outstanding []*OutstandingPoints
	Months      []*ledger.Flow
}

// LiabilityTotals are the sums of all of it.
type LiabilityTotals struct {
	ledger.Flow
	Pending, Available, Held, Outstanding fact.Points
}

// OutstandingPoints are those of one month and funding.
type OutstandingPoints struct {
	ledger.Outstanding
	Month *string
}

// Liability is what the programme owes, as it was last worked out; nil if it never was.
func (r *Reader) Liability(ctx context.Context) (*Liability, error) {
	rows, err := r.Ent.Liability.Query().All(ctx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var flows []*ledger.Flow
	var outstanding []ledger.Outstanding
	if err := errors.Join(json.Unmarshal(rows[0].Flows, &flows), json.Unmarshal(rows[0].Outstanding, &outstanding)); err != nil {
		return nil, err
	}
	l := &Liability{AsOf: rows[0].AsOf, Totals: new(LiabilityTotals), Months: flows, Outstanding: make([]*OutstandingPoints, len(outstanding))}
	t := l.Totals
	for _, f := range flows {
		t.Flow = t.Plus(*f)
	}
	for i, o := range outstanding {
		t.Pending, t.Available, t.Held = t.Pending+o.Pending, t.Available+o.Available, t.Held+o.Held
		l.Outstanding[i] = &OutstandingPoints{Outstanding: o}
		if o.Month != "" {
			l.Outstanding[i].Month = &o.Month
		}
	}
	t.Outstanding = t.Pending + t.Available + t.Held
	return l, nil
}
