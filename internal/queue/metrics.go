package queue

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
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
			Name: "experience_queue_rejections_total", Help: "Batches refused because the queue was over its threshold.",
		}, []string{"queue"}),
	}
	for _, queue := range Names() {
		m.enqueued.WithLabelValues(queue)
		m.rejections.WithLabelValues(queue)
	}
	return m
}
