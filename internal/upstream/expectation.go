package upstream

import (
	"sync"
	"time"
)

// expectation estimates how long an attempt takes, from the attempts that were answered. It is the estimate of RFC 6298, section 2: a moving
// mean and a moving mean deviation. It may be used concurrently.
type expectation struct {
	mu              sync.Mutex
	mean, deviation time.Duration
}

// Weights of a new sample, from RFC 6298.
const (
	meanWeight      = 8 // as one part in eight
	deviationWeight = 4
	deviations      = 4 // that bound exceeds the mean by
)

// observe adds the duration of an answered attempt.
func (e *expectation) observe(took time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.mean == 0 {
		e.mean, e.deviation = took, took/2
		return
	}
	e.deviation += ((took - e.mean).Abs() - e.deviation) / deviationWeight
	e.mean += (took - e.mean) / meanWeight
}

// bound returns the time within which nearly all attempts are answered, 0 before the first.
func (e *expectation) bound() time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.mean + deviations*e.deviation
}
