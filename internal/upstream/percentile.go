package upstream

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// How the percentile is taken.
const (
	percentileRank    = 0.95
	percentileWindow  = 10 * time.Second
	percentileSamples = 100 // the least that it is taken from
)

// Durations are counted in buckets whose bounds grow by 5 %, from 0.1 ms to more than a minute.
const (
	bucketCount  = 280
	bucketGrowth = 1.05
	firstBucket  = 100 * time.Microsecond
)

// percentile is the 95th percentile of durations over the last whole window, within 5 %. The first is there as soon as there are enough
// durations. It may be used concurrently.
type percentile struct {
	last atomic.Int64 // in nanoseconds, 0 before the first

	mu      sync.Mutex
	since   time.Time // of the window
	counts  [bucketCount]int
	samples int
}

// value returns the percentile, 0 if it is not known yet.
func (p *percentile) value() time.Duration { return time.Duration(p.last.Load()) }

// observe adds a duration that has just ended.
func (p *percentile) observe(d time.Duration) {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.samples == 0 {
		p.since = now
	}
	p.counts[bucketOf(d)]++
	p.samples++
	over := now.Sub(p.since) >= percentileWindow
	if p.samples < percentileSamples || !over && p.last.Load() > 0 {
		return
	}
	p.last.Store(int64(p.take()))
	if over {
		p.counts, p.samples = [bucketCount]int{}, 0
	}
}

// take returns the upper bound of the bucket of the percentile. mu must be held.
func (p *percentile) take() time.Duration {
	below, rank := 0, int(math.Ceil(percentileRank*float64(p.samples)))
	i := 0
	for ; i < bucketCount-1; i++ {
		if below += p.counts[i]; below >= rank {
			break
		}
	}
	return time.Duration(float64(firstBucket) * math.Pow(bucketGrowth, float64(i)))
}

func bucketOf(d time.Duration) int {
	i := math.Ceil(math.Log(float64(max(d, firstBucket))/float64(firstBucket)) / math.Log(bucketGrowth))
	return min(int(i), bucketCount-1)
}
