package observability

import (
	"math"
	"runtime/metrics"

	"github.com/prometheus/client_golang/prometheus"
)

// Bounds of the buckets of go_sched_latencies_seconds, in seconds.
const (
	minSchedLatency = 1e-6
	maxSchedLatency = 1
)

// schedLatency collects go_sched_latencies_seconds. client_golang merges the runtime's buckets to one per power of ten, in which p95 and p99
// are mostly in the same bucket. This one keeps the runtime's own, which are at most a quarter wide: four per power of two.
type schedLatency struct {
	name string
	desc *prometheus.Desc
}

func newSchedLatency() schedLatency {
	const name = "/sched/latencies:seconds"
	return schedLatency{name, prometheus.NewDesc("go_sched_latencies_seconds",
		"Time that goroutines were runnable before they ran. Sourced from "+name+".", nil, nil)}
}

// Describe implements prometheus.Collector.
func (s schedLatency) Describe(descs chan<- *prometheus.Desc) { descs <- s.desc }

// Collect implements prometheus.Collector.
func (s schedLatency) Collect(collected chan<- prometheus.Metric) {
	sample := []metrics.Sample{{Name: s.name}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return // a later Go may drop the metric
	}
	count, sum, buckets := Classic(sample[0].Value.Float64Histogram(), minSchedLatency, maxSchedLatency)
	collected <- prometheus.MustNewConstHistogram(s.desc, count, sum, buckets)
}

// Classic returns a histogram of the runtime as a classic one: its count, its sum, and the cumulative counts by upper bound, for those from
// low to high. The sum is an estimate, from the middle of the buckets.
func Classic(from *metrics.Float64Histogram, low, high float64) (count uint64, sum float64, buckets map[float64]uint64) {
	buckets = map[float64]uint64{}
	for i, n := range from.Counts {
		lower, upper := from.Buckets[i], from.Buckets[i+1]
		count += n
		switch {
		case math.IsInf(lower, -1):
			sum += float64(n) * upper
		case math.IsInf(upper, 1):
			sum += float64(n) * lower
		default:
			sum += float64(n) * (lower + upper) / 2
		}
		if upper >= low && upper <= high {
			buckets[upper] = count
		}
	}
	return count, sum, buckets
}
