package listing

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"deals.example/internal/cache"
)

// metrics count where the deals of lists came from, and the upstream calls of lists. A list makes
//
//	fetches + 4 × compositions{made}
//
// calls to upstreams, without retries. Without caches, sharing and the read model it would make one call, and four for each deal:
// the deals are readModel{hit, stale, miss, bypass}.
type metrics struct {
	// readModel: each deal of each list is a hit (a fresh card), stale (served and refreshed), a miss (no card) or, with the read model off, a
	// bypass. In addition, live_fallback counts the misses that the list answered with a live composition, its own or a shared one, and
	// refresh_enqueued the refreshes that lists enqueued.
	hit, stale, miss, bypass, liveFallback, refreshEnqueued prometheus.Counter

	// pages: each request for a page of the base catalog is a hit (kept in process), a miss (it called deal-service) or shared (it waited for
	// the call of another). Batches of enrichment jobs ask for pages too. pageFetched counts the calls: misses, and refreshes that nobody
	// waited for. pageAge is the age of what was served.
	pages       map[cache.Outcome]prometheus.Counter
	pageFetched prometheus.Counter
	pageAge     prometheus.Histogram

	// compositions: each deal that a list had composed live is made (four upstreams were asked) or shared (it waited for one in flight). It
	// counts in both modes.
	composed, compositionShared prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	outcomes := func(name, help string) func(outcome string) prometheus.Counter {
		vec := promauto.With(reg).NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"outcome"})
		return func(outcome string) prometheus.Counter { return vec.WithLabelValues(outcome) }
	}
	readModel := outcomes("experience_read_model_outcomes_total",
		"Deals of lists: hit, stale or miss in the read model, or bypass with the read model off; live_fallback: misses that were composed live; "+
			"refresh_enqueued: refreshes that lists enqueued.")
	pages := outcomes("experience_catalog_cache_outcomes_total",
		"Requests for a page of the base catalog: hit in the in-process cache, miss with a call to deal-service, shared with a call in flight.")
	compositions := outcomes("experience_list_compositions_total",
		"Deals that lists had composed live: made with four upstream calls, or shared with a composition in flight.")
	factory := promauto.With(reg)
	return &metrics{
		hit: readModel("hit"), stale: readModel("stale"), miss: readModel("miss"), bypass: readModel("bypass"),
		liveFallback: readModel("live_fallback"), refreshEnqueued: readModel("refresh_enqueued"),
		pages: map[cache.Outcome]prometheus.Counter{cache.Hit: pages("hit"), cache.Miss: pages("miss"), cache.Joined: pages("shared")},
		pageFetched: factory.NewCounter(prometheus.CounterOpts{
			Name: "experience_catalog_cache_fetches_total", Help: "Calls to deal-service for a page of the base catalog, refreshes included.",
		}),
		pageAge: factory.NewHistogram(prometheus.HistogramOpts{
			Name: "experience_catalog_cache_age_seconds", Help: "Age of the pages of the base catalog that were served.",
			Buckets: []float64{0.5, 1, 2, 3, 4, 6, 12},
		}),
		composed: compositions("made"), compositionShared: compositions("shared"),
	}
}

func (m *metrics) page(outcome cache.Outcome, age time.Duration) {
	m.pages[outcome].Inc()
	m.pageAge.Observe(age.Seconds())
}

func (m *metrics) count(c Counts) {
	m.hit.Add(float64(c.Hits))
	m.stale.Add(float64(c.Stale))
	m.miss.Add(float64(c.Misses))
	m.liveFallback.Add(float64(c.LiveFallback))
	m.refreshEnqueued.Add(float64(c.RefreshEnqueued))
}
