package timeline

import (
	"maps"
	"math"
	"slices"
	"time"
)

// Window is the requests of one stream that started within a span of time.
type Window struct {
	seconds   int
	notSent   int
	latencies map[Outcome]Histogram
}

// Window returns the requests of a stream that started from one time after the start to another, in whole seconds. Seconds of which the
// timeline knows nothing count as seconds without requests.
func (t Timeline) Window(stream string, from, to time.Duration) Window {
	first, end := int(from/time.Second), int(to/time.Second)
	w := Window{seconds: max(end-first, 0), latencies: map[Outcome]Histogram{}}
	known := t.Streams[stream]
	for _, second := range known[min(first, len(known)):min(max(first, end), len(known))] {
		w.notSent += second.NotSent
		for outcome, counts := range second.Latencies {
			w.add(outcome, counts)
		}
	}
	return w
}

func (w Window) add(outcome Outcome, counts Histogram) {
	if w.latencies[outcome] == nil {
		w.latencies[outcome] = Histogram{}
	}
	for bucket, n := range counts {
		w.latencies[outcome][bucket] += n
	}
}

// Due returns how many requests were due: those sent and those not sent.
func (w Window) Due() int {
	due := w.notSent
	for _, counts := range w.latencies {
		due += counts.within(0)
	}
	return due
}

// Count returns the requests with one of the outcomes that took at most within; 0 means any time.
func (w Window) Count(within time.Duration, outcomes ...Outcome) int {
	count := 0
	for _, outcome := range outcomes {
		count += w.latencies[outcome].within(within)
	}
	return count
}

// Share returns Count as a share of the requests that were due, NaN if none was.
func (w Window) Share(within time.Duration, outcomes ...Outcome) float64 {
	return float64(w.Count(within, outcomes...)) / float64(w.Due())
}

// Rate returns Count per second, NaN for an empty window.
func (w Window) Rate(within time.Duration, outcomes ...Outcome) float64 {
	return float64(w.Count(within, outcomes...)) / float64(w.seconds)
}

// Quantile returns the latency that a share of the requests, 0 to 1, did not exceed. Refused requests don't count, since a refusal is quick.
// It returns false if there are none.
func (w Window) Quantile(share float64) (time.Duration, bool) {
	all := Window{latencies: map[Outcome]Histogram{}}
	for _, outcome := range []Outcome{Complete, Degraded, Failed} {
		all.add(Complete, w.latencies[outcome])
	}
	counts := all.latencies[Complete]
	rank := int(math.Ceil(share * float64(counts.within(0))))
	for _, bucket := range slices.Sorted(maps.Keys(counts)) {
		if rank -= counts[bucket]; rank <= 0 {
			return upper(bucket), true
		}
	}
	return 0, false
}

// within returns how many took at most limit; 0 means any time.
func (h Histogram) within(limit time.Duration) int {
	count := 0
	for bucket, n := range h {
		if limit == 0 || upper(bucket) <= limit {
			count += n
		}
	}
	return count
}
