package clock

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"granaio/ent"
	"granaio/proof"
	"granaio/store"
)

// ProofDuty is the name of the lease.
const ProofDuty = "proof"

// Proof has the ledger's invariants proved, and shows what came of it, in every process alike.
type Proof struct {
	store      *store.Store
	log        *slog.Logger
	violations *prometheus.GaugeVec
	done       prometheus.Gauge
	seconds    prometheus.Gauge
	failures   prometheus.Counter
}

// NewProof registers its figures.
func NewProof(s *store.Store, log *slog.Logger, r prometheus.Registerer) *Proof {
	p := &Proof{
		store: s, log: log,
		violations: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "granaio_check_violations", Help: "Rows that break each of the ledger's invariants, as of the last check by any process; 0 while all is well.",
		}, []string{"invariant", "name"}),
		done: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "granaio_check_timestamp_seconds", Help: "When the ledger's invariants were last checked, by any process; seconds since 1970.",
		}),
		seconds: prometheus.NewGauge(prometheus.GaugeOpts{Name: "granaio_check_seconds", Help: "How long the last check took."}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "granaio_check_failures_total", Help: "Checks by this process that came to no end: they took too long, or the database was away.",
		}),
	}
	r.MustRegister(p.violations, p.done, p.seconds, p.failures)
	return p
}

// proved is the outcome of the duty.
type proved struct {
	Seconds    float64     `json:"seconds"`
	Invariants []invariant `json:"invariants"`
}

type invariant struct {
	Number     int    `json:"number"`
	Name       string `json:"name"`
	Violations int64  `json:"violations"`
}

// Check proves the invariants.
func (p *Proof) Check(ctx context.Context, t *Turn) error {
	start := time.Now()
	findings, err := proof.Check(ctx, p.store)
	if err != nil {
		if ctx.Err() == nil || context.Cause(ctx) == context.DeadlineExceeded { // not the process that stops
			p.failures.Inc()
		}
		return err
	}
	o := proved{Seconds: time.Since(start).Seconds()}
	for _, f := range findings {
		o.Invariants = append(o.Invariants, invariant{f.Invariant, f.Name, f.Violations})
		if f.Violations > 0 {
			p.log.Error("an invariant of the ledger is violated; granaio check says more", "invariant", f.Invariant, "name", f.Name,
				"violations", f.Violations, "example", f.Examples[0].String())
		}
	}
	return t.Write(ctx, o, func(context.Context, *ent.Client) error { return nil })
}

// Look shows what came of the last check.
func (p *Proof) Look(_ context.Context, outcome json.RawMessage, done time.Time) error {
	var o proved
	if err := json.Unmarshal(outcome, &o); err != nil {
		return err
	}
	for _, i := range o.Invariants {
		p.violations.WithLabelValues(strconv.Itoa(i.Number), i.Name).Set(float64(i.Violations))
	}
	p.done.Set(float64(done.UnixMilli()) / 1000)
	p.seconds.Set(o.Seconds)
	return nil
}
