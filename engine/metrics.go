package engine

import "github.com/prometheus/client_golang/prometheus"

// metrics are what operators watch of the engine.
type metrics struct {
	requests *prometheus.CounterVec
	batch    prometheus.Histogram
	seconds  prometheus.Histogram
	retries  prometheus.Counter
	faults   *prometheus.CounterVec
	recalls  *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "granaio_engine_requests_total", Help: "Requests answered, by operation and result (done, duplicate, refused, failed).",
		}, []string{"operation", "result"}),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "granaio_engine_batch_requests", Help: "Requests in one transaction.", Buckets: prometheus.ExponentialBuckets(1, 2, 10),
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "granaio_engine_transaction_seconds", Help: "How long a transaction took, retries included.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
		}),
		retries: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "granaio_engine_retries_total", Help: "Transactions that lost to another one and were decided again.",
		}),
	}
	m.faults = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "granaio_engine_expression_faults_total", Help: "Expressions of rules and missions that could not be computed for an interaction, by definition and cause.",
	}, []string{"kind", "key", "cause"})
	m.recalls = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "granaio_engine_recalls_total", Help: "Transactions that were decided on remembered members, by result (kept, lost: done again on what is stored).",
	}, []string{"result"})
	if r != nil {
		r.MustRegister(m.requests, m.batch, m.seconds, m.retries, m.faults, m.recalls)
	}
	return m
}
