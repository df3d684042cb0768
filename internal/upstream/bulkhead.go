package upstream

import (
	"context"
	"math"

	"deals.example/internal/limiter"
	"deals.example/internal/slots"
)

// Bulkhead is what keeps attempts that wait for one upstream from taking the place of attempts at others.
type Bulkhead string

// The bulkheads.
const (
	BulkheadPerUpstream Bulkhead = "per-upstream" // each upstream has places of its own, as many as its limit
	BulkheadShared      Bulkhead = "shared"       // all upstreams share one pool of as many places as their limits add up to
	BulkheadNone        Bulkhead = "none"         // there is no number of places
)

// place is what an attempt holds while it is in flight.
type place struct {
	own    limiter.Permit
	shared bool
}

// enter waits for a place. leave must be called when the error is nil. Otherwise it is that of slots.Pool, or of ctx.
func (c *Client) enter(ctx context.Context, b Bulkhead) (place, error) {
	switch b {
	case BulkheadPerUpstream:
		own, err := c.limit.Enter(ctx)
		return place{own: own}, err
	case BulkheadShared:
		c.waiting.Add(1)
		err := c.pool.places.Enter(ctx, c.pool.rules())
		c.waiting.Add(-1)
		if err != nil {
			return place{}, err
		}
		return place{own: c.limit.Pass(ctx), shared: true}, nil
	default:
		return place{own: c.limit.Pass(ctx)}, nil
	}
}

func (c *Client) leave(ctx context.Context, held place, o limiter.Outcome) {
	held.own.Leave(o)
	if held.shared {
		c.pool.places.Leave(ctx, c.pool.rules())
	}
}

// places returns how many attempts may be in flight at the upstream, +Inf without a limit.
func (c *Client) places() float64 {
	switch c.guard.Load().bulkhead {
	case BulkheadPerUpstream:
		return c.limit.Limit()
	case BulkheadShared:
		return c.pool.sum()
	default:
		return math.Inf(1)
	}
}

// queued returns how many attempts wait for a place.
func (c *Client) queued() int { return c.limit.Load().Waiting + int(c.waiting.Load()) }

// sum returns the sum of the limits of all upstreams.
func (p *Pool) sum() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	total := 0.0
	for _, c := range p.clients {
		total += c.limit.Limit()
	}
	return total
}

// rules are those of the places that upstreams share.
func (p *Pool) rules() slots.Rules {
	places := math.MaxInt
	if sum := p.sum(); sum < float64(places) {
		places = int(sum)
	}
	return slots.Rules{Slots: places, Queue: maxWaiting, Discipline: slots.FIFO}
}
