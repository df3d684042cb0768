package ratinglb

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"deals.example/internal/upstream"
	"deals.example/observability"
)

type metrics struct {
	factory   promauto.Factory
	requests  *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	ejections *prometheus.CounterVec
	fallbacks prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	factory := promauto.With(reg)
	return &metrics{
		factory: factory,
		requests: factory.NewCounterVec(prometheus.CounterOpts{
			Name: "rating_lb_target_requests_total",
			Help: "Attempts at a replica, fallbacks included; status is the HTTP code, timeout, connection or canceled.",
		}, []string{"target", "status"}),
		duration: factory.NewHistogramVec(observability.Histogram(
			"rating_lb_target_request_duration_seconds", "Duration of one attempt at a replica.", observability.LatencyBuckets(),
		), []string{"target", "status"}),
		ejections: factory.NewCounterVec(prometheus.CounterOpts{
			Name: "rating_lb_target_ejections_total", Help: "Ejections of a replica after consecutive failures.",
		}, []string{"target"}),
		fallbacks: factory.NewCounter(prometheus.CounterOpts{
			Name: "rating_lb_fallbacks_total", Help: "Lookups that were tried at another replica after the first one failed.",
		}),
	}
}

// register creates the series of a target.
func (m *metrics) register(target string, healthy func() bool) {
	for _, status := range upstream.KnownStatuses() {
		m.requests.WithLabelValues(target, status)
		m.duration.WithLabelValues(target, status)
	}
	m.ejections.WithLabelValues(target)
	m.factory.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "rating_lb_target_healthy", Help: "Whether a replica is in rotation: 1, or 0 when its health check fails or it is ejected.",
		ConstLabels: prometheus.Labels{"target": target},
	}, func() float64 {
		if healthy() {
			return 1
		}
		return 0
	})
}

func (m *metrics) attempt(ctx context.Context, target, status string, d time.Duration) {
	m.requests.WithLabelValues(target, status).Inc()
	observability.Observe(ctx, m.duration.WithLabelValues(target, status), d)
}
