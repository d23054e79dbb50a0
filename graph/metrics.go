package graph

import (
	"cmp"
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"granaio/graph/transport"
)

// metrics counts and times operations. Their names and fields are the callers' and are left out.
type metrics struct{ took *prometheus.HistogramVec }

func newMetrics() *metrics {
	return &metrics{prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: "granaio", Subsystem: "graphql", Name: "operation_seconds",
		Help:    "How long operations took, by transport, kind and the first error's code (OK for none).",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
	}, []string{"transport", "kind", "code"})}
}

func (m *metrics) observe(o transport.Operation) {
	m.took.WithLabelValues(o.Transport, cmp.Or(o.Kind, "none"), cmp.Or(string(o.Code), "OK")).Observe(o.Took.Seconds())
}

// register offers the figures.
func (m *metrics) register(r prometheus.Registerer, h *transport.Handler) error {
	if r == nil {
		return nil
	}
	streams := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "granaio", Subsystem: "graphql", Name: "streams", Help: "Sockets and event streams that are open.",
	}, func() float64 { return float64(h.Streams()) })
	return errors.Join(r.Register(m.took), r.Register(streams))
}
