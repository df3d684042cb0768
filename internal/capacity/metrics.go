package capacity

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"deals.example/internal/criticality"
	"deals.example/internal/slots"
	"deals.example/observability"
)

// What became of work whose caller had gone.
const (
	workFinished = "finished"
	workCut      = "cut"
)

// metrics are those of one server. The label service is constant.
type metrics struct {
	wait    *prometheus.HistogramVec
	refused *prometheus.CounterVec
	wasted  *prometheus.CounterVec
	changes prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, service string, s *Server) *metrics {
	labels := prometheus.Labels{"service": service}
	factory := promauto.With(reg)
	gauge := func(name, help string, value func() int) {
		factory.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, func() float64 { return float64(value()) })
	}
	gauge("domain_capacity_slots", "Requests that the service serves at a time.", func() int { return s.profile.Get().Slots })
	gauge("domain_capacity_busy", "Requests that are being served.", func() int { return s.pool.Load(criticality.Sheddable).Busy })
	gauge("domain_capacity_waiting", "Requests that wait for a slot.", s.waiting)
	wait := observability.Histogram("domain_capacity_wait_seconds", "Time that served requests waited for a slot.", observability.LatencyBuckets())
	wait.ConstLabels = labels
	m := &metrics{
		wait: factory.NewHistogramVec(wait, []string{"discipline"}),
		refused: factory.NewCounterVec(prometheus.CounterOpts{
			Name:        "domain_capacity_turned_away_total",
			Help:        "Requests that were not served: full, shed and late were answered with 503; abandoned ones had lost their caller.",
			ConstLabels: labels,
		}, []string{"reason", "criticality", "discipline"}),
		wasted: factory.NewCounterVec(prometheus.CounterOpts{
			Name: "domain_capacity_wasted_total", ConstLabels: labels,
			Help: "Requests that were served although their caller had gone: finished for nobody, or cut short when its time was over.",
		}, []string{"work"}),
		changes: factory.NewCounter(prometheus.CounterOpts{
			Name: "domain_capacity_changes_total", Help: "Changes of the capacity settings while running.", ConstLabels: labels,
		}),
	}
	for _, work := range []string{workFinished, workCut} {
		m.wasted.WithLabelValues(work)
	}
	configured := s.profile.Get().Discipline
	for _, reason := range []string{slots.ReasonFull, slots.ReasonShed, slots.ReasonLate, slots.ReasonAbandoned} {
		for _, level := range criticality.All() {
			m.refused.WithLabelValues(reason, level.String(), string(configured))
		}
	}
	return m
}

func (m *metrics) served(ctx context.Context, waited time.Duration, d slots.Discipline) {
	observability.Observe(ctx, m.wait.WithLabelValues(string(d)), waited)
}

// waste counts a request whose caller has gone.
func (m *metrics) waste(finished bool) {
	work := workCut
	if finished {
		work = workFinished
	}
	m.wasted.WithLabelValues(work).Inc()
}

func (m *metrics) turnedAway(ctx context.Context, err error, d slots.Discipline) {
	m.refused.WithLabelValues(slots.ReasonOf(err), criticality.From(ctx).String(), string(d)).Inc()
}
