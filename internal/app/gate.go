package app

import (
	"context"
	"sync"
)

// gate counts the requests in flight and, once closed, lets no more in.
type gate struct {
	mu       sync.Mutex
	inFlight int
	closed   bool
	empty    chan struct{} // closed when the gate is closed and nothing is in flight
}

func newGate() *gate { return &gate{empty: make(chan struct{})} }

// enter reports whether a request may go on; leave must be called after it if so.
func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.inFlight++
	return true
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inFlight--
	g.signal()
}

func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.closed = true
		g.signal()
	}
}

func (g *gate) signal() {
	if g.closed && g.inFlight == 0 {
		close(g.empty)
	}
}

// wait returns how many requests are left: 0 when all have ended, more when ctx ended first.
func (g *gate) wait(ctx context.Context) int {
	select {
	case <-g.empty:
		return 0
	case <-ctx.Done():
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.inFlight
	}
}
