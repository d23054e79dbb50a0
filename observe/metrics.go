package observe

import (
	"net/http"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the figures that Prometheus collects: those of the process and of its HTTP requests, and whatever the parts add to the Registry.
type Metrics struct {
	Registry *prometheus.Registry

	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	open     prometheus.Gauge
}

// NewMetrics is a registry of its own, with the figures of the Go runtime, the process, the build and HTTP.
func NewMetrics() *Metrics {
	m := &Metrics{
		Registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "granaio_http_requests_total", Help: "HTTP requests answered, by route, method and status. A WebSocket is one request, of status 101.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "granaio_http_request_seconds", Help: "How long HTTP requests took, by route and method; without WebSockets and event streams.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 15),
		}, []string{"route", "method"}),
		open: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "granaio_http_requests_open", Help: "HTTP requests being answered, WebSockets and event streams among them.",
		}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "granaio_build_info", Help: "Always 1; the labels tell what was built.", ConstLabels: buildLabels(),
	})
	build.Set(1)
	m.Registry.MustRegister(m.requests, m.seconds, m.open, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func buildLabels() prometheus.Labels {
	labels := prometheus.Labels{"version": "unknown", "revision": "unknown", "go": runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		labels["version"] = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				labels["revision"] = s.Value
			}
		}
	}
	return labels
}

// Handler serves the figures, for /metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.Registry, promhttp.HandlerOpts{Registry: m.Registry})
}

// count takes in a request that ended.
func (m *Metrics) count(route, method string, status int, took time.Duration, stream bool) {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions, http.MethodPut, http.MethodPatch, http.MethodDelete:
	default:
		method = "other" // a caller may send any word
	}
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	if !stream {
		m.seconds.WithLabelValues(route, method).Observe(took.Seconds())
	}
}
