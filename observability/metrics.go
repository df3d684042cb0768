package observability

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/trace"
)

// newRegistry returns a registry with the metrics of the Go runtime, including scheduler latency and garbage collection, and of the process.
func newRegistry(id Identity) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "deals_component_info", Help: "Which component, instance and version this is; always 1.",
		ConstLabels: prometheus.Labels{"component": id.Service, "instance_id": id.Instance, "version": id.Version},
	})
	info.Set(1)
	registry.MustRegister(
		collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsScheduler, collectors.MetricsGC)),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		info,
	)
	return registry
}

// MetricsHandler serves the registry as Prometheus text, or as OpenMetrics with exemplars on request.
func MetricsHandler(registry *prometheus.Registry) http.Handler {
	const maxScrapes = 4
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		Registry: registry, EnableOpenMetrics: true, MaxRequestsInFlight: maxScrapes,
		DisableCompression: true, // a compressor takes a megabyte in each component, and more CPU time than the network is worth
	})
}

// LatencyBuckets returns the upper bounds, in seconds, of request and call histograms. One is 0.3, the latency objective.
func LatencyBuckets() []float64 {
	return []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1, 2, 5, 10}
}

// Histogram returns options for a histogram that is both classic, with buckets as its upper bounds in seconds, and native.
func Histogram(name, help string, buckets []float64) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{
		Name: name, Help: help, Buckets: buckets,
		NativeHistogramBucketFactor:     1.1, // each bucket is at most 10 % wider than the previous one
		NativeHistogramMaxBucketNumber:  100,
		NativeHistogramMinResetDuration: time.Hour,
	}
}

// Observe adds a duration to a histogram, with the trace of ctx as its exemplar if the trace is sampled.
func Observe(ctx context.Context, histogram prometheus.Observer, d time.Duration) {
	span := trace.SpanContextFromContext(ctx)
	with, ok := histogram.(prometheus.ExemplarObserver)
	if !ok || !span.IsSampled() {
		histogram.Observe(d.Seconds())
		return
	}
	with.ObserveWithExemplar(d.Seconds(), prometheus.Labels{"trace_id": span.TraceID().String()})
}
