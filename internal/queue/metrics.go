package queue

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"deals.example/observability"
)

type clientMetrics struct {
	enqueued   *prometheus.CounterVec
	rejections *prometheus.CounterVec
}

func newClientMetrics(registry prometheus.Registerer) *clientMetrics {
	factory := promauto.With(registry)
	m := &clientMetrics{
		enqueued: factory.NewCounterVec(prometheus.CounterOpts{
			Name: "experience_queue_jobs_enqueued_total", Help: "Jobs that Redis confirmed.",
		}, []string{"queue"}),
		rejections: factory.NewCounterVec(prometheus.CounterOpts{
			Name: "experience_queue_rejections_total", Help: "Batches refused because the queue had reached its threshold.",
		}, []string{"queue"}),
	}
	for _, queue := range Names() {
		m.enqueued.WithLabelValues(queue)
		m.rejections.WithLabelValues(queue)
	}
	return m
}

type serverMetrics struct {
	jobs     *prometheus.CounterVec
	duration *prometheus.HistogramVec
	endToEnd prometheus.Observer
	inFlight prometheus.Gauge
	step     *prometheus.HistogramVec
	paused   *prometheus.GaugeVec
}

// newServerMetrics registers the metrics of a server that processes up to so many jobs of the queue at a time.
func newServerMetrics(registry prometheus.Registerer, queue string, concurrency int) *serverMetrics {
	factory := promauto.With(registry)
	edges := []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1, 2, 5, 10, 30}
	m := &serverMetrics{
		jobs: factory.NewCounterVec(prometheus.CounterOpts{
			Name: "worker_jobs_total", Help: "Attempts by outcome: completed, retried or dead (moved to the DLQ).",
		}, []string{"queue", "outcome"}),
		duration: factory.NewHistogramVec(observability.Histogram(
			"worker_job_duration_seconds", "Time of one attempt.", edges), []string{"queue", "outcome"}),
		// The edge at 20 s is the objective of job freshness.
		endToEnd: factory.NewHistogramVec(observability.Histogram(
			"worker_job_end_to_end_seconds", "Time from enqueue or replay to completion, including all attempts and waits.",
			[]float64{0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600}), []string{"queue"}).WithLabelValues(queue),
		inFlight: factory.NewGaugeVec(prometheus.GaugeOpts{
			Name: "worker_jobs_in_flight", Help: "Active jobs.",
		}, []string{"queue"}).WithLabelValues(queue),
		step: factory.NewHistogramVec(observability.Histogram(
			"worker_step_duration_seconds", "Time of one step of an attempt.", edges), []string{"queue", "step", "outcome"}),
		paused: factory.NewGaugeVec(prometheus.GaugeOpts{
			Name: "worker_queue_paused", Help: "1 while the queue is paused, by hand or because its DLQ is nearly full.",
		}, []string{"queue"}),
	}
	factory.NewGaugeVec(prometheus.GaugeOpts{
		Name: "worker_concurrency", Help: "Jobs that may be active at a time.",
	}, []string{"queue"}).WithLabelValues(queue).Set(float64(concurrency))
	for _, outcome := range []string{outcomeCompleted, outcomeRetried, outcomeDead} {
		m.jobs.WithLabelValues(queue, outcome)
	}
	return m
}
