package app

import (
	"context"
	"sync"
)

// gate counts requests in flight. After close it accepts no further requests. It is safe for concurrent use.
type gate struct {
	mu       sync.Mutex
	inFlight int
	closed   bool
	empty    chan struct{} // closed when the gate is closed and no request is in flight
}

func newGate() *gate { return &gate{empty: make(chan struct{})} }

// enter reports whether a request is accepted. If it is, leave must be called at its end.
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

// wait waits until all requests have ended or ctx ends. It returns the number of requests in flight.
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
