package observability_test

import (
	"io"
	"math"
	"runtime/metrics"
	"slices"
	"sort"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/observability"
)

// runtimeHistogram returns a histogram with the buckets of the runtime's scheduler latencies.
func runtimeHistogram(t *testing.T, observed ...float64) *metrics.Float64Histogram {
	t.Helper()
	sample := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	metrics.Read(sample)
	buckets := sample[0].Value.Float64Histogram().Buckets
	made := &metrics.Float64Histogram{Buckets: buckets, Counts: make([]uint64, len(buckets)-1)}
	for _, seconds := range observed {
		made.Counts[sort.Search(len(buckets), func(i int) bool { return buckets[i] > seconds })-1]++
	}
	return made
}

// quantile estimates a quantile as PromQL does.
func quantile(q float64, count uint64, buckets map[float64]uint64) float64 {
	bounds := make([]float64, 0, len(buckets))
	for bound := range buckets {
		bounds = append(bounds, bound)
	}
	slices.Sort(bounds)
	rank, lower, below := q*float64(count), 0.0, 0.0
	for _, upper := range bounds {
		at := float64(buckets[upper])
		if at >= rank {
			return lower + (upper-lower)*(rank-below)/(at-below)
		}
		lower, below = upper, at
	}
	return math.Inf(1)
}

// The latencies are 1 ms to 10 ms, one power of ten, as a busy API has them.
func TestSchedulerLatencyTellsQuantilesApart(t *testing.T) {
	var observed []float64
	for i := range 10_000 {
		observed = append(observed, 0.001*math.Pow(10, float64(i)/10_000))
	}
	count, sum, buckets := observability.Classic(runtimeHistogram(t, observed...), 1e-6, 1)
	assert.Equal(t, uint64(10_000), count)
	total := 0.0
	for _, seconds := range observed {
		total += seconds
	}
	assert.InEpsilon(t, total, sum, 0.03)
	for _, q := range []float64{0.5, 0.9, 0.95, 0.99} {
		assert.InEpsilon(t, observed[int(q*10_000)], quantile(q, count, buckets), 0.05, "q=%v", q)
	}
}

func TestSchedulerLatencyBuckets(t *testing.T) {
	families, err := start(t, nil, io.Discard).Registry.Gather()
	require.NoError(t, err)
	i := slices.IndexFunc(families, func(f *dto.MetricFamily) bool { return f.GetName() == "go_sched_latencies_seconds" })
	require.NotEqual(t, -1, i)
	buckets := families[i].GetMetric()[0].GetHistogram().GetBucket()
	assert.LessOrEqual(t, len(buckets), 80, "each is a series of each component")
	assert.Less(t, buckets[0].GetUpperBound(), 2e-6)
	assert.Greater(t, buckets[len(buckets)-1].GetUpperBound(), 0.8)
	for i := range buckets[1:] {
		ratio := buckets[i+1].GetUpperBound() / buckets[i].GetUpperBound()
		assert.InDelta(t, 1.2, ratio, 0.06, "between %v and %v", buckets[i].GetUpperBound(), buckets[i+1].GetUpperBound())
	}
}
