package clock

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"granaio/auth"
	"granaio/loyalty/fact"
	"granaio/loyalty/ledger"
	"granaio/store"
)

// Owed shows what programmes owe, as it was last worked out, in every process alike.
type Owed struct {
	store       *store.Store
	library     Library
	outstanding *prometheus.GaugeVec
	asOf        *prometheus.GaugeVec
}

// NewOwed registers its figures.
func NewOwed(s *store.Store, library Library, r prometheus.Registerer) *Owed {
	o := &Owed{
		store: s, library: library,
		outstanding: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "granaio_points_outstanding", Help: "Points that members may still spend, by programme and bucket (pending, available, held).",
		}, []string{"programme", "bucket"}),
		asOf: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "granaio_points_outstanding_timestamp_seconds", Help: "Of when granaio_points_outstanding is; seconds since 1970.",
		}, []string{"programme"}),
	}
	r.MustRegister(o.outstanding, o.asOf)
	return o
}

// Look shows what was last worked out.
func (o *Owed) Look(ctx context.Context, _ json.RawMessage, _ time.Time) error {
	programmes, err := o.library.All(ctx)
	if err != nil {
		return err
	}
	keys := map[fact.ID]string{}
	for _, p := range programmes {
		keys[p.ID] = p.Key
	}
	rows, err := o.store.Ent().Liability.Query().All(auth.System(ctx, fact.ID{}))
	if err != nil {
		return err
	}
	for _, row := range rows {
		var list []ledger.Outstanding
		if err := json.Unmarshal(row.Outstanding, &list); err != nil {
			return fmt.Errorf("clock: the liability of %s: %w", row.ProgrammeID, err)
		}
		var sum ledger.Outstanding
		for _, x := range list {
			sum.Pending, sum.Available, sum.Held = sum.Pending+x.Pending, sum.Available+x.Available, sum.Held+x.Held
		}
		key := keys[row.ProgrammeID]
		for bucket, points := range map[ledger.Bucket]fact.Points{ledger.Pending: sum.Pending, ledger.Available: sum.Available, ledger.Held: sum.Held} {
			o.outstanding.WithLabelValues(key, string(bucket)).Set(float64(points))
		}
		o.asOf.WithLabelValues(key).Set(float64(row.AsOf.UnixMilli()) / 1000)
	}
	return nil
}
