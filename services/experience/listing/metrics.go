package listing

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// metrics count how deals and catalog pages were come by.
type metrics struct {
	hit, stale, miss, liveFallback, refreshEnqueued prometheus.Counter
	catalogHit, catalogMiss                         prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	readModel := promauto.With(reg).NewCounterVec(prometheus.CounterOpts{
		Name: "experience_read_model_outcomes_total", Help: "Deals of lists by how their card was come by, and the refreshes that were enqueued.",
	}, []string{"outcome"})
	pages := promauto.With(reg).NewCounterVec(prometheus.CounterOpts{
		Name: "experience_catalog_cache_outcomes_total", Help: "Lists by whether their page of the base catalog was in the in-process cache.",
	}, []string{"outcome"})
	return &metrics{
		hit: readModel.WithLabelValues("hit"), stale: readModel.WithLabelValues("stale"), miss: readModel.WithLabelValues("miss"),
		liveFallback: readModel.WithLabelValues("live_fallback"), refreshEnqueued: readModel.WithLabelValues("refresh_enqueued"),
		catalogHit: pages.WithLabelValues("hit"), catalogMiss: pages.WithLabelValues("miss"),
	}
}

func (m *metrics) count(c Counts) {
	m.hit.Add(float64(c.Hits))
	m.stale.Add(float64(c.Stale))
	m.miss.Add(float64(c.Misses))
	m.liveFallback.Add(float64(c.LiveFallback))
	m.refreshEnqueued.Add(float64(c.RefreshEnqueued))
}
