package admission

import (
	"context"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"deals.example/internal/criticality"
	"deals.example/internal/slots"
	"deals.example/internal/tenant"
	"deals.example/observability"
)

type meters struct {
	admitted, turnedAway [tenant.Count]prometheus.Counter
	wait                 *prometheus.HistogramVec
	reasons              *prometheus.CounterVec
}

func newMeters(registry prometheus.Registerer, g *Gate) *meters {
	factory := promauto.With(registry)
	gauge := func(name, help string, value func() float64) {
		factory.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	gauge("experience_admission_limit", "Maximum of admitted requests that are not answered yet; +Inf without admission.", g.bound)
	gauge("experience_admission_in_flight", "Admitted requests that are not answered yet; 0 without admission.",
		func() float64 { return float64(g.limit.Load().Busy) })
	gauge("experience_admission_waiting", "Requests that wait to be admitted.", func() float64 { return float64(g.limit.Load().Waiting) })
	m := &meters{
		wait: factory.NewHistogramVec(observability.Histogram(
			"experience_admission_wait_seconds", "Time that admitted requests waited to be admitted.", observability.LatencyBuckets(),
		), []string{"tenant"}),
		reasons: factory.NewCounterVec(prometheus.CounterOpts{
			Name: "experience_admission_refused_total",
			Help: "Requests that were not admitted: full, shed, share and late were answered with 503; the callers of abandoned ones had gone.",
		}, []string{"reason", "criticality"}),
	}
	requests := factory.NewCounterVec(prometheus.CounterOpts{
		Name: "experience_tenant_requests_total", Help: "Requests of clients by tenant, without hashes. Without admission all are admitted.",
	}, []string{"tenant", "outcome"})
	for i := range tenant.Count {
		name := tenant.Tenant(i).String()
		m.admitted[i], m.turnedAway[i] = requests.WithLabelValues(name, "admitted"), requests.WithLabelValues(name, "refused")
	}
	for _, reason := range []string{slots.ReasonFull, slots.ReasonShed, slots.ReasonShare, slots.ReasonLate, slots.ReasonAbandoned} {
		for _, level := range criticality.All() {
			m.reasons.WithLabelValues(reason, level.String())
		}
	}
	return m
}

// bound returns how many requests may be inside.
func (g *Gate) bound() float64 {
	if policy(g.policy.Load()) == none {
		return math.Inf(1)
	}
	return g.limit.Limit()
}

func (m *meters) counted(of tenant.Tenant, err error) {
	if err == nil {
		m.admitted[of].Inc()
	} else {
		m.turnedAway[of].Inc()
	}
}

func (m *meters) refused(level criticality.Criticality, err error) {
	m.reasons.WithLabelValues(slots.ReasonOf(err), level.String()).Inc()
}

func (m *meters) waited(ctx context.Context, of tenant.Tenant, d time.Duration) {
	observability.Observe(ctx, m.wait.WithLabelValues(of.String()), d)
}
