package observability

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel/trace"
)

// newRegistry returns a registry with the metrics of the Go runtime, including scheduler latency and garbage collection, and of the process.
// Its target_info has the attributes of the process's traces and logs, as OpenTelemetry's compatibility with Prometheus specifies.
func newRegistry(id Identity) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	labels := prometheus.Labels{}
	for _, attr := range id.attributes() {
		labels[strings.ReplaceAll(string(attr.Key), ".", "_")] = attr.Value.AsString()
	}
	target := prometheus.NewGauge(prometheus.GaugeOpts{Name: "target_info", Help: "The resource of the process; always 1.", ConstLabels: labels})
	target.Set(1)
	registry.MustRegister(
		collectors.NewGoCollector(
			collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsScheduler, collectors.MetricsGC),
			collectors.WithoutGoCollectorRuntimeMetrics(regexp.MustCompile(`^/sched/latencies:`))),
		newSchedLatency(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		target,
	)
	return registry
}

// LatencyObjective is the latency objective of lists and details, as slo/specs/latency.yaml has it.
const LatencyObjective = 300 * time.Millisecond

// LatencyBuckets returns the upper bounds, in seconds, of request and call histograms. One is LatencyObjective.
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
