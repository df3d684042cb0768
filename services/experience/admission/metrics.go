package admission

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"deals.example/internal/criticality"
	"deals.example/internal/slots"
	"deals.example/internal/tenant"
	"deals.example/observability"
)

// Reasons for which a request is refused.
const (
	reasonFull  = "full"
	reasonShed  = "shed"
	reasonShare = "share"
	reasonLate  = "late"
	reasonGone  = "gone"
)

func reasonOf(err error) string {
	switch {
	case errors.Is(err, slots.ErrFull):
		return reasonFull
	case errors.Is(err, slots.ErrShed):
		return reasonShed
	case errors.Is(err, slots.ErrShare):
		return reasonShare
	case errors.Is(err, slots.ErrLate):
		return reasonLate
	default:
		return reasonGone
	}
}

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
	gauge("experience_admission_limit", "Requests that may be inside at a time; +Inf without admission.", g.bound)
	gauge("experience_admission_in_flight", "Requests inside, of those that came through the gate.", func() float64 { return float64(g.limit.Load().Busy) })
	gauge("experience_admission_waiting", "Requests that wait at the gate.", func() float64 { return float64(g.limit.Load().Waiting) })
	m := &meters{
		wait: factory.NewHistogramVec(observability.Histogram(
			"experience_admission_wait_seconds", "Time that admitted requests waited at the gate.", observability.LatencyBuckets(),
		), []string{"tenant"}),
		reasons: factory.NewCounterVec(prometheus.CounterOpts{
			Name: "experience_admission_refused_total",
			Help: "Requests that were not admitted: full, shed, share and late were answered with 503; those that are gone had no time left.",
		}, []string{"reason", "criticality"}),
	}
	requests := factory.NewCounterVec(prometheus.CounterOpts{
		Name: "experience_tenant_requests_total", Help: "Requests of clients by tenant, without hashes. Without admission all are admitted.",
	}, []string{"tenant", "outcome"})
	for i := range tenant.Count {
		name := tenant.Tenant(i).String()
		m.admitted[i], m.turnedAway[i] = requests.WithLabelValues(name, "admitted"), requests.WithLabelValues(name, "refused")
	}
	for _, reason := range []string{reasonFull, reasonShed, reasonShare, reasonLate, reasonGone} {
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
	m.reasons.WithLabelValues(reasonOf(err), level.String()).Inc()
}

func (m *meters) waited(ctx context.Context, of tenant.Tenant, d time.Duration) {
	observability.Observe(ctx, m.wait.WithLabelValues(of.String()), d)
}
