package admission

import (
	"context"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// The process is overloaded while, within an interval, more than a tenth of all goroutines that could run waited longer than lateWait for a
// processor. How long work waits tells overload from slow upstreams, which the duration of requests does not (Zhou et al., "Overload Control
// for Scaling WeChat Microservices", 2018).
const (
	interval  = 100 * time.Millisecond
	lateWait  = 10 * time.Millisecond
	lateShare = 0.1
)

// overload is whether the process has too few processors for its work. Its load may be called concurrently.
type overload struct {
	now    atomic.Bool
	before []uint64 // counts of the last sample, of waits by length
}

func (o *overload) load() bool { return o.now.Load() }

// sample judges the time since the last sample.
func (o *overload) sample() {
	read := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	metrics.Read(read)
	if read[0].Value.Kind() != metrics.KindFloat64Histogram {
		return // a later Go may drop the metric
	}
	waits := read[0].Value.Float64Histogram()
	if len(o.before) == len(waits.Counts) {
		o.now.Store(late(o.before, waits.Counts, waits.Buckets))
	}
	o.before = waits.Counts
}

// forget lets the next sample judge nothing.
func (o *overload) forget() {
	o.now.Store(false)
	o.before = nil
}

// late reports whether more than lateShare of the waits that were counted between two samples were longer than lateWait. The wait of
// counts[i] is at least buckets[i].
func late(before, after []uint64, buckets []float64) bool {
	var all, tooLong uint64
	for i := range after {
		count := after[i] - before[i]
		all += count
		if buckets[i] >= lateWait.Seconds() {
			tooLong += count
		}
	}
	return float64(tooLong) > lateShare*float64(all)
}

// Run watches the process until ctx ends, while there is a policy.
func (g *Gate) Run(ctx context.Context) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if policy(g.policy.Load()) == none {
				g.overload.forget()
			} else {
				g.overload.sample()
			}
		}
	}
}
