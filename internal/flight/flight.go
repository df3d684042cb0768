// Package flight makes concurrent callers of the same thing share one call.
package flight

import (
	"context"
	"sync"
	"time"
)

// Group is a set of calls in flight, at most one for each key. It may be used concurrently.
type Group[K comparable, V any] struct {
	timeout time.Duration
	running sync.WaitGroup

	mu    sync.Mutex
	calls map[K]*call[V]
}

// call is a call of which the result is there once done is closed.
type call[V any] struct {
	done  chan struct{}
	value V
	err   error
}

// New returns a group whose calls end after timeout.
func New[K comparable, V any](timeout time.Duration) *Group[K, V] {
	return &Group[K, V]{timeout: timeout, calls: map[K]*call[V]{}}
}

// Do returns the result of f for key, and whether the caller joined a call in flight instead of starting one. A caller whose ctx ends stops
// waiting and gets the error of ctx; the call goes on for the others. Hence f gets the values of the first caller's context, but neither its
// cancellation nor its deadline: it has the timeout of the group, from its start.
func (g *Group[K, V]) Do(ctx context.Context, key K, f func(context.Context) (V, error)) (value V, joined bool, err error) {
	c, joined := g.begin(key)
	if !joined {
		g.run(ctx, key, c, f)
	}
	select {
	case <-c.done:
		return c.value, joined, c.err
	case <-ctx.Done():
		return value, joined, ctx.Err()
	}
}

func (g *Group[K, V]) run(ctx context.Context, key K, c *call[V], f func(context.Context) (V, error)) {
	g.running.Go(func() {
		own, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.timeout)
		defer cancel()
		defer g.end(key, c)
		c.value, c.err = f(own)
	})
}

// Wait waits for the calls in flight. Do must not be called after it.
func (g *Group[K, V]) Wait() { g.running.Wait() }

// begin returns the call in flight for key, or a new one.
func (g *Group[K, V]) begin(key K) (c *call[V], joined bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c, joined = g.calls[key]; !joined {
		c = &call[V]{done: make(chan struct{})}
		g.calls[key] = c
	}
	return c, joined
}

func (g *Group[K, V]) end(key K, c *call[V]) {
	g.mu.Lock()
	delete(g.calls, key)
	g.mu.Unlock()
	close(c.done)
}

// Start calls f for key as Do does, and does not wait for it. It does nothing when a call is in flight already.
func (g *Group[K, V]) Start(ctx context.Context, key K, f func(context.Context) (V, error)) {
	if c, joined := g.begin(key); !joined {
		g.run(ctx, key, c, f)
	}
}
