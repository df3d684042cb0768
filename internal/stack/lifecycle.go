package stack

import (
	"context"
	"slices"
	"sync"
	"time"
)

// State is what a process does at the moment.
type State string

// The states of a process.
const (
	Waiting    State = "waiting"    // what it needs is not ready
	Starting   State = "starting"   // it runs and is not ready
	Ready      State = "ready"      // it is or was ready in this run
	Restarting State = "restarting" // it died, and is started again after a pause
	Stopping   State = "stopping"
	Stopped    State = "stopped" // until it is asked to start
)

// lifecycle is the state of a process, and whether somebody holds it down. Its methods may be called concurrently.
type lifecycle struct {
	mu      sync.Mutex
	state   State
	since   time.Time
	held    bool
	cancel  context.CancelFunc // ends the present run
	changed chan struct{}      // closed at the next change
}

func newLifecycle() lifecycle {
	return lifecycle{state: Waiting, since: time.Now(), cancel: func() {}, changed: make(chan struct{})}
}

// set changes the state. One that is held down only becomes Stopped.
func (l *lifecycle) set(state State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.held || state == Stopped {
		l.setLocked(state)
	}
}

func (l *lifecycle) setLocked(state State) {
	l.state, l.since = state, time.Now()
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *lifecycle) current() (state State, since time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state, l.since
}

// hold ends the present run and keeps the next from starting. It reports whether the process was not held before.
func (l *lifecycle) hold() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held {
		return false
	}
	l.held = true
	if l.state == Starting || l.state == Ready {
		l.setLocked(Stopping)
	} else {
		l.setLocked(Stopped) // there is no process
	}
	l.cancel()
	return true
}

// release lets the process start again. It reports whether it was held.
func (l *lifecycle) release() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.held {
		return false
	}
	l.held = false
	l.setLocked(Starting)
	return true
}

// next waits while the process is held, then returns the context of its next run. It returns false when ctx ends first.
func (l *lifecycle) next(ctx context.Context) (run context.Context, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.held && ctx.Err() == nil {
		if l.state != Stopped {
			l.setLocked(Stopped)
		}
		changed := l.changed
		l.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		l.mu.Lock()
	}
	if ctx.Err() != nil {
		return nil, false
	}
	run, l.cancel = context.WithCancel(ctx)
	l.setLocked(Starting)
	return run, true
}

// await waits until the process is in one of states and returns which.
func (l *lifecycle) await(ctx context.Context, states ...State) (State, error) {
	for {
		l.mu.Lock()
		state, changed := l.state, l.changed
		l.mu.Unlock()
		if slices.Contains(states, state) {
			return state, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return state, ctx.Err()
		}
	}
}
