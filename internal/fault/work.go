package fault

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// ErrInjected is the error of synthetic work that fails.
var ErrInjected = errors.New("synthetic fault")

// Work is synthetic work with a latency and a failure rate. It may be used concurrently.
type Work struct {
	profile Profile
}

// NewWork returns work whose latency is uniform from minimum to maximum, and which then fails at failureRate, from 0 to 1.
func NewWork(minimum, maximum time.Duration, failureRate float64) (Work, error) {
	profile := Profile{LatencyMin: minimum, LatencyMax: maximum, FailureRate: failureRate}
	if err := profile.check(); err != nil {
		return Work{}, fmt.Errorf("synthetic work: %w", err)
	}
	return Work{profile: profile}, nil
}

// Do does the work. It returns ErrInjected or the error of ctx.
func (w Work) Do(ctx context.Context) error { return w.profile.take(ctx, 1) }

// take waits for the latency, multiplied by factor and in slow requests also by SlowFactor, and then returns ErrInjected at the failure rate.
func (p Profile) take(ctx context.Context, factor float64) error {
	if p.SlowRate > 0 && rand.Float64() < p.SlowRate { //nolint:gosec // no secret
		factor *= p.SlowFactor
	}
	latency := p.LatencyMin + time.Duration(rand.Float64()*float64(p.LatencyMax-p.LatencyMin)) //nolint:gosec // no secret
	if err := sleep(ctx, time.Duration(factor*float64(latency))); err != nil {
		return err
	}
	if rand.Float64() < p.FailureRate { //nolint:gosec // no secret
		return ErrInjected
	}
	return nil
}
