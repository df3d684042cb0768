package fault

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Kinds of injected faults.
const (
	kindFailure   = "failure"
	kindBlackhole = "blackhole"
)

type metrics struct {
	injected *prometheus.CounterVec
	changes  prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, i *Injector) *metrics {
	service := prometheus.Labels{"service": i.service}
	factory := promauto.With(reg)
	gauge := func(name, help string, value func(Profile) float64) {
		factory.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: service}, func() float64 {
			p, _ := i.Profile()
			return value(p)
		})
	}
	gauge("domain_fault_latency_min_seconds", "Current minimum synthetic latency.", func(p Profile) float64 { return p.LatencyMin.Seconds() })
	gauge("domain_fault_latency_max_seconds", "Current maximum synthetic latency.", func(p Profile) float64 { return p.LatencyMax.Seconds() })
	gauge("domain_fault_slow_ratio", "Current share of requests whose synthetic latency is multiplied, 0 to 1.", func(p Profile) float64 { return p.SlowRate })
	gauge("domain_fault_failure_ratio", "Current share of requests that fail synthetically, 0 to 1.", func(p Profile) float64 { return p.FailureRate })
	gauge("domain_fault_blackhole", "1 if requests are accepted and never answered, else 0.", func(p Profile) float64 {
		if p.Blackhole {
			return 1
		}
		return 0
	})
	m := &metrics{
		injected: factory.NewCounterVec(prometheus.CounterOpts{
			Name: "domain_fault_injected_total", Help: "Requests with a synthetic failure or blackhole.", ConstLabels: service,
		}, []string{"kind"}),
		changes: factory.NewCounter(prometheus.CounterOpts{
			Name: "domain_fault_changes_total", Help: "Changes of the fault settings at run time.", ConstLabels: service,
		}),
	}
	m.injected.WithLabelValues(kindFailure)
	m.injected.WithLabelValues(kindBlackhole)
	return m
}
