package flight

import (
	"context"
	"sync/atomic"
	"time"
)

// LatestConfig bounds a Latest.
type LatestConfig struct {
	Timeout  time.Duration // of a call
	Patience time.Duration // how long Get waits for a new result when the last one is not older than MaxAge
	MaxAge   time.Duration
	Fresh    time.Duration // age up to which a result is as good as a new one
}

// Latest keeps the last result of a call that is wanted soon rather than new: when a new result takes long, callers get the last one, and the
// new one is for later callers. They do not wait at all if the last call took longer than their patience. Ages count from the start of a
// call. It may be used concurrently.
type Latest[V any] struct {
	cfg   LatestConfig
	call  func(context.Context) (V, error)
	calls *Group[struct{}, V]
	last  atomic.Pointer[result[V]]
}

// result is that of a call without an error.
type result[V any] struct {
	value V
	begun time.Time
	took  time.Duration
}

// NewLatest returns a Latest without a result.
func NewLatest[V any](cfg LatestConfig, call func(context.Context) (V, error)) *Latest[V] {
	return &Latest[V]{cfg: cfg, call: call, calls: New[struct{}, V](cfg.Timeout)}
}

// Get returns a result and its age. The error is that of the call, or of ctx when it ends first. An error is not kept.
func (l *Latest[V]) Get(ctx context.Context) (value V, age time.Duration, err error) {
	since := time.Now().Add(-l.cfg.Fresh)
	patient, cancel := context.WithTimeout(ctx, l.patience())
	defer cancel()
	got, err := l.begun(patient, since)
	if patient.Err() != nil && ctx.Err() == nil {
		got, err = l.begun(ctx, time.Now().Add(-l.cfg.MaxAge))
	}
	if err != nil {
		return value, 0, err
	}
	return got.value, time.Since(got.begun), nil
}

func (l *Latest[V]) patience() time.Duration {
	if last := l.last.Load(); last != nil && last.took > l.cfg.Patience {
		return 0
	}
	return l.cfg.Patience
}

// begun returns the last result if its call began at since or later, else it calls. A call in flight may have begun earlier: then the next
// one is waited for.
func (l *Latest[V]) begun(ctx context.Context, since time.Time) (*result[V], error) {
	for {
		if last := l.last.Load(); last != nil && !last.begun.Before(since) {
			return last, nil
		}
		if _, _, err := l.calls.Do(ctx, struct{}{}, l.renew); err != nil {
			return nil, err
		}
	}
}

func (l *Latest[V]) renew(ctx context.Context) (V, error) {
	begun := time.Now()
	value, err := l.call(ctx)
	if err == nil {
		l.last.Store(&result[V]{value, begun, time.Since(begun)})
	}
	return value, err
}

// Wait waits for the call in flight. Get must not be called after it.
func (l *Latest[V]) Wait() { l.calls.Wait() }
