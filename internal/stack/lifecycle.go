package stack

import (
	"context"
	"sync"
	"time"
)

// State is the state of a process.
type State string

// The states of a process.
const (
	Waiting    State = "waiting"    // a dependency is not ready
	Starting   State = "starting"   // it runs but is not ready
	Ready      State = "ready"      // it has been ready in this run
	Restarting State = "restarting" // it exited and is restarted after a pause
	Stopping   State = "stopping"
	Stopped    State = "stopped" // until it is started
)

// lifecycle is the state of a process. A held process is not restarted. lifecycle is safe for concurrent use.
type lifecycle struct {
	mu      sync.Mutex
	state   State
	since   time.Time
	held    bool
	ready   bool               // it has been ready since it was last released
	cancel  context.CancelFunc // ends the current run
	changed chan struct{}      // closed at the next change
}

func newLifecycle() lifecycle {
	return lifecycle{state: Waiting, since: time.Now(), cancel: func() {}, changed: make(chan struct{})}
}

// set changes the state. A held process can only become Stopped.
func (l *lifecycle) set(state State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.held || state == Stopped {
		l.setLocked(state)
	}
}

func (l *lifecycle) setLocked(state State) {
	l.state, l.since = state, time.Now()
	l.ready = l.ready || state == Ready
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *lifecycle) current() (state State, since time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state, l.since
}

// hold ends the current run and prevents the next one. It returns false if the process was already held.
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
		l.setLocked(Stopped) // no run
	}
	l.cancel()
	return true
}

// release allows the next run. It returns false if the process was not held.
func (l *lifecycle) release() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.held {
		return false
	}
	l.held, l.ready = false, false
	l.setLocked(Starting)
	return true
}

// next waits while the process is held and returns the context of the next run. ok is false if ctx ended.
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

// awaitStopped waits until the process is stopped.
func (l *lifecycle) awaitStopped(ctx context.Context) error {
	return l.await(ctx, func() bool { return l.state == Stopped })
}

// awaitReady waits until the process has been ready since it was released, even if it has exited since, or is stopped.
// It returns whether it has been ready.
func (l *lifecycle) awaitReady(ctx context.Context) (ready bool, err error) {
	err = l.await(ctx, func() bool {
		ready = l.ready
		return ready || l.state == Stopped
	})
	return ready, err
}

// await waits until reached, called with the lock held, returns true.
func (l *lifecycle) await(ctx context.Context, reached func() bool) error {
	for {
		l.mu.Lock()
		done, changed := reached(), l.changed
		l.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
