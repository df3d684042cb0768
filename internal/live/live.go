// Package live holds a value that is configured at the start and can be changed while the program runs, for good or for a
// time.
package live

import (
	"errors"
	"sync"
	"time"
)

// Value is a T that can be changed. It may be used concurrently.
type Value[T any] struct {
	check   func(T) error
	expired func()

	mu         sync.Mutex
	configured T
	current    T
	until      time.Time     // when current gives way to configured; zero means never
	changed    chan struct{} // closed at each change
}

// New returns a value that is configured until it is changed. check refuses a value by an error. expired, when not nil, is called each
// time that the configured value is back because a change was for a time only; it must not call the value.
func New[T any](configured T, check func(T) error, expired func()) (*Value[T], error) {
	if err := check(configured); err != nil {
		return nil, err
	}
	return &Value[T]{configured: configured, check: check, expired: expired, current: configured, changed: make(chan struct{})}, nil
}

// State is a value at a moment.
type State[T any] struct {
	Value   T
	Left    time.Duration   // until the configured value is back; 0 means that it stays until it is changed
	Changed <-chan struct{} // closed at the next change, or when the end of Left is noticed
}

// Get returns the value.
func (v *Value[T]) Get() T { return v.State().Value }

// State returns the value with how long it lasts.
func (v *Value[T]) State() State[T] {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := time.Now()
	v.expire(now)
	state := State[T]{Value: v.current, Changed: v.changed}
	if !v.until.IsZero() {
		state.Left = v.until.Sub(now)
	}
	return state
}

// Update applies change to the current value and keeps the result for d, or until the next change when d is 0. The error is that of
// check; nothing is changed then. Concurrent updates are applied one after the other. change must not call the value.
func (v *Value[T]) Update(d time.Duration, change func(T) T) (T, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := time.Now()
	v.expire(now)
	wanted := change(v.current)
	if err := v.check(wanted); err != nil {
		return wanted, err
	}
	v.current, v.until = wanted, time.Time{}
	if d > 0 {
		v.until = now.Add(d)
	}
	v.wake()
	return wanted, nil
}

// Configure applies change to the configured value and to the current one, for good: the end of a change for a time does not undo it. The
// error is that of check; nothing is changed then. change must not call the value.
func (v *Value[T]) Configure(change func(T) T) (T, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.expire(time.Now())
	configured, current := change(v.configured), change(v.current)
	if err := errors.Join(v.check(configured), v.check(current)); err != nil {
		return current, err
	}
	v.configured, v.current = configured, current
	v.wake()
	return current, nil
}

// expire restores the configured value when its time has come. mu must be held.
func (v *Value[T]) expire(now time.Time) {
	if v.until.IsZero() || now.Before(v.until) {
		return
	}
	v.current, v.until = v.configured, time.Time{}
	v.wake()
	if v.expired != nil {
		v.expired()
	}
}

func (v *Value[T]) wake() {
	close(v.changed)
	v.changed = make(chan struct{})
}
