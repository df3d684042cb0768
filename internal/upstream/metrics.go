package upstream

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"deals.example/observability"
)

// metrics are those of a Pool, over all of its upstreams.
type metrics struct {
	factory   promauto.Factory
	duration  *prometheus.HistogramVec
	requests  *prometheus.CounterVec
	failures  *prometheus.CounterVec
	limitWait *prometheus.HistogramVec
	retries   *prometheus.CounterVec
	exhausted *prometheus.CounterVec

	hedges, hedgesWon, hedgeExhausted *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	factory := promauto.With(reg)
	counter := func(name, help string) *prometheus.CounterVec {
		return factory.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"service"})
	}
	return &metrics{
		factory: factory,
		duration: factory.NewHistogramVec(observability.Histogram(
			"experience_upstream_request_duration_seconds",
			"Duration of one attempt at an upstream, body included; status is the HTTP code, timeout, connection or canceled.",
			observability.LatencyBuckets(),
		), []string{"service", "status"}),
		requests: factory.NewCounterVec(prometheus.CounterOpts{
			Name: "experience_upstream_requests_total",
			Help: "Attempts at an upstream, retries included; status is the HTTP code, timeout, connection or canceled.",
		}, []string{"service", "status"}),
		failures: factory.NewCounterVec(prometheus.CounterOpts{
			Name: "experience_upstream_failures_total",
			Help: "Calls that failed after all policies. A call that its caller canceled is no failure.",
		}, []string{"service", "reason"}),
		limitWait: factory.NewHistogramVec(observability.Histogram(
			"experience_upstream_limit_wait_seconds", "Time that attempts waited for the concurrency limit of their upstream.", observability.LatencyBuckets(),
		), []string{"service"}),
		retries: counter("experience_upstream_retries_total", "Attempts that were retries."),
		exhausted: counter("experience_upstream_retry_budget_exhausted_total",
			"Failed attempts that were not retried because the retry budget was spent."),
		hedges:         counter("experience_upstream_hedges_total", "Attempts that were hedges: sent while the first attempt was slow."),
		hedgesWon:      counter("experience_upstream_hedges_won_total", "Hedges that were answered before the first attempt was."),
		hedgeExhausted: counter("experience_upstream_hedge_budget_exhausted_total", "Slow attempts without a hedge because the hedge budget was spent."),
	}
}

// clientMetrics are those of one upstream.
type clientMetrics struct {
	duration  prometheus.ObserverVec
	requests  *prometheus.CounterVec
	failures  *prometheus.CounterVec
	limitWait prometheus.Observer
	retries   prometheus.Counter
	exhausted prometheus.Counter

	hedges, hedgesWon, hedgeExhausted prometheus.Counter
}

// client returns the metrics of c with every series at zero whose labels are known in advance, so that a rate over
// the first failure is not lost.
func (m *metrics) client(c *Client) *clientMetrics {
	label := prometheus.Labels{"service": c.service}
	of := &clientMetrics{
		duration:  m.duration.MustCurryWith(label),
		requests:  m.requests.MustCurryWith(label),
		failures:  m.failures.MustCurryWith(label),
		limitWait: m.limitWait.With(label),
		retries:   m.retries.With(label),
		exhausted: m.exhausted.With(label),
		hedges:    m.hedges.With(label), hedgesWon: m.hedgesWon.With(label), hedgeExhausted: m.hedgeExhausted.With(label),
	}
	for _, status := range KnownStatuses() {
		of.requests.WithLabelValues(status)
		of.duration.WithLabelValues(status)
	}
	for _, reason := range []Reason{ReasonTimeout, ReasonConnection, ReasonUnavailable, ReasonCircuitOpen, ReasonOverloaded, ReasonBadResponse} {
		of.failures.WithLabelValues(string(reason))
	}
	gauge := func(name, help string, value func() float64) {
		m.factory.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: label}, value)
	}
	gauge("experience_upstream_breaker_state", "State of the circuit breaker: 0 closed or switched off, 1 half-open, 2 open.",
		func() float64 { return breakerValue(c.breakerState()) })
	gauge("experience_upstream_limit", "Attempts that may be in flight at the upstream; +Inf without a limit.", c.places)
	gauge("experience_upstream_in_flight", "Attempts in flight.", func() float64 { return float64(c.limit.Load().Busy) })
	gauge("experience_upstream_waiting", "Attempts that wait for the limit.", func() float64 { return float64(c.queued()) })
	return of
}

func breakerValue(state circuitbreaker.State) float64 {
	switch state {
	case circuitbreaker.OpenState:
		return 2
	case circuitbreaker.HalfOpenState:
		return 1
	default:
		return 0
	}
}

// attempt counts one attempt that took d. The exemplar is the trace of ctx, when it is sampled.
func (m *clientMetrics) attempt(ctx context.Context, status string, d time.Duration) {
	m.requests.WithLabelValues(status).Inc()
	observability.Observe(ctx, m.duration.WithLabelValues(status), d)
}

// KnownStatuses lists the values of Status that are to be expected, so that their series can start at zero.
func KnownStatuses() []string {
	return []string{"200", "404", "503", string(ReasonTimeout), string(ReasonConnection), string(ReasonCanceled)}
}

// Status is the label of an attempt's outcome: the HTTP code, or why there is none.
func Status(response *Response, err error) string {
	if response != nil {
		return strconv.Itoa(response.Status)
	}
	if failed, ok := errors.AsType[*AttemptError](err); ok {
		return string(failed.Reason)
	}
	return string(ReasonConnection)
}
