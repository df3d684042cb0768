package stack

import "time"

// Backoff configures the pause before a restart. It is First, doubled for each further restart up to Max, and First again after a run of
// at least Healthy.
type Backoff struct {
	First   time.Duration
	Max     time.Duration
	Healthy time.Duration
}

// Defaults of [Backoff].
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

// next returns the pause after a run that lasted lived. previous is the pause before that run, 0 for the first run.
func (b Backoff) next(previous, lived time.Duration) time.Duration {
	if previous == 0 || lived >= b.Healthy {
		return b.First
	}
	return min(2*previous, b.Max)
}
