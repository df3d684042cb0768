// Package timeline holds what a load generator saw, second by second: how many requests were due, how they ended, and how long they took. k6's
// extension writes a timeline, and experiments measure on it, so that their figures are those of the clients.
package timeline

import (
	"math"
	"time"
)

// Outcome is how a request ended.
type Outcome string

// The outcomes of requests that were sent.
const (
	Complete Outcome = "complete" // 2xx with all parts
	Degraded Outcome = "degraded" // 2xx with missing parts
	Refused  Outcome = "refused"  // 429 or 503: the platform had no room for it
	Failed   Outcome = "failed"   // any other answer, or none
)

// Timeline is the requests of a run.
type Timeline struct {
	Start   time.Time           `json:"start"`   // of second 0
	Streams map[string][]Second `json:"streams"` // by name
}

// Second is the requests of a stream that started within one second.
type Second struct {
	NotSent   int                   `json:"notSent,omitempty"` // every client still waited for an answer when they were due
	Latencies map[Outcome]Histogram `json:"latencies,omitempty"`
}

// Histogram counts requests by latency. Bucket i holds those from 2^((i-1)/32) to 2^(i/32) ms, so that a quantile is at most 2.2 % too high.
// These are the bounds of schema 5 of Prometheus' native histograms, in milliseconds.
type Histogram map[int]int

const bucketsPerDoubling = 32

func bucket(latency time.Duration) int {
	const least = time.Microsecond
	ms := float64(max(latency, least)) / float64(time.Millisecond)
	return int(math.Ceil(math.Log2(ms) * bucketsPerDoubling))
}

// upper returns the upper bound of a bucket.
func upper(bucket int) time.Duration {
	return time.Duration(math.Exp2(float64(bucket)/bucketsPerDoubling) * float64(time.Millisecond))
}
