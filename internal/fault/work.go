package fault

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// ErrInjected is how synthetic work fails.
var ErrInjected = errors.New("synthetic fault")

// Work is a synthetic piece of work: it takes its time, and may fail. Immutable, so safe for concurrent use.
type Work struct {
	profile Profile
}

// NewWork returns work that takes between least and most, uniformly, and fails at that rate, 0 to 1, when its time is over.
func NewWork(least, most time.Duration, failureRate float64) (Work, error) {
	profile := Profile{LatencyMin: least, LatencyMax: most, FailureRate: failureRate}
	if err := profile.check(); err != nil {
		return Work{}, fmt.Errorf("synthetic work: %w", err)
	}
	return Work{profile: profile}, nil
}

// Do does the work. The error is ErrInjected, or that of ctx when it ends before.
func (w Work) Do(ctx context.Context) error {
	spread := w.profile.LatencyMax - w.profile.LatencyMin
	if err := sleep(ctx, w.profile.LatencyMin+time.Duration(rand.Float64()*float64(spread))); err != nil { //nolint:gosec // no secret
		return err
	}
	if rand.Float64() < w.profile.FailureRate { //nolint:gosec // no secret
		return ErrInjected
	}
	return nil
}
