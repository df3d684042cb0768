package stack

import "time"

// Backoff says how long a process that died rests before it is started again: First, then twice as long each time up to
// Max. One that lived for Healthy begins at First again.
type Backoff struct {
	First   time.Duration
	Max     time.Duration
	Healthy time.Duration
}

// The pauses of a [Config] that names none.
const (
	defaultFirstPause = 250 * time.Millisecond
	defaultMaxPause   = 15 * time.Second
	defaultHealthy    = 20 * time.Second
)

func (b Backoff) withDefaults() Backoff {
	if b.First <= 0 {
		b.First = defaultFirstPause
	}
	if b.Max <= 0 {
		b.Max = defaultMaxPause
	}
	if b.Healthy <= 0 {
		b.Healthy = defaultHealthy
	}
	return b
}

// next returns the pause after previous (0 before the first) for a process that lived for that long.
func (b Backoff) next(previous, lived time.Duration) time.Duration {
	if previous == 0 || lived >= b.Healthy {
		return b.First
	}
	return min(2*previous, b.Max)
}
